/* `sockfix which`: for a flow that is described in words, what would hold and who said so. Makes a
 * subject of the words; rules/rule.c decides, show/outcome.c prints. No socket, no process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/rule.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/process.h"
#include "tools/cmd/rulebook.h"
#include "tools/cmd/which_cases.h"
#include "tools/cmd/which_process.h"
#include "tools/cmd/which_words.h"
#include "tools/show/outcome.h"
#include "tools/base/text.h"

enum {
	FLAG_PROGRAM = 400,
	FLAG_SCRIPT,
	FLAG_ARGS,
	FLAG_USER,
	FLAG_PEER,
	FLAG_LISTEN,
	FLAG_LOCAL_PORT,
	FLAG_AGAINST,
};

struct question {
	struct rulebook_request request;
	struct subject subject;
	uint16_t listen;       /* 0: not given */
	const char *process;   /* NULL: not given */
	const char *cases;     /* likewise */
	bool ruled, described; /* by -r, -P, -s; in words */
};

static int read_option(
	const struct verb *verb, int letter, const char *value, struct question *question)
{
	struct subject *subject = &question->subject;
	if (letter == 'p') {
		question->process = value;
		return 0;
	}
	if (letter == FLAG_AGAINST) {
		question->cases = value;
		return 0;
	}
	if (rulebook_request_add(&question->request, letter, value)) {
		question->ruled = true;
		return 0;
	}
	question->described = true;
	switch (letter) {
	case FLAG_PROGRAM:
		subject->program = subject->argv0 = text_base_name(value);
		return 0;
	case FLAG_SCRIPT:
		subject->script = text_base_name(value);
		return 0;
	case FLAG_ARGS:
		subject->args = value;
		return 0;
	case FLAG_USER:
		if (which_user(value, &subject->uid) != 0)
			return arguments_misuse(verb, "'%s' is not a user of /etc/passwd", value);
		return 0;
	case FLAG_PEER:
		if (which_peer(value, subject) != 0)
			return arguments_misuse(verb,
				"'%s' is not ADDR:PORT, such as 192.0.2.7:143 or "
				"[2001:db8::7]:143; an address, not a name",
				value);
		return 0;
	case FLAG_LISTEN:
	case FLAG_LOCAL_PORT:
		if (which_port(value,
			    letter == FLAG_LISTEN ? &question->listen : &subject->local_port) != 0)
			return arguments_misuse(verb, "'%s' is not a port from 1 to 65535", value);
		return 0;
	default:
		return 0;
	}
}

/* 0, or the exit status after a sentence. */
static int complete(const struct verb *verb, struct question *question)
{
	struct subject *subject = &question->subject;
	if (!subject->program)
		return arguments_misuse(verb, "--program NAME is missing");
	if (!subject->peer_known && !question->listen)
		return arguments_misuse(verb, "--peer ADDR:PORT or --listen PORT is missing");
	if (question->listen && subject->local_port && subject->local_port != question->listen)
		return arguments_misuse(
			verb, "--listen and --local-port are the same port of a server");
	which_complete(subject, question->listen);
	return 0;
}

static int of_process(const struct verb *verb, const struct question *question)
{
	const pid_t pid = process_number(question->process);

	if (question->described || question->ruled || question->cases)
		return arguments_misuse(verb,
			"-p PID goes alone: its rules and its connections are "
			"the process's own");
	if (!pid)
		return arguments_misuse(
			verb, "-p takes the number of a process, not '%s'", question->process);
	return which_process(pid);
}

static int answer(const struct question *question)
{
	struct book *book = NULL;
	int error = rulebook_gather(&question->request, &book), status = EXIT_FINE;
	if (!error && question->cases)
		status = which_cases(&book->set, question->cases);
	else if (!error)
		error = outcome_show(stdout, &book->set, &question->subject);
	if (book)
		book_free(book);
	return error ? EXIT_TROUBLE : status;
}

static int read_all(const struct verb *verb, int argc, char **argv, struct question *question)
{
	const char *value;
	int letter, status;
	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		status = read_option(verb, letter, value, question);
		if (status)
			return status;
	}
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	if (question->process)
		return of_process(verb, question);
	if (question->cases && question->described)
		return arguments_misuse(verb, "--against FILE goes without a connection in words: "
					      "each line of it is one");
	status = question->cases ? 0 : complete(verb, question);
	return status ? status : answer(question);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	/* draw: a flow that no holdout but one of 100 % leaves out. */
	struct question question = {
		.subject = {.script = "", .args = "", .uid = geteuid(), .draw = 99},
	};
	if (rulebook_request_new(&question.request, argc) != 0) {
		say("no memory");
		return EXIT_TROUBLE;
	}
	int status = read_all(verb, argc, argv, &question);
	rulebook_request_free(&question.request);
	return status;
}

static const struct flag flag_table[] = {
	{"pid", 'p', "PID", "what holds in a running process now, connection by connection"},
	RULEBOOK_FLAGS,
	{"program", FLAG_PROGRAM, "NAME", "file name of the program"},
	{"script", FLAG_SCRIPT, "NAME", "what an interpreter runs: script, -m module or -jar file"},
	{"args", FLAG_ARGS, "TEXT", "its arguments, joined by single spaces"},
	{"user", FLAG_USER, "NAME", "who it runs as, a name or a number; you, if not given"},
	{"peer", FLAG_PEER, "ADDR:PORT", "the other end, 192.0.2.7:143 or [2001:db8::7]:143"},
	{"listen", FLAG_LISTEN, "PORT",
		"the program is the server on this port; with --peer: a connection that it "
		"accepted"},
	{"local-port", FLAG_LOCAL_PORT, "PORT", "the port of its own end"},
	{"against", FLAG_AGAINST, "FILE",
		"hold the rules against the cases in FILE, a line each: command, peer, what must "
		"hold"},
};

const struct verb verb_which = {
	.name = "which",
	.group = "mend",
	.synopsis =
		RULEBOOK_SYNOPSIS " [--with-system] --program NAME [--script NAME] [--args "
				  "TEXT] [--user NAME] [--local-port PORT] --peer "
				  "ADDR:PORT | --listen PORT [--peer ADDR:PORT] | --against FILE "
				  "| -p PID",
	.summary = "say which settings hold for one connection, and which rule set them",
	.detail =
		"  sockfix which --program python3 --script import.py --peer 192.0.2.7:143\n"
		"  sockfix which -r site.conf --program httpd --listen 8080\n"
		"  sockfix which -r site.conf --against cases.txt\n"
		"  sockfix which -p 4711\n\n"
		"One line for each setting: name, value, rule, place. Below it the rules that "
		"matched, too, and lost: later rules win, leave_alone wins over all. Rules come "
		"from the same places as for sockfix run. " RULEBOOK_DETAIL "\n\n"
		"With -p: of a running process that has the library, what its rules say of each "
		"connection that it has, and what is so now. A rule with a holdout is shown "
		"as if it left nothing out.\n\n"
		"With --against: proves rules before they are rolled out. A line of FILE is a "
		"case:\n\n"
		"  # command, peer, what must hold\n"
		"  python3 import.py, 192.0.2.7:143, coalesce=auto tcp_nodelay=keep\n"
		"  java -jar bridge.jar, 10.40.7.9:502, nothing\n"
		"  httpd, listen 8080, tcp_nodelay=true\n"
		"  httpd, listen 8080 from 10.0.0.5:40000, user www-data, tcp_nodelay=true\n\n"
		"keep: no rule sets that option; nothing: none sets any. Without a user it is you who runs it. A command with commas stands in double quotes, a script behind its interpreter. Cases that differ are printed.\n\n"
		"Exit status: 0; 1 where the process has not the library, or that does nothing "
		"there, and where a case differs; 2 where it was misused, rules are wrong or stdout cannot be written.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
