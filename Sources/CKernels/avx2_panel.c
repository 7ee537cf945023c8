// Panel products with AVX2 and FMA.
//
// Six columns meet sixteen rows: twelve sums in registers for two loads and six broadcasts a step. The panel
// is walked in pieces that stay in the first-level cache while all columns pass.

#include "avx2_target.h"
#include "tables.h"

#if defined(__x86_64__)

TL_AVX2_BEGIN

enum { PIECE = 256 };  // 16 KiB of panel

void tl_avx2_panel_pack(const float *rows, float *panel, size_t n) {
    size_t k = 0;
    for (; k + 8 <= n; k += 8) {
        for (int half = 0; half < 2; half++) {
            __m256 v[8];
            for (int r = 0; r < 8; r++) v[r] = _mm256_loadu_ps(rows + (size_t)(8 * half + r) * n + k);
            // An 8 x 8 transpose: pairs, then fours, then the halves of the registers.
            __m256 a[8], b[8];
            for (int i = 0; i < 8; i += 2) {
                a[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
                a[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
            }
            for (int i = 0; i < 8; i += 4) {
                b[i] = _mm256_shuffle_ps(a[i], a[i + 2], 0x44);
                b[i + 1] = _mm256_shuffle_ps(a[i], a[i + 2], 0xEE);
                b[i + 2] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0x44);
                b[i + 3] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0xEE);
            }
            float *out = panel + k * TL_PANEL_ROWS + 8 * half;
            for (int i = 0; i < 4; i++) {
                _mm256_storeu_ps(out + (size_t)i * TL_PANEL_ROWS, _mm256_permute2f128_ps(b[i], b[i + 4], 0x20));
                _mm256_storeu_ps(
                    out + (size_t)(i + 4) * TL_PANEL_ROWS, _mm256_permute2f128_ps(b[i], b[i + 4], 0x31));
            }
        }
    }
    for (; k < n; k++) {
        for (size_t r = 0; r < TL_PANEL_ROWS; r++) panel[k * TL_PANEL_ROWS + r] = rows[r * n + k];
    }
}

// C is a constant wherever this is inlined.
TL_INLINE void columns(
    const float *panel, size_t n, const float *x, size_t x_stride, const int C, float *out, size_t out_stride,
    int accumulate) {
    __m256 low[6], high[6];
    for (int c = 0; c < C; c++) {
        low[c] = accumulate ? _mm256_loadu_ps(out + (size_t)c * out_stride) : _mm256_setzero_ps();
        high[c] = accumulate ? _mm256_loadu_ps(out + (size_t)c * out_stride + 8) : _mm256_setzero_ps();
    }
    for (size_t k = 0; k < n; k++, panel += TL_PANEL_ROWS) {
        const __m256 w0 = _mm256_loadu_ps(panel);
        const __m256 w1 = _mm256_loadu_ps(panel + 8);
        for (int c = 0; c < C; c++) {
            const __m256 value = _mm256_broadcast_ss(x + (size_t)c * x_stride + k);
            low[c] = _mm256_fmadd_ps(w0, value, low[c]);
            high[c] = _mm256_fmadd_ps(w1, value, high[c]);
        }
    }
    for (int c = 0; c < C; c++) {
        _mm256_storeu_ps(out + (size_t)c * out_stride, low[c]);
        _mm256_storeu_ps(out + (size_t)c * out_stride + 8, high[c]);
    }
}

static void multiply(
    const float *panel, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    for (size_t start = 0; start < n; start += PIECE) {
        const size_t length = n - start < PIECE ? n - start : PIECE;
        const float *piece = panel + start * TL_PANEL_ROWS;
        const int adds = accumulate || start > 0;
        size_t c = 0;
        for (; c + 6 <= count; c += 6) {
            columns(piece, length, x + c * x_stride + start, x_stride, 6, out + c * out_stride, out_stride, adds);
        }
        for (; c < count; c++) {
            columns(piece, length, x + c * x_stride + start, x_stride, 1, out + c * out_stride, out_stride, adds);
        }
    }
}

static void multiply_two(
    const float *panels, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    multiply(panels, n, x, x_stride, count, out, out_stride, accumulate);
    multiply(panels + n * TL_PANEL_ROWS, n, x, x_stride, count, out + TL_PANEL_ROWS, out_stride, accumulate);
}

TL_AVX2_END

const tl_panel_kernels tl_avx2_panel_kernels = {tl_avx2_panel_pack, multiply, multiply_two};

#endif
