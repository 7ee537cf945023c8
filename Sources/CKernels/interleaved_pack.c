// Repacks eight rows at a time into the layout of interleaved_layout.h. Runs once, at load; word-wise, because the
// time from the start to the first token counts.

#include <math.h>
#include <string.h>

#include "blocks.h"
#include "half.h"
#include "interleaved_layout.h"
#include "interleaved_pack.h"

static inline uint32_t word(const void *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return value;
}

// -- The quants of one group of one row, four to a word, as unsigned bytes.

static inline void split_nibbles(const uint8_t bytes[16], uint32_t w[8]) {
    for (int v = 0; v < 4; v++) {
        w[v] = word(bytes + 4 * v) & 0x0F0F0F0F;
        w[v + 4] = word(bytes + 4 * v) >> 4 & 0x0F0F0F0F;
    }
}

// Bit 4v + b of `bits` becomes bit `place` of byte b of word v.
static inline void add_bits(uint32_t bits, int place, uint32_t w[8]) {
    for (int v = 0; v < 8; v++) {
        const uint32_t four = bits >> (4 * v) & 15;
        w[v] |= ((four & 1) | (four & 2) << 7 | (four & 4) << 14 | (four & 8) << 21) << place;
    }
}

// Bits `shift` and up of 32 bytes.
static inline void take_bits(const uint8_t bytes[32], int shift, uint32_t mask, int place, uint32_t w[8]) {
    for (int v = 0; v < 8; v++) w[v] |= (word(bytes + 4 * v) >> shift & mask * 0x01010101u) << place;
}

static inline void words_q4_0(const tl_q4_0 *b, uint32_t w[8]) { split_nibbles(b->quants, w); }
static inline void words_q4_1(const tl_q4_1 *b, uint32_t w[8]) { split_nibbles(b->quants, w); }
static inline void words_iq4_nl(const tl_iq4_nl *b, uint32_t w[8]) { split_nibbles(b->quants, w); }
static inline void words_q5_0(const tl_q5_0 *b, uint32_t w[8]) {
    split_nibbles(b->quants, w);
    add_bits(b->high, 4, w);
}
static inline void words_q5_1(const tl_q5_1 *b, uint32_t w[8]) {
    split_nibbles(b->quants, w);
    add_bits(b->high, 4, w);
}
static inline void words_q8_0(const tl_q8_0 *b, uint32_t w[8]) { memcpy(w, b->quants, 32); }
static inline void words_q4_k(const tl_q4_k *b, int g, uint32_t w[8]) {
    take_bits(b->quants + 32 * (g / 2), 4 * (g % 2), 15, 0, w);
}
static inline void words_q5_k(const tl_q5_k *b, int g, uint32_t w[8]) {
    take_bits(b->quants + 32 * (g / 2), 4 * (g % 2), 15, 0, w);
    take_bits(b->high, g, 1, 4, w);
}
static inline void words_q6_k(const tl_q6_k *b, int g, uint32_t w[8]) {
    const int half = g / 4, t = g % 4;
    take_bits(b->low + 64 * half + 32 * (t % 2), 4 * (t / 2), 15, 0, w);
    take_bits(b->high + 32 * half, 2 * t, 3, 4, w);
}
static inline void words_q3_k(const tl_q3_k *b, int g, uint32_t w[8]) {
    take_bits(b->quants + 32 * (g / 4), 2 * (g % 4), 3, 0, w);
    take_bits(b->high, g, 1, 2, w);
}
static inline void words_q2_k(const tl_q2_k *b, int g, uint32_t w[8]) {
    take_bits(b->quants + 32 * (g / 4), 2 * (g % 4), 3, 0, w);
}
static inline void words_iq4_xs(const tl_iq4_xs *b, int g, uint32_t w[8]) {
    split_nibbles(b->quants + 16 * g, w);
}

// -- Planes

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

// -- Rows

// Walks the blocks of each row; `b` is a block of the row, `x` the packed block that it goes to. Rows that are not
// there stay zero, scale included.
#define PACK(name, elements, ...) \
    size_t tl_x8_size_##name(size_t n) { return n / elements * sizeof(tl_x8_##name); } \
    void tl_x8_pack_##name(const void *rows, size_t row_bytes, size_t row_count, void *packed, size_t n) { \
        if (row_count < TL_ROWS) memset(packed, 0, tl_x8_size_##name(n)); \
        for (int row = 0; row < (int)row_count; row++) { \
            const tl_##name *b = (const void *)((const char *)rows + (size_t)row * row_bytes); \
            tl_x8_##name *x = packed; \
            for (size_t i = 0; i < n; i += elements, b++, x++) { __VA_ARGS__ } \
        } \
    }

typedef tl_x8_q4_0 tl_x8_iq4_nl;

PACK(q4_0, 32, {
    uint32_t w[8];
    words_q4_0(b, w);
    x->scale[row] = b->scale;
    put_low(w, x->low, row);
})
PACK(q4_1, 32, {
    uint32_t w[8];
    words_q4_1(b, w);
    x->scale[row] = b->scale;
    x->offset[row] = b->offset;
    put_low(w, x->low, row);
})
PACK(iq4_nl, 32, {
    uint32_t w[8];
    words_iq4_nl(b, w);
    x->scale[row] = b->scale;
    put_low(w, x->low, row);
})
PACK(q5_0, 32, {
    uint32_t w[8];
    words_q5_0(b, w);
    x->scale[row] = b->scale;
    put_bits(w, 4, x->bits, row);
    put_low(w, x->low, row);
})
PACK(q5_1, 32, {
    uint32_t w[8];
    words_q5_1(b, w);
    x->scale[row] = b->scale;
    x->offset[row] = b->offset;
    put_bits(w, 4, x->bits, row);
    put_low(w, x->low, row);
})
PACK(q8_0, 32, {
    uint32_t w[8];
    words_q8_0(b, w);
    x->scale[row] = b->scale;
    put_bytes(w, x->bytes, row);
})

size_t tl_x8_size_high(size_t n) { return n / 32 * sizeof(tl_x8_high); }
size_t tl_x8_size_q8_0_rest(size_t n) { return n / 32 * (sizeof(tl_x8_bits) + sizeof(tl_x8_q8_0_rest)); }

// Where a group's blocks begin in the two parts.
typedef struct {
    tl_x8_high *high;  // every other block
    tl_x8_bits *bits;
    void *rest;
} parts;

// The parts of a group, as zeros where rows are missing.
static inline parts parts_of(
    void *high, void *rest, size_t rest_size, size_t group, size_t row_count, size_t n) {
    parts x = {(tl_x8_high *)high + group / 2 * 2 * (n / 32) + group % 2, (void *)((char *)rest + group * rest_size), NULL};
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

// A loop of 32 without branches.
static inline void cut_q8_0(const tl_q8_0 *b, const uint8_t dither[32], uint32_t cells[8], uint32_t left[8]) {
    uint8_t high[32], low[32];
    for (int i = 0; i < 32; i++) {
        const uint16_t sum = (uint16_t)(b->quants[i] + dither[i]);  // 0 ... 272
        const uint16_t cell = (uint16_t)((uint32_t)sum * 7282 >> 16);  // sum / 9
        high[i] = (uint8_t)cell;
        low[i] = (uint8_t)(sum - 9 * cell);
    }
    memcpy(cells, high, 32);
    memcpy(left, low, 32);
}

void tl_x8_pack_q8_0_parted(
    const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n) {
    const parts x = parts_of(high, rest, tl_x8_size_q8_0_rest(n), group, row_count, n);
    for (int row = 0; row < (int)row_count; row++) {
        const tl_q8_0 *b = (const void *)((const char *)rows + (size_t)row * row_bytes);
        for (size_t k = 0; k < n / 32; k++, b++) {
            uint32_t cells[8], left[8];
            cut_q8_0(b, tl_dither_q8_0 + 32 * k, cells, left);
            x.high[2 * k].scale[row] = b->scale;
            put_cells(cells, &x, k, row);
            put_low(left, ((tl_x8_q8_0_rest *)x.rest)[k].low, row);
        }
    }
}

PACK(q4_k, 256, {
    uint8_t scales[8], mins[8];
    tl_q4_k_scales(b->scales, scales, mins);
    x->scale[row] = b->scale;
    x->min[row] = b->min;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q4_k(b, g, w);
        x->group[g].scale[row] = scales[g];
        x->group[g].min[row] = mins[g];
        put_low(w, x->group[g].low, row);
    }
})
PACK(q5_k, 256, {
    uint8_t scales[8], mins[8];
    tl_q4_k_scales(b->scales, scales, mins);
    x->scale[row] = b->scale;
    x->min[row] = b->min;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q5_k(b, g, w);
        x->group[g].scale[row] = scales[g];
        x->group[g].min[row] = mins[g];
        put_bits(w, 4, x->group[g].bits, row);
        put_low(w, x->group[g].low, row);
    }
})
PACK(q6_k, 256, {
    x->scale[row] = b->scale;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q6_k(b, g, w);
        x->group[g].scale[0][row] = b->scales[2 * g];
        x->group[g].scale[1][row] = b->scales[2 * g + 1];
        put_pairs(w, 4, x->group[g].pairs, row);
        put_low(w, x->group[g].low, row);
    }
})
PACK(q3_k, 256, {
    int8_t scales[16];
    tl_q3_k_scales(b->scales, scales);
    x->scale[row] = b->scale;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q3_k(b, g, w);
        x->group[g].scale[0][row] = scales[2 * g];
        x->group[g].scale[1][row] = scales[2 * g + 1];
        put_bits(w, 2, x->group[g].bits, row);
        put_pairs(w, 0, x->group[g].pairs, row);
    }
})
PACK(q2_k, 256, {
    x->scale[row] = b->scale;
    x->min[row] = b->min;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q2_k(b, g, w);
        x->group[g].scale_and_min[0][row] = b->scales[2 * g];
        x->group[g].scale_and_min[1][row] = b->scales[2 * g + 1];
        put_pairs(w, 0, x->group[g].pairs, row);
    }
})
PACK(iq4_xs, 256, {
    int8_t scales[8];
    tl_iq4_xs_scales(b, scales);
    x->scale[row] = b->scale;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8];
        words_iq4_xs(b, g, w);
        x->group[g].scale[row] = scales[g];
        put_low(w, x->group[g].low, row);
    }
})

// -- F32: element k of the eight rows side by side.

size_t tl_x8_size_f32(size_t n) { return n * TL_ROWS * sizeof(float); }
void tl_x8_pack_f32(const void *rows, size_t row_bytes, size_t row_count, void *packed, size_t n) {
    uint32_t *out = packed;
    if (row_count < TL_ROWS) memset(packed, 0, tl_x8_size_f32(n));
    for (size_t row = 0; row < row_count; row++) {
        const char *in = (const char *)rows + row * row_bytes;
        for (size_t k = 0; k < n; k++) out[k * TL_ROWS + row] = word(in + 4 * k);
    }
}

// -- F16 and BF16 as fixed point of twelve bits. Loops of 32 without branches, which the compiler makes vectors of.

// What is not finite becomes an infinity, which the group's largest shows.
static inline void floats_f16(const uint16_t in[32], float out[32]) {
    for (int i = 0; i < 32; i++) {
        // The bits of a half below a float's exponent are |half| · 2^-112, exact; 2^-96 and more for what is not finite.
        const float magnitude = tl_float((uint32_t)(in[i] & 0x7fff) << 13) * 0x1p112f;
        const float known = magnitude < 0x1p16f ? magnitude : INFINITY;
        out[i] = tl_float(tl_bits(known) | (uint32_t)(in[i] & 0x8000) << 16);
    }
}
static inline void floats_bf16(const uint16_t in[32], float out[32]) {
    for (int i = 0; i < 32; i++) out[i] = tl_float_from_bfloat(in[i]);
}

// The smallest bfloat16 above `largest`, in bits, that leaves it 1920 / 2048 at most, which leaves room for what is
// added to bound products; NaN where it is not a number.
static inline uint16_t scale_above(uint32_t largest) {
    if (largest >= 0x7f800000) return 0x7fc0;
    const uint32_t above = tl_bits(tl_float(largest) * (2048.0f / 1920)) + 0xffff;
    return above >> 16 < 0x7f80 ? (uint16_t)(above >> 16) : 0x7fc0;
}

// `quants`: q · 16, in the bits of an int16.
static inline uint16_t fix_group(const float x[32], uint16_t quants[32]) {
    uint32_t largest = 0;
    for (int i = 0; i < 32; i++) {
        const uint32_t magnitude = tl_bits(x[i]) & 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
    }
    // Weights below 2^-110 count as zero: the inverse of a smaller scale would overflow.
    const uint16_t scale = largest < tl_bits(0x1p-110f) ? 0 : scale_above(largest);
    const int is_fixed = scale != 0 && scale != 0x7fc0;
    const float inverse = is_fixed ? 2048 / tl_float_from_bfloat(scale) : 0;
    const float round = 0x1.8p23f;  // from here on a float's unit in the last place is 1
    for (int i = 0; i < 32; i++) {
        quants[i] = is_fixed ? (uint16_t)((tl_bits(x[i] * inverse + round) - tl_bits(round)) << 4) : 0;
    }
    return scale;
}

static inline void put_fixed12(const uint16_t quants[32], tl_x8_fixed12 *x, int row) {
    for (int set = 0; set < 4; set++) {
        uint32_t w[4];
        for (int v = 0; v < 4; v++) w[v] = word(quants + 8 * set + 2 * v);
        for (int v = 0; v < 3; v++) x->words[set][v][row] = w[v] | (w[3] >> (12 - 4 * v) & 0x000F000F);
    }
}

#define PACK_FIXED12(name) \
    size_t tl_x8_size_##name(size_t n) { return (n + 31) / 32 * sizeof(tl_x8_fixed12); } \
    void tl_x8_pack_##name(const void *rows, size_t row_bytes, size_t row_count, void *packed, size_t n) { \
        if (row_count < TL_ROWS) memset(packed, 0, tl_x8_size_##name(n)); \
        for (int row = 0; row < (int)row_count; row++) { \
            const char *in = (const char *)rows + (size_t)row * row_bytes; \
            tl_x8_fixed12 *x = packed; \
            for (size_t k = 0; k < n; k += 32, in += 64, x++) { \
                uint16_t group[32] = {0}, quants[32]; \
                float values[32]; \
                memcpy(group, in, n - k < 32 ? 2 * (n - k) : 64); \
                floats_##name(group, values); \
                x->scale[row] = fix_group(values, quants); \
                put_fixed12(quants, x, row); \
            } \
        } \
    }

PACK_FIXED12(f16)
PACK_FIXED12(bf16)

size_t tl_x8_size_fixed12_rest(size_t n) { return n / 32 * (sizeof(tl_x8_bits) + sizeof(tl_x8_fixed12_rest)); }

static inline void put_fixed12_parts(const uint16_t quants[32], const int16_t dither[32], const parts *x, size_t k, int row) {
    uint32_t cells[8] = {0}, left[8] = {0};
    for (int i = 0; i < 32; i++) {
        const uint32_t sum = (uint32_t)(((int16_t)quants[i] >> 4) + dither[i]);  // 0 ... 4095
        const int place = 8 * (i % 4 / 2 + i % 2 * 2);
        cells[i / 4] |= sum >> 7 << place;
        left[i / 4] |= (sum & 127) << place;
    }
    tl_x8_fixed12_rest *rest = (tl_x8_fixed12_rest *)x->rest + k;
    put_cells(cells, x, k, row);
    put_bits(left, 6, rest->bits, row);
    put_pairs(left, 4, rest->pairs, row);
    put_low(left, rest->low, row);
}

#define PACK_FIXED12_PARTED(name) \
    void tl_x8_pack_##name##_parted( \
        const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n) { \
        const parts x = parts_of(high, rest, tl_x8_size_fixed12_rest(n), group, row_count, n); \
        for (int row = 0; row < (int)row_count; row++) { \
            const char *in = (const char *)rows + (size_t)row * row_bytes; \
            for (size_t k = 0; k < n / 32; k++, in += 64) { \
                uint16_t group_of_row[32], quants[32]; \
                float values[32]; \
                memcpy(group_of_row, in, 64); \
                floats_##name(group_of_row, values); \
                x.high[2 * k].scale[row] = fix_group(values, quants); \
                put_fixed12_parts(quants, tl_dither_fixed12 + 32 * k, &x, k, row); \
            } \
        } \
    }

PACK_FIXED12_PARTED(f16)
PACK_FIXED12_PARTED(bf16)
