#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""dashboards.py: docs/alerts/roja.rules.yml and docs/grafana/roja.json use metrics, labels and commands that there are.

docs/metrics.md is what the program's table says (generated.py). Where promtool is installed it checks the rules, and runs their
tests, alerts.test.yml. Prints a line "ok dashboards CASE" or "not ok dashboards CASE: why" a case.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
RULES, BOARD = ROOT / "docs/alerts/roja.rules.yml", ROOT / "docs/grafana/roja.json"
ROW = re.compile(r"\| (\w+) \| (counter|gauge|histogram) \| ([\w ]*) \| .+ \|")
METRICS = {name: (kind, set(labels.split())) for name, kind, labels in ROW.findall((ROOT / "docs/metrics.md").read_text())}
COUNTERS = set(re.findall(r"^\| (\w+) \|", (ROOT / "docs/counters.md").read_text(), re.M))
SCRAPER = {"instance", "job"}  # labels that Prometheus adds
WORDS = set("""absent and by changes delta histogram_quantile increase label_values on or rate sum time vector""".split())
# What must be found wrong, and by which word
BAD = {"roja_no_such > 0": "roja_no_such", 'roja_orders{kind="a"}': "kind", "sum by (port) (roja_orders)": "port",
       "rate(roja_orders[5m])": "counter", "delta(roja_hits_total[5m])": "gauge", "roja_time_to_block_seconds > 1": "bucket",
       "rojo_orders > 0": "rojo_orders", 'roja_dataplane_counter_total{counter="no_such"}': "no_such",
       "roja_orders_bucket > 0": "roja_orders_bucket", "roja_hits > 0": "roja_hits"}


def metric_of(word):
    """Its row and what it is as a series, or None."""
    if word in METRICS:
        return METRICS[word]
    base = re.sub(r"_(bucket|count|sum)$", "", word)
    kind, labels = METRICS.get(base, ("", set()))
    return ("counter", labels | {"le"}) if kind == "histogram" and base != word else None


def problems(expr):
    """What is wrong with an expression."""
    texts = re.findall(r'(\w+)\s*=~?\s*"([^"]*)"', expr)
    bare = re.sub(r"\[[^\]]*\]", "", re.sub(r'"[^"]*"', '""', expr))
    lists = re.findall(r"\b(?:by|on) \(([^)]*)\)", bare)
    labels = {word for part in lists + re.findall(r"\{([^}]*)\}", bare) for word in re.findall(r"[a-z_]\w*", part)}
    labels |= set(re.findall(r"label_values\(.*, (\w+)\)", bare))
    outside = re.sub(r"\b(?:by|on) \([^)]*\)|\{[^}]*\}|, \w+\)$", " ", bare)
    used = set(re.findall(r"(?<![\w.])[a-z_][a-z_0-9]*", outside)) - WORDS
    known = set(SCRAPER)
    for word in used:
        metric = metric_of(word)
        if not metric:
            yield f"{word}: no such metric"
            continue
        known |= metric[1]
        if metric[0] == "histogram":
            yield f"{word}: a histogram is asked for by its _bucket, _sum or _count"
        for function in re.findall(rf"(rate|increase|delta|changes)\({word}\b", bare):
            wants = "counter" if function in ("rate", "increase") else "gauge"
            if metric[0] != wants:
                yield f"{function}({word}): is no {wants}"
    for label in labels - known:
        yield f"{label}: no metric of the expression has this label"
    for name, text in texts:
        if name == "counter":
            yield from (f"counter {word}: docs/counters.md has none" for word in text.split("|") if word not in COUNTERS)


def case_what_is_wrong_is_found():
    for expr, word in BAD.items():
        if not any(word in what for what in problems(expr)):
            yield f"nothing is found wrong with {expr}"


def alerts():
    for text in re.split(r"^ +- alert: ", RULES.read_text(), flags=re.M)[1:]:
        fields = dict(re.findall(r"^ +(\w+): (.*)$", text, re.M))
        yield text.split("\n", 1)[0], fields


def case_alerts_use_metrics_that_there_are():
    names = [name for name, _ in alerts()]
    if len(names) < 10 or len(names) != len(set(names)):
        yield f"few alerts, or one twice: {names}"
    for name, fields in alerts():
        for what in problems(fields["expr"].strip("'")):
            yield f"{name}: {what}"
        if fields.get("severity") not in ("critical", "warning", "info") or not fields["summary"] or not fields["description"]:
            yield f"{name}: lacks a severity, a summary or a description"


def case_alerts_name_commands_that_there_are():
    for name, fields in alerts():
        for word, sub in re.findall(r"rojactl (\w+) ?(\w*)", fields["description"]):
            page = ROOT / f"docs/man/rojactl-{word}.1"
            if not page.exists() or (sub in ("ls", "ack", "show") and f"{word} {sub}" not in page.read_text()):
                yield f"{name}: there is no command rojactl {word} {sub}"


def expressions(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("expr", "query") and isinstance(value, str) and value != "prometheus":
                yield value
            else:
                yield from expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value)


def case_dashboard_uses_metrics_that_there_are():
    board = json.loads(BOARD.read_text())
    found = list(expressions(board))
    if len(found) < 20:
        yield f"only {len(found)} expressions are found"
    for expr in found:
        yield from (f"{what} ({expr})" for what in problems(expr))
    ids = [panel["id"] for panel in board["panels"]]
    if len(ids) != len(set(ids)):
        yield "a panel's id is there twice"


def case_promtool_takes_the_rules():
    promtool = shutil.which("promtool")
    for command in (["check", "rules", RULES], ["test", "rules", HERE / "alerts.test.yml"]) if promtool else ():
        run = subprocess.run([promtool, *map(str, command)], capture_output=True, text=True)
        if run.returncode:
            yield (run.stdout + run.stderr).strip().replace("\n", " ")


def main():
    bad = 0
    for name, case in sorted(globals().items()):
        if not name.startswith("case_"):
            continue
        wrong = list(case())
        print(f"not ok dashboards {name[5:]}: {'; '.join(wrong)}" if wrong else f"ok dashboards {name[5:]}")
        bad += bool(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
