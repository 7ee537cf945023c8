// float32 -> quantisation blocks, bit for bit as ggml's reference rounds (ggml-quants.c,
// `quantize_row_*_ref`, and the numpy version in the `gguf` package).
//
// The quants are taken with the float32 scale, before it is rounded to float16: that is how the reference
// does it. A scale beyond float16's range is written as infinity, as there; whoever writes files looks for
// that. Where the reference would divide by a scale so small that 1 / scale overflows, its result is
// undefined; here such a block gets the quants of a block of zeros, and its float16 scale is zero anyhow.
//
// Values must be finite: Quantization checks that before it calls.

#include <math.h>

#include "blocks.h"
#include "half.h"
#include "tables.h"

#pragma STDC FP_CONTRACT OFF

static float inverse_of(float scale) {
    const float inverse = 1 / scale;
    return isfinite(inverse) ? inverse : 0;
}

// The value whose magnitude is largest, the first of equals; with its sign.
static float signed_largest(const float x[32]) {
    float largest = 0, magnitude = 0;
    for (int j = 0; j < 32; j++) {
        if (magnitude < fabsf(x[j])) {
            magnitude = fabsf(x[j]);
            largest = x[j];
        }
    }
    return largest;
}

static void range_of(const float x[32], float *min, float *max) {
    *min = *max = x[0];
    for (int j = 1; j < 32; j++) {
        if (x[j] < *min) *min = x[j];
        if (x[j] > *max) *max = x[j];
    }
}

static uint8_t at_most(int limit, int quant) { return (uint8_t)(quant < limit ? quant : limit); }

// Elements j and j + 16 share a byte; the fifth bits, where there are any, are gathered in a word.
static uint32_t pack_nibbles(const uint8_t quants[32], uint8_t packed[16]) {
    uint32_t high = 0;
    for (int j = 0; j < 16; j++) {
        packed[j] = (uint8_t)((quants[j] & 15) | quants[j + 16] << 4);
        high |= (uint32_t)(quants[j] >> 4) << j | (uint32_t)(quants[j + 16] >> 4) << (j + 16);
    }
    return high;
}

void tl_encode_f32(const float *x, void *row, size_t n) { memcpy(row, x, n * sizeof *x); }

void tl_encode_bf16(const float *x, void *row, size_t n) {
    tl_u16 *out = row;
    for (size_t i = 0; i < n; i++) {
        const uint32_t bits = tl_bits(x[i]);
        const int is_nan = (bits & 0x7fffffff) > 0x7f800000;
        out[i].bits = (uint16_t)(is_nan ? bits >> 16 | 64 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
}

// q = x / scale + half, scale = largest / -half: the largest value is always met exactly.
static float encode_symmetric(const float x[32], int half, uint8_t quants[32]) {
    const float scale = signed_largest(x) / (float)-half;
    const float inverse = inverse_of(scale);
    for (int j = 0; j < 32; j++) {
        const float position = x[j] * inverse;
        quants[j] = at_most(2 * half - 1, (int)(position + ((float)half + 0.5f)));
    }
    return scale;
}

// q = (x - min) / scale, scale = (max - min) / levels
static float encode_affine(const float x[32], int levels, float *min, uint8_t quants[32]) {
    float max;
    range_of(x, min, &max);
    const float scale = (max - *min) / (float)levels;
    // The range of a block of huge values may be infinite: infinite scale, quants of zero.
    const float inverse = isfinite(scale) ? inverse_of(scale) : 0;
    for (int j = 0; j < 32; j++) {
        const float position = inverse == 0 ? 0 : (x[j] - *min) * inverse;
        quants[j] = at_most(levels, (int)(position + 0.5f));
    }
    return scale;
}

void tl_encode_q4_0(const float *x, void *row, size_t n) {
    for (tl_q4_0 *block = row; n >= 32; n -= 32, block++, x += 32) {
        uint8_t quants[32];
        block->scale = tl_half_from_float(encode_symmetric(x, 8, quants));
        pack_nibbles(quants, block->quants);
    }
}

void tl_encode_q4_1(const float *x, void *row, size_t n) {
    for (tl_q4_1 *block = row; n >= 32; n -= 32, block++, x += 32) {
        uint8_t quants[32];
        float min;
        block->scale = tl_half_from_float(encode_affine(x, 15, &min, quants));
        block->offset = tl_half_from_float(min);
        pack_nibbles(quants, block->quants);
    }
}

void tl_encode_q5_0(const float *x, void *row, size_t n) {
    for (tl_q5_0 *block = row; n >= 32; n -= 32, block++, x += 32) {
        uint8_t quants[32];
        block->scale = tl_half_from_float(encode_symmetric(x, 16, quants));
        block->high = pack_nibbles(quants, block->quants);
    }
}

void tl_encode_q5_1(const float *x, void *row, size_t n) {
    for (tl_q5_1 *block = row; n >= 32; n -= 32, block++, x += 32) {
        uint8_t quants[32];
        float min;
        block->scale = tl_half_from_float(encode_affine(x, 31, &min, quants));
        block->offset = tl_half_from_float(min);
        block->high = pack_nibbles(quants, block->quants);
    }
}

void tl_encode_q8_0(const float *x, void *row, size_t n) {
    for (tl_q8_0 *block = row; n >= 32; n -= 32, block++, x += 32) {
        const float scale = fabsf(signed_largest(x)) / 127;
        const float inverse = inverse_of(scale);
        block->scale = tl_half_from_float(scale);
        for (int j = 0; j < 32; j++) {
            // roundf, halves away from zero, without the call: what is cut off is exact,
            // so it can be compared.
            const float position = x[j] * inverse;
            const int whole = (int)position;
            const float rest = position - (float)whole;
            block->quants[j] = (int8_t)(whole + (rest >= 0.5f) - (rest <= -0.5f));
        }
    }
}
