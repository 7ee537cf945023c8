// Repacks eight rows at a time into the layout of interleaved_layout.h. Runs once, at load; word-wise,
// because the time from the start to the first token counts.

#include <string.h>

#include "blocks.h"
#include "interleaved_layout.h"
#include "interleaved_pack.h"
#include "interleaved_planes.h"

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

// -- Rows

// Walks the blocks of each row; `b` is a block of the row, `x` the packed block that it goes to. Rows that
// are not there stay zero, scale included.
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

size_t tl_x8_size_q8_0_high(size_t n) { return n / 32 * sizeof(tl_x8_high); }
size_t tl_x8_size_q8_0_rest(size_t n) { return n / 32 * (sizeof(tl_x8_bits) + sizeof(tl_x8_q8_0_rest)); }

_Static_assert(TL_CELLS_Q8_0 == 18 && TL_CELLS_Q6_K == 5, "the quotients below");

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
    const parts x = parts_of(high, tl_x8_size_q8_0_high(n), rest, tl_x8_size_q8_0_rest(n), group, row_count, n);
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

size_t tl_x8_size_q6_k_high(size_t n) { return n / 32 * sizeof(tl_x8_high) + n / 256 * sizeof(uint16_t[TL_ROWS]); }
size_t tl_x8_size_q6_k_rest(size_t n) { return n / 32 * (sizeof(tl_x8_bits) + sizeof(tl_x8_q6_k_rest)); }

static inline void cut_q6_k(const uint32_t w[8], const uint8_t dither[32], uint32_t cells[8], uint32_t left[8]) {
    uint8_t quants[32], high[32], low[32];
    memcpy(quants, w, 32);
    for (int i = 0; i < 32; i++) {
        const uint16_t sum = (uint16_t)(quants[i] + dither[i] - 32);  // 0 ... 67
        const uint16_t cell = (uint16_t)(sum * 205u >> 10);  // sum / 5
        const uint16_t within = (uint16_t)(sum - 5 * cell), upper = within >= 3;
        high[i] = (uint8_t)(2 * cell + upper);
        low[i] = (uint8_t)(within - 3 * upper);
    }
    memcpy(cells, high, 32);
    memcpy(left, low, 32);
}

void tl_x8_pack_q6_k_parted(
    const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n) {
    const parts x = parts_of(high, tl_x8_size_q6_k_high(n), rest, tl_x8_size_q6_k_rest(n), group, row_count, n);
    if (row_count < TL_ROWS) {
        for (size_t s = 0; s < n / 256; s++) memset(x.superscale + 2 * TL_ROWS * s, 0, sizeof(uint16_t[TL_ROWS]));
    }
    for (int row = 0; row < (int)row_count; row++) {
        const tl_q6_k *b = (const void *)((const char *)rows + (size_t)row * row_bytes);
        for (size_t k = 0; k < n / 32; k++) {
            const size_t s = k / 8;
            const int g = (int)(k % 8);
            uint32_t w[8] = {0}, cells[8], left[8];
            words_q6_k(b + s, g, w);
            cut_q6_k(w, tl_dither_q6_k + 32 * k, cells, left);
            x.superscale[2 * TL_ROWS * s + (size_t)row] = b[s].scale;
            for (int half = 0; half < 2; half++) x.high[2 * k].scales[half][row] = b[s].scales[2 * g + half];
            put_cells(cells, &x, k, row);
            put_pairs(left, 0, ((tl_x8_q6_k_rest *)x.rest)[k].pairs, row);
        }
    }
}

PACK(q3_k, 256, {
    int8_t scales[16];
    tl_q3_k_scales(b->scales, scales);
    x->scale[row] = b->scale;
    for (int g = 0; g < 8; g++) {
        uint32_t w[8] = {0};
        words_q3_k(b, g, w);
        memcpy(x->group[g].scale[row], scales + 2 * g, 2);
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
        memcpy(x->group[g].scale_and_min[row], b->scales + 2 * g, 2);
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
