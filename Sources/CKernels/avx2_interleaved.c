// Interleaved products with AVX2.
//
// `maddubs` multiplies unsigned weights with signed activations and adds neighbours into int16. As many of
// these as cannot overflow are added before they are widened: 8 · 2 · 15 · 128 = 30,720 for weights of
// four bits (the low bytes of int16 activations go down to −128), 4 · 2 · 31 · 128 = 31,744 for five, 2 ·
// 2 · 63 · 127 = 32,004 for six.

#include "CKernels.h"
#include "avx2_target.h"

#if defined(__x86_64__)

#include <string.h>

#include "blocks.h"
#include "interleaved_pack.h"

TL_AVX2_BEGIN

#include "interleaved_eight.h"

TL_INLINE __m256i four(const int8_t *a) {
    int32_t bytes;
    memcpy(&bytes, a, 4);
    return _mm256_set1_epi32(bytes);
}

TL_INLINE __m256i product(__m256i w, const int8_t *a) { return _mm256_maddubs_epi16(w, four(a)); }

TL_INLINE __m256i widened(__m256i sums) { return _mm256_madd_epi16(sums, _mm256_set1_epi16(1)); }

TL_INLINE __m256i four_products(const __m256i *w, const int8_t *a) {
    return _mm256_add_epi16(
        _mm256_add_epi16(product(w[0], a), product(w[1], a + 4)),
        _mm256_add_epi16(product(w[2], a + 8), product(w[3], a + 12)));
}

TL_INLINE __m256i W(tl_sum_u4)(const __m256i *w, const int8_t *a) {
    return widened(_mm256_add_epi16(four_products(w, a), four_products(w + 4, a + 16)));
}

TL_INLINE __m256i W(tl_sum_u5)(const __m256i *w, const int8_t *a) {
    return _mm256_add_epi32(widened(four_products(w, a)), widened(four_products(w + 4, a + 16)));
}

TL_INLINE __m256i W(tl_sum_u6_half)(__m256i start, const __m256i *w, const int8_t *a) {
    const __m256i first = widened(_mm256_add_epi16(product(w[0], a), product(w[1], a + 4)));
    const __m256i second = widened(_mm256_add_epi16(product(w[2], a + 8), product(w[3], a + 12)));
    return _mm256_add_epi32(start, _mm256_add_epi32(first, second));
}

TL_INLINE __m256i W(tl_sum_s8)(const __m256i *w, const int8_t *a, const int32_t *shift) {
    (void)shift;
    __m256i sum = _mm256_setzero_si256();
    for (int v = 0; v < 8; v++) {
        const __m256i signs_moved = _mm256_sign_epi8(four(a + 4 * v), w[v]);
        sum = _mm256_add_epi32(sum, widened(_mm256_maddubs_epi16(_mm256_abs_epi8(w[v]), signs_moved)));
    }
    return sum;
}

TL_INLINE void W(tl_prepare_s8)(__m256i w[8]) { (void)w; }

TL_INLINE __m256i W(tl_add_pair)(__m256i sum, __m256i w, const int16_t *a) {
    int32_t pair;
    memcpy(&pair, a, 4);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w, _mm256_set1_epi32(pair)));
}

#define TL_MOST_COLUMNS 4
#define TL_NAME(x) tl_avx2_##x
#include "interleaved_body.h"

TL_AVX2_END

#endif
