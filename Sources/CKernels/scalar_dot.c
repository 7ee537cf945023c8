// Dots of a row in plain C: with int8 activations by integers, with float32 by way of the decoder.
//
// Integer sums are exact; the groups' results are added in double, which makes this the oracle: it differs
// from the exact sum of the same products by one rounding to float32. Offsets that AVX2 moves into the sums
// (q - 8, q - 32) are subtracted from each quant here, so that the two check each other.

#include "half.h"
#include "rows.h"
#include "tables.h"

// -- int8 activations, blocks of 32

// Σ q · a over the two halves of a block whose quants are packed four bits each; `value` maps a nibble.
#define NIBBLE_SUM(total, block, a, value) \
    for (int j = 0; j < 16; j++) { \
        total += value((block)->quants[j] & 15, j) * (a)[j]; \
        total += value((block)->quants[j] >> 4, j + 16) * (a)[j + 16]; \
    }

#define EACH_BLOCK(type) \
    double result = 0; \
    for (const type *block = row; n >= 32; n -= 32, block++, quants += 32, scales++, sums += 2)

float tl_scalar_dot_int8_q4_0(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_q4_0) {
        int total = 0;
#define VALUE(q, j) ((q) - 8)
        NIBBLE_SUM(total, block, quants, VALUE)
#undef VALUE
        result += (double)tl_float_from_half(block->scale) * *scales * total;
    }
    return (float)result;
}

float tl_scalar_dot_int8_q4_1(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_q4_1) {
        int total = 0;
#define VALUE(q, j) (q)
        NIBBLE_SUM(total, block, quants, VALUE)
#undef VALUE
        const double offset = (double)tl_float_from_half(block->offset) * (sums[0] + sums[1]);
        result += *scales * ((double)tl_float_from_half(block->scale) * total + offset);
    }
    return (float)result;
}

float tl_scalar_dot_int8_q5_0(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_q5_0) {
        int total = 0;
#define VALUE(q, j) (((q) | (int)(block->high >> (j) & 1) << 4) - 16)
        NIBBLE_SUM(total, block, quants, VALUE)
#undef VALUE
        result += (double)tl_float_from_half(block->scale) * *scales * total;
    }
    return (float)result;
}

float tl_scalar_dot_int8_q5_1(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_q5_1) {
        int total = 0;
#define VALUE(q, j) ((q) | (int)(block->high >> (j) & 1) << 4)
        NIBBLE_SUM(total, block, quants, VALUE)
#undef VALUE
        const double offset = (double)tl_float_from_half(block->offset) * (sums[0] + sums[1]);
        result += *scales * ((double)tl_float_from_half(block->scale) * total + offset);
    }
    return (float)result;
}

float tl_scalar_dot_int8_q8_0(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_q8_0) {
        int total = 0;
        for (int j = 0; j < 32; j++) total += block->quants[j] * quants[j];
        result += (double)tl_float_from_half(block->scale) * *scales * total;
    }
    return (float)result;
}

float tl_scalar_dot_int8_iq4_nl(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_BLOCK(tl_iq4_nl) {
        int total = 0;
#define VALUE(q, j) tl_iq4_values[q]
        NIBBLE_SUM(total, block, quants, VALUE)
#undef VALUE
        result += (double)tl_float_from_half(block->scale) * *scales * total;
    }
    return (float)result;
}

// -- int8 activations, superblocks of 256

#define EACH_SUPERBLOCK(type) \
    double result = 0; \
    for (const type *block = row; n >= 256; n -= 256, block++, quants += 256, scales += 8, sums += 16)

float tl_scalar_dot_int8_q2_k(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_q2_k) {
        const double scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        for (int s = 0; s < 16; s++) {  // sixteen elements
            int total = 0;
            for (int i = 16 * s; i < 16 * s + 16; i++) {
                const int g = i / 32;
                total += (block->quants[32 * (g / 4) + i % 32] >> (2 * (g % 4)) & 3) * quants[i];
            }
            const int factor = block->scales[s] & 15, offset = block->scales[s] >> 4;
            result += scales[s / 2] * (scale * factor * total - min * offset * sums[s]);
        }
    }
    return (float)result;
}

float tl_scalar_dot_int8_q3_k(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_q3_k) {
        int8_t factors[16];
        tl_q3_k_scales(block->scales, factors);
        for (int s = 0; s < 16; s++) {
            int total = 0;
            for (int i = 16 * s; i < 16 * s + 16; i++) {
                const int g = i / 32, l = i % 32;
                const int low = block->quants[32 * (g / 4) + l] >> (2 * (g % 4)) & 3;
                total += ((low | (block->high[l] >> g & 1) << 2) - 4) * quants[i];
            }
            result += (double)tl_float_from_half(block->scale) * factors[s] * scales[s / 2] * total;
        }
    }
    return (float)result;
}

float tl_scalar_dot_int8_q4_k(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_q4_k) {
        const double scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        uint8_t factors[8], mins[8];
        tl_q4_k_scales(block->scales, factors, mins);
        for (int g = 0; g < 8; g++) {
            int total = 0;
            for (int l = 0; l < 32; l++) {
                total += (block->quants[32 * (g / 2) + l] >> (4 * (g % 2)) & 15) * quants[32 * g + l];
            }
            const int sum = sums[2 * g] + sums[2 * g + 1];
            result += scales[g] * (scale * factors[g] * total - min * mins[g] * sum);
        }
    }
    return (float)result;
}

float tl_scalar_dot_int8_q5_k(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_q5_k) {
        const double scale = tl_float_from_half(block->scale), min = tl_float_from_half(block->min);
        uint8_t factors[8], mins[8];
        tl_q4_k_scales(block->scales, factors, mins);
        for (int g = 0; g < 8; g++) {
            int total = 0;
            for (int l = 0; l < 32; l++) {
                const int low = block->quants[32 * (g / 2) + l] >> (4 * (g % 2)) & 15;
                total += (low | (block->high[l] >> g & 1) << 4) * quants[32 * g + l];
            }
            const int sum = sums[2 * g] + sums[2 * g + 1];
            result += scales[g] * (scale * factors[g] * total - min * mins[g] * sum);
        }
    }
    return (float)result;
}

float tl_scalar_dot_int8_q6_k(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_q6_k) {
        for (int s = 0; s < 16; s++) {
            int total = 0;
            for (int i = 16 * s; i < 16 * s + 16; i++) {
                const int half = i / 128, t = i / 32 % 4, l = i % 32;
                const int low = block->low[64 * half + 32 * (t % 2) + l] >> (4 * (t / 2)) & 15;
                const int high = block->high[32 * half + l] >> (2 * t) & 3;
                total += ((low | high << 4) - 32) * quants[i];
            }
            result += (double)tl_float_from_half(block->scale) * block->scales[s] * scales[s / 2] * total;
        }
    }
    return (float)result;
}

float tl_scalar_dot_int8_iq4_xs(
    const void *row, const int8_t *quants, const float *scales, const int16_t *sums, size_t n) {
    EACH_SUPERBLOCK(tl_iq4_xs) {
        int8_t factors[8];
        tl_iq4_xs_scales(block, factors);
        for (int g = 0; g < 8; g++) {
            int total = 0;
            for (int j = 0; j < 16; j++) {
                const int packed = block->quants[16 * g + j];
                total += tl_iq4_values[packed & 15] * quants[32 * g + j];
                total += tl_iq4_values[packed >> 4] * quants[32 * g + j + 16];
            }
            result += (double)tl_float_from_half(block->scale) * factors[g] * scales[g] * total;
        }
    }
    return (float)result;
}

// -- float32

// A block at a time through a small buffer.
#define DOT_FLOAT(name, block_elements, block_bytes) \
    float tl_scalar_dot_float_##name(const void *row, const float *x, size_t n) { \
        const uint8_t *bytes = row; \
        double sum = 0; \
        float weights[block_elements]; \
        for (; n >= (block_elements); n -= (block_elements), bytes += (block_bytes)) { \
            tl_scalar_decode_##name(bytes, weights, block_elements); \
            for (int i = 0; i < (block_elements); i++) sum += (double)weights[i] * *x++; \
        } \
        return (float)sum; \
    }

DOT_FLOAT(f32, 1, 4)
DOT_FLOAT(f16, 1, 2)
DOT_FLOAT(bf16, 1, 2)
#define DOT_FLOAT_32(name, TYPE) DOT_FLOAT(name, 32, sizeof(tl_##name))
TL_SMALL_BLOCK_TYPES(DOT_FLOAT_32)
#define DOT_FLOAT_256(name, TYPE) DOT_FLOAT(name, 256, sizeof(tl_##name))
TL_SUPERBLOCK_TYPES(DOT_FLOAT_256)

// -- The table

const tl_row_kernels *tl_scalar_row_kernels(uint32_t ggml_type) {
    switch (ggml_type) {
#define FLOAT_CASE(name, TYPE) TL_FLOAT_CASE(scalar, name, TYPE)
        TL_FLOAT_TYPES(FLOAT_CASE)
#define QUANTIZED_CASE(name, TYPE) TL_QUANTIZED_CASE(scalar, name, TYPE)
        TL_QUANTIZED_TYPES(QUANTIZED_CASE)
        default: return NULL;
    }
}
