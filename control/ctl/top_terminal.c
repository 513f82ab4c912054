/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "control/ctl/top.h"

#define OTHER_SCREEN "\x1b[?1049h\x1b[?25l" /* and no cursor */
#define OWN_SCREEN   "\x1b[?25h\x1b[?1049l"
#define HOME	     "\x1b[H"
#define REST_OF_LINE "\x1b[K"
#define REST_BELOW   "\x1b[J"
#define CTRL_C	     3

static struct termios before;
static volatile sig_atomic_t ended;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

int top_terminal_begin(struct err *e)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction end = {.sa_handler = on_end}; /* without SA_RESTART: poll must return */
	struct termios raw;
	if (tcgetattr(STDIN_FILENO, &before))
		return err_set(e, -EINVAL, "standard input is no terminal; --once prints one frame");
	for (unsigned i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		sigaction(ends[i], &end, NULL);
	signal(SIGTSTP, SIG_IGN); /* it would leave the terminal as it is now to the shell */
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	fputs(OTHER_SCREEN, stdout);
	return 0;
}

void top_terminal_end(void)
{
	fputs(OWN_SCREEN, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void top_terminal_show(const char *frame)
{
	struct winsize size;
	unsigned rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row ? 24 : size.ws_row;
	fputs(HOME, stdout);
	for (unsigned i = 1; i < rows && *frame; i++) {
		size_t n = strcspn(frame, "\n");
		fwrite(frame, 1, n, stdout);
		fputs(REST_OF_LINE "\n", stdout);
		frame += n + (frame[n] == '\n');
	}
	fputs(REST_BELOW, stdout);
	fflush(stdout);
}

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool top_terminal_wait(uint64_t ms)
{
	uint64_t until = now_ms() + ms;
	for (uint64_t now = now_ms(); !ended && now < until; now = now_ms()) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		char key = 0;
		if (poll(&p, 1, (int)(until - now)) <= 0)
			continue;
		if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q' || key == CTRL_C)
			return true;
	}
	return ended;
}
