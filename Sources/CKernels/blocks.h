// The quantisation blocks of ggml and GGUF files, byte for byte.
//
// Packed, because a row may start at any address of a mapped file: every access is then an unaligned one.
// float16 fields are kept as their bits.

#ifndef TL_BLOCKS_H
#define TL_BLOCKS_H

#include <assert.h>
#include <stdint.h>

#define TL_PACKED __attribute__((packed, aligned(1)))

// A float, half or bfloat of an unaligned row.
typedef struct TL_PACKED { float value; } tl_f32;
typedef struct TL_PACKED { uint16_t bits; } tl_u16;

// -- Blocks of 32. Byte j of `quants` holds element j in its low four bits and element j + 16 in its high four.

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · (q - 8)
    uint8_t quants[16];
} tl_q4_0;
static_assert(sizeof(tl_q4_0) == 18, "Q4_0");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · q + offset
    uint16_t offset;
    uint8_t quants[16];
} tl_q4_1;
static_assert(sizeof(tl_q4_1) == 20, "Q4_1");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · (q - 16)
    uint32_t high;   // bit j is bit 4 of element j
    uint8_t quants[16];
} tl_q5_0;
static_assert(sizeof(tl_q5_0) == 22, "Q5_0");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · q + offset
    uint16_t offset;
    uint32_t high;
    uint8_t quants[16];
} tl_q5_1;
static_assert(sizeof(tl_q5_1) == 24, "Q5_1");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · q
    int8_t quants[32];
} tl_q8_0;
static_assert(sizeof(tl_q8_0) == 34, "Q8_0");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · tl_iq4_values[q]
    uint8_t quants[16];
} tl_iq4_nl;
static_assert(sizeof(tl_iq4_nl) == 18, "IQ4_NL");

// -- Superblocks of 256, that is eight groups of 32. Two-bit quants: group g stands in bits 2·(g % 4) of the 32
// bytes from 32·(g / 4) on. Four-bit quants: group g is the low (g even) or high half of the 32 bytes from
// 32·(g / 2) on. Scales of 16 elements: group g has scales 2g and 2g + 1.

typedef struct TL_PACKED {
    uint8_t scales[16];  // per 16: scale in the low four bits, min in the high four
    uint8_t quants[64];
    uint16_t scale;  // w = scale · s · q - min · m
    uint16_t min;
} tl_q2_k;
static_assert(sizeof(tl_q2_k) == 84, "Q2_K");

typedef struct TL_PACKED {
    uint8_t high[32];    // bit g of byte l is bit 2 of element l of group g
    uint8_t quants[64];  // the low two bits
    uint8_t scales[12];  // sixteen of six bits, see tl_q3_k_scales
    uint16_t scale;      // w = scale · (s - 32) · (q - 4)
} tl_q3_k;
static_assert(sizeof(tl_q3_k) == 110, "Q3_K");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · s · q - min · m
    uint16_t min;
    uint8_t scales[12];  // eight scales and eight mins of six bits, see tl_q4_k_scales
    uint8_t quants[128];
} tl_q4_k;
static_assert(sizeof(tl_q4_k) == 144, "Q4_K");

typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · s · q - min · m
    uint16_t min;
    uint8_t scales[12];   // as in Q4_K
    uint8_t high[32];     // bit g of byte l is bit 4 of element l of group g
    uint8_t quants[128];  // the low four bits
} tl_q5_k;
static_assert(sizeof(tl_q5_k) == 176, "Q5_K");

// Q6_K alone orders its groups otherwise: of each half of 128, groups 0 and 1 are the low four bits of bytes
// 0-31 and 32-63 of that half's `low`, groups 2 and 3 the high four bits of the same; group t of the half has
// its upper two bits in bits 2t of that half's 32 bytes of `high`.
typedef struct TL_PACKED {
    uint8_t low[128];
    uint8_t high[64];
    int8_t scales[16];
    uint16_t scale;  // w = scale · s · (q - 32)
} tl_q6_k;
static_assert(sizeof(tl_q6_k) == 210, "Q6_K");

// Each group of 32 as an IQ4_NL block: 16 bytes, elements j and j + 16 in byte j.
typedef struct TL_PACKED {
    uint16_t scale;  // w = scale · (s - 32) · tl_iq4_values[q]
    uint16_t scales_high;  // bits 2g: the upper two bits of the scale of group g
    uint8_t scales_low[4];  // the lower four, two groups a byte
    uint8_t quants[128];
} tl_iq4_xs;
static_assert(sizeof(tl_iq4_xs) == 136, "IQ4_XS");

static const int8_t tl_iq4_values[16] = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
};

// -- Scales that are packed in six bits.

/// The eight scales and eight mins of Q4_K and Q5_K: the first four of each are the low six bits
/// of bytes 0-3 and 4-7; of the other four the low halves stand in bytes 8-11, the upper two
/// bits on top of the first four.
static inline void tl_q4_k_scales(const uint8_t packed[12], uint8_t scales[8], uint8_t mins[8]) {
    for (int i = 0; i < 4; i++) {
        scales[i] = packed[i] & 63;
        mins[i] = packed[i + 4] & 63;
        scales[i + 4] = (uint8_t)((packed[i + 8] & 15) | (packed[i] >> 6 << 4));
        mins[i + 4] = (uint8_t)(packed[i + 8] >> 4 | (packed[i + 4] >> 6 << 4));
    }
}

/// The sixteen scales of Q3_K, -32 ... 31: low halves of 0-7 and 8-15 in bytes 0-7, upper
/// two bits in bytes 8-11.
static inline void tl_q3_k_scales(const uint8_t packed[12], int8_t scales[16]) {
    for (int i = 0; i < 16; i++) {
        const int low = i < 8 ? packed[i] & 15 : packed[i - 8] >> 4;
        const int high = packed[8 + i % 4] >> (2 * (i / 4)) & 3;
        scales[i] = (int8_t)((low | high << 4) - 32);
    }
}

/// The eight scales of IQ4_XS, -32 ... 31.
static inline void tl_iq4_xs_scales(const tl_iq4_xs *block, int8_t scales[8]) {
    for (int g = 0; g < 8; g++) {
        const int low = block->scales_low[g / 2] >> (4 * (g % 2)) & 15;
        const int high = block->scales_high >> (2 * g) & 3;
        scales[g] = (int8_t)((low | high << 4) - 32);
    }
}

#endif
