// Opens every AVX-512 file, as avx2_target.h opens AVX2's.

#ifndef TL_AVX512_TARGET_H
#define TL_AVX512_TARGET_H

#include "avx2_target.h"

#if defined(__x86_64__)
#define TL_AVX512_BEGIN \
    _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq,avx512vnni\"))), apply_to = function)") \
    _Pragma("STDC FP_CONTRACT OFF")
#define TL_AVX512_END _Pragma("clang attribute pop")
#endif

#endif
