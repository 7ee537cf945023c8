// Panel products with AVX-512: a vector holds the sixteen rows of a panel, and twelve columns meet them at a
// time. Two panels together wait for the multipliers and no longer for the loads of the columns. Each sum is
// added up in AVX2's order, so the results are the same bits.

#include "avx512_target.h"
#include "tables.h"

#if defined(__x86_64__)

TL_AVX512_BEGIN

enum { PIECE = 192 };  // 12 or 24 KiB of panels

// P panels meet C columns; both are constants wherever this is inlined.
TL_INLINE void columns(
    const int P, const float *panel, size_t gap, size_t n, const float *x, size_t x_stride, const int C,
    float *out, size_t out_stride, int accumulate) {
    __m512 sums[2][12];
    for (int c = 0; c < C; c++) {
        for (int p = 0; p < P; p++) {
            sums[p][c] = accumulate ? _mm512_loadu_ps(out + (size_t)c * out_stride + p * TL_PANEL_ROWS)
                                    : _mm512_setzero_ps();
        }
    }
    for (size_t k = 0; k < n; k++, panel += TL_PANEL_ROWS) {
        __m512 weights[2];
        for (int p = 0; p < P; p++) weights[p] = _mm512_loadu_ps(panel + (size_t)p * gap);
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) {
            const __m512 value = _mm512_set1_ps(x[(size_t)c * x_stride + k]);
            for (int p = 0; p < P; p++) sums[p][c] = _mm512_fmadd_ps(weights[p], value, sums[p][c]);
        }
    }
    for (int c = 0; c < C; c++) {
        for (int p = 0; p < P; p++) {
            _mm512_storeu_ps(out + (size_t)c * out_stride + p * TL_PANEL_ROWS, sums[p][c]);
        }
    }
}

TL_INLINE void multiply_panels(
    const int P, const float *panels, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    for (size_t start = 0; start < n; start += PIECE) {
        const size_t length = n - start < PIECE ? n - start : PIECE;
        const float *piece = panels + start * TL_PANEL_ROWS;
        const int adds = accumulate || start > 0;
        size_t c = 0;
#define TILES(C) \
    for (; c + C <= count; c += C) { \
        columns( \
            P, piece, n * TL_PANEL_ROWS, length, x + c * x_stride + start, x_stride, C, out + c * out_stride, \
            out_stride, adds); \
    }
        TILES(12)
        TILES(4)
        TILES(1)
#undef TILES
    }
}

static void multiply(
    const float *panel, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    multiply_panels(1, panel, n, x, x_stride, count, out, out_stride, accumulate);
}

static void multiply_two(
    const float *panels, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    multiply_panels(2, panels, n, x, x_stride, count, out, out_stride, accumulate);
}

TL_AVX512_END

const tl_panel_kernels tl_avx512_panel_kernels = {tl_avx2_panel_pack, multiply, multiply_two};

#endif
