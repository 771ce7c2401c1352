/* What holds in a running process now: its own rules, on the sockets that it has. Looks, and
 * changes nothing. */
#include "tools/cmd/which_process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/base/text.h"
#include "tools/cmd/verb.h"
#include "tools/live/holding.h"
#include "tools/live/permission.h"
#include "tools/live/who.h"
#include "tools/live/wrapped.h"
#include "tools/show/holding.h"
#include "tools/show/in_force.h"
#include "tools/show/status.h"

static int say_cannot(pid_t pid, int error)
{
	char why[256];

	permission_why(pid, error, why, sizeof(why));
	if (error == -ESRCH || error == -ENOENT)
		say("there is no process %d", (int)pid);
	else
		say("the sockets of process %d cannot be seen: %s", (int)pid, why);
	return EXIT_TROUBLE;
}

static int show_sockets(const struct wrapped *process, const struct ruleset *rules)
{
	struct process_subject *subject = malloc(sizeof(*subject));
	struct who who = {.uid = 0};
	struct holdings holdings = {.of = NULL};
	int error = subject ? who_take(&who, process->pid) : -ENOMEM;

	if (!error)
		error = holdings_take(process->pid, &process->library, &holdings);
	if (!error)
		subject_take(subject, process->pid, who.uid);
	for (size_t i = 0; !error && i < holdings.count; i++)
		holding_show(stdout, &holdings.of[i], rules, subject);
	if (!error && !holdings.count)
		printf("it has no TCP sockets now\n");
	free(holdings.of);
	free(subject);
	return error ? say_cannot(process->pid, error) : EXIT_FINE;
}

static int show(const struct wrapped *process)
{
	struct in_force rules = in_force_take(process->inside.rules ? process->inside.rules : "");
	int status = EXIT_TROUBLE;

	status_show_head(stdout, process);
	if (process->inside.rules && !rules.known)
		say("process %d: its rules were written by another version of sockfix",
			(int)process->pid);
	else
		status = show_sockets(process, &rules.set);
	in_force_free(&rules);
	return status;
}

int which_process(pid_t pid)
{
	struct wrapped process;
	int status = EXIT_TROUBLE;

	wrapped_look(pid, &process);
	wrapped_look_inside(&process);
	if (process.error) {
		status_say_error(&process);
		status = process.error == -ENOENT ? EXIT_FOUND : EXIT_TROUBLE;
	} else if (!process.inside.known) {
		status_say_state(&process);
		status = process.library.state == LIBRARY_OTHER ? EXIT_TROUBLE : EXIT_FOUND;
	} else
		status = show(&process);
	inside_free(&process.inside);
	return status;
}
