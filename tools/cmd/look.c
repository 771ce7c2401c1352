/* `sockfix look`: running programs, by what the kernel says of their sockets. Must not touch them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/unseen.h"
#include "tools/cmd/look.h"
#include "tools/show/looked.h"

enum { FLAG_FORMAT = 400, FLAG_RATE, FLAG_ALL };
#define SECONDS 5.0

/* ---- sentences ---- */

static void say_no_socket(const struct watch *watch, const struct observed *observed)
{
	char time[UNITS];

	say("process %d (%s) had no TCP socket in %s", (int)observed->who.pid, observed->who.name,
		units_seconds(time, watch->took));
}

/* ---- the looking ---- */

/* Those that were seen become `looked`; the others are a sentence each. Returns how many. */
static size_t judge(const struct watch *watch, struct looked *looked)
{
	size_t count = 0;

	for (size_t i = 0; i < watch->processes; i++) {
		const struct observed *observed = &watch->process[i];

		if (!observed->looks)
			unseen_say(observed, "look -p");
		else if (!observed->connections.count)
			say_no_socket(watch, observed);
		else
			looked[count++] = (struct looked){observed, sampled_judge(observed)};
	}
	return count;
}

static int show(const struct look *request, const struct watch *watch)
{
	struct looked *looked = memory_take(watch->processes, sizeof(*looked));
	const size_t count = judge(watch, looked);
	struct looked_all all = {.process = looked, .count = count};
	bool done = true;

	if (count && request->json)
		done = looked_print_json(stdout, watch, &all);
	else if (count)
		looked_print(stdout, watch, looked, count);
	if (count)
		done &= look_keep(request, watch, &all);
	look_forget(&all);
	return done && count == watch->processes ? EXIT_FINE : EXIT_TROUBLE;
}

static int look_at_some(const struct look *request)
{
	struct watch watch = {.process = memory_take(request->pids, sizeof(*watch.process)),
		.processes = request->pids,
		.seconds = request->seconds > 0 ? request->seconds : SECONDS,
		.a_second = request->a_second};
	int status;

	for (size_t i = 0; i < watch.processes; i++)
		observed_open(&watch.process[i], request->pid[i]);
	watch_run(&watch);
	status = show(request, &watch);
	for (size_t i = 0; i < watch.processes; i++)
		observed_close(&watch.process[i]);
	free(watch.process);
	return status;
}

/* ---- what is asked ---- */

/* A number from a thousandth to `most`, as a person writes it: "30", "0.5". */
static bool read_number(const char *value, double most, double *number)
{
	char *end;

	*number = strtod(value, &end);
	return *value && strspn(value, "0123456789.") == strlen(value) && !*end &&
	       *number >= 0.001 && *number <= most;
}

static int add_pid(const struct verb *verb, struct look *request, const char *value)
{
	double number;

	if (strspn(value, "0123456789") != strlen(value) || !read_number(value, INT32_MAX, &number))
		return arguments_misuse(verb, "-p takes the number of a process, not '%s'", value);
	for (size_t i = 0; i < request->pids; i++)
		if (request->pid[i] == (pid_t)number)
			return EXIT_FINE;
	request->pid = memory_grow(request->pid, request->pids, sizeof(*request->pid));
	request->pid[request->pids++] = (pid_t)number;
	return EXIT_FINE;
}

static int take_option(const struct verb *verb, struct look *request, int letter, const char *value)
{
	if (letter == 'p')
		return add_pid(verb, request, value);
	request->all |= letter == FLAG_ALL;
	if (letter == 't' && !read_number(value, 1e6, &request->seconds))
		return arguments_misuse(
			verb, "-t takes seconds, such as 30 or 0.5, not '%s'", value);
	if (letter == FLAG_RATE && !read_number(value, 1000, &request->a_second))
		return arguments_misuse(
			verb, "--rate takes looks a second, up to 1000, not '%s'", value);
	if (letter == 'o' && !*value)
		return arguments_misuse(verb, "-o takes a folder, not ''");
	if (letter == 'o')
		request->folder = value;
	if (letter == FLAG_FORMAT) {
		request->json = strcmp(value, "json") == 0;
		if (!request->json && strcmp(value, "text") != 0)
			return arguments_misuse(
				verb, "--format takes text or json, not '%s'", value);
	}
	return EXIT_FINE;
}

static int read_request(
	const struct verb *verb, int argc, char **argv, struct look *request, bool *complete)
{
	const char *value;
	int letter, status = EXIT_FINE;

	*complete = false;
	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		status = take_option(verb, request, letter, value);
		if (status != EXIT_FINE)
			return status;
	}
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	if (request->pids && request->all)
		return arguments_misuse(verb, "-p and --all exclude each other");
	*complete = true;
	return EXIT_FINE;
}

static int run_look(const struct verb *verb, int argc, char **argv)
{
	struct look request = {.a_second = 100};
	bool complete;
	int status = read_request(verb, argc, argv, &request, &complete);

	if (complete && !look_keep_begin(&request))
		status = EXIT_TROUBLE;
	else if (complete)
		status = request.pids ? look_at_some(&request) : look_at_all(&request);
	free(request.pid);
	return status;
}

static const struct flag flag_table[] = {
	{"pid", 'p', "PID", "the process; may be given several times"},
	{"all", FLAG_ALL, NULL, "every process with TCP sockets; so it is without -p"},
	{"time", 't', "SECONDS",
		"for how long (default: 5; everyone, on a terminal: until q); Ctrl-C ends it "
		"sooner, and prints"},
	{"rate", FLAG_RATE, "HZ",
		"looks a second, at most (default: 100); fewer where they would take more than "
		"3 % of a processor"},
	{"output", 'o', "DIR",
		"to keep it in, as look.json and, where there are rules, my.conf; made, or empty"},
	{"format", FLAG_FORMAT, "text|json", "how to print it (default: text)"},
};

const struct verb verb_look = {
	.name = "look",
	.group = "find",
	.synopsis = "[-p PID]... [--all] [-t SECONDS] [--rate HZ] [-o DIR] [--format text|json]",
	.summary = "look at running programs: who is stalled, and by what",
	.detail =
		"  sockfix look\n"
		"  sockfix look -p 4711\n"
		"  sockfix look -p 4711 -t 30\n\n"
		"Nothing is preloaded, restarted or changed: the kernel is asked again and "
		"again what it holds back of a process's connections (sock_diag(7)). Static "
		"programs, Go and Java are seen as well. What is said is a sample, with the "
		"range that so many looks allow.\n\n"
		"Found are N01 and N02 (proven where the process's socket could be asked for "
		"TCP_NODELAY, which needs the permission of ptrace(2): its descriptor is "
		"borrowed for less than a millisecond; else likely), C01, C02, S01, S02 and S09, "
		"with the time that they take; and L01 and C04, which take none that could be "
		"seen. sockfix explain CODE says what they are. Connections that live for less "
		"than a second may go unseen, but for their number (C04); and of more than a "
		"hundred those that were idle in the last one are not looked at in the next.\n\n"
		"Your own processes need no root, others do. A process in another network "
		"namespace, as in a container, is looked at from there as root; as its user "
		"by borrowing each of its descriptors for the moment of a look.\n\n"
		"Without -p everyone is looked at, in each network namespace that may be entered, "
		"and the worst comes first. Sockets of which /proc does not say whose they are (as "
		"those of others, to all but root) are judged as well, without a name. On a terminal "
		"that is one screen, drawn again each second, of the last five to ten of them; q "
		"ends it.\n\n"
		"Exit status: 0, or 2 where a process of -p could not be looked at or had no TCP "
		"socket, where without -p nothing could be seen, or it was misused or stdout "
		"cannot be written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run_look,
};
