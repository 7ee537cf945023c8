// Types in two parts: bounds of products by the first part, or by a little of the second besides
// (interleaved_bounds.c), which takes a third to six tenths of the bytes of both. A product with one column
// waits for memory. Included once for each width, after interleaved_columns.h.

// All groups of the rows as signed_groups_columns takes them.
TL_INLINE void W(unpack_q8_0_rows)(const W(parts) * rows, size_t n, W(unpacked) * groups) {
    for (size_t k = 0; k < n / 32; k++) {
        W(unpack_q8_0)(rows, k, groups[k].w);
        groups[k].scale = groups[k].offset = W(load_halves)(rows->high[2 * k].scale, sizeof *rows->high);
    }
}

// Asks for a block of both groups of the pair that is `next` pairs further on, and for its b, if
// they are read, once a line.
TL_INLINE void W(ask_for_pair)(const W(parts) * rows, const int closer, size_t next, size_t k) {
    const char *block = (const char *)(rows->high + 2 * k) + next * rows->pair_size;
    for (size_t line = 0; line < 2 * sizeof *rows->high; line += 64) _mm_prefetch(block + line, _MM_HINT_T0);
    if (!closer || k % 2) return;
    const char *bits = (const char *)(rows->bits + k) + 2 * next * rows->gap;
    _mm_prefetch(bits, _MM_HINT_T0);
    _mm_prefetch(bits + rows->gap, _MM_HINT_T0);
}

// Σ weight · activation, in the units of `scales`: of int8, and of int16 whose high bytes are `quants` and
// whose low ones stand n further on, in the order of the layout.
#define SUM_OF_q8_0(SUM, w, a) V(cvtepi32_ps)(SUM(w, a))
#define SUM_OF_fixed12(SUM, w, a) \
    V(cvtepi32_ps)(V(add_epi32)(V(slli_epi32)(SUM(w, a), 8), SUM(w, (a) + n)))
#define SCALE_OF_q8_0(b) W(load_halves)((b)->scale, sizeof *(b))
#define SCALE_OF_fixed12(b) V(mul_ps)(W(load_bfloats)((b)->scale, sizeof *(b)), V(set1_ps)(1.0f / 2048))

// What is known besides is asked for, where the next pair is.
TL_INLINE void W(finish_bound)(
    TL_FLOAT middle, TL_FLOAT square, const float *known, float share, size_t next, float *highest) {
    const TL_FLOAT rest = V(add_ps)(middle, V(sqrt_ps)(square));
    V(storeu_ps)(highest, V(fmadd_ps)(V(set1_ps)(share), V(loadu_ps)(known), rest));
    if (next) _mm_prefetch((const char *)(known + 16 * TL_ROWS), _MM_HINT_T0);
}

// Bounds by h alone, or `closer` by b, too. A step of h is worth `step`; `next`: how many pairs further on
// are asked for meanwhile, 0 for none.
#define DEFINE_BOUND(layout, step) \
    TL_INLINE void W(layout##_bound)( \
        const W(parts) * rows, const int closer, size_t next, size_t n, tl_columns x, const float *reach, const float *known, \
        float share, float *highest) { \
        /* Nothing that is lost because a square is too small for a float is as large as the root of this. */ \
        TL_FLOAT middle = V(setzero_ps)(), square = V(set1_ps)(1e-30f); \
        for (size_t k = 0; k < n / 32; k++, reach += TL_BOUND_FLOATS) { \
            if (next) W(ask_for_pair)(rows, closer, next, k); \
            const tl_x8_high *b = rows->high + 2 * k; \
            TL_INT w[8]; \
            TL_FLOAT sum; \
            if (closer) { \
                W(unpack_cells)(rows, k, w); \
                sum = SUM_OF_##layout(W(tl_sum_u5), w, x.quants + 32 * k); \
            } else { \
                W(unpack_low)(sizeof *b, b->low, w); \
                sum = SUM_OF_##layout(W(tl_sum_u4), w, x.quants + 32 * k); \
            } \
            const TL_FLOAT scale = SCALE_OF_##layout(b); \
            const TL_FLOAT inner = V(fmadd_ps)( \
                sum, V(set1_ps)((closer ? step / 2.0f : step) * x.scales[k]), V(set1_ps)(reach[closer ? 2 : 0])); \
            middle = V(fmadd_ps)(scale, inner, middle); \
            square = V(fmadd_ps)(V(mul_ps)(scale, scale), V(set1_ps)(reach[closer ? 3 : 1]), square); \
        } \
        W(finish_bound)(middle, square, known, share, next, highest); \
    }

DEFINE_BOUND(q8_0, TL_CELLS_Q8_0)
DEFINE_BOUND(fixed12, TL_CELLS_FIXED12)

// Q6_K: a scale and a reach for each 16.
TL_INLINE void W(q6_k_bound)(
    const W(parts) * rows, const int closer, size_t next, size_t n, tl_columns x, const float *reach, const float *known,
    float share, float *highest) {
    TL_FLOAT middle = V(setzero_ps)(), square = V(set1_ps)(1e-30f);
    for (size_t k = 0; k < n / 32; k++) {
        if (next) W(ask_for_pair)(rows, closer, next, k);
        if (next && k % 8 == 0) {
            _mm_prefetch((const char *)(rows->superscale + k / 8 * 2 * TL_ROWS) + next * rows->pair_size, _MM_HINT_T0);
        }
        TL_INT w[8];
        TL_FLOAT scales[2];
        W(split_scales)(rows, k, scales);
        if (closer) {
            W(unpack_cells)(rows, k, w);
        } else {
            W(unpack_low)(sizeof *rows->high, rows->high[2 * k].low, w);
        }
        const TL_FLOAT step = V(set1_ps)((closer ? TL_CELLS_Q6_K / 2.0f : TL_CELLS_Q6_K) * x.scales[k]);
        for (int half = 0; half < 2; half++, reach += TL_BOUND_FLOATS) {
            const TL_FLOAT sum = V(cvtepi32_ps)(W(tl_sum_u6_half)(V_ZERO, w + 4 * half, x.quants + 32 * k + 16 * half));
            const TL_FLOAT inner = V(fmadd_ps)(sum, step, V(set1_ps)(reach[closer ? 2 : 0]));
            middle = V(fmadd_ps)(scales[half], inner, middle);
            square = V(fmadd_ps)(V(mul_ps)(scales[half], scales[half]), V(set1_ps)(reach[closer ? 3 : 1]), square);
        }
    }
    W(finish_bound)(middle, square, known, share, next, highest);
}

#undef DEFINE_BOUND
#undef SUM_OF_q8_0
#undef SUM_OF_fixed12
#undef SCALE_OF_q8_0
#undef SCALE_OF_fixed12
