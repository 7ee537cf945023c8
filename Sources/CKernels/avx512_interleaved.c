// Interleaved products with AVX-512: two groups of eight rows in one vector where several columns
// meet them; one column is read as fast as memory gives it by vectors of eight. The results are
// AVX-VNNI's to the last bit.

#include "CKernels.h"
#include "avx512_target.h"

#if defined(__x86_64__)

#include <string.h>

#include "blocks.h"
#include "interleaved_pack.h"

TL_AVX512_BEGIN

#include "interleaved_eight.h"

#define TL_DPBUSD _mm256_dpbusd_epi32
#define TL_DPWSSD _mm256_dpwssd_epi32
#include "vnni_sums.h"

#define TL_MOST_COLUMNS 4
#define TL_NAME(x) tl_avx512_##x
#define TL_HAS_SIXTEEN
#include "interleaved_body.h"

TL_AVX512_END

#endif
