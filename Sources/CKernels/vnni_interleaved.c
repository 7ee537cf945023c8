// Interleaved products with AVX-VNNI: `dpbusd` multiplies four weights with four activations and adds all
// four into int32 in one instruction, `dpwssd` two of int16, so nothing is widened and nothing can overflow.
// The sums are the same integers as AVX2's, and so are all results.

#include "CKernels.h"
#include "avx2_target.h"

#if defined(__x86_64__)

#include <string.h>

#include "blocks.h"
#include "interleaved_pack.h"

_Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c,avxvnni\"))), apply_to = function)")
_Pragma("STDC FP_CONTRACT OFF")

#include "interleaved_eight.h"

#define TL_DPBUSD _mm256_dpbusd_avx_epi32
#define TL_DPWSSD _mm256_dpwssd_avx_epi32
#include "vnni_sums.h"

#define TL_MOST_COLUMNS 4
#define TL_NAME(x) tl_vnni_##x
#include "interleaved_body.h"

TL_AVX2_END

#endif
