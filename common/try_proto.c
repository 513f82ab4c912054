/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/try_proto.h"

const struct try_proto_row try_protos[TRY_PROTOS_N] = {
#define X(proto, word, hit) [TRY_##proto] = {word, HIT_##hit},
    TRY_PROTOS(X)
#undef X
};
