/* The chances of a process: however they are taken, four holds in an hour can be late. */
#include "tests/unit/unit.h"

#include <string.h>

#include "shim/pure/account.h"

#define SECOND UINT64_C(1000000000)

static struct account_lost lost;
static struct account account;
static uint64_t now;

static void begin(void)
{
	memset(&lost, 0, sizeof(lost));
	memset(&account, 0, sizeof(account));
	account_begin(&account, &lost);
	now = 1000 * SECOND;
}

static unsigned take(void)
{
	return account_take(&account, 7, 0, now);
}

static void hold_well(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		unsigned chance = take();

		assert_int_not_equal(chance, 0);
		account_give(&account, chance);
	}
}

/* Turns that would have been held. */
static void rest(unsigned turns)
{
	for (unsigned i = 0; i < turns; i++)
		assert_int_equal(take(), 0);
}

static void there_is_one_chance_until_a_thousand_holds_ended_well(void **state)
{
	unsigned first;

	(void)state;
	begin();
	first = take();
	assert_int_not_equal(first, 0);
	assert_int_equal(account_holder(&account, first), 7);
	assert_int_equal(take(), 0);
	account_give(&account, first);
	assert_int_equal(account_holder(&account, first), 0);
	hold_well(ACCOUNT_TURNS);
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++)
		assert_int_not_equal(take(), 0);
	assert_int_equal(take(), 0);
}

static void after_a_late_hold_nothing_is_held_for_a_thousand_turns(void **state)
{
	(void)state;
	begin();
	account_lose(&account, take(), now);
	rest(ACCOUNT_TURNS);
	assert_int_not_equal(take(), 0);
	assert_int_equal(take(), 0); /* and then again one at a time */
}

static void lose_all(void)
{
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++, now += SECOND) {
		unsigned chance = take();

		assert_int_not_equal(chance, 0);
		account_lose(&account, chance, now);
		rest(ACCOUNT_TURNS);
	}
}

static void four_late_holds_end_it_for_an_hour(void **state)
{
	(void)state;
	begin();
	lose_all();
	assert_int_equal(account_left(&account, now), 0);
	rest(3 * ACCOUNT_TURNS);
	now += ACCOUNT_HOUR_NS - 10 * SECOND;
	assert_int_equal(take(), 0);
	now += 6 * SECOND; /* the first of the four is forgiven */
	assert_int_equal(account_left(&account, now), 1);
	assert_int_not_equal(take(), 0);
	assert_int_equal(take(), 0);
}

/* All four were taken when the first of them turned out to be late. */
static void all_that_are_held_together_may_be_late(void **state)
{
	unsigned chance[ACCOUNT_CHANCES];

	(void)state;
	begin();
	hold_well(ACCOUNT_TURNS);
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++)
		assert_int_not_equal(chance[i] = take(), 0);
	for (unsigned i = 0; i < ACCOUNT_CHANCES; i++)
		account_lose(&account, chance[i], now);
	assert_int_equal(account_left(&account, now), 0);
	rest(2 * ACCOUNT_TURNS);
}

/* A time that another thread has read a little later. */
static void a_chance_is_lost_to_who_looks_from_before(void **state)
{
	(void)state;
	begin();
	account_lose(&account, take(), now + SECOND);
	assert_int_equal(account_left(&account, now), ACCOUNT_CHANCES - 1);
}

static void what_a_process_lost_its_children_have_lost(void **state)
{
	struct account child;

	(void)state;
	begin();
	lose_all();
	memset(&child, 0, sizeof(child));
	account_begin(&child, &lost);
	assert_int_equal(account_take(&child, 1, 0, now), 0);
}

static void a_child_does_not_hold_what_its_parent_held(void **state)
{
	(void)state;
	begin();
	assert_int_not_equal(take(), 0);
	account_forked(&account);
	assert_int_not_equal(take(), 0);
}

/* A random program: whatever it does, no hour sees more than four lost. */
static void in_no_hour_more_than_four_are_lost(void **state)
{
	enum { MOST = 4096 };
	static uint64_t when[MOST];
	unsigned held[ACCOUNT_CHANCES] = {0}, losses = 0, seed = 1;

	(void)state;
	begin();
	for (int step = 0; step < 400000 && losses < MOST; step++) {
		unsigned *place = &held[(seed = seed * 1103515245 + 12345) >> 16 & 3];

		now += SECOND / 50;
		if (!*place) {
			*place = take();
		} else if ((seed >> 20) % 10 == 0) {
			account_lose(&account, *place, now);
			when[losses++] = now;
			*place = 0;
		} else {
			account_give(&account, *place);
			*place = 0;
		}
	}
	assert_true(losses > ACCOUNT_CHANCES);
	for (unsigned i = ACCOUNT_CHANCES; i < losses; i++)
		assert_true(when[i] - when[i - ACCOUNT_CHANCES] >= ACCOUNT_HOUR_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_one_chance_until_a_thousand_holds_ended_well),
		cmocka_unit_test(after_a_late_hold_nothing_is_held_for_a_thousand_turns),
		cmocka_unit_test(four_late_holds_end_it_for_an_hour),
		cmocka_unit_test(all_that_are_held_together_may_be_late),
		cmocka_unit_test(a_chance_is_lost_to_who_looks_from_before),
		cmocka_unit_test(what_a_process_lost_its_children_have_lost),
		cmocka_unit_test(a_child_does_not_hold_what_its_parent_held),
		cmocka_unit_test(in_no_hour_more_than_four_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
