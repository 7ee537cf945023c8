// Products of eight interleaved rows with columns of activations: included once for each instruction set, which
// defines how four weights of each row meet four activations:
//
//     tl_sum_u4(w, a)       Σ over 32 elements, weights 0 ... 15
//     tl_sum_u5(w, a)       the same, weights 0 ... 31
//     tl_sum_u6_half(w, a)  Σ over 16 elements, weights 0 ... 63
//     tl_sum_s8(w, a, s)    Σ over 32 elements, weights -128 ... 127 that went through tl_prepare_s8, s = Σ a
//
// Each gives eight int32 sums, one a row. TL_NAME(x) names the functions of the instruction set, TL_MOST_COLUMNS is how
// many columns it has registers for.

#include "interleaved.h"
#include "interleaved_layout.h"

// -- Unpacking

TL_INLINE __m256i plane(const tl_plane p) { return _mm256_loadu_si256((const __m256i *)p); }

TL_INLINE void unpack_low(const tl_plane low[4], __m256i w[8]) {
    const __m256i mask = _mm256_set1_epi8(15);
    for (int v = 0; v < 4; v++) {
        const __m256i both = plane(low[v]);
        w[v] = _mm256_and_si256(both, mask);
        w[v + 4] = _mm256_and_si256(_mm256_srli_epi16(both, 4), mask);
    }
}

// w[v] |= bit v of each byte, at `place`.
TL_INLINE void unpack_bits(const tl_plane bits, int place, __m256i w[8]) {
    const __m256i plane_bits = plane(bits);
    const __m256i mask = _mm256_set1_epi8((char)(1 << place));
    for (int v = 0; v < 8; v++) {
        const __m256i moved = v > place ? _mm256_srli_epi16(plane_bits, v - place)
                                        : _mm256_slli_epi16(plane_bits, place - v);
        w[v] = _mm256_or_si256(w[v], _mm256_and_si256(moved, mask));
    }
}

// w[v] |= bits 2v and 2v + 1 (of the first plane, then of the second) of each byte, at `place`.
TL_INLINE void unpack_pairs(const tl_plane pairs[2], int place, __m256i w[8]) {
    const __m256i mask = _mm256_set1_epi8((char)(3 << place));
    for (int v = 0; v < 8; v++) {
        const __m256i both = plane(pairs[v / 4]);
        const int shift = 2 * (v % 4);
        const __m256i moved = shift > place ? _mm256_srli_epi16(both, shift - place)
                                            : _mm256_slli_epi16(both, place - shift);
        w[v] = _mm256_or_si256(w[v], _mm256_and_si256(moved, mask));
    }
}

TL_INLINE __m256 halves(const uint16_t h[TL_ROWS]) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)h));
}
TL_INLINE __m256i unsigned_bytes(const uint8_t b[TL_ROWS]) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)b));
}
TL_INLINE __m256i signed_bytes(const int8_t b[TL_ROWS]) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)b));
}

// -- Columns. C is a constant wherever these are inlined, so the loops over columns unroll into registers.

#define EACH_COLUMN for (int c = 0; c < C; c++)
#define QUANTS(c, k) (x.quants + (size_t)(c) * x.width + (k))
#define SCALE(c, k) _mm256_broadcast_ss(x.scales + ((size_t)(c) * x.width + (k)) / 32)
#define QUANT_SUM(c) (x.sums[(size_t)(c) * (x.width / 16)] + x.sums[(size_t)(c) * (x.width / 16) + 1])
#define TOTAL(c, k) _mm256_broadcast_ss(x.totals + ((size_t)(c) * x.width + (k)) / 32)

#define ADD_SCALED(c, k, sums_of_rows, scale) \
    acc[c] = _mm256_fmadd_ps( \
        _mm256_cvtepi32_ps(sums_of_rows), _mm256_mul_ps(scale, SCALE(c, k)), acc[c])

TL_INLINE void finish(__m256 *acc, int C, float *out, size_t stride, int accumulate) {
    EACH_COLUMN {
        float *place = out + (size_t)c * stride;
        _mm256_storeu_ps(place, accumulate ? _mm256_add_ps(_mm256_loadu_ps(place), acc[c]) : acc[c]);
    }
}

// One column is read as fast as memory gives it only if it is asked for early: the processor's own prefetching ends
// with each page.
#define AHEAD(start) \
    if (C == 1) { \
        for (size_t line = 0; line < sizeof *(start); line += 64) { \
            _mm_prefetch((const char *)(start) + 4096 + line, _MM_HINT_T0); \
        } \
    }

#define BEGIN(name) \
    TL_INLINE void name##_columns( \
        const void *packed, size_t n, tl_columns x, const int C, float *out, size_t stride, int accumulate) { \
        __m256 acc[TL_MOST_COLUMNS]; \
        EACH_COLUMN acc[c] = _mm256_setzero_ps();
#define END \
        finish(acc, C, out, stride, accumulate); \
    }

// Weights of one scale a group, and with an offset either from the file or a fixed multiple of the scale.
#define SMALL_BLOCK(name, UNPACK, SUM_KERNEL, OFFSET) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 32, b++) { \
        AHEAD(b) \
        __m256i w[8]; \
        UNPACK \
        const __m256 scale = halves(b->scale); \
        const __m256 offset = OFFSET; \
        EACH_COLUMN { \
            ADD_SCALED(c, 0, SUM_KERNEL(w, QUANTS(c, 0)), scale); \
            acc[c] = _mm256_fmadd_ps(offset, TOTAL(c, 0), acc[c]); \
        } \
        x.quants += 32, x.scales++, x.totals++; \
    } \
    END

SMALL_BLOCK(q4_0, unpack_low(b->low, w);, tl_sum_u4, _mm256_mul_ps(scale, _mm256_set1_ps(-8)))
SMALL_BLOCK(q4_1, unpack_low(b->low, w);, tl_sum_u4, halves(b->offset))
SMALL_BLOCK(
    q5_0, unpack_low(b->low, w); unpack_bits(b->bits, 4, w);, tl_sum_u5,
    _mm256_mul_ps(scale, _mm256_set1_ps(-16)))
SMALL_BLOCK(q5_1, unpack_low(b->low, w); unpack_bits(b->bits, 4, w);, tl_sum_u5, halves(b->offset))

TL_INLINE void unpack_table(const tl_plane low[4], __m256i w[8]) {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)tl_iq4_values));
    unpack_low(low, w);
    for (int v = 0; v < 8; v++) w[v] = _mm256_shuffle_epi8(table, w[v]);
}

// Weights that are signed bytes.
#define SIGNED_BLOCK(name, UNPACK) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 32, b++) { \
        AHEAD(b) \
        __m256i w[8]; \
        UNPACK \
        tl_prepare_s8(w); \
        const __m256 scale = halves(b->scale); \
        EACH_COLUMN ADD_SCALED(c, 0, tl_sum_s8(w, QUANTS(c, 0), QUANT_SUM(c)), scale); \
        x.quants += 32, x.scales++, x.sums += 2; \
    } \
    END

typedef tl_x8_q4_0 tl_x8_iq4_nl;
SIGNED_BLOCK(q8_0, for (int v = 0; v < 8; v++) w[v] = plane(b->bytes[v]);)
SIGNED_BLOCK(iq4_nl, unpack_table(b->low, w);)

// Superblocks: a scale and a min of a few bits for each group.
#define SUPERBLOCK(name, UNPACK, SUM_KERNEL) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 256, b++) { \
        const __m256 block_scale = halves(b->scale); \
        const __m256 block_min = halves(b->min); \
        for (int g = 0; g < 8; g++) { \
            AHEAD(&b->group[g]) \
            __m256i w[8]; \
            UNPACK \
            const __m256 scale = \
                _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(unsigned_bytes(b->group[g].scale))); \
            const __m256 min = \
                _mm256_mul_ps(block_min, _mm256_cvtepi32_ps(unsigned_bytes(b->group[g].min))); \
            EACH_COLUMN { \
                ADD_SCALED(c, 0, SUM_KERNEL(w, QUANTS(c, 0)), scale); \
                acc[c] = _mm256_fnmadd_ps(min, TOTAL(c, 0), acc[c]); \
            } \
            x.quants += 32, x.scales++, x.totals++; \
        } \
    } \
    END

SUPERBLOCK(q4_k, unpack_low(b->group[g].low, w);, tl_sum_u4)
SUPERBLOCK(q5_k, unpack_low(b->group[g].low, w); unpack_bits(b->group[g].bits, 4, w);, tl_sum_u5)

// Superblocks with a signed scale for each 16, weights `middle` above their value.
#define SPLIT_SUPERBLOCK(name, UNPACK, middle) \
    BEGIN(name) \
    for (const tl_x8_##name *b = packed; n; n -= 256, b++) { \
        const __m256 block_scale = halves(b->scale); \
        for (int g = 0; g < 8; g++) { \
            AHEAD(&b->group[g]) \
            __m256i w[8]; \
            UNPACK \
            const __m256 scale0 = \
                _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(signed_bytes(b->group[g].scale[0]))); \
            const __m256 scale1 = \
                _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(signed_bytes(b->group[g].scale[1]))); \
            EACH_COLUMN { \
                const int16_t *sums = x.sums + (size_t)c * (x.width / 16); \
                const __m256i sum0 = _mm256_sub_epi32( \
                    tl_sum_u6_half(w, QUANTS(c, 0)), _mm256_set1_epi32(middle * sums[0])); \
                const __m256i sum1 = _mm256_sub_epi32( \
                    tl_sum_u6_half(w + 4, QUANTS(c, 16)), _mm256_set1_epi32(middle * sums[1])); \
                const __m256 sum = _mm256_fmadd_ps( \
                    _mm256_cvtepi32_ps(sum1), scale1, _mm256_mul_ps(_mm256_cvtepi32_ps(sum0), scale0)); \
                acc[c] = _mm256_fmadd_ps(sum, SCALE(c, 0), acc[c]); \
            } \
            x.quants += 32, x.scales++, x.sums += 2; \
        } \
    } \
    END

TL_INLINE void clear(__m256i w[8]) {
    for (int v = 0; v < 8; v++) w[v] = _mm256_setzero_si256();
}

SPLIT_SUPERBLOCK(q6_k, unpack_low(b->group[g].low, w); unpack_pairs(b->group[g].pairs, 4, w);, 32)
SPLIT_SUPERBLOCK(
    q3_k, clear(w); unpack_pairs(b->group[g].pairs, 0, w); unpack_bits(b->group[g].bits, 2, w);, 4)

BEGIN(q2_k)
for (const tl_x8_q2_k *b = packed; n; n -= 256, b++) {
    const __m256 block_scale = halves(b->scale);
    const __m256 block_min = halves(b->min);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        __m256i w[8];
        clear(w);
        unpack_pairs(b->group[g].pairs, 0, w);
        const __m256i both0 = unsigned_bytes(b->group[g].scale_and_min[0]);
        const __m256i both1 = unsigned_bytes(b->group[g].scale_and_min[1]);
        const __m256i low = _mm256_set1_epi32(15);
        const __m256 scale0 = _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(_mm256_and_si256(both0, low)));
        const __m256 scale1 = _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(_mm256_and_si256(both1, low)));
        const __m256 min0 = _mm256_mul_ps(block_min, _mm256_cvtepi32_ps(_mm256_srli_epi32(both0, 4)));
        const __m256 min1 = _mm256_mul_ps(block_min, _mm256_cvtepi32_ps(_mm256_srli_epi32(both1, 4)));
        EACH_COLUMN {
            const int16_t *sums = x.sums + (size_t)c * (x.width / 16);
            __m256 sum = _mm256_mul_ps(_mm256_cvtepi32_ps(tl_sum_u6_half(w, QUANTS(c, 0))), scale0);
            sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(tl_sum_u6_half(w + 4, QUANTS(c, 16))), scale1, sum);
            sum = _mm256_fnmadd_ps(min0, _mm256_set1_ps(sums[0]), sum);
            sum = _mm256_fnmadd_ps(min1, _mm256_set1_ps(sums[1]), sum);
            acc[c] = _mm256_fmadd_ps(sum, SCALE(c, 0), acc[c]);
        }
        x.quants += 32, x.scales++, x.sums += 2;
    }
}
END

BEGIN(iq4_xs)
for (const tl_x8_iq4_xs *b = packed; n; n -= 256, b++) {
    const __m256 block_scale = halves(b->scale);
    for (int g = 0; g < 8; g++) {
        AHEAD(&b->group[g])
        __m256i w[8];
        unpack_table(b->group[g].low, w);
        tl_prepare_s8(w);
        const __m256 scale =
            _mm256_mul_ps(block_scale, _mm256_cvtepi32_ps(signed_bytes(b->group[g].scale)));
        EACH_COLUMN ADD_SCALED(c, 0, tl_sum_s8(w, QUANTS(c, 0), QUANT_SUM(c)), scale);
        x.quants += 32, x.scales++, x.sums += 2;
    }
}
END

// -- Float weights: one vector holds element k of the eight rows. Four sums a column, because one would wait for itself.

#define FLOAT_TYPE(name, element, LOAD) \
    TL_INLINE void name##_columns( \
        const void *packed, size_t n, tl_columns x, const int C, float *out, size_t stride, int accumulate) { \
        __m256 sums[TL_MOST_COLUMNS][4], acc[TL_MOST_COLUMNS]; \
        EACH_COLUMN for (int i = 0; i < 4; i++) sums[c][i] = _mm256_setzero_ps(); \
        const element *w = packed; \
        size_t k = 0; \
        for (; k + 4 <= n; k += 4) { \
            AHEAD((const element(*)[4 * TL_ROWS])w) \
            for (int i = 0; i < 4; i++, w += TL_ROWS) { \
                const __m256 weights = LOAD; \
                EACH_COLUMN sums[c][i] = _mm256_fmadd_ps( \
                    weights, _mm256_broadcast_ss(x.values + (size_t)c * x.width + k + i), sums[c][i]); \
            } \
        } \
        for (; k < n; k++, w += TL_ROWS) { \
            const __m256 weights = LOAD; \
            EACH_COLUMN sums[c][0] = _mm256_fmadd_ps( \
                weights, _mm256_broadcast_ss(x.values + (size_t)c * x.width + k), sums[c][0]); \
        } \
        EACH_COLUMN acc[c] = _mm256_add_ps( \
            _mm256_add_ps(sums[c][0], sums[c][1]), _mm256_add_ps(sums[c][2], sums[c][3])); \
    END

FLOAT_TYPE(f32, float, _mm256_loadu_ps(w))
FLOAT_TYPE(f16, uint16_t, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)w)))
FLOAT_TYPE(
    bf16, uint16_t,
    _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)w)), 16)))

// -- Tables

TL_INLINE tl_columns columns_from(tl_columns x, size_t c) {
    x.values += c * x.width;
    x.quants += c * x.width;
    x.scales += c * (x.width / 32);
    x.totals += c * (x.width / 32);
    x.sums += c * (x.width / 16);
    return x;
}

// Types with a scale for each 16, of which a block takes the longest to unpack: those gain from eight columns.
TL_INLINE int is_split(const char *name) {
    return name[0] == 'q' && name[2] == '_' && name[3] == 'k' && (name[1] == '2' || name[1] == '3' || name[1] == '6');
}

#define DEFINE(name, TYPE, takes_float) \
    TL_INLINE void name##_multiply_group( \
        const void *packed, size_t n, tl_columns x, size_t count, float *out, size_t stride, int accumulate) { \
        size_t c = 0; \
        for (; TL_MOST_COLUMNS == 8 && is_split(#name) && c + 8 <= count; c += 8) { \
            name##_columns(packed, n, columns_from(x, c), 8, out + c * stride, stride, accumulate); \
        } \
        for (; (!(takes_float) || TL_MOST_COLUMNS == 8) && c + 4 <= count; c += 4) { \
            name##_columns(packed, n, columns_from(x, c), 4, out + c * stride, stride, accumulate); \
        } \
        for (; c + 2 <= count; c += 2) { \
            name##_columns(packed, n, columns_from(x, c), 2, out + c * stride, stride, accumulate); \
        } \
        if (c < count) name##_columns(packed, n, columns_from(x, c), 1, out + c * stride, stride, accumulate); \
    } \
    static void name##_multiply( \
        const void *packed, size_t group_count, size_t n, tl_columns x, size_t count, float *out, \
        size_t stride, int accumulate) { \
        const size_t size = tl_x8_size_##name(n); \
        for (size_t g = 0; g < group_count; g++) { \
            name##_multiply_group( \
                (const char *)packed + g * size, n, x, count, out + g * TL_ROWS, stride, accumulate); \
        } \
    } \
    static const tl_interleaved_kernels name##_kernels = { \
        tl_x8_size_##name, tl_x8_pack_##name, name##_multiply, takes_float};

TL_INTERLEAVED_TYPES(DEFINE)
#undef DEFINE

const tl_interleaved_kernels *TL_NAME(interleaved_kernels)(uint32_t ggml_type) {
    switch (ggml_type) {
#define CASE(name, TYPE, takes_float) \
    case TL_TYPE_##TYPE: return &name##_kernels;
        TL_INTERLEAVED_TYPES(CASE)
#undef CASE
        default: return NULL;
    }
}
