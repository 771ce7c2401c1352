/* The victim `given`, and what `sockfix mend` and `status` say of it. */
#include "given.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"

struct capture given_capture = {.env = capture_clean};

void given_mend(pid_t pid, const char *rules, int status, const char *says)
{
	char *line = must_print("mend -p %d %s", (int)pid, rules);

	capture_sockfix(&given_capture, line);
	if (given_capture.status != status ||
		!strstr(status ? given_capture.err : given_capture.out, says))
		fail_msg("sockfix %s: %d, not %d with '%s':\n%s%s", line, given_capture.status,
			status, says, given_capture.out, given_capture.err);
	free(line);
}

void given_status(pid_t pid, const char *part)
{
	char *line = must_print("status %d", (int)pid);

	capture_sockfix(&given_capture, line);
	if (!strstr(given_capture.out, part))
		fail_msg("no '%s' in:\n%s%s", part, given_capture.out, given_capture.err);
	free(line);
}

struct run *given_start(const char *verb, const char *argument, struct peer *peer, enum mode mode,
	const char *rules)
{
	const struct launch launch = {.program = "given",
		.argument = {verb, argument},
		.mode = mode,
		.rules = rules,
		.port = peer ? peer_port(peer) : 0};

	return run_start(&launch);
}

void given_finish(struct run *run, struct outcome *outcome)
{
	run_finish(run, outcome);
	if (outcome->status)
		fail_msg("status %#x: %s", (unsigned)outcome->status, outcome->err);
}

void given_end(struct run *run)
{
	struct outcome outcome;

	given_finish(run, &outcome);
	outcome_free(&outcome);
}

pid_t given_child(struct run *run)
{
	const char *mark = run_mark(run);

	assert_non_null(mark);
	assert_int_equal(strncmp(mark, "child ", 6), 0);
	return atoi(mark + 6);
}

struct given_round given_round(struct run *run)
{
	const char *mark = run_mark(run);
	struct given_round round;

	assert_non_null(mark);
	assert_int_equal(
		sscanf(mark, "round %d held %d second %d fresh %d alive %d tells %d", &round.number,
			&round.kept, &round.second, &round.fresh, &round.alive, &round.tells),
		6);
	return round;
}

void given_held(const struct given_round *round, int least, int most)
{
	const int held[] = {round->kept, round->second, round->fresh};

	for (int i = 0; i < 3; i++)
		if (held[i] < least || held[i] > most)
			fail_msg("round %d, connection %d: %d turns held, not %d to %d",
				round->number, i, held[i], least, most);
}
