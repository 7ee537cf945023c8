// Float vectors in plain C: the oracle, and the fallback where there is no AVX2.
//
// Sums run in double: on the processors that fall back here it costs nothing, and it makes the oracle exact
// to float32.

#include <math.h>

#include "blocks.h"
#include "half.h"
#include "tables.h"

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float eps) {
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += (double)x[i] * x[i];
    const float factor = (float)(1 / sqrt(squares / (double)n + eps));
    for (size_t i = 0; i < n; i++) out[i] = x[i] * factor * weight[i];
}

static void layer_norm(
    const float *x, const float *gain, const float *bias, float *out, size_t n, float eps) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    const double factor = 1 / sqrt(squares / (double)n + eps);
    for (size_t i = 0; i < n; i++) out[i] = (float)((x[i] - mean) * factor) * gain[i] + bias[i];
}

static void add(float *x, const float *y, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] += y[i];
}

// Multiplication and addition round separately in every instruction set, so that a steered run is the same
// on every machine as far as the additions go.
static void add_scaled(float *x, const float *y, float s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const float product = s * y[i];
        x[i] += product;
    }
}

static void scale(float *x, float s, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] *= s;
}

static float dot(const float *x, const float *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * y[i];
    return (float)sum;
}

static float exp_below(float *x, size_t n, float *largest) {
    float most = x[0];
    for (size_t i = 1; i < n; i++) most = x[i] > most ? x[i] : most;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = expf(x[i] - most);
        sum += x[i];
    }
    *largest = most;
    return (float)sum;
}

static void softmax(float *x, size_t n) {
    if (n == 0) return;
    float largest;
    scale(x, 1 / exp_below(x, n, &largest), n);
}

static void silu_mul(const float *gate, const float *up, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

static float gelu(float g) {
    // (1 + tanh u) / 2 = 1 / (1 + exp(-2u)), which loses nothing to cancellation where tanh u is near -1.
    const float outer = -2 * 0.79788456080286535588f;  // -2 · sqrt(2/π)
    return g / (1 + expf(outer * (g + 0.044715f * g * g * g)));
}

static void gelu_tanh_mul(const float *gate, const float *up, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = gelu(gate[i]) * up[i];
}

static void gelu_tanh(const float *x, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = gelu(x[i]);
}

static void soft_cap(float *x, float cap, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

static size_t first_not_below(const float *x, float threshold, size_t n) {
    size_t i = 0;
    while (i < n && x[i] < threshold) i++;
    return i;
}

static void exponential(const float *x, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = expf(x[i]);
}

static void half_from_float(const float *x, uint16_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) ((tl_u16 *)out)[i].bits = tl_half_from_float(x[i]);
}

static void float_from_half(const uint16_t *x, float *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = tl_float_from_half(((const tl_u16 *)x)[i].bits);
}

// The bits of |x| are ordered as |x| is, with NaN above infinity: one integer maximum finds the largest value
// and whether all are finite.
static uint32_t largest_of(const float *x, size_t n) {
    uint32_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t magnitude = tl_bits(x[i]) & 0x7fffffff;
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

static void quantize_activations16(const float *x, int16_t *quants, float *scales, size_t n) {
    for (size_t k = 0; k < n; k += 32, quants += 32, scales++) {
        const size_t count = n - k < 32 ? n - k : 32;
        const uint32_t largest = largest_of(x + k, count);
        const int is_finite = largest < 0x7f800000;
        const float inverse =
            is_finite && largest >= tl_bits(0x1p-110f) ? TL_LARGEST16 / tl_float(largest) : 0;  // it would overflow below
        *scales = !is_finite ? NAN : inverse == 0 ? 0 : tl_float(largest) / TL_LARGEST16;
        for (size_t i = 0; i < 32; i++) {
            quants[i] = i < count && inverse != 0 ? (int16_t)nearbyintf(x[k + i] * inverse) : 0;
        }
    }
}

static void quantize_activations(const float *x, int8_t *quants, float *scales, int16_t *sums, size_t n) {
    for (size_t group = 0; group < n / 32; group++, x += 32, quants += 32, sums += 2) {
        const uint32_t largest = largest_of(x, 32);
        float inverse = 0;
        if (largest >= 0x7f800000) {
            scales[group] = NAN;
        } else if (largest < tl_bits(0x1p-120f)) {  // 127 / |x| would overflow
            scales[group] = 0;
        } else {
            scales[group] = tl_float(largest) / 127;
            inverse = 127 / tl_float(largest);
        }
        for (size_t half = 0; half < 2; half++) {
            int sum = 0;
            for (size_t i = 16 * half; i < 16 * half + 16; i++) {
                const int quant = inverse == 0 ? 0 : (int)nearbyintf(x[i] * inverse);
                quants[i] = (int8_t)quant;
                sum += quant;
            }
            sums[half] = (int16_t)sum;
        }
    }
}

const tl_vector_kernels tl_scalar_vector_kernels = {
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .add = add,
    .add_scaled = add_scaled,
    .scale = scale,
    .dot = dot,
    .softmax = softmax,
    .exp_below = exp_below,
    .silu_mul = silu_mul,
    .gelu_tanh_mul = gelu_tanh_mul,
    .gelu_tanh = gelu_tanh,
    .soft_cap = soft_cap,
    .first_not_below = first_not_below,
    .exp = exponential,
    .half_from_float = half_from_float,
    .float_from_half = float_from_half,
    .quantize_activations = quantize_activations,
    .quantize_activations16 = quantize_activations16,
};
