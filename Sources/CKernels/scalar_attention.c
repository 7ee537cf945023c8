// Attention in plain C: the oracle of the tests and the fallback.

#include "half.h"
#include "tables.h"

static float element(const void *values, int is_half, size_t index) {
    return is_half ? tl_float_from_half(((const uint16_t *)values)[index]) : ((const float *)values)[index];
}

static void scores(
    const float *queries, size_t query_count, const void *keys, int is_half, size_t key_count,
    size_t head_size, float *scores, size_t stride) {
    for (size_t q = 0; q < query_count; q++) {
        for (size_t c = 0; c < key_count; c++) {
            float sum = 0;
            for (size_t i = 0; i < head_size; i++) {
                sum += queries[q * head_size + i] * element(keys, is_half, c * head_size + i);
            }
            scores[q * stride + c] = sum;
        }
    }
}

static void mix(
    const float *weights, size_t stride, size_t query_count, const void *values, int is_half,
    size_t value_count, size_t head_size, float *out) {
    for (size_t q = 0; q < query_count; q++) {
        for (size_t c = 0; c < value_count; c++) {
            const float weight = weights[q * stride + c];
            for (size_t i = 0; i < head_size; i++) {
                out[q * head_size + i] += weight * element(values, is_half, c * head_size + i);
            }
        }
    }
}

const tl_attention_kernels tl_scalar_attention_kernels = {scores, mix};
