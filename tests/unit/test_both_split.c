/* A turn seen from both ends, split: what the parts are, that they add up to the turn to the last
 * nanosecond, and that it is no matter how far apart the two clocks are. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

#define US   UINT64_C(1000)
#define MS   UINT64_C(1000000)
#define HOUR INT64_C(3600000000000)

enum { BASE = 4000000, MOST = 64 }; /* us, of the client's clock; turns */

/* Both ends of one connection, in us since BASE; the server's clock is `ahead`. */
static struct {
	struct both_talk talk;
	int64_t ahead; /* ns */
	struct both_turn turn[MOST];
	size_t turns;
} both;

static void begin(int64_t ahead)
{
	memset(&both, 0, sizeof(both));
	both.ahead = ahead;
	for (int side = 0; side < BOTH_SIDES; side++) {
		both.talk.kernel[side].mss = 1448;
		both.talk.kernel[side].nagle = both.talk.kernel[side].nagle_known = true;
	}
}

static uint64_t time_of(enum both_side side, int64_t us)
{
	return (uint64_t)((4 * HOUR) + (BASE + us) * 1000 + (side == BOTH_SERVER ? both.ahead : 0));
}

static void put(struct both_stream *stream, struct both_call call)
{
	stream->call = memory_grow(stream->call, stream->calls, sizeof(call));
	stream->call[stream->calls++] = call;
}

static void says(enum both_side side, int64_t at, uint64_t bytes, uint8_t flags)
{
	put(&both.talk.said[side], (struct both_call){.begin = time_of(side, at),
					   .end = time_of(side, at + 2),
					   .to = bytes,
					   .flags = flags});
}

/* It waited since then, was woken then, and had read it then. */
static void hears_late(
	enum both_side side, int64_t since, int64_t woken, int64_t at, uint64_t bytes)
{
	put(&both.talk.heard[side], (struct both_call){.begin = time_of(side, at - 1),
					    .end = time_of(side, at),
					    .idle = time_of(side, since),
					    .woken = time_of(side, woken),
					    .to = bytes});
}

static void hears(enum both_side side, int64_t since, int64_t at, uint64_t bytes)
{
	hears_late(side, since, at, at, bytes);
}

static void keep(void *with, const struct both_turn *turn)
{
	uint64_t sum = 0;

	(void)with;
	for (int part = 0; part < BOTH_PARTS; part++)
		sum += turn->part[part];
	assert_int_equal(sum, turn->took);
	assert_true(both.turns < MOST);
	both.turn[both.turns++] = *turn;
}

/* Splits what was put; both.talk is gone then. */
static void split(void)
{
	struct clock_sample *sample = NULL;
	struct clock_windows clock;
	struct both_talk *talk = memory_take(1, sizeof(*talk));
	size_t samples;

	for (int side = 0; side < BOTH_SIDES; side++) {
		stream_settle(&both.talk.said[side], false);
		stream_settle(&both.talk.heard[side], true);
	}
	*talk = both.talk;
	samples = clock_samples(talk, &sample, 0);
	clock_take(&clock, sample, samples);
	split_turns(talk, &clock, keep, NULL);
	free(sample);
	free(clock.window);
	both_talks_free(talk, 1);
}

static void expect(const struct both_turn *turn, enum both_part part, uint64_t us)
{
	if (turn->part[part] != us * US)
		fail_msg("part %d: %llu ns, not %llu us", part,
			(unsigned long long)turn->part[part], (unsigned long long)us);
}

/* ---- turns ---- */

/* 300 us of thinking, 100 us each way. */
static void healthy_at(int64_t at)
{
	says(BOTH_CLIENT, at, 10, 0);
	hears(BOTH_SERVER, at - 500, at + 100, 10);
	says(BOTH_SERVER, at + 400, 3, 0);
	hears(BOTH_CLIENT, at + 5, at + 500, 3);
}

/* The second part stands until the ACK comes, 40 ms later. */
static void held_at(int64_t at, uint8_t flags)
{
	says(BOTH_CLIENT, at, 5, 0);
	says(BOTH_CLIENT, at + 20, 6, flags);
	hears(BOTH_SERVER, at - 500, at + 100, 5);
	hears(BOTH_SERVER, at + 110, at + 40120, 6);
	says(BOTH_SERVER, at + 40130, 3, 0);
	hears(BOTH_CLIENT, at + 30, at + 40230, 3);
}

static void answer_held_at(int64_t at, uint8_t flags)
{
	says(BOTH_CLIENT, at, 10, 0);
	hears(BOTH_SERVER, at - 500, at + 100, 10);
	says(BOTH_SERVER, at + 110, 5, 0);
	says(BOTH_SERVER, at + 130, 6, flags);
	hears(BOTH_CLIENT, at + 5, at + 210, 5);
	hears(BOTH_CLIENT, at + 220, at + 40230, 6);
}

static const int64_t all_ahead[] = {0, 3 * HOUR, -3 * HOUR, 77777};

/* ---- what they are made of ---- */

static void a_turn_without_a_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(all_ahead) / sizeof(*all_ahead); i++) {
		begin(all_ahead[i]);
		for (int n = 0; n < 5; n++)
			healthy_at(n * 1000);
		split();
		assert_int_equal(both.turns, 5);
		for (size_t n = 0; n < 5; n++) {
			expect(&both.turn[n], BOTH_ON_WAY, 200);
			expect(&both.turn[n], BOTH_IN_SERVER, 300);
			/* From the answer on it works until it asks again. */
			expect(&both.turn[n], BOTH_IN_CLIENT, n ? 500 : 0);
			expect(&both.turn[n], BOTH_SLOW, 0);
			assert_true(both.turn[n].split);
			assert_int_equal(both.turn[n].hold[BOTH_CLIENT], HOLD_NOTHING);
		}
	}
}

/* Of 40 ms the first 180 us would have been held, too, had the ACK come at once. */
static void a_request_that_is_held(void **state)
{
	const struct both_turn *turn = &both.turn[1];

	(void)state;
	for (size_t i = 0; i < sizeof(all_ahead) / sizeof(*all_ahead); i++) {
		begin(all_ahead[i]);
		for (int n = 0; n < 3; n++)
			held_at(n * 50000, EVENT_PROVEN);
		split();
		assert_int_equal(both.turns, 3);
		expect(turn, BOTH_ON_WAY, 200);
		expect(turn, BOTH_HELD_CLIENT, 180);
		expect(turn, BOTH_ACK_SERVER, 40000 - 180);
		expect(turn, BOTH_IN_SERVER, 10);
		expect(turn, BOTH_HELD_SERVER, 0);
		expect(turn, BOTH_ACK_CLIENT, 0);
		assert_int_equal(turn->hold[BOTH_CLIENT], HOLD_NAGLE);
		assert_int_equal(turn->hold[BOTH_SERVER], HOLD_NOTHING);
		assert_int_equal(turn->lost[BOTH_CLIENT], 40 * MS);
		assert_int_equal(turn->withheld[BOTH_CLIENT], 40 * MS - 180 * US);
		assert_true(turn->proven[BOTH_CLIENT] && turn->several[BOTH_CLIENT]);
		assert_false(turn->several[BOTH_SERVER]);
	}
}

static void an_answer_that_is_held(void **state)
{
	const struct both_turn *turn = &both.turn[1];

	(void)state;
	begin(-HOUR);
	for (int n = 0; n < 3; n++)
		answer_held_at(n * 50000, EVENT_PROVEN);
	split();
	expect(turn, BOTH_ON_WAY, 200);
	expect(turn, BOTH_HELD_SERVER, 180);
	expect(turn, BOTH_ACK_CLIENT, 40000 - 180);
	expect(turn, BOTH_HELD_CLIENT, 0);
	expect(turn, BOTH_IN_SERVER, 30);
	assert_int_equal(turn->hold[BOTH_SERVER], HOLD_NAGLE);
	assert_int_equal(turn->lost[BOTH_SERVER], 40 * MS);
}

/* What a capture calls held no kernel has said, and of a hold by chance there is none. */
static void no_kernel_proves_nothing(void **state)
{
	(void)state;
	for (int side = 0; side < BOTH_SIDES; side++) {
		begin(0);
		held_at(0, EVENT_PROVEN);
		held_at(50000, EVENT_PROVEN);
		both.talk.kernel[side].unasked = true;
		split();
		assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NAGLE);
		assert_false(both.turn[1].proven[BOTH_CLIENT]);
	}
	begin(0);
	held_at(0, EVENT_PROVEN);
	held_at(50000, EVENT_PROVEN);
	both.talk.kernel[BOTH_CLIENT].unasked = both.talk.kernel[BOTH_CLIENT].chance = true;
	split();
	assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NOTHING);
}

/* A part was held and let go; the last one was written later, and only late. */
static void a_hold_before_is_not_the_last(void **state)
{
	(void)state;
	begin(0);
	for (int64_t at = 0; at < 1000000; at += 500000) {
		says(BOTH_CLIENT, at, 5, 0);
		says(BOTH_CLIENT, at + 20, 6, EVENT_PROVEN);
		says(BOTH_CLIENT, at + 300000, 7, 0);
		hears(BOTH_SERVER, at - 500, at + 100, 5);
		hears(BOTH_SERVER, at + 110, at + 40120, 6);
		hears(BOTH_SERVER, at + 40130, at + 330000, 7);
		says(BOTH_SERVER, at + 330010, 3, 0);
		hears(BOTH_CLIENT, at + 300010, at + 330110, 3);
	}
	split();
	assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NOTHING);
}

/* The kernel was asked, and held nothing: what came late was late on the way. */
static void late_is_not_held(void **state)
{
	(void)state;
	begin(HOUR);
	held_at(0, 0);
	held_at(50000, 0);
	split();
	assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NOTHING);
	expect(&both.turn[1], BOTH_SLOW, 40000);
}

/* Where nobody could ask it, the pattern says so, and that is less. */
static void a_pattern_is_no_proof(void **state)
{
	(void)state;
	begin(HOUR);
	both.talk.kernel[BOTH_CLIENT].nagle_known = false;
	held_at(0, 0);
	held_at(50000, 0);
	split();
	assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NAGLE);
	assert_int_equal(both.turn[1].lost[BOTH_CLIENT], 40 * MS);
	assert_false(both.turn[1].proven[BOTH_CLIENT]);
}

/* Nor is one at all that is no delayed ACK, or that the first part came with. */
static void what_is_not_the_pattern(void **state)
{
	static const int wait[] = {29000, 66000};

	(void)state;
	for (int i = 0; i < 3; i++) {
		begin(HOUR);
		both.talk.kernel[BOTH_CLIENT].nagle_known = false;
		healthy_at(0);
		says(BOTH_CLIENT, 1000, 5, 0);
		says(BOTH_CLIENT, 1020, 6, 0);
		if (i < 2) {
			hears(BOTH_SERVER, 900, 1100, 5);
			hears(BOTH_SERVER, 1110, 1120 + wait[i], 6);
		} else {
			hears(BOTH_SERVER, 900, 41120, 11);
		}
		says(BOTH_SERVER, 90000, 3, 0);
		hears(BOTH_CLIENT, 1030, 90100, 3);
		split();
		assert_int_equal(both.turn[1].hold[BOTH_CLIENT], HOLD_NOTHING);
		expect(&both.turn[1], BOTH_SLOW, i < 2 ? (uint64_t)wait[i] : 40000);
	}
}

/* The server was at work when the rest came: nothing of that time waited for the ACK. */
static void a_server_that_does_not_look(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 3; n++) {
		const int64_t at = n * 100000;
		says(BOTH_CLIENT, at, 5, 0);
		says(BOTH_CLIENT, at + 20, 6, EVENT_PROVEN);
		hears(BOTH_SERVER, at - 500, at + 100, 5);
		hears_late(BOTH_SERVER, at + 30120, at + 40120, at + 45120, 6);
		says(BOTH_SERVER, at + 45130, 3, 0);
		hears(BOTH_CLIENT, at + 30, at + 45230, 3);
	}
	split();
	/* 30 ms before it waited, 5 ms after it was woken, 10 us from read to write. */
	expect(&both.turn[1], BOTH_IN_SERVER, 30000 + 5000 + 10);
	assert_int_equal(both.turn[1].lost[BOTH_CLIENT], 10 * MS);
}

/* Over 40 ms each way a hold of 30 ms may be a mistake of the clocks. */
static void what_the_clocks_may_hide_is_not_claimed(void **state)
{
	(void)state;
	for (int wait = 30000; wait <= 50000; wait += 20000) {
		begin(HOUR);
		for (int n = 0; n < 2; n++) {
			const int64_t at = n * 400000;
			says(BOTH_CLIENT, at, 5, 0);
			says(BOTH_CLIENT, at + 20, 6, EVENT_PROVEN);
			hears(BOTH_SERVER, at - 500, at + 40000, 5);
			hears(BOTH_SERVER, at + 40010, at + 40020 + wait, 6);
			says(BOTH_SERVER, at + 40030 + wait, 3, 0);
			hears(BOTH_CLIENT, at + 30, at + 80030 + wait, 3);
		}
		split();
		expect(&both.turn[1], BOTH_ON_WAY, 80000);
		expect(&both.turn[1], BOTH_SLOW, wait == 30000 ? 30000 : 0);
		assert_int_equal(
			both.turn[1].hold[BOTH_CLIENT], wait == 30000 ? HOLD_NOTHING : HOLD_NAGLE);
	}
}

static void its_own_cork(void **state)
{
	static const struct {
		uint8_t flags;
		enum both_hold hold;
	} table[] = {{EVENT_CORK, HOLD_CORK}, {EVENT_MORE, HOLD_MORE}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		begin(HOUR);
		held_at(0, table[i].flags);
		held_at(50000, table[i].flags);
		split();
		assert_int_equal(both.turn[1].hold[BOTH_CLIENT], table[i].hold);
		assert_int_equal(both.turn[1].withheld[BOTH_CLIENT], 0);
		expect(&both.turn[1], BOTH_HELD_CLIENT, 40000);
	}
}

/* 300 ms are no delayed ACK where segments were sent again. */
static void a_loss_is_no_hold(void **state)
{
	(void)state;
	for (uint32_t again = 0; again < 2; again++) {
		begin(HOUR);
		both.talk.kernel[BOTH_CLIENT].retrans = again;
		held_at(0, EVENT_PROVEN);
		says(BOTH_CLIENT, 50000, 5, 0);
		says(BOTH_CLIENT, 50020, 6, EVENT_PROVEN);
		hears(BOTH_SERVER, 49000, 50100, 5);
		hears(BOTH_SERVER, 50110, 350120, 6);
		says(BOTH_SERVER, 350130, 3, 0);
		hears(BOTH_CLIENT, 50030, 350230, 3);
		split();
		assert_int_equal(both.turn[0].hold[BOTH_CLIENT], HOLD_NAGLE);
		assert_int_equal(both.turn[1].hold[BOTH_CLIENT], again ? HOLD_NOTHING : HOLD_NAGLE);
		expect(&both.turn[1], BOTH_SLOW, again ? 300000 : 0);
	}
}

/* A write that waits for room is neither end's work. */
static void a_write_that_waits(void **state)
{
	(void)state;
	begin(0);
	healthy_at(0);
	says(BOTH_CLIENT, 1000, 5, 0);
	both.talk.said[BOTH_CLIENT].call[1].end = time_of(BOTH_CLIENT, 6000);
	says(BOTH_CLIENT, 7000, 5, 0);
	hears(BOTH_SERVER, 900, 7100, 10);
	says(BOTH_SERVER, 7200, 3, 0);
	hears(BOTH_CLIENT, 7005, 7300, 3);
	split();
	expect(&both.turn[1], BOTH_SLOW, 5000);
	expect(&both.turn[1], BOTH_IN_CLIENT, 500 + 1000);
}

/* ---- which bytes ---- */

/* As many reads as there are bytes, or one for all that was written: it is the last byte that
 * counts. */
static void reads_that_split_and_join(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 2; n++) {
		const int64_t at = n * 1000;
		for (int i = 0; i < 3; i++)
			says(BOTH_CLIENT, at + i, 4, 0);
		for (int i = 0; i < 12; i++)
			hears(BOTH_SERVER, at - 500, at + 102 + i, 1);
		for (int i = 0; i < 6; i++)
			says(BOTH_SERVER, at + 300 + i, 1, 0);
		hears(BOTH_CLIENT, at + 5, at + 405, 6);
	}
	split();
	assert_int_equal(both.turns, 2);
	expect(&both.turn[1], BOTH_IN_SERVER, 300 - 113 + 5);
	expect(&both.turn[1], BOTH_IN_CLIENT, 1000 - 405 + 2);
	/* The fastest byte of its way: the ninth was written 2 us after the first. */
	assert_int_equal(
		both.turn[1].part[BOTH_ON_WAY] + both.turn[1].part[BOTH_SLOW], (111 + 100) * US);
}

/* Who reads byte by byte waits for the first byte of what was held, not for the last one. */
static void a_hold_that_is_read_byte_by_byte(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 3; n++) {
		const int64_t at = n * 50000;

		says(BOTH_CLIENT, at, 10, 0);
		hears(BOTH_SERVER, at - 500, at + 100, 10);
		says(BOTH_SERVER, at + 110, 2, 0);
		says(BOTH_SERVER, at + 130, 3, EVENT_PROVEN);
		hears(BOTH_CLIENT, at + 5, at + 210, 1);
		hears(BOTH_CLIENT, at + 211, at + 212, 1);
		hears(BOTH_CLIENT, at + 213, at + 40228, 1);
		hears(BOTH_CLIENT, at + 40229, at + 40230, 1);
		hears(BOTH_CLIENT, at + 40232, at + 40233, 1);
	}
	split();
	assert_int_equal(both.turn[1].hold[BOTH_SERVER], HOLD_NAGLE);
	/* 3 us between its reads it waited for nothing. */
	assert_int_equal(both.turn[1].lost[BOTH_SERVER], 40000 * US);
	expect(&both.turn[1], BOTH_IN_CLIENT, 50000 - 40233 + 3);
}

/* What the server says by itself is no turn, and belongs to none. */
static void a_greeting(void **state)
{
	(void)state;
	begin(HOUR);
	says(BOTH_SERVER, -900, 20, 0);
	hears(BOTH_CLIENT, -1000, -800, 20);
	healthy_at(0);
	split();
	assert_int_equal(both.turns, 1);
	expect(&both.turn[0], BOTH_IN_SERVER, 300);
	assert_int_equal(both.turn[0].took, 500 * US);
}

static void what_cannot_be_split(void **state)
{
	(void)state;
	/* It answers before it has all. */
	begin(HOUR);
	says(BOTH_CLIENT, 0, 5, 0);
	says(BOTH_CLIENT, 20, 5, 0);
	hears(BOTH_SERVER, -500, 100, 5);
	says(BOTH_SERVER, 105, 3, 0);
	hears(BOTH_SERVER, 107, 120, 5);
	hears(BOTH_CLIENT, 30, 205, 3);
	split();
	assert_int_equal(both.turns, 1);
	assert_false(both.turn[0].split);
	expect(&both.turn[0], BOTH_NOT_SPLIT, 205);

	/* Its recording ends before the second turn's answer, or before its request. */
	for (int end = 0; end < 2; end++) {
		begin(HOUR);
		healthy_at(0);
		healthy_at(1000);
		both.talk.said[BOTH_SERVER].calls = 1;
		both.talk.heard[BOTH_SERVER].calls = end ? 1 : 2;
		split();
		assert_true(both.turn[0].split);
		assert_false(both.turn[1].split);
		expect(&both.turn[1], BOTH_NOT_SPLIT, 1000);
	}
}

/* Turns that follow each other so closely that their bytes count as one for the clocks. */
static void turns_close_by(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 3; n++) {
		const int64_t at = n * 30;
		says(BOTH_CLIENT, at, 10, 0);
		hears(BOTH_SERVER, at - 5, at + 10 - n, 10);
		says(BOTH_SERVER, at + 12, 3, 0);
		hears(BOTH_CLIENT, at + 2, at + 22, 3);
	}
	split();
	assert_int_equal(both.turns, 3);
	for (size_t n = 0; n < 3; n++) {
		assert_true(both.turn[n].split);
		expect(&both.turn[n], BOTH_ON_WAY, 8 + 10);
		expect(&both.turn[n], BOTH_SLOW, 2 - n);
	}
}

/* A window may end in the middle of a turn, which is split all the same. */
static void a_window_that_ends_within_a_turn(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 10; n++)
		healthy_at(n * 1000);
	says(BOTH_CLIENT, 9900000, 10, 0);
	hears(BOTH_SERVER, 9500, 9900100, 10);
	says(BOTH_SERVER, 10100000, 3, 0);
	hears(BOTH_CLIENT, 9900005, 10100100, 3);
	split();
	assert_int_equal(both.turns, 11);
	assert_true(both.turn[10].split);
	expect(&both.turn[10], BOTH_ON_WAY, 200);
	expect(&both.turn[10], BOTH_IN_SERVER, 199900);
}

/* The clock jumps while a request is under way: that turn cannot be split, those around it can. */
static void a_clock_that_jumps(void **state)
{
	(void)state;
	begin(HOUR);
	for (int n = 0; n < 8; n++) {
		const int64_t at = n * 1000;

		says(BOTH_CLIENT, at, 10, 0);
		hears(BOTH_SERVER, at - 500, at + 100, 10);
		if (n == 4)
			both.ahead += 2 * HOUR;
		says(BOTH_SERVER, at + 400, 3, 0);
		hears(BOTH_CLIENT, at + 5, at + 500, 3);
	}
	split();
	for (size_t n = 0; n < 8; n++)
		if (n != 4)
			expect(&both.turn[n], BOTH_ON_WAY, 200);
	assert_false(both.turn[4].split);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_without_a_hold),
		cmocka_unit_test(a_request_that_is_held),
		cmocka_unit_test(an_answer_that_is_held),
		cmocka_unit_test(no_kernel_proves_nothing),
		cmocka_unit_test(a_hold_before_is_not_the_last),
		cmocka_unit_test(late_is_not_held),
		cmocka_unit_test(a_pattern_is_no_proof),
		cmocka_unit_test(what_is_not_the_pattern),
		cmocka_unit_test(a_server_that_does_not_look),
		cmocka_unit_test(what_the_clocks_may_hide_is_not_claimed),
		cmocka_unit_test(its_own_cork),
		cmocka_unit_test(a_loss_is_no_hold),
		cmocka_unit_test(a_write_that_waits),
		cmocka_unit_test(reads_that_split_and_join),
		cmocka_unit_test(a_hold_that_is_read_byte_by_byte),
		cmocka_unit_test(a_greeting),
		cmocka_unit_test(what_cannot_be_split),
		cmocka_unit_test(turns_close_by),
		cmocka_unit_test(a_window_that_ends_within_a_turn),
		cmocka_unit_test(a_clock_that_jumps),
	};

	return cmocka_run_group_tests_name("both_split", tests, NULL, NULL);
}
