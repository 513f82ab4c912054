/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_rows.h"

#include "common/config/define.h"
#include "control/config.h"
#include "control/config_keys.h"

CONTROL_FORMS(CONFIG_FORM)

#define CONFIG_VALUE_SINK_FORMAT(id, text, about)    {text, SINK_##id},
#define CONFIG_VALUE_SINK_TRANSPORT(id, text, about) {text, SINK_##id},
#define CONFIG_SINK_FORMAT_JSONL		     SINK_JSONL
#define CONFIG_SINK_TRANSPORT_TLS		     SINK_TLS
CONFIG_ENUM(SINK_FORMAT, CONTROL_SINK_FORMATS)
CONFIG_ENUM(SINK_TRANSPORT, CONTROL_SINK_TRANSPORTS)

#define OF struct config_role
CONFIG_MAPPING(role, CONTROL_ROLE_KEYS)
#undef OF
#define OF struct config_dataplane
CONFIG_MAPPING(dataplane, CONTROL_DATAPLANE_KEYS)
#undef OF
#define OF struct config_authority
CONFIG_MAPPING(authority, CONTROL_AUTHORITY_KEYS)
#undef OF
#define OF struct control_guard
CONFIG_MAPPING(guard, CONTROL_GUARD_KEYS)
#undef OF
#define OF struct control_breaker
CONFIG_MAPPING(breaker, CONTROL_BREAKER_KEYS)
#undef OF
#define OF struct control_stop
CONFIG_MAPPING(stop, CONTROL_STOP_KEYS)
#undef OF
#define OF struct control_probe
CONFIG_MAPPING(probe, CONTROL_PROBE_KEYS)
#undef OF
#define OF struct control_http
CONFIG_MAPPING(http, CONTROL_HTTP_KEYS)
#undef OF
#define OF struct config_category
CONFIG_MAPPING(category, CONTROL_CATEGORY_KEYS)
#undef OF
#define OF struct control_retention
CONFIG_MAPPING(retention, CONTROL_RETENTION_KEYS)
#undef OF
#define OF struct control_audit
CONFIG_MAPPING(audit, CONTROL_AUDIT_KEYS)
#undef OF
#define OF struct config_sink
CONFIG_MAPPING(sink, CONTROL_SINK_KEYS)
#undef OF
#define OF struct control_limits
CONFIG_MAPPING(limits, CONTROL_LIMITS_KEYS)
#undef OF
#define OF struct control_config
CONFIG_TOP(CONTROL_TOP_KEYS)
#undef OF

const struct config_program config_control = {
    .manual = "roja-control.yaml(5)",
    .empty = "instance: the file says nothing; write at least instance: main",
    .top = &rows_top,
    .schema = &schema_top,
};
