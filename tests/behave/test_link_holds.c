/* Holds over a long way: turns of several writes are one segment train each once they are learnt,
 * what is late is so by the way's own length, and a lost segment makes nothing worse. Counted by
 * the segments on the link, by the library's counters, and by what is unsent when the victim begins
 * to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/counted.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"

/* Turns that go out as they come until their count is believed (TURN_BELIEVED of shim/pure/turn.h),
 * the first one, which has no times, and a few more. */
enum { TURNS = 20, LEARNING = 10, TRIES = 4, SEGMENT = 1448 };
#define TURNS_TEXT "20"
#define TRAINING   "12" /* turns before the one that counts */

/* ---- turns ---- */

struct turns {
	const char *sentence;
	uint32_t round_us;
	unsigned writes, bytes; /* of each turn, of each write */
	struct way_loss lose[LINK_WAYS];
};

/* In the last turns, which are learnt, each turn has as few segments as its bytes fit in. */
static void assert_trains(struct link *link, const struct turns *turns, uint32_t again)
{
	const uint32_t whole = turns->writes * turns->bytes;
	const uint32_t least = (TURNS - LEARNING) * ((whole + SEGMENT - 1) / SEGMENT);
	struct way_segment *segment;
	size_t segments = link_segments(link, LINK_THERE, &segment);
	uint32_t count = 0;

	for (size_t i = 0; i < segments; i++) {
		count += segment[i].offset >= LEARNING * whole;
		/* It is a learnt turn's that is lost, or the row loses too early a one. */
		assert_true(!segment[i].lost || segment[i].length == SEGMENT ||
			    segment[i].length == whole || segment[i].offset >= LEARNING * whole);
	}
	free(segment);
	/* One turn may have lost its processor in the middle. */
	assert_in_range(count, least, least + turns->writes - 1 + again);
}

static void print_ways(const char *arm, const struct way_count *way)
{
	print_message("    %s: there %u with data, %u again; back %u, %u again, %u ACKs\n", arm,
		way[LINK_THERE].data, way[LINK_THERE].again, way[LINK_BACK].data,
		way[LINK_BACK].again, way[LINK_BACK].acks);
}

static bool loses(const struct turns *turns, enum link_way way)
{
	return turns->lose[way].segment > 0;
}

/* The one segment that is lost each way comes again, as it does bare. */
static void assert_losses(const struct turns *turns, const struct counted *c)
{
	for (enum link_way i = LINK_THERE; i < LINK_WAYS; i++) {
		assert_int_equal(c->bare_way[i].lost, loses(turns, i));
		assert_int_equal(c->with_way[i].lost, loses(turns, i));
		assert_in_range(c->with_way[i].again, loses(turns, i), c->bare_way[i].again + 1);
	}
}

static unsigned least_holds(const struct turns *turns)
{
	return (turns->writes - 1) * (TURNS - LEARNING);
}

static void assert_held(const struct turns *turns, const struct counted *c, struct link *link)
{
	assert_int_equal(counted_note(&c->with, "#kept"), 0);
	assert_int_equal(c->connection.late, 0);
	assert_int_equal(c->connection.late_ns, 0);
	assert_in_range(c->connection.holds, least_holds(turns), (turns->writes - 1) * TURNS);
	assert_trains(link, turns, c->with_way[LINK_THERE].again);
}

/* A machine that is busy teaches late, and sends again what was only late. */
static bool was_disturbed(const struct turns *turns, const struct counted *c)
{
	bool again = false;

	for (enum link_way i = LINK_THERE; i < LINK_WAYS; i++)
		again |= c->with_way[i].again > c->bare_way[i].again + 1;
	return again || (library_loads() && c->connection.holds < least_holds(turns));
}

static void play_undisturbed(
	const struct turns *turns, const struct counted *arms, struct counted *c)
{
	counted_play(c);
	for (int i = 1; i < TRIES && was_disturbed(turns, c); i++) {
		counted_free(c);
		*c = *arms;
		counted_play(c);
	}
}

static void turns_are_trains(void **state)
{
	const struct turns *turns = *state;
	const struct link_plan plan = {.round_us = turns->round_us,
		.lose = {turns->lose[LINK_THERE], turns->lose[LINK_BACK]}};
	struct link *link = link_start(&plan);
	char *writes = must_print("%u", turns->writes), *bytes = must_print("%u", turns->bytes);
	const struct counted arms = {.program = "far",
		.argument = {"turns", TURNS_TEXT, writes, bytes},
		.mode = MODE_AUTO,
		.link = link};
	struct counted c = arms;

	play_undisturbed(turns, &arms, &c);
	print_ways("bare", c.bare_way);
	print_ways("with", c.with_way);
	/* Bare, the answer to nearly each turn waits for what Nagle keeps back. */
	assert_in_range(counted_note(&c.bare, "#kept"), TURNS / 2, TURNS);
	assert_losses(turns, &c);
	if (library_loads())
		assert_held(turns, &c, link);
	counted_free(&c);
	free(writes);
	free(bytes);
	link_stop(link);
}

static const struct turns all_turns[] = {
	{"turns of two writes [0.5 ms]", 500, 2, 10, {{0}}},
	{"turns of three writes [0.5 ms]", 500, 3, 10, {{0}}},
	{"turns of three long writes [20 ms]", 20000, 3, 700, {{0}}},
	{"turns of three writes [80 ms]", 80000, 3, 10, {{0}}},
	{"a turn's segment is lost [20 ms]", 20000, 2, 10, {{.segment = 21}}},
	{"a segment amid a long turn is lost [20 ms]", 20000, 3, 700, {{.segment = 34}}},
	{"an answer is lost [20 ms]", 20000, 2, 10, {{0}, {.segment = 15}}},
	{"a turn's segment and an answer are lost [0.5 ms]", 500, 3, 10,
		{{.segment = 28}, {.segment = 15}}},
};

/* ---- the account ---- */

struct shorter {
	const char *sentence;
	uint32_t round_us;
	const char *wait; /* us between the held write and the wait that lets it go */
};

static struct counted shorter_of(const struct shorter *shorter, struct link *link)
{
	return (struct counted){.program = "far",
		.argument = {"shorter", TRAINING, shorter->wait},
		.mode = MODE_AUTO,
		.link = link};
}

/* It is late after max(1 ms, a quarter of the least round trip), which is as the link has it, or a
 * little more. A victim that lost its processor waited longer than it was told, and says so, or was
 * late in the turns before, and its last write is not held: it is played again. */
static void is_late_by_the_way(void **state)
{
	const struct shorter *shorter = *state;
	const struct link_plan plan = {.round_us = shorter->round_us};
	struct link *link = link_start(&plan);
	const int told = atoi(shorter->wait), longest = told + told / 4;
	const uint32_t limit = shorter->round_us / 4 > 1000 ? shorter->round_us / 4 : 1000;
	const int holds = library_loads(), expected = holds && (uint32_t)told > limit;
	int waited = 2 * told, held = !holds, late = !expected;

	for (int i = 0; i < TRIES && (waited > longest || held != holds || late != expected); i++) {
		struct counted c = shorter_of(shorter, link);

		counted_play(&c);
		waited = counted_note(&c.with, "#waited");
		held = counted_note(&c.with, "#held");
		late = (int)c.connection.late;
		counted_free(&c);
	}
	assert_in_range(waited, told, longest);
	assert_int_equal(held, holds);
	assert_int_equal(late, expected);
	link_stop(link);
}

static const struct shorter all_shorter[] = {
	{"0.5 ms are not late [0.5 ms]", 500, "500"},
	{"3 ms are late [0.5 ms]", 500, "3000"},
	{"3 ms are not late [20 ms]", 20000, "3000"},
	{"12 ms are late [20 ms]", 20000, "12000"},
	{"12 ms are not late [80 ms]", 80000, "12000"},
	{"40 ms are late [80 ms]", 80000, "40000"},
};

/* ---- probes ---- */

/* The first one that finds nothing lets go of what is held; a hold that ends so is not late, as
 * long as the answer may be under way after it. */
static void a_probe_lets_go(void **state)
{
	const struct link_plan *plan = *state;
	struct link *link = link_start(plan);
	struct counted c = {.program = "far",
		.argument = {"probes", TRAINING},
		.mode = MODE_AUTO,
		.link = link};

	counted_play(&c);
	assert_in_range(counted_note(&c.bare, "#asked"), 1, INT32_MAX);
	assert_in_range(counted_note(&c.with, "#asked"), 1, INT32_MAX);
	assert_int_equal(counted_note(&c.with, "#left"), 0);
	if (library_loads()) {
		assert_int_equal(counted_note(&c.with, "#held"), 1);
		assert_int_equal(c.connection.late, 0);
	}
	counted_free(&c);
	link_stop(link);
}

static const struct link_plan probe_plans[] = {
	{.round_us = 500},
	{.round_us = 20000},
};

int main(void)
{
	enum {
		HELD = sizeof(all_turns) / sizeof(*all_turns),
		LATE = sizeof(all_shorter) / sizeof(*all_shorter),
		PROBES = sizeof(probe_plans) / sizeof(*probe_plans),
		TESTS = HELD + LATE + PROBES
	};
	static struct CMUnitTest tests[TESTS];
	size_t at = 0;

	need_for_all("tun");
	for (size_t i = 0; i < HELD; i++)
		tests[at++] = (struct CMUnitTest){all_turns[i].sentence, turns_are_trains, NULL,
			NULL, (void *)(uintptr_t)&all_turns[i]};
	for (size_t i = 0; i < LATE; i++)
		tests[at++] = (struct CMUnitTest){all_shorter[i].sentence, is_late_by_the_way, NULL,
			NULL, (void *)(uintptr_t)&all_shorter[i]};
	for (size_t i = 0; i < PROBES; i++)
		tests[at++] = (struct CMUnitTest){"a probe lets go of what is held",
			a_probe_lets_go, NULL, NULL, (void *)(uintptr_t)&probe_plans[i]};
	return _cmocka_run_group_tests("link_holds", tests, TESTS, NULL, NULL);
}
