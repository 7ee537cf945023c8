// Weights repacked at load: eight rows side by side, so that each 32-bit lane of a vector holds one row.
//
// A product then needs no horizontal sum: four activations are broadcast to all lanes, multiplied by four
// weights of each row, and the eight sums of a block, its eight scales and its eight offsets are one vector
// each. A block is unpacked once for several columns of activations.

#ifndef CKERNELS_INTERLEAVED_H
#define CKERNELS_INTERLEAVED_H

#include <stddef.h>
#include <stdint.h>

/// Rows that are repacked together.
enum { TL_INTERLEAVED_ROWS = 8 };

/// Columns of activations. Column c starts c · width values into `values`, `quants` and `quants16`, c ·
/// width / 32 into `scales`, `totals`, `shifts` and `scales16`, c · width / 16 into `sums` and `owed`.
typedef struct {
    const float *_Nonnull values;
    const int8_t *_Nonnull quants;
    const float *_Nonnull scales;
    /// scale · sum of the quants of each 32: what an offset of the weights multiplies.
    const float *_Nonnull totals;
    /// −128 · sum of the quants of each 32: what signed weights owe that were moved by 128.
    const int32_t *_Nonnull shifts;
    const int16_t *_Nonnull sums;
    /// −32 · sum of the quants of each 16: what weights owe that stand 32 above their value.
    const int32_t *_Nonnull owed;
    /// The int16 form, in whole groups of 32.
    const int16_t *_Nonnull quants16;
    const float *_Nonnull scales16;
    size_t width;
} tl_columns;

/// Which form of the activations a product reads: `values`; `quants` and what belongs to them;
/// `quants16` and `scales16`.
enum { TL_TAKES_FLOAT, TL_TAKES_INT8, TL_TAKES_INT16 };

/// What can be done with eight interleaved rows of one weight type. n counts the elements of a row.
typedef struct TL_SENDABLE {
    /// The size of eight rows of n elements.
    size_t (*_Nonnull packed_size)(size_t n);
    /// Packs `row_count` rows (at most eight, the rest become zero) that lie `row_bytes` apart.
    void (*_Nonnull pack)(
        const void *_Nonnull rows, size_t row_bytes, size_t row_count, void *_Nonnull packed, size_t n);
    /// out[c · stride + r] = (or +=, where `accumulate` is not 0) row r · column c, for all rows of
    /// `group_count` packed groups of eight, which lie one after the other. Each group meets all columns
    /// while it is in cache. Each column's sums are the same bits whatever the number of columns.
    void (*_Nonnull multiply)(
        const void *_Nonnull packed, size_t group_count, size_t n, tl_columns columns, size_t column_count, float *_Nonnull out,
        size_t stride, int accumulate);
    /// What `multiply` reads: F32 TL_TAKES_FLOAT, F16 and BF16 TL_TAKES_INT16, all others TL_TAKES_INT8.
    int takes;
} tl_interleaved_kernels;

/// The kernels of a weight type; NULL where there are none for it on this processor.
const tl_interleaved_kernels *_Nullable tl_interleaved_kernels_for(uint32_t ggml_type, int instruction_set);

/// The longest rows that are laid out in two parts, which are whole groups of 32.
enum { TL_LONGEST_PARTED = 8192 };

/// How many floats' room `prepare` takes for 32 activations, and `centre` besides.
enum { TL_REACH = 4 + 2 * 32 / sizeof(float), TL_CENTRED = 1 + 2 * 32 / sizeof(float) };

/// The same for a type whose weights lie in two parts: what the first, the high bits, says alone takes fewer
/// bytes to read. A group is known by its number; the first part has room for an even number of them.
///
/// A bound is below the product that `multiply` gives with one of 1.6e12 rows at most, by the chance of the
/// offsets with which columns are rounded (interleaved_bounds.c), for all weights and activations that do not
/// know these. Where a row is not finite its bound is not either.
typedef struct TL_SENDABLE {
    /// The sizes of eight rows of n elements in the first part and in the second.
    size_t (*_Nonnull high_size)(size_t n);
    size_t (*_Nonnull rest_size)(size_t n);
    void (*_Nonnull pack)(
        const void *_Nonnull rows, size_t row_bytes, size_t row_count, void *_Nonnull high, void *_Nonnull rest, size_t group,
        size_t n);
    /// The products of tl_interleaved_kernels, to the same bits as those of the type in one part.
    void (*_Nonnull multiply)(
        const void *_Nonnull high, const void *_Nonnull rest, size_t first, size_t group_count, size_t n, tl_columns columns,
        size_t column_count, float *_Nonnull out, size_t stride, int accumulate);
    /// What bounds of products with a column need. `reach`: [n / 32, TL_REACH]
    void (*_Nonnull prepare)(size_t n, tl_columns column, float *_Nonnull reach);
    /// The same where products with another column are known: `share` of it is taken away from `column`, and
    /// what is left, in `room` ([n / 32, TL_CENTRED]), is the column whose bounds are lower. row · column is
    /// `share` times the row's product with `mean`, as `multiply` gives it, and the bound at most.
    tl_columns (*_Nonnull centre)(
        size_t n, tl_columns column, tl_columns mean, float *_Nonnull room, float *_Nonnull reach, float *_Nonnull share);
    /// highest[r] = a bound of row r · column, and share · known[r] besides, for all rows of the groups,
    /// from the first part alone.
    void (*_Nonnull bound)(
        const void *_Nonnull high, size_t first, size_t group_count, size_t n, tl_columns column, const float *_Nonnull reach,
        const float *_Nonnull known, float share, float *_Nonnull highest);
    /// Lower bounds, from the first part and the beginnings of the second.
    void (*_Nonnull bound_closer)(
        const void *_Nonnull high, const void *_Nonnull rest, size_t first, size_t group_count, size_t n, tl_columns column,
        const float *_Nonnull reach, const float *_Nonnull known, float share, float *_Nonnull highest);
    /// Asks for what `bound_closer` reads of the second part of a group, so that it is in the cache then.
    void (*_Nonnull ask_for_more)(const void *_Nonnull rest, size_t group, size_t n);
    /// Asks for what `multiply` reads of it besides.
    void (*_Nonnull ask_for_rest)(const void *_Nonnull rest, size_t group, size_t n);
    /// What `multiply` and `bound` read: Q8_0 and Q6_K TL_TAKES_INT8, F16 and BF16 TL_TAKES_INT16.
    int takes;
} tl_parted_kernels;

/// The kernels of a weight type in two parts; NULL where there are none for it on this processor.
const tl_parted_kernels *_Nullable tl_parted_kernels_for(uint32_t ggml_type, int instruction_set);

#endif
