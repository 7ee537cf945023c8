// What dispatch.c collects: one vector table and one row table per instruction set, and encoders.

#ifndef TL_TABLES_H
#define TL_TABLES_H

#include "CKernels.h"

extern const tl_vector_kernels tl_scalar_vector_kernels;
extern const tl_attention_kernels tl_scalar_attention_kernels;
extern const tl_panel_kernels tl_scalar_panel_kernels;
const tl_row_kernels *tl_scalar_row_kernels(uint32_t ggml_type);

void tl_encode_f32(const float *x, void *row, size_t n);
void tl_encode_bf16(const float *x, void *row, size_t n);
void tl_encode_q4_0(const float *x, void *row, size_t n);
void tl_encode_q4_1(const float *x, void *row, size_t n);
void tl_encode_q5_0(const float *x, void *row, size_t n);
void tl_encode_q5_1(const float *x, void *row, size_t n);
void tl_encode_q8_0(const float *x, void *row, size_t n);

#define TL_DECLARE(name) \
    void tl_scalar_encode_##name(const float *x, void *row, size_t n); \
    void tl_avx2_encode_##name(const float *x, void *row, size_t n);
TL_DECLARE(q2_k) TL_DECLARE(q3_k) TL_DECLARE(q4_k) TL_DECLARE(q5_k) TL_DECLARE(q6_k)
#undef TL_DECLARE

#if defined(__x86_64__)
extern const tl_vector_kernels tl_avx2_vector_kernels;
extern const tl_attention_kernels tl_avx2_attention_kernels;
extern const tl_attention_kernels tl_avx512_attention_kernels;
extern const tl_panel_kernels tl_avx2_panel_kernels;
extern const tl_panel_kernels tl_avx512_panel_kernels;
void tl_avx2_panel_pack(const float *rows, float *panel, size_t n);
const tl_row_kernels *tl_avx2_row_kernels(uint32_t ggml_type);
const tl_interleaved_kernels *tl_avx2_interleaved_kernels(uint32_t ggml_type);
const tl_interleaved_kernels *tl_vnni_interleaved_kernels(uint32_t ggml_type);
const tl_interleaved_kernels *tl_avx512_interleaved_kernels(uint32_t ggml_type);

// The same of types that lie in two parts.
const tl_parted_kernels *tl_avx2_parted_kernels(uint32_t ggml_type);
const tl_parted_kernels *tl_vnni_parted_kernels(uint32_t ggml_type);
const tl_parted_kernels *tl_avx512_parted_kernels(uint32_t ggml_type);
#endif

#endif
