// The products of an instruction set and the table of them, from the columns of interleaved_columns.h.
//
// TL_NAME(x) names the functions of the instruction set. Where it defines TL_HAS_SIXTEEN, two groups of rows are taken
// together with TL_DPBUSD for the wider vectors.

#include "interleaved.h"
#include "interleaved_layout.h"

typedef tl_x8_q4_0 tl_x8_iq4_nl;

#include "interleaved_columns.h"
#include "interleaved_parted.h"

#ifdef TL_HAS_SIXTEEN
#include "interleaved_sixteen.h"

#undef TL_DPBUSD
#define TL_DPBUSD _mm512_dpbusd_epi32
#undef TL_DPWSSD
#define TL_DPWSSD _mm512_dpwssd_epi32
#include "vnni_sums.h"

#undef TL_MOST_COLUMNS
#define TL_MOST_COLUMNS 8
#include "interleaved_columns.h"
#include "interleaved_parted.h"

#undef TL_MOST_COLUMNS
#define TL_MOST_COLUMNS 4
#endif

// -- Tables

TL_INLINE tl_columns columns_from(tl_columns x, size_t c) {
    x.values += c * x.width;
    x.quants += c * x.width;
    x.scales += c * (x.width / 32);
    x.totals += c * (x.width / 32);
    x.shifts += c * (x.width / 32);
    x.sums += c * (x.width / 16);
    x.quants16 += c * x.width;
    x.scales16 += c * (x.width / 32);
    return x;
}

// Asks for a part of the weights that come next, while `step` columns from c on, of `count`, meet these. The parts of all
// columns are the whole.
TL_INLINE void ask_for_next(const void *packed, size_t size, size_t c, size_t step, size_t count) {
    const char *next = (const char *)packed + size;
    const size_t end = size * (c + step) / count;
    for (size_t place = size * c / count / 64 * 64; place < end; place += 64) {
        _mm_prefetch(next + place, _MM_HINT_T1);
    }
}

#define STEP(function, source, columns) \
    if (count > 1) ask_for_next(packed, taken, c, columns, count); \
    function(source, size, n, columns_from(x, c), columns, out + c * stride, stride, accumulate, NULL)

// The columns of one group, or with W(x) for sixteen rows of two (`taken` bytes), as many at a time as there are registers
// for. Float activations have four sums a column.
#define ALL_COLUMNS(function, source, taken_bytes, most, takes) \
    const size_t taken = taken_bytes; \
    size_t c = 0; \
    for (; (most) >= 8 && (takes) != TL_TAKES_FLOAT && c + 8 <= count; c += 8) { STEP(function, source, 8); } \
    for (; ((most) >= 8 || (takes) != TL_TAKES_FLOAT) && c + 4 <= count; c += 4) { STEP(function, source, 4); } \
    for (; c + 2 <= count; c += 2) { STEP(function, source, 2); } \
    if (c < count) { STEP(function, source, 1); }

#ifdef TL_HAS_SIXTEEN
// From this many columns on, two groups are unpacked once and not with each eight of them, which is a fifth of the work.
// Rows that are longer than this would leave the second cache.
enum { MANY_COLUMNS = 16, LONGEST_UNPACKED = 8192 };

#define DEFINE_MANY(name, TYPE, takes) \
    static void name##_many( \
        const void *packed, size_t size, size_t n, tl_columns x, size_t count, float *out, size_t stride, \
        int accumulate) { \
        unpacked_of_sixteen groups[LONGEST_UNPACKED / 32]; \
        name##_columns_of_sixteen(packed, size, n, x, 0, NULL, 0, 0, groups); \
        if (name##_groups_of_sixteen == signed_groups_of_sixteen) { \
            ALL_COLUMNS(signed_groups_columns_of_sixteen, groups, 2 * size, 8, TL_TAKES_INT8) \
        } else { \
            ALL_COLUMNS(unsigned_groups_columns_of_sixteen, groups, 2 * size, 8, TL_TAKES_INT8) \
        } \
    }
TL_INTERLEAVED_TYPES(DEFINE_MANY)
#undef DEFINE_MANY

#define TWO_GROUPS(name, takes) \
    for (; count > 1 && g + 2 <= group_count; g += 2, packed = (const char *)packed + 2 * size, out += 2 * TL_ROWS) { \
        if (name##_groups_of_sixteen && count >= MANY_COLUMNS && n <= LONGEST_UNPACKED) { \
            name##_many(packed, size, n, x, count, out, stride, accumulate); \
        } else { \
            ALL_COLUMNS(name##_columns_of_sixteen, packed, 2 * size, 8, TL_TAKES_##takes) \
        } \
    }
#else
#define TWO_GROUPS(name, takes)
#endif

#define DEFINE(name, TYPE, takes) \
    static void name##_multiply( \
        const void *packed, size_t group_count, size_t n, tl_columns x, size_t count, float *out, \
        size_t stride, int accumulate) { \
        const size_t size = tl_x8_size_##name(n); \
        size_t g = 0; \
        TWO_GROUPS(name, takes) \
        for (; g < group_count; g++, packed = (const char *)packed + size, out += TL_ROWS) { \
            ALL_COLUMNS(name##_columns_of_eight, packed, size, TL_MOST_COLUMNS, TL_TAKES_##takes) \
        } \
    } \
    static const tl_interleaved_kernels name##_kernels = { \
        tl_x8_size_##name, tl_x8_pack_##name, name##_multiply, TL_TAKES_##takes};

TL_INTERLEAVED_TYPES(DEFINE)
#undef DEFINE

const tl_interleaved_kernels *TL_NAME(interleaved_kernels)(uint32_t ggml_type) {
    switch (ggml_type) {
#define CASE(name, TYPE, takes) \
    case TL_TYPE_##TYPE: return &name##_kernels;
        TL_INTERLEAVED_TYPES(CASE)
#undef CASE
        default: return NULL;
    }
}

// -- Two parts. What is unpacked is unpacked once, whatever the number of columns.

TL_INLINE const tl_x8_q8_0_high *high_of_group(const void *high, size_t group, size_t n) {
    return (const tl_x8_q8_0_high *)high + group / 2 * 2 * (n / 32) + group % 2;
}
TL_INLINE const tl_x8_q8_0_rest *rest_of_group(const void *rest, size_t group, size_t n) {
    return (const tl_x8_q8_0_rest *)rest + group * (n / 32);
}

// Asks for the rest of a group, which may lie anywhere in the matrix.
static void q8_0_ask_for_rest(const void *rest, size_t group, size_t n) {
    const char *place = (const char *)rest_of_group(rest, group, n);
    for (size_t line = 0; line < tl_x8_size_q8_0_rest(n); line += 64) _mm_prefetch(place + line, _MM_HINT_T0);
}

#define PARTED_COLUMNS(W) \
    const W(parts_of_rows) rows = {high_of_group(high, g, n), rest_of_group(rest, g, n), rest_size}; \
    W(unpacked) groups[TL_LONGEST_PARTED / 32]; \
    W(unpack_parts)(&rows, n, groups);

static void q8_0_parted_multiply(
    const void *high, const void *rest, size_t first, size_t group_count, size_t n, tl_columns x, size_t count,
    float *out, size_t stride, int accumulate) {
    const size_t size = tl_x8_size_q8_0_high(n), rest_size = tl_x8_size_q8_0_rest(n), end = first + group_count;
    size_t g = first;
    while (g < end) {
        const char *packed = (const char *)high + g * size;
#ifdef TL_HAS_SIXTEEN
#define SIXTEEN(x) x##_of_sixteen
        if (count > 1 && g % 2 == 0 && g + 2 <= end) {
            PARTED_COLUMNS(SIXTEEN)
            ALL_COLUMNS(signed_groups_columns_of_sixteen, groups, 2 * size, 8, TL_TAKES_INT8)
            g += 2, out += 2 * TL_ROWS;
            continue;
        }
#undef SIXTEEN
#endif
#define EIGHT(x) x##_of_eight
        if (count == 1 && g + 1 < end) q8_0_ask_for_rest(rest, g + 1, n);
        PARTED_COLUMNS(EIGHT)
        ALL_COLUMNS(signed_groups_columns_of_eight, groups, size, TL_MOST_COLUMNS, TL_TAKES_INT8)
        g++, out += TL_ROWS;
#undef EIGHT
    }
}

static void q8_0_parted_bound(
    const void *high, size_t first, size_t group_count, size_t n, tl_columns x, const float *reach, float *highest) {
    const size_t pair = 2 * tl_x8_size_q8_0_high(n), end = first + group_count;
    for (size_t g = first; g < end; g++, highest += TL_ROWS) {
        const tl_x8_q8_0_high *packed = high_of_group(high, g, n);
#ifdef TL_HAS_SIXTEEN
        if (g % 2 == 0 && g + 2 <= end) {
            q8_0_bound_of_sixteen(packed, pair, n, x, reach, highest);
            g++, highest += TL_ROWS;
            continue;
        }
#endif
        // The blocks of the second stand between those of the first, which has asked for both.
        q8_0_bound_of_eight(packed, g % 2 ? 0 : pair, n, x, reach, highest);
    }
}

static const tl_parted_kernels q8_0_parted_kernels = {
    tl_x8_size_q8_0_high, tl_x8_size_q8_0_rest, tl_x8_pack_q8_0_parted, q8_0_parted_multiply, q8_0_parted_bound,
    q8_0_ask_for_rest};

const tl_parted_kernels *TL_NAME(parted_kernels)(uint32_t ggml_type) {
    return ggml_type == TL_TYPE_Q8_0 ? &q8_0_parted_kernels : NULL;
}
