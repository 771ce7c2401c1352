/* What is kept packed comes back as it was: numbers, turns with each of their fields, hits and
 * stretches; and what is sorted where it stands is what qsort(3) makes of it. All by chance from a
 * fixed seed, for what a test writes by hand is what its author thought of. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"
#include "tools/base/packed.h"

#define MANY 1000u

static uint64_t chance_state;

static int seed(void **state)
{
	(void)state;
	chance_state = 20261128;
	return 0;
}

/* xorshift64* */
static uint64_t chance(void)
{
	chance_state ^= chance_state >> 12;
	chance_state ^= chance_state << 25;
	chance_state ^= chance_state >> 27;
	return chance_state * UINT64_C(0x2545f4914f6cdd1d);
}

/* Of any length in bits, 0 among them. */
static uint64_t a_number(void)
{
	const uint64_t bits = chance() % 65;

	return bits ? chance() >> (64 - bits) : 0;
}

/* ---- numbers ---- */

static void numbers_come_back(void **state)
{
	static uint64_t number[MANY];
	struct packed packed = {0};
	const unsigned char *at;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		number[i] = i == 0 ? UINT64_MAX : a_number();
	packed_add(&packed, number, 1);
	packed_add(&packed, number + 1, 0);
	packed_add(&packed, number + 1, MANY - 1);
	assert_true(packed.length <= MANY * PACKED_MOST);
	at = packed.byte;
	for (size_t i = 0; i < MANY; i++) {
		uint64_t now;
		at = packed_get(at, &now);
		assert_int_equal(now, number[i]);
	}
	assert_ptr_equal(at, packed.byte + packed.length);
	packed_free(&packed);
	assert_null(packed.byte);
}

static void differences_near_zero_are_small(void **state)
{
	(void)state;
	assert_int_equal(fold_sign(0), 0);
	assert_int_equal(fold_sign((uint64_t)-1), 1);
	assert_int_equal(fold_sign(1), 2);
	for (size_t i = 0; i < MANY; i++) {
		const uint64_t number = a_number();
		assert_int_equal(unfold_sign(fold_sign(number)), number);
		assert_int_equal(unfold_sign(fold_sign(0 - number)), 0 - number);
	}
}

/* ---- turns ---- */

/* A time is 0 or the clock's; a third of them are 0. */
static uint64_t a_time(void)
{
	return chance() % 3 ? chance() >> 3 : 0;
}

/* Each field of struct turn, as it comes by chance; what is added to it must be added here. */
static struct turn a_turn(uint32_t number)
{
	struct turn turn;

	memset(&turn, 0, sizeof(turn)); /* so that memcmp() may compare */
	turn.number = number;
	turn.signature = (uint32_t)a_number();
	turn.first = (uint32_t)a_number();
	turn.steps = (uint32_t)a_number();
	turn.writes = (uint32_t)a_number();
	turn.reads = (uint32_t)a_number();
	turn.bytes_out = a_number();
	turn.bytes_in = a_number();
	turn.begin = a_time();
	turn.written = a_time();
	turn.answered = a_time();
	turn.end = a_time();
	turn.wait = a_number();
	turn.think = a_number();
	turn.retrans = (uint32_t)a_number();
	turn.proven = chance() & 1;
	turn.more = chance() & 1;
	turn.corked = chance() & 1;
	turn.filled = chance() & 1;
	turn.mixed = chance() & 1;
	turn.early = chance() & 1;
	turn.arm = (uint8_t)chance();
	turn.polled = chance() & 1;
	turn.asked = chance() & 1;
	turn.last_write = (uint32_t)a_number();
	turn.sent = (uint32_t)a_number();
	turn.tiny = (uint32_t)a_number();
	turn.rows = (uint32_t)a_number();
	turn.row_writes = (uint32_t)a_number();
	turn.row_bytes = a_number();
	turn.data_end = a_time();
	turn.held = a_time();
	turn.left = a_time();
	turn.blocked = a_number();
	turn.pause = a_number();
	turn.paused_until = a_time();
	turn.stood = a_number();
	turn.stood_until = a_time();
	return turn;
}

static void store(struct flow_fold *flow, struct turn_cache *cache, struct turn *turn, size_t count)
{
	store_begin(flow, cache);
	for (size_t i = 0; i < count; i++) {
		turn[i] = a_turn((uint32_t)i);
		store_add(flow, &turn[i]);
	}
	flow->turns = count;
	store_end(flow);
}

static void assert_turn(const struct flow_fold *flow, size_t number, const struct turn *turn)
{
	assert_memory_equal(turn_at(flow, number), turn, sizeof(*turn));
}

static void turns_come_back(void **state)
{
	/* none; less than a chunk; just one; some and a rest */
	static const size_t counts[] = {0, 1, 63, 64, 65, MANY};
	static struct turn turn[MANY];

	(void)state;
	for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
		struct turn_cache *cache = cache_new();
		struct flow_fold flow = {0};

		store(&flow, cache, turn, counts[c]);
		for (size_t i = 0; i < counts[c]; i++)
			assert_turn(&flow, i, &turn[i]);
		for (size_t i = 0; i < counts[c]; i++) {
			const size_t number = chance() % counts[c];
			assert_turn(&flow, number, &turn[number]);
		}
		store_free(&flow);
		cache_free(cache);
	}
}

/* More flows than the cache has places, asked for by turns: none is taken for another one. */
static void turns_of_many_flows_are_told_apart(void **state)
{
	enum { FLOWS = 9 };
	static struct turn turn[FLOWS][MANY];
	struct turn_cache *cache = cache_new();
	struct flow_fold flow[FLOWS] = {0};

	(void)state;
	for (int f = 0; f < FLOWS; f++)
		store(&flow[f], cache, turn[f], MANY);
	for (size_t i = 0; i < 20 * MANY; i++) {
		const size_t f = chance() % FLOWS, number = chance() % MANY;
		assert_turn(&flow[f], number, &turn[f][number]);
	}
	for (int f = 0; f < FLOWS; f++)
		store_free(&flow[f]);
	cache_free(cache);
}

static void a_turn_has_the_kind_of_what_it_was_added_with(void **state)
{
	static struct turn turn[MANY];
	struct turn_cache *cache = cache_new();
	struct flow_fold flow = {0};
	uint32_t *kind = memory_take(3, sizeof(*kind));

	(void)state;
	store_begin(&flow, cache);
	for (size_t i = 0; i < MANY; i++) {
		turn[i] = a_turn((uint32_t)i);
		turn[i].signature = (uint32_t)i % 3;
		store_add(&flow, &turn[i]);
	}
	flow.turns = MANY;
	store_end(&flow);
	assert_turn(&flow, 70, &turn[70]);
	memcpy(kind, (const uint32_t[]){7, 0, 5}, 3 * sizeof(*kind));
	cache_kinds(cache, kind);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(turn_at(&flow, i)->signature, kind[i % 3]);
	store_free(&flow);
	cache_free(cache);
}

/* ---- hits and stretches ---- */

static void hits_come_back(void **state)
{
	static const struct flow_fold flow[3];
	static struct hit hit[MANY];
	struct tally tally = {0};
	struct hits hits = {.tally = &tally};
	uint64_t proven = 0;

	(void)state;
	assert_false(hits_next(&hits));
	for (size_t i = 0; i < MANY; i++) {
		const size_t f = chance() % 4;
		hit[i] = (struct hit){.flow = f < 3 ? &flow[f] : NULL,
			.turn = chance() % 4 ? (uint32_t)a_number() : NO_TURN,
			.timed = a_number(),
			.lost = a_number(),
			.end = a_time(),
			.proven = chance() & 1};
		proven += hit[i].proven;
		tally_hit(&tally, hit[i]);
	}
	assert_int_equal(tally.hits, MANY);
	assert_int_equal(tally.proven, proven);
	hits = (struct hits){.tally = &tally};
	for (size_t i = 0; i < MANY; i++) {
		assert_true(hits_next(&hits));
		assert_ptr_equal(hits.hit.flow, hit[i].flow);
		assert_int_equal(hits.hit.turn, hit[i].turn);
		assert_int_equal(hits.hit.timed, hit[i].timed);
		assert_int_equal(hits.hit.lost, hit[i].lost);
		assert_int_equal(hits.hit.end, hit[i].end);
		assert_int_equal(hits.hit.proven, hit[i].proven);
	}
	assert_false(hits_next(&hits));
	tally_free(&tally);
}

static void stretches_come_back(void **state)
{
	static struct stretch stretch[MANY];
	struct stretches stretches = {0};
	struct stretch_walk walk = {.of = &stretches};

	(void)state;
	assert_false(stretch_next(&walk));
	for (size_t i = 0; i < MANY; i++) {
		stretch[i] = (struct stretch){.begin = a_number(),
			.end = a_number(),
			.flow = chance() % 4 ? (uint32_t)a_number() : NO_FLOW,
			.code = (uint8_t)chance(),
			.mends = chance() & 1};
		stretch_add(&stretches, &stretch[i]);
	}
	walk = (struct stretch_walk){.of = &stretches};
	for (size_t i = 0; i < MANY; i++) {
		assert_true(stretch_next(&walk));
		assert_int_equal(walk.now.begin, stretch[i].begin);
		assert_int_equal(walk.now.end, stretch[i].end);
		assert_int_equal(walk.now.flow, stretch[i].flow);
		assert_int_equal(walk.now.code, stretch[i].code);
		assert_int_equal(walk.now.mends, stretch[i].mends);
	}
	assert_false(stretch_next(&walk));
	stretches_free(&stretches);
}

/* ---- sorting ---- */

static int compare(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static uint64_t any(size_t i)
{
	(void)i;
	return a_number();
}

static uint64_t one_of_two(size_t i)
{
	(void)i;
	return chance() & 1 ? UINT64_MAX : 0;
}

static uint64_t the_same(size_t i)
{
	(void)i;
	return 7;
}

static uint64_t backwards(size_t i)
{
	return 10 * MANY - i;
}

static uint64_t nearly_sorted(size_t i)
{
	return 1000000 * i + chance() % 3000000;
}

static void numbers_are_sorted_as_by_qsort(void **state)
{
	static uint64_t (*const shape[])(size_t) = {
		any, one_of_two, the_same, backwards, nearly_sorted};
	static const size_t counts[] = {0, 1, 2, 31, 32, 33, MANY};
	static uint64_t number[MANY], sorted[MANY];

	(void)state;
	for (size_t s = 0; s < sizeof(shape) / sizeof(*shape); s++)
		for (size_t c = 0; c < sizeof(counts) / sizeof(*counts); c++) {
			for (size_t i = 0; i < counts[c]; i++)
				number[i] = sorted[i] = shape[s](i);
			qsort(sorted, counts[c], sizeof(*sorted), compare);
			sort_numbers(number, counts[c]);
			assert_memory_equal(number, sorted, counts[c] * sizeof(*number));
		}
}

/* ---- ends ---- */

enum { DAY = 500 };

/* The union by hand: instant by instant. */
static void covers_are_those_of_each_instant(void **state)
{
	(void)state;
	for (int round = 0; round < 200; round++) {
		struct ends ends = ends_of(20);
		struct cover cover = {0};
		bool day[DAY] = {false};
		uint64_t all = 0, times = 0, last = 0;

		for (ends.count = 0; ends.count < (size_t)round % 20; ends.count++) {
			const uint64_t begin = chance() % (DAY - 1);
			const uint64_t end = begin + 1 + chance() % (DAY - 1 - begin + 1) / 8;
			ends.begin[ends.count] = begin;
			ends.end[ends.count] = end < DAY ? end : DAY;
			for (uint64_t i = begin; i < ends.end[ends.count]; i++)
				day[i] = true;
		}
		for (int i = 0; i < DAY; i++)
			all += day[i];
		assert_int_equal(ends_cover(&ends), all);
		while (ends_next(&ends, &cover)) {
			assert_true(times == 0 || cover.begin > last);
			for (uint64_t i = cover.begin; i < cover.end; i++) {
				assert_true(day[i]);
				all--;
			}
			times += cover.times;
			last = cover.end;
		}
		assert_int_equal(all, 0);
		assert_int_equal(times, ends.count);
		ends_free(&ends);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(numbers_come_back, seed),
		cmocka_unit_test_setup(differences_near_zero_are_small, seed),
		cmocka_unit_test_setup(turns_come_back, seed),
		cmocka_unit_test_setup(turns_of_many_flows_are_told_apart, seed),
		cmocka_unit_test_setup(a_turn_has_the_kind_of_what_it_was_added_with, seed),
		cmocka_unit_test_setup(hits_come_back, seed),
		cmocka_unit_test_setup(stretches_come_back, seed),
		cmocka_unit_test_setup(numbers_are_sorted_as_by_qsort, seed),
		cmocka_unit_test_setup(covers_are_those_of_each_instant, seed),
	};

	return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
