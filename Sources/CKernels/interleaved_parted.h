// Q8_0 in two parts: its products, and how large they can be by the first part alone. A product with one column waits for
// memory, and the bound reads a quarter less of it. Included once for each width, after interleaved_columns.h.
//
// A weight is 4h + l − 128 with h = 0 ... 63 in the high part and l = 0 ... 3 in the rest. With 1.5 for every l a sum of products
// is off by 1.5 · Σ |activation| at most.

// Eight rows, or a pair of eight whose rests lie `rest_gap` bytes apart.
typedef struct {
    const tl_x8_q8_0_high *high;
    const tl_x8_q8_0_rest *rest;
    size_t rest_gap;
} W(parts_of_rows);

TL_INLINE void W(unpack_q8_0)(const W(parts_of_rows) * rows, size_t k, TL_INT w[8]) {
    W(unpack_low)(sizeof *rows->high, rows->high[2 * k].low, w);
    W(unpack_pairs)(sizeof *rows->high, rows->high[2 * k].pairs, 4, w);
    for (int v = 0; v < 8; v++) w[v] = V(slli_epi16)(w[v], 2);
    W(unpack_pairs)(rows->rest_gap, rows->rest[k].pairs, 0, w);
    for (int v = 0; v < 8; v++) w[v] = V_BITS(xor)(w[v], V(set1_epi8)((char)0x80));
    W(tl_prepare_s8)(w);
}

// All groups of the rows as signed_groups_columns takes them.
TL_INLINE void W(unpack_parts)(const W(parts_of_rows) * rows, size_t n, W(unpacked) * groups) {
    for (size_t k = 0; k < n / 32; k++) {
        W(unpack_q8_0)(rows, k, groups[k].w);
        groups[k].scale = groups[k].offset = W(load_halves)(rows->high[2 * k].scale, sizeof *rows->high);
    }
}

// `next`: how far away the pair is that is asked for meanwhile; 0 for none.
TL_INLINE void W(q8_0_bound)(
    const tl_x8_q8_0_high *b, size_t next, size_t n, tl_columns x, const float *reach, float *highest) {
    const size_t gap = sizeof *b;
    TL_FLOAT middle = V(setzero_ps)(), most = V(setzero_ps)();
    for (size_t k = 0; k < n / 32; k++, b += 2) {
        for (size_t line = 0; next && line < 2 * sizeof *b; line += 64) {
            _mm_prefetch((const char *)b + next + line, _MM_HINT_T0);
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
