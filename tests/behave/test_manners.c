/* Programs with a way of their own to send: which of them are mended, and which are left alone and
 * told of. Counted by what is held and by what is unsent when the program begins to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/option.h"
#include "tests/helper/counted.h"
#include "tests/helper/segments.h"

#define TURNS	   40
#define TURNS_TEXT "40"
/* Turns of three writes that go by before all are held: six to believe it, and the first ones that
 * have no times. */
#define LEARNING 15
#define ROUNDS	 5

static struct counted of(const char *verb, enum mode mode)
{
	return (struct counted){.program = "manners", .argument = {verb, TURNS_TEXT}, .mode = mode};
}

/* Two of three writes are held in each turn once that is learnt. A machine that stops the program
 * in the middle of a turn makes the library learn anew, which costs holds and nothing else: in one
 * of a few rounds that does not happen. All else must be so in each round. */
static void assert_held(const char *verb, void (*each)(const struct counted *counted))
{
	uint64_t holds = 0;

	for (int i = 0; i < ROUNDS && holds < 2 * (TURNS - LEARNING); i++) {
		struct counted c = of(verb, MODE_AUTO);

		counted_play(&c);
		if (each)
			each(&c);
		holds = library_loads() ? c.connection.holds : 2 * TURNS;
		counted_free(&c);
	}
	assert_in_range(holds, 2 * (TURNS - LEARNING), 2 * TURNS);
}

static int times_in(const char *text, const char *part)
{
	int times = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		times++;
	return times;
}

/* ---- TCP_NODELAY ---- */

/* Bare, nearly every turn ends with bytes that Nagle keeps back while the answer is awaited. */
static void nothing_is_kept(const struct counted *c)
{
	assert_in_range(counted_note(&c->bare, "#kept"), TURNS / 2, TURNS);
	if (library_loads()) {
		assert_int_equal(counted_note(&c->with, "#kept"), 0);
		assert_int_equal(c->connection.given_up, GIVEN_UP_NOT);
	}
}

static void is_cured(const char *verb)
{
	assert_held(verb, nothing_is_kept);
}

static void nodelay_untouched_is_cured(void **state)
{
	(void)state;
	is_cured("untouched");
}

static void nodelay_0_while_it_is_0_is_cured(void **state)
{
	(void)state;
	is_cured("zero");
}

static void nodelay_1_and_0_once_is_cured(void **state)
{
	(void)state;
	is_cured("one-zero");
}

/* It is counted, and said once; what the kernel has is what the program has set. */
static void nodelay_as_a_push_is_left_alone(void **state)
{
	struct counted c = of("push", MODE_AUTO);

	(void)state;
	c.log = "stderr:info";
	counted_play(&c);
	if (library_loads()) {
		assert_int_equal(c.connection.given_up, GIVEN_UP_NODELAY);
		assert_int_equal(c.connection.holds, 0);
		assert_false(c.connection.ours & OPTION_BIT(OPTION_TCP_NODELAY));
		assert_int_equal(
			times_in(c.with.err, "are left as they are: it turns TCP_NODELAY on "
					     "and off itself\n"),
			1);
	}
	counted_free(&c);
}

/* Whoever does not ask for it is not told. */
static void that_is_said_at_info(void **state)
{
	struct counted c = of("push", MODE_AUTO);

	(void)state;
	c.log = "stderr:warn";
	counted_play(&c);
	assert_string_equal(c.with.err, "");
	counted_free(&c);
}

/* ---- select() for room ---- */

static void is_joined(const char *verb)
{
	assert_held(verb, NULL);
}

static void select_without_a_read_set(void **state)
{
	(void)state;
	is_joined("select-null");
}

static void select_with_an_empty_read_set(void **state)
{
	(void)state;
	is_joined("select-empty");
}

static void select_with_two_empty_sets(void **state)
{
	(void)state;
	is_joined("select-empty-both");
}

static void pselect_with_an_empty_read_set(void **state)
{
	(void)state;
	is_joined("pselect-empty");
}

/* What asks for an answer is a wait: the write before it must be out. */
static void select_with_a_read_set_is_a_wait(void **state)
{
	struct counted c = of("select-read", MODE_AUTO);

	(void)state;
	counted_play(&c);
	assert_int_equal(c.connection.holds, 0);
	counted_free(&c);
}

/* Held writes are segments that never were: three a turn without, nearly one with. In rounds, as
 * above. */
static void takes_few_segments(const char *verb)
{
	struct work work = {.program = "manners",
		.argument = {verb, TURNS_TEXT},
		.bytes = TURNS * strlen("one two three\n")};
	uint32_t count = UINT32_MAX;

	for (int i = 0; i < ROUNDS && count > TURNS + 2 * LEARNING; i++)
		count = segments_of(&work, MODE_AUTO, NULL, NULL);
	if (library_loads())
		assert_in_range(count, TURNS, TURNS + 2 * LEARNING);
}

static void an_empty_read_set_takes_as_few_segments_as_none(void **state)
{
	(void)state;
	takes_few_segments("select-null");
	takes_few_segments("select-empty");
}

/* ---- always ---- */

/* All of the first four turns; then nothing until a turn has its second write, which shows it; and
 * then both writes of each. */
static void always_holds_no_turns_of_one_write(void **state)
{
	struct counted c = of("one-then-two", MODE_ALWAYS);

	(void)state;
	counted_play(&c);
	if (library_loads())
		assert_int_equal(c.connection.holds, 4 + 1 + 2 * (TURNS - 1));
	counted_free(&c);
}

/* ---- MSG_MORE and TCP_CORK left on ---- */

#define FORCED "1:+t@role=any@:coalesce=^1+=1"

enum { WAITS = 4 };

/* Calls of ours that let go, in that arm: TCP_CORK to 0. */
static size_t pushes(const struct calls *calls)
{
	return calls_count(calls, 0, calls->count, "setsockopt", "TCP_CORK, [0]");
}

/* Calls that wait, in the order of the victim's; and what shows that they do. Some libraries make
 * one of the other. */
static const struct {
	const char *name, *other, *part;
} waits[WAITS] = {
	{"poll", "ppoll", "POLLIN}], 1, -1"},
	{"pselect6", "select", "NULL, NULL, NULL"},
	{"epoll_wait", "epoll_pwait", "1, -1"},
	{"read", "recvfrom", NULL},
};

static size_t first_of(size_t one, size_t other)
{
	return one < other ? one : other;
}

/* From each tail to its wait there is a push. */
static void assert_pushed_before_each_wait(const struct calls *calls)
{
	for (size_t i = 0, at = 0; i < WAITS; i++) {
		size_t tail = first_of(calls_find(calls, at, "sendto", "\"tail"),
			calls_find(calls, at, "write", "\"tail"));
		size_t push = calls_find(calls, tail, "setsockopt", "TCP_CORK, [0]");

		at = first_of(calls_find(calls, tail, waits[i].name, waits[i].part),
			calls_find(calls, tail, waits[i].other, waits[i].part));
		if (push > at || at == calls->count)
			fail_msg("nothing is let go before %s", waits[i].name);
	}
}

static struct counted corking(const char *verb, const char *rules)
{
	struct counted c = of(verb, MODE_AUTO);

	c.rules = rules;
	c.watch =
		"setsockopt,sendto,write,recvfrom,read,poll,select,pselect6,epoll_wait,epoll_pwait";
	return c;
}

static void with_force_it_is_pushed_at_the_wait(const char *verb)
{
	struct counted c = corking(verb, FORCED);

	counted_play(&c);
	if (library_loads()) {
		assert_pushed_before_each_wait(&c.with_calls);
		assert_int_equal(pushes(&c.with_calls), pushes(&c.bare_calls) + WAITS);
		assert_int_equal(c.connection.given_up, GIVEN_UP_NOT);
	}
	counted_free(&c);
}

/* What the program's own TCP_CORK is worth to it stays: on again after each push. */
static void cork_is_on_again_after_each(void **state)
{
	struct counted c = corking("cork", FORCED);
	const char *cork = "TCP_CORK, [1]";

	(void)state;
	counted_play(&c);
	if (library_loads())
		assert_int_equal(
			calls_count(&c.with_calls, 0, c.with_calls.count, "setsockopt", cork),
			calls_count(&c.bare_calls, 0, c.bare_calls.count, "setsockopt", cork) +
				WAITS);
	counted_free(&c);
}

static void without_force_it_is_left_alone(const char *verb, enum trace_given_up why)
{
	struct counted c = corking(verb, NULL);

	counted_play(&c);
	if (library_loads()) {
		assert_int_equal(pushes(&c.with_calls), pushes(&c.bare_calls));
		assert_int_equal(c.connection.given_up, why);
	}
	counted_free(&c);
}

static void msg_more_left_on_with_force(void **state)
{
	(void)state;
	with_force_it_is_pushed_at_the_wait("more");
}

static void cork_left_on_with_force(void **state)
{
	(void)state;
	with_force_it_is_pushed_at_the_wait("cork");
}

static void msg_more_left_on_without_force(void **state)
{
	(void)state;
	without_force_it_is_left_alone("more", GIVEN_UP_MORE);
}

static void cork_left_on_without_force(void **state)
{
	(void)state;
	without_force_it_is_left_alone("cork", GIVEN_UP_CORK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodelay_untouched_is_cured),
		cmocka_unit_test(nodelay_0_while_it_is_0_is_cured),
		cmocka_unit_test(nodelay_1_and_0_once_is_cured),
		cmocka_unit_test(nodelay_as_a_push_is_left_alone),
		cmocka_unit_test(that_is_said_at_info),
		cmocka_unit_test(select_without_a_read_set),
		cmocka_unit_test(select_with_an_empty_read_set),
		cmocka_unit_test(select_with_two_empty_sets),
		cmocka_unit_test(pselect_with_an_empty_read_set),
		cmocka_unit_test(select_with_a_read_set_is_a_wait),
		cmocka_unit_test(an_empty_read_set_takes_as_few_segments_as_none),
		cmocka_unit_test(always_holds_no_turns_of_one_write),
		cmocka_unit_test(msg_more_left_on_with_force),
		cmocka_unit_test(cork_left_on_with_force),
		cmocka_unit_test(cork_is_on_again_after_each),
		cmocka_unit_test(msg_more_left_on_without_force),
		cmocka_unit_test(cork_left_on_without_force),
	};

	return cmocka_run_group_tests_name("manners", tests, NULL, NULL);
}
