/* Turn logic: predicts, per endpoint, how many writes a turn will have, and answers for each write
 * whether it may be held.
 *
 * Must stay pure: no clock, no descriptor, no call into libc. All races it allows lose a lesson,
 * never a byte. */
#include "turn.h"

#define CONFIDENT   2u
#define CERTAIN	    3u
#define COUNT_LIMIT 0xffffffu
#define CLASS_BITS  5u
#define relaxed	    memory_order_relaxed

/* What a row says, taken apart. */
struct lesson {
	uint32_t history, count, confidence, stream;
};

/* The row about that history, else an empty one near its place, else one to be overwritten. */
static _Atomic uint64_t *row_of(struct learner *learner, uint32_t history)
{
	uint32_t home = history * 2654435769u >> (32 - LEARNER_BITS); /* Fibonacci hashing */

	for (uint32_t i = 0; i < LEARNER_PROBES; i++) {
		_Atomic uint64_t *place = &learner->row[(home + i) % LEARNER_ROWS];
		uint64_t row = atomic_load_explicit(place, relaxed);

		if (row == 0 || row >> 28 == history)
			return place;
	}
	return &learner->row[home];
}

static struct lesson lesson_read(const _Atomic uint64_t *place, uint32_t history)
{
	uint64_t row = atomic_load_explicit(place, relaxed);
	struct lesson lesson = {.confidence = row & 3,
		.stream = row >> 2 & 3,
		.count = row >> 4 & COUNT_LIMIT,
		.history = (uint32_t)(row >> 28)};

	return lesson.history == history ? lesson : (struct lesson){.history = history};
}

/* Whether that was news. */
static bool lesson_write(_Atomic uint64_t *place, struct lesson lesson)
{
	uint64_t row = (uint64_t)lesson.history << 28 | (uint64_t)lesson.count << 4 |
		       lesson.stream << 2 | lesson.confidence;

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

/* counted: the number of writes may be learnt; else it only shakes what was believed. Returns
 * whether anything changed. */
static bool learn_in(struct learner *learner, uint32_t context, uint32_t writes, bool counted)
{
	_Atomic uint64_t *place = row_of(learner, context);
	struct lesson lesson = lesson_read(place, context);

	if (writes > COUNT_LIMIT)
		writes = COUNT_LIMIT;
	lesson.stream = writes >= TURN_STREAM ? more(lesson.stream) : less(lesson.stream);
	if (counted && lesson.count == writes)
		lesson.confidence = more(lesson.confidence);
	else if (counted && lesson.confidence == 0)
		lesson.count = writes, lesson.confidence = 1;
	else if (lesson.count != writes)
		lesson.confidence = less(lesson.confidence);
	return lesson_write(place, lesson);
}

static bool learn(struct learner *learner, const struct turn *turn, bool counted)
{
	bool one = learn_in(learner, turn->history, turn->writes, counted);
	bool other = learn_in(learner, short_context(turn->history), turn->writes, counted);

	return one || other;
}

static bool benched(struct learner *learner)
{
	int left = atomic_load_explicit(&learner->benched, relaxed);

	if (left > 0)
		atomic_store_explicit(&learner->benched, left - 1, relaxed);
	return left > 0;
}

static bool predict_in(struct turn *turn, struct learner *learner, uint32_t context)
{
	struct lesson lesson = lesson_read(row_of(learner, context), context);

	turn->expect = lesson.confidence >= CONFIDENT ? lesson.count : 0;
	turn->long_one = !turn->expect && lesson.stream >= CONFIDENT;
	return turn->expect || turn->long_one;
}

/* Where nothing may be held, a long turn can still be left to Nagle. */
static void predict(struct turn *turn, struct learner *learner)
{
	if (!predict_in(turn, learner, turn->history))
		predict_in(turn, learner, short_context(turn->history));
	if (!benched(learner))
		return;
	turn->long_one = turn->long_one || turn->expect >= TURN_STREAM;
	turn->expect = 0;
}

/* Counts from TURN_STREAM on are one class: what follows a long turn does not depend on how long.
 */
static uint32_t history_with(uint32_t history, uint32_t writes)
{
	uint32_t class = writes < TURN_STREAM ? writes : TURN_STREAM;

	return (history << CLASS_BITS | class) & ((1u << TURN_HISTORY * CLASS_BITS) - 1);
}

static void turn_finish(struct turn *turn)
{
	turn->history = history_with(turn->history, turn->writes);
	turn->writes = 0;
	turn->epoch = 0;
}

void turn_open(struct turn *turn, struct learner *learner, uint64_t epoch)
{
	uint32_t before = turn->history;
	bool ended = turn->writes == 1 || (turn_is_fulfilled(turn) && !turn->slow);
	bool news = !ended || learn(learner, turn, true);

	if (turn->writes > 0)
		turn_finish(turn);
	turn->epoch = epoch;
	turn->last = 0;
	turn->slow = turn->partial = false;
	/* One question and answer like all before: what was predicted for the last holds again. */
	if (news || turn->history != before || turn->expect > 1)
		predict(turn, learner);
}

bool turn_wants_clock(const struct turn *turn, const struct learner *learner, uint64_t epoch)
{
	return (turn->writes > 0 && turn->epoch == epoch) ||
	       atomic_load_explicit(&learner->plural, relaxed);
}

/* The number, from 1, of the write that comes next: the rest of a partial one keeps its number. */
static uint32_t turn_number(const struct turn *turn)
{
	return turn->partial ? turn->writes : turn->writes + 1;
}

enum verdict turn_next(struct turn *turn, uint64_t now)
{
	if (turn->writes > 0 && (turn->last == 0 || now - turn->last > TURN_GAP_NS))
		turn->slow = true;
	turn->last = now;
	return turn_number(turn) < turn->expect ? VERDICT_HOLD : VERDICT_THROUGH;
}

void learner_plural(struct learner *learner)
{
	if (!atomic_load_explicit(&learner->plural, relaxed))
		atomic_store_explicit(&learner->plural, true, relaxed);
}

void turn_wrote(struct turn *turn, struct learner *learner, uint64_t took, uint64_t asked)
{
	turn->writes = turn_number(turn);
	turn->partial = took < asked;
	if (turn->writes == 2)
		learner_plural(learner);
}

bool turn_is_fulfilled(const struct turn *turn)
{
	return turn->writes > 1 && turn->writes == turn->expect && !turn->partial;
}

bool turn_is_stream(const struct turn *turn)
{
	return turn->long_one || (turn->writes >= TURN_STREAM && turn->writes > turn->expect);
}

void turn_close(struct turn *turn, struct learner *learner, uint64_t now, bool interrupted)
{
	bool timely = turn->writes < 2 || (!turn->slow && now - turn->last <= TURN_GAP_NS);

	if (turn->writes == 0)
		return;
	learn(learner, turn, timely && !interrupted && !turn_is_endless(turn));
	turn_finish(turn);
}

bool learner_strike(struct learner *learner)
{
	int strikes =
		atomic_fetch_add_explicit(&learner->strikes, STRIKE_LATE, relaxed) + STRIKE_LATE;

	if (strikes < STRIKE_LIMIT)
		return false;
	atomic_store_explicit(&learner->strikes, 0, relaxed);
	atomic_store_explicit(&learner->benched, STRIKE_PENALTY, relaxed);
	return true;
}

void learner_reward(struct learner *learner)
{
	int strikes = atomic_load_explicit(&learner->strikes, relaxed);

	if (strikes > 0)
		atomic_store_explicit(&learner->strikes, strikes - 1, relaxed);
}
