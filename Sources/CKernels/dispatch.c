// Which kernels run: asked once per table by the caller, decided by the processor.

#include "tables.h"

int tl_best_instruction_set(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
        return TL_INSTRUCTIONS_AVX2;
    }
#endif
    return TL_INSTRUCTIONS_SCALAR;
}

const tl_row_kernels *tl_row_kernels_for(uint32_t ggml_type, int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return tl_scalar_row_kernels(ggml_type);
#if defined(__x86_64__)
    if (instruction_set == TL_INSTRUCTIONS_AVX2 && tl_best_instruction_set() >= TL_INSTRUCTIONS_AVX2) {
        return tl_avx2_row_kernels(ggml_type);
    }
#endif
    return NULL;
}

const tl_vector_kernels *tl_vector_kernels_for(int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return &tl_scalar_vector_kernels;
#if defined(__x86_64__)
    if (instruction_set == TL_INSTRUCTIONS_AVX2 && tl_best_instruction_set() >= TL_INSTRUCTIONS_AVX2) {
        return &tl_avx2_vector_kernels;
    }
#endif
    return NULL;
}

const tl_attention_kernels *tl_attention_kernels_for(int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return &tl_scalar_attention_kernels;
#if defined(__x86_64__)
    if (instruction_set == TL_INSTRUCTIONS_AVX2 && tl_best_instruction_set() >= TL_INSTRUCTIONS_AVX2) {
        return &tl_avx2_attention_kernels;
    }
#endif
    return NULL;
}

void tl_quantize_activations(const float *x, int8_t *quants, float *scales, int16_t *sums, size_t n) {
    tl_vector_kernels_for(tl_best_instruction_set())->quantize_activations(x, quants, scales, sums, n);
}
