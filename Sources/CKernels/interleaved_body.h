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
// for. A float type has four sums a column.
#define ALL_COLUMNS(function, source, taken_bytes, most, takes_float) \
    const size_t taken = taken_bytes; \
    size_t c = 0; \
    for (; (most) >= 8 && !(takes_float) && c + 8 <= count; c += 8) { STEP(function, source, 8); } \
    for (; ((most) >= 8 || !(takes_float)) && c + 4 <= count; c += 4) { STEP(function, source, 4); } \
    for (; c + 2 <= count; c += 2) { STEP(function, source, 2); } \
    if (c < count) { STEP(function, source, 1); }

#ifdef TL_HAS_SIXTEEN
// From this many columns on, two groups are unpacked once and not with each eight of them, which is a fifth of the work.
// Rows that are longer than this would leave the second cache.
enum { MANY_COLUMNS = 16, LONGEST_UNPACKED = 8192 };

#define DEFINE_MANY(name, TYPE, takes_float) \
    static void name##_many( \
        const void *packed, size_t size, size_t n, tl_columns x, size_t count, float *out, size_t stride, \
        int accumulate) { \
        unpacked_of_sixteen groups[LONGEST_UNPACKED / 32]; \
        name##_columns_of_sixteen(packed, size, n, x, 0, NULL, 0, 0, groups); \
        if (name##_groups_of_sixteen == signed_groups_of_sixteen) { \
            ALL_COLUMNS(signed_groups_columns_of_sixteen, groups, 2 * size, 8, 0) \
        } else { \
            ALL_COLUMNS(unsigned_groups_columns_of_sixteen, groups, 2 * size, 8, 0) \
        } \
    }
TL_INTERLEAVED_TYPES(DEFINE_MANY)
#undef DEFINE_MANY

#define TWO_GROUPS(name, takes_float) \
    for (; count > 1 && g + 2 <= group_count; g += 2, packed = (const char *)packed + 2 * size, out += 2 * TL_ROWS) { \
        if (name##_groups_of_sixteen && count >= MANY_COLUMNS && n <= LONGEST_UNPACKED) { \
            name##_many(packed, size, n, x, count, out, stride, accumulate); \
        } else { \
            ALL_COLUMNS(name##_columns_of_sixteen, packed, 2 * size, 8, takes_float) \
        } \
    }
#else
#define TWO_GROUPS(name, takes_float)
#endif

#define DEFINE(name, TYPE, takes_float) \
    static void name##_multiply( \
        const void *packed, size_t group_count, size_t n, tl_columns x, size_t count, float *out, \
        size_t stride, int accumulate) { \
        const size_t size = tl_x8_size_##name(n); \
        size_t g = 0; \
        TWO_GROUPS(name, takes_float) \
        for (; g < group_count; g++, packed = (const char *)packed + size, out += TL_ROWS) { \
            ALL_COLUMNS(name##_columns_of_eight, packed, size, TL_MOST_COLUMNS, takes_float) \
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

// -- Two parts. What is unpacked is unpacked once, whatever the number of columns.

#define PARTED_COLUMNS(W) \
    const W(parts_of_rows) rows = {(const void *)packed, (const void *)low, size, rest_size}; \
    W(unpacked) groups[TL_LONGEST_PARTED / 32]; \
    W(unpack_parts)(&rows, n, groups);

static void q8_0_parted_multiply(
    const void *high, const void *rest, size_t group_count, size_t n, tl_columns x, size_t count, float *out,
    size_t stride, int accumulate) {
    const size_t size = tl_x8_size_q8_0_high(n), rest_size = tl_x8_size_q8_0_rest(n);
    const char *packed = high, *low = rest;
    size_t g = 0;
#ifdef TL_HAS_SIXTEEN
#define SIXTEEN(x) x##_of_sixteen
    for (; count > 1 && g + 2 <= group_count; g += 2, packed += 2 * size, low += 2 * rest_size, out += 2 * TL_ROWS) {
        PARTED_COLUMNS(SIXTEEN)
        ALL_COLUMNS(signed_groups_columns_of_sixteen, groups, 2 * size, 8, 0)
    }
#undef SIXTEEN
#endif
#define EIGHT(x) x##_of_eight
    for (; g < group_count; g++, packed += size, low += rest_size, out += TL_ROWS) {
        PARTED_COLUMNS(EIGHT)
        ALL_COLUMNS(signed_groups_columns_of_eight, groups, size, TL_MOST_COLUMNS, 0)
    }
#undef EIGHT
}

static void q8_0_parted_bound(
    const void *high, size_t group_count, size_t n, tl_columns x, const float *reach, float *highest) {
    const size_t size = tl_x8_size_q8_0_high(n);
    const char *packed = high;
    size_t g = 0;
#ifdef TL_HAS_SIXTEEN
    for (; g + 2 <= group_count; g += 2, packed += 2 * size) {
        q8_0_bound_of_sixteen((const void *)packed, size, 2 * size, n, x, reach, highest + TL_ROWS * g);
    }
#endif
    for (; g < group_count; g++, packed += size) {
        q8_0_bound_of_eight((const void *)packed, 0, size, n, x, reach, highest + TL_ROWS * g);
    }
}

static const tl_parted_kernels q8_0_parted_kernels = {
    tl_x8_size_q8_0_high, tl_x8_size_q8_0_rest, tl_x8_pack_q8_0_parted, q8_0_parted_multiply, q8_0_parted_bound};

const tl_parted_kernels *TL_NAME(parted_kernels)(uint32_t ggml_type) {
    return ggml_type == TL_TYPE_Q8_0 ? &q8_0_parted_kernels : NULL;
}
