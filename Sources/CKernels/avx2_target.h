// Opens every AVX2 file. A region between TL_AVX2_BEGIN and TL_AVX2_END may use AVX2, FMA and F16C although
// the file is compiled for plain x86-64; helpers that are inlined into it must stand in such a region too.
//
// Contraction is off: a multiply and an add become one rounding only where the code says fmadd.

#ifndef TL_AVX2_TARGET_H
#define TL_AVX2_TARGET_H

#if defined(__x86_64__)

#include <immintrin.h>

#define TL_AVX2_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c\"))), apply_to = function)") \
    _Pragma("STDC FP_CONTRACT OFF")
#define TL_AVX2_END _Pragma("clang attribute pop")

#define TL_INLINE static inline __attribute__((always_inline))

TL_AVX2_BEGIN

TL_INLINE float tl_sum(__m256 v) {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

TL_AVX2_END

#endif
#endif
