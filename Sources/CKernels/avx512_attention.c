// Attention with AVX-512: three queries meet eight keys or four meet four, and either 64 columns of the
// values, with all sums in registers.
//
// A head size that is no multiple of sixteen ends in a masked load, and the last keys of a run are
// met as eight of which some are the last one again, so that a score is added up in one order however
// keys and queries are grouped.

#include "avx512_target.h"
#include "half.h"
#include "tables.h"

#if defined(__x86_64__)

TL_AVX512_BEGIN

enum { KEYS = 8, QUERIES = 4, CHUNK = 64, WIDEST_CONVERTED = 256 };

#define EACH _Pragma("clang loop unroll(full)") for

// `is_half` is a constant wherever these are inlined.
TL_INLINE const void *at(const void *values, const int is_half, size_t index) {
    return is_half ? (const void *)((const uint16_t *)values + index)
                   : (const void *)((const float *)values + index);
}

TL_INLINE __m512 sixteen(const void *values, const int is_half, size_t index) {
    const void *place = at(values, is_half, index);
    return is_half ? _mm512_cvtph_ps(_mm256_loadu_si256(place)) : _mm512_loadu_ps(place);
}

TL_INLINE __m512 some(__mmask16 mask, const void *values, const int is_half, size_t index) {
    const void *place = at(values, is_half, index);
    return is_half ? _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, place)) : _mm512_maskz_loadu_ps(mask, place);
}

// The columns of a head that are left after whole vectors.
TL_INLINE __mmask16 rest_of(size_t head_size) { return (__mmask16)((1u << head_size % 16) - 1); }

// The sums of eight vectors, in one.
TL_INLINE __m256 sums_of_eight(const __m512 *v) {
    __m512 halves[4], fours[2];
    EACH (int i = 0; i < 4; i++) {
        halves[i] = _mm512_add_ps(
            _mm512_shuffle_f32x4(v[2 * i], v[2 * i + 1], 0x44), _mm512_shuffle_f32x4(v[2 * i], v[2 * i + 1], 0xEE));
    }
    EACH (int i = 0; i < 2; i++) {
        fours[i] = _mm512_add_ps(
            _mm512_shuffle_f32x4(halves[2 * i], halves[2 * i + 1], 0x88),
            _mm512_shuffle_f32x4(halves[2 * i], halves[2 * i + 1], 0xDD));
    }
    const __m512 pairs = _mm512_add_ps(
        _mm512_shuffle_ps(fours[0], fours[1], 0x44), _mm512_shuffle_ps(fours[0], fours[1], 0xEE));
    const __m512 sums = _mm512_add_ps(pairs, _mm512_permute_ps(pairs, 0xB1));
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    return _mm512_castps512_ps256(_mm512_permutexvar_ps(order, sums));
}

// Q queries against K keys, of which `count` are there.
TL_INLINE void score_tile(
    const int Q, const int K, const int is_half, const float *queries, const void *keys, size_t count,
    size_t head_size, float *out, size_t stride) {
    __m512 sums[QUERIES][KEYS];
    const void *key[KEYS];
    EACH (int k = 0; k < K; k++) {
        key[k] = at(keys, is_half, ((size_t)k < count ? (size_t)k : count - 1) * head_size);
        EACH (int q = 0; q < Q; q++) sums[q][k] = _mm512_setzero_ps();
    }
    size_t i = 0;
    for (; i + 16 <= head_size; i += 16) {
        __m512 query[QUERIES];
        EACH (int q = 0; q < Q; q++) query[q] = _mm512_loadu_ps(queries + q * head_size + i);
        EACH (int k = 0; k < K; k++) {
            const __m512 part = sixteen(key[k], is_half, i);
            EACH (int q = 0; q < Q; q++) sums[q][k] = _mm512_fmadd_ps(query[q], part, sums[q][k]);
        }
    }
    if (i < head_size) {
        const __mmask16 rest = rest_of(head_size);
        EACH (int k = 0; k < K; k++) {
            const __m512 part = some(rest, key[k], is_half, i);
            EACH (int q = 0; q < Q; q++) {
                const __m512 query = _mm512_maskz_loadu_ps(rest, queries + q * head_size + i);
                sums[q][k] = _mm512_fmadd_ps(query, part, sums[q][k]);
            }
        }
    }
    EACH (int q = 0; q < Q; q++) {
        EACH (int k = K; k < KEYS; k++) sums[q][k] = sums[q][k - K];
        _mm256_mask_storeu_ps(out + q * stride, (__mmask8)((1u << count) - 1), sums_of_eight(sums[q]));
    }
}

// Few queries wait for memory, so they ask for it early.
TL_INLINE void ask_for(const void *rows, size_t bytes) {
    for (size_t line = 0; line < bytes; line += 64) {
        _mm_prefetch((const char *)rows + 4096 + line, _MM_HINT_T0);
    }
}

TL_INLINE void all_scores(
    const float *queries, size_t query_count, const void *keys, const int is_half, size_t key_count,
    size_t head_size, float *scores, size_t stride) {
    for (size_t start = 0; start < key_count; start += CHUNK) {
        const size_t end = start + CHUNK < key_count ? start + CHUNK : key_count;
        size_t q = 0;
#define TILES(Q, K) \
    for (; q + Q <= query_count; q += Q) { \
        for (size_t c = start; c < end; c += K) { \
            const void *some = at(keys, is_half, c * head_size); \
            const size_t count = end - c < K ? end - c : K; \
            if (q == 0) ask_for(some, (is_half ? 2 : 4) * K * head_size); \
            score_tile( \
                Q, K, is_half, queries + q * head_size, some, count, head_size, scores + q * stride + c, stride); \
        } \
    }
        if (query_count == 4) { TILES(4, 4) }
        TILES(3, KEYS)
        TILES(2, KEYS)
        TILES(1, KEYS)
#undef TILES
    }
}

// V vectors of the output of Q queries, of whose last only the columns of `mask` are there.
TL_INLINE void mix_tile(
    const int Q, const int V, const int is_half, const float *weights, size_t stride, const void *values,
    size_t value_count, size_t head_size, __mmask16 mask, const int is_whole, const int asks, float *out) {
    __m512 sums[QUERIES][4];
    EACH (int q = 0; q < Q; q++) {
        EACH (int v = 0; v < V; v++) sums[q][v] = _mm512_maskz_loadu_ps(mask, out + q * head_size + 16 * v);
    }
    for (size_t c = 0; c < value_count; c++) {
        if (asks) ask_for(at(values, is_half, c * head_size), (is_half ? 2 : 4) * head_size);
        EACH (int v = 0; v < V; v++) {
            const size_t place = c * head_size + 16 * (size_t)v;
            const __m512 value = is_whole ? sixteen(values, is_half, place) : some(mask, values, is_half, place);
            EACH (int q = 0; q < Q; q++) {
                sums[q][v] = _mm512_fmadd_ps(_mm512_set1_ps(weights[q * stride + c]), value, sums[q][v]);
            }
        }
    }
    EACH (int q = 0; q < Q; q++) {
        EACH (int v = 0; v < V; v++) _mm512_mask_storeu_ps(out + q * head_size + 16 * v, mask, sums[q][v]);
    }
}

TL_INLINE void mix_columns(
    const int Q, const int is_half, const float *weights, size_t stride, const void *values, size_t value_count,
    size_t head_size, const int asks, float *out) {
    const __mmask16 all = 0xFFFF;
    size_t i = 0;
    if (asks && head_size >= 64) {
        mix_tile(Q, 4, is_half, weights, stride, values, value_count, head_size, all, 1, 1, out);
        i = 64;
    }
    for (; i + 64 <= head_size; i += 64) {
        mix_tile(Q, 4, is_half, weights, stride, at(values, is_half, i), value_count, head_size, all, 1, 0, out + i);
    }
    for (; i + 16 <= head_size; i += 16) {
        mix_tile(Q, 1, is_half, weights, stride, at(values, is_half, i), value_count, head_size, all, 1, 0, out + i);
    }
    if (i < head_size) {
        mix_tile(
            Q, 1, is_half, weights, stride, at(values, is_half, i), value_count, head_size, rest_of(head_size), 0, 0,
            out + i);
    }
}

TL_INLINE void all_mixes(
    const float *weights, size_t stride, size_t query_count, const void *values, const int is_half,
    size_t value_count, size_t head_size, float *out) {
    for (size_t start = 0; start < value_count; start += CHUNK) {
        const size_t count = value_count - start < CHUNK ? value_count - start : CHUNK;
        const void *chunk = at(values, is_half, start * head_size);
        size_t q = 0;
#define TILES(Q) \
    for (; q + Q <= query_count; q += Q) { \
        mix_columns( \
            Q, is_half, weights + q * stride + start, stride, chunk, count, head_size, is_half && q == 0, \
            out + q * head_size); \
    }
        if (query_count == 4) { TILES(4) }
        TILES(3)
        TILES(2)
        TILES(1)
#undef TILES
    }
}

// Many queries meet a chunk of float16 in float32, converted once.
TL_INLINE int is_converted(int is_half, size_t query_count, size_t head_size) {
    return is_half && query_count > QUERIES && head_size <= WIDEST_CONVERTED && head_size % 16 == 0;
}

static void convert(const void *values, size_t count, float *out) {
    for (size_t i = 0; i < count; i += 16) _mm512_storeu_ps(out + i, sixteen(values, 1, i));
}

static void scores(
    const float *queries, size_t query_count, const void *keys, int is_half, size_t key_count, size_t head_size,
    float *scores, size_t stride) {
    if (is_converted(is_half, query_count, head_size)) {
        float chunk[CHUNK * WIDEST_CONVERTED];
        for (size_t start = 0; start < key_count; start += CHUNK) {
            const size_t count = key_count - start < CHUNK ? key_count - start : CHUNK;
            convert(at(keys, 1, start * head_size), count * head_size, chunk);
            all_scores(queries, query_count, chunk, 0, count, head_size, scores + start, stride);
        }
    } else if (is_half) {
        all_scores(queries, query_count, keys, 1, key_count, head_size, scores, stride);
    } else {
        all_scores(queries, query_count, keys, 0, key_count, head_size, scores, stride);
    }
}

static void mix(
    const float *weights, size_t stride, size_t query_count, const void *values, int is_half, size_t value_count,
    size_t head_size, float *out) {
    if (is_converted(is_half, query_count, head_size)) {
        float chunk[CHUNK * WIDEST_CONVERTED];
        for (size_t start = 0; start < value_count; start += CHUNK) {
            const size_t count = value_count - start < CHUNK ? value_count - start : CHUNK;
            convert(at(values, 1, start * head_size), count * head_size, chunk);
            all_mixes(weights + start, stride, query_count, chunk, 0, count, head_size, out);
        }
    } else if (is_half) {
        all_mixes(weights, stride, query_count, values, 1, value_count, head_size, out);
    } else {
        all_mixes(weights, stride, query_count, values, 0, value_count, head_size, out);
    }
}

TL_AVX512_END

const tl_attention_kernels tl_avx512_attention_kernels = {scores, mix};

#endif
