// Rows -> float32 for AVX2: decode, and the dot with float32 activations.
//
// Both are one walk over the row: each type unpacks a group of 32 quants and hands it to `emit`,
// which either stores the 32 values or multiplies them at once with 32 of x. So dot_float sees
// exactly the values that decode gives, and decode rounds exactly as the scalar decoder: no
// multiply-add before the value is complete.

#include "avx2_unpack.h"

#if defined(__x86_64__)

#include "half.h"
#include "rows.h"
#include "tables.h"

TL_AVX2_BEGIN

typedef struct {
    float *out;      // where decoded values go; NULL for a dot
    const float *x;  // what a dot multiplies with
    __m256 sums[4];
} walk;

typedef enum { unsigned_quants, signed_quants } signedness;

TL_INLINE void emit_eight(walk *w, int k, __m256 value) {
    if (w->out) {
        _mm256_storeu_ps(w->out + 8 * k, value);
    } else {
        w->sums[k] = _mm256_fmadd_ps(value, _mm256_loadu_ps(w->x + 8 * k), w->sums[k]);
    }
}

TL_INLINE void step(walk *w) {
    if (w->out) {
        w->out += 32;
    } else {
        w->x += 32;
    }
}

TL_INLINE __m256 widen(__m128i eight_bytes, signedness kind) {
    return _mm256_cvtepi32_ps(
        kind == signed_quants ? _mm256_cvtepi8_epi32(eight_bytes) : _mm256_cvtepu8_epi32(eight_bytes));
}

// 32 values: scale[i / 16] · quant
TL_INLINE void emit(walk *w, __m256i quants, signedness kind, __m256 scale0, __m256 scale1) {
    const __m128i first = _mm256_castsi256_si128(quants), second = _mm256_extracti128_si256(quants, 1);
    emit_eight(w, 0, _mm256_mul_ps(scale0, widen(first, kind)));
    emit_eight(w, 1, _mm256_mul_ps(scale0, widen(_mm_srli_si128(first, 8), kind)));
    emit_eight(w, 2, _mm256_mul_ps(scale1, widen(second, kind)));
    emit_eight(w, 3, _mm256_mul_ps(scale1, widen(_mm_srli_si128(second, 8), kind)));
    step(w);
}

// 32 values: scale[i / 16] · quant + offset[i / 16]
TL_INLINE void emit_offset(
    walk *w, __m256i quants, __m256 scale0, __m256 scale1, __m256 offset0, __m256 offset1) {
    const __m128i first = _mm256_castsi256_si128(quants), second = _mm256_extracti128_si256(quants, 1);
    const signedness kind = unsigned_quants;
    emit_eight(w, 0, _mm256_add_ps(_mm256_mul_ps(scale0, widen(first, kind)), offset0));
    emit_eight(w, 1, _mm256_add_ps(_mm256_mul_ps(scale0, widen(_mm_srli_si128(first, 8), kind)), offset0));
    emit_eight(w, 2, _mm256_add_ps(_mm256_mul_ps(scale1, widen(second, kind)), offset1));
    emit_eight(w, 3, _mm256_add_ps(_mm256_mul_ps(scale1, widen(_mm_srli_si128(second, 8), kind)), offset1));
    step(w);
}

TL_INLINE __m256 broadcast_half(uint16_t bits) { return _mm256_set1_ps(_cvtsh_ss(bits)); }

TL_INLINE __m256i minus(__m256i quants, char offset) {
    return _mm256_sub_epi8(quants, _mm256_set1_epi8(offset));
}

// -- Blocks of 32

TL_INLINE void walk_q4_0(walk *w, const tl_q4_0 *block) {
    const __m256 scale = broadcast_half(block->scale);
    emit(w, minus(tl_unpack_q4_0(block), 8), signed_quants, scale, scale);
}

TL_INLINE void walk_q4_1(walk *w, const tl_q4_1 *block) {
    const __m256 scale = broadcast_half(block->scale), offset = broadcast_half(block->offset);
    emit_offset(w, tl_unpack_q4_1(block), scale, scale, offset, offset);
}

TL_INLINE void walk_q5_0(walk *w, const tl_q5_0 *block) {
    const __m256 scale = broadcast_half(block->scale);
    emit(w, minus(tl_unpack_q5_0(block), 16), signed_quants, scale, scale);
}

TL_INLINE void walk_q5_1(walk *w, const tl_q5_1 *block) {
    const __m256 scale = broadcast_half(block->scale), offset = broadcast_half(block->offset);
    emit_offset(w, tl_unpack_q5_1(block), scale, scale, offset, offset);
}

TL_INLINE void walk_q8_0(walk *w, const tl_q8_0 *block) {
    const __m256 scale = broadcast_half(block->scale);
    emit(w, tl_unpack_q8_0(block), signed_quants, scale, scale);
}

TL_INLINE void walk_iq4_nl(walk *w, const tl_iq4_nl *block) {
    const __m256 scale = broadcast_half(block->scale);
    emit(w, tl_unpack_iq4_nl(block), signed_quants, scale, scale);
}

// -- Superblocks: the products scale · s stand in memory, from where a broadcast is free.

// factor · (float)byte of eight bytes
TL_INLINE void scale_bytes(float *out, __m256 factor, __m128i bytes, signedness kind) {
    _mm256_storeu_ps(out, _mm256_mul_ps(factor, widen(bytes, kind)));
}

TL_INLINE void walk_q2_k(walk *w, const tl_q2_k *block) {
    const __m128i packed = _mm_loadu_si128((const __m128i *)block->scales), low = _mm_set1_epi8(15);
    const __m128i factors = _mm_and_si128(packed, low), mins = _mm_and_si128(_mm_srli_epi16(packed, 4), low);
    const __m256 scale = broadcast_half(block->scale);
    // scale · q + (-min · m) is the same number as scale · q - min · m.
    const __m256 min = _mm256_sub_ps(_mm256_set1_ps(-0.0f), broadcast_half(block->min));
    float s[16], o[16];
    scale_bytes(s, scale, factors, unsigned_quants);
    scale_bytes(s + 8, scale, _mm_srli_si128(factors, 8), unsigned_quants);
    scale_bytes(o, min, mins, unsigned_quants);
    scale_bytes(o + 8, min, _mm_srli_si128(mins, 8), unsigned_quants);
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        emit_offset(
            w, tl_unpack_q2_k(block, g), _mm256_broadcast_ss(s + 2 * g), _mm256_broadcast_ss(s + 2 * g + 1),
            _mm256_broadcast_ss(o + 2 * g), _mm256_broadcast_ss(o + 2 * g + 1));
    }
}

TL_INLINE void walk_q3_k(walk *w, const tl_q3_k *block) {
    const __m128i factors = tl_avx2_q3_k_scales(block->scales);
    const __m256 scale = broadcast_half(block->scale);
    float s[16];
    scale_bytes(s, scale, factors, signed_quants);
    scale_bytes(s + 8, scale, _mm_srli_si128(factors, 8), signed_quants);
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        emit(
            w, minus(tl_unpack_q3_k(block, g), 4), signed_quants, _mm256_broadcast_ss(s + 2 * g),
            _mm256_broadcast_ss(s + 2 * g + 1));
    }
}

TL_INLINE void walk_q4_k(walk *w, const tl_q4_k *block) {
    const __m128i factors = tl_avx2_q4_k_scales(block->scales);
    const __m256 min = _mm256_sub_ps(_mm256_set1_ps(-0.0f), broadcast_half(block->min));
    float s[8], o[8];
    scale_bytes(s, broadcast_half(block->scale), factors, unsigned_quants);
    scale_bytes(o, min, _mm_srli_si128(factors, 8), unsigned_quants);
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        const __m256 scale = _mm256_broadcast_ss(s + g), offset = _mm256_broadcast_ss(o + g);
        emit_offset(w, tl_unpack_q4_k(block, g), scale, scale, offset, offset);
    }
}

TL_INLINE void walk_q5_k(walk *w, const tl_q5_k *block) {
    const __m128i factors = tl_avx2_q4_k_scales(block->scales);
    const __m256 min = _mm256_sub_ps(_mm256_set1_ps(-0.0f), broadcast_half(block->min));
    float s[8], o[8];
    scale_bytes(s, broadcast_half(block->scale), factors, unsigned_quants);
    scale_bytes(o, min, _mm_srli_si128(factors, 8), unsigned_quants);
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        const __m256 scale = _mm256_broadcast_ss(s + g), offset = _mm256_broadcast_ss(o + g);
        emit_offset(w, tl_unpack_q5_k(block, g), scale, scale, offset, offset);
    }
}

TL_INLINE void walk_q6_k(walk *w, const tl_q6_k *block) {
    const __m128i factors = _mm_loadu_si128((const __m128i *)block->scales);
    const __m256 scale = broadcast_half(block->scale);
    float s[16];
    scale_bytes(s, scale, factors, signed_quants);
    scale_bytes(s + 8, scale, _mm_srli_si128(factors, 8), signed_quants);
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        emit(
            w, minus(tl_unpack_q6_k(block, g), 32), signed_quants, _mm256_broadcast_ss(s + 2 * g),
            _mm256_broadcast_ss(s + 2 * g + 1));
    }
}

TL_INLINE void walk_iq4_xs(walk *w, const tl_iq4_xs *block) {
    const __m256i factors = _mm256_cvtepi16_epi32(tl_avx2_iq4_xs_scales(block));
    float s[8];
    _mm256_storeu_ps(s, _mm256_mul_ps(broadcast_half(block->scale), _mm256_cvtepi32_ps(factors)));
#pragma clang loop unroll(full)
    for (int g = 0; g < 8; g++) {
        const __m256 scale = _mm256_broadcast_ss(s + g);
        emit(w, tl_unpack_iq4_xs(block, g), signed_quants, scale, scale);
    }
}

TL_INLINE float finish(const walk *w) {
    return tl_sum(_mm256_add_ps(
        _mm256_add_ps(w->sums[0], w->sums[1]), _mm256_add_ps(w->sums[2], w->sums[3])));
}

#define ROW_KERNELS(name, elements) \
    void tl_avx2_decode_##name(const void *row, float *out, size_t n) { \
        for (const tl_##name *block = row; n >= (elements); n -= (elements), block++, out += (elements)) { \
            walk w = {.out = out}; \
            walk_##name(&w, block); \
        } \
    } \
    float tl_avx2_dot_float_##name(const void *row, const float *x, size_t n) { \
        walk w = {.out = NULL, .x = x}; \
        for (const tl_##name *block = row; n >= (elements); n -= (elements), block++) walk_##name(&w, block); \
        return finish(&w); \
    }
#define ROW_KERNELS_32(name, TYPE) ROW_KERNELS(name, 32)
TL_SMALL_BLOCK_TYPES(ROW_KERNELS_32)
#define ROW_KERNELS_256(name, TYPE) ROW_KERNELS(name, 256)
TL_SUPERBLOCK_TYPES(ROW_KERNELS_256)

// -- Float types, of any length

TL_INLINE __m256 load_f32(const uint8_t *bytes) { return _mm256_loadu_ps((const float *)bytes); }
TL_INLINE __m256 load_f16(const uint8_t *bytes) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)bytes));
}
TL_INLINE __m256 load_bf16(const uint8_t *bytes) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)bytes));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

#define FLOAT_KERNELS(name, size) \
    void tl_avx2_decode_##name(const void *row, float *out, size_t n) { \
        const uint8_t *bytes = row; \
        for (; n >= 8; n -= 8, bytes += 8 * (size), out += 8) _mm256_storeu_ps(out, load_##name(bytes)); \
        tl_scalar_decode_##name(bytes, out, n); \
    } \
    float tl_avx2_dot_float_##name(const void *row, const float *x, size_t n) { \
        const uint8_t *bytes = row; \
        walk w = {.x = x}; \
        for (; n >= 32; n -= 32, bytes += 32 * (size), w.x += 32) { \
            for (int k = 0; k < 4; k++) emit_eight(&w, k, load_##name(bytes + 8 * k * (size))); \
        } \
        for (; n >= 8; n -= 8, bytes += 8 * (size), w.x += 8) emit_eight(&w, 0, load_##name(bytes)); \
        return finish(&w) + tl_scalar_dot_float_##name(bytes, w.x, n); \
    }
FLOAT_KERNELS(f32, 4)
FLOAT_KERNELS(f16, 2)
FLOAT_KERNELS(bf16, 2)

TL_AVX2_END

#endif
