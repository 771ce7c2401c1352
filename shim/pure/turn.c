/* Turn logic: predicts, per endpoint, how many writes a turn will have, and answers for each write
 * whether it may be held.
 *
 * Must stay pure: no clock, no descriptor, no call into libc. All races it allows lose a lesson,
 * never a byte. */
#include "shim/pure/turn.h"

#include <limits.h>

#define CONFIDENT   2u
#define CERTAIN	    3u
#define COUNT_LIMIT 0xffffffu
#define CLASS_BITS  5u
#define relaxed	    memory_order_relaxed

/* A row's places: see struct learner. */
#define STREAM_AT  5
#define COUNT_AT   7
#define HISTORY_AT 31

/* What a row says, taken apart. */
struct lesson {
	uint32_t history, count, fitted, stream;
};

/* What a turn is good for. Slow: its count may only be taken for what is believed already. */
enum worth { WORTH_NOTHING, WORTH_SLOW, WORTH_ALL };

/* The row about that history, else an empty one near its place, else one to be overwritten. */
static _Atomic uint64_t *row_of(struct learner *learner, uint32_t history)
{
	uint32_t home = history * 2654435769u >> (32 - LEARNER_BITS); /* Fibonacci hashing */

	for (uint32_t i = 0; i < LEARNER_PROBES; i++) {
		_Atomic uint64_t *place = &learner->row[(home + i) % LEARNER_ROWS];
		uint64_t row = atomic_load_explicit(place, relaxed);

		if (row == 0 || row >> HISTORY_AT == history)
			return place;
	}
	return &learner->row[home];
}

static struct lesson lesson_read(const _Atomic uint64_t *place, uint32_t history)
{
	uint64_t row = atomic_load_explicit(place, relaxed);
	struct lesson lesson = {.fitted = row & ((1u << STREAM_AT) - 1),
		.stream = row >> STREAM_AT & CERTAIN,
		.count = row >> COUNT_AT & COUNT_LIMIT,
		.history = (uint32_t)(row >> HISTORY_AT)};

	return lesson.history == history ? lesson : (struct lesson){.history = history};
}

/* Whether that was news. */
static bool lesson_write(_Atomic uint64_t *place, struct lesson lesson)
{
	uint64_t row = (uint64_t)lesson.history << HISTORY_AT | (uint64_t)lesson.count << COUNT_AT |
		       lesson.stream << STREAM_AT | lesson.fitted;

	if (atomic_load_explicit(place, relaxed) == row)
		return false;
	atomic_store_explicit(place, row, relaxed);
	return true;
}

static uint32_t more(uint32_t counter)
{
	return counter < CERTAIN ? counter + 1 : CERTAIN;
}

static uint32_t less(uint32_t counter)
{
	return counter > 0 ? counter - 1 : 0;
}

/* Two contexts a turn: all of the history, and the last turn alone, which is learnt sooner. */
#define LAST_TURN ((1u << CLASS_BITS) - 1)

static uint32_t short_context(uint32_t history)
{
	return 1u << TURN_HISTORY * CLASS_BITS | (history & LAST_TURN);
}

/* One that did not fit begins anew, and so does a slow one while nothing is believed yet. */
static uint32_t fitted_after(const struct lesson *lesson, uint32_t writes, enum worth worth)
{
	if (worth == WORTH_NOTHING)
		return 0;
	if (lesson->count != writes)
		return worth == WORTH_ALL;
	if (lesson->fitted >= TURN_BELIEVED)
		return TURN_BELIEVED;
	return worth == WORTH_ALL ? lesson->fitted + 1 : 0;
}

/* Returns whether anything changed. */
static bool learn_in(struct learner *learner, uint32_t context, uint32_t writes, enum worth worth)
{
	_Atomic uint64_t *place = row_of(learner, context);
	struct lesson lesson = lesson_read(place, context);

	if (writes > COUNT_LIMIT)
		writes = COUNT_LIMIT;
	lesson.stream = writes >= TURN_STREAM ? more(lesson.stream) : less(lesson.stream);
	lesson.fitted = fitted_after(&lesson, writes, worth);
	lesson.count = writes;
	return lesson_write(place, lesson);
}

static bool learn(struct learner *learner, const struct turn *turn, enum worth worth)
{
	bool one = learn_in(learner, turn->history, turn_get(turn, writes), worth);
	bool other = learn_in(learner, short_context(turn->history), turn_get(turn, writes), worth);

	if (one || other)
		atomic_fetch_add_explicit(&learner->news, 1, relaxed);
	return one || other;
}

static bool benched(struct learner *learner)
{
	int left = atomic_load_explicit(&learner->benched, relaxed);

	if (left > 0)
		atomic_store_explicit(&learner->benched, left - 1, relaxed);
	return left > 0;
}

/* By all of the history where it is believed, else by the last turn alone. Where nothing may be
 * held, a long turn can still be left to Nagle. */
static void predict(struct turn *turn, struct learner *learner)
{
	uint32_t shorter = short_context(turn->history);
	struct lesson whole = lesson_read(row_of(learner, turn->history), turn->history);
	struct lesson last = lesson_read(row_of(learner, shorter), shorter);

	turn_put(turn, expect,
		whole.fitted >= TURN_BELIEVED  ? whole.count
		: last.fitted >= TURN_BELIEVED ? last.count
					       : 0);
	turn->predicted_stream =
		!turn_get(turn, expect) && (whole.stream >= CONFIDENT || last.stream >= CONFIDENT);
	if (!benched(learner))
		return;
	turn->predicted_stream = turn->predicted_stream || turn_get(turn, expect) >= TURN_STREAM;
	turn_put(turn, expect, 0);
}

/* Counts from TURN_STREAM on are one class: what follows a long turn does not depend on how long.
 */
static uint16_t history_with(uint32_t history, uint32_t writes)
{
	uint32_t class = writes < TURN_STREAM ? writes : TURN_STREAM;

	return (uint16_t)((history << CLASS_BITS | class) &
			  ((1u << TURN_HISTORY * CLASS_BITS) - 1));
}

static void turn_finish(struct turn *turn)
{
	turn->history = history_with(turn->history, turn_get(turn, writes));
	turn_put(turn, writes, 0);
	turn_put(turn, epoch, 0);
}

/* After a turn of `writes` that taught nothing: one more like it changes nothing, unless somebody
 * else teaches, or counts the turns of a bench. */
static void note_same(struct turn *turn, const struct learner *learner, uint32_t writes)
{
	const bool counts = atomic_load_explicit(&learner->benched, relaxed) > 0;
	const uint32_t expect = turn_get(turn, expect);
	const bool fits = writes <= UINT16_MAX && writes == (expect > 1 ? expect : 1) &&
			  !turn->predicted_stream && !counts;

	turn->same_writes = (uint16_t)(fits ? writes : 0);
}

void turn_open(struct turn *turn, struct learner *learner, uint64_t epoch)
{
	const uint32_t before = turn->history, writes = turn_get(turn, writes),
		       known = atomic_load_explicit(&learner->news, relaxed);
	bool ended = turn_get(turn, writes) == 1 || (turn_is_fulfilled(turn) && !turn->slow);
	bool news = !ended || learn(learner, turn, turn->probed ? WORTH_NOTHING : WORTH_ALL);

	if (turn_get(turn, writes) > 0)
		turn_finish(turn);
	turn_put(turn, mute, turn_mute(turn));
	turn_put(turn, epoch, epoch);
	turn_put(turn, last, 0);
	turn->train = 0;
	turn->slow = turn->partial = turn->probed = false;
	/* One question and answer like all before: what was predicted for the last holds again. */
	if (news || turn->history != before || turn_get(turn, expect) > 1)
		predict(turn, learner);
	turn->same_writes = 0;
	turn->same_news = known;
	if (!news && turn->history == before)
		note_same(turn, learner, writes);
}

void turn_round(struct turn *turn, uint64_t now)
{
	uint32_t us =
		(uint32_t)(now / 1000) | 1; /* wraps in 71 minutes: such a gap may be missed */

	if (turn->rest) {
		uint32_t writes =
			turn_get(turn, writes) ? turn_get(turn, writes) : turn->history & LAST_TURN;

		turn->rest -= writes < turn->rest ? writes : turn->rest;
		return;
	}
	if (++turn->rounds < BRISK_TURNS)
		return;
	if (turn->since && us - turn->since <= BRISK_US)
		turn->brisk += turn->brisk < BRISK_TIMES;
	else
		turn->brisk = 0;
	turn->since = us;
	turn->rounds = 0;
}

void turn_forget(struct turn *turn)
{
	turn_finish(turn);
	turn_put(turn, last, 0);
	turn_put(turn, expect, 0);
	turn_put(turn, lone, 0);
	turn->train = 0;
	turn->history = turn->same_writes = 0;
	turn->slow = turn->probed = turn->partial = turn->predicted_stream = false;
}

void turn_rest(struct turn *turn, uint32_t writes)
{
	turn->rest = writes;
	turn->since = 0;
	turn->rounds = turn->brisk = 0;
}

enum verdict turn_always(struct turn *turn, uint64_t epoch)
{
	uint32_t writes;

	if (turn_get(turn, epoch) != epoch) {
		if (turn_get(turn, writes) == 1 && turn_get(turn, lone) < LONE_TURNS)
			turn_put(turn, lone, (uint8_t)(turn_get(turn, lone) + 1));
		turn_put(turn, epoch, epoch);
		turn_put(turn, writes, 0);
	}
	writes = turn_get(turn, writes);
	if (writes < 2)
		turn_put(turn, writes, writes + 1);
	if (writes == 1)
		turn_put(turn, lone, 0);
	return turn_get(turn, lone) < LONE_TURNS ? VERDICT_HOLD : VERDICT_THROUGH;
}

bool turn_wants_clock(const struct turn *turn, const struct learner *learner, uint64_t epoch)
{
	return (turn_get(turn, writes) > 0 && turn_get(turn, epoch) == epoch) ||
	       turn->rounds + 1u >= BRISK_TURNS || atomic_load_explicit(&learner->plural, relaxed);
}

/* The number, from 1, of the write that comes next: the rest of a partial one keeps its number. */
static uint32_t turn_number(const struct turn *turn)
{
	return turn->partial ? turn_get(turn, writes) : turn_get(turn, writes) + 1;
}

enum verdict turn_next(struct turn *turn, uint64_t now)
{
	if (turn_get(turn, writes) > 0 &&
		(turn_get(turn, last) == 0 || now - turn_get(turn, last) > TURN_GAP_NS))
		turn->slow = true;
	turn_put(turn, last, now);
	if (turn_number(turn) >= turn_get(turn, expect) ||
		(turn->train && now - turn->train > TURN_TRAIN_NS)) {
		turn->train = 0;
		return VERDICT_THROUGH;
	}
	if (!turn->train)
		turn->train = now;
	return VERDICT_HOLD;
}

void turn_not_held(struct turn *turn)
{
	turn->same_writes = 0;
	turn_put(turn, expect, 0);
	turn->train = 0;
}

void learner_plural(struct learner *learner)
{
	if (!atomic_load_explicit(&learner->plural, relaxed))
		atomic_store_explicit(&learner->plural, true, relaxed);
}

void turn_wrote(struct turn *turn, struct learner *learner, uint64_t took, uint64_t asked)
{
	turn_put(turn, writes, turn_number(turn));
	turn->partial = took < asked;
	if (turn_get(turn, writes) == 2)
		learner_plural(learner);
}

bool turn_is_fulfilled(const struct turn *turn)
{
	return turn_get(turn, writes) > 1 && turn_get(turn, writes) == turn_get(turn, expect) &&
	       !turn->partial;
}

bool turn_is_stream(const struct turn *turn)
{
	return turn->predicted_stream || (turn_get(turn, writes) >= TURN_STREAM &&
						 turn_get(turn, writes) > turn_get(turn, expect));
}

bool turn_is_burst(const struct turn *turn)
{
	return turn_get(turn, mute) >= MUTE_TURNS && !turn_get(turn, expect) && !turn->slow &&
	       turn_get(turn, writes) == 1 && (turn->history & LAST_TURN) >= MUTE_WRITES;
}

static enum worth worth_of(const struct turn *turn, uint64_t now, bool interrupted)
{
	if (turn->probed || interrupted || turn_is_endless(turn))
		return WORTH_NOTHING;
	if (turn_get(turn, writes) < 2)
		return WORTH_ALL;
	return turn->slow || now - turn_get(turn, last) > TURN_GAP_NS ? WORTH_SLOW : WORTH_ALL;
}

void turn_close(struct turn *turn, struct learner *learner, uint64_t now, bool interrupted)
{
	if (turn_get(turn, writes) == 0)
		return;
	learn(learner, turn, worth_of(turn, now, interrupted));
	turn_finish(turn);
}

/* ---- the account of an endpoint ---- */

int learner_bench(struct learner *learner)
{
	int before = atomic_load_explicit(&learner->penalty, relaxed), turns = BENCH_TURNS;

	if (before)
		turns = before > INT_MAX / 4 ? INT_MAX : before * 4;
	atomic_store_explicit(&learner->penalty, turns, relaxed);
	atomic_store_explicit(&learner->benched, turns, relaxed);
	atomic_fetch_add_explicit(&learner->news, 1, relaxed);
	atomic_store_explicit(&learner->credit, 0, relaxed);
	return turns;
}

bool learner_slow(struct learner *learner, uint64_t waited)
{
	int64_t credit = atomic_load_explicit(&learner->credit, relaxed) - (int64_t)waited;

	atomic_store_explicit(&learner->credit, credit, relaxed);
	return credit < CREDIT_LEAST_NS;
}
