/* `sockfix look --all`: everyone with TCP sockets, the worst first. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/cmd/look.h"
#include "tools/cmd/terminal.h"
#include "tools/cmd/verb.h"
#include "tools/show/looked.h"

#define SECONDS 5.0

static int say_unseen(int error)
{
	if (error == -ENOENT)
		say("/proc is not mounted here, and without it nobody can say which process has "
		    "which socket");
	else
		say("the kernel does not list its sockets (inet_diag: %s); those of one process "
		    "may be borrowed: sockfix look -p PID",
			strerror(-error));
	return EXIT_TROUBLE;
}

static bool print(const struct look *look, const struct watch *watch, const struct looked_all *all,
	bool drawn)
{
	if (look->json)
		return looked_print_json(stdout, watch, all);
	if (!drawn)
		looked_print_all(stdout, watch, all);
	return true;
}

/* drawn: it stands on the terminal already. */
static int show(const struct look *look, const struct watch *watch, bool drawn)
{
	struct looked_all all = look_judge(watch->everyone);
	const bool any = all.count || all.nameless.observed;
	bool done = any;
	char time[UNITS];

	if (any)
		done = print(look, watch, &all, drawn) && look_keep(look, watch, &all);
	else
		say("no process that may be seen had a TCP socket in %s",
			units_seconds(time, watch->took));
	look_forget(&all);
	return done ? EXIT_FINE : EXIT_TROUBLE;
}

static void watch_once(struct watch *watch)
{
	if (watch->seconds <= 0)
		watch->seconds = SECONDS;
	watch_run(watch);
}

int look_at_all(const struct look *look)
{
	struct everyone everyone;
	struct watch watch = {
		.everyone = &everyone, .seconds = look->seconds, .a_second = look->a_second};
	const int error = everyone_open(&everyone);
	const bool live = !look->json && terminal_is_fit();
	int status;

	if (!error && live)
		look_live(&watch);
	else if (!error)
		watch_once(&watch);
	status = error ? say_unseen(error) : show(look, &watch, live);
	everyone_close(&everyone);
	return status;
}
