// Twelve bits of fixed point (F16 and BF16): how columns of int16 activations meet its groups, whole,
// unpacked before, or from two parts. Included by interleaved_columns.h, by whose macros it is written.
//
// 32 products of 2047 and 32639 are 2,137,985,056: they cannot overflow.

TL_INLINE void W(unpack_fixed12)(size_t gap, const tl_plane words[3], TL_INT w[4]) {
    const TL_INT first = plane(words[0]), second = plane(words[1]), third = plane(words[2]);
    const TL_INT low = V(set1_epi16)(15);
    const TL_INT fourth = V_BITS(or)(
        V(slli_epi16)(first, 12), V_BITS(or)(
            V(slli_epi16)(V_BITS(and)(second, low), 8), V(slli_epi16)(V_BITS(and)(third, low), 4)));
    w[0] = V(srai_epi16)(first, 4);
    w[1] = V(srai_epi16)(second, 4);
    w[2] = V(srai_epi16)(third, 4);
    w[3] = V(srai_epi16)(fourth, 4);
}

enum { W(f16_groups) = W(fixed12_groups), W(bf16_groups) = W(fixed12_groups) };

// How the columns take a group, of which UNPACK gives eight elements at a time: a set of four words.
#define MEET_FIXED12(UNPACK, scale_of_rows) \
    TL_INT sums[TL_MOST_COLUMNS]; \
    for (int set = 0; set < 4; set++) { \
        TL_INT w[4]; \
        UNPACK \
        EACH_COLUMN { \
            const int16_t *a = x.quants16 + (size_t)c * x.width + k + 8 * set; \
            TL_INT sum = W(tl_add_pair)(V_ZERO, w[0], a); \
            for (int v = 1; v < 4; v++) sum = W(tl_add_pair)(sum, w[v], a + 2 * v); \
            sums[c] = set ? V(add_epi32)(sums[c], sum) : sum; \
        } \
    } \
    const TL_FLOAT scale = V(mul_ps)(scale_of_rows, V(set1_ps)(1.0f / 2048)); \
    EACH_COLUMN acc[c] = V(fmadd_ps)( \
        V(cvtepi32_ps)(sums[c]), \
        V(mul_ps)(scale, V(set1_ps)(*(x.scales16 + ((size_t)c * x.width + k) / 32))), acc[c]);

#define FIXED12(name) \
    BEGIN(name) \
    const tl_x8_fixed12 *b = packed; \
    for (size_t k = 0; k < n; k += 32, b++) { \
        AHEAD(b) \
        MEET_FIXED12(W(unpack_fixed12)(gap, b->words[set], w);, bfloats(b->scale)) \
    } \
    END

FIXED12(f16)
FIXED12(bf16)

// A group of 32 elements, unpacked once for many columns.
typedef struct {
    TL_INT w[16];
    TL_FLOAT scale;
} W(unpacked_fixed12);

TL_INLINE void W(unpack_fixed12_rows)(const void *packed, size_t gap, size_t n, W(unpacked_fixed12) * groups) {
    const tl_x8_fixed12 *b = packed;
    for (size_t k = 0; k < n; k += 32, b++, groups++) {
        for (int set = 0; set < 4; set++) W(unpack_fixed12)(gap, b->words[set], groups->w + 4 * set);
        groups->scale = bfloats(b->scale);
    }
}

BEGIN(fixed12_groups)
const W(unpacked_fixed12) *group = packed;
for (size_t k = 0; k < n; k += 32, group++) {
    MEET_FIXED12(for (int v = 0; v < 4; v++) w[v] = group->w[4 * set + v];, group->scale)
}
END

// Eight elements from two words of what 2h + b are and two of l: 137(2h + b) + l − dither.
TL_INLINE void W(join_cells)(const TL_INT cells[2], const TL_INT left[2], const int16_t *dither, TL_INT w[4]) {
    const TL_INT byte = V(set1_epi16)(255), width = V(set1_epi16)(TL_CELLS_FIXED12 / 2);
    for (int v = 0; v < 2; v++) {
        w[2 * v] = V(add_epi16)(V(mullo_epi16)(V_BITS(and)(cells[v], byte), width), V_BITS(and)(left[v], byte));
        w[2 * v + 1] = V(add_epi16)(V(mullo_epi16)(V(srli_epi16)(cells[v], 8), width), V(srli_epi16)(left[v], 8));
    }
    for (int v = 0; v < 4; v++) {
        int32_t two;
        memcpy(&two, dither + 2 * v, 4);
        w[v] = V(sub_epi16)(w[v], V(set1_epi32)(two));
    }
}

// The same in two parts.
BEGIN(fixed12_parts)
const W(parts) *parts = packed;
for (size_t k = 0; k < n; k += 32) {
    const tl_x8_high *b = parts->high + k / 32 * 2;
    const tl_x8_fixed12_rest *r = (const tl_x8_fixed12_rest *)parts->rest + k / 32;
    TL_INT cells[8], left[8];
    W(unpack_cells)(parts, k / 32, cells);
    for (int v = 0; v < 8; v++) left[v] = W(load_plane)(r->bytes[v], parts->gap);
    MEET_FIXED12(W(join_cells)(cells + 2 * set, left + 2 * set, tl_dither_fixed12 + k + 8 * set, w);
                 , W(load_bfloats)(b->scale, sizeof *b))
}
END

#undef FIXED12
#undef MEET_FIXED12
