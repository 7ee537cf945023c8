// Interleaved products with AVX-512: the same vectors of eight rows, whose `dpbusd` and masks are one instruction each, with
// registers for twice as many columns. The results are AVX-VNNI's to the last bit.

#include "CKernels.h"
#include "avx512_target.h"

#if defined(__x86_64__)

#include <string.h>

#include "blocks.h"
#include "interleaved_pack.h"

TL_AVX512_BEGIN

#define TL_DPBUSD _mm256_dpbusd_epi32
#include "vnni_sums.h"

#define TL_MOST_COLUMNS 8
#define TL_NAME(x) tl_avx512_##x
#include "interleaved_body.h"

TL_AVX512_END

#endif
