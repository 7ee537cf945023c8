// Attention with AVX2 and FMA.
//
// A tile of queries and keys (or of queries and columns of the output) keeps its sums in registers;
// keys and values are taken a chunk at a time, which stays in the first cache while all queries meet
// it. Every sum is added up in the same order in every tile, so that a result has the same bits however
// keys and queries are grouped.

#include "half.h"
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

// The sum of one vector, added up in the order of `sums_of_four`: a score is the same bits however
// keys and queries are grouped.
static inline float sum_of_one(__m256 v) {
    const __m256 pairs = _mm256_hadd_ps(v, v);
    const __m256 fours = _mm256_hadd_ps(pairs, pairs);
    return _mm_cvtss_f32(_mm_add_ss(_mm256_castps256_ps128(fours), _mm256_extractf128_ps(fours, 1)));
}

// `is_half` is a constant wherever these are inlined.
TL_INLINE const void *at(const void *values, int is_half, size_t index) {
    return is_half ? (const void *)((const uint16_t *)values + index)
                   : (const void *)((const float *)values + index);
}

TL_INLINE __m256 eight(const void *values, int is_half, size_t index) {
    const void *place = at(values, is_half, index);
    return is_half ? _mm256_cvtph_ps(_mm_loadu_si128(place)) : _mm256_loadu_ps(place);
}

TL_INLINE float one(const void *values, int is_half, size_t index) {
    const void *place = at(values, is_half, index);
    return is_half ? tl_float_from_half(*(const uint16_t *)place) : *(const float *)place;
}

// One query against one key, any head size.
TL_INLINE float score(const float *query, const void *key, int is_half, size_t head_size) {
    __m256 sum = _mm256_setzero_ps();
    size_t i = 0;
    for (; i + 8 <= head_size; i += 8) {
        sum = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), eight(key, is_half, i), sum);
    }
    float total = sum_of_one(sum);
    for (; i < head_size; i++) total += query[i] * one(key, is_half, i);
    return total;
}

// Keys or values that are taken together: 16 kB at a head size of 64.
enum { CHUNK = 64 };

// Few queries wait for memory, so they ask for it early.
TL_INLINE void ask_for(const void *rows, size_t bytes) {
    for (size_t line = 0; line < bytes; line += 64) {
        _mm_prefetch((const char *)rows + 4096 + line, _MM_HINT_T0);
    }
}

// Many queries meet a chunk of float16 in float32, converted once. Heads wider than this
// are converted at each meeting.
enum { WIDEST_CONVERTED = 256, FEW_QUERIES = 3 };

TL_INLINE int is_converted(int is_half, size_t query_count, size_t head_size) {
    return is_half && query_count > FEW_QUERIES && head_size <= WIDEST_CONVERTED && head_size % 8 == 0;
}

static void convert(const void *values, size_t count, float *out) {
    for (size_t i = 0; i < count; i += 8) _mm256_storeu_ps(out + i, eight(values, 1, i));
}

// Q queries against four keys.
TL_INLINE void score_tile(
    const int Q, const int is_half, const float *queries, const void *keys, size_t head_size, float *out,
    size_t stride) {
    __m256 sums[3][4];
    for (int q = 0; q < Q; q++) {
        for (int k = 0; k < 4; k++) sums[q][k] = _mm256_setzero_ps();
    }
    for (size_t i = 0; i < head_size; i += 8) {
        __m256 query[3];
        for (int q = 0; q < Q; q++) query[q] = _mm256_loadu_ps(queries + q * head_size + i);
        for (int k = 0; k < 4; k++) {
            const __m256 key = eight(keys, is_half, k * head_size + i);
            for (int q = 0; q < Q; q++) sums[q][k] = _mm256_fmadd_ps(query[q], key, sums[q][k]);
        }
    }
    for (int q = 0; q < Q; q++) {
        _mm_storeu_ps(out + q * stride, sums_of_four(sums[q][0], sums[q][1], sums[q][2], sums[q][3]));
    }
}

TL_INLINE void all_scores(
    const float *queries, size_t query_count, const void *keys, const int is_half, size_t key_count,
    size_t head_size, float *scores, size_t stride) {
    const size_t fours = head_size % 8 == 0 ? key_count / 4 * 4 : 0;
    for (size_t start = 0; start < fours; start += CHUNK) {
        const size_t end = start + CHUNK < fours ? start + CHUNK : fours;
        size_t q = 0;
#define TILES(Q) \
    for (; q + Q <= query_count; q += Q) { \
        for (size_t c = start; c < end; c += 4) { \
            const void *four = at(keys, is_half, c * head_size); \
            if (q == 0) ask_for(four, (is_half ? 8 : 16) * head_size); \
            score_tile(Q, is_half, queries + q * head_size, four, head_size, scores + q * stride + c, stride); \
        } \
    }
        TILES(3)
        TILES(2)
        TILES(1)
#undef TILES
    }
    for (size_t q = 0; q < query_count; q++) {
        for (size_t c = fours; c < key_count; c++) {
            scores[q * stride + c] =
                score(queries + q * head_size, at(keys, is_half, c * head_size), is_half, head_size);
        }
    }
}

static void scores_of_converted(
    const float *queries, size_t query_count, const void *keys, size_t key_count, size_t head_size,
    float *scores, size_t stride) {
    float chunk[CHUNK * WIDEST_CONVERTED];
    for (size_t start = 0; start < key_count; start += CHUNK) {
        const size_t count = key_count - start < CHUNK ? key_count - start : CHUNK;
        convert(at(keys, 1, start * head_size), count * head_size, chunk);
        all_scores(queries, query_count, chunk, 0, count, head_size, scores + start, stride);
    }
}

static void scores(
    const float *queries, size_t query_count, const void *keys, int is_half, size_t key_count,
    size_t head_size, float *scores, size_t stride) {
    if (is_converted(is_half, query_count, head_size)) {
        scores_of_converted(queries, query_count, keys, key_count, head_size, scores, stride);
    } else if (is_half) {
        all_scores(queries, query_count, keys, 1, key_count, head_size, scores, stride);
    } else {
        all_scores(queries, query_count, keys, 0, key_count, head_size, scores, stride);
    }
}

// V vectors of the output of Q queries.
TL_INLINE void mix_tile(
    const int Q, const int V, const int is_half, const float *weights, size_t stride, const void *values,
    size_t value_count, size_t head_size, float *out) {
    __m256 sums[3][8];
    for (int q = 0; q < Q; q++) {
        for (int v = 0; v < V; v++) sums[q][v] = _mm256_loadu_ps(out + q * head_size + 8 * v);
    }
    for (size_t c = 0; c < value_count; c++) {
        __m256 weight[3];
        for (int q = 0; q < Q; q++) weight[q] = _mm256_broadcast_ss(weights + q * stride + c);
        for (int v = 0; v < V; v++) {
            const __m256 value = eight(values, is_half, c * head_size + 8 * v);
            for (int q = 0; q < Q; q++) sums[q][v] = _mm256_fmadd_ps(weight[q], value, sums[q][v]);
        }
    }
    for (int q = 0; q < Q; q++) {
        for (int v = 0; v < V; v++) _mm256_storeu_ps(out + q * head_size + 8 * v, sums[q][v]);
    }
}

// All columns of the output of Q queries, V vectors at a time.
TL_INLINE void mix_columns(
    const int Q, const int V, const int is_half, const float *weights, size_t stride, const void *values,
    size_t value_count, size_t head_size, float *out) {
    size_t i = 0;
    for (; i + 8 * (size_t)V <= head_size; i += 8 * (size_t)V) {
        mix_tile(Q, V, is_half, weights, stride, at(values, is_half, i), value_count, head_size, out + i);
    }
    for (; i + 8 <= head_size; i += 8) {
        mix_tile(Q, 1, is_half, weights, stride, at(values, is_half, i), value_count, head_size, out + i);
    }
    for (; i < head_size; i++) {
        for (int q = 0; q < Q; q++) {
            for (size_t c = 0; c < value_count; c++) {
                out[q * head_size + i] += weights[q * stride + c] * one(values, is_half, c * head_size + i);
            }
        }
    }
}

TL_INLINE void all_mixes(
    const float *weights, size_t stride, size_t query_count, const void *values, const int is_half,
    size_t value_count, size_t head_size, float *out) {
    for (size_t start = 0; start < value_count; start += CHUNK) {
        const size_t count = value_count - start < CHUNK ? value_count - start : CHUNK;
        const void *chunk = at(values, is_half, start * head_size);
        size_t q = 0;
#define TILES(Q, V) \
    for (; q + Q <= query_count; q += Q) { \
        mix_columns( \
            Q, V, is_half, weights + q * stride + start, stride, chunk, count, head_size, out + q * head_size); \
    }
        TILES(3, 4)
        TILES(2, 4)
        TILES(1, 8)
#undef TILES
    }
}

static void mix_of_converted(
    const float *weights, size_t stride, size_t query_count, const void *values, size_t value_count,
    size_t head_size, float *out) {
    float chunk[CHUNK * WIDEST_CONVERTED];
    for (size_t start = 0; start < value_count; start += CHUNK) {
        const size_t count = value_count - start < CHUNK ? value_count - start : CHUNK;
        convert(at(values, 1, start * head_size), count * head_size, chunk);
        all_mixes(weights + start, stride, query_count, chunk, 0, count, head_size, out);
    }
}

static void mix(
    const float *weights, size_t stride, size_t query_count, const void *values, int is_half,
    size_t value_count, size_t head_size, float *out) {
    if (is_converted(is_half, query_count, head_size)) {
        mix_of_converted(weights, stride, query_count, values, value_count, head_size, out);
    } else if (is_half) {
        all_mixes(weights, stride, query_count, values, 1, value_count, head_size, out);
    } else {
        all_mixes(weights, stride, query_count, values, 0, value_count, head_size, out);
    }
}

TL_AVX2_END

const tl_attention_kernels tl_avx2_attention_kernels = {scores, mix};

#endif
