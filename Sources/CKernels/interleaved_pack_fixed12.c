// Repacks F16 and BF16 as fixed point of twelve bits, whole and in two parts. Loops of 32 without branches,
// which the compiler makes vectors of.

#include <math.h>
#include <string.h>

#include "half.h"
#include "interleaved_layout.h"
#include "interleaved_pack.h"
#include "interleaved_planes.h"

// What is not finite becomes an infinity, which the group's largest shows.
static inline void floats_f16(const uint16_t in[32], float out[32]) {
    for (int i = 0; i < 32; i++) {
        // The bits of a half below a float's exponent are |half| · 2^-112, exact; 2^-96 and
        // more for what is not finite.
        const float magnitude = tl_float((uint32_t)(in[i] & 0x7fff) << 13) * 0x1p112f;
        const float known = magnitude < 0x1p16f ? magnitude : INFINITY;
        out[i] = tl_float(tl_bits(known) | (uint32_t)(in[i] & 0x8000) << 16);
    }
}
static inline void floats_bf16(const uint16_t in[32], float out[32]) {
    for (int i = 0; i < 32; i++) out[i] = tl_float_from_bfloat(in[i]);
}

// The smallest bfloat16 above `largest`, in bits, that leaves it 2047 / 2048 at most; NaN
// where it is not a number.
static inline uint16_t scale_above(uint32_t largest) {
    if (largest >= 0x7f800000) return 0x7fc0;
    const uint32_t above = tl_bits(tl_float(largest) * (2048.0f / 2047)) + 0xffff;
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

size_t tl_x8_size_fixed12_high(size_t n) { return n / 32 * sizeof(tl_x8_high); }
size_t tl_x8_size_fixed12_rest(size_t n) { return n / 32 * (sizeof(tl_x8_bits) + sizeof(tl_x8_fixed12_rest)); }

static inline void put_fixed12_parts(const uint16_t quants[32], const int16_t dither[32], const parts *x, size_t k, int row) {
    uint32_t cells[8] = {0}, left[8] = {0};
    for (int i = 0; i < 32; i++) {
        const uint32_t sum = (uint32_t)(((int16_t)quants[i] >> 4) + dither[i]);  // 0 ... 4367
        const int place = 8 * (i % 4 / 2 + i % 2 * 2);
        cells[i / 4] |= sum / (TL_CELLS_FIXED12 / 2) << place;
        left[i / 4] |= sum % (TL_CELLS_FIXED12 / 2) << place;
    }
    put_cells(cells, x, k, row);
    put_bytes(left, ((tl_x8_fixed12_rest *)x->rest)[k].bytes, row);
}

#define PACK_FIXED12_PARTED(name) \
    void tl_x8_pack_##name##_parted( \
        const void *rows, size_t row_bytes, size_t row_count, void *high, void *rest, size_t group, size_t n) { \
        const parts x = parts_of( \
            high, tl_x8_size_fixed12_high(n), rest, tl_x8_size_fixed12_rest(n), group, row_count, n); \
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
