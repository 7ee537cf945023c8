// The superblock encoders with eight lanes in one register.

#if defined(__x86_64__)

#include <math.h>

#include "avx2_target.h"
#include "blocks.h"
#include "half.h"
#include "tables.h"

#define TL_ENCODER(name) tl_avx2_encode_##name

TL_AVX2_BEGIN
#include "encode_superblock_body.h"
TL_AVX2_END

#endif
