/* Fails open where nothing was foreseen: libconfig looks at no malloc(), and ends its program where
 * its scanner has no memory. Keeps the signals as they were for whoever is started. */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/launch/guard.h"

enum { STACK = 64 * 1024 };

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { FATAL = sizeof(fatal) / sizeof(*fatal) };

static struct sigaction before[FATAL];
static void (*end)(const char *why); /* NULL: no guard */

void guard_end(void)
{
	if (!end)
		return;
	end = NULL;
	for (int i = 0; i < FATAL; i++)
		sigaction(fatal[i], &before[i], NULL);
}

static void go(const char *why)
{
	void (*instead)(const char *why) = end;

	guard_end();
	instead(why);
}

static void crashed(int number)
{
	char why[64];

	snprintf(why, sizeof(why), "sockfix failed (signal %d)", number);
	if (end)
		go(why);
}

static void left(void)
{
	if (end)
		go("sockfix failed (it ended)");
}

void guard_begin(void (*instead)(const char *why))
{
	static char room[STACK];
	static bool asked;
	const stack_t stack = {.ss_sp = room, .ss_size = sizeof(room)};
	/* exec keeps the mask: the signal must not stay blocked. */
	const struct sigaction action = {
		.sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER};

	sigaltstack(&stack, NULL);
	for (int i = 0; i < FATAL; i++) {
		sigaction(fatal[i], NULL, &before[i]);
		if (before[i].sa_handler == SIG_DFL)
			sigaction(fatal[i], &action, NULL);
	}
	end = instead;
	if (!asked)
		asked = atexit(left) == 0;
}
