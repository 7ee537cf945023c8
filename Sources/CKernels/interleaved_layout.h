// How eight interleaved rows lie in memory.
//
// A group is 32 elements of each of the eight rows. Its quants stand in planes of eight 32-bit
// words, one word a row; byte b of word v of a row is element 4v + b of the group, so that with w[v]
// for the bytes of v = 0 ... 7:
//
//     low    4 planes: w[v] & 15 in the low half of each byte, w[v + 4] & 15 in the high half
//     pairs  2 planes: two bits of each element, (w[v] >> shift & 3) << 2v for v = 0 ... 3, then for v = 4 ... 7
//     bits   1 plane:  one bit of each element, (w[v] >> shift & 1) << v
//     bytes  8 planes: w[v] itself

#ifndef TL_INTERLEAVED_LAYOUT_H
#define TL_INTERLEAVED_LAYOUT_H

#include <stdint.h>

#define TL_ROWS 8
typedef uint32_t tl_plane[TL_ROWS];

// Types with a scale, and perhaps an offset, for each group.
typedef struct { uint16_t scale[TL_ROWS]; tl_plane low[4]; } tl_x8_q4_0;  // also IQ4_NL
typedef struct { uint16_t scale[TL_ROWS], offset[TL_ROWS]; tl_plane low[4]; } tl_x8_q4_1;
typedef struct { uint16_t scale[TL_ROWS]; tl_plane bits, low[4]; } tl_x8_q5_0;
typedef struct { uint16_t scale[TL_ROWS], offset[TL_ROWS]; tl_plane bits, low[4]; } tl_x8_q5_1;
typedef struct { uint16_t scale[TL_ROWS]; tl_plane bytes[8]; } tl_x8_q8_0;

// F16 and BF16: twelve bits of fixed point, q / 2048 of the scale, a bfloat16 that no weight of the group
// reaches. Two weights to a word, two bytes each; of every four words three stand as q · 16, and what that
// leaves free holds the fourth's q, its four high bits first. What is left of a row's last group is zero.
typedef struct { uint16_t scale[TL_ROWS]; tl_plane words[4][3]; } tl_x8_fixed12;

// Types in two parts, so that the first can be read alone: a weight and an offset that was drawn for its
// column (interleaved_bounds.c) are added, and of the sum the first part holds h, in four bits. The second
// holds, for a row of groups, all b, a bit each, and then all that is left, l. In the first the groups stand
// in pairs, their blocks by turns: the widest vectors take sixteen rows from one stream.
//
//     Q8_0       q + dither = 18h + 9b + l, l = 0 ... 8
//     Q6_K       q + dither = 5h + 3b + l, l = 0 ... 2, and 0 ... 1 where b is 1; behind the blocks of a pair of groups stand the scales of their
//                superblocks
//     F16, BF16  q + dither = 274h + 137b + l, l = 0 ... 136; the bytes of a word are elements 4v, 4v + 2, 4v + 1 and 4v + 3, so that
//                every other byte makes two weights side by side
enum { TL_CELLS_Q8_0 = 18, TL_CELLS_Q6_K = 5, TL_CELLS_FIXED12 = 274 };
typedef struct {
    union {
        uint16_t scale[TL_ROWS];
        int8_t scales[2][TL_ROWS];  // Q6_K
    };
    tl_plane low[4];
} tl_x8_high;
typedef struct { tl_plane bits; } tl_x8_bits;
typedef struct { tl_plane low[4]; } tl_x8_q8_0_rest;
typedef struct { tl_plane pairs[2]; } tl_x8_q6_k_rest;
typedef struct { tl_plane bytes[8]; } tl_x8_fixed12_rest;

// Superblocks of eight groups.
typedef struct {
    uint16_t scale[TL_ROWS], min[TL_ROWS];
    struct { uint8_t scale[TL_ROWS], min[TL_ROWS]; tl_plane low[4]; } group[8];
} tl_x8_q4_k;
typedef struct {
    uint16_t scale[TL_ROWS], min[TL_ROWS];
    struct { uint8_t scale[TL_ROWS], min[TL_ROWS]; tl_plane bits, low[4]; } group[8];
} tl_x8_q5_k;
typedef struct {
    uint16_t scale[TL_ROWS];
    struct { int8_t scale[2][TL_ROWS]; tl_plane pairs[2], low[4]; } group[8];
} tl_x8_q6_k;
typedef struct {
    uint16_t scale[TL_ROWS];
    struct { int8_t scale[TL_ROWS][2]; tl_plane bits, pairs[2]; } group[8];
} tl_x8_q3_k;
typedef struct {
    uint16_t scale[TL_ROWS], min[TL_ROWS];
    struct { uint8_t scale_and_min[TL_ROWS][2]; tl_plane pairs[2]; } group[8];
} tl_x8_q2_k;
typedef struct {
    uint16_t scale[TL_ROWS];
    struct { int8_t scale[TL_ROWS]; tl_plane low[4]; } group[8];
} tl_x8_iq4_xs;

#endif
