// float16 and bfloat16 <-> float32 in plain C, bit for bit as F16C and ggml do it.

#ifndef TL_HALF_H
#define TL_HALF_H

#include <stdint.h>
#include <string.h>

static inline uint32_t tl_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float tl_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float tl_float_from_half(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = (half >> 10) & 0x1f;
    const uint32_t mantissa = half & 0x3ff;
    if (exponent == 0) {  // zero and subnormals: mantissa · 2^-24, exact in float32
        const float magnitude = (float)mantissa * 0x1p-24f;
        return tl_float(sign | tl_bits(magnitude));
    }
    if (exponent == 31) {  // F16C makes a signalling NaN quiet
        return tl_float(sign | 0x7f800000 | (mantissa ? 0x400000 | mantissa << 13 : 0));
    }
    return tl_float(sign | (exponent + 112) << 23 | mantissa << 13);
}

static inline uint16_t tl_half_from_float(float value) {
    const uint32_t bits = tl_bits(value);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {  // NaN: quiet, the payload's high bits kept
        return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));
    }
    if (magnitude >= 0x477ff000) {  // 65520 and more rounds to infinity
        return (uint16_t)(sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
        // Below 2^-14: the result is a multiple of 2^-24. Adding 0.5, whose unit in the last place is 2^-24,
        // makes the adder round to nearest even at exactly that place.
        const float shifted = tl_float(magnitude) + 0.5f;
        return (uint16_t)(sign | (tl_bits(shifted) - tl_bits(0.5f)));
    }
    const uint32_t odd = magnitude >> 13 & 1;
    return (uint16_t)(sign | (magnitude - 0x38000000 + 0xfff + odd) >> 13);
}

static inline float tl_float_from_bfloat(uint16_t bfloat) { return tl_float((uint32_t)bfloat << 16); }

#endif
