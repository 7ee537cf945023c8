// The packers of interleaved_pack.c, one pair for each type.

#ifndef TL_INTERLEAVED_PACK_H
#define TL_INTERLEAVED_PACK_H

#include <stddef.h>

#define TL_INTERLEAVED_TYPES(X) \
    X(q4_0, Q4_0, 0) X(q4_1, Q4_1, 0) X(q5_0, Q5_0, 0) X(q5_1, Q5_1, 0) X(q8_0, Q8_0, 0) X(iq4_nl, IQ4_NL, 0) \
    X(q2_k, Q2_K, 0) X(q3_k, Q3_K, 0) X(q4_k, Q4_K, 0) X(q5_k, Q5_K, 0) X(q6_k, Q6_K, 0) X(iq4_xs, IQ4_XS, 0) \
    X(f32, F32, 1) X(f16, F16, 1) X(bf16, BF16, 1)

#define TL_DECLARE(name, TYPE, takes_float) \
    size_t tl_x8_size_##name(size_t n); \
    void tl_x8_pack_##name(const void *rows, size_t row_bytes, size_t row_count, void *packed, size_t n);
TL_INTERLEAVED_TYPES(TL_DECLARE)
#undef TL_DECLARE

size_t tl_x8_size_q8_0_high(size_t n);
size_t tl_x8_size_q8_0_rest(size_t n);
void tl_x8_pack_q8_0_parted(
    const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n);

#endif
