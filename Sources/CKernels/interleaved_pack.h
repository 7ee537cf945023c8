// The packers of interleaved_pack.c and interleaved_pack_fixed12.c, and the bounds of interleaved_bounds.c.

#ifndef TL_INTERLEAVED_PACK_H
#define TL_INTERLEAVED_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "CKernels.h"

#define TL_INTERLEAVED_TYPES(X) \
    X(q4_0, Q4_0, INT8) X(q4_1, Q4_1, INT8) X(q5_0, Q5_0, INT8) X(q5_1, Q5_1, INT8) X(q8_0, Q8_0, INT8) X(iq4_nl, IQ4_NL, INT8) \
    X(q2_k, Q2_K, INT8) X(q3_k, Q3_K, INT8) X(q4_k, Q4_K, INT8) X(q5_k, Q5_K, INT8) X(q6_k, Q6_K, INT8) X(iq4_xs, IQ4_XS, INT8) \
    X(f32, F32, FLOAT) X(f16, F16, INT16) X(bf16, BF16, INT16)

#define TL_DECLARE(name, TYPE, takes) \
    size_t tl_x8_size_##name(size_t n); \
    void tl_x8_pack_##name(const void *rows, size_t row_bytes, size_t row_count, void *packed, size_t n);
TL_INTERLEAVED_TYPES(TL_DECLARE)
#undef TL_DECLARE

// Types in two parts, the layout that they share and the form of activations that they take.
#define TL_PARTED_TYPES(X) X(q8_0, q8_0, Q8_0, INT8) X(q6_k, q6_k, Q6_K, INT8) X(f16, fixed12, F16, INT16) X(bf16, fixed12, BF16, INT16)

#define TL_DECLARE(layout) \
    size_t tl_x8_size_##layout##_high(size_t n); \
    size_t tl_x8_size_##layout##_rest(size_t n);
TL_DECLARE(q8_0)
TL_DECLARE(q6_k)
TL_DECLARE(fixed12)
#undef TL_DECLARE

// What was drawn for each column: of Q8_0 128 + 0 ... 17, of Q6_K 32 + 0 ... 4, of F16
// and BF16 2047 + 0 ... 273.
extern uint8_t tl_dither_q8_0[TL_LONGEST_PARTED];
extern uint8_t tl_dither_q6_k[TL_LONGEST_PARTED];
extern int16_t tl_dither_fixed12[TL_LONGEST_PARTED];

// How many floats of `reach` the columns of a scale have, which are 32, or 16 of Q6_K; behind all of them
// stand the bytes of int16 activations.
enum { TL_BOUND_FLOATS = 4 };

#define TL_DECLARE(layout) \
    void tl_prepare_##layout##_bound(size_t n, tl_columns column, float *reach); \
    tl_columns tl_centre_##layout(size_t n, tl_columns column, tl_columns mean, float *room, float *reach, float *share);
TL_DECLARE(q8_0)
TL_DECLARE(q6_k)
TL_DECLARE(fixed12)
#undef TL_DECLARE

#define TL_DECLARE(name, layout, TYPE, takes) \
    void tl_x8_pack_##name##_parted( \
        const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n);
TL_PARTED_TYPES(TL_DECLARE)
#undef TL_DECLARE

#endif
