// Which kernels run: asked once per table by the caller, decided by the processor, or by the environment
// where a lesser set is to be tried.

#include <stdlib.h>
#include <string.h>

#include "tables.h"

// By their numbers.
static const char *const names[] = {"scalar", "avx2", "avx-vnni", "avx512"};

#if defined(__x86_64__)
static int has(int instruction_set) {
    __builtin_cpu_init();
    const int avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    switch (instruction_set) {
        case TL_INSTRUCTIONS_AVX2: return avx2;
        case TL_INSTRUCTIONS_AVX_VNNI: return avx2 && __builtin_cpu_supports("avxvnni");
        case TL_INSTRUCTIONS_AVX512:
            return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
                && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
                && __builtin_cpu_supports("avx512vnni");
        default: return instruction_set == TL_INSTRUCTIONS_SCALAR;
    }
}

// The later sets add to AVX2 for some products alone; everything else runs AVX2's kernels.
static int is_avx2(int instruction_set) {
    return instruction_set != TL_INSTRUCTIONS_SCALAR && has(instruction_set);
}
#endif

int tl_has_instruction_set(int instruction_set) {
#if defined(__x86_64__)
    return has(instruction_set);
#else
    return instruction_set == TL_INSTRUCTIONS_SCALAR;
#endif
}

static int best = TL_INSTRUCTIONS_SCALAR;
static const char *refused;

// Before anything runs, so that everything is computed with one set.
__attribute__((constructor)) static void choose(void) {
    for (int set = TL_INSTRUCTIONS_AVX512; set > best; set--) {
        if (tl_has_instruction_set(set)) best = set;
    }
    const char *wanted = getenv(TL_INSTRUCTION_SET_VARIABLE);
    if (!wanted || !*wanted) return;
    for (int set = TL_INSTRUCTIONS_SCALAR; set <= TL_INSTRUCTIONS_AVX512; set++) {
        if (!strcmp(wanted, names[set]) && tl_has_instruction_set(set)) {
            best = set;
            return;
        }
    }
    refused = wanted;
}

int tl_best_instruction_set(void) { return best; }

const char *tl_refused_instruction_set(void) { return refused; }

const char *tl_instruction_set_name(int instruction_set) {
    const int is_known = instruction_set >= TL_INSTRUCTIONS_SCALAR && instruction_set <= TL_INSTRUCTIONS_AVX512;
    return is_known ? names[instruction_set] : NULL;
}

const tl_row_kernels *tl_row_kernels_for(uint32_t ggml_type, int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return tl_scalar_row_kernels(ggml_type);
#if defined(__x86_64__)
    if (is_avx2(instruction_set)) {
        return tl_avx2_row_kernels(ggml_type);
    }
#endif
    return NULL;
}

const tl_vector_kernels *tl_vector_kernels_for(int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return &tl_scalar_vector_kernels;
#if defined(__x86_64__)
    if (is_avx2(instruction_set)) {
        return &tl_avx2_vector_kernels;
    }
#endif
    return NULL;
}

const tl_attention_kernels *tl_attention_kernels_for(int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return &tl_scalar_attention_kernels;
#if defined(__x86_64__)
    if (instruction_set == TL_INSTRUCTIONS_AVX512 && has(instruction_set)) return &tl_avx512_attention_kernels;
    if (is_avx2(instruction_set)) return &tl_avx2_attention_kernels;
#endif
    return NULL;
}

const tl_panel_kernels *tl_panel_kernels_for(int instruction_set) {
    if (instruction_set == TL_INSTRUCTIONS_SCALAR) return &tl_scalar_panel_kernels;
#if defined(__x86_64__)
    if (instruction_set == TL_INSTRUCTIONS_AVX512 && has(instruction_set)) return &tl_avx512_panel_kernels;
    if (is_avx2(instruction_set)) return &tl_avx2_panel_kernels;
#endif
    return NULL;
}

const tl_interleaved_kernels *tl_interleaved_kernels_for(uint32_t ggml_type, int instruction_set) {
#if defined(__x86_64__)
    if (!has(instruction_set)) return NULL;
    if (instruction_set == TL_INSTRUCTIONS_AVX512) return tl_avx512_interleaved_kernels(ggml_type);
    if (instruction_set == TL_INSTRUCTIONS_AVX_VNNI) return tl_vnni_interleaved_kernels(ggml_type);
    if (instruction_set == TL_INSTRUCTIONS_AVX2) return tl_avx2_interleaved_kernels(ggml_type);
#endif
    return NULL;
}

const tl_parted_kernels *tl_parted_kernels_for(uint32_t ggml_type, int instruction_set) {
#if defined(__x86_64__)
    if (!has(instruction_set)) return NULL;
    if (instruction_set == TL_INSTRUCTIONS_AVX512) return tl_avx512_parted_kernels(ggml_type);
    if (instruction_set == TL_INSTRUCTIONS_AVX_VNNI) return tl_vnni_parted_kernels(ggml_type);
    if (instruction_set == TL_INSTRUCTIONS_AVX2) return tl_avx2_parted_kernels(ggml_type);
#endif
    return NULL;
}

void tl_quantize_activations(const float *x, int8_t *quants, float *scales, int16_t *sums, size_t n) {
    tl_vector_kernels_for(tl_best_instruction_set())->quantize_activations(x, quants, scales, sums, n);
}

void tl_quantize_activations16(const float *x, int16_t *quants, float *scales, size_t n) {
    tl_vector_kernels_for(tl_best_instruction_set())->quantize_activations16(x, quants, scales, n);
}

static void encode_f16(const float *x, void *row, size_t n) {
    tl_vector_kernels_for(tl_best_instruction_set())->half_from_float(x, row, n);
}

#if defined(__x86_64__)
#define TL_SUPERBLOCK_ENCODER(name) \
    is_avx2(instruction_set) ? tl_avx2_encode_##name : tl_scalar_encode_##name
#else
#define TL_SUPERBLOCK_ENCODER(name) tl_scalar_encode_##name
#endif

tl_encoder tl_encoder_for(uint32_t ggml_type, int instruction_set) {
    switch (ggml_type) {
        case TL_TYPE_F32: return tl_encode_f32;
        case TL_TYPE_F16: return encode_f16;
        case TL_TYPE_BF16: return tl_encode_bf16;
        case TL_TYPE_Q4_0: return tl_encode_q4_0;
        case TL_TYPE_Q4_1: return tl_encode_q4_1;
        case TL_TYPE_Q5_0: return tl_encode_q5_0;
        case TL_TYPE_Q5_1: return tl_encode_q5_1;
        case TL_TYPE_Q8_0: return tl_encode_q8_0;
        case TL_TYPE_Q2_K: return TL_SUPERBLOCK_ENCODER(q2_k);
        case TL_TYPE_Q3_K: return TL_SUPERBLOCK_ENCODER(q3_k);
        case TL_TYPE_Q4_K: return TL_SUPERBLOCK_ENCODER(q4_k);
        case TL_TYPE_Q5_K: return TL_SUPERBLOCK_ENCODER(q5_k);
        case TL_TYPE_Q6_K: return TL_SUPERBLOCK_ENCODER(q6_k);
        default: return NULL;
    }
}
