/* `sockfix prove`: one run of the real job in which the rules hold for half the blocks of turns
 * (or of the connections, for options of connect time); both are set side by side on stderr. */
#include <stdio.h>
#include <unistd.h>

#include "tools/cmd/arguments.h"
#include "tools/find/arms.h"
#include "tools/cmd/judged.h"
#include "tools/launch/limits.h"
#include "tools/cmd/recording.h"
#include "tools/base/text.h"

static int judge(const char *place)
{
	static const int answer[] = {EXIT_TROUBLE, EXIT_FINE, EXIT_FINE, EXIT_FOUND};
	struct judged judged;
	struct arms arms;

	if (!judged_open(&judged, place, false))
		return EXIT_TROUBLE;
	arms_compare(judged.fold, &arms);
	judged.report.verb = "prove";
	arms_print(stderr, &judged.report, &arms);
	judged_close(&judged);
	return answer[arms.verdict];
}

static int start(struct recording *recording)
{
	char why[128];

	recording->prove = ARMS_BLOCK;
	if (!recording_has_place(recording))
		return EXIT_TROUBLE;
	if (!limits_leave_room(why, sizeof(why))) {
		say("%s is not run: %s", recording->plan.command[0], why);
		return EXIT_TROUBLE;
	}
	if (!recording_prepare(recording)) {
		say("%s is not run: nothing could be proven", recording->plan.command[0]);
		return EXIT_TROUBLE;
	}
	if (!recording_run(recording) || recording->living.count)
		return EXIT_TROUBLE;
	say("recorded: %s", recording->place);
	return judge(recording->place);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct recording recording;
	const char *value;
	int letter, status = EXIT_TROUBLE;

	if (!recording_new(&recording, argc)) {
		say("no memory");
		return EXIT_TROUBLE;
	}
	while ((letter = arguments_next(verb, argc, argv, &value, &status)) >= 0) {
		status = recording_option(&recording, verb, letter, value);
		if (status != EXIT_FINE)
			break;
	}
	if (letter == ARGUMENTS_END) {
		recording.plan.command = argv + optind;
		status = recording.plan.command[0] ? start(&recording)
						   : arguments_misuse(verb, "a COMMAND is missing");
	}
	recording_free(&recording);
	return status;
}

static const struct flag flag_table[] = {RECORDING_FLAGS};

const struct verb verb_prove = {
	.name = "prove",
	.group = "mend",
	.synopsis = RULEBOOK_SYNOPSIS " [-o DIR] [--limit SIZE] [--] COMMAND [ARG]...",
	.summary = "run COMMAND once, half of it mended, and compare the halves",
	.detail =
		"  sockfix prove -r my.conf -- python3 import.py\n\n"
		"Half the blocks of 20 turns (a turn: writes, then their answer), drawn by lot, go "
		"without the rules; of options that are set at connect time, half the connections. "
		"Nothing is run twice. What COMMAND prints stays its own; the answer goes to "
		"stderr.\n\n"
		"Exit status: 0 mended or no difference, 1 slower with the rules, 2 cannot be "
		"told.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.first = 1,
	.run = run,
};
