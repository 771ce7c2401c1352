/* `sockfix report A B`: both runs are read and judged, each for itself and then together. Says
 * which connection was looked for where the two have none in common. */
#include "tools/cmd/report_both.h"

#include <stdio.h>
#include <string.h>

#include "tools/base/ip_text.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/both/both.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/judged.h"
#include "tools/show/both.h"

enum { SENTENCE = 512 };

bool report_both_take(const struct verb *verb, bool both, char *const *word, bool of_one_end,
	const char **second, int *status)
{
	if (!*word || !word[1])
		return true;
	if (!both)
		*status = arguments_misuse(verb, "one folder, not '%s' and '%s'", word[0], word[1]);
	else if (word[2])
		*status = arguments_misuse(
			verb, "two folders at most, not '%s', '%s' and more", word[0], word[1]);
	else if (of_one_end)
		*status = arguments_misuse(verb,
			"a CODE, --calls and --timeline go with one folder, not '%s' and '%s'",
			word[0], word[1]);
	else
		*second = word[1];
	return *second != NULL;
}

/* As its own end has it: "10.0.0.5:40112 -> 10.0.0.1:143", whoever connected to whom. */
static void lone_text(
	char text[SENTENCE], const struct trace_connection *connection, enum both_side side)
{
	char local[IP_TEXT_ENDPOINT], peer[IP_TEXT_ENDPOINT];

	ip_text_endpoint(local, connection->local, connection->local_port);
	ip_text_endpoint(peer, connection->peer, connection->peer_port);
	snprintf(text, SENTENCE, "%s -> %s", side == BOTH_CLIENT ? local : peer,
		side == BOTH_CLIENT ? peer : local);
}

/* What that end has to offer. */
static void known_text(char text[SENTENCE], const struct both *both, enum both_side side)
{
	const char *made = side == BOTH_CLIENT ? "connected" : "accepted";
	char lone[SENTENCE];

	if (!both->lone[side]) {
		snprintf(text, SENTENCE, "there is none that it %s and used", made);
		return;
	}
	lone_text(lone, both->lone[side], side);
	snprintf(text, SENTENCE, "it %s %zu connection%s, %.100s%s", made, both->known[side],
		plural(both->known[side]), lone, both->known[side] > 1 ? " and others" : "");
}

static void say_nothing_in_common(const struct both *both, const struct both_request *request)
{
	const char *client = request->directory[both->swapped];
	const char *server = request->directory[!both->swapped];
	char connected[SENTENCE], accepted[SENTENCE];

	known_text(connected, both, BOTH_CLIENT);
	known_text(accepted, both, BOTH_SERVER);
	if (both->unsure)
		say("which connection of %s is which of %s cannot be told: %zu on the same ports, "
		    "as many bytes each, and the clocks differ",
			client, server, both->unsure);
	else
		say("no connection of %s is in %s: of the one, %s; of the other, %s", client,
			server, connected, accepted);
}

/* Of both runs alike, so that one address is one everywhere. */
static void mask(struct judged judged[2], bool same)
{
	struct run *const run[] = {judged[0].run, judged[1].run};

	runs_mask(run, same ? 1 : 2);
	for (int i = 0; i < 2; i++)
		judged[i].report.directory = judged[i].run->directory;
}

static int show(
	struct judged judged[2], const struct both *both, const struct both_request *request)
{
	const struct both_report report = {.both = both,
		.alone = {&judged[both->swapped].report, &judged[!both->swapped].report},
		.all = request->all};

	if (request->json && !both_print_json(stdout, &report))
		return EXIT_TROUBLE;
	if (!request->json)
		both_print(stdout, &report);
	if (request->fail_over < 0)
		return EXIT_FINE;
	if (both->word == VERDICT_NOT_SURE)
		return EXIT_TROUBLE;
	return units_percent(both->lost, both->sum.took) > request->fail_over ? EXIT_FOUND
									      : EXIT_FINE;
}

/* Masked last: strangers see no address, but by addresses the two are put together. */
static int judge(struct judged judged[2], bool same, const struct both_request *request)
{
	struct both *both = both_take(judged[0].run, judged[1].run);
	int status = EXIT_TROUBLE;

	if (request->masked)
		mask(judged, same);
	if (both->pairs)
		status = show(judged, both, request);
	else
		say_nothing_in_common(both, request);
	both_free(both);
	return status;
}

int report_both(const struct both_request *request)
{
	struct judged judged[2];
	const int missing = request->fail_over >= 0 ? EXIT_TROUBLE : EXIT_FOUND;
	const bool same = strcmp(request->directory[0], request->directory[1]) == 0;
	int status = missing;

	if (!judged_open(&judged[0], request->directory[0], false))
		return missing;
	if (same) {
		judged[1] = judged[0];
		status = judge(judged, true, request);
	} else if (judged_open(&judged[1], request->directory[1], false)) {
		status = judge(judged, false, request);
		judged_close(&judged[1]);
	}
	judged_close(&judged[0]);
	return status;
}
