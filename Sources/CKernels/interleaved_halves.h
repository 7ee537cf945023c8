// Superblocks with a scale for each 16 weights (Q6_K, Q3_K and Q2_K), so that the halves of a group are
// summed apart. Included by interleaved_columns.h, by whose macros it is written.

// How the columns take a group with a scale for each 16, weights 32 above their value.
#define MEET_SPLIT(w, scale0, scale1) \
    EACH_COLUMN { \
        const int32_t *owed = x.owed + (size_t)c * (x.width / 16); \
        const TL_INT sum0 = W(tl_sum_u6_half)(V(set1_epi32)(owed[0]), w, QUANTS(c, 0)); \
        const TL_INT sum1 = W(tl_sum_u6_half)(V(set1_epi32)(owed[1]), (w) + 4, QUANTS(c, 16)); \
        const TL_FLOAT sum = V(fmadd_ps)( \
            V(cvtepi32_ps)(sum1), scale1, V(mul_ps)(V(cvtepi32_ps)(sum0), scale0)); \
        acc[c] = V(fmadd_ps)(sum, SCALE(c, 0), acc[c]); \
    } \
    x.quants += 32, x.scales++, x.owed += 2;

BEGIN(split_groups)
for (const W(unpacked) *group = packed; n; n -= 32, group++) {
    MEET_SPLIT(group->w, group->scale, group->offset)
}
END

BEGIN(q6_k)
for (const tl_x8_q6_k *b = packed; n; n -= 256, b++) {
    const TL_FLOAT block_scale = halves(b->scale);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        TL_INT w[8];
        W(unpack_low)(gap, b->group[g].low, w);
        W(unpack_pairs)(gap, b->group[g].pairs, 4, w);
        const TL_FLOAT scale0 = V(mul_ps)(block_scale, V(cvtepi32_ps)(signed_bytes(b->group[g].scale[0])));
        const TL_FLOAT scale1 = V(mul_ps)(block_scale, V(cvtepi32_ps)(signed_bytes(b->group[g].scale[1])));
        STORE(scale0, scale1)
        MEET_SPLIT(w, scale0, scale1)
    }
}
END
enum { W(q6_k_groups) = W(split_groups) };

TL_INLINE void W(clear)(TL_INT w[8]) {
    for (int v = 0; v < 8; v++) w[v] = V_ZERO;
}

// -- Superblocks with a scale for each 16 and weights of so few bits that a half's sum is an int16,
// 16 · 7 · 127 = 14,224, and that with its scale still a whole number: both halves' sums stand side by side,
// and so do their scales.

// Weights that were unpacked once for many columns, and the factors of both halves' sums of
// products and of activations.
typedef struct {
    TL_INT w[8], scales, owed;
    TL_FLOAT scale, min;
} W(unpacked_pairs);

#define STORE_PAIRS(block_scale_of_rows, block_min_of_rows) \
    if (C == 0) { \
        W(unpacked_pairs) *group = store; \
        for (int v = 0; v < 8; v++) group->w[v] = w[v]; \
        group->scales = scales, group->owed = owed; \
        group->scale = block_scale_of_rows, group->min = block_min_of_rows; \
        store = group + 1; \
    }

// Σ over both halves of scale · Σ w · a
TL_INLINE TL_INT W(scaled_halves)(const TL_INT w[8], const int8_t *a, TL_INT scales) {
    const TL_INT sum0 = W(tl_sum_u6_half)(V_ZERO, w, a), sum1 = W(tl_sum_u6_half)(V_ZERO, w + 4, a + 16);
    const TL_INT both = V_BITS(or)(V_BITS(and)(sum0, V(set1_epi32)(0xFFFF)), V(slli_epi32)(sum1, 16));
    return V(madd_epi16)(both, scales);
}

// Q3_K: weights are 4 above their value, so −4 · scale is owed for the sum of each half.
#define MEET_Q3_K(w, half_scales, half_owed, block_scale) \
    EACH_COLUMN { \
        const TL_INT sum = W(tl_add_pair)( \
            W(scaled_halves)(w, QUANTS(c, 0), half_scales), half_owed, x.sums + (size_t)c * (x.width / 16)); \
        ADD_SCALED(c, 0, sum, block_scale); \
    } \
    x.quants += 32, x.scales++, x.sums += 2;

// Q2_K: of each half's Σ a the min is taken away, which has a factor of its own.
#define MEET_Q2_K(w, half_scales, half_owed, block_scale, block_min) \
    EACH_COLUMN { \
        const TL_INT mins = W(tl_add_pair)(V_ZERO, half_owed, x.sums + (size_t)c * (x.width / 16)); \
        ADD_SCALED(c, 0, W(scaled_halves)(w, QUANTS(c, 0), half_scales), block_scale); \
        acc[c] = V(fnmadd_ps)(V(cvtepi32_ps)(mins), V(mul_ps)(block_min, SCALE(c, 0)), acc[c]); \
    } \
    x.quants += 32, x.scales++, x.sums += 2;

BEGIN(q3_k_groups)
for (const W(unpacked_pairs) *group = packed; n; n -= 32, group++) {
    MEET_Q3_K(group->w, group->scales, group->owed, group->scale)
}
END

BEGIN(q2_k_groups)
for (const W(unpacked_pairs) *group = packed; n; n -= 32, group++) {
    MEET_Q2_K(group->w, group->scales, group->owed, group->scale, group->min)
}
END

BEGIN(q3_k)
for (const tl_x8_q3_k *b = packed; n; n -= 256, b++) {
    const TL_FLOAT block_scale = halves(b->scale);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        TL_INT w[8];
        W(clear)(w);
        W(unpack_pairs)(gap, b->group[g].pairs, 0, w);
        W(unpack_bits)(gap, b->group[g].bits, 2, w);
        const TL_INT scales = signed_pairs(b->group[g].scale);
        const TL_INT owed = V(slli_epi16)(V(sub_epi16)(V_ZERO, scales), 2);
        STORE_PAIRS(block_scale, block_scale)
        MEET_Q3_K(w, scales, owed, block_scale)
    }
}
END

BEGIN(q2_k)
for (const tl_x8_q2_k *b = packed; n; n -= 256, b++) {
    const TL_FLOAT block_scale = halves(b->scale);
    const TL_FLOAT block_min = halves(b->min);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        TL_INT w[8];
        W(clear)(w);
        W(unpack_pairs)(gap, b->group[g].pairs, 0, w);
        const TL_INT both = unsigned_pairs(b->group[g].scale_and_min);
        const TL_INT scales = V_BITS(and)(both, V(set1_epi16)(15));
        const TL_INT owed = V(srli_epi16)(both, 4);
        STORE_PAIRS(block_scale, block_min)
        MEET_Q2_K(w, scales, owed, block_scale, block_min)
    }
}
END

#undef STORE_PAIRS
#undef MEET_Q3_K
#undef MEET_Q2_K
