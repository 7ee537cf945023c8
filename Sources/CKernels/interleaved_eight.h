// Vectors of eight rows: one group.

#undef W
#undef V
#undef V_BITS
#undef V_ZERO
#undef V_TABLE
#undef TL_INT
#undef TL_FLOAT
#define W(x) x##_of_eight
#define V(op) _mm256_##op
#define V_BITS(op) _mm256_##op##_si256
#define V_ZERO _mm256_setzero_si256()
#define V_TABLE(sixteen) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(sixteen)))
#define TL_INT __m256i
#define TL_FLOAT __m256

#ifndef TL_INTERLEAVED_EIGHT_H
#define TL_INTERLEAVED_EIGHT_H

TL_INLINE __m256i load_plane_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_loadu_si256(p);
}
TL_INLINE __m256 load_halves_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_cvtph_ps(_mm_loadu_si128(p));
}
TL_INLINE __m256i load_unsigned_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(p));
}
TL_INLINE __m256i load_signed_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(p));
}
TL_INLINE __m256i load_signed_pairs_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(p));
}
TL_INLINE __m256i load_unsigned_pairs_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(p));
}
TL_INLINE __m256 load_floats_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_loadu_ps(p);
}
TL_INLINE __m256 load_bfloats_of_eight(const void *p, size_t gap) {
    (void)gap;
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128(p)), 16));
}

#endif
