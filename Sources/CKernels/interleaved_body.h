// The products of an instruction set and the table of them, from the columns of interleaved_columns.h.
//
// TL_NAME(x) names the functions of the instruction set. Where it defines TL_HAS_SIXTEEN, two groups of rows
// are taken together with TL_DPBUSD for the wider vectors.

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
    x.owed += c * (x.width / 16);
    x.quants16 += c * x.width;
    x.scales16 += c * (x.width / 32);
    return x;
}

// Asks for a part of the weights that come next, while `step` columns from c on, of `count`, meet these. The
// parts of all columns are the whole.
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

// The columns of one group, or with W(x) for sixteen rows of two (`taken` bytes), as many at a time as there
// are registers for. Float activations have four sums a column.
#define ALL_COLUMNS(function, source, taken_bytes, most, takes) \
    const size_t taken = taken_bytes; \
    size_t c = 0; \
    for (; (most) >= 8 && (takes) != TL_TAKES_FLOAT && c + 8 <= count; c += 8) { STEP(function, source, 8); } \
    for (; ((most) >= 8 || (takes) != TL_TAKES_FLOAT) && c + 4 <= count; c += 4) { STEP(function, source, 4); } \
    for (; c + 2 <= count; c += 2) { STEP(function, source, 2); } \
    if (c < count) { STEP(function, source, 1); }

#ifdef TL_HAS_SIXTEEN
// From this many columns on, two groups are unpacked once and not with each eight of them, which is a fifth
// of the work. Rows that are longer than this would leave the second cache.
enum { MANY_COLUMNS = 16, LONGEST_UNPACKED = 8192 };

static void fixed12_many(
    const void *packed, size_t size, size_t n, tl_columns x, size_t count, float *out, size_t stride, int accumulate) {
    unpacked_fixed12_of_sixteen groups[LONGEST_UNPACKED / 32];
    unpack_fixed12_rows_of_sixteen(packed, size, n, groups);
    ALL_COLUMNS(fixed12_groups_columns_of_sixteen, groups, 2 * size, 8, TL_TAKES_INT16)
}

#define UNPACKED_ONCE(name, kind, unpacked) \
    case kind##_groups_of_sixteen: { \
        unpacked groups[LONGEST_UNPACKED / 32]; \
        name##_columns_of_sixteen(packed, size, n, x, 0, NULL, 0, 0, groups); \
        ALL_COLUMNS(kind##_groups_columns_of_sixteen, groups, 2 * size, 8, TL_TAKES_INT8) \
        break; \
    }

#define DEFINE_MANY(name, TYPE, takes) \
    static void name##_many( \
        const void *packed, size_t size, size_t n, tl_columns x, size_t count, float *out, size_t stride, \
        int accumulate) { \
        switch (name##_groups_of_sixteen) { \
            UNPACKED_ONCE(name, unsigned, unpacked_of_sixteen) \
            UNPACKED_ONCE(name, signed, unpacked_of_sixteen) \
            UNPACKED_ONCE(name, split, unpacked_of_sixteen) \
            UNPACKED_ONCE(name, q3_k, unpacked_pairs_of_sixteen) \
            UNPACKED_ONCE(name, q2_k, unpacked_pairs_of_sixteen) \
            case fixed12_groups_of_sixteen: fixed12_many(packed, size, n, x, count, out, stride, accumulate); break; \
            default: break; \
        } \
    }
TL_INTERLEAVED_TYPES(DEFINE_MANY)
#undef DEFINE_MANY
#undef UNPACKED_ONCE

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

// -- Two parts. The groups of the first stand in pairs, their blocks by turns.

#define PARTS_OF(layout, group) \
    { \
        PAIR_OF(layout, group) + (group) % 2, \
            (const uint16_t *)(PAIR_OF(layout, group) + 2 * (n / 32)) + (group) % 2 * TL_ROWS, \
            2 * tl_x8_size_##layout##_high(n), (const void *)REST_OF(layout, group), \
            (const void *)(REST_OF(layout, group) + bits_size(n)), tl_x8_size_##layout##_rest(n) \
    }
#define PAIR_OF(layout, group) \
    ((const tl_x8_high *)(const void *)((const char *)high + (group) / 2 * 2 * tl_x8_size_##layout##_high(n)))
#define REST_OF(layout, group) ((const char *)rest + (group) * tl_x8_size_##layout##_rest(n))

TL_INLINE size_t bits_size(size_t n) { return n / 32 * sizeof(tl_x8_bits); }

// The columns of the rows of `parts`. Those of Q8_0 are unpacked once, whatever the number of
// columns, and not to memory for one.
#define COLUMNS_OF_q8_0(width, taken_bytes, most) \
    if (count == 1) { \
        q8_0_parts_columns_of_##width(&parts, 0, n, x, 1, out, stride, accumulate, NULL); \
    } else { \
        unpacked_of_##width groups[TL_LONGEST_PARTED / 32]; \
        unpack_q8_0_rows_of_##width(&parts, n, groups); \
        ALL_COLUMNS(signed_groups_columns_of_##width, groups, taken_bytes, most, TL_TAKES_INT8) \
    }
#define COLUMNS_OF_q6_k(width, taken_bytes, most) \
    ALL_COLUMNS(q6_k_parts_columns_of_##width, &parts, taken_bytes, most, TL_TAKES_INT8)
#define COLUMNS_OF_fixed12(width, taken_bytes, most) \
    ALL_COLUMNS(fixed12_parts_columns_of_##width, &parts, taken_bytes, most, TL_TAKES_INT16)

// A column as a bound takes it: of int16 activations the high bytes, which `prepare` has written behind the
// floats of `reach`, and then the low ones.
TL_INLINE tl_columns column_of_q8_0(tl_columns x, size_t n, const float *reach) {
    (void)n, (void)reach;
    return x;
}
TL_INLINE tl_columns column_of_q6_k(tl_columns x, size_t n, const float *reach) { return column_of_q8_0(x, n, reach); }
TL_INLINE tl_columns column_of_fixed12(tl_columns x, size_t n, const float *reach) {
    x.quants = (const int8_t *)(reach + n / 32 * TL_BOUND_FLOATS);
    x.scales = x.scales16;
    return x;
}

#ifdef TL_HAS_SIXTEEN
#define TWO_PARTED_GROUPS(layout) \
    if (g % 2 == 0 && g + 2 <= end) { \
        if (count == 1 && g + 3 < end) ask_for(REST_OF(layout, g + 2), 2 * tl_x8_size_##layout##_rest(n)); \
        const parts_of_sixteen parts = PARTS_OF(layout, g); \
        COLUMNS_OF_##layout(sixteen, 2 * size, 8) \
        g += 2, out += 2 * TL_ROWS; \
        continue; \
    }
#define TWO_BOUNDS(layout) \
    if (g % 2 == 0 && g + 2 <= end) { \
        const parts_of_sixteen parts = PARTS_OF(layout, g); \
        layout##_bound_of_sixteen(&parts, closer, 1, n, x, reach, known, share, highest); \
        g++, highest += TL_ROWS, known += TL_ROWS; \
        continue; \
    }
#else
#define TWO_PARTED_GROUPS(layout)
#define TWO_BOUNDS(layout)
#endif

TL_INLINE void ask_for(const char *place, size_t size) {
    for (size_t line = 0; line < size; line += 64) _mm_prefetch(place + line, _MM_HINT_T0);
}

#define DEFINE_PARTED(layout) \
    /* Asks for b of a group, which may lie anywhere in the matrix, or for l. */ \
    static void layout##_ask_for_more(const void *rest, size_t group, size_t n) { \
        ask_for(REST_OF(layout, group), bits_size(n)); \
    } \
    static void layout##_ask_for_rest(const void *rest, size_t group, size_t n) { \
        ask_for(REST_OF(layout, group) + bits_size(n), tl_x8_size_##layout##_rest(n) - bits_size(n)); \
    } \
    static void layout##_parted_multiply( \
        const void *high, const void *rest, size_t first, size_t group_count, size_t n, tl_columns x, size_t count, \
        float *out, size_t stride, int accumulate) { \
        const size_t size = tl_x8_size_##layout##_high(n), end = first + group_count; \
        size_t g = first; \
        while (g < end) { \
            const char *packed = (const char *)high + g * size; \
            TWO_PARTED_GROUPS(layout) \
            if (count == 1 && g + 1 < end) ask_for(REST_OF(layout, g + 1), tl_x8_size_##layout##_rest(n)); \
            const parts_of_eight parts = PARTS_OF(layout, g); \
            COLUMNS_OF_##layout(eight, size, TL_MOST_COLUMNS) \
            g++, out += TL_ROWS; \
        } \
    } \
    TL_INLINE void layout##_bounds( \
        const void *high, const void *rest, const int closer, size_t first, size_t group_count, size_t n, \
        tl_columns column, const float *reach, const float *known, float share, float *highest) { \
        const tl_columns x = column_of_##layout(column, n, reach); \
        const size_t end = first + group_count; \
        for (size_t g = first; g < end; g++, highest += TL_ROWS, known += TL_ROWS) { \
            TWO_BOUNDS(layout) \
            /* The blocks of the second stand between those of the first, which has asked for both; who wants one group alone needs no more. */ \
            const parts_of_eight parts = PARTS_OF(layout, g); \
            layout##_bound_of_eight(&parts, closer, group_count > 1 && g % 2 == 0, n, x, reach, known, share, highest); \
        } \
    } \
    static void layout##_bound( \
        const void *high, size_t first, size_t group_count, size_t n, tl_columns column, const float *reach, \
        const float *known, float share, float *highest) { \
        layout##_bounds(high, high, 0, first, group_count, n, column, reach, known, share, highest); \
    } \
    static void layout##_bound_closer( \
        const void *high, const void *rest, size_t first, size_t group_count, size_t n, tl_columns column, \
        const float *reach, const float *known, float share, float *highest) { \
        layout##_bounds(high, rest, 1, first, group_count, n, column, reach, known, share, highest); \
    }

DEFINE_PARTED(q8_0)
DEFINE_PARTED(q6_k)
DEFINE_PARTED(fixed12)

#define DEFINE(name, layout, TYPE, takes) \
    static const tl_parted_kernels name##_parted_kernels = { \
        tl_x8_size_##layout##_high, tl_x8_size_##layout##_rest, tl_x8_pack_##name##_parted, layout##_parted_multiply, \
        tl_prepare_##layout##_bound, tl_centre_##layout, layout##_bound, layout##_bound_closer, layout##_ask_for_more, \
        layout##_ask_for_rest, TL_TAKES_##takes};
TL_PARTED_TYPES(DEFINE)
#undef DEFINE

const tl_parted_kernels *TL_NAME(parted_kernels)(uint32_t ggml_type) {
    switch (ggml_type) {
#define CASE(name, layout, TYPE, takes) \
    case TL_TYPE_##TYPE: return &name##_parted_kernels;
        TL_PARTED_TYPES(CASE)
#undef CASE
        default: return NULL;
    }
}
