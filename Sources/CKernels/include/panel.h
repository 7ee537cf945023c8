// Float32 products with a panel of weight rows that were decoded for the purpose.

#ifndef CKERNELS_PANEL_H
#define CKERNELS_PANEL_H

#include <stddef.h>

/// Rows of a panel. Element k of the panel's rows stands side by side: panel[k · 16 + r].
enum { TL_PANEL_ROWS = 16 };

typedef struct TL_SENDABLE {
    /// Puts 16 rows of n elements, one after the other, side by side.
    void (*_Nonnull pack)(const float *_Nonnull rows, float *_Nonnull panel, size_t n);
    /// out[c · out_stride + r] = (or +=, where `accumulate` is not 0) Σ over k of panel[k · 16 + r] ·
    /// x[c · x_stride + k] for `count` columns and 16 rows. Each column's sums are the same bits
    /// whatever the number of columns.
    void (*_Nonnull multiply)(
        const float *_Nonnull panel, size_t n, const float *_Nonnull x, size_t x_stride, size_t count,
        float *_Nonnull out, size_t out_stride, int accumulate);
    /// The same with two panels, the second n · 16 floats behind the first: out[c ·
    /// out_stride + r] for 32 rows.
    void (*_Nonnull multiply_two)(
        const float *_Nonnull panels, size_t n, const float *_Nonnull x, size_t x_stride, size_t count,
        float *_Nonnull out, size_t out_stride, int accumulate);
} tl_panel_kernels;

/// The panel kernels; NULL where the instruction set is not there.
const tl_panel_kernels *_Nullable tl_panel_kernels_for(int instruction_set);

#endif
