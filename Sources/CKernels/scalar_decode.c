// Dequantisation in plain C: what every other kernel is measured against.
//
// Each decoder rounds as ggml's reference does: the block's scale times the group's scale first, then times
// the quant, then plus the offset, each a float32 operation of its own.

#include "rows.h"

#include "half.h"

// No fused multiply-add on the processors that have it as a matter of course (aarch64).
#pragma STDC FP_CONTRACT OFF

void tl_scalar_decode_f32(const void *row, float *out, size_t n) {
    const tl_f32 *values = row;
    for (size_t i = 0; i < n; i++) out[i] = values[i].value;
}

void tl_scalar_decode_f16(const void *row, float *out, size_t n) {
    const tl_u16 *values = row;
    for (size_t i = 0; i < n; i++) out[i] = tl_float_from_half(values[i].bits);
}

void tl_scalar_decode_bf16(const void *row, float *out, size_t n) {
    const tl_u16 *values = row;
    for (size_t i = 0; i < n; i++) out[i] = tl_float_from_bfloat(values[i].bits);
}

void tl_scalar_decode_q4_0(const void *row, float *out, size_t n) {
    for (const tl_q4_0 *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale);
        for (int j = 0; j < 16; j++) {
            out[j] = scale * (float)((block->quants[j] & 15) - 8);
            out[j + 16] = scale * (float)((block->quants[j] >> 4) - 8);
        }
    }
}

void tl_scalar_decode_q4_1(const void *row, float *out, size_t n) {
    for (const tl_q4_1 *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale), offset = tl_float_from_half(block->offset);
        for (int j = 0; j < 16; j++) {
            out[j] = scale * (float)(block->quants[j] & 15) + offset;
            out[j + 16] = scale * (float)(block->quants[j] >> 4) + offset;
        }
    }
}

// Elements j and j + 16 of a five-bit block.
static int five_low(const uint8_t quants[16], uint32_t high, int j) {
    return (quants[j] & 15) | (int)(high >> j & 1) << 4;
}

static int five_high(const uint8_t quants[16], uint32_t high, int j) {
    return quants[j] >> 4 | (int)(high >> (j + 16) & 1) << 4;
}

void tl_scalar_decode_q5_0(const void *row, float *out, size_t n) {
    for (const tl_q5_0 *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale);
        for (int j = 0; j < 16; j++) {
            out[j] = scale * (float)(five_low(block->quants, block->high, j) - 16);
            out[j + 16] = scale * (float)(five_high(block->quants, block->high, j) - 16);
        }
    }
}

void tl_scalar_decode_q5_1(const void *row, float *out, size_t n) {
    for (const tl_q5_1 *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale), offset = tl_float_from_half(block->offset);
        for (int j = 0; j < 16; j++) {
            out[j] = scale * (float)five_low(block->quants, block->high, j) + offset;
            out[j + 16] = scale * (float)five_high(block->quants, block->high, j) + offset;
        }
    }
}

void tl_scalar_decode_q8_0(const void *row, float *out, size_t n) {
    for (const tl_q8_0 *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale);
        for (int j = 0; j < 32; j++) out[j] = scale * (float)block->quants[j];
    }
}

void tl_scalar_decode_iq4_nl(const void *row, float *out, size_t n) {
    for (const tl_iq4_nl *block = row; n >= 32; n -= 32, block++, out += 32) {
        const float scale = tl_float_from_half(block->scale);
        for (int j = 0; j < 16; j++) {
            out[j] = scale * (float)tl_iq4_values[block->quants[j] & 15];
            out[j + 16] = scale * (float)tl_iq4_values[block->quants[j] >> 4];
        }
    }
}

void tl_scalar_decode_q2_k(const void *row, float *out, size_t n) {
    for (const tl_q2_k *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        for (int i = 0; i < 256; i++) {
            const int g = i / 32, l = i % 32, packed = block->scales[i / 16];
            const int quant = block->quants[32 * (g / 4) + l] >> (2 * (g % 4)) & 3;
            *out++ = scale * (float)(packed & 15) * (float)quant - min * (float)(packed >> 4);
        }
    }
}

void tl_scalar_decode_q3_k(const void *row, float *out, size_t n) {
    for (const tl_q3_k *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale);
        int8_t scales[16];
        tl_q3_k_scales(block->scales, scales);
        for (int i = 0; i < 256; i++) {
            const int g = i / 32, l = i % 32;
            const int low = block->quants[32 * (g / 4) + l] >> (2 * (g % 4)) & 3;
            const int high = block->high[l] >> g & 1;
            *out++ = scale * (float)scales[i / 16] * (float)((low | high << 2) - 4);
        }
    }
}

void tl_scalar_decode_q4_k(const void *row, float *out, size_t n) {
    for (const tl_q4_k *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        uint8_t scales[8], mins[8];
        tl_q4_k_scales(block->scales, scales, mins);
        for (int g = 0; g < 8; g++) {
            const float factor = scale * (float)scales[g], offset = min * (float)mins[g];
            for (int l = 0; l < 32; l++) {
                const int quant = block->quants[32 * (g / 2) + l] >> (4 * (g % 2)) & 15;
                *out++ = factor * (float)quant - offset;
            }
        }
    }
}

void tl_scalar_decode_q5_k(const void *row, float *out, size_t n) {
    for (const tl_q5_k *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        uint8_t scales[8], mins[8];
        tl_q4_k_scales(block->scales, scales, mins);
        for (int g = 0; g < 8; g++) {
            const float factor = scale * (float)scales[g], offset = min * (float)mins[g];
            for (int l = 0; l < 32; l++) {
                const int low = block->quants[32 * (g / 2) + l] >> (4 * (g % 2)) & 15;
                const int high = block->high[l] >> g & 1;
                *out++ = factor * (float)(low | high << 4) - offset;
            }
        }
    }
}

void tl_scalar_decode_q6_k(const void *row, float *out, size_t n) {
    for (const tl_q6_k *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale);
        for (int i = 0; i < 256; i++) {
            const int half = i / 128, t = i / 32 % 4, l = i % 32;
            const int low = block->low[64 * half + 32 * (t % 2) + l] >> (4 * (t / 2)) & 15;
            const int high = block->high[32 * half + l] >> (2 * t) & 3;
            *out++ = scale * (float)block->scales[i / 16] * (float)((low | high << 4) - 32);
        }
    }
}

void tl_scalar_decode_iq4_xs(const void *row, float *out, size_t n) {
    for (const tl_iq4_xs *block = row; n >= 256; n -= 256, block++) {
        const float scale = tl_float_from_half(block->scale);
        int8_t scales[8];
        tl_iq4_xs_scales(block, scales);
        for (int g = 0; g < 8; g++, out += 32) {
            const float factor = scale * (float)scales[g];
            for (int j = 0; j < 16; j++) {
                const int packed = block->quants[16 * g + j];
                out[j] = factor * (float)tl_iq4_values[packed & 15];
                out[j + 16] = factor * (float)tl_iq4_values[packed >> 4];
            }
        }
    }
}
