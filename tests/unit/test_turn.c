/* The turn logic: what it predicts, what it holds, what it refuses to learn. Times are made up. */
#include "tests/unit/unit.h"

#include <string.h>

#include "shim/pure/turn.h"

#define US 1000u
#define MS 1000000u

/* A program that writes and waits, as turn.c sees it. */
struct program {
	struct learner learner;
	struct turn turn;
	uint64_t now, epoch;
	unsigned held, through;
};

static void start(struct program *p)
{
	memset(p, 0, sizeof(*p));
	p->now = 1000 * MS;
	p->epoch = 1;
}

static enum verdict write_after(struct program *p, uint64_t gap)
{
	enum verdict verdict;

	p->now += gap;
	if (p->turn.epoch != p->epoch)
		turn_open(&p->turn, &p->learner, p->epoch);
	verdict =
		turn_next(&p->turn, turn_wants_clock(&p->turn, &p->learner, p->epoch) ? p->now : 0);
	turn_wrote(&p->turn, &p->learner, 10, 10);
	if (verdict == VERDICT_HOLD)
		p->held++;
	else
		p->through++;
	return verdict;
}

static void wait_after(struct program *p, uint64_t gap)
{
	p->now += gap;
	turn_close(&p->turn, &p->learner, p->now, false);
	p->epoch++;
}

static void turn_of(struct program *p, unsigned writes)
{
	for (unsigned i = 0; i < writes; i++)
		write_after(p, 5 * US);
	wait_after(p, 5 * US);
}

/* The first turn of two at an endpoint has no times, and so is no lesson. */
static void learn_turns_of(struct program *p, unsigned writes)
{
	for (unsigned i = 0; i < TURN_BELIEVED + 1; i++)
		turn_of(p, writes);
}

static void a_single_write_a_turn_is_never_held_and_reads_no_clock(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 1000; i++) {
		assert_false(turn_wants_clock(&p.turn, &p.learner, p.epoch));
		turn_of(&p, 1);
	}
	assert_int_equal(p.held, 0);
}

/* Nobody sees the wait of a thread that wrote once: the next turn's first write ends the turn. */
static void a_turn_that_nobody_ended_reads_no_clock(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 1000; i++) {
		assert_false(turn_wants_clock(&p.turn, &p.learner, p.epoch));
		write_after(&p, 5 * US);
		assert_true(turn_wants_clock(&p.turn, &p.learner, p.epoch));
		p.epoch++;
	}
	assert_int_equal(p.held, 0);
}

/* It is still learnt from, and what it changed is used: 1, 1, 1, ... then 2, 2, 2. */
static void turns_that_nobody_ended_teach(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 50; i++) {
		write_after(&p, 5 * US);
		p.epoch++;
	}
	assert_int_equal(p.turn.expect, 1);
	for (int i = 0; i < 50; i++)
		turn_of(&p, 2);
	assert_true(p.held > 50 - (int)TURN_BELIEVED - 4);
}

/* As many writes as were predicted: nobody need see the end, and it is learnt all the same. */
static void turns_that_came_as_predicted_need_no_end(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(write_after(&p, 5 * US), VERDICT_HOLD);
		assert_false(turn_is_fulfilled(&p.turn));
		assert_int_equal(write_after(&p, 5 * US), VERDICT_THROUGH);
		assert_true(turn_is_fulfilled(&p.turn));
		p.epoch++;
	}
	/* one more than that is a turn whose end must be seen again */
	write_after(&p, 5 * US);
	write_after(&p, 5 * US);
	write_after(&p, 5 * US);
	assert_false(turn_is_fulfilled(&p.turn));
}

static void two_writes_a_turn_are_learnt_and_the_first_is_held(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	assert_int_equal(p.held, 0);
	p.through = 0;
	for (int i = 0; i < 100; i++)
		turn_of(&p, 2);
	assert_int_equal(p.held, 100);
	assert_int_equal(p.through, 100);
}

static void alternating_counts_are_told_apart_by_the_turn_before(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned i = 0; i < TURN_BELIEVED + 1; i++) {
		turn_of(&p, 1);
		turn_of(&p, 2);
	}
	p.held = p.through = 0;
	for (int i = 0; i < 50; i++) {
		turn_of(&p, 1);
		turn_of(&p, 2);
	}
	assert_int_equal(p.held, 50);
	assert_int_equal(p.through, 100);
}

static void a_hundred_writes_a_turn_go_in_one_train(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 100);
	p.held = p.through = 0;
	turn_of(&p, 100);
	assert_int_equal(p.held, 99);
	assert_int_equal(p.through, 1);
}

/* A peer that works on each line as it comes must not wait for the last one. */
static void a_train_does_not_grow_old(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned i = 0; i < TURN_BELIEVED + 1; i++) {
		for (int k = 0; k < 10; k++)
			write_after(&p, 400 * US);
		wait_after(&p, US);
	}
	p.held = p.through = 0;
	for (int k = 0; k < 10; k++)
		write_after(&p, 400 * US);
	/* 0, 400, 800 us are held, 1,200 takes them along, and so on. */
	assert_int_equal(p.through, 3);
	assert_int_equal(p.held, 7);
}

static void a_gap_between_writes_teaches_nothing(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 50; i++) {
		write_after(&p, 5 * US);
		write_after(&p, 2 * MS);
		wait_after(&p, 5 * US);
	}
	assert_int_equal(p.held, 0);
}

static void a_gap_before_the_wait_teaches_nothing(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 50; i++) {
		write_after(&p, 5 * US);
		write_after(&p, 5 * US);
		wait_after(&p, 2 * MS);
	}
	assert_int_equal(p.held, 0);
}

static void a_changed_habit_is_unlearnt_and_the_new_one_learnt(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	turn_of(&p, 3);
	p.held = 0;
	for (unsigned i = 0; i < TURN_BELIEVED; i++)
		turn_of(&p, 3);
	assert_int_equal(p.held, 0); /* one that did not fit begins anew */
	turn_of(&p, 3);
	turn_of(&p, 3);
	assert_true(p.held >= 2);
}

/* One turn in ten that is different: an independent draw is hardly ever believed. */
static void a_count_that_is_only_mostly_right_is_not_believed(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 1000; i++)
		turn_of(&p, i % 10 == 9 ? 3 : 2);
	/* What follows the 3 is told apart by the turns before; what follows nine 2s is not. */
	p.held = 0;
	for (int i = 0; i < 1000; i++)
		turn_of(&p, (unsigned)(i * i % 11 == 3 ? 1 : 2));
	assert_true(p.held < 1000);
}

static void while_it_is_learnt_a_slow_turn_begins_anew(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned i = 0; i < TURN_BELIEVED - 1; i++)
		turn_of(&p, 2);
	write_after(&p, US);
	write_after(&p, 2 * MS);
	wait_after(&p, US);
	p.held = 0;
	for (unsigned i = 0; i < TURN_BELIEVED - 1; i++)
		turn_of(&p, 2);
	assert_int_equal(p.held, 0);
}

/* What a late successor costs is the account's business. */
static void what_is_believed_survives_a_slow_turn(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	write_after(&p, US);
	write_after(&p, 2 * MS);
	wait_after(&p, US);
	p.held = 0;
	turn_of(&p, 2);
	assert_int_equal(p.held, 1);
}

/* The program asks for an answer between its writes: it is not to be held again. */
static void a_probe_while_a_write_is_held_ends_the_belief(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	assert_int_equal(write_after(&p, US), VERDICT_HOLD);
	p.turn.probed = true;
	write_after(&p, US);
	wait_after(&p, US);
	p.held = 0;
	for (unsigned i = 0; i < TURN_BELIEVED; i++)
		turn_of(&p, 2);
	assert_int_equal(p.held, 0);
}

/* No chance was to be had for the first write: none is held then, and the next turn may be. */
static void a_turn_that_may_not_be_held_goes_through(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	turn_open(&p.turn, &p.learner, p.epoch);
	assert_int_equal(turn_next(&p.turn, p.now), VERDICT_HOLD);
	turn_not_held(&p.turn);
	turn_wrote(&p.turn, &p.learner, 10, 10);
	assert_int_equal(write_after(&p, US), VERDICT_THROUGH);
	wait_after(&p, US);
	assert_int_equal(write_after(&p, US), VERDICT_HOLD);
}

static void a_write_beyond_the_prediction_goes_through(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	assert_int_equal(write_after(&p, US), VERDICT_HOLD);
	assert_int_equal(write_after(&p, US), VERDICT_THROUGH);
	assert_int_equal(write_after(&p, US), VERDICT_THROUGH);
}

static void the_rest_of_a_partial_write_is_the_same_write(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	turn_open(&p.turn, &p.learner, p.epoch);
	assert_int_equal(turn_next(&p.turn, p.now), VERDICT_HOLD);
	turn_wrote(&p.turn, &p.learner, 4, 10);
	assert_int_equal(turn_next(&p.turn, p.now), VERDICT_HOLD);
	turn_wrote(&p.turn, &p.learner, 6, 6);
	assert_int_equal(turn_next(&p.turn, p.now), VERDICT_THROUGH);
}

static void sixteen_unpredicted_writes_are_a_stream(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned i = 1; i < TURN_STREAM; i++) {
		write_after(&p, US);
		assert_false(turn_is_stream(&p.turn));
	}
	write_after(&p, US);
	assert_true(turn_is_stream(&p.turn));
}

static void predicted_writes_are_no_stream(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 40);
	for (int i = 0; i < 40; i++) {
		write_after(&p, US);
		assert_false(turn_is_stream(&p.turn));
	}
	write_after(&p, US);
	assert_true(turn_is_stream(&p.turn));
}

/* ---- the account of the endpoint ---- */

static void a_late_hold_benches_the_endpoint_and_each_further_one_four_times_longer(void **state)
{
	struct program p;
	int turns = BENCH_TURNS;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	for (int times = 0; times < 3; times++, turns *= 4) {
		assert_int_equal(learner_bench(&p.learner), turns);
		p.held = 0;
		for (int i = 0; i < turns; i++)
			turn_of(&p, 2);
		assert_int_equal(p.held, 0);
		turn_of(&p, 2);
		assert_int_equal(p.held, 1);
	}
}

static void the_longest_bench_does_not_overflow(void **state)
{
	struct learner learner = {0};
	int before = 0, turns = 0;

	(void)state;
	for (int i = 0; i < 40; i++, before = turns) {
		turns = learner_bench(&learner);
		assert_true(turns >= before);
	}
}

/* A slow successor costs what it came late; that much, holds must have won before. */
static void slow_successors_bench_where_they_cost_more_than_holds_have_won(void **state)
{
	struct learner learner = {0};

	(void)state;
	assert_false(learner_slow(&learner, 9 * MS));
	assert_true(learner_slow(&learner, 2 * MS));
	learner_bench(&learner);
	for (int i = 0; i < 1000 * (int)MS / HOLD_WINS_NS; i++)
		learner_reward(&learner);
	/* No more than CREDIT_MOST_NS can be saved up. */
	assert_false(learner_slow(&learner, CREDIT_MOST_NS));
	assert_true(learner_slow(&learner, 11 * MS));
}

static void what_one_connection_taught_serves_the_next(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned connection = 0; connection < TURN_BELIEVED + 1; connection++) {
		memset(&p.turn, 0, sizeof(p.turn));
		turn_of(&p, 2);
	}
	memset(&p.turn, 0, sizeof(p.turn));
	p.held = 0;
	turn_of(&p, 2);
	assert_int_equal(p.held, 1);
}

static void a_turn_whose_end_was_not_seen_teaches_only_as_a_single_write(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 20; i++) {
		write_after(&p, US);
		write_after(&p, US);
		p.epoch++; /* no turn_close(): the thread's list was full */
	}
	assert_int_equal(p.held, 0);
}

static void a_mail_of_any_length_after_its_commands_is_a_stream_from_its_first_write(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (unsigned mail = 0; mail < 12; mail++) {
		for (int command = 0; command < 3; command++)
			turn_of(&p, 1);
		turn_of(&p, 20 + mail * 7 % 31);
	}
	for (int command = 0; command < 3; command++) {
		turn_of(&p, 1);
		assert_false(turn_is_stream(&p.turn));
	}
	p.held = 0;
	write_after(&p, US);
	assert_true(turn_is_stream(&p.turn));
	for (int i = 1; i < 33; i++)
		write_after(&p, US);
	wait_after(&p, US);
	assert_int_equal(p.held, 0);
}

static void an_interrupted_turn_is_never_held_but_may_be_a_stream(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < 30; k++)
			write_after(&p, US);
		turn_close(&p.turn, &p.learner, p.now, true);
		p.epoch++;
	}
	assert_int_equal(p.held, 0);
	write_after(&p, US);
	assert_true(turn_is_stream(&p.turn));
}

static void interruptions_shake_what_was_learnt(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, 2);
	for (int i = 0; i < 8; i++) {
		write_after(&p, US);
		turn_close(&p.turn, &p.learner, p.now, true);
		p.epoch++;
	}
	p.held = 0;
	for (int i = 0; i < 8; i++) {
		write_after(&p, US);
		turn_close(&p.turn, &p.learner, p.now, true);
		p.epoch++;
	}
	assert_int_equal(p.held, 0);
}

static void an_endless_turn_teaches_no_count(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	learn_turns_of(&p, TURN_ENDLESS);
	assert_int_equal(p.held, 0);
}

/* ---- bursts that nobody answers ---- */

/* Whether the second write of the turn is left to Nagle; ends the turn. */
static bool bursts(struct program *p)
{
	bool answer;

	write_after(p, US);
	answer = turn_is_burst(&p->turn);
	write_after(p, 5 * US);
	write_after(p, 5 * US);
	wait_after(p, US);
	return answer;
}

/* Three to ten writes, by dice: no count is ever believed. */
static void turns_of_any_count(struct program *p, unsigned turns)
{
	uint32_t dice = 2463534242u;

	for (unsigned i = 0; i < turns; i++) {
		dice ^= dice << 13;
		dice ^= dice >> 17;
		dice ^= dice << 5;
		turn_of(p, 3 + dice % 8);
	}
}

static void what_nobody_answers_is_a_burst(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	turns_of_any_count(&p, MUTE_TURNS - 1);
	assert_true(bursts(&p));
	assert_true(bursts(&p));
	turn_put(&p.turn, mute, 0); /* an answer was read */
	for (unsigned i = 1; i < MUTE_TURNS; i++)
		assert_false(bursts(&p) && i < MUTE_TURNS - 1);
}

static void after_a_turn_of_two_it_may_be_the_last(void **state)
{
	struct program p;

	(void)state;
	start(&p);
	turns_of_any_count(&p, 2 * MUTE_TURNS);
	turn_of(&p, MUTE_WRITES - 1);
	assert_false(bursts(&p));
	assert_true(bursts(&p));
}

/* ---- what flow/hot.h does not ask for ---- */

/* What turn_open() would do, seen on copies. */
static void opening_changes_nothing(const struct turn *turn, const struct learner *learner)
{
	struct turn opened = *turn;
	struct learner taught = *learner;

	turn_open(&opened, &taught, turn->epoch + 1);
	assert_memory_equal(&taught, learner, sizeof(taught));
	assert_int_equal(opened.expect, turn->expect);
	assert_int_equal(opened.history, turn->history);
	assert_int_equal(opened.same_writes, turn->same_writes);
	assert_int_equal(opened.mute, turn_mute(turn));
	assert_false(turn_is_odd(&opened));
}

static uint32_t by_chance(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 16) % below;
}

/* Turns whose ends nobody sees, as those are that have as many writes as were foretold. */
static unsigned open_turns(struct program *p, uint32_t *seed, unsigned usual)
{
	unsigned repeats = 0;

	for (unsigned turns = 0; turns < 60; turns++) {
		unsigned writes = by_chance(seed, 25) ? usual : 1 + by_chance(seed, 5);

		if (!turn_is_odd(&p->turn) && turn_repeats(&p->turn, &p->learner)) {
			opening_changes_nothing(&p->turn, &p->learner);
			repeats++;
		}
		if (!by_chance(seed, 3000))
			learner_bench(&p->learner);
		for (unsigned i = 0; i < writes; i++)
			write_after(p, by_chance(seed, 200) ? 5 * US : 2 * MS);
		if (by_chance(seed, 16))
			p->epoch++;
		else
			wait_after(p, 5 * US);
	}
	return repeats;
}

static void where_a_turn_repeats_to_open_it_would_change_nothing(void **state)
{
	unsigned repeats = 0, turns = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 400; seed++) {
		struct program p, *other = &(struct program){.now = 0};
		uint32_t chance = seed;

		start(&p);
		start(other);
		for (int i = 0; i < 6; i++, turns += 60) {
			repeats += open_turns(&p, &chance, 1 + by_chance(&chance, 4));
			/* Another flow of the same endpoint teaches, too. */
			memcpy(&other->learner, &p.learner, sizeof(p.learner));
			open_turns(other, &chance, 1 + by_chance(&chance, 3));
			memcpy(&p.learner, &other->learner, sizeof(p.learner));
		}
	}
	assert_in_range(repeats, turns / 10, turns - turns / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_write_a_turn_is_never_held_and_reads_no_clock),
		cmocka_unit_test(a_turn_that_nobody_ended_reads_no_clock),
		cmocka_unit_test(turns_that_nobody_ended_teach),
		cmocka_unit_test(turns_that_came_as_predicted_need_no_end),
		cmocka_unit_test(two_writes_a_turn_are_learnt_and_the_first_is_held),
		cmocka_unit_test(alternating_counts_are_told_apart_by_the_turn_before),
		cmocka_unit_test(a_hundred_writes_a_turn_go_in_one_train),
		cmocka_unit_test(a_gap_between_writes_teaches_nothing),
		cmocka_unit_test(a_gap_before_the_wait_teaches_nothing),
		cmocka_unit_test(a_changed_habit_is_unlearnt_and_the_new_one_learnt),
		cmocka_unit_test(a_write_beyond_the_prediction_goes_through),
		cmocka_unit_test(the_rest_of_a_partial_write_is_the_same_write),
		cmocka_unit_test(sixteen_unpredicted_writes_are_a_stream),
		cmocka_unit_test(predicted_writes_are_no_stream),
		cmocka_unit_test(a_train_does_not_grow_old),
		cmocka_unit_test(a_count_that_is_only_mostly_right_is_not_believed),
		cmocka_unit_test(while_it_is_learnt_a_slow_turn_begins_anew),
		cmocka_unit_test(what_is_believed_survives_a_slow_turn),
		cmocka_unit_test(a_probe_while_a_write_is_held_ends_the_belief),
		cmocka_unit_test(a_turn_that_may_not_be_held_goes_through),
		cmocka_unit_test(
			a_late_hold_benches_the_endpoint_and_each_further_one_four_times_longer),
		cmocka_unit_test(the_longest_bench_does_not_overflow),
		cmocka_unit_test(slow_successors_bench_where_they_cost_more_than_holds_have_won),
		cmocka_unit_test(what_one_connection_taught_serves_the_next),
		cmocka_unit_test(a_turn_whose_end_was_not_seen_teaches_only_as_a_single_write),
		cmocka_unit_test(
			a_mail_of_any_length_after_its_commands_is_a_stream_from_its_first_write),
		cmocka_unit_test(an_interrupted_turn_is_never_held_but_may_be_a_stream),
		cmocka_unit_test(interruptions_shake_what_was_learnt),
		cmocka_unit_test(an_endless_turn_teaches_no_count),
		cmocka_unit_test(what_nobody_answers_is_a_burst),
		cmocka_unit_test(after_a_turn_of_two_it_may_be_the_last),
		cmocka_unit_test(where_a_turn_repeats_to_open_it_would_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
