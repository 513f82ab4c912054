/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics-page: docs/metrics.md from the tables of metrics; for scripts/man. */
#include "control/http/metrics.h"

int main(void)
{
	return metrics_page(stdout) ? 1 : 0;
}
