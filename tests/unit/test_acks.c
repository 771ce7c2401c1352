/* Where our own delayed ACK is what the peer waits for: what is learnt from the times between the
 * parts of an answer, what that costs, and how it is unlearnt. Times are made up. */
#include "tests/unit/unit.h"

#include <string.h>

#include "shim/pure/acks.h"

#define US 1000u
#define MS 1000000u

/* What a part brings, where nothing else is said. */
#define PART 100

/* As late as a delayed ACK of ours, on a path without length. */
#define LATE (41 * MS)

/* A client on one connection, as flow_answer.c plays it. */
struct client {
	struct acks acks;
	struct answer answer;
	uint64_t now, rtt;
	uint32_t unread; /* bytes that have come */
	unsigned clocks, asked, sent_at_once, won;
	enum acks_news news; /* of the last part */
};

static void start(struct client *c)
{
	memset(c, 0, sizeof(*c));
	c->now = 1000 * (uint64_t)MS;
}

/* Of `got` bytes that have come. */
static void read_some(struct client *c, uint32_t got)
{
	uint64_t gap;

	c->news = ACKS_NOTHING;
	c->unread -= got;
	if (!acks_reads(&c->acks, &c->answer))
		return;
	if (c->acks.armed) {
		if (answer_has_more(&c->answer, got))
			return;
		c->asked++;
		answer_left(&c->answer, c->unread);
		if (c->unread)
			return;
	}
	c->clocks++;
	gap = acks_part(&c->acks, &c->answer, c->now);
	if (gap >= ACK_LOW_NS)
		c->news = acks_gap(&c->acks, &c->answer, gap, c->rtt);
	c->sent_at_once += c->acks.armed;
}

/* So much comes; it is read by so much at a time. */
static void comes_after(struct client *c, uint64_t wait, uint32_t bytes, uint32_t each)
{
	c->now += wait;
	c->unread += bytes;
	while (c->unread)
		read_some(c, each < c->unread ? each : c->unread);
}

static void part_after(struct client *c, uint64_t wait)
{
	comes_after(c, wait, PART, PART);
}

/* The program writes again. */
static void over(struct client *c)
{
	c->won += acks_over(&c->acks, &c->answer);
}

/* An answer in two parts. Returns what the second one was news of. */
static enum acks_news answer_with(struct client *c, uint64_t gap)
{
	enum acks_news news;

	part_after(c, 100 * US);
	part_after(c, gap);
	news = c->news;
	over(c);
	return news;
}

static void one_part(struct client *c)
{
	part_after(c, 100 * US);
	over(c);
}

/* The first answer in parts begins the watch, and two more teach. */
static void learn(struct client *c)
{
	assert_int_equal(answer_with(c, LATE), ACKS_NOTHING);
	assert_int_equal(answer_with(c, LATE), ACKS_NOTHING);
	assert_int_equal(answer_with(c, LATE), ACKS_LEARNT);
	assert_true(c->acks.armed);
}

static void answers_in_one_part_read_no_clock_and_send_nothing(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	for (int i = 0; i < 10000; i++)
		one_part(&c);
	assert_int_equal(c.clocks, 0);
	assert_int_equal(c.sent_at_once, 0);
	assert_false(c.acks.watches);
}

static void two_late_answers_running_are_learnt(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	learn(&c);
	/* The part that taught it is the first that is acknowledged at once. */
	assert_int_equal(c.sent_at_once, 1);
	assert_int_equal(c.won, 0);
}

static void a_prompt_answer_between_two_late_ones_begins_it_anew(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	answer_with(&c, LATE);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(answer_with(&c, LATE), ACKS_NOTHING);
		assert_int_equal(answer_with(&c, 100 * US), ACKS_NOTHING);
	}
	assert_int_equal(c.sent_at_once, 0);
}

/* A peer that thinks 40 ms before each of many parts has been late once. */
static void an_answer_of_many_late_parts_counts_once(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	one_part(&c);
	answer_with(&c, LATE);
	for (int i = 0; i < 10; i++) {
		part_after(&c, LATE);
		assert_int_equal(c.news, ACKS_NOTHING);
	}
	over(&c);
	assert_int_equal(answer_with(&c, LATE), ACKS_LEARNT);
}

/* A gap of so long is late, on a path of that round trip. */
static void is_late(uint64_t gap, uint64_t rtt, bool late)
{
	struct client c;

	start(&c);
	c.rtt = rtt;
	for (unsigned i = 0; i < 1 + ACKS_BELIEVED; i++)
		answer_with(&c, gap);
	assert_int_equal(c.acks.armed, late);
}

static void late_is_what_comes_a_delayed_ack_and_a_round_trip_later(void **state)
{
	(void)state;
	is_late(35 * MS, 0, false);
	is_late(40 * MS, 0, true);
	is_late(48 * MS, 0, true);
	is_late(49 * MS, 0, false);
	is_late(200 * MS, 0, false);
	is_late(40 * MS, 10 * MS, false);
	is_late(51 * MS, 10 * MS, true);
	is_late(59 * MS, 10 * MS, false);
}

static void answers_that_came_so_are_counted(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	learn(&c);
	for (unsigned i = 1; i <= 500; i++) {
		answer_with(&c, 100 * US);
		assert_int_equal(c.won, i);
	}
	/* One part is no win: nothing waited for an ACK there. */
	one_part(&c);
	assert_int_equal(c.won, 500);
	assert_true(c.acks.armed);
}

static void where_it_does_not_help_it_is_dropped_for_a_thousand_answers(void **state)
{
	struct client c;
	unsigned clocks, sent;

	(void)state;
	start(&c);
	learn(&c);
	assert_int_equal(answer_with(&c, LATE), ACKS_NOTHING);
	assert_int_equal(answer_with(&c, LATE), ACKS_DROPPED);
	assert_false(c.acks.armed);
	clocks = c.clocks;
	sent = c.sent_at_once;
	/* The answer that it was dropped in is the first of them. */
	for (unsigned i = 1; i < ACKS_REST; i++)
		answer_with(&c, LATE);
	assert_int_equal(c.clocks, clocks);
	assert_int_equal(c.sent_at_once, sent);
	assert_int_equal(c.won, 0);
	learn(&c);
}

/* What has no second part is not what it would be tried on. */
static void answers_in_one_part_do_not_shorten_that(void **state)
{
	struct client c;
	unsigned clocks;

	(void)state;
	start(&c);
	learn(&c);
	answer_with(&c, LATE);
	assert_int_equal(answer_with(&c, LATE), ACKS_DROPPED);
	clocks = c.clocks;
	for (unsigned i = 0; i < 10 * ACKS_REST; i++)
		one_part(&c);
	answer_with(&c, LATE);
	assert_int_equal(c.clocks, clocks);
}

/* A peer that is busy for 40 ms now and then is none that an ACK did not help. */
static void one_in_vain_between_wins_drops_nothing(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	learn(&c);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(answer_with(&c, LATE), ACKS_NOTHING);
		answer_with(&c, 100 * US);
	}
	assert_true(c.acks.armed);
	assert_int_equal(c.won, 50);
}

static void prompt_answers_in_parts_end_the_watch(void **state)
{
	struct client c;
	unsigned clocks;

	(void)state;
	start(&c);
	/* The first is not seen whole, see learn(). */
	for (unsigned i = 0; i < ACKS_FINE + 1; i++)
		answer_with(&c, 100 * US);
	clocks = c.clocks;
	assert_int_equal(clocks, 2 * ACKS_FINE + 1);
	for (unsigned i = 0; i < ACKS_REST; i++)
		answer_with(&c, 100 * US);
	assert_int_equal(c.clocks, clocks);
	answer_with(&c, 100 * US);
	assert_true(c.clocks > clocks);
}

static void a_thousand_answers_in_one_part_disarm_it(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	learn(&c);
	answer_with(&c, 100 * US);
	assert_int_equal(c.won, 1);
	for (unsigned i = 0; i < ACKS_LONE - 1; i++)
		one_part(&c);
	assert_true(c.acks.armed);
	one_part(&c);
	assert_false(c.acks.armed);
	/* Not for good: nobody has seen it fail. */
	answer_with(&c, LATE);
	assert_int_equal(answer_with(&c, LATE), ACKS_LEARNT);
}

/* Nobody has seen it help. */
static void a_hundred_do_where_nothing_was_won(void **state)
{
	struct client c;

	(void)state;
	start(&c);
	learn(&c);
	for (unsigned i = 0; i < ACKS_UNWON - 1; i++)
		one_part(&c);
	assert_true(c.acks.armed);
	one_part(&c);
	assert_false(c.acks.armed);
	/* What the one before has won says nothing of the next. */
	answer_with(&c, LATE);
	assert_int_equal(answer_with(&c, LATE), ACKS_LEARNT);
	answer_with(&c, 100 * US);
	for (unsigned i = 0; i < ACKS_LONE; i++)
		one_part(&c);
	answer_with(&c, LATE);
	assert_int_equal(answer_with(&c, LATE), ACKS_LEARNT);
	for (unsigned i = 0; i < ACKS_UNWON; i++)
		one_part(&c);
	assert_false(c.acks.armed);
}

/* A part is what has come, not what a read takes of it. */
static void one_part_in_many_reads_is_one_part(void **state)
{
	struct client c;
	unsigned sent;

	(void)state;
	start(&c);
	learn(&c);
	sent = c.sent_at_once;
	for (unsigned i = 1; i <= ACKS_UNWON; i++) {
		assert_true(c.acks.armed);
		comes_after(&c, 100 * US, 2000, 4);
		over(&c);
		assert_int_equal(c.sent_at_once, sent + i);
		/* Asked at the first read, and when all of that is read. */
		assert_int_equal(c.asked, 2 * i);
	}
	assert_false(c.acks.armed);
	assert_int_equal(c.won, 0);
}

static void parts_in_many_reads_are_as_many_parts(void **state)
{
	struct client c;
	unsigned sent;

	(void)state;
	start(&c);
	learn(&c);
	sent = c.sent_at_once;
	for (unsigned i = 1; i <= 2 * ACKS_LONE; i++) {
		comes_after(&c, 100 * US, 20, 3);
		comes_after(&c, 100 * US, 2000, 4);
		over(&c);
		assert_int_equal(c.sent_at_once, sent + 2 * i);
		assert_int_equal(c.won, i);
	}
	assert_true(c.acks.armed);
	/* And one that is late, is. */
	for (int i = 0; i < ACKS_VAIN; i++) {
		comes_after(&c, 100 * US, 20, 3);
		comes_after(&c, LATE, 2000, 4);
		over(&c);
	}
	assert_false(c.acks.armed);
}

/* The rest comes while the first part is read: nobody waits for an ACK of that. */
static void what_comes_meanwhile_is_no_other_part(void **state)
{
	struct client c;
	unsigned sent;

	(void)state;
	start(&c);
	learn(&c);
	sent = c.sent_at_once;
	c.unread = 20;
	read_some(&c, 10);
	c.unread += 30;
	read_some(&c, 10);
	read_some(&c, 20);
	assert_int_equal(c.sent_at_once, sent);
	read_some(&c, 10);
	assert_int_equal(c.sent_at_once, sent + 1);
	over(&c);
	assert_int_equal(c.won, 0);
}

/* Another process may read what we were told is there: then the next answer is as before. */
static void what_others_read_is_forgotten_with_the_answer(void **state)
{
	struct client c;
	unsigned sent;

	(void)state;
	start(&c);
	learn(&c);
	c.unread = 1000;
	read_some(&c, 10);
	c.unread = 0;
	over(&c);
	sent = c.sent_at_once;
	answer_with(&c, 100 * US);
	assert_int_equal(c.sent_at_once, sent + 2);
	assert_int_equal(c.won, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_in_one_part_read_no_clock_and_send_nothing),
		cmocka_unit_test(two_late_answers_running_are_learnt),
		cmocka_unit_test(a_prompt_answer_between_two_late_ones_begins_it_anew),
		cmocka_unit_test(an_answer_of_many_late_parts_counts_once),
		cmocka_unit_test(late_is_what_comes_a_delayed_ack_and_a_round_trip_later),
		cmocka_unit_test(answers_that_came_so_are_counted),
		cmocka_unit_test(where_it_does_not_help_it_is_dropped_for_a_thousand_answers),
		cmocka_unit_test(answers_in_one_part_do_not_shorten_that),
		cmocka_unit_test(one_in_vain_between_wins_drops_nothing),
		cmocka_unit_test(prompt_answers_in_parts_end_the_watch),
		cmocka_unit_test(a_thousand_answers_in_one_part_disarm_it),
		cmocka_unit_test(a_hundred_do_where_nothing_was_won),
		cmocka_unit_test(one_part_in_many_reads_is_one_part),
		cmocka_unit_test(parts_in_many_reads_are_as_many_parts),
		cmocka_unit_test(what_comes_meanwhile_is_no_other_part),
		cmocka_unit_test(what_others_read_is_forgotten_with_the_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
