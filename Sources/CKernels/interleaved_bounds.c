// How large products with a column can be, where a part of the weights' bits is known.
//
// F16 and BF16: by what is missing at most, so never more.
//
// Q8_0: by chance. Before a weight is cut, a number u = 0 ... 17 is added that was drawn for its column, and the middle of what is cut off
// stands for it: w = 18h + r − u with r = 0 ... 17, of which h is known, is taken for 18h + 8.5 − u. Whatever w is, r is every number from 0
// to 17 with the same chance, for each column apart (subtractive dither: Schuchman, "Dither signals and their effect on quantization noise",
// 1964). So a product is off by a sum of independent numbers, a · d · (r − 8.5), none of which leans to a side. A number that is uniform on m
// neighbouring integers has exp(λ²(m² − 1) / 24) at most as its E exp(λr): log(sinh x / x) is concave in x². By Chernoff's bound such a sum
// is above t of its standard deviations with chance exp(−t² / 2), which at 7.5 is 6.1e-13. Activations may be anything that does not know u.
// Missing bits alone would have to count 8.5 Σ |a d|, three times as much for 640 columns.

#include "interleaved_pack.h"

#include <math.h>

#include "interleaved_layout.h"

uint8_t tl_dither[TL_LONGEST_PARTED];

// SplitMix64 (Steele, Lea and Flood, 2014), from a seed of its own.
__attribute__((constructor)) static void draw_dither(void) {
    uint64_t state = 0x7469666665720001;
    for (size_t i = 0; i < TL_LONGEST_PARTED; i++) {
        uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        tl_dither[i] = (uint8_t)(128 + ((z ^ z >> 31) >> 32) * 18 / ((uint64_t)1 << 32));
    }
}

// The share of standard deviations that a bound leaves room for.
static const double DEVIATIONS = 7.5;

// How many times √(Σ a² d²) a product may be off where weights are known but for `cells` neighbouring values, with what rounding in float32 adds:
// no term of its sums of n / 32 is larger than 300 Σ |a d|, and Σ |a d| is √n times that root at most.
static double widths(int cells, size_t n) {
    const double chance = DEVIATIONS * sqrt((cells * cells - 1) / 12.0);
    const double rounding = (2 * ((double)n / 32) + 4) * 300 * 0x1p-24 * sqrt((double)n);
    return (chance + rounding) * 1.0001;
}

// For each 32: what the sums of weights and of activations owe each other, and the square of how far a product may be off, divided by its
// scale's; for weights without b and l, then for those without l.
void tl_prepare_q8_0_bound(size_t n, tl_columns column, float *reach) {
    const double coarse = widths(18, n), fine = widths(9, n);
    for (size_t k = 0; k < n / 32; k++, reach += TL_REACH) {
        int32_t dither = 0, total = 0, square = 0;
        for (size_t i = 32 * k; i < 32 * k + 32; i++) {
            dither += column.quants[i] * tl_dither[i];
            total += column.quants[i];
            square += column.quants[i] * column.quants[i];
        }
        const double scale = column.scales[k], size = scale * scale * square;
        reach[0] = (float)(scale * (8.5 * total - dither));
        reach[1] = (float)(coarse * coarse * size);
        reach[2] = (float)(scale * (4.0 * total - dither));
        reach[3] = (float)(fine * fine * size);
    }
}

// Σ |activation| of each 32, with what rounding may add.
void tl_prepare_fixed12_bound(size_t n, tl_columns column, float *reach) {
    const float slack = 1 + (float)(n / 32 + 2) / 65536;
    for (size_t k = 0; k < n / 32; k++, reach += TL_REACH) {
        int32_t sum = 0;
        for (size_t i = 32 * k; i < 32 * k + 32; i++) sum += column.quants16[i] < 0 ? -column.quants16[i] : column.quants16[i];
        reach[0] = column.scales16[k] * (float)sum * slack;
        reach[1] = reach[2] = reach[3] = 0;
    }
}
