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
#include "tools/show/looked.h"

enum { FLAG_FORMAT = 400, FLAG_RATE };

struct request {
	pid_t *pid;
	size_t pids;
	double seconds, a_second;
	bool json;
};

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

static int show(const struct request *request, const struct watch *watch)
{
	struct looked *looked = memory_take(watch->processes, sizeof(*looked));
	const size_t count = judge(watch, looked);
	bool printed = true;

	if (count && request->json)
		printed = looked_print_json(stdout, watch, looked, count);
	else if (count)
		looked_print(stdout, watch, looked, count);
	for (size_t i = 0; i < count; i++)
		sampled_free(&looked[i].sampled);
	free(looked);
	return printed && count == watch->processes ? EXIT_FINE : EXIT_TROUBLE;
}

static int look(const struct request *request)
{
	struct watch watch = {.process = memory_take(request->pids, sizeof(*watch.process)),
		.processes = request->pids,
		.seconds = request->seconds,
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

/* A number of at most `most`, as a person writes it: "30", "0.5". */
static bool read_number(const char *value, double most, double *number)
{
	char *end;

	*number = strtod(value, &end);
	return *value && strspn(value, "0123456789.") == strlen(value) && !*end && *number > 0 &&
	       *number <= most;
}

static int add_pid(const struct verb *verb, struct request *request, const char *value)
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

static int take_option(
	const struct verb *verb, struct request *request, int letter, const char *value)
{
	if (letter == 'p')
		return add_pid(verb, request, value);
	if (letter == 't' && !read_number(value, 1e6, &request->seconds))
		return arguments_misuse(
			verb, "-t takes seconds, such as 30 or 0.5, not '%s'", value);
	if (letter == FLAG_RATE && !read_number(value, 1000, &request->a_second))
		return arguments_misuse(
			verb, "--rate takes looks a second, up to 1000, not '%s'", value);
	if (letter == FLAG_FORMAT) {
		request->json = strcmp(value, "json") == 0;
		if (!request->json && strcmp(value, "text") != 0)
			return arguments_misuse(
				verb, "--format takes text or json, not '%s'", value);
	}
	return EXIT_FINE;
}

static int read_request(
	const struct verb *verb, int argc, char **argv, struct request *request, bool *complete)
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
	if (!request->pids)
		return arguments_misuse(verb, "-p PID is missing");
	*complete = true;
	return EXIT_FINE;
}

static int run_look(const struct verb *verb, int argc, char **argv)
{
	struct request request = {.seconds = 5, .a_second = 100};
	bool complete;
	int status = read_request(verb, argc, argv, &request, &complete);

	if (complete)
		status = look(&request);
	free(request.pid);
	return status;
}

static const struct flag flag_table[] = {
	{"pid", 'p', "PID", "the process; may be given several times"},
	{"time", 't', "SECONDS", "for how long (default: 5); Ctrl-C ends it sooner, and prints"},
	{"rate", FLAG_RATE, "HZ",
		"looks a second, at most (default: 100); fewer where they would take more than "
		"3 % of a processor"},
	{"format", FLAG_FORMAT, "text|json", "how to print it (default: text)"},
};

const struct verb verb_look = {
	.name = "look",
	.group = "find",
	.synopsis = "-p PID... [-t SECONDS] [--rate HZ] [--format text|json]",
	.summary = "look at a running program: is it stalled, and by what",
	.detail =
		"  sockfix look -p 4711\n"
		"  sockfix look -p 4711 -t 30\n\n"
		"Nothing is preloaded, restarted or changed: the kernel is asked again and "
		"again what it holds back of the process's connections (sock_diag(7)). Static "
		"programs, Go and Java are seen as well. What is said is a sample, with the "
		"range that so many looks allow.\n\n"
		"Found are N01 and N02 (proven where the process's socket could be asked for "
		"TCP_NODELAY, which needs the permission of ptrace(2): its descriptor is "
		"borrowed for less than a millisecond; else likely), C01, C02 and S02; sockfix "
		"explain CODE says what they are. Connections that live for less than a second "
		"may go unseen, and of more than a hundred those that were idle in the last one are "
		"not looked at in the next.\n\n"
		"Your own processes need no root, others do. A process in another network "
		"namespace, as in a container, is looked at from there as root; as its user "
		"by borrowing each of its descriptors for the moment of a look.\n\n"
		"Exit status: 0, or 2 where a process could not be looked at, had no TCP "
		"socket, or it was misused or stdout cannot be written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run_look,
};
