// Names of the row kernels, one triple per type and instruction set.

#ifndef TL_ROWS_H
#define TL_ROWS_H

#include "CKernels.h"
#include "blocks.h"

#define TL_FLOAT_TYPES(X) X(f32, F32) X(f16, F16) X(bf16, BF16)
#define TL_SMALL_BLOCK_TYPES(X) \
    X(q4_0, Q4_0) X(q4_1, Q4_1) X(q5_0, Q5_0) X(q5_1, Q5_1) X(q8_0, Q8_0) X(iq4_nl, IQ4_NL)
#define TL_SUPERBLOCK_TYPES(X) \
    X(q2_k, Q2_K) X(q3_k, Q3_K) X(q4_k, Q4_K) X(q5_k, Q5_K) X(q6_k, Q6_K) X(iq4_xs, IQ4_XS)
#define TL_QUANTIZED_TYPES(X) TL_SMALL_BLOCK_TYPES(X) TL_SUPERBLOCK_TYPES(X)

#define TL_DECLARE(name, TYPE) \
    void tl_scalar_decode_##name(const void *row, float *out, size_t n); \
    float tl_scalar_dot_float_##name(const void *row, const float *x, size_t n); \
    void tl_avx2_decode_##name(const void *row, float *out, size_t n); \
    float tl_avx2_dot_float_##name(const void *row, const float *x, size_t n);
TL_FLOAT_TYPES(TL_DECLARE)
TL_QUANTIZED_TYPES(TL_DECLARE)
#undef TL_DECLARE

#define TL_DECLARE(name, TYPE) \
    float tl_scalar_dot_int8_##name( \
        const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n); \
    float tl_avx2_dot_int8_##name( \
        const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n);
TL_QUANTIZED_TYPES(TL_DECLARE)
#undef TL_DECLARE

// The body of a function ggml type -> table, for one instruction set.
#define TL_FLOAT_CASE(set, name, TYPE) \
    case TL_TYPE_##TYPE: { \
        static const tl_row_kernels kernels = { \
            tl_##set##_decode_##name, NULL, tl_##set##_dot_float_##name}; \
        return &kernels; \
    }
#define TL_QUANTIZED_CASE(set, name, TYPE) \
    case TL_TYPE_##TYPE: { \
        static const tl_row_kernels kernels = { \
            tl_##set##_decode_##name, tl_##set##_dot_int8_##name, tl_##set##_dot_float_##name}; \
        return &kernels; \
    }

#endif
