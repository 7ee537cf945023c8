// Types in two parts: how large products with a column can be by the first part alone (interleaved_bounds.c), which takes half as many bytes
// to read as both. A product with one column waits for memory. Included once for each width, after interleaved_columns.h.
//
// A weight of twelve bits is (64h + l − 2048) / 2048 with h = 0 ... 63 in the high part and l = 0 ... 63 in the rest: with 31.5 for every l a sum of
// products is off by 31.5 / 2048 · Σ |activation| at most.

// Eight rows, or a pair of eight whose second parts lie `gap` bytes apart.
typedef struct {
    const tl_x8_q8_0_high *high;
    const tl_x8_q8_0_bits *bits;
    const tl_x8_q8_0_rest *rest;
    size_t gap;
} W(q8_0_parts);

// 2h + b, of the groups k.
TL_INLINE void W(unpack_ninths)(const W(q8_0_parts) * rows, size_t k, TL_INT w[8]) {
    W(unpack_low)(sizeof *rows->high, rows->high[2 * k].low, w);
    for (int v = 0; v < 8; v++) w[v] = V(slli_epi16)(w[v], 1);
    W(unpack_bits)(rows->gap, rows->bits[k].bits, 0, w);
}

// 9(2h + b) + l − dither, in bytes that may overflow meanwhile.
TL_INLINE void W(unpack_q8_0)(const W(q8_0_parts) * rows, size_t k, TL_INT w[8]) {
    W(unpack_ninths)(rows, k, w);
    TL_INT left[8];
    W(unpack_low)(rows->gap, rows->rest[k].low, left);
    for (int v = 0; v < 8; v++) {
        int32_t dither;
        memcpy(&dither, tl_dither + 32 * k + 4 * v, 4);
        const TL_INT nines = V(add_epi8)(w[v], V(slli_epi16)(w[v], 3));
        w[v] = V(sub_epi8)(V(add_epi8)(nines, left[v]), V(set1_epi32)(dither));
    }
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

// Bounds by h alone, or `closer` by b, too. `next`: how many pairs of groups further on are asked for meanwhile; 0 for none.
TL_INLINE void W(q8_0_bound)(
    const W(q8_0_parts) * rows, const int closer, size_t next, size_t n, tl_columns x, const float *reach,
    float *highest) {
    const size_t gap = sizeof *rows->high;
    // Nothing that is lost because a square is too small for a float is as large as the root of this.
    TL_FLOAT middle = V(setzero_ps)(), square = V(set1_ps)(1e-30f);
    for (size_t k = 0; k < n / 32; k++, reach += TL_REACH) {
        const tl_x8_q8_0_high *b = rows->high + 2 * k;
        W(ask_for_pair)(b, gap, next * n / 32 * 2 * gap);
        TL_INT w[8], sum;
        if (closer) {
            if (next && k % 2 == 0) {
                const char *bits = (const char *)(rows->bits + k) + 2 * next * rows->gap;
                _mm_prefetch(bits, _MM_HINT_T0);
                _mm_prefetch(bits + rows->gap, _MM_HINT_T0);
            }
            W(unpack_ninths)(rows, k, w);
            sum = W(tl_sum_u5)(w, x.quants + 32 * k);
        } else {
            W(unpack_low)(gap, b->low, w);
            sum = W(tl_sum_u4)(w, x.quants + 32 * k);
        }
        const TL_FLOAT scale = W(load_halves)(b->scale, gap);
        const TL_FLOAT inner = V(fmadd_ps)(
            V(cvtepi32_ps)(sum), V(set1_ps)((closer ? 9 : 18) * x.scales[k]), V(set1_ps)(reach[closer ? 2 : 0]));
        middle = V(fmadd_ps)(scale, inner, middle);
        square = V(fmadd_ps)(V(mul_ps)(scale, scale), V(set1_ps)(reach[closer ? 3 : 1]), square);
    }
    V(storeu_ps)(highest, V(add_ps)(middle, V(sqrt_ps)(square)));
}

// The same with activations in two bytes: `quants` are the high ones, and TL_LONGEST_PARTED further on stand the low ones, in the order of
// the layout.
TL_INLINE void W(fixed12_bound)(
    const W(fixed12_parts) * rows, const int closer, size_t next, size_t n, tl_columns x, const float *reach,
    float *highest) {
    (void)closer;
    const tl_x8_fixed12_high *b = rows->high;
    const size_t gap = sizeof *b;
    TL_FLOAT middle = V(setzero_ps)(), most = V(setzero_ps)();
    for (size_t k = 0; k < n / 32; k++, b += 2) {
        W(ask_for_pair)(b, gap, next * n / 32 * 2 * gap);
        TL_INT w[8];
        W(unpack_sixes)(gap, b->low, b->pairs, w);
        const int8_t *a = x.quants + 32 * k;
        const TL_FLOAT sum = V(cvtepi32_ps)(V(add_epi32)(
            V(slli_epi32)(W(sum_of_sixes)(w, a), 8), W(sum_of_sixes)(w, a + TL_LONGEST_PARTED)));
        const TL_FLOAT scale = V(mul_ps)(W(load_bfloats)(b->scale, gap), V(set1_ps)(1.0f / 2048));
        const TL_FLOAT inner = V(fmadd_ps)(
            sum, V(set1_ps)(64 * x.scales[k]), V(set1_ps)((31.5f - 2048) * x.totals[k]));
        middle = V(fmadd_ps)(scale, inner, middle);
        most = V(fmadd_ps)(scale, V(set1_ps)(31.5f * reach[TL_REACH * k]), most);
    }
    V(storeu_ps)(highest, V(add_ps)(middle, most));
}
