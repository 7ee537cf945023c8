// Rows times int8 activations for AVX2.
//
// Everywhere: `maddubs` multiplies unsigned quants with signed activations and adds pairs into 16 bits. The
// largest pair is 2 · 128 · 127 = 32512 (Q8_0), so it never saturates. `madd` adds pairs again into 32 bits,
// there exact; every group's 8 partial sums become float32 (exact: below 2^24) and are multiplied by the
// group's factor into one of four accumulators. What a type subtracts from its quants, or adds per group,
// multiplies the activations' ready-made sums instead, for four or eight groups at once.

#include "avx2_unpack.h"

#if defined(__x86_64__)

#include "rows.h"
#include "tables.h"

TL_AVX2_BEGIN

TL_INLINE __m256i pairs_to_words(__m256i pairs) { return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)); }

// Signed weights: |w| and a with the sign of w.
TL_INLINE __m256i signed_pairs(__m256i weights, __m256i activations) {
    return _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(activations, weights));
}

TL_INLINE __m256 accumulate(__m256 sum, __m256i words, __m256 factor) {
    return _mm256_fmadd_ps(_mm256_cvtepi32_ps(words), factor, sum);
}

// -- Blocks of 32, four at a time

TL_INLINE __m256i block_pairs(uint32_t type, const void *block, __m256i activations) {
    switch (type) {
        case TL_TYPE_Q4_0: return _mm256_maddubs_epi16(tl_unpack_q4_0(block), activations);
        case TL_TYPE_Q4_1: return _mm256_maddubs_epi16(tl_unpack_q4_1(block), activations);
        case TL_TYPE_Q5_0: return _mm256_maddubs_epi16(tl_unpack_q5_0(block), activations);
        case TL_TYPE_Q5_1: return _mm256_maddubs_epi16(tl_unpack_q5_1(block), activations);
        case TL_TYPE_Q8_0: return signed_pairs(tl_unpack_q8_0(block), activations);
        default: return signed_pairs(tl_unpack_iq4_nl(block), activations);
    }
}

TL_INLINE uint16_t half_at(const uint8_t *bytes) {
    uint16_t half;
    memcpy(&half, bytes, 2);
    return half;
}

// The halves at the same place of four blocks.
TL_INLINE __m128 four_halves(const uint8_t *bytes, size_t stride) {
    return _mm_cvtph_ps(_mm_setr_epi16(
        (short)half_at(bytes), (short)half_at(bytes + stride), (short)half_at(bytes + 2 * stride),
        (short)half_at(bytes + 3 * stride), 0, 0, 0, 0));
}

// `type` and `stride` are constants in every caller. All these blocks begin with the
// scale; the offset follows it.
TL_INLINE float dot_blocks(
    uint32_t type, size_t stride, const void *row, const int8_t *quants, const float *scales,
    const int16_t *sums, size_t n) {
    const int has_offset = type == TL_TYPE_Q4_1 || type == TL_TYPE_Q5_1;
    const float subtracted = type == TL_TYPE_Q4_0 ? 8 : type == TL_TYPE_Q5_0 ? 16 : 0;
    const uint8_t *block = row;
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    __m128 offsets = _mm_setzero_ps();
    for (; n >= 128; n -= 128, block += 4 * stride, quants += 128, scales += 4, sums += 8) {
        const __m128 activation_scales = _mm_loadu_ps(scales);
        const __m128 factors = _mm_mul_ps(four_halves(block, stride), activation_scales);
        if (has_offset || subtracted != 0) {
            const __m128i eight = _mm_loadu_si128((const __m128i *)sums);
            const __m128 four = _mm_cvtepi32_ps(_mm_madd_epi16(eight, _mm_set1_epi16(1)));
            const __m128 offset = has_offset ? _mm_mul_ps(four_halves(block + 2, stride), activation_scales)
                                             : _mm_mul_ps(factors, _mm_set1_ps(-subtracted));
            offsets = _mm_fmadd_ps(offset, four, offsets);
        }
        const __m256i p = block_pairs(type, block, tl_load(quants));
        const __m256i q = block_pairs(type, block + stride, tl_load(quants + 32));
        const __m256i r = block_pairs(type, block + 2 * stride, tl_load(quants + 64));
        const __m256i s = block_pairs(type, block + 3 * stride, tl_load(quants + 96));
        a = accumulate(a, pairs_to_words(p), _mm256_broadcastss_ps(factors));
        b = accumulate(b, pairs_to_words(q), _mm256_broadcastss_ps(_mm_permute_ps(factors, 0x55)));
        c = accumulate(c, pairs_to_words(r), _mm256_broadcastss_ps(_mm_permute_ps(factors, 0xaa)));
        d = accumulate(d, pairs_to_words(s), _mm256_broadcastss_ps(_mm_permute_ps(factors, 0xff)));
    }
    float rest = 0;
    for (; n >= 32; n -= 32, block += stride, quants += 32, scales++, sums += 2) {
        const float factor = _cvtsh_ss(half_at(block)) * *scales;
        const float sum = (float)(sums[0] + sums[1]);
        if (has_offset) rest += _cvtsh_ss(half_at(block + 2)) * *scales * sum;
        if (subtracted != 0) rest -= factor * subtracted * sum;
        a = accumulate(a, pairs_to_words(block_pairs(type, block, tl_load(quants))), _mm256_set1_ps(factor));
    }
    a = _mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d));
    return tl_sum(_mm256_add_ps(a, _mm256_zextps128_ps256(offsets))) + rest;
}

#define DOT_BLOCKS(name, TYPE) \
    float tl_avx2_dot_int8_##name( \
        const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) { \
        return dot_blocks(TL_TYPE_##TYPE, sizeof(tl_##name), row, quants, scales, sums, n); \
    }
TL_SMALL_BLOCK_TYPES(DOT_BLOCKS)

// -- Superblocks with a scale per 32: the factors of all eight groups are made at once

TL_INLINE __m256 eight_bytes(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)); }
TL_INLINE __m256 broadcast_half(uint16_t bits) { return _mm256_set1_ps(_cvtsh_ss(bits)); }

TL_INLINE __m256 sum_accumulators(const __m256 sums[4]) {
    return _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
}

#define DOT_Q4_K(name) \
    float tl_avx2_dot_int8_##name( \
        const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) { \
        __m256 result[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()}; \
        __m256 mins = _mm256_setzero_ps(); \
        for (const tl_##name *block = row; n >= 256; n -= 256, block++, quants += 256, scales += 8, sums += 16) { \
            const __m128i packed = tl_avx2_q4_k_scales(block->scales); \
            const __m256 activation_scales = _mm256_loadu_ps(scales); \
            const __m256 scale = _mm256_mul_ps(broadcast_half(block->scale), activation_scales); \
            const __m256 min = _mm256_mul_ps(broadcast_half(block->min), activation_scales); \
            float factors[8]; \
            _mm256_storeu_ps(factors, _mm256_mul_ps(scale, eight_bytes(packed))); \
            const __m256 offsets = _mm256_mul_ps(min, eight_bytes(_mm_srli_si128(packed, 8))); \
            const __m256 totals = _mm256_cvtepi32_ps(pairs_to_words(tl_load(sums))); \
            mins = _mm256_fmadd_ps(offsets, totals, mins); \
            _Pragma("clang loop unroll(full)") \
            for (int g = 0; g < 8; g++) { \
                const __m256i pairs = _mm256_maddubs_epi16(tl_unpack_##name(block, g), tl_load(quants + 32 * g)); \
                result[g % 4] = accumulate(result[g % 4], pairs_to_words(pairs), _mm256_broadcast_ss(factors + g)); \
            } \
        } \
        return tl_sum(_mm256_sub_ps(sum_accumulators(result), mins)); \
    }
DOT_Q4_K(q4_k)
DOT_Q4_K(q5_k)

float tl_avx2_dot_int8_iq4_xs(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    (void)sums;
    __m256 result[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    for (const tl_iq4_xs *block = row; n >= 256; n -= 256, block++, quants += 256, scales += 8) {
        const __m256 scale = _mm256_mul_ps(broadcast_half(block->scale), _mm256_loadu_ps(scales));
        const __m256 steps = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(tl_avx2_iq4_xs_scales(block)));
        float factors[8];
        _mm256_storeu_ps(factors, _mm256_mul_ps(scale, steps));
#pragma clang loop unroll(full)
        for (int g = 0; g < 8; g++) {
            const __m256i pairs = signed_pairs(tl_unpack_iq4_xs(block, g), tl_load(quants + 32 * g));
            result[g % 4] = accumulate(result[g % 4], pairs_to_words(pairs), _mm256_broadcast_ss(factors + g));
        }
    }
    return tl_sum(sum_accumulators(result));
}

// -- Superblocks with a scale per 16: the scales go into `madd`, whose lower lane holds the first 16 elements

// Scales 2g of all groups in the lower lane, 2g + 1 in the upper.
TL_INLINE __m256i split_scales(__m128i bytes) {
    const __m128i order = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    return _mm256_cvtepi8_epi16(_mm_shuffle_epi8(bytes, order));
}

// Word g of each lane, everywhere in that lane.
TL_INLINE __m256i scales_of_group(__m256i split, int g) {
    return _mm256_shuffle_epi8(split, _mm256_set1_epi16((short)((2 * g + 1) << 8 | 2 * g)));
}

// Σ over each group's two halves of byte · activation sum, as eight floats.
TL_INLINE __m256 weighted_sums(__m128i bytes, const int16_t *sums) {
    return _mm256_cvtepi32_ps(_mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), tl_load(sums)));
}

#define SUPERBLOCK_OF_16(name, SCALES, OFFSET_BYTES, OFFSET_FACTOR) \
    float tl_avx2_dot_int8_##name( \
        const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) { \
        __m256 result[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()}; \
        __m256 offsets = _mm256_setzero_ps(); \
        for (const tl_##name *block = row; n >= 256; n -= 256, block++, quants += 256, scales += 8, sums += 16) { \
            const __m128i bytes = SCALES; \
            const __m256i split = split_scales(bytes); \
            const __m256 activation_scales = _mm256_loadu_ps(scales); \
            float factors[8]; \
            _mm256_storeu_ps(factors, _mm256_mul_ps(broadcast_half(block->scale), activation_scales)); \
            const __m256 offset = _mm256_mul_ps(OFFSET_FACTOR, activation_scales); \
            offsets = _mm256_fmadd_ps(offset, weighted_sums(OFFSET_BYTES, sums), offsets); \
            _Pragma("clang loop unroll(full)") \
            for (int g = 0; g < 8; g++) { \
                const __m256i pairs = _mm256_maddubs_epi16(tl_unpack_##name(block, g), tl_load(quants + 32 * g)); \
                const __m256i words = _mm256_madd_epi16(pairs, scales_of_group(split, g)); \
                result[g % 4] = accumulate(result[g % 4], words, _mm256_broadcast_ss(factors + g)); \
            } \
        } \
        return tl_sum(_mm256_sub_ps(sum_accumulators(result), offsets)); \
    }

#define LOW_FOUR _mm_set1_epi8(15)
#define Q2_SCALES _mm_loadu_si128((const __m128i *)block->scales)
SUPERBLOCK_OF_16(
    q2_k, _mm_and_si128(Q2_SCALES, LOW_FOUR), _mm_and_si128(_mm_srli_epi16(Q2_SCALES, 4), LOW_FOUR),
    broadcast_half(block->min))
SUPERBLOCK_OF_16(
    q3_k, tl_avx2_q3_k_scales(block->scales), bytes,
    _mm256_mul_ps(broadcast_half(block->scale), _mm256_set1_ps(4)))
SUPERBLOCK_OF_16(
    q6_k, _mm_loadu_si128((const __m128i *)block->scales), bytes,
    _mm256_mul_ps(broadcast_half(block->scale), _mm256_set1_ps(32)))

TL_AVX2_END

// -- The table

const tl_row_kernels *tl_avx2_row_kernels(uint32_t ggml_type) {
    switch (ggml_type) {
#define FLOAT_CASE(name, TYPE) TL_FLOAT_CASE(avx2, name, TYPE)
        TL_FLOAT_TYPES(FLOAT_CASE)
#define QUANTIZED_CASE(name, TYPE) TL_QUANTIZED_CASE(avx2, name, TYPE)
        TL_QUANTIZED_TYPES(QUANTIZED_CASE)
        default: return NULL;
    }
}

#endif
