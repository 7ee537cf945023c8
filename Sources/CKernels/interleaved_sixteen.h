// Vectors of sixteen rows: two groups of eight, `gap` bytes apart. For AVX-512.

#undef W
#undef V
#undef V_BITS
#undef V_ZERO
#undef V_TABLE
#undef TL_INT
#undef TL_FLOAT
#define W(x) x##_of_sixteen
#define V(op) _mm512_##op
#define V_BITS(op) _mm512_##op##_si512
#define V_ZERO _mm512_setzero_si512()
#define V_TABLE(sixteen) _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(sixteen)))
#define TL_INT __m512i
#define TL_FLOAT __m512

#ifndef TL_INTERLEAVED_SIXTEEN_H
#define TL_INTERLEAVED_SIXTEEN_H

TL_INLINE const void *behind(const void *p, size_t gap) { return (const char *)p + gap; }

TL_INLINE __m256i two_of_128(const void *p, size_t gap) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(p)), _mm_loadu_si128(behind(p, gap)), 1);
}
TL_INLINE __m128i two_of_64(const void *p, size_t gap) {
    return _mm_unpacklo_epi64(_mm_loadl_epi64(p), _mm_loadl_epi64(behind(p, gap)));
}
TL_INLINE __m512i load_plane_of_sixteen(const void *p, size_t gap) {
    return _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_loadu_si256(p)), _mm256_loadu_si256(behind(p, gap)), 1);
}
TL_INLINE __m512 load_halves_of_sixteen(const void *p, size_t gap) { return _mm512_cvtph_ps(two_of_128(p, gap)); }
TL_INLINE __m512i load_unsigned_of_sixteen(const void *p, size_t gap) {
    return _mm512_cvtepu8_epi32(two_of_64(p, gap));
}
TL_INLINE __m512i load_signed_of_sixteen(const void *p, size_t gap) {
    return _mm512_cvtepi8_epi32(two_of_64(p, gap));
}
TL_INLINE __m512i load_signed_pairs_of_sixteen(const void *p, size_t gap) {
    return _mm512_cvtepi8_epi16(two_of_128(p, gap));
}
TL_INLINE __m512i load_unsigned_pairs_of_sixteen(const void *p, size_t gap) {
    return _mm512_cvtepu8_epi16(two_of_128(p, gap));
}
TL_INLINE __m512 load_floats_of_sixteen(const void *p, size_t gap) {
    return _mm512_castsi512_ps(load_plane_of_sixteen(p, gap));
}
TL_INLINE __m512 load_bfloats_of_sixteen(const void *p, size_t gap) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(two_of_128(p, gap)), 16));
}

#endif
