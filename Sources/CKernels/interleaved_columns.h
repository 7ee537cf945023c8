// Products of interleaved rows with columns of activations: included for each instruction set and each width
// of its vectors, of eight rows (interleaved_eight.h) or of two groups of eight, which lie `gap` bytes apart
// (interleaved_sixteen.h). The instruction set defines how four weights of each row meet four activations:
//
//     tl_sum_u4(w, a)       Σ over 32 elements, weights 0 ... 15
//     tl_sum_u5(w, a)       the same, weights 0 ... 31
//     tl_sum_u6_half(sum, w, a)  sum + Σ over 16 elements, weights 0 ... 63
//     tl_sum_s8(w, a, s)    Σ over 32 elements, weights -128 ... 127 after tl_prepare_s8, *s = −128 · Σ a
//     tl_add_pair(sum, w, a)  sum + Σ over 2 elements of int16
//
// Each gives an int32 sum for each row. W(x) names the functions of the width, TL_MOST_COLUMNS is how many
// columns it has registers for. A row's sums are added up in the same order in every width.

// -- Unpacking

#define plane(p) W(load_plane)(p, gap)
#define halves(h) W(load_halves)(h, gap)
#define bfloats(b) W(load_bfloats)(b, gap)
#define unsigned_bytes(b) W(load_unsigned)(b, gap)
#define signed_bytes(b) W(load_signed)(b, gap)
#define signed_pairs(b) W(load_signed_pairs)(b, gap)
#define unsigned_pairs(b) W(load_unsigned_pairs)(b, gap)

TL_INLINE void W(unpack_low)(size_t gap, const tl_plane low[4], TL_INT w[8]) {
    const TL_INT mask = V(set1_epi8)(15);
    for (int v = 0; v < 4; v++) {
        const TL_INT both = plane(low[v]);
        w[v] = V_BITS(and)(both, mask);
        w[v + 4] = V_BITS(and)(V(srli_epi16)(both, 4), mask);
    }
}

// w[v] |= bit v of each byte, at `place`.
TL_INLINE void W(unpack_bits)(size_t gap, const tl_plane bits, int place, TL_INT w[8]) {
    const TL_INT plane_bits = plane(bits);
    const TL_INT mask = V(set1_epi8)((char)(1 << place));
    for (int v = 0; v < 8; v++) {
        const TL_INT moved = v > place ? V(srli_epi16)(plane_bits, v - place)
                                        : V(slli_epi16)(plane_bits, place - v);
        w[v] = V_BITS(or)(w[v], V_BITS(and)(moved, mask));
    }
}

// w[v] |= bits 2v and 2v + 1 (of the first plane, then of the second) of each byte, at `place`.
TL_INLINE void W(unpack_pairs)(size_t gap, const tl_plane pairs[2], int place, TL_INT w[8]) {
    const TL_INT mask = V(set1_epi8)((char)(3 << place));
    for (int v = 0; v < 8; v++) {
        const TL_INT both = plane(pairs[v / 4]);
        const int shift = 2 * (v % 4);
        const TL_INT moved = shift > place ? V(srli_epi16)(both, shift - place)
                                            : V(slli_epi16)(both, place - shift);
        w[v] = V_BITS(or)(w[v], V_BITS(and)(moved, mask));
    }
}

// -- Columns. C is a constant wherever these are inlined, so the loops over columns unroll into registers.

// Without the word the compiler keeps eight columns' sums on the stack, a fifth slower.
#define EACH_COLUMN _Pragma("clang loop unroll(full)") for (int c = 0; c < C; c++)
#define QUANTS(c, k) (x.quants + (size_t)(c) * x.width + (k))
#define SCALE(c, k) V(set1_ps)(*(x.scales + ((size_t)(c) * x.width + (k)) / 32))
#define SHIFT(c) (x.shifts + (size_t)(c) * (x.width / 32))
#define TOTAL(c, k) V(set1_ps)(*(x.totals + ((size_t)(c) * x.width + (k)) / 32))

#define ADD_SCALED(c, k, sums_of_rows, scale) \
    acc[c] = V(fmadd_ps)( \
        V(cvtepi32_ps)(sums_of_rows), V(mul_ps)(scale, SCALE(c, k)), acc[c])

TL_INLINE void W(finish)(TL_FLOAT *acc, int C, float *out, size_t stride, int accumulate) {
    EACH_COLUMN {
        float *place = out + (size_t)c * stride;
        V(storeu_ps)(place, accumulate ? V(add_ps)(V(loadu_ps)(place), acc[c]) : acc[c]);
    }
}

// One column is read as fast as memory gives it only if it is asked for early: the processor's own
// prefetching ends with each page.
#define AHEAD(start) \
    if (C == 1) { \
        for (size_t line = 0; line < sizeof *(start); line += 64) { \
            _mm_prefetch((const char *)(start) + 4096 + line, _MM_HINT_T0); \
        } \
    }

// A group of 32 elements as the columns take it: where there are many, it is unpacked once for all of them.
typedef struct {
    TL_INT w[8];
    TL_FLOAT scale, offset;
} W(unpacked);

// `store` gets what is unpacked where there are no columns (C is 0).
#define BEGIN(name) \
    TL_INLINE void W(name##_columns)( \
        const void *packed, size_t gap, size_t n, tl_columns x, const int C, float *out, size_t stride, \
        int accumulate, void *store) { \
        (void)gap, (void)store; \
        TL_FLOAT acc[TL_MOST_COLUMNS]; \
        EACH_COLUMN acc[c] = V(setzero_ps)();
#define END \
        W(finish)(acc, C, out, stride, accumulate); \
    }

#define STORE(scale_of_rows, offset_of_rows) \
    if (C == 0) { \
        W(unpacked) *group = store; \
        for (int v = 0; v < 8; v++) group->w[v] = w[v]; \
        group->scale = scale_of_rows, group->offset = offset_of_rows; \
        store = group + 1; \
    }

// How the columns take a group of unsigned or of signed weights.
#define MEET_UNSIGNED(SUM_KERNEL, w, scale, offset) \
    EACH_COLUMN { \
        ADD_SCALED(c, 0, SUM_KERNEL(w, QUANTS(c, 0)), scale); \
        acc[c] = V(fmadd_ps)(offset, TOTAL(c, 0), acc[c]); \
    } \
    x.quants += 32, x.scales++, x.totals++;
#define MEET_SIGNED(w, scale) \
    EACH_COLUMN ADD_SCALED(c, 0, W(tl_sum_s8)(w, QUANTS(c, 0), SHIFT(c)), scale); \
    x.quants += 32, x.scales++, x.shifts++;

// What a type's groups are, where they are stored.
enum { W(unsigned_groups) = 1, W(signed_groups), W(split_groups), W(fixed12_groups), W(q3_k_groups), W(q2_k_groups) };

BEGIN(unsigned_groups)
for (const W(unpacked) *group = packed; n; n -= 32, group++) {
    MEET_UNSIGNED(W(tl_sum_u5), group->w, group->scale, group->offset)
}
END

BEGIN(signed_groups)
for (const W(unpacked) *group = packed; n; n -= 32, group++) {
    MEET_SIGNED(group->w, group->scale)
}
END

// Weights of one scale a group, and with an offset either from the file or a fixed multiple of the scale.
#define SMALL_BLOCK(name, UNPACK, SUM_KERNEL, OFFSET) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 32, b++) { \
        AHEAD(b) \
        TL_INT w[8]; \
        UNPACK \
        const TL_FLOAT scale = halves(b->scale); \
        const TL_FLOAT offset = OFFSET; \
        STORE(scale, offset) \
        MEET_UNSIGNED(SUM_KERNEL, w, scale, offset) \
    } \
    END \
    enum { W(name##_groups) = W(unsigned_groups) };

SMALL_BLOCK(q4_0, W(unpack_low)(gap, b->low, w);, W(tl_sum_u4), V(mul_ps)(scale, V(set1_ps)(-8)))
SMALL_BLOCK(q4_1, W(unpack_low)(gap, b->low, w);, W(tl_sum_u4), halves(b->offset))
SMALL_BLOCK(
    q5_0, W(unpack_low)(gap, b->low, w); W(unpack_bits)(gap, b->bits, 4, w);, W(tl_sum_u5),
    V(mul_ps)(scale, V(set1_ps)(-16)))
SMALL_BLOCK(q5_1, W(unpack_low)(gap, b->low, w); W(unpack_bits)(gap, b->bits, 4, w);, W(tl_sum_u5), halves(b->offset))

TL_INLINE void W(unpack_table)(size_t gap, const tl_plane low[4], TL_INT w[8]) {
    const TL_INT table = V_TABLE(tl_iq4_values);
    W(unpack_low)(gap, low, w);
    for (int v = 0; v < 8; v++) w[v] = V(shuffle_epi8)(table, w[v]);
}

// Weights that are signed bytes.
#define SIGNED_BLOCK(name, UNPACK) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 32, b++) { \
        AHEAD(b) \
        TL_INT w[8]; \
        UNPACK \
        W(tl_prepare_s8)(w); \
        const TL_FLOAT scale = halves(b->scale); \
        STORE(scale, scale) \
        MEET_SIGNED(w, scale) \
    } \
    END \
    enum { W(name##_groups) = W(signed_groups) };

SIGNED_BLOCK(q8_0, for (int v = 0; v < 8; v++) w[v] = plane(b->bytes[v]);)
SIGNED_BLOCK(iq4_nl, W(unpack_table)(gap, b->low, w);)

// Superblocks: a scale and a min of a few bits for each group.
#define SUPERBLOCK(name, UNPACK, SUM_KERNEL) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 256, b++) { \
        const TL_FLOAT block_scale = halves(b->scale); \
        const TL_FLOAT block_min = halves(b->min); \
        for (int g = 0; g < 8; g++) { \
            AHEAD(&b->group[g]) \
            TL_INT w[8]; \
            UNPACK \
            const TL_FLOAT scale = \
                V(mul_ps)(block_scale, V(cvtepi32_ps)(unsigned_bytes(b->group[g].scale))); \
            const TL_FLOAT min = \
                V(mul_ps)(block_min, V(cvtepi32_ps)(unsigned_bytes(b->group[g].min))); \
            const TL_FLOAT offset = V(sub_ps)(V(setzero_ps)(), min); \
            STORE(scale, offset) \
            MEET_UNSIGNED(SUM_KERNEL, w, scale, offset) \
        } \
    } \
    END \
    enum { W(name##_groups) = W(unsigned_groups) };

SUPERBLOCK(q4_k, W(unpack_low)(gap, b->group[g].low, w);, W(tl_sum_u4))
SUPERBLOCK(q5_k, W(unpack_low)(gap, b->group[g].low, w); W(unpack_bits)(gap, b->group[g].bits, 4, w);, W(tl_sum_u5))

#include "interleaved_halves.h"

BEGIN(iq4_xs)
for (const tl_x8_iq4_xs *b = packed; n; n -= 256, b++) {
    const TL_FLOAT block_scale = halves(b->scale);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        TL_INT w[8];
        W(unpack_table)(gap, b->group[g].low, w);
        W(tl_prepare_s8)(w);
        const TL_FLOAT scale =
            V(mul_ps)(block_scale, V(cvtepi32_ps)(signed_bytes(b->group[g].scale)));
        STORE(scale, scale)
        MEET_SIGNED(w, scale)
    }
}
END
enum { W(iq4_xs_groups) = W(signed_groups) };

#include "interleaved_parts.h"
#include "interleaved_fixed12.h"

// -- F32: one vector holds element k of the eight rows. Four sums a column, because one would wait for
// itself.

enum { W(f32_groups) };

TL_INLINE void W(f32_columns)(
    const void *packed, size_t gap, size_t n, tl_columns x, const int C, float *out, size_t stride, int accumulate,
    void *store) {
    (void)store;
    TL_FLOAT sums[TL_MOST_COLUMNS][4], acc[TL_MOST_COLUMNS];
    EACH_COLUMN for (int i = 0; i < 4; i++) sums[c][i] = V(setzero_ps)();
    const float *w = packed;
    size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        AHEAD((const float(*)[4 * TL_ROWS])w)
        for (int i = 0; i < 4; i++, w += TL_ROWS) {
            const TL_FLOAT weights = W(load_floats)(w, gap);
            EACH_COLUMN sums[c][i] = V(fmadd_ps)(
                weights, V(set1_ps)(*(x.values + (size_t)c * x.width + k + i)), sums[c][i]);
        }
    }
    for (; k < n; k++, w += TL_ROWS) {
        const TL_FLOAT weights = W(load_floats)(w, gap);
        EACH_COLUMN sums[c][0] = V(fmadd_ps)(
            weights, V(set1_ps)(*(x.values + (size_t)c * x.width + k)), sums[c][0]);
    }
    EACH_COLUMN acc[c] = V(add_ps)(V(add_ps)(sums[c][0], sums[c][1]), V(add_ps)(sums[c][2], sums[c][3]));
    W(finish)(acc, C, out, stride, accumulate);
}

#undef plane
#undef halves
#undef bfloats
#undef unsigned_bytes
#undef signed_bytes
#undef signed_pairs
#undef unsigned_pairs
#undef EACH_COLUMN
#undef QUANTS
#undef SCALE
#undef SHIFT
#undef TOTAL
#undef ADD_SCALED
#undef AHEAD
#undef BEGIN
#undef END
#undef SMALL_BLOCK
#undef SIGNED_BLOCK
#undef STORE
#undef MEET_UNSIGNED
#undef MEET_SIGNED
#undef MEET_SPLIT
#undef SUPERBLOCK
