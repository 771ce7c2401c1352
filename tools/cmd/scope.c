/* `sockfix scope`: rules for whatever runs in a cgroup, from outside. Puts a program there or takes
 * it away; must touch no process. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/rulebook.h"
#include "tools/cmd/scoped.h"
#include "tools/launch/probe.h"
#include "tools/scope/attach.h"
#include "tools/scope/cgroup.h"
#include "tools/scope/own.h"

enum { FLAG_UNIT = 400, FLAG_CGROUP, FLAG_DETACH };

struct asked {
	struct rulebook_request request;
	const char *unit, *cgroup;
	bool detach;
	struct cgroup_mount mount;
	char path[PATH_MAX];
	const char *name; /* of path, for screens */
};

/* ---- which cgroup ---- */

static bool find_mount(struct asked *asked)
{
	const int error = cgroup_mount_find(&asked->mount);

	if (error == -ENOENT && asked->mount.v1)
		say("only cgroups of version 1 are mounted here, and the kernel asks programs in "
		    "those of version 2 only: mount -t cgroup2 none /DIR");
	else if (error == -ENOENT)
		say("no cgroups are mounted here: mount -t cgroup2 none /DIR");
	else if (error)
		say("/proc/self/mountinfo: %s", strerror(-error));
	return error == 0;
}

static bool find_unit(struct asked *asked)
{
	char other[PATH_MAX];
	const int error = cgroup_of_unit(asked->unit, &asked->mount, asked->path, other);

	if (error == -ENOTUNIQ)
		say("two cgroups have that name, say which by --cgroup: %s, %s",
			cgroup_name(&asked->mount, asked->path), cgroup_name(&asked->mount, other));
	else if (error)
		say("no unit %s has a cgroup below %s: it is not running, or not on this host",
			asked->unit, asked->mount.path);
	return error == 0;
}

static bool find_cgroup(struct asked *asked)
{
	const int error = cgroup_named(asked->cgroup, &asked->mount, asked->path);

	if (error == -EMEDIUMTYPE)
		say("%s is a cgroup of version 1, and the kernel asks programs in those of "
		    "version 2 only, which are below %s",
			asked->cgroup, asked->mount.path);
	else if (error == -ENOTDIR)
		say("%s is not a cgroup; those are folders below %s", asked->cgroup,
			asked->mount.path);
	else if (error)
		say("%s: %s", asked->cgroup, strerror(-error));
	return error == 0;
}

static bool find(struct asked *asked)
{
	if (!find_mount(asked) || !(asked->unit ? find_unit(asked) : find_cgroup(asked)))
		return false;
	asked->name = cgroup_name(&asked->mount, asked->path);
	return true;
}

/* ---- what is done there ---- */

static int detach(const struct asked *asked)
{
	const int count = attach_end(asked->path);

	if (count == -EPERM)
		say("only who has CAP_BPF and CAP_NET_ADMIN may ask what is on a cgroup: root of "
		    "the host");
	else if (count < 0)
		say("%s: %s", asked->name, strerror(-count));
	else if (count == 0)
		say("%s has no rules of ours: sockfix status lists those that have", asked->name);
	else
		printf("%s has no rules any more; what they set on connections stays there, and on "
		       "listeners, for what these accept\n",
			asked->name);
	return count < 0 ? EXIT_TROUBLE : count == 0 ? EXIT_FOUND : EXIT_FINE;
}

static void print_attached(const struct asked *asked, char *names, int before)
{
	char *name = memory_print("%s", asked->name);

	text_harmless(name);
	text_harmless(names);
	printf("%s: %s%s\n", name, names, before ? " (in the place of other rules)" : "");
	text_wrap(stdout, 0,
		"They hold for connections that begin from now on, in it and in the cgroups "
		"below, until sockfix scope --detach, its end, or the next boot; connections "
		"that are there stay as they are.");
	free(name);
}

static int attach(const struct asked *asked)
{
	struct book *book;
	struct scoped_rules held = {.names = NULL};
	int error = rulebook_gather(&asked->request, &book), before = -1;

	if (error == -ENOMEM)
		say("no memory for the rules");
	if (!error) {
		probe_rules(&book->set, rulebook_tell);
		before = scoped_attach(asked->path, &book->set, NULL, &held);
	}
	if (before >= 0) {
		scoped_say_joins(&held);
		print_attached(asked, held.names, before);
	}
	free(held.names);
	if (book)
		book_free(book);
	return before < 0 ? EXIT_TROUBLE : EXIT_FINE;
}

static int act(struct asked *asked)
{
	if (!scoped_built() || !find(asked))
		return EXIT_TROUBLE;
	if (geteuid() == 0)
		own_sweep(&asked->mount);
	return asked->detach ? detach(asked) : attach(asked);
}

/* ---- the command line ---- */

static int read_options(
	const struct verb *verb, int argc, char **argv, struct asked *asked, int *status)
{
	const char *value;

	for (;;) {
		const int letter = arguments_next(verb, argc, argv, &value, status);

		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == FLAG_UNIT)
			asked->unit = value;
		else if (letter == FLAG_CGROUP)
			asked->cgroup = value;
		else if (letter == FLAG_DETACH)
			asked->detach = true;
		else
			rulebook_request_add(&asked->request, letter, value);
	}
}

static int check(const struct verb *verb, int argc, char **argv, struct asked *asked)
{
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	if (!asked->unit == !asked->cgroup)
		return arguments_misuse(verb, "name one of --unit and --cgroup");
	if (asked->detach && asked->request.count)
		return arguments_misuse(verb, "--detach goes with no rules");
	return act(asked);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct asked asked = {.unit = NULL};
	int status = EXIT_TROUBLE;

	if (rulebook_request_new(&asked.request, argc) != 0)
		say("no memory for the rules");
	else if (read_options(verb, argc, argv, &asked, &status) == ARGUMENTS_END)
		status = check(verb, argc, argv, &asked);
	rulebook_request_free(&asked.request);
	return status;
}

static const struct flag flag_table[] = {
	{"unit", FLAG_UNIT, "NAME", "the cgroup of a unit of systemd, by its name"},
	{"cgroup", FLAG_CGROUP, "PATH",
		"a cgroup: its folder, or its name as /proc/PID/cgroup has it"},
	{"detach", FLAG_DETACH, NULL, "take away what sockfix scope has put there"},
	RULEBOOK_FLAGS,
};

const struct verb verb_scope = {
	.name = "scope",
	.group = "operate",
	.synopsis =
		"(--unit NAME | --cgroup PATH) [--detach] " RULEBOOK_SYNOPSIS " [--with-system]",
	.summary = "set options for all that runs in a cgroup: a service, a container",
	.detail =
		"  sockfix scope --unit nginx -s tcp_nodelay=true\n"
		"  sockfix scope --cgroup /system.slice/docker-4f2a.scope -r site.conf\n"
		"  sockfix scope --unit nginx --detach\n\n"
		"The rules become a program that the kernel runs when a connection begins on a "
		"socket that was made in that cgroup, or in one below it. Static programs, Go and whatever else no library "
		"reaches are served so, and nothing is restarted. sockfix run does the same by "
		"itself for a COMMAND of that kind. Without -r and -P the rules come from the "
		"same folders as those of sockfix run.\n\n"
		"Options are set before the SYN of a connection that goes out, and at the end of "
		"the handshake of one that comes in; what speaks of the handshake itself (buffers, "
		"tcp_window_clamp, tcp_maxseg, tcp_congestion, ip_tos, so_mark) also on the listener, "
		"at listen(), unless rules tell its peers apart. So rules win over what the "
		"program set before, for that looks like a default from there (a switch that a "
		"rule turns off without force stays as the program has it); what the program sets "
		"later wins, whatever a rule forces.\n\n"
		"No segments are joined: coalesce becomes TCP_NODELAY, with which one-way streams of "
		"small writes become slower, so name the ports or peers that you mean. ip_tos does "
		"not reach IPv4 on sockets of IPv6. Of a scope above another, that above wins. What "
		"else the kernel does "
		"not take from there is said, each with its place, and left out: tcp_quickack, "
		"tcp_cork, so_linger, tcp_defer_accept, tcp_fastopen, so_busy_poll, timeouts, what "
		"is due before bind(), and rules that ask for a program, its script, its arguments "
		"or its user. Where leaving such a rule out would set more than you want "
		"(leave_alone, last, \"keep\"), nothing is done.\n\n"
		"Needs root of the host (CAP_BPF and CAP_NET_ADMIN), Linux 6.1 and a cgroup of "
		"version 2, which is looked for in mountinfo; a unit is looked for by the name of "
		"its cgroup. Other programs on that cgroup stay and run, too; one that lets no "
		"other in is named. Given again, the new rules take the place of the old ones. It "
		"is held by the cgroup alone, so it ends with that, which a restart of the unit "
		"is, and with the next boot. sockfix status lists all.\n\n"
		"Exit status: 0; 1 where --detach found nothing to take away; 2 where nothing was "
		"done, and said why.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
