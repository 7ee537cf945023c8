// The superblock encoders for any processor: the oracle of the tests, and the fallback.

#include "tables.h"

#define TL_ENCODER(name) tl_scalar_encode_##name

// Vectors wider than the processor's registers are passed in memory; nothing outside of
// this file calls with one.
#pragma clang diagnostic ignored "-Wpsabi"
#include "encode_superblock_body.h"
