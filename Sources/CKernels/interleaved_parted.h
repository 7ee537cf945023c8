// Types in two parts: how large products with a column can be by the first part alone, which takes half as many bytes to read as both or
// three quarters. A product with one column waits for memory. Included once for each width, after interleaved_columns.h.
//
// A weight of Q8_0 is 4h + l − 128 with h = 0 ... 63 in the high part and l = 0 ... 3 in the rest: with 1.5 for every l a sum of products
// is off by 1.5 · Σ |activation| at most. One of twelve bits is (64h + l − 2048) / 2048 with l = 0 ... 63: 31.5 for 1.5.

// Eight rows, or a pair of eight whose rests lie `rest_gap` bytes apart.
typedef struct {
    const tl_x8_q8_0_high *high;
    const tl_x8_q8_0_rest *rest;
    size_t rest_gap;
} W(q8_0_parts);

TL_INLINE void W(unpack_q8_0)(const W(q8_0_parts) * rows, size_t k, TL_INT w[8]) {
    W(unpack_sixes)(sizeof *rows->high, rows->high[2 * k].low, rows->high[2 * k].pairs, w);
    for (int v = 0; v < 8; v++) w[v] = V(slli_epi16)(w[v], 2);
    W(unpack_pairs)(rows->rest_gap, rows->rest[k].pairs, 0, w);
    for (int v = 0; v < 8; v++) w[v] = V_BITS(xor)(w[v], V(set1_epi8)((char)0x80));
    W(tl_prepare_s8)(w);
}

// All groups of the rows as signed_groups_columns takes them.
TL_INLINE void W(unpack_q8_0_parts)(const W(q8_0_parts) * rows, size_t n, W(unpacked) * groups) {
    for (size_t k = 0; k < n / 32; k++) {
        W(unpack_q8_0)(rows, k, groups[k].w);
        groups[k].scale = groups[k].offset = W(load_halves)(rows->high[2 * k].scale, sizeof *rows->high);
    }
}

// Asks for a block of both groups of a pair, `next` bytes further on; 0 for none.
TL_INLINE void W(ask_for_pair)(const void *block, size_t size, size_t next) {
    for (size_t line = 0; next && line < 2 * size; line += 64) {
        _mm_prefetch((const char *)block + next + line, _MM_HINT_T0);
    }
}

// Σ over a group's 32 elements, weights 0 ... 63.
TL_INLINE TL_INT W(sum_of_sixes)(const TL_INT w[8], const int8_t *a) {
    return V(add_epi32)(W(tl_sum_u6_half)(w, a), W(tl_sum_u6_half)(w + 4, a + 16));
}

// `next`: how far away the pair is that is asked for meanwhile; 0 for none.
TL_INLINE void W(q8_0_bound)(
    const tl_x8_q8_0_high *b, size_t next, size_t n, tl_columns x, const float *reach, float *highest) {
    const size_t gap = sizeof *b;
    TL_FLOAT middle = V(setzero_ps)(), most = V(setzero_ps)();
    for (size_t k = 0; k < n / 32; k++, b += 2) {
        W(ask_for_pair)(b, gap, next);
        TL_INT w[8];
        W(unpack_sixes)(gap, b->low, b->pairs, w);
        const TL_FLOAT sum = V(cvtepi32_ps)(W(sum_of_sixes)(w, x.quants + 32 * k));
        const TL_FLOAT scale = W(load_halves)(b->scale, gap);
        const TL_FLOAT inner = V(fmadd_ps)(
            sum, V(set1_ps)(4 * x.scales[k]), V(set1_ps)((1.5f - 128) * x.totals[k]));
        middle = V(fmadd_ps)(scale, inner, middle);
        const TL_FLOAT length = V(max_ps)(scale, V(sub_ps)(V(setzero_ps)(), scale));
        most = V(fmadd_ps)(length, V(set1_ps)(1.5f * reach[k]), most);
    }
    V(storeu_ps)(highest, V(add_ps)(middle, most));
}

// The same with activations in two bytes: `quants` are the high ones, and TL_LONGEST_PARTED further on stand the low ones, in the order of
// the layout.
TL_INLINE void W(fixed12_bound)(
    const tl_x8_fixed12_high *b, size_t next, size_t n, tl_columns x, const float *reach, float *highest) {
    const size_t gap = sizeof *b;
    TL_FLOAT middle = V(setzero_ps)(), most = V(setzero_ps)();
    for (size_t k = 0; k < n / 32; k++, b += 2) {
        W(ask_for_pair)(b, gap, next);
        TL_INT w[8];
        W(unpack_sixes)(gap, b->low, b->pairs, w);
        const int8_t *a = x.quants + 32 * k;
        const TL_FLOAT sum = V(cvtepi32_ps)(V(add_epi32)(
            V(slli_epi32)(W(sum_of_sixes)(w, a), 8), W(sum_of_sixes)(w, a + TL_LONGEST_PARTED)));
        const TL_FLOAT scale = V(mul_ps)(W(load_bfloats)(b->scale, gap), V(set1_ps)(1.0f / 2048));
        const TL_FLOAT inner = V(fmadd_ps)(
            sum, V(set1_ps)(64 * x.scales[k]), V(set1_ps)((31.5f - 2048) * x.totals[k]));
        middle = V(fmadd_ps)(scale, inner, middle);
        most = V(fmadd_ps)(scale, V(set1_ps)(31.5f * reach[k]), most);
    }
    V(storeu_ps)(highest, V(add_ps)(middle, most));
}
