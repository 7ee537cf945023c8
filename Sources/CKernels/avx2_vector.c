// Float vectors for AVX2 + FMA + F16C.

#include "avx2_target.h"

#if defined(__x86_64__)

#include <math.h>

#include "blocks.h"
#include "half.h"
#include "tables.h"

TL_AVX2_BEGIN

// exp(x) = 2^k · exp(r), k = round(x / ln 2), |r| <= ln 2 / 2. ln 2 is taken away in two parts, the first
// with so few bits that k times it is exact. exp(r) by its Taylor polynomial of degree 6, whose next term is
// at most 1.2e-7 of the result, as much as rounding adds. Adding 1.5 · 2^23 rounds to an integer and leaves
// it in the low bits of the sum, so that no conversion is needed.
typedef struct {
    __m256 power;   // exp(r)
    __m256i whole;  // k in the low bits
} split_exponential;

TL_INLINE split_exponential split(__m256 x) {
    const __m256 shift = _mm256_set1_ps(0x1.8p23f);
    const __m256 shifted = _mm256_fmadd_ps(x, _mm256_set1_ps(1.44269504f), shift);
    const __m256 k = _mm256_sub_ps(shifted, shift);
    __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(0x1.62e4p-1f), x);
    r = _mm256_fnmadd_ps(k, _mm256_set1_ps(0x1.7f7d1cp-20f), r);
    __m256 p = _mm256_set1_ps(1.0f / 720);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
    return (split_exponential){p, _mm256_castps_si256(shifted)};
}

// 2^k as bits; the shift drops all but the low nine bits of the argument.
TL_INLINE __m256 power_of_two(__m256i whole) {
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_slli_epi32(whole, 23), _mm256_set1_epi32(127 << 23)));
}

// Zero where exp(x) is below the smallest normal number.
TL_INLINE __m256 without_tiny(__m256 result, __m256 x) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, _mm256_set1_ps(-87.3365f), _CMP_LT_OQ), result);
}

// Any x: above 88.73 infinite, NaN stays (max and min give their second operand when one is NaN). k may be
// 128, so 2^k is multiplied in two halves.
TL_INLINE __m256 exponential(__m256 x) {
    const split_exponential s =
        split(_mm256_max_ps(_mm256_set1_ps(-88), _mm256_min_ps(_mm256_set1_ps(89), x)));
    // The low bits of 1.5 · 2^23 are zero, so k is the difference, and half of it by an arithmetic shift.
    const __m256i whole = _mm256_sub_epi32(s.whole, _mm256_set1_epi32(0x4b400000));
    const __m256i half = _mm256_srai_epi32(whole, 1);
    const __m256 scaled = _mm256_mul_ps(s.power, power_of_two(half));
    return without_tiny(_mm256_mul_ps(scaled, power_of_two(_mm256_sub_epi32(whole, half))), x);
}

// x <= 0 or NaN, as in a softmax: k is -127 … 0, one factor does.
TL_INLINE __m256 exponential_below_zero(__m256 x) {
    const split_exponential s = split(_mm256_max_ps(_mm256_set1_ps(-88), x));
    return without_tiny(_mm256_mul_ps(s.power, power_of_two(s.whole)), x);
}

// All ones in the first `count` < 8 lanes: the end of a row is loaded and stored under this mask, so that no
// byte behind the row is touched.
TL_INLINE __m256i mask_of(size_t count) {
    static const int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256((const __m256i *)(edge + 8 - count));
}

static float dot(const float *x, const float *y, size_t n) {
    __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        a = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i), a);
        b = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 8), _mm256_loadu_ps(y + i + 8), b);
        c = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 16), _mm256_loadu_ps(y + i + 16), c);
        d = _mm256_fmadd_ps(_mm256_loadu_ps(x + i + 24), _mm256_loadu_ps(y + i + 24), d);
    }
    for (; i + 8 <= n; i += 8) a = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i), a);
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        b = _mm256_fmadd_ps(_mm256_maskload_ps(x + i, mask), _mm256_maskload_ps(y + i, mask), b);
    }
    return tl_sum(_mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d)));
}

static void rms_norm(const float *x, const float *weight, float *out, size_t n, float eps) {
    const float factor = 1 / sqrtf(dot(x, x, n) / (float)n + eps);
    const __m256 factors = _mm256_set1_ps(factor);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(x + i), factors);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(scaled, _mm256_loadu_ps(weight + i)));
    }
    for (; i < n; i++) out[i] = x[i] * factor * weight[i];
}

TL_INLINE __m256 centred(const float *x, __m256 mean) { return _mm256_sub_ps(_mm256_loadu_ps(x), mean); }

static void layer_norm(
    const float *x, const float *gain, const float *bias, float *out, size_t n, float eps) {
    __m256 a = _mm256_setzero_ps(), b = a;
    size_t i = 0;
    float rest = 0;
    for (; i + 16 <= n; i += 16) {
        a = _mm256_add_ps(a, _mm256_loadu_ps(x + i));
        b = _mm256_add_ps(b, _mm256_loadu_ps(x + i + 8));
    }
    for (; i < n; i++) rest += x[i];
    const float mean = (tl_sum(_mm256_add_ps(a, b)) + rest) / (float)n;
    const __m256 means = _mm256_set1_ps(mean);
    a = b = _mm256_setzero_ps();
    rest = 0;
    for (i = 0; i + 16 <= n; i += 16) {
        const __m256 c = centred(x + i, means), d = centred(x + i + 8, means);
        a = _mm256_fmadd_ps(c, c, a);
        b = _mm256_fmadd_ps(d, d, b);
    }
    for (; i < n; i++) rest += (x[i] - mean) * (x[i] - mean);
    const float factor = 1 / sqrtf((tl_sum(_mm256_add_ps(a, b)) + rest) / (float)n + eps);
    const __m256 factors = _mm256_set1_ps(factor);
    for (i = 0; i + 8 <= n; i += 8) {
        const __m256 scaled = _mm256_mul_ps(centred(x + i, means), factors);
        _mm256_storeu_ps(
            out + i, _mm256_fmadd_ps(scaled, _mm256_loadu_ps(gain + i), _mm256_loadu_ps(bias + i)));
    }
    for (; i < n; i++) out[i] = (x[i] - mean) * factor * gain[i] + bias[i];
}

static void add(float *x, const float *y, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm256_storeu_ps(x + i, _mm256_add_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
    }
    for (; i < n; i++) x[i] += y[i];
}

static void add_scaled(float *x, const float *y, float s, size_t n) {
    const __m256 factor = _mm256_set1_ps(s);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 product = _mm256_mul_ps(factor, _mm256_loadu_ps(y + i));
        _mm256_storeu_ps(x + i, _mm256_add_ps(_mm256_loadu_ps(x + i), product));
    }
    for (; i < n; i++) x[i] += s * y[i];
}

static void scale(float *x, float s, size_t n) {
    const __m256 factor = _mm256_set1_ps(s);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(x + i, _mm256_mul_ps(_mm256_loadu_ps(x + i), factor));
    for (; i < n; i++) x[i] *= s;
}

static float exp_below(float *x, size_t n, float *most) {
    const __m256 lowest = _mm256_set1_ps(-INFINITY);
    const size_t whole = n / 8 * 8;
    const __m256i mask = mask_of(n - whole);
    const __m256 rest =
        _mm256_blendv_ps(lowest, _mm256_maskload_ps(x + whole, mask), _mm256_castsi256_ps(mask));
    __m256 largest = rest, other = lowest;  // two chains: a maximum takes four cycles
    size_t i = 0;
    for (; i + 16 <= whole; i += 16) {
        largest = _mm256_max_ps(largest, _mm256_loadu_ps(x + i));
        other = _mm256_max_ps(other, _mm256_loadu_ps(x + i + 8));
    }
    if (i < whole) other = _mm256_max_ps(other, _mm256_loadu_ps(x + i));
    largest = _mm256_max_ps(largest, other);
    largest = _mm256_max_ps(largest, _mm256_permute2f128_ps(largest, largest, 1));
    largest = _mm256_max_ps(largest, _mm256_permute_ps(largest, 0x4e));
    largest = _mm256_max_ps(largest, _mm256_permute_ps(largest, 0xb1));
    *most = _mm256_cvtss_f32(largest);
    __m256 sums = _mm256_setzero_ps();
    for (i = 0; i < whole; i += 8) {
        const __m256 e = exponential_below_zero(_mm256_sub_ps(_mm256_loadu_ps(x + i), largest));
        _mm256_storeu_ps(x + i, e);
        sums = _mm256_add_ps(sums, e);
    }
    if (whole < n) {
        const __m256 e = exponential_below_zero(_mm256_sub_ps(rest, largest));
        const __m256 kept = _mm256_and_ps(e, _mm256_castsi256_ps(mask));
        _mm256_maskstore_ps(x + whole, mask, kept);
        sums = _mm256_add_ps(sums, kept);
    }
    return tl_sum(sums);
}

static void softmax(float *x, size_t n) {
    if (n == 0) return;
    float largest;
    scale(x, 1 / exp_below(x, n, &largest), n);
}

TL_INLINE __m256 silu(__m256 g) {
    const __m256 e = exponential(_mm256_sub_ps(_mm256_setzero_ps(), g));
    return _mm256_div_ps(g, _mm256_add_ps(_mm256_set1_ps(1), e));
}

static void silu_mul(const float *gate, const float *up, float *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm256_storeu_ps(out + i, _mm256_mul_ps(silu(_mm256_loadu_ps(gate + i)), _mm256_loadu_ps(up + i)));
    }
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        const __m256 g = _mm256_maskload_ps(gate + i, mask), u = _mm256_maskload_ps(up + i, mask);
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(silu(g), u));
    }
}

TL_INLINE __m256 gelu(__m256 g) {
    const __m256 cube = _mm256_mul_ps(_mm256_mul_ps(g, g), g);
    const __m256 inner = _mm256_fmadd_ps(_mm256_set1_ps(0.044715f), cube, g);
    const __m256 e = exponential(_mm256_mul_ps(_mm256_set1_ps(-2 * 0.79788456080286535588f), inner));
    return _mm256_div_ps(g, _mm256_add_ps(_mm256_set1_ps(1), e));
}

static void gelu_tanh_mul(const float *gate, const float *up, float *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 g = gelu(_mm256_loadu_ps(gate + i));
        _mm256_storeu_ps(out + i, _mm256_mul_ps(g, _mm256_loadu_ps(up + i)));
    }
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        const __m256 g = _mm256_maskload_ps(gate + i, mask), u = _mm256_maskload_ps(up + i, mask);
        _mm256_maskstore_ps(out + i, mask, _mm256_mul_ps(gelu(g), u));
    }
}

static void gelu_tanh(const float *x, float *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(out + i, gelu(_mm256_loadu_ps(x + i)));
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        _mm256_maskstore_ps(out + i, mask, gelu(_mm256_maskload_ps(x + i, mask)));
    }
}

// cap · tanh(u) = cap - 2 · cap / (1 + exp(2u)), u = x / cap
TL_INLINE __m256 capped(__m256 x, __m256 cap, __m256 double_inverse) {
    const __m256 e = exponential(_mm256_mul_ps(x, double_inverse));
    const __m256 share = _mm256_div_ps(_mm256_set1_ps(2), _mm256_add_ps(_mm256_set1_ps(1), e));
    return _mm256_fnmadd_ps(cap, share, cap);
}

static void soft_cap(float *x, float cap, size_t n) {
    const __m256 caps = _mm256_set1_ps(cap), double_inverse = _mm256_set1_ps(2 / cap);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm256_storeu_ps(x + i, capped(_mm256_loadu_ps(x + i), caps, double_inverse));
    }
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        _mm256_maskstore_ps(x + i, mask, capped(_mm256_maskload_ps(x + i, mask), caps, double_inverse));
    }
}

static size_t first_not_below(const float *x, float threshold, size_t n) {
    const __m256 least = _mm256_set1_ps(threshold);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const int found = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x + i), least, _CMP_NLT_UQ));
        if (found) return i + (size_t)__builtin_ctz((unsigned)found);
    }
    while (i < n && x[i] < threshold) i++;
    return i;
}

static void exponentials(const float *x, float *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(out + i, exponential(_mm256_loadu_ps(x + i)));
    if (i < n) {
        const __m256i mask = mask_of(n - i);
        _mm256_maskstore_ps(out + i, mask, exponential(_mm256_maskload_ps(x + i, mask)));
    }
}

static void half_from_float(const float *x, uint16_t *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128((__m128i *)(out + i), halves);
    }
    for (; i < n; i++) ((tl_u16 *)out)[i].bits = tl_half_from_float(x[i]);
}

static void float_from_half(const uint16_t *x, float *out, size_t n) {
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(x + i))));
    }
    for (; i < n; i++) out[i] = tl_float_from_half(((const tl_u16 *)x)[i].bits);
}

// The bits of the largest |x| of 32, NaN above infinity.
TL_INLINE uint32_t largest_of_32(__m256 a, __m256 b, __m256 c, __m256 d) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    const __m256i ab = _mm256_max_epi32(
        _mm256_and_si256(_mm256_castps_si256(a), magnitude), _mm256_and_si256(_mm256_castps_si256(b), magnitude));
    const __m256i cd = _mm256_max_epi32(
        _mm256_and_si256(_mm256_castps_si256(c), magnitude), _mm256_and_si256(_mm256_castps_si256(d), magnitude));
    const __m256i eight = _mm256_max_epi32(ab, cd);
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4e));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(most);
}

TL_INLINE __m256i rounded(__m256 x, __m256 inverse) { return _mm256_cvtps_epi32(_mm256_mul_ps(x, inverse)); }

// The same bits as the scalar version: the scale and its inverse come from the same scalar divisions, and
// _mm256_cvtps_epi32 rounds ties to even as nearbyintf does.
static void quantize_activations(const float *x, int8_t *quants, float *scales, int16_t *sums, size_t n) {
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // undoes the lanes of the two packs
    for (size_t group = 0; group < n / 32; group++, x += 32) {
        const __m256 a = _mm256_loadu_ps(x), b = _mm256_loadu_ps(x + 8);
        const __m256 c = _mm256_loadu_ps(x + 16), d = _mm256_loadu_ps(x + 24);
        const uint32_t largest = largest_of_32(a, b, c, d);
        if (largest >= 0x7f800000 || largest < tl_bits(0x1p-120f)) {
            scales[group] = largest >= 0x7f800000 ? NAN : 0;
            _mm256_storeu_si256((__m256i *)(quants + 32 * group), _mm256_setzero_si256());
            sums[2 * group] = sums[2 * group + 1] = 0;
            continue;
        }
        scales[group] = tl_float(largest) / 127;
        const __m256 inverse = _mm256_set1_ps(127 / tl_float(largest));
        const __m256i ai = rounded(a, inverse), bi = rounded(b, inverse);
        const __m256i ci = rounded(c, inverse), di = rounded(d, inverse);
        const __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(ai, bi), _mm256_packs_epi32(ci, di));
        _mm256_storeu_si256(
            (__m256i *)(quants + 32 * group), _mm256_permutevar8x32_epi32(packed, order));
        // Sums of a + b and of c + d: hadd within lanes, then the two lanes together.
        const __m256i pairs = _mm256_hadd_epi32(_mm256_add_epi32(ai, bi), _mm256_add_epi32(ci, di));
        const __m128i fours =
            _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        const __m128i both = _mm_hadd_epi32(fours, fours);
        sums[2 * group] = (int16_t)_mm_extract_epi32(both, 0);
        sums[2 * group + 1] = (int16_t)_mm_extract_epi32(both, 1);
    }
}

static void quantize_activations16(const float *x, int16_t *quants, float *scales, size_t n) {
    for (size_t k = 0; k < n; k += 32, quants += 32, scales++) {
        float last[32] = {0};
        const float *group = x + k;
        if (n - k < 32) group = memcpy(last, group, (n - k) * sizeof *x);
        const __m256 a = _mm256_loadu_ps(group), b = _mm256_loadu_ps(group + 8);
        const __m256 c = _mm256_loadu_ps(group + 16), d = _mm256_loadu_ps(group + 24);
        const uint32_t largest = largest_of_32(a, b, c, d);
        if (largest >= 0x7f800000 || largest < tl_bits(0x1p-110f)) {
            *scales = largest >= 0x7f800000 ? NAN : 0;
            memset(quants, 0, 32 * sizeof *quants);
            continue;
        }
        *scales = tl_float(largest) / TL_LARGEST16;
        const __m256 inverse = _mm256_set1_ps(TL_LARGEST16 / tl_float(largest));
        // The pack takes the lanes by turns.
        const __m256i ab = _mm256_packs_epi32(rounded(a, inverse), rounded(b, inverse));
        const __m256i cd = _mm256_packs_epi32(rounded(c, inverse), rounded(d, inverse));
        _mm256_storeu_si256((__m256i *)quants, _mm256_permute4x64_epi64(ab, 0xd8));
        _mm256_storeu_si256((__m256i *)(quants + 16), _mm256_permute4x64_epi64(cd, 0xd8));
    }
}

TL_AVX2_END

const tl_vector_kernels tl_avx2_vector_kernels = {
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
    .exp = exponentials,
    .half_from_float = half_from_float,
    .float_from_half = float_from_half,
    .quantize_activations = quantize_activations,
    .quantize_activations16 = quantize_activations16,
};

#endif
