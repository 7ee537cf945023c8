// Quantisation blocks -> 32 quants, one a byte, in the order of the elements. Decoders and integer dots start
// from the same bytes. Quants are unsigned unless said; what is subtracted from them stands beside each type.

#ifndef TL_AVX2_UNPACK_H
#define TL_AVX2_UNPACK_H

#include "avx2_target.h"

#if defined(__x86_64__)

#include <string.h>

#include "blocks.h"

TL_AVX2_BEGIN

TL_INLINE __m256i tl_load(const void *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

TL_INLINE uint32_t tl_word(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

// -- Blocks of 32

// 16 bytes -> 16 low nibbles, then 16 high ones.
TL_INLINE __m256i tl_nibbles(const uint8_t *bytes) {
    const __m128i packed = _mm_loadu_si128((const __m128i *)bytes);
    const __m256i both = _mm256_set_m128i(_mm_srli_epi16(packed, 4), packed);
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

// Bit j of the word -> 16 in byte j.
TL_INLINE __m256i tl_fifth_bits(uint32_t word) {
    const __m256i source = _mm256_setr_epi64x(
        0x0000000000000000, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
    const __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int)word), source);
    const __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
    return _mm256_and_si256(set, _mm256_set1_epi8(16));
}

TL_INLINE __m256i tl_unpack_q4_0(const tl_q4_0 *block) { return tl_nibbles(block->quants); }  // - 8
TL_INLINE __m256i tl_unpack_q4_1(const tl_q4_1 *block) { return tl_nibbles(block->quants); }
TL_INLINE __m256i tl_unpack_q5_0(const tl_q5_0 *block) {  // - 16
    return _mm256_or_si256(tl_nibbles(block->quants), tl_fifth_bits(block->high));
}
TL_INLINE __m256i tl_unpack_q5_1(const tl_q5_1 *block) {
    return _mm256_or_si256(tl_nibbles(block->quants), tl_fifth_bits(block->high));
}
TL_INLINE __m256i tl_unpack_q8_0(const tl_q8_0 *block) { return tl_load(block->quants); }  // signed

// Nibbles -> the signed values of the IQ4 types.
TL_INLINE __m256i tl_iq4_lookup(__m256i nibbles) {
    const __m128i values = _mm_loadu_si128((const __m128i *)tl_iq4_values);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(values), nibbles);
}
TL_INLINE __m256i tl_unpack_iq4_nl(const tl_iq4_nl *block) {  // signed
    return tl_iq4_lookup(tl_nibbles(block->quants));
}

// -- Group g of a superblock. g is a constant after unrolling, and so are the shifts. There is no shift of bytes:
// the mask removes what a shift of 16 bits brought over from the neighbour.

TL_INLINE __m256i tl_unpack_q2_k(const tl_q2_k *block, int g) {
    const __m256i packed = tl_load(block->quants + 32 * (g / 4));
    return _mm256_and_si256(_mm256_srli_epi16(packed, 2 * (g % 4)), _mm256_set1_epi8(3));
}

TL_INLINE __m256i tl_unpack_q3_k(const tl_q3_k *block, int g) {  // - 4
    const __m256i low = tl_load(block->quants + 32 * (g / 4));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(tl_load(block->high), g), _mm256_set1_epi8(1));
    return _mm256_or_si256(
        _mm256_and_si256(_mm256_srli_epi16(low, 2 * (g % 4)), _mm256_set1_epi8(3)),
        _mm256_slli_epi16(high, 2));
}

TL_INLINE __m256i tl_unpack_q4_k(const tl_q4_k *block, int g) {
    const __m256i packed = tl_load(block->quants + 32 * (g / 2));
    return _mm256_and_si256(_mm256_srli_epi16(packed, 4 * (g % 2)), _mm256_set1_epi8(15));
}

TL_INLINE __m256i tl_unpack_q5_k(const tl_q5_k *block, int g) {
    const __m256i packed = tl_load(block->quants + 32 * (g / 2));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(tl_load(block->high), g), _mm256_set1_epi8(1));
    return _mm256_or_si256(
        _mm256_and_si256(_mm256_srli_epi16(packed, 4 * (g % 2)), _mm256_set1_epi8(15)),
        _mm256_slli_epi16(high, 4));
}

TL_INLINE __m256i tl_unpack_q6_k(const tl_q6_k *block, int g) {  // - 32
    const int half = g / 4, t = g % 4;
    const __m256i low = _mm256_srli_epi16(tl_load(block->low + 64 * half + 32 * (t % 2)), 4 * (t / 2));
    const __m256i high = _mm256_srli_epi16(tl_load(block->high + 32 * half), 2 * t);
    return _mm256_or_si256(
        _mm256_and_si256(low, _mm256_set1_epi8(15)),
        _mm256_slli_epi16(_mm256_and_si256(high, _mm256_set1_epi8(3)), 4));
}

TL_INLINE __m256i tl_unpack_iq4_xs(const tl_iq4_xs *block, int g) {  // signed
    return tl_iq4_lookup(tl_nibbles(block->quants + 16 * g));
}

// -- Scales of superblocks, one a byte or a 16-bit word. tl_q4_k_scales and its like in blocks.h say the same.

// Q4_K and Q5_K: scales in the low eight bytes, mins in the high.
TL_INLINE __m128i tl_avx2_q4_k_scales(const uint8_t packed[12]) {
    const uint32_t a = tl_word(packed), b = tl_word(packed + 4), c = tl_word(packed + 8);
    return _mm_setr_epi32(
        (int)(a & 0x3f3f3f3f), (int)((c & 0x0f0f0f0f) | (a >> 2 & 0x30303030)),  //
        (int)(b & 0x3f3f3f3f), (int)((c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030)));
}

// Q3_K: sixteen signed bytes.
TL_INLINE __m128i tl_avx2_q3_k_scales(const uint8_t packed[12]) {
    const uint32_t a = tl_word(packed), b = tl_word(packed + 4), c = tl_word(packed + 8);
    const __m128i scales = _mm_setr_epi32(
        (int)((a & 0x0f0f0f0f) | (c << 4 & 0x30303030)), (int)((b & 0x0f0f0f0f) | (c << 2 & 0x30303030)),
        (int)((a >> 4 & 0x0f0f0f0f) | (c & 0x30303030)), (int)((b >> 4 & 0x0f0f0f0f) | (c >> 2 & 0x30303030)));
    return _mm_sub_epi8(scales, _mm_set1_epi8(32));
}

// IQ4_XS: eight signed 16-bit words. Multiplying by 2^(14 - 2g) moves bits 2g and 2g + 1
// to the top of word g.
TL_INLINE __m128i tl_avx2_iq4_xs_scales(const tl_iq4_xs *block) {
    const __m128i to_top = _mm_setr_epi16(1 << 14, 1 << 12, 1 << 10, 1 << 8, 1 << 6, 1 << 4, 1 << 2, 1);
    const __m128i all = _mm_set1_epi16((short)block->scales_high);
    const __m128i high = _mm_srli_epi16(_mm_mullo_epi16(all, to_top), 14);
    const uint32_t packed = tl_word(block->scales_low);
    const __m128i low = _mm_unpacklo_epi8(
        _mm_cvtsi32_si128((int)(packed & 0x0f0f0f0f)), _mm_cvtsi32_si128((int)(packed >> 4 & 0x0f0f0f0f)));
    return _mm_sub_epi16(
        _mm_or_si128(_mm_cvtepu8_epi16(low), _mm_slli_epi16(high, 4)), _mm_set1_epi16(32));
}

TL_AVX2_END

#endif
#endif
