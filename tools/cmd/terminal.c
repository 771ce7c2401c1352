/* The terminal's modes, and the few sequences that all terminals since the VT100 and xterm have.
 * Must leave the terminal as it was on every way out; what kills us without a word is the only one
 * that it cannot help against. */
#include "tools/cmd/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* the other screen, no cursor, lines that are too long are cut off; and back */
#define BEGIN	   "\033[?1049h\033[?25l\033[?7l"
#define END	   "\033[?7h\033[?25h\033[?1049l"
#define HOME	   "\033[H"
#define REST_LINE  "\033[K"
#define REST_BELOW "\033[J"

static struct termios before;
static bool is_on, has_keys;

bool terminal_is_fit(void)
{
	const char *name = getenv("TERM");

	return name && *name && strcmp(name, "dumb") != 0 && isatty(STDOUT_FILENO);
}

/* Keys come at once and are not shown; Ctrl-C and Ctrl-Z stay signals. */
static void take_keys(void)
{
	struct termios mode;

	has_keys = tcgetattr(STDIN_FILENO, &before) == 0;
	if (!has_keys)
		return;
	mode = before;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

void terminal_begin(void)
{
	static bool is_registered;

	if (!is_registered)
		atexit(terminal_end);
	is_registered = true;
	take_keys();
	fputs(BEGIN, stdout);
	fflush(stdout);
	is_on = true;
}

void terminal_end(void)
{
	if (!is_on)
		return;
	is_on = false;
	if (has_keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	fputs(END, stdout);
	fflush(stdout);
}

bool terminal_is_ours(void)
{
	const pid_t foreground = tcgetpgrp(STDOUT_FILENO);

	return foreground < 0 || foreground == getpgrp();
}

int terminal_keys(void)
{
	return has_keys ? STDIN_FILENO : -1;
}

char terminal_key(void)
{
	char key = 0;

	if (has_keys && read(STDIN_FILENO, &key, 1) != 1)
		has_keys = false; /* it was hung up */
	return has_keys ? key : 0;
}

void terminal_size(size_t *width, size_t *height)
{
	struct winsize window = {.ws_col = 0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || !window.ws_col || !window.ws_row)
		window = (struct winsize){.ws_col = 80, .ws_row = 24};
	*width = window.ws_col;
	*height = window.ws_row;
}

/* Nothing is cleared before it is written over: a screen that is cleared first flickers. */
void terminal_draw(const char *text)
{
	const char *mark = "";

	fputs(HOME, stdout);
	while (*text) {
		const size_t length = strcspn(text, "\n");

		printf("%s%.*s%s", mark, (int)length, text, REST_LINE);
		mark = "\n";
		text += length + (text[length] == '\n');
	}
	fputs(REST_BELOW, stdout);
	fflush(stdout);
}
