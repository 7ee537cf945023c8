// Attention with AVX2 and FMA.
//
// Two queries meet four keys at a time: eight sums in registers for six loads a step. The mix holds four vectors
// of the output for two queries and walks down the values.

#include "tables.h"

#include "avx2_target.h"

#if defined(__x86_64__)

TL_AVX2_BEGIN

// The sums of four vectors, in one.
static inline __m128 sums_of_four(__m256 a, __m256 b, __m256 c, __m256 d) {
    const __m256 ab = _mm256_hadd_ps(a, b);
    const __m256 cd = _mm256_hadd_ps(c, d);
    const __m256 abcd = _mm256_hadd_ps(ab, cd);
    return _mm_add_ps(_mm256_castps256_ps128(abcd), _mm256_extractf128_ps(abcd, 1));
}

// The sum of one vector, added up in the order of `sums_of_four`: a score is the same bits however keys and queries
// are grouped.
static inline float sum_of_one(__m256 v) {
    const __m256 pairs = _mm256_hadd_ps(v, v);
    const __m256 fours = _mm256_hadd_ps(pairs, pairs);
    return _mm_cvtss_f32(_mm_add_ss(_mm256_castps256_ps128(fours), _mm256_extractf128_ps(fours, 1)));
}

// One query against one key, any head size.
static inline float score(const float *query, const float *key, size_t head_size) {
    __m256 sum = _mm256_setzero_ps();
    size_t i = 0;
    for (; i + 8 <= head_size; i += 8) {
        sum = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), _mm256_loadu_ps(key + i), sum);
    }
    float total = sum_of_one(sum);
    for (; i < head_size; i++) total += query[i] * key[i];
    return total;
}

static void score_two_by_four(
    const float *q0, const float *q1, const float *keys, size_t head_size, float *out0, float *out1) {
    const float *k0 = keys, *k1 = k0 + head_size, *k2 = k1 + head_size, *k3 = k2 + head_size;
    __m256 s00 = _mm256_setzero_ps(), s01 = s00, s02 = s00, s03 = s00;
    __m256 s10 = s00, s11 = s00, s12 = s00, s13 = s00;
    for (size_t i = 0; i < head_size; i += 8) {
        const __m256 a = _mm256_loadu_ps(q0 + i);
        const __m256 b = _mm256_loadu_ps(q1 + i);
        __m256 k = _mm256_loadu_ps(k0 + i);
        s00 = _mm256_fmadd_ps(a, k, s00);
        s10 = _mm256_fmadd_ps(b, k, s10);
        k = _mm256_loadu_ps(k1 + i);
        s01 = _mm256_fmadd_ps(a, k, s01);
        s11 = _mm256_fmadd_ps(b, k, s11);
        k = _mm256_loadu_ps(k2 + i);
        s02 = _mm256_fmadd_ps(a, k, s02);
        s12 = _mm256_fmadd_ps(b, k, s12);
        k = _mm256_loadu_ps(k3 + i);
        s03 = _mm256_fmadd_ps(a, k, s03);
        s13 = _mm256_fmadd_ps(b, k, s13);
    }
    _mm_storeu_ps(out0, sums_of_four(s00, s01, s02, s03));
    _mm_storeu_ps(out1, sums_of_four(s10, s11, s12, s13));
}

static void score_one_by_four(const float *q, const float *keys, size_t head_size, float *out) {
    const float *k0 = keys, *k1 = k0 + head_size, *k2 = k1 + head_size, *k3 = k2 + head_size;
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < head_size; i += 8) {
        const __m256 a = _mm256_loadu_ps(q + i);
        s0 = _mm256_fmadd_ps(a, _mm256_loadu_ps(k0 + i), s0);
        s1 = _mm256_fmadd_ps(a, _mm256_loadu_ps(k1 + i), s1);
        s2 = _mm256_fmadd_ps(a, _mm256_loadu_ps(k2 + i), s2);
        s3 = _mm256_fmadd_ps(a, _mm256_loadu_ps(k3 + i), s3);
    }
    _mm_storeu_ps(out, sums_of_four(s0, s1, s2, s3));
}

static void scores(
    const float *queries, size_t query_count, const float *keys, size_t key_count, size_t head_size,
    float *scores, size_t stride) {
    const size_t fours = head_size % 8 == 0 ? key_count / 4 * 4 : 0;
    size_t q = 0;
    for (; q + 2 <= query_count; q += 2) {
        const float *q0 = queries + q * head_size;
        float *out = scores + q * stride;
        for (size_t c = 0; c < fours; c += 4) {
            score_two_by_four(q0, q0 + head_size, keys + c * head_size, head_size, out + c, out + stride + c);
        }
    }
    if (q < query_count) {
        for (size_t c = 0; c < fours; c += 4) {
            score_one_by_four(
                queries + q * head_size, keys + c * head_size, head_size, scores + q * stride + c);
        }
    }
    for (q = 0; q < query_count; q++) {
        for (size_t c = fours; c < key_count; c++) {
            scores[q * stride + c] = score(queries + q * head_size, keys + c * head_size, head_size);
        }
    }
}

// 32 columns of the output of two queries.
static void mix_two_by_32(
    const float *w0, const float *w1, const float *values, size_t value_count, size_t head_size, float *out0,
    float *out1) {
    __m256 a0 = _mm256_loadu_ps(out0), a1 = _mm256_loadu_ps(out0 + 8);
    __m256 a2 = _mm256_loadu_ps(out0 + 16), a3 = _mm256_loadu_ps(out0 + 24);
    __m256 b0 = _mm256_loadu_ps(out1), b1 = _mm256_loadu_ps(out1 + 8);
    __m256 b2 = _mm256_loadu_ps(out1 + 16), b3 = _mm256_loadu_ps(out1 + 24);
    for (size_t c = 0; c < value_count; c++) {
        const float *v = values + c * head_size;
        const __m256 a = _mm256_broadcast_ss(w0 + c);
        const __m256 b = _mm256_broadcast_ss(w1 + c);
        __m256 x = _mm256_loadu_ps(v);
        a0 = _mm256_fmadd_ps(a, x, a0);
        b0 = _mm256_fmadd_ps(b, x, b0);
        x = _mm256_loadu_ps(v + 8);
        a1 = _mm256_fmadd_ps(a, x, a1);
        b1 = _mm256_fmadd_ps(b, x, b1);
        x = _mm256_loadu_ps(v + 16);
        a2 = _mm256_fmadd_ps(a, x, a2);
        b2 = _mm256_fmadd_ps(b, x, b2);
        x = _mm256_loadu_ps(v + 24);
        a3 = _mm256_fmadd_ps(a, x, a3);
        b3 = _mm256_fmadd_ps(b, x, b3);
    }
    _mm256_storeu_ps(out0, a0);
    _mm256_storeu_ps(out0 + 8, a1);
    _mm256_storeu_ps(out0 + 16, a2);
    _mm256_storeu_ps(out0 + 24, a3);
    _mm256_storeu_ps(out1, b0);
    _mm256_storeu_ps(out1 + 8, b1);
    _mm256_storeu_ps(out1 + 16, b2);
    _mm256_storeu_ps(out1 + 24, b3);
}

// 8 columns of the output of one query.
static void mix_one_by_8(
    const float *w, const float *values, size_t value_count, size_t head_size, float *out) {
    __m256 a = _mm256_loadu_ps(out);
    for (size_t c = 0; c < value_count; c++) {
        a = _mm256_fmadd_ps(_mm256_broadcast_ss(w + c), _mm256_loadu_ps(values + c * head_size), a);
    }
    _mm256_storeu_ps(out, a);
}

static void mix(
    const float *weights, size_t stride, size_t query_count, const float *values, size_t value_count,
    size_t head_size, float *out) {
    for (size_t q = 0; q < query_count; q += 2) {
        const int is_pair = q + 2 <= query_count;
        const float *w = weights + q * stride;
        float *o = out + q * head_size;
        size_t i = 0;
        if (is_pair) {
            for (; i + 32 <= head_size; i += 32) {
                mix_two_by_32(w, w + stride, values + i, value_count, head_size, o + i, o + head_size + i);
            }
        }
        for (; i + 8 <= head_size; i += 8) {
            mix_one_by_8(w, values + i, value_count, head_size, o + i);
            if (is_pair) mix_one_by_8(w + stride, values + i, value_count, head_size, o + head_size + i);
        }
        for (; i < head_size; i++) {
            for (size_t c = 0; c < value_count; c++) {
                o[i] += w[c] * values[c * head_size + i];
                if (is_pair) o[head_size + i] += w[stride + c] * values[c * head_size + i];
            }
        }
    }
}

TL_AVX2_END

const tl_attention_kernels tl_avx2_attention_kernels = {scores, mix};

#endif
