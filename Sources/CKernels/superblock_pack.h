// Quants and scales of a superblock, a byte each -> the bits of blocks.h.

#ifndef TL_SUPERBLOCK_PACK_H
#define TL_SUPERBLOCK_PACK_H

#include <stdint.h>

// Two bits of each of 256 elements: group g of 32 in bits 2·(g % 4) of the bytes from 32·(g / 4) on.
static inline void pack_two_bits(const uint8_t quants[256], uint8_t packed[64]) {
    for (int half = 0; half < 2; half++) {
        for (int l = 0; l < 32; l++) {
            const uint8_t *q = quants + 128 * half + l;
            packed[32 * half + l] =
                (uint8_t)((q[0] & 3) | (q[32] & 3) << 2 | (q[64] & 3) << 4 | (q[96] & 3) << 6);
        }
    }
}

// Bit `bit` of each element: group g in bit g of 32 bytes.
static inline void pack_one_bit(const uint8_t quants[256], int bit, uint8_t packed[32]) {
    for (int l = 0; l < 32; l++) {
        int byte = 0;
        for (int group = 0; group < 8; group++) byte |= (quants[32 * group + l] >> bit & 1) << group;
        packed[l] = (uint8_t)byte;
    }
}

static inline void pack_four_bits(const uint8_t quants[256], uint8_t packed[128]) {
    for (int pair = 0; pair < 4; pair++) {
        for (int l = 0; l < 32; l++) {
            const uint8_t *q = quants + 64 * pair + l;
            packed[32 * pair + l] = (uint8_t)((q[0] & 15) | q[32] << 4);
        }
    }
}

// The inverse of tl_q4_k_scales.
static inline void pack_scales_and_mins(const uint8_t scales[8], const uint8_t mins[8], uint8_t packed[12]) {
    for (int i = 0; i < 4; i++) {
        packed[i] = (uint8_t)(scales[i] | scales[i + 4] >> 4 << 6);
        packed[i + 4] = (uint8_t)(mins[i] | mins[i + 4] >> 4 << 6);
        packed[i + 8] = (uint8_t)((scales[i + 4] & 15) | mins[i + 4] << 4);
    }
}

#endif
