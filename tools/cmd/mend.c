/* `sockfix mend`: options on the connections of a running program, set from outside, and put back
 * again. What is set where is decided in tools/live/mend.c; this file asks, tells and keeps. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/given.h"
#include "tools/cmd/process.h"
#include "tools/cmd/rulebook.h"
#include "tools/cmd/undo.h"
#include "tools/cmd/unseen.h"
#include "tools/find/sampled.h"
#include "tools/live/library.h"
#include "tools/live/permission.h"
#include "tools/live/watch.h"
#include "tools/show/mended.h"

enum { FLAG_ONCE = 400, FLAG_FOR, FLAG_UNDO };

#define FOR_EVER 1e9

struct request {
	struct rulebook_request rules;
	pid_t pid;
	double seconds;
	bool once, only_looks, quiet;
	const char *undo, *keep_at;
};

struct mend_run {
	const struct request *request;
	struct undo_file file;
};

/* ---- while it runs ---- */

/* Signals wait until the look is over, and stdout may be a pipe that nobody reads. False: one has
 * come meanwhile. */
static bool can_print(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	sigset_t pending;

	while (poll(&out, 1, 100) == 0) {
		sigpending(&pending);
		if (sigismember(&pending, SIGINT) > 0 || sigismember(&pending, SIGTERM) > 0 ||
			sigismember(&pending, SIGHUP) > 0)
			return false;
	}
	return true;
}

static void tell(void *context, const struct mend_event *event)
{
	const struct mend_run *run = context;

	if ((!run->request->quiet || event->kind == MEND_REFUSED || event->kind == MEND_BEYOND) &&
		can_print())
		mended_print(stdout, event);
}

static bool keep(void *context, const struct undo *undo)
{
	struct mend_run *run = context;

	return undo_file_add(&run->file, undo);
}

/* ---- its end ---- */

static void say_error(const struct mending *mending)
{
	const int pid = (int)mending->observed.who.pid;
	char why[256];

	if (mending->error == -ENOSYS) {
		say("the sockets of process %d cannot be taken: this kernel is older than Linux "
		    "5.6 (pidfd_getfd(2)); from its next start on: sockfix run",
			pid);
	} else if (mending->error == -EPERM) {
		permission_why(mending->observed.who.pid, -EPERM, why, sizeof(why));
		say("the sockets of process %d cannot be taken: %s", pid, why);
	} else if (mending->error == -EBUSY) {
		say("process %d has become a program that has the library, which mends it itself: "
		    "sockfix status %d",
			pid, pid);
	} else if (mending->error != -ECANCELED) { /* that has been said */
		say("the sockets of process %d cannot be taken: %s", pid,
			strerror(-mending->error));
	}
}

static void print_end(const struct mending *mending, const struct mend_run *run)
{
	const size_t changed = mending->changed;
	char count[UNITS];

	if (!changed)
		printf("nothing was to be set on the connections of process %d (%zu seen)\n",
			(int)mending->observed.who.pid, mending->seen);
	else
		printf("%s connection%s %s mended\n", units_count(count, changed), plural(changed),
			mending->only_looks ? "would be"
			: changed == 1	    ? "was"
					    : "were");
	if (mending->observed.ended)
		printf("the process has ended\n");
	else if (run->file.used)
		printf("to put it back: sockfix mend --undo %s\n", run->file.path);
}

/* There is no 'no' where too little was seen. */
static bool say_unjudged(const struct mending *mending)
{
	const size_t unjudged = mending->once ? mend_unjudged(mending) : 0;
	char count[UNITS];

	if (unjudged)
		say("%s connection%s looked at too seldom to say whether %s (so many sockets, and "
		    "3 %% of a processor): longer, with --for 60",
			units_count(count, unjudged), unjudged == 1 ? " was" : "s were",
			unjudged == 1 ? "it stalls" : "they stall");
	return unjudged;
}

static int end(const struct mending *mending, const struct mend_run *run)
{
	if (mending->error && mending->error != -ESRCH) {
		say_error(mending);
		if (!mending->changed)
			return EXIT_TROUBLE;
	}
	if (mending->observed.unseen && !mending->observed.ended)
		unseen_say(&mending->observed, "mend -p");
	print_end(mending, run);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		say("cannot write to stdout: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	if (mending->observed.unseen && !mending->observed.ended)
		return EXIT_TROUBLE;
	if (mending->error && mending->error != -ESRCH)
		return EXIT_TROUBLE;
	if (say_unjudged(mending) || (mending->refused && !mending->changed))
		return EXIT_TROUBLE;
	return mending->changed ? EXIT_FINE : EXIT_FOUND;
}

/* ---- the mending ---- */

static int mend(const struct request *request, const struct ruleset *rules)
{
	struct mend_run run = {.request = request};
	struct mending mending = {.rules = rules,
		.only_looks = request->only_looks,
		.once = request->once,
		.is_stalled = sampled_is_stalled,
		.tell = tell,
		.keep = keep,
		.context = &run};
	struct watch watch = {.process = &mending.observed,
		.processes = 1,
		.seconds = request->seconds,
		.a_second = 100,
		.each = mend_step,
		.context = &mending};
	int status = EXIT_TROUBLE;

	if (!undo_file_choose(&run.file, request->only_looks ? NULL : request->keep_at))
		return EXIT_TROUBLE;
	if (mend_open(&mending, request->pid)) {
		unseen_say(&mending.observed, "mend -p");
	} else if (mending.error) {
		say_error(&mending);
	} else {
		mended_print_who(stdout, &mending.observed.who);
		watch_run(&watch);
		if (mending.observed.looks)
			status = end(&mending, &run);
		else
			unseen_say(&mending.observed, "mend -p");
	}
	undo_file_close(&run.file);
	mend_close(&mending);
	return status;
}

/* Its own library sets what is to be set there. */
static int mend_wrapped(
	const struct request *request, const struct library *library, const struct ruleset *rules)
{
	const int pid = (int)request->pid;

	if (!request->rules.count)
		say("process %d has the library, which mends it itself: sockfix status %d; to give "
		    "it other rules: -r, -P or -s",
			pid, pid);
	else if (request->keep_at || request->seconds < FOR_EVER ||
		 (request->once && !request->only_looks))
		say("process %d has the library, which keeps its rules: --once, --for and -o are "
		    "for a process without it",
			pid);
	else
		return given_to(request->pid, library, rules, request->only_looks);
	return EXIT_TROUBLE;
}

/* From outside, or where there is a library that can be told, by that. */
static int mend_by_rules(const struct request *request, const struct ruleset *rules)
{
	struct library library;
	const int error = library_find(request->pid, &library);

	if (error || library.state == LIBRARY_INERT || library.state == LIBRARY_RESIGNED)
		return mend(request, rules);
	if (library.state != LIBRARY_OTHER)
		return mend_wrapped(request, &library, rules);
	say("process %d: its library is of another version: use the sockfix that started it",
		(int)request->pid);
	return EXIT_TROUBLE;
}

static int gather_and_mend(const struct request *request)
{
	struct book *book = NULL;
	int error = rulebook_gather(&request->rules, &book), status = EXIT_TROUBLE;

	if (!error)
		status = mend_by_rules(request, &book->set);
	if (book)
		book_free(book);
	return status;
}

/* ---- what is asked ---- */

static int take_option(
	const struct verb *verb, struct request *request, int letter, const char *value)
{
	char *rest;

	if (letter == 'p') {
		request->pid = process_number(value);
		if (!request->pid)
			return arguments_misuse(
				verb, "-p takes the number of a process, not '%s'", value);
	} else if (letter == FLAG_FOR) {
		request->seconds = strtod(value, &rest);
		if (!*value || strspn(value, "0123456789.") != strlen(value) || *rest ||
			request->seconds <= 0 || request->seconds > 1e6)
			return arguments_misuse(
				verb, "--for takes seconds, such as 30 or 0.5, not '%s'", value);
	} else if (letter == FLAG_ONCE) {
		request->once = true;
	} else if (letter == FLAG_UNDO) {
		request->undo = value;
	} else if (letter == 'n') {
		request->only_looks = true;
	} else if (letter == 'q') {
		request->quiet = true;
	} else if (letter == 'o') {
		request->keep_at = value;
	} else {
		rulebook_request_add(&request->rules, letter, value);
	}
	return EXIT_FINE;
}

static int complete(const struct verb *verb, struct request *request)
{
	const bool timed = request->seconds > 0;

	if (request->undo && (request->pid || request->rules.count))
		return arguments_misuse(verb, "--undo goes with no PID and no rules");
	if (!request->undo && !request->pid)
		return arguments_misuse(verb, "-p PID is missing");
	if (request->once && timed)
		return arguments_misuse(verb, "--once and --for exclude each other");
	if (!timed) {
		request->once |= request->only_looks;
		request->seconds = FOR_EVER;
	}
	return EXIT_FINE;
}

static int read_all(const struct verb *verb, int argc, char **argv, struct request *request)
{
	const char *value;
	int letter, status;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		status = take_option(verb, request, letter, value);
		if (status)
			return status;
	}
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	status = complete(verb, request);
	if (status)
		return status;
	return request->undo ? undo_file_put_back(request->undo) : gather_and_mend(request);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct request request = {.pid = 0};
	int status;

	if (rulebook_request_new(&request.rules, argc) != 0) {
		say("no memory");
		return EXIT_TROUBLE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = read_all(verb, argc, argv, &request);
	rulebook_request_free(&request.rules);
	return status;
}

static const struct flag flag_table[] = {
	{"pid", 'p', "PID", "the process"},
	RULEBOOK_FLAGS,
	{"once", FLAG_ONCE, NULL, "the connections that are there now, and no later ones"},
	{"for", FLAG_FOR, "SECONDS",
		"end after that time (default: at Ctrl-C, or when the process ends)"},
	{"only-look", 'n', NULL, "say what would be set, and set nothing"},
	{"output", 'o', "FILE", "where to keep what undoes it (default: below the state folder)"},
	{"quiet", 'q', NULL, "print the sum alone, and what was refused"},
	{"undo", FLAG_UNDO, "FILE", "put back what an earlier mend has set"},
};

const struct verb verb_mend = {
	.name = "mend",
	.group = "mend",
	.synopsis = "-p PID " RULEBOOK_SYNOPSIS " [--once | --for SECONDS] [-n] | --undo FILE",
	.summary = "set options on the connections of a running program",
	.detail =
		"  sockfix mend -p 4711\n"
		"  sockfix mend -p 4711 -s tcp_user_timeout=30s --once\n"
		"  sockfix mend --undo FILE\n\n"
		"The program is not stopped and not restarted: each connection is taken for a "
		"moment (pidfd_getfd(2)), known by its cookie, set, and closed again. Without -r, "
		"-P and -s, and without rules of this host, TCP_NODELAY is set on those that are "
		"seen to stall for a second (N01, N02 of sockfix look), and nothing else is "
		"touched. Else the rules say what is set, as for sockfix run, with those options "
		"that a connection takes when it is made; what the program has set itself is "
		"not known from outside, and a rule wins over it. coalesce needs the library: "
		"without it what stalls gets TCP_NODELAY. A tcp_quickack lasts until the kernel "
		"forgets it. leave_alone holds, and of the ports where one message is one segment "
		"(102, 502, 2404, 20000, 44818) only those are touched that a rule names.\n\n"
		"A process that has the library is given the rules instead, all of them, coalesce "
		"too: for its new connections, and for those that it has from their next read or "
		"write on, as far as these take them; listeners stay as they are, and programs "
		"that it starts have the rules that it was started with. This command ends at "
		"once then.\n\n"
		"New connections are found while it runs, and where it has set TCP_NODELAY on a "
		"connection that now streams small writes which nobody answers, it takes that "
		"back, until it stalls again. What was there before each change is "
		"kept in a file first, and --undo puts it back, unless somebody has set something "
		"else since. Wants the permission of ptrace(2): that of the process's own user, "
		"or of root; and Linux 5.6.\n\n" RULEBOOK_DETAIL "\n\n"
		"Exit status: 0; 1 where nothing was to be set, or --undo found something changed "
		"since; 2 where the process cannot be mended, it was misused or stdout cannot be "
		"written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
