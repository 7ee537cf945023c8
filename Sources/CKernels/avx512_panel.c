// Panel products with AVX-512: a vector holds all sixteen rows, and twelve columns meet them at a time. Each sum is added
// up in AVX2's order, so the results are the same bits.

#include "avx512_target.h"
#include "tables.h"

#if defined(__x86_64__)

TL_AVX512_BEGIN

enum { PIECE = 256 };  // 16 KiB of panel

// C is a constant wherever this is inlined.
TL_INLINE void columns(
    const float *panel, size_t n, const float *x, size_t x_stride, const int C, float *out, size_t out_stride,
    int accumulate) {
    __m512 sums[12];
    for (int c = 0; c < C; c++) {
        sums[c] = accumulate ? _mm512_loadu_ps(out + (size_t)c * out_stride) : _mm512_setzero_ps();
    }
    for (size_t k = 0; k < n; k++, panel += TL_PANEL_ROWS) {
        const __m512 weights = _mm512_loadu_ps(panel);
        for (int c = 0; c < C; c++) {
            sums[c] = _mm512_fmadd_ps(weights, _mm512_set1_ps(x[(size_t)c * x_stride + k]), sums[c]);
        }
    }
    for (int c = 0; c < C; c++) _mm512_storeu_ps(out + (size_t)c * out_stride, sums[c]);
}

static void multiply(
    const float *panel, size_t n, const float *x, size_t x_stride, size_t count, float *out,
    size_t out_stride, int accumulate) {
    for (size_t start = 0; start < n; start += PIECE) {
        const size_t length = n - start < PIECE ? n - start : PIECE;
        const float *piece = panel + start * TL_PANEL_ROWS;
        const int adds = accumulate || start > 0;
        size_t c = 0;
#define TILES(C) \
    for (; c + C <= count; c += C) { \
        columns(piece, length, x + c * x_stride + start, x_stride, C, out + c * out_stride, out_stride, adds); \
    }
        TILES(12)
        TILES(4)
        TILES(1)
#undef TILES
    }
}

TL_AVX512_END

const tl_panel_kernels tl_avx512_panel_kernels = {tl_avx2_panel_pack, multiply};

#endif
