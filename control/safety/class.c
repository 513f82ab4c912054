/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/safety/class.h"

#include <string.h>

const struct safety_class_row safety_classes[SAFETY_CLASSES_N] = {
#define X(class, word, severity, scope, help, advice) {word, SAFETY_##severity, SAFETY_##scope, help, advice},
    SAFETY_CLASSES(X)
#undef X
};

const char *const safety_severity_names[SAFETY_SEVERITIES_N] = {"note", "override", "refuse"};

int safety_class_find(const char *word)
{
	for (int i = 0; i < SAFETY_CLASSES_N; i++)
		if (!strcmp(safety_classes[i].word, word))
			return i;
	return -1;
}
