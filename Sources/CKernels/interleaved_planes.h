// How the quants of a row come into the planes of interleaved_layout.h, and into the two
// parts of types that have them.

#ifndef TL_INTERLEAVED_PLANES_H
#define TL_INTERLEAVED_PLANES_H

#include <stddef.h>
#include <string.h>

#include "interleaved_layout.h"

static inline uint32_t word(const void *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return value;
}

static inline void put_low(const uint32_t w[8], tl_plane low[4], int row) {
    for (int v = 0; v < 4; v++) low[v][row] = (w[v] & 0x0F0F0F0F) | (w[v + 4] & 0x0F0F0F0F) << 4;
}

static inline void put_pairs(const uint32_t w[8], int shift, tl_plane pairs[2], int row) {
    for (int half = 0; half < 2; half++) {
        uint32_t plane = 0;
        for (int v = 0; v < 4; v++) plane |= (w[4 * half + v] >> shift & 0x03030303) << (2 * v);
        pairs[half][row] = plane;
    }
}

static inline void put_bits(const uint32_t w[8], int shift, tl_plane bits, int row) {
    uint32_t plane = 0;
    for (int v = 0; v < 8; v++) plane |= (w[v] >> shift & 0x01010101) << v;
    bits[row] = plane;
}

static inline void put_bytes(const uint32_t w[8], tl_plane bytes[8], int row) {
    for (int v = 0; v < 8; v++) bytes[v][row] = w[v];
}

// -- Two parts

// Where a group's blocks begin in the two parts.
typedef struct {
    tl_x8_high *high;  // every other block
    uint16_t *superscale;  // eight of a superblock, and then those of the other group of the pair
    tl_x8_bits *bits;
    void *rest;
} parts;

// The parts of a group, as zeros where rows are missing.
static inline parts parts_of(
    void *high, size_t high_size, void *rest, size_t rest_size, size_t group, size_t row_count, size_t n) {
    tl_x8_high *pair = (void *)((char *)high + group / 2 * 2 * high_size);
    parts x = {
        pair + group % 2, (uint16_t *)(pair + 2 * (n / 32)) + group % 2 * TL_ROWS, (void *)((char *)rest + group * rest_size), NULL};
    x.rest = x.bits + n / 32;
    if (row_count < TL_ROWS) {
        for (size_t k = 0; k < n / 32; k++) x.high[2 * k] = (tl_x8_high){0};
        memset(x.bits, 0, rest_size);
    }
    return x;
}

// `cells`: 2h + b.
static inline void put_cells(const uint32_t cells[8], const parts *x, size_t k, int row) {
    uint32_t top[8];
    for (int v = 0; v < 8; v++) top[v] = cells[v] >> 1 & 0x0F0F0F0F;
    put_low(top, x->high[2 * k].low, row);
    put_bits(cells, 0, x->bits[k].bits, row);
}

#endif
