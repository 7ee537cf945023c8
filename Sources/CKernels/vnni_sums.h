// How four weights of each row meet four activations where there is a `dpbusd`: TL_DPBUSD(sum, weights, activations).

TL_INLINE __m256i four(const int8_t *a) {
    int32_t bytes;
    memcpy(&bytes, a, 4);
    return _mm256_set1_epi32(bytes);
}

TL_INLINE __m256i four_products(const __m256i *w, const int8_t *a) {
    __m256i sum = TL_DPBUSD(_mm256_setzero_si256(), w[0], four(a));
    sum = TL_DPBUSD(sum, w[1], four(a + 4));
    sum = TL_DPBUSD(sum, w[2], four(a + 8));
    return TL_DPBUSD(sum, w[3], four(a + 12));
}

TL_INLINE __m256i tl_sum_u5(const __m256i *w, const int8_t *a) {
    return _mm256_add_epi32(four_products(w, a), four_products(w + 4, a + 16));
}

TL_INLINE __m256i tl_sum_u4(const __m256i *w, const int8_t *a) { return tl_sum_u5(w, a); }

TL_INLINE __m256i tl_sum_u6_half(const __m256i *w, const int8_t *a) { return four_products(w, a); }

// Signed weights are moved by 128, so that they are unsigned, and 128 · Σ a is taken away.
TL_INLINE void tl_prepare_s8(__m256i w[8]) {
    for (int v = 0; v < 8; v++) w[v] = _mm256_xor_si256(w[v], _mm256_set1_epi8((char)0x80));
}

TL_INLINE __m256i tl_sum_s8(const __m256i *w, const int8_t *a, int sum_of_a) {
    return _mm256_sub_epi32(tl_sum_u5(w, a), _mm256_set1_epi32(128 * sum_of_a));
}
