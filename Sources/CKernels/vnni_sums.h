// How four weights of each row meet four activations where there is a `dpbusd`: TL_DPBUSD(sum, weights,
// activations), and two of int16 with TL_DPWSSD. Included once for each width.

TL_INLINE TL_INT W(four)(const int8_t *a) {
    int32_t bytes;
    memcpy(&bytes, a, 4);
    return V(set1_epi32)(bytes);
}

TL_INLINE TL_INT W(four_products_and)(TL_INT start, const TL_INT *w, const int8_t *a) {
    TL_INT sum = TL_DPBUSD(start, w[0], W(four)(a));
    sum = TL_DPBUSD(sum, w[1], W(four)(a + 4));
    sum = TL_DPBUSD(sum, w[2], W(four)(a + 8));
    return TL_DPBUSD(sum, w[3], W(four)(a + 12));
}

TL_INLINE TL_INT W(four_products)(const TL_INT *w, const int8_t *a) {
    return W(four_products_and)(V_ZERO, w, a);
}

TL_INLINE TL_INT W(tl_sum_u5)(const TL_INT *w, const int8_t *a) {
    return V(add_epi32)(W(four_products)(w, a), W(four_products)(w + 4, a + 16));
}

TL_INLINE TL_INT W(tl_sum_u4)(const TL_INT *w, const int8_t *a) { return W(tl_sum_u5)(w, a); }

TL_INLINE TL_INT W(tl_sum_u6_half)(TL_INT start, const TL_INT *w, const int8_t *a) {
    return W(four_products_and)(start, w, a);
}

// Signed weights are moved by 128, so that they are unsigned, and 128 · Σ a is taken away.
TL_INLINE void W(tl_prepare_s8)(TL_INT w[8]) {
    for (int v = 0; v < 8; v++) w[v] = V_BITS(xor)(w[v], V(set1_epi8)((char)0x80));
}

TL_INLINE TL_INT W(tl_sum_s8)(const TL_INT *w, const int8_t *a, const int32_t *shift) {
    return V(add_epi32)(W(four_products_and)(V(set1_epi32)(*shift), w, a), W(four_products)(w + 4, a + 16));
}

TL_INLINE TL_INT W(tl_add_pair)(TL_INT sum, TL_INT w, const int16_t *a) {
    int32_t pair;
    memcpy(&pair, a, 4);
    return TL_DPWSSD(sum, w, V(set1_epi32)(pair));
}
