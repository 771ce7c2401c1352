/* A socket that takes no more, under `coalesce = "buffer"`: a write that waits ends as it does
 * without us, by a signal, by cancellation or by room; and nobody else waits for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/run.h"

/* The longest tick there is: what is collected is still there when the victim looks. More may be
 * collected than the victim's socket has room for. */
#define KEEPS                                                                                      \
	"1:+t@role=any@:coalesce=3@:coalesce_delay=100000@:coalesce_limit=16384@:accept_loss=1+=1"

#define TRIES 3

static const struct row {
	const char *sentence, *verb;
} rows[] = {
	{"a handler without SA_RESTART ends a write that waits", "interrupted"},
	{"one with SA_RESTART does not", "restarted"},
	{"a write that waits is a cancellation point", "cancelled"},
	{"a write after poll() for room does not wait, nor is it beyond cancellation",
		"cancelled-in-poll"},
	{"a read does not wait for another thread's write", "read-meanwhile"},
	{"a gathered write that finds room for a part waits for the rest", "gathered"},
	{"poll() for room tells the truth, and shutdown waits for nobody", "polled"},
	{"what is collected and finds its room taken can be cancelled, and comes", "overtaken"},
};

static struct outcome play(const struct row *row, enum mode mode, const char *rules)
{
	struct launch launch = {
		.program = "full", .argument = {row->verb}, .mode = mode, .rules = rules};
	struct outcome outcome;

	run_whole(&launch, &outcome);
	return outcome;
}

/* A tick may come between a write and the look at it: then it is tried again. */
static void as_bare(void **state)
{
	const struct row *row = *state;
	struct outcome bare = play(row, MODE_BARE, NULL), with;
	bool collected = false;

	assert_int_equal(bare.status, 0);
	for (int tries = 0; tries < TRIES && !collected; tries++) {
		with = play(row, MODE_BUFFER, KEEPS);
		assert_same_outcome(row->sentence, &bare, &with);
		collected = strstr(with.notes, "#collected 1") || !library_loads();
		outcome_free(&with);
	}
	assert_true(collected);
	outcome_free(&bare);
}

int main(void)
{
	enum { ROWS = sizeof(rows) / sizeof(*rows) };
	static struct CMUnitTest tests[ROWS];

	for (size_t i = 0; i < ROWS; i++) {
		tests[i].name = rows[i].sentence;
		tests[i].test_func = as_bare;
		tests[i].initial_state = (void *)(uintptr_t)&rows[i];
	}
	return _cmocka_run_group_tests("full", tests, ROWS, NULL, NULL);
}
