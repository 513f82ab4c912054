/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/http/http_state.h"

const struct route routes[] = {
    {"/metrics", false, answer_metrics},
    {"/blocked", false, answer_blocked},
    {"/appeal", true, answer_appeal},
};
const unsigned routes_n = sizeof(routes) / sizeof(*routes);
