/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_BYTES 1024

__attribute__((format(printf, 2, 0))) static void say(char priority, const char *format, va_list ap)
{
	char line[LINE_BYTES] = {'<', priority, '>'};
	int n = vsnprintf(line + 3, sizeof(line) - 4, format, ap);
	size_t len = 3 + (n < 0 ? 0 : (size_t)n < sizeof(line) - 5 ? (size_t)n : sizeof(line) - 5);
	for (size_t i = 3; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	(void)!write(STDERR_FILENO, line, len);
}

#define SAY(priority)              \
	va_list ap;                \
	va_start(ap, format);      \
	say(priority, format, ap); \
	va_end(ap)

void log_note(const char *format, ...)
{
	SAY('5');
}

void log_warn(const char *format, ...)
{
	SAY('4');
}

void log_error(const char *format, ...)
{
	SAY('3');
}
