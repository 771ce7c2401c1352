/* Sums of both ends as findings and a verdict: which codes at which end, in which order, and what
 * is worth a headline. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/both/both_parts.h"

#define S UINT64_C(1000000000)

enum { SERVICES = 2 };

static struct both_service service[SERVICES];
static struct both both;

static int set_up(void **state)
{
	(void)state;
	memset(service, 0, sizeof(service));
	both = (struct both){.service = service, .services = SERVICES};
	both.sum = (struct both_sum){.turns = 1000, .took = 100 * S};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(both.finding);
	return 0;
}

static void held(int s, enum both_side side, enum both_hold hold, uint64_t lost, uint64_t withheld)
{
	service[s].held[side][hold] = (struct both_held){
		.turns = 50, .of = 60, .proven = 50, .lost = lost, .withheld = withheld};
}

/* "N01/client 40 N11/server 39*", seconds; * the same wait, () minor, ? not proven. */
static void expect(enum verdict_word word, uint64_t lost, const char *wanted)
{
	char line[400] = "";

	both_judge(&both);
	for (size_t i = 0; i < both.findings; i++) {
		const struct both_finding *finding = &both.finding[i];
		const size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, "%s%s%s/%s/%u %llu%s%s%s", i ? " " : "",
			finding->minor ? "(" : "", finding->code->name,
			finding->end == BOTH_CLIENT ? "client" : "server", finding->service,
			(unsigned long long)(finding->lost / S), finding->again ? "*" : "",
			finding->sure == SURE_PROVEN ? "" : "?", finding->minor ? ")" : "");
		assert_int_equal(finding->hits, 50);
		assert_int_equal(finding->of, 60);
	}
	assert_string_equal(line, wanted);
	assert_int_equal(both.word, word);
	assert_int_equal(both.lost, lost);
}

static void nothing_was_held(void **state)
{
	(void)state;
	expect(VERDICT_NOT_SOCKETS, 0, "");
}

/* The costliest first, and what says the same of another end behind all. */
static void in_their_order(void **state)
{
	(void)state;
	held(0, BOTH_CLIENT, HOLD_NAGLE, 20 * S, 19 * S);
	held(1, BOTH_CLIENT, HOLD_NAGLE, 30 * S, 5 * S);
	held(1, BOTH_SERVER, HOLD_NAGLE, 10 * S, 9 * S);
	expect(VERDICT_STALLED, 60 * S,
		"N01/client/1 30 N01/client/0 20 N02/server/1 10 N11/server/0 19* N11/client/1 9* "
		"N11/server/1 5*");
}

/* Of the same seconds the first service's comes first. */
static void as_long(void **state)
{
	(void)state;
	held(1, BOTH_CLIENT, HOLD_MORE, 7 * S, 0);
	held(0, BOTH_CLIENT, HOLD_MORE, 7 * S, 0);
	held(0, BOTH_SERVER, HOLD_CORK, 7 * S, 0);
	expect(VERDICT_STALLED, 21 * S, "N06/server/0 7 N07/client/0 7 N07/client/1 7");
	assert_non_null(strstr(both.finding[0].set, "force"));
}

static void less_than_a_hundredth(void **state)
{
	(void)state;
	held(0, BOTH_SERVER, HOLD_NAGLE, S - 1, 0);
	expect(VERDICT_NOT_SOCKETS, S - 1, "(N02/server/0 0)");
	tear_down(NULL);
	set_up(NULL);
	held(0, BOTH_SERVER, HOLD_NAGLE, S, 0);
	expect(VERDICT_STALLED, S, "N02/server/0 1");
}

/* A pattern, or a NAT in between, proves nothing. */
static void not_proven(void **state)
{
	(void)state;
	held(0, BOTH_CLIENT, HOLD_NAGLE, 20 * S, 0);
	service[0].held[BOTH_CLIENT][HOLD_NAGLE].proven = 49;
	expect(VERDICT_STALLED, 20 * S, "N01/client/0 20?");
	tear_down(NULL);
	set_up(NULL);
	both.translated = true;
	held(0, BOTH_CLIENT, HOLD_NAGLE, 20 * S, 10 * S);
	expect(VERDICT_STALLED, 20 * S, "N01/client/0 20? N11/server/0 10*?");
}

static void not_enough_for_a_no(void **state)
{
	(void)state;
	both.sum.part[BOTH_NOT_SPLIT] = 5 * S;
	expect(VERDICT_NOT_SOCKETS, 0, "");
	both.sum.part[BOTH_NOT_SPLIT] = 6 * S;
	expect(VERDICT_NOT_SURE, 0, "");
	/* Enough for a yes. */
	held(0, BOTH_CLIENT, HOLD_NAGLE, 20 * S, 0);
	expect(VERDICT_STALLED, 20 * S, "N01/client/0 20");
	tear_down(NULL);
	set_up(NULL);
	both.sum = (struct both_sum){0};
	expect(VERDICT_NOT_SURE, 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_was_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(in_their_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(as_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(less_than_a_hundredth, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_proven, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_enough_for_a_no, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("both_judge", tests, NULL, NULL);
}
