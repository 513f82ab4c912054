/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/hit_proto.h"

const char *const hit_proto_names[HIT_PROTOS_N] = {
#define X(proto, word) [HIT_##proto] = #word,
    HIT_PROTOS(X)
#undef X
};
