// How large products with a column can be, where of the weights a part of the bits is known.
//
// Before a weight is cut, a number u = 0 ... m − 1 is added that was drawn for its column, and the middle of
// what is cut off stands for it: w = mh + r − u with r = 0 ... m − 1, of which h is known, is taken for mh +
// (m − 1) / 2 − u. Whatever w is, r is each of its numbers with the same chance, for each column apart
// (subtractive dither: Schuchman, "Dither signals and their effect on quantization noise", 1964). So a
// product is off by a sum of independent numbers, a · d · (r − (m − 1) / 2), none of which leans to a side. A
// number that is uniform on m neighbouring integers about 0 has exp(λ²(m² − 1) / 24) at most as its E
// exp(λr), for log(sinh x / x) is concave in x²; one that is now uniform on three, now on two has no more
// than on three. By Chernoff's bound such a sum is more than t of its standard deviations above 0 with chance
// exp(−t² / 2) at most: 6.1e-13 at 7.5. Weights and activations may be anything that does not know u. What is
// off at worst, Σ |a d| (m − 1) / 2, is three times as much for 640 columns whose activations are spread as
// Gemma3-270M's, and more in longer ones.
//
// All of this is proportional to the activations, and half of a language model's last ones is what every
// token's have in common: a share of their mean. Products with the mean are known once they were computed, so
// a bound need only cover the rest. It is rounded to integers of a scale of its own, up or down by chance, so
// that on average nothing is lost. A number of mean 0 within a step s of its scale has exp(λ²s² / 8) at most
// as its E exp(λe) (Hoeffding), and the weight that it meets has a largest value. When the mean is taken
// follows from how many bounds were too high, and so from u; a text has as many such moments as tokens, and
// the chance of each adds up at most.

#include <math.h>

#include "interleaved_layout.h"
#include "interleaved_pack.h"

// The standard deviations that a bound leaves room for.
static const double DEVIATIONS = 7.5;

// The largest magnitudes of weights, and of centred activations.
enum { WEIGHT_Q8_0 = 128, WEIGHT_Q6_K = 32, WEIGHT_FIXED12 = 2048, QUANT_Q8_0 = 127, QUANT_Q6_K = 127, QUANT_FIXED12 = 32512 };

// How many columns a weight's scale has.
enum { WIDTH_Q8_0 = 32, WIDTH_Q6_K = 16, WIDTH_FIXED12 = 32 };

_Static_assert(TL_REACH >= 32 / WIDTH_Q6_K * TL_BOUND_FLOATS, "room for the reach of 32 columns");
_Static_assert(TL_REACH * sizeof(float) >= TL_BOUND_FLOATS * sizeof(float) + 2 * 32, "room for the bytes of 32 int16 columns, too");

uint8_t tl_dither_q8_0[TL_LONGEST_PARTED];
uint8_t tl_dither_q6_k[TL_LONGEST_PARTED];
int16_t tl_dither_fixed12[TL_LONGEST_PARTED];

// Above which share of a step a centred activation is rounded up, in 2^-32.
static uint32_t rounding[TL_LONGEST_PARTED];

// SplitMix64 (Steele, Lea and Flood, 2014).
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// Makes all sums from 0 on: the least weights are −128, −32 and −2047.
__attribute__((constructor)) static void draw_dither(void) {
    uint64_t state = 0x7469666665720001;
    for (size_t i = 0; i < TL_LONGEST_PARTED; i++) {
        tl_dither_q8_0[i] = (uint8_t)(128 + ((next_random(&state) >> 32) * TL_CELLS_Q8_0 >> 32));
        tl_dither_fixed12[i] = (int16_t)(2047 + ((next_random(&state) >> 32) * TL_CELLS_FIXED12 >> 32));
    }
    for (size_t i = 0; i < TL_LONGEST_PARTED; i++) rounding[i] = (uint32_t)(next_random(&state) >> 32);
    for (size_t i = 0; i < TL_LONGEST_PARTED; i++) {
        tl_dither_q6_k[i] = (uint8_t)(32 + ((next_random(&state) >> 32) * TL_CELLS_Q6_K >> 32));
    }
}

// How many neighbouring values a weight may have where h is known, and with half = 1 where b is, too: half as
// many, of five three or two.
static int left_of(int cells, int half) { return (cells + half) >> half; }

// What rounding in float32 adds to a bound and to the product that it is to be above, in √(Σ a² d²): of the
// `sums` of either no partial one is larger than 20 cells · Σ |a d|, what a term is made of is smaller than
// 40 cells times its own share of that, and Σ |a d| is √n times that root at most.
static double rounding_of(int cells, size_t n, size_t sums) {
    return (2 * (double)sums * 20 + 4 * 40) * cells * 0x1p-24 * sqrt((double)n);
}

// How many times √(Σ a² d²) a bound is above the middle where a weight is known but for `cells` values.
static double width(int cells, size_t n, size_t sums) {
    return (DEVIATIONS * sqrt((cells * cells - 1) / 12.0) + rounding_of(cells, n, sums)) * 1.0001;
}

// For h and then for h and b of the columns of a scale: what is owed to the sum of h · activation, and
// the square of how far a product may be off, by a scale of 1. `total`, `dither`, `square`: Σ a, Σ a ·
// (dither of its column), Σ a².
static void put_reach(
    int cells, size_t n, size_t sums, double scale, int64_t total, int64_t dither, int64_t square, float *reach) {
    for (int half = 0; half < 2; half++, reach += 2) {
        const int known = left_of(cells, half);
        const double off = width(known, n, sums) * scale;
        reach[0] = (float)(scale * ((known - 1) / 2.0 * (double)total - (double)dither));
        // Not so small that its product with a large scale is lost.
        reach[1] = square == 0 ? 0 : fmaxf((float)(off * off * (double)square), 1e-37f);
    }
}

#define DEFINE_PREPARE(layout, LAYOUT, quants, scales) \
    static void prepare_##layout(size_t n, tl_columns x, float *reach) { \
        const size_t sums = n / WIDTH_##LAYOUT; \
        for (size_t first = 0; first < n; first += WIDTH_##LAYOUT, reach += TL_BOUND_FLOATS) { \
            int64_t total = 0, dither = 0, square = 0; \
            for (size_t i = first; i < first + WIDTH_##LAYOUT; i++) { \
                const int64_t a = x.quants[i]; \
                total += a; \
                dither += a * tl_dither_##layout[i]; \
                square += a * a; \
            } \
            put_reach(TL_CELLS_##LAYOUT, n, sums, x.scales[first / 32], total, dither, square, reach); \
        } \
    }

DEFINE_PREPARE(q8_0, Q8_0, quants, scales)
DEFINE_PREPARE(q6_k, Q6_K, quants, scales)
DEFINE_PREPARE(fixed12, FIXED12, quants16, scales16)

// -- Without what columns have in common

// What the columns of a scale are: x's scale, the sums that put_reach takes, of squares those of what they
// might have been rounded to, and Σ of the squares of what was taken away.
typedef struct {
    double scale;
    int64_t total, dither, square;
    double taken;
} centred;

// For two numbers, (a + b)² ≤ (1 + η) a² + (1 + 1 / η) b².
static const double ETA = 1.0 / 128;

// put_reach for centred columns. Beyond what activations' rounding adds to the chance there is what products
// with the mean are off by as float32.
static void put_centred_reach(int cells, int weight, int count, size_t n, const centred *x, float *reach) {
    const size_t sums = n / (size_t)count;
    for (int half = 0; half < 2; half++, reach += 2) {
        const int known = left_of(cells, half);
        const double missing = (known * known - 1) / 12.0 * (double)x->square + (double)count * weight * weight / 4;
        const double off = rounding_of(known, n, sums) * x->scale * sqrt((double)x->square);
        // Both products add up a number for each 32 columns.
        const double off_mean = (2 * (double)(n / 32) + 16) * weight * 0x1p-24 * sqrt((double)n * x->taken);
        const double square = (1 + ETA) * DEVIATIONS * DEVIATIONS * x->scale * x->scale * missing +
            (1 + 1 / ETA) * 2 * (off * off + off_mean * off_mean);
        reach[0] = (float)(x->scale * ((known - 1) / 2.0 * (double)x->total - (double)x->dither));
        reach[1] = square == 0 ? 0 : fmaxf((float)(square * 1.0001), 1e-37f);
    }
}

// The share of the mean that is nearest to a column: of Σ (a − share · m)² the least.
#define DEFINE_CENTRE(layout, LAYOUT, quant_type, quants, scales) \
    static float share_##layout(size_t n, tl_columns x, tl_columns mean) { \
        double along = 0, length = 0; \
        for (size_t k = 0; k < n / 32; k++) { \
            int64_t both = 0, own = 0; \
            for (size_t i = 32 * k; i < 32 * k + 32; i++) { \
                both += (int64_t)x.quants[i] * mean.quants[i]; \
                own += (int64_t)mean.quants[i] * mean.quants[i]; \
            } \
            along += (double)x.scales[k] * mean.scales[k] * (double)both; \
            length += (double)mean.scales[k] * mean.scales[k] * (double)own; \
        } \
        return length > 0 ? (float)(along / length) : 0; \
    } \
    static void centre_##layout( \
        size_t n, tl_columns x, tl_columns mean, double share, quant_type *quants, float *scales, float *reach) { \
        for (size_t k = 0; k < n / 32; k++) { \
            const double scale = x.scales[k], taken = share * mean.scales[k]; \
            double left[32], largest = 0; \
            for (int i = 0; i < 32; i++) { \
                left[i] = scale * x.quants[32 * k + i] - taken * mean.quants[32 * k + i]; \
                largest = fmax(largest, fabs(left[i])); \
            } \
            /* Rounding up makes one more of it. */ \
            const int is_finite = isfinite(scale) && isfinite(taken); \
            scales[k] = is_finite ? (float)fmax(largest / (QUANT_##LAYOUT - 1), 1e-30) : NAN; \
            const double inverse = is_finite ? 1 / (double)scales[k] : 0; \
            centred sums = {0}; \
            for (int i = 0; i < 32; i++) { \
                if (i % WIDTH_##LAYOUT == 0) sums = (centred){.scale = scales[k]}; \
                const double exact = is_finite ? left[i] * inverse : 0, below = floor(exact); \
                const int64_t least = (int64_t)below, a = least + ((exact - below) * 0x1p32 > rounding[32 * k + (size_t)i]); \
                const int64_t most = least >= 0 ? least + 1 : -least; \
                quants[32 * k + (size_t)i] = (quant_type)a; \
                sums.total += a; \
                sums.dither += a * tl_dither_##layout[32 * k + (size_t)i]; \
                sums.square += most * most; \
                sums.taken += taken * taken * mean.quants[32 * k + i] * mean.quants[32 * k + i]; \
                if ((i + 1) % WIDTH_##LAYOUT) continue; \
                put_centred_reach(TL_CELLS_##LAYOUT, WEIGHT_##LAYOUT, WIDTH_##LAYOUT, n, &sums, reach); \
                reach += TL_BOUND_FLOATS; \
            } \
        } \
    }

DEFINE_CENTRE(q8_0, Q8_0, int8_t, quants, scales)
DEFINE_CENTRE(q6_k, Q6_K, int8_t, quants, scales)
DEFINE_CENTRE(fixed12, FIXED12, int16_t, quants16, scales16)

// -- Columns

// The high bytes of int16 activations and then the low ones, behind the floats of `reach`.
static void split_bytes(size_t n, const int16_t *quants, float *reach) {
    int8_t *bytes = (int8_t *)(reach + n / 32 * TL_BOUND_FLOATS);
    for (size_t i = 0; i < n; i++) {
        const int quant = quants[i], high = (quant + 128) >> 8;
        const size_t place = i / 4 * 4 + (i % 4 / 2 + i % 2 * 2);
        bytes[place] = (int8_t)high;
        bytes[n + place] = (int8_t)(quant - 256 * high);
    }
}

void tl_prepare_fixed12_bound(size_t n, tl_columns column, float *reach) {
    prepare_fixed12(n, column, reach);
    split_bytes(n, column.quants16, reach);
}

#define DEFINE_INT8(layout) \
    void tl_prepare_##layout##_bound(size_t n, tl_columns column, float *reach) { prepare_##layout(n, column, reach); } \
    tl_columns tl_centre_##layout(size_t n, tl_columns column, tl_columns mean, float *room, float *reach, float *share) { \
        int8_t *quants = (int8_t *)(room + n / 32); \
        *share = share_##layout(n, column, mean); \
        centre_##layout(n, column, mean, *share, quants, room, reach); \
        column.quants = quants; \
        column.scales = room; \
        return column; \
    }

DEFINE_INT8(q8_0)
DEFINE_INT8(q6_k)

tl_columns tl_centre_fixed12(size_t n, tl_columns column, tl_columns mean, float *room, float *reach, float *share) {
    int16_t *quants = (int16_t *)(room + n / 32);
    *share = share_fixed12(n, column, mean);
    centre_fixed12(n, column, mean, *share, quants, room, reach);
    split_bytes(n, quants, reach);
    column.quants16 = quants;
    column.scales16 = room;
    return column;
}
