/* `sockfix metrics`: what all processes of this host that have the library have counted, for
 * Prometheus. Looks, and changes nothing there. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/metrics/look.h"
#include "tools/metrics/serve.h"
#include "tools/metrics/textfile.h"

enum { FLAG_TEXTFILE = 300, FLAG_LISTEN, FLAG_EVERY };

struct asked {
	const char *textfile, *listen;
	unsigned every; /* seconds; 0: once */
};

static int say_proc(int error)
{
	say("cannot read /proc: %s", strerror(-error));
	return EXIT_TROUBLE;
}

static int print_once(void)
{
	struct fleet fleet = {.before = NULL};
	char *text = NULL;
	size_t length = 0;
	int error = fleet_print(&fleet, &text, &length), status = EXIT_FINE;

	if (error)
		status = say_proc(error);
	else
		fwrite(text, 1, length, stdout);
	free(text);
	fleet_free(&fleet);
	return status;
}

static int write_file(struct fleet *fleet, const char *path)
{
	char *text = NULL;
	size_t length = 0;
	int error = fleet_print(fleet, &text, &length), status = EXIT_FINE;

	if (error)
		status = say_proc(error);
	else if ((error = textfile_write(path, text, length)) == -EMEDIUMTYPE)
		say("%s is no plain file: nothing was written", path);
	else if (error)
		say("cannot write %s: %s; it is as it was", path, strerror(-error));
	free(text);
	return error ? EXIT_TROUBLE : status;
}

/* A file that cannot be written now can be, later: who watches sees that it grows old. */
static int keep_file(const struct asked *asked)
{
	const struct timespec pause = {.tv_sec = asked->every};
	struct fleet fleet = {.before = NULL};
	int status;

	do {
		status = write_file(&fleet, asked->textfile);
		if (asked->every)
			nanosleep(&pause, NULL);
	} while (asked->every);
	fleet_free(&fleet);
	return status;
}

static int serve_at(const struct verb *verb, const char *text)
{
	struct sockaddr_storage address;
	socklen_t length;
	char name[64];
	int fd;

	if (serve_address(text, &address, &length) != 0)
		return arguments_misuse(verb,
			"--listen takes ADDR:PORT with an address, not a name, or a port: not '%s'",
			text);
	fd = serve_listen(&address, length);
	if (fd < 0) {
		say("cannot listen on %s: %s", text, strerror(-fd));
		return EXIT_TROUBLE;
	}
	serve_name(fd, name, sizeof(name));
	say("metrics are at http://%s/metrics", name);
	say("cannot go on: %s", strerror(-serve(fd)));
	close(fd);
	return EXIT_TROUBLE;
}

/* 1 to 86400; 0: it is none. */
static unsigned seconds_of(const char *text)
{
	char *end;
	const unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || (strcmp(end, "s") != 0 && *end) || seconds > 86400)
		return 0;
	return (unsigned)seconds;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct asked asked = {.every = 0};
	const char *value;
	int letter, status;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		if (letter == FLAG_TEXTFILE)
			asked.textfile = value;
		else if (letter == FLAG_LISTEN)
			asked.listen = value;
		else if (!(asked.every = seconds_of(value)))
			return arguments_misuse(
				verb, "--every takes seconds, 1 to 86400, not '%s'", value);
	}
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	if (asked.textfile && asked.listen)
		return arguments_misuse(verb, "--textfile and --listen do not go together");
	if (asked.every && !asked.textfile)
		return arguments_misuse(verb, "--every goes with --textfile");
	if (asked.listen)
		return serve_at(verb, asked.listen);
	return asked.textfile ? keep_file(&asked) : print_once();
}

static const struct flag flag_table[] = {
	{"textfile", FLAG_TEXTFILE, "FILE",
		"write it to FILE, for node_exporter's textfile collector"},
	{"every", FLAG_EVERY, "SECONDS", "do so again and again"},
	{"listen", FLAG_LISTEN, "ADDR:PORT", "answer GET /metrics there (PORT alone: 127.0.0.1)"},
};

const struct verb verb_metrics = {
	.name = "metrics",
	.group = "operate",
	.synopsis = "[--textfile FILE [--every SECONDS] | --listen ADDR:PORT]",
	.summary = "print what all processes have counted, for Prometheus",
	.detail =
		"  sockfix metrics                          once, to stdout\n"
		"  sockfix metrics --listen 9190            http://127.0.0.1:9190/metrics\n"
		"  sockfix metrics --textfile /var/lib/prometheus/node-exporter/sockfix.prom "
		"--every 15\n\n"
		"Of all processes that sockfix status finds, by systemd unit and program: how many "
		"there are, by state and version; connections; writes held; holds that came late, "
		"and the seconds that these cost; options that this host has refused. Run it as "
		"root: others see their own processes alone.\n\n"
		"Of a rule with holdout = N, which leaves N of 100 connections bare by lot, "
		"sockfix_turn_seconds is a histogram of its turns' times with the labels rule, arm "
		"(bare, mended) and peer (loopback, private, public, unknown): from a turn's first "
		"write to the last byte of its answer, of a server from a request to the next; "
		"connecting, and what nobody answers, is in neither arm. What the rule wins in the "
		"mean turn is the difference of _sum / _count; sockfix_turn_squared_seconds_total "
		"has what its standard error needs (examples/fleet has the query). A connection "
		"that two such rules match counts for none: one lot decides both. Only connections of such a "
		"rule are timed: that costs them a look at the clock for each turn and read.\n\n"
		"Counters are of this process's own time and of processes that are there: "
		"--listen and --every also remember those that have ended, as they were when "
		"last looked at; what these counted after that, and processes that came and went "
		"between two looks, are not counted. Printed once, a process that has ended is "
		"gone, and its counters with it.\n\n"
		"Of each kind at most 256 sets of labels are told, what is beyond as \"other\"; "
		"numbers of scopes, containers, instances of a service (web@3) and systemd-run's "
		"services are \"*\". FILE is replaced at once, or stays as it "
		"was.\n\n"
		"Exit status: 0; 2 where /proc cannot be read, or FILE not written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
