// Types in two parts, both of which a product reads: how columns of int8 activations meet them. Included by
// interleaved_columns.h for each width; bounds by the first part are in interleaved_parted.h.

// A row of groups of a type in two parts, or a pair of them whose second parts lie `gap` bytes apart.
typedef struct {
    const tl_x8_high *high;
    const uint16_t *superscale;  // of Q6_K
    size_t pair_size;            // of a pair of groups in the first part
    const tl_x8_bits *bits;
    const void *rest;
    size_t gap;
} W(parts);

// 2h + b of a group.
TL_INLINE void W(unpack_cells)(const W(parts) * rows, size_t k, TL_INT w[8]) {
    W(unpack_low)(sizeof *rows->high, rows->high[2 * k].low, w);
    for (int v = 0; v < 8; v++) w[v] = V(slli_epi16)(w[v], 1);
    W(unpack_bits)(rows->gap, rows->bits[k].bits, 0, w);
}

// 9(2h + b) + l − dither, in bytes that may overflow meanwhile.
TL_INLINE void W(unpack_q8_0)(const W(parts) * rows, size_t k, TL_INT w[8]) {
    W(unpack_cells)(rows, k, w);
    TL_INT left[8];
    W(unpack_low)(rows->gap, ((const tl_x8_q8_0_rest *)rows->rest)[k].low, left);
    for (int v = 0; v < 8; v++) {
        int32_t dither;
        memcpy(&dither, tl_dither_q8_0 + 32 * k + 4 * v, 4);
        const TL_INT nines = V(add_epi8)(w[v], V(slli_epi16)(w[v], 3));
        w[v] = V(sub_epi8)(V(add_epi8)(nines, left[v]), V(set1_epi32)(dither));
    }
    W(tl_prepare_s8)(w);
}

BEGIN(q8_0_parts)
const W(parts) *parts = packed;
for (size_t k = 0; k < n / 32; k++) {
    TL_INT w[8];
    W(unpack_q8_0)(parts, k, w);
    MEET_SIGNED(w, W(load_halves)(parts->high[2 * k].scale, sizeof *parts->high))
}
END

// The scales of a group of Q6_K, and 5h + 3b + l − dither, moved by 32.
TL_INLINE void W(split_scales)(const W(parts) * rows, size_t k, TL_FLOAT scales[2]) {
    const size_t size = sizeof *rows->high;
    const uint16_t *superscale = rows->superscale + k / 8 * 2 * TL_ROWS;
    const TL_FLOAT of_all = W(load_halves)(superscale, sizeof(uint16_t[TL_ROWS]));
    for (int half = 0; half < 2; half++) {
        const TL_INT of_half = W(load_signed)(rows->high[2 * k].scales[half], size);
        scales[half] = V(mul_ps)(of_all, V(cvtepi32_ps)(of_half));
    }
}
TL_INLINE void W(unpack_q6_k)(const W(parts) * rows, size_t k, TL_INT w[8]) {
    TL_INT upper[8], left[8];
    W(unpack_low)(sizeof *rows->high, rows->high[2 * k].low, w);
    W(clear)(upper);
    W(unpack_bits)(rows->gap, rows->bits[k].bits, 0, upper);
    W(clear)(left);
    W(unpack_pairs)(rows->gap, ((const tl_x8_q6_k_rest *)rows->rest)[k].pairs, 0, left);
    for (int v = 0; v < 8; v++) {
        int32_t dither;
        memcpy(&dither, tl_dither_q6_k + 32 * k + 4 * v, 4);
        const TL_INT fives = V(add_epi8)(w[v], V(slli_epi16)(w[v], 2));
        const TL_INT threes = V(add_epi8)(upper[v], V(slli_epi16)(upper[v], 1));
        const TL_INT sum = V(add_epi8)(V(add_epi8)(fives, threes), V(add_epi8)(left[v], V(set1_epi8)(32)));
        w[v] = V(sub_epi8)(sum, V(set1_epi32)(dither));
    }
}

BEGIN(q6_k_parts)
const W(parts) *parts = packed;
for (size_t k = 0; k < n / 32; k++) {
    TL_INT w[8];
    TL_FLOAT scales[2];
    W(split_scales)(parts, k, scales);
    W(unpack_q6_k)(parts, k, w);
    MEET_SPLIT(w, scales[0], scales[1])
}
END
