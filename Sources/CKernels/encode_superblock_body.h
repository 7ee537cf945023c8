// float32 -> superblocks of 256 (Q2_K ... Q6_K). Included once for each instruction set, inside
// of its region: the vectors are the compiler's own, nothing is contracted, so every
// instruction set writes the same bytes.
//
// The scheme is that of ggml's reference (ggml-quants.c: make_qkx2_quants, make_qx_quants and their callers):
// weighted least squares for the scale (and min) of each group at a ladder of step widths, scales packed
// under one float16. Three things are done otherwise, and make the error smaller than the reference's, in
// total and on weights as models have them: of single blocks, and of values that lie evenly in a range or are
// few different ones, some come out a little worse.
//
// 1. A lane holds a group. Eight groups are fitted side by side without a horizontal sum,
// which is why there is
//    time for the rest. The error of a fit comes from the sums of the fit, not from a second walk.
// 2. After the scales have been packed in 4-8 bits, their neighbours are tried with the
// quants that they lead to,
//    and the float16 units are solved for with those quants.
// 3. The superblock is first multiplied by the power of two that brings its largest value to 1...2: no square
//    underflows or overflows, whatever the values.

#include <math.h>

#include "blocks.h"
#include "half.h"
#include "superblock_pack.h"

#pragma STDC FP_CONTRACT OFF

// How often the float16 units are set: from the largest scale first, then solved for. Each further round
// gained 0.1-0.3% of the error on weights, 2% on weights that were of another type before.
#define TL_ROUNDS 3

#define TL_LANE_INLINE static inline __attribute__((always_inline))

typedef float lanes __attribute__((vector_size(32)));
typedef int32_t lane_mask __attribute__((vector_size(32)));

TL_LANE_INLINE lanes all(float value) { return (lanes){0} + value; }

TL_LANE_INLINE lanes choose(lane_mask mask, lanes yes, lanes no) {
    return (lanes)((mask & (lane_mask)yes) | (~mask & (lane_mask)no));
}

TL_LANE_INLINE lanes smaller(lanes a, lanes b) { return choose(a < b, a, b); }
TL_LANE_INLINE lanes larger(lanes a, lanes b) { return choose(a > b, a, b); }
TL_LANE_INLINE lanes magnitude(lanes a) { return (lanes)((lane_mask)a & 0x7fffffff); }

// The nearest whole number, ties to even, limited: adding 1.5 · 2^23 leaves no place for a fraction.
TL_LANE_INLINE lanes nearest(lanes value, float low, float high) {
    const lanes whole = (value + 12582912.0f) - 12582912.0f;
    return smaller(larger(whole, all(low)), all(high));
}

// 1 / value, and 0 where value is 0.
TL_LANE_INLINE lanes inverse_or_zero(lanes value) {
    const lane_mask is_zero = value == 0.0f;
    return choose(is_zero, all(0), 1.0f / choose(is_zero, all(1), value));
}

// -- One superblock in groups.

// `size` elements of eight groups, a group a lane; scaled.
typedef struct {
    lanes x[32];
    lanes weight[32];
} groups;

// What x is multiplied by and the scales are divided by: a power of two.
typedef struct {
    float factor, back;
} power;

static inline power power_for(const float x[256]) {
    uint32_t largest = 0;
    for (int i = 0; i < 256; i++) {
        const uint32_t bits = tl_bits(x[i]) & 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    int exponent = (int)(largest >> 23) - 127;
    exponent = exponent < -120 ? -120 : exponent > 120 ? 120 : exponent;
    return (power){tl_float((uint32_t)(127 - exponent) << 23), tl_float((uint32_t)(127 + exponent) << 23)};
}

static inline void gather(const float *x, int size, float factor, groups *out) {
    float turned[32][8];
    for (int group = 0; group < 8; group++) {
        for (int i = 0; i < size; i++) turned[i][group] = x[group * size + i];
    }
    for (int i = 0; i < size; i++) {
        memcpy(&out->x[i], turned[i], sizeof out->x[i]);
        out->x[i] *= factor;
    }
}

// How much an element's error counts: its size, and the root mean square of its group
// (the reference's choice).
static inline void weigh(groups *g, int size) {
    lanes squares = all(0);
    for (int i = 0; i < size; i++) squares += g->x[i] * g->x[i];
    lanes mean = squares / (float)size;
    for (int lane = 0; lane < 8; lane++) mean[lane] = sqrtf(mean[lane]);
    for (int i = 0; i < size; i++) g->weight[i] = mean + magnitude(g->x[i]);
}

static inline float largest_lane(lanes value) {
    float largest = value[0];
    for (int lane = 1; lane < 8; lane++) largest = value[lane] > largest ? value[lane] : largest;
    return largest;
}

static inline float sum_of(lanes value) {
    float sum = 0;
    for (int lane = 0; lane < 8; lane++) sum += value[lane];
    return sum;
}

static inline void scatter(lanes quant, int size, int i, uint8_t *quants) {
    for (int group = 0; group < 8; group++) quants[group * size + i] = (uint8_t)(int)quant[group];
}

// -- x ≈ scale · q - min, 0 <= q <= levels, min >= 0.

typedef struct {
    lanes scale, min;
} affine;

// The best of the fits whose first quants are x - low in units of (high - low) / (levels + widening).
static inline affine fit_affine(
    const groups *g, int size, float levels, float first_widening, float widening_step, int count) {
    lanes low = all(0), high = g->x[0];
    for (int i = 0; i < size; i++) {
        low = smaller(low, g->x[i]);
        high = larger(high, g->x[i]);
    }
    // Offsets are counted from `low`, where Σ w u² is no larger than the range asks for: its rounding decides
    // between fits.
    lanes u[32], wu[32];
    lanes sum_w = all(0), sum_u = all(0), sum_uu = all(0);
    for (int i = 0; i < size; i++) {
        u[i] = g->x[i] - low;
        wu[i] = g->weight[i] * u[i];
        sum_w += g->weight[i];
        sum_u += wu[i];
        sum_uu += wu[i] * u[i];
    }
    const lanes unit = inverse_or_zero(high - low);
    lanes best_error = sum_uu, best_scale = all(0), best_offset = all(0);
    for (int step = 0; step < count; step++) {
        const lanes inverse = unit * (levels + first_widening + widening_step * (float)step);
        lanes sum_q = all(0), sum_qq = all(0), sum_qu = all(0);
        for (int i = 0; i < size; i++) {
            const lanes q = nearest(u[i] * inverse, 0, levels);
            const lanes wq = g->weight[i] * q;
            sum_q += wq;
            sum_qq += wq * q;
            sum_qu += wu[i] * q;
        }
        // Quants that are all equal say nothing about the offset; nor may a min below zero be stored. The
        // offset is then 0 or -low, and the scale the best one for that.
        const lanes determinant = sum_w * sum_qq - sum_q * sum_q;
        const lane_mask is_known = determinant > 1e-6f * sum_w * sum_qq;
        const lanes over = inverse_or_zero(determinant);
        lanes offset = choose(is_known, (sum_qq * sum_u - sum_q * sum_qu) * over, all(0));
        offset = smaller(offset, -low);
        const lanes scale = (sum_qu - offset * sum_q) * inverse_or_zero(sum_qq);
        const lanes error = sum_uu + scale * (scale * sum_qq + 2.0f * (offset * sum_q - sum_qu)) +
                            offset * (offset * sum_w - 2.0f * sum_u);
        const lane_mask better = (scale > 0.0f) & (error < best_error);
        best_error = choose(better, error, best_error);
        best_scale = choose(better, scale, best_scale);
        best_offset = choose(better, offset, best_offset);
    }
    return (affine){best_scale, larger(-(best_offset + low), all(0))};
}

// What a superblock's groups share, as it will be read, times the power of two; and the codes of its groups.
typedef struct {
    uint16_t half_scale, half_min;
    float unit, min_unit;
    lanes scale[2], min[2];
    float error;
} affine_codes;

// Codes -> the best codes next to them, and the error of the quants that they lead to.
static inline lanes refine_affine(
    const groups *g, int size, float levels, float largest_code, const affine_codes *from, lanes *scale,
    lanes *min) {
    const lanes first_scale = *scale, first_min = *min;
    lanes best = all(INFINITY);
    // The last variant is zero: a group never comes out worse than that, however coarse the units.
    for (int variant = 0; variant < 10; variant++) {
        const float on = variant < 9 ? 1 : 0;
        const lanes s = on * smaller(larger(first_scale + (float)(variant % 3 - 1), all(0)), all(largest_code));
        const lanes m = on * smaller(larger(first_min + (float)(variant / 3 - 1), all(0)), all(largest_code));
        const lanes step = s * from->unit, offset = m * from->min_unit;
        const lanes inverse = inverse_or_zero(step);
        lanes error = all(0);
        for (int i = 0; i < size; i++) {
            const lanes target = g->x[i] + offset;
            const lanes rest = nearest(target * inverse, 0, levels) * step - target;
            error += g->weight[i] * (rest * rest);
        }
        const lane_mask better = error < best;
        best = choose(better, error, best);
        *scale = choose(better, s, *scale);
        *min = choose(better, m, *min);
    }
    return best;
}

// The two float16 units that suit the codes and their quants best: the least Σ w (unit ·
// s · q - min_unit · m - x)².
static inline void solve_units(
    const groups *g, int bundles, int size, float levels, const affine_codes *from, float *unit,
    float *min_unit) {
    lanes ss = all(0), sm = all(0), mm = all(0), sx = all(0), mx = all(0);
    for (int b = 0; b < bundles; b++) {
        const lanes scale = from->scale[b], min = from->min[b];
        const lanes inverse = inverse_or_zero(scale * from->unit), offset = min * from->min_unit;
        for (int i = 0; i < size; i++) {
            const lanes x = g[b].x[i], w = g[b].weight[i];
            const lanes s = scale * nearest((x + offset) * inverse, 0, levels);
            ss += w * s * s;
            sm += w * s * min;
            mm += w * min * min;
            sx += w * s * x;
            mx += w * min * x;
        }
    }
    const float total_ss = sum_of(ss), total_sm = sum_of(sm), total_mm = sum_of(mm);
    const float total_sx = sum_of(sx), total_mx = sum_of(mx);
    const float determinant = total_ss * total_mm - total_sm * total_sm;
    *unit = from->unit;
    *min_unit = from->min_unit;
    if (total_mm == 0) {
        if (total_ss > 0) *unit = total_sx / total_ss;
    } else if (determinant > 1e-6f * total_ss * total_mm) {
        *unit = (total_sx * total_mm - total_mx * total_sm) / determinant;
        *min_unit = (total_sx * total_sm - total_mx * total_ss) / determinant;
    }
}

// Fits, packs and quantises `bundles` · 8 groups under one float16 scale and one float16 min.
TL_LANE_INLINE void encode_affine_block(
    const float *x, int bundles, int size, float levels, float first, float step, int count, float largest_code,
    uint16_t *half_scale, uint16_t *half_min, uint8_t *scales, uint8_t *mins, uint8_t *quants) {
    const power p = power_for(x);
    groups g[2];
    affine fit[2];
    float unit = 0, min_unit = 0;
    for (int b = 0; b < bundles; b++) {
        gather(x + b * 8 * size, size, p.factor, &g[b]);
        weigh(&g[b], size);
        fit[b] = fit_affine(&g[b], size, levels, first, step, count);
        unit = fmaxf(unit, largest_lane(fit[b].scale) / largest_code);
        min_unit = fmaxf(min_unit, largest_lane(fit[b].min) / largest_code);
    }
    affine_codes best = {.error = INFINITY};
    for (int round = 0; round < TL_ROUNDS; round++) {
        affine_codes next = {.half_scale = tl_half_from_float(unit * p.back)};
        next.half_min = tl_half_from_float(min_unit * p.back);
        next.unit = tl_float_from_half(next.half_scale) * p.factor;
        next.min_unit = tl_float_from_half(next.half_min) * p.factor;
        for (int b = 0; b < bundles; b++) {
            next.scale[b] = nearest(fit[b].scale * inverse_or_zero(all(next.unit)), 0, largest_code);
            next.min[b] = nearest(fit[b].min * inverse_or_zero(all(next.min_unit)), 0, largest_code);
            next.error += sum_of(
                refine_affine(&g[b], size, levels, largest_code, &next, &next.scale[b], &next.min[b]));
        }
        if (round > 0 && !(next.error < best.error)) break;
        best = next;
        if (round + 1 < TL_ROUNDS) solve_units(g, bundles, size, levels, &best, &unit, &min_unit);
        if (unit < 0 || min_unit < 0) break;
    }
    *half_scale = best.half_scale;
    *half_min = best.half_min;
    for (int b = 0; b < bundles; b++) {
        scatter(best.scale[b], 1, 0, scales + 8 * b);
        scatter(best.min[b], 1, 0, mins + 8 * b);
        const lanes inverse = inverse_or_zero(best.scale[b] * best.unit), offset = best.min[b] * best.min_unit;
        for (int i = 0; i < size; i++) {
            scatter(nearest((g[b].x[i] + offset) * inverse, 0, levels), size, i, quants + b * 8 * size);
        }
    }
}

// -- x ≈ scale · q, -half <= q < half.

static inline lanes fit_symmetric(const groups *g, int size, float half) {
    lanes largest = g->x[0];
    for (int i = 1; i < size; i++) {
        largest = choose(magnitude(g->x[i]) > magnitude(largest), g->x[i], largest);
    }
    lanes wx[32];
    for (int i = 0; i < size; i++) wx[i] = g->weight[i] * g->x[i];
    const lanes unit = inverse_or_zero(largest);
    lanes best = all(0), best_scale = all(0);
    // The side that reaches one further, -half, is given to the largest value first and
    // then to the other side.
    for (int side = -1; side <= 1; side += 2) {
        for (int widening = -9; widening <= 9; widening++) {
            const lanes inverse = unit * ((float)side * (half + 0.1f * (float)widening));
            lanes sum_qx = all(0), sum_qq = all(0);
            for (int i = 0; i < size; i++) {
                const lanes q = nearest(g->x[i] * inverse, -half, half - 1);
                sum_qx += wx[i] * q;
                sum_qq += g->weight[i] * q * q;
            }
            const lanes scale = sum_qx * inverse_or_zero(sum_qq);
            const lanes gain = scale * sum_qx;  // Σ w x² less the error
            const lane_mask better = gain > best;
            best = choose(better, gain, best);
            best_scale = choose(better, scale, best_scale);
        }
    }
    return best_scale;
}

typedef struct {
    uint16_t half_scale;
    float unit;
    lanes code[2];
    float error;
} symmetric_codes;

static inline lanes refine_symmetric(
    const groups *g, int size, float half, float unit, float lowest_code, lanes *code) {
    const lanes first = *code;
    lanes best = all(INFINITY);
    for (int variant = -1; variant <= 2; variant++) {
        const float on = variant < 2 ? 1 : 0;
        const lanes s = on * smaller(larger(first + (float)variant, all(lowest_code)), all(-lowest_code - 1));
        const lanes step = s * unit, inverse = inverse_or_zero(step);
        lanes error = all(0);
        for (int i = 0; i < size; i++) {
            const lanes rest = nearest(g->x[i] * inverse, -half, half - 1) * step - g->x[i];
            error += g->weight[i] * (rest * rest);
        }
        const lane_mask better = error < best;
        best = choose(better, error, best);
        *code = choose(better, s, *code);
    }
    return best;
}

static inline float solve_unit(const groups *g, float half, const symmetric_codes *from) {
    lanes ss = all(0), sx = all(0);
    for (int b = 0; b < 2; b++) {
        const lanes inverse = inverse_or_zero(from->code[b] * from->unit);
        for (int i = 0; i < 16; i++) {
            const lanes s = from->code[b] * nearest(g[b].x[i] * inverse, -half, half - 1);
            ss += g[b].weight[i] * s * s;
            sx += g[b].weight[i] * s * g[b].x[i];
        }
    }
    const float total = sum_of(ss);
    return total > 0 ? sum_of(sx) / total : from->unit;
}

// Sixteen groups of 16 under one float16 scale; codes from `lowest_code` to -lowest_code - 1. Quants are
// given without sign, as they are stored: 0 <= q + half.
TL_LANE_INLINE void encode_symmetric_block(
    const float *x, float half, float lowest_code, uint16_t *half_scale, int8_t codes[16],
    uint8_t quants[256]) {
    const power p = power_for(x);
    groups g[2];
    lanes fit[2];
    float largest = 0;
    for (int b = 0; b < 2; b++) {
        gather(x + 128 * b, 16, p.factor, &g[b]);
        weigh(&g[b], 16);
        fit[b] = fit_symmetric(&g[b], 16, half);
        for (int lane = 0; lane < 8; lane++) {
            if (fabsf(fit[b][lane]) > fabsf(largest)) largest = fit[b][lane];
        }
    }
    // The largest scale gets the lowest code: there is one more on that side.
    float unit = largest / lowest_code;
    symmetric_codes best = {.error = INFINITY};
    for (int round = 0; round < TL_ROUNDS; round++) {
        symmetric_codes next = {.half_scale = tl_half_from_float(unit * p.back)};
        next.unit = tl_float_from_half(next.half_scale) * p.factor;
        for (int b = 0; b < 2; b++) {
            next.code[b] = nearest(fit[b] * inverse_or_zero(all(next.unit)), lowest_code, -lowest_code - 1);
            next.error += sum_of(refine_symmetric(&g[b], 16, half, next.unit, lowest_code, &next.code[b]));
        }
        if (round > 0 && !(next.error < best.error)) break;
        best = next;
        if (round + 1 < TL_ROUNDS) unit = solve_unit(g, half, &best);
    }
    *half_scale = best.half_scale;
    for (int b = 0; b < 2; b++) {
        for (int lane = 0; lane < 8; lane++) codes[8 * b + lane] = (int8_t)(int)best.code[b][lane];
        const lanes inverse = inverse_or_zero(best.code[b] * best.unit);
        for (int i = 0; i < 16; i++) {
            const lanes q = nearest(g[b].x[i] * inverse, -half, half - 1);
            scatter(q + half, 16, i, quants + 128 * b);
        }
    }
}

// -- The types.

void TL_ENCODER(q2_k)(const float *x, void *row, size_t n) {
    for (tl_q2_k *block = row; n >= 256; n -= 256, block++, x += 256) {
        uint8_t quants[256], scales[16], mins[16];
        uint16_t scale, min;
        encode_affine_block(x, 2, 16, 3, -1.0f, 0.1f, 21, 15, &scale, &min, scales, mins, quants);
        block->scale = scale;
        block->min = min;
        for (int i = 0; i < 16; i++) block->scales[i] = (uint8_t)(scales[i] | mins[i] << 4);
        pack_two_bits(quants, block->quants);
    }
}

void TL_ENCODER(q3_k)(const float *x, void *row, size_t n) {
    for (tl_q3_k *block = row; n >= 256; n -= 256, block++, x += 256) {
        uint8_t quants[256];
        int8_t codes[16];
        uint16_t scale;
        encode_symmetric_block(x, 4, -32, &scale, codes, quants);
        block->scale = scale;
        memset(block->scales, 0, sizeof block->scales);
        for (int i = 0; i < 16; i++) {
            const int code = codes[i] + 32;
            block->scales[i % 8] |= (uint8_t)((code & 15) << (i < 8 ? 0 : 4));
            block->scales[8 + i % 4] |= (uint8_t)(code >> 4 << (2 * (i / 4)));
        }
        pack_two_bits(quants, block->quants);
        pack_one_bit(quants, 2, block->high);
    }
}

void TL_ENCODER(q4_k)(const float *x, void *row, size_t n) {
    for (tl_q4_k *block = row; n >= 256; n -= 256, block++, x += 256) {
        uint8_t quants[256], scales[8], mins[8];
        uint16_t scale, min;
        encode_affine_block(x, 1, 32, 15, -1.0f, 0.1f, 21, 63, &scale, &min, scales, mins, quants);
        block->scale = scale;
        block->min = min;
        pack_scales_and_mins(scales, mins, block->scales);
        pack_four_bits(quants, block->quants);
    }
}

void TL_ENCODER(q5_k)(const float *x, void *row, size_t n) {
    for (tl_q5_k *block = row; n >= 256; n -= 256, block++, x += 256) {
        uint8_t quants[256], scales[8], mins[8];
        uint16_t scale, min;
        encode_affine_block(x, 1, 32, 31, -0.6f, 0.1f, 17, 63, &scale, &min, scales, mins, quants);
        block->scale = scale;
        block->min = min;
        pack_scales_and_mins(scales, mins, block->scales);
        pack_four_bits(quants, block->quants);
        pack_one_bit(quants, 4, block->high);
    }
}

void TL_ENCODER(q6_k)(const float *x, void *row, size_t n) {
    for (tl_q6_k *block = row; n >= 256; n -= 256, block++, x += 256) {
        uint8_t quants[256];
        int8_t codes[16];
        uint16_t scale;
        encode_symmetric_block(x, 32, -128, &scale, codes, quants);
        block->scale = scale;
        memcpy(block->scales, codes, sizeof block->scales);
        for (int half = 0; half < 2; half++) {
            for (int l = 0; l < 32; l++) {
                const uint8_t *q = quants + 128 * half + l;
                block->low[64 * half + l] = (uint8_t)((q[0] & 15) | q[64] << 4);
                block->low[64 * half + 32 + l] = (uint8_t)((q[32] & 15) | q[96] << 4);
                block->high[32 * half + l] =
                    (uint8_t)(q[0] >> 4 | q[32] >> 4 << 2 | q[64] >> 4 << 4 | q[96] >> 4 << 6);
            }
        }
    }
}
