// Attention of a few queries over a contiguous run of cached keys and values, which are float32
// or float16; sums are float32.

#ifndef CKERNELS_ATTENTION_H
#define CKERNELS_ATTENTION_H

#include <stddef.h>

/// All queries of a call share one head of keys and values. Rows of `queries`, `keys`, `values` and `out` are
/// `head_size` apart; rows of `scores` and `weights` are `stride` apart. Keys and values are float16 where
/// `is_half` is not 0, else float32.
typedef struct TL_SENDABLE {
    /// scores[q][c] = queries[q] · keys[c]
    void (*_Nonnull scores)(
        const float *_Nonnull queries, size_t query_count, const void *_Nonnull keys, int is_half,
        size_t key_count, size_t head_size, float *_Nonnull scores, size_t stride);
    /// out[q] += Σ over c of weights[q][c] · values[c]
    void (*_Nonnull mix)(
        const float *_Nonnull weights, size_t stride, size_t query_count, const void *_Nonnull values,
        int is_half, size_t value_count, size_t head_size, float *_Nonnull out);
} tl_attention_kernels;

/// The attention kernels; NULL where the instruction set is not there.
const tl_attention_kernels *_Nullable tl_attention_kernels_for(int instruction_set);

#endif
