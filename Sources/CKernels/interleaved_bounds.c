// How large products with a column can be, where of the weights a part of the bits is known.
//
// Before a weight is cut, a number u = 0 ... m − 1 is added that was drawn for its column, and the middle of what is cut off stands for it: w = mh + r − u
// with r = 0 ... m − 1, of which h is known, is taken for mh + (m − 1) / 2 − u. Whatever w is, r is each of its numbers with the same chance, for each
// column apart (subtractive dither: Schuchman, "Dither signals and their effect on quantization noise", 1964). So a product is off by a sum of
// independent numbers, a · d · (r − (m − 1) / 2), none of which leans to a side. A number that is uniform on m neighbouring integers about 0 has
// exp(λ²(m² − 1) / 24) at most as its E exp(λr), for log(sinh x / x) is concave in x². By Chernoff's bound such a sum is more than t of its standard
// deviations above 0 with chance exp(−t² / 2) at most: 6.1e-13 at 7.5. Weights and activations may be anything that does not know u. What is off at worst,
// Σ |a d| (m − 1) / 2, is three times as much for 640 columns whose activations are spread as Gemma3-270M's, and more in longer ones.

#include <math.h>

#include "interleaved_pack.h"

// The standard deviations that a bound leaves room for.
static const double DEVIATIONS = 7.5;

// How many neighbouring values a weight may have where h is known; half as many where b is, too.
enum { CELLS_Q8_0 = 18, CELLS_FIXED12 = 274 };

uint8_t tl_dither_q8_0[TL_LONGEST_PARTED];
int16_t tl_dither_fixed12[TL_LONGEST_PARTED];

// SplitMix64 (Steele, Lea and Flood, 2014).
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// Makes all sums from 0 on: the least weights are −128 and −2047.
__attribute__((constructor)) static void draw_dither(void) {
    uint64_t state = 0x7469666665720001;
    for (size_t i = 0; i < TL_LONGEST_PARTED; i++) {
        tl_dither_q8_0[i] = (uint8_t)(128 + ((next_random(&state) >> 32) * CELLS_Q8_0 >> 32));
        tl_dither_fixed12[i] = (int16_t)(2047 + ((next_random(&state) >> 32) * CELLS_FIXED12 >> 32));
    }
}

// How many times √(Σ a² d²) a bound is above the middle where a weight is known but for `cells` values, with what rounding in float32 adds: the terms of
// its sums of n / 32 are smaller than 20 cells · Σ |a d|, those that a term is made of than 40, and Σ |a d| is √n times that root at most.
static double width(int cells, size_t n) {
    const double chance = DEVIATIONS * sqrt((cells * cells - 1) / 12.0);
    const double rounding = (2 * ((double)n / 32) + 4) * 40 * cells * 0x1p-24 * sqrt((double)n);
    return (chance + rounding) * 1.0001;
}

// For h and then for h and b of 32 columns: what is owed to the sum of h · activation, and the square of how far a product may be off, by a scale of 1.
// `total`, `dither`, `square`: Σ a, Σ a · (dither of its column), Σ a².
static void put_reach(int cells, size_t n, double scale, int64_t total, int64_t dither, int64_t square, float *reach) {
    for (int half = 0; half < 2; half++, reach += 2) {
        const int known = cells >> half;
        const double off = width(known, n) * scale;
        reach[0] = (float)(scale * ((known - 1) / 2.0 * (double)total - (double)dither));
        // Not so small that its product with a large scale is lost.
        reach[1] = square == 0 ? 0 : fmaxf((float)(off * off * (double)square), 1e-37f);
    }
}

#define DEFINE_PREPARE(layout, CELLS, quants, scales) \
    static void prepare_##layout(size_t n, tl_columns x, float *reach) { \
        for (size_t k = 0; k < n / 32; k++, reach += TL_BOUND_FLOATS) { \
            int64_t total = 0, dither = 0, square = 0; \
            for (size_t i = 32 * k; i < 32 * k + 32; i++) { \
                const int64_t a = x.quants[i]; \
                total += a; \
                dither += a * tl_dither_##layout[i]; \
                square += a * a; \
            } \
            put_reach(CELLS, n, x.scales[k], total, dither, square, reach); \
        } \
    }

DEFINE_PREPARE(q8_0, CELLS_Q8_0, quants, scales)
DEFINE_PREPARE(fixed12, CELLS_FIXED12, quants16, scales16)

void tl_prepare_q8_0_bound(size_t n, tl_columns column, float *reach) { prepare_q8_0(n, column, reach); }

void tl_prepare_fixed12_bound(size_t n, tl_columns column, float *reach) {
    prepare_fixed12(n, column, reach);
    int8_t *bytes = (int8_t *)(reach + n / 32 * TL_BOUND_FLOATS);
    for (size_t i = 0; i < n; i++) {
        const int quant = column.quants16[i], high = (quant + 128) >> 8;
        const size_t place = i / 4 * 4 + (i % 4 / 2 + i % 2 * 2);
        bytes[place] = (int8_t)high;
        bytes[n + place] = (int8_t)(quant - 256 * high);
    }
}
