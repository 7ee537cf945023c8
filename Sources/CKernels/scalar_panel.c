// Panel products in plain C: the oracle of the tests and the fallback.

#include "tables.h"

static void pack(const float *rows, float *panel, size_t n) {
    for (size_t k = 0; k < n; k++) {
        for (size_t r = 0; r < TL_PANEL_ROWS; r++) panel[k * TL_PANEL_ROWS + r] = rows[r * n + k];
    }
}

static void multiply(
    const float *panel, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    for (size_t c = 0; c < count; c++) {
        for (size_t r = 0; r < TL_PANEL_ROWS; r++) {
            float sum = 0;
            for (size_t k = 0; k < n; k++) sum += panel[k * TL_PANEL_ROWS + r] * x[c * x_stride + k];
            float *place = out + c * out_stride + r;
            *place = accumulate ? *place + sum : sum;
        }
    }
}

static void multiply_two(
    const float *panels, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    multiply(panels, n, x, x_stride, count, out, out_stride, accumulate);
    multiply(panels + n * TL_PANEL_ROWS, n, x, x_stride, count, out + TL_PANEL_ROWS, out_stride, accumulate);
}

const tl_panel_kernels tl_scalar_panel_kernels = {pack, multiply, multiply_two};
