// The row kernels of AVX2 + FMA + F16C.

#include "tables.h"

#if defined(__x86_64__)
const tl_row_kernels *tl_avx2_row_kernels(uint32_t ggml_type) { return tl_scalar_row_kernels(ggml_type); }
#endif
