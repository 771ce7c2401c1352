/* `sockfix compare --twice`: COMMAND run bare, then run with the rules, both recorded, and the two
 * recordings set side by side. For jobs that may be run twice; prove needs one run only. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/cmd/arguments.h"
#include "tools/cmd/judged.h"
#include "tools/launch/limits.h"
#include "tools/cmd/recording.h"
#include "tools/base/text.h"

enum { FLAG_TWICE = 400 };

struct pair {
	struct recording bare, mended;
	bool twice;
};

static bool record(struct recording *recording, char **command, const char *how)
{
	int status;

	recording->plan.command = command;
	if (!recording_prepare(recording)) {
		say("%s is not run: nothing could be compared", command[0]);
		return false;
	}
	if (!recording_run(recording))
		return false;
	if (recording->living.count) {
		say("nothing is compared");
		return false;
	}
	say("recorded %s: %s", how, recording->place);
	status = recording->record.status;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status))
		say("%s ended with exit status %d: nothing is compared", command[0],
			WEXITSTATUS(status));
	else
		say("%s was ended by signal %d (%s): nothing is compared", command[0],
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	return false;
}

/* The bare run may take hours: what is wrong with the rules is said before it. */
static bool rules_are_fine(const struct pair *pair)
{
	struct book *book = NULL;
	const bool fine = rulebook_gather(&pair->mended.plan.request, &book) == 0;

	if (book)
		book_free(book);
	return fine;
}

static int start(struct pair *pair, char **command)
{
	char why[128];

	if (!limits_leave_room(why, sizeof(why))) {
		say("%s is not run: %s", command[0], why);
		return EXIT_TROUBLE;
	}
	if (!rules_are_fine(pair)) {
		say("%s is not run: nothing could be compared", command[0]);
		return EXIT_TROUBLE;
	}
	pair->bare.plan.watched = true;
	say("%s is run two times, bare and with the rules", command[0]);
	if (!record(&pair->bare, command, "bare") ||
		!record(&pair->mended, command, "with the rules"))
		return EXIT_TROUBLE;
	return judged_compare(stderr, pair->bare.place, pair->mended.place);
}

static int take(struct pair *pair, const struct verb *verb, int letter, const char *value)
{
	int status;

	if (letter == FLAG_TWICE) {
		pair->twice = true;
		return EXIT_FINE;
	}
	status = recording_option(&pair->mended, verb, letter, value);
	pair->bare.record.limit = pair->mended.record.limit;
	return status;
}

static int read_options(const struct verb *verb, int argc, char **argv, struct pair *pair)
{
	const char *value;
	int letter, status;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) >= 0) {
		status = take(pair, verb, letter, value);
		if (status != EXIT_FINE)
			return status;
	}
	if (letter == ARGUMENTS_STOP)
		return status;
	if (!argv[optind])
		return arguments_misuse(verb, "a COMMAND is missing");
	if (!pair->twice)
		return arguments_misuse(verb,
			"it runs %s two times; say --twice where that does no harm, or take "
			"sockfix prove, which runs it once",
			argv[optind]);
	return start(pair, argv + optind);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct pair pair = {.twice = false};
	int status = EXIT_TROUBLE;

	if (recording_new(&pair.bare, argc) && recording_new(&pair.mended, argc)) {
		status = read_options(verb, argc, argv, &pair);
		recording_free(&pair.mended);
	} else {
		say("no memory");
	}
	recording_free(&pair.bare);
	return status;
}

static const struct flag flag_table[] = {
	{"twice", FLAG_TWICE, NULL, "yes, COMMAND may be run two times"},
	{"limit", FLAG_LIMIT, "SIZE", "room for all processes of each run (default: 16M)"},
	RULEBOOK_FLAGS,
};

const struct verb verb_compare = {
	.name = "compare",
	.group = "mend",
	.synopsis = "--twice " RULEBOOK_SYNOPSIS " [--limit SIZE] [--] COMMAND [ARG]...",
	.summary = "run COMMAND two times, bare and mended, and compare the runs",
	.detail = "  sockfix compare --twice -r my.conf -- python3 import.py\n\n"
		  "Where one run is enough, or all there may be: sockfix prove. The answer goes to "
		  "stderr.\n\n"
		  "Exit status: 0 better or equal, 1 worse, 2 not comparable, or COMMAND failed.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.first = 1,
	.run = run,
};
