// What dispatch.c collects: one vector table and one row table per instruction set.

#ifndef TL_TABLES_H
#define TL_TABLES_H

#include "CKernels.h"

extern const tl_vector_kernels tl_scalar_vector_kernels;
extern const tl_attention_kernels tl_scalar_attention_kernels;
const tl_row_kernels *tl_scalar_row_kernels(uint32_t ggml_type);

#if defined(__x86_64__)
extern const tl_vector_kernels tl_avx2_vector_kernels;
extern const tl_attention_kernels tl_avx2_attention_kernels;
const tl_row_kernels *tl_avx2_row_kernels(uint32_t ggml_type);
#endif

#endif
