// The arithmetic of Tiller: quantised rows, int8 activations and float vectors.
//
// Goals, in order: the same numbers on every machine up to stated rounding; no input byte that can make
// a kernel read or write out of bounds (sizes come from the caller alone); speed.
//
// Every kernel but those of interleaved rows exists as plain C (instruction set 0), which is the oracle of
// the tests and the fallback, and for x86-64 with AVX2, FMA and F16C (instruction set 1). Nothing here
// allocates or locks, and nothing changes once it is loaded.
//
// Weight rows may lie at any address: no alignment is assumed anywhere.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define TL_SENDABLE __attribute__((swift_attr("@Sendable")))  // tables of constants, never written
#else
#define TL_SENDABLE
#define _Nonnull
#define _Nullable
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------------------------- instruction sets

enum {
    TL_INSTRUCTIONS_SCALAR = 0,
    TL_INSTRUCTIONS_AVX2 = 1,      // AVX2 + FMA + F16C
    TL_INSTRUCTIONS_AVX_VNNI = 2,  // the same and AVX-VNNI
    TL_INSTRUCTIONS_AVX512 = 3,    // AVX2's and AVX-512 F, VL, BW, DQ and VNNI
};

/// The variable of the environment that names another instruction set than the best.
#define TL_INSTRUCTION_SET_VARIABLE "TILLER_INSTRUCTION_SET"

/// The best instruction set that this processor and its operating system support, or the one
/// that the environment names.
int tl_best_instruction_set(void);

/// What the environment names where that is none, or not there; NULL where nothing was refused.
const char *_Nullable tl_refused_instruction_set(void);

/// "scalar", "avx2", "avx-vnni" or "avx512"; NULL for any other number.
const char *_Nullable tl_instruction_set_name(int instruction_set);

/// Whether an instruction set is there: of the later ones a processor may have any.
int tl_has_instruction_set(int instruction_set);

// ------------------------------------------------------------------------------------- quantised rows

// The types of weights, numbered as in ggml and GGUF files.
enum {
    TL_TYPE_F32 = 0,
    TL_TYPE_F16 = 1,
    TL_TYPE_Q4_0 = 2,
    TL_TYPE_Q4_1 = 3,
    TL_TYPE_Q5_0 = 6,
    TL_TYPE_Q5_1 = 7,
    TL_TYPE_Q8_0 = 8,
    TL_TYPE_Q2_K = 10,
    TL_TYPE_Q3_K = 11,
    TL_TYPE_Q4_K = 12,
    TL_TYPE_Q5_K = 13,
    TL_TYPE_Q6_K = 14,
    TL_TYPE_IQ4_NL = 20,
    TL_TYPE_IQ4_XS = 23,
    TL_TYPE_BF16 = 30,
};

// int8 activations: the one format of the other side of an integer dot, for every quantised weight type.
// A structure of arrays; n % 32 == 0.
//
//     int8_t  quants[n]       round(x / scale), ties to even, -127 ... 127
//     float   scales[n / 32]  largest |x| of the 32, / 127
//     int16_t sums[n / 16]    sum of the quants of each 16: the mins and offsets of weights multiply this
//
// A group of 32 whose largest |x| is below 2^-120 becomes zeros. A group that holds a NaN or an infinity gets
// scale NaN (and zero quants), so that every dot with it is NaN instead of a wrong number.
//
// int16 activations, for interleaved F16 and BF16: the same with 32639 for 127 and 2^-110 for 2^-120, without
// sums. 32639 is 127 · 256 + 127, so that each is a high and a low byte with a sign.
enum { TL_LARGEST16 = 32639 };

/// What can be done with one row of one weight type. n counts elements, a multiple of the type's block size.
typedef struct TL_SENDABLE {
    /// row -> out[n], bit for bit as ggml's reference dequantisation rounds without fused multiply-add.
    void (*_Nonnull decode)(const void *_Nonnull row, float *_Nonnull out, size_t n);
    /// Σ row[i] · scale · quant[i]. NULL for F32, F16 and BF16, which dot_float serves.
    float (*_Nullable dot_int8)(
        const void *_Nonnull row, const int8_t *_Nonnull quants, const float *_Nonnull scales,
        const int16_t *_Nonnull sums, size_t n);
    /// Σ row[i] · x[i] in float32 with the values that decode gives, without a buffer.
    float (*_Nonnull dot_float)(const void *_Nonnull row, const float *_Nonnull x, size_t n);
} tl_row_kernels;

/// The kernels of a weight type; NULL where the type is not known or the instruction set is not there.
const tl_row_kernels *_Nullable tl_row_kernels_for(uint32_t ggml_type, int instruction_set);

/// float32 -> a row of a type, n a multiple of its block size, x finite: bit for bit as ggml's reference does
/// for floats and blocks of 32; for superblocks of 256 with no more error than the reference in total on
/// weights as models have them (single blocks may come out a little worse).
typedef void (*tl_encoder)(const float *_Nonnull x, void *_Nonnull row, size_t n);

/// The encoder of F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 or Q2_K ... Q6_K; NULL for all other types.
/// Every instruction set writes the same bytes.
tl_encoder _Nullable tl_encoder_for(uint32_t ggml_type, int instruction_set);

// -------------------------------------------------------------------------------------- float vectors

/// Arithmetic on float32 vectors of any length, 0 included. `out` may be one of the inputs itself, but may
/// not overlap one in part.
typedef struct TL_SENDABLE {
    /// out = weight · x / sqrt(mean(x²) + eps)
    void (*_Nonnull rms_norm)(
        const float *_Nonnull x, const float *_Nonnull weight, float *_Nonnull out, size_t n, float eps);
    /// out = gain · (x - mean(x)) / sqrt(mean((x - mean(x))²) + eps) + bias
    void (*_Nonnull layer_norm)(
        const float *_Nonnull x, const float *_Nonnull gain, const float *_Nonnull bias, float *_Nonnull out,
        size_t n, float eps);
    /// x += y
    void (*_Nonnull add)(float *_Nonnull x, const float *_Nonnull y, size_t n);
    /// x += s · y; s = 0 with finite y leaves every bit of x as it was, but for -0, which becomes +0 with +0
    void (*_Nonnull add_scaled)(float *_Nonnull x, const float *_Nonnull y, float s, size_t n);
    /// x *= s
    void (*_Nonnull scale)(float *_Nonnull x, float s, size_t n);
    /// Σ x · y
    float (*_Nonnull dot)(const float *_Nonnull x, const float *_Nonnull y, size_t n);
    /// x = exp(x - max) / Σ exp(x - max). -inf entries become 0; a row of nothing but
    /// -inf, or with a NaN, NaN.
    void (*_Nonnull softmax)(float *_Nonnull x, size_t n);
    /// x = exp(x - max), max to `largest`; gives Σ x: the parts of a softmax that is put
    /// together later. n > 0
    float (*_Nonnull exp_below)(float *_Nonnull x, size_t n, float *_Nonnull largest);
    /// out = silu(gate) · up, silu(g) = g / (1 + exp(-g)): the SwiGLU of the llama family
    void (*_Nonnull silu_mul)(
        const float *_Nonnull gate, const float *_Nonnull up, float *_Nonnull out, size_t n);
    /// out = gelu(gate) · up by the tanh form, gelu(g) = g / (1 + exp(-2·sqrt(2/π)·(g + 0.044715·g³)))
    void (*_Nonnull gelu_tanh_mul)(
        const float *_Nonnull gate, const float *_Nonnull up, float *_Nonnull out, size_t n);
    /// out = gelu(x) by the tanh form: the MLP of GPT-2 and Phi-2
    void (*_Nonnull gelu_tanh)(const float *_Nonnull x, float *_Nonnull out, size_t n);
    /// x = cap · tanh(x / cap), within 3e-7 of cap; cap > 0
    void (*_Nonnull soft_cap)(float *_Nonnull x, float cap, size_t n);
    /// The first of `n` values that is not below `threshold`, as one that is not a number
    /// is not; n where all are.
    size_t (*_Nonnull first_not_below)(const float *_Nonnull x, float threshold, size_t n);
    /// out = exp(x), relative error at most 2e-6; results below the smallest normal number may be 0
    void (*_Nonnull exp)(const float *_Nonnull x, float *_Nonnull out, size_t n);
    /// float32 -> float16 at any address, ties to even; from 65520 on infinite; NaN stays NaN, quiet
    void (*_Nonnull half_from_float)(const float *_Nonnull x, uint16_t *_Nonnull out, size_t n);
    /// float16 at any address -> float32, exact
    void (*_Nonnull float_from_half)(const uint16_t *_Nonnull x, float *_Nonnull out, size_t n);
    /// float32 -> int8 activations (above); n % 32 == 0. The same bits from every instruction set.
    void (*_Nonnull quantize_activations)(
        const float *_Nonnull x, int8_t *_Nonnull quants, float *_Nonnull scales, int16_t *_Nonnull sums,
        size_t n);
    /// float32 -> int16 activations (above), zeros up to a multiple of 32. The same bits
    /// from every instruction set.
    void (*_Nonnull quantize_activations16)(
        const float *_Nonnull x, int16_t *_Nonnull quants, float *_Nonnull scales, size_t n);
} tl_vector_kernels;

/// The vector kernels; NULL where the instruction set is not there.
const tl_vector_kernels *_Nullable tl_vector_kernels_for(int instruction_set);

/// float32 -> int8 activations with the best instruction set.
void tl_quantize_activations(
    const float *_Nonnull x, int8_t *_Nonnull quants, float *_Nonnull scales, int16_t *_Nonnull sums,
    size_t n);

/// float32 -> int16 activations with the best instruction set.
void tl_quantize_activations16(
    const float *_Nonnull x, int16_t *_Nonnull quants, float *_Nonnull scales, size_t n);

#include "attention.h"
#include "interleaved.h"
#include "panel.h"

/// Tells the processor that this thread spins on a flag.
static inline void tl_cpu_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

/// Has the processor bring `byte_count` bytes into its caches; nobody waits for them.
static inline void tl_ask_for(const void *_Nonnull start, size_t byte_count) {
    for (size_t line = 0; line < byte_count; line += 64) __builtin_prefetch((const char *)start + line);
}

#ifdef __cplusplus
}
#endif

#endif
