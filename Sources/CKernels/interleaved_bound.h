// How large products can be, by the first part of the weights (`bound` of interleaved.h). A product with one column waits for
// memory, and this reads a quarter less of it. Included once for each width, as interleaved_columns.h is.
//
// A weight of Q8_0 is 4h + l − 128 with h = 0 ... 63 in the high part and l = 0 ... 3 in the rest. With 1.5 for every l a sum of
// products is off by 1.5 · Σ |activation| at most.

// `next`: how far away the group is that comes next. The processor's own prefetching ends where the rests begin.
TL_INLINE void W(q8_0_bound)(
    const void *packed, size_t gap, size_t next, size_t n, tl_columns x, const float *reach, float *highest) {
    (void)gap;
    TL_FLOAT middle = V(setzero_ps)(), most = V(setzero_ps)();
    const tl_x8_q8_0_high *b = packed;
    for (size_t k = 0; k < n / 32; k++, b++) {
        for (size_t line = 0; line < sizeof *b; line += 64) {
            _mm_prefetch((const char *)b + next + line, _MM_HINT_T0);
            if (gap) _mm_prefetch((const char *)b + next + gap + line, _MM_HINT_T0);
        }
        TL_INT w[8];
        W(unpack_low)(gap, b->low, w);
        W(unpack_pairs)(gap, b->pairs, 4, w);
        const int8_t *a = x.quants + 32 * k;
        const TL_FLOAT sum = V(cvtepi32_ps)(
            V(add_epi32)(W(tl_sum_u6_half)(w, a), W(tl_sum_u6_half)(w + 4, a + 16)));
        const TL_FLOAT scale = W(load_halves)(b->scale, gap);
        const TL_FLOAT inner = V(fmadd_ps)(
            sum, V(set1_ps)(4 * x.scales[k]), V(set1_ps)((1.5f - 128) * x.totals[k]));
        middle = V(fmadd_ps)(scale, inner, middle);
        const TL_FLOAT length = V(max_ps)(scale, V(sub_ps)(V(setzero_ps)(), scale));
        most = V(fmadd_ps)(length, V(set1_ps)(1.5f * reach[k]), most);
    }
    V(storeu_ps)(highest, V(add_ps)(middle, most));
}
