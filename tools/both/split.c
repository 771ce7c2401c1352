/* A turn's time, split between the client, the way, the server, and what either kernel held. The
 * parts add up to the turn exactly, whatever the clocks: of a way there and one back the difference
 * of the clocks is in both, with opposite signs. Pure. */
#include "tools/both/both_parts.h"

#define MS UINT64_C(1000000)

/* A write that took so long waited for room. */
#define BLOCKED MS
/* Clocks that differ by more in two windows jumped in between. */
#define JUMPED INT64_C(1000000)

struct splitting {
	const struct both_talk *talk;
	const struct clock_windows *clock;
	size_t write, read; /* the client's next ones */
	size_t hint[3];
	uint64_t ended; /* the turn before; 0: there was none */
};

/* ---- the turns of the client ---- */

static const struct both_call *call_at(const struct both_stream *stream, size_t number)
{
	return number < stream->calls ? &stream->call[number] : NULL;
}

/* Writes that came before the next read, or reads before the next write; of none false. */
static bool take_writes(struct splitting *now, struct message *request)
{
	const struct both_stream *said = &now->talk->said[BOTH_CLIENT];
	const struct both_call *read = call_at(&now->talk->heard[BOTH_CLIENT], now->read), *write;

	*request = (struct message){0};
	while ((write = call_at(said, now->write)) && (!read || write->begin < read->end)) {
		request->first = request->first ? request->first : write;
		request->last = write;
		now->write++;
	}
	return request->first != NULL;
}

static bool take_reads(struct splitting *now, struct message *answer)
{
	const struct both_stream *heard = &now->talk->heard[BOTH_CLIENT];
	const struct both_call *write = call_at(&now->talk->said[BOTH_CLIENT], now->write), *read;

	*answer = (struct message){0};
	while ((read = call_at(heard, now->read)) && (!write || read->end <= write->begin)) {
		answer->first = answer->first ? answer->first : read;
		answer->last = read;
		now->read++;
	}
	return answer->first != NULL;
}

/* ---- one way ---- */

/* Of the time from then on what the receiver waited in, for whatever of the bytes was next: it may
 * have read them one by one. */
static void leg_wait(struct leg *leg, const struct both_stream *heard, uint64_t earliest)
{
	uint64_t until = leg->read->end, longest = 0;

	leg->waits = leg->read;
	for (const struct both_call *read = leg->read; read >= heard->call && read->end > earliest;
		read--) {
		const uint64_t from = read->idle > earliest ? read->idle : earliest;
		const uint64_t to = read->woken < until ? read->woken : until;

		if (to <= from)
			continue;
		leg->waited += to - from;
		until = from;
		if (to - from > longest) {
			longest = to - from;
			leg->waits = read;
		}
	}
}

static void leg_take(struct leg *leg, const struct both_stream *heard,
	const struct clock_windows *clock, bool back)
{
	const struct both_call *write = leg->message.last, *read = leg->read;
	const struct clock_window *window = clock_at(clock, back ? read->end : write->begin);

	leg->raw = leg->best = (int64_t)(read->end - write->begin);
	if (window && window->raw[back] < leg->raw)
		leg->best = window->raw[back];
	leg->late = (uint64_t)leg->raw - (uint64_t)leg->best;
	leg_wait(leg, heard, read->end - leg->late);
}

/* From the first write to the last; *blocked: of that, what writes before the last waited for room.
 */
static uint64_t saying_took(const struct message *message, uint64_t *blocked)
{
	const uint64_t took = message->last->begin - message->first->begin;

	*blocked = 0;
	for (const struct both_call *call = message->first; call < message->last; call++) {
		const uint64_t until =
			call->end < message->last->begin ? call->end : message->last->begin;
		if (until > call->begin && until - call->begin >= BLOCKED)
			*blocked += until - call->begin;
	}
	if (*blocked > took)
		*blocked = took;
	return took;
}

/* ---- a turn ---- */

/* Both clocks at the same difference all the while, as far as two windows tell. */
static bool is_steady(const struct clock_windows *clock, const struct leg leg[BOTH_SIDES])
{
	const struct clock_window *one = clock_at(clock, leg[BOTH_CLIENT].message.last->begin);
	const struct clock_window *other = clock_at(clock, leg[BOTH_SERVER].read->end);
	bool compared = one == other;

	for (int way = 0; way < 2 && one && other && one != other; way++) {
		int64_t difference;

		if (one->raw[way] == CLOCK_UNKNOWN || other->raw[way] == CLOCK_UNKNOWN)
			continue;
		if (__builtin_sub_overflow(one->raw[way], other->raw[way], &difference) ||
			difference > JUMPED || difference < -JUMPED)
			return false;
		compared = true;
	}
	return compared;
}

/* Finds what the server had of it; false: its recording does not tell, or it answered before it had
 * all of the request. */
static bool legs_find(struct splitting *now, const struct message *request,
	const struct message *answer, struct leg leg[BOTH_SIDES])
{
	const struct both_stream *said = &now->talk->said[BOTH_SERVER];

	leg[BOTH_CLIENT] = (struct leg){.message = *request};
	leg[BOTH_SERVER] = (struct leg){.read = answer->last};
	leg[BOTH_CLIENT].read =
		stream_find(&now->talk->heard[BOTH_SERVER], request->last->to - 1, &now->hint[0]);
	leg[BOTH_SERVER].message.first = stream_find(said, answer->first->from, &now->hint[1]);
	leg[BOTH_SERVER].message.last = stream_find(said, answer->last->to - 1, &now->hint[2]);
	return leg[BOTH_CLIENT].read && leg[BOTH_SERVER].message.first &&
	       leg[BOTH_SERVER].message.last &&
	       leg[BOTH_SERVER].message.first->begin >= leg[BOTH_CLIENT].read->end &&
	       is_steady(now->clock, leg);
}

static void add_leg(struct both_turn *turn, const struct leg *leg, enum both_side side)
{
	static const enum both_part held[] = {BOTH_HELD_CLIENT, BOTH_HELD_SERVER};
	static const enum both_part withheld[] = {BOTH_ACK_SERVER, BOTH_ACK_CLIENT};
	static const enum both_part receives[] = {BOTH_IN_SERVER, BOTH_IN_CLIENT};
	static const enum both_part says[] = {BOTH_IN_CLIENT, BOTH_IN_SERVER};
	uint64_t blocked, took = saying_took(&leg->message, &blocked);

	turn->part[says[side]] += took - blocked;
	turn->part[receives[side]] += leg->late - leg->waited;
	turn->part[held[side]] += leg->held;
	turn->part[withheld[side]] += leg->withheld;
	turn->part[BOTH_SLOW] += blocked + leg->waited - leg->held - leg->withheld;
	turn->hold[side] = leg->hold;
	turn->proven[side] = leg->proven;
	turn->lost[side] = leg->held + leg->withheld;
	turn->withheld[side] = leg->withheld;
	turn->several[side] = leg->message.first != leg->message.last;
}

static void turn_split(struct splitting *now, const struct message *request,
	const struct message *answer, struct both_turn *turn)
{
	const uint64_t began = now->ended ? now->ended : request->first->begin;
	struct leg leg[BOTH_SIDES];
	int64_t round = -1;

	*turn = (struct both_turn){.took = answer->last->end - began};
	if (legs_find(now, request, answer, leg)) {
		leg_take(&leg[BOTH_CLIENT], &now->talk->heard[BOTH_SERVER], now->clock, false);
		leg_take(&leg[BOTH_SERVER], &now->talk->heard[BOTH_CLIENT], now->clock, true);
		if (__builtin_add_overflow(leg[BOTH_CLIENT].best, leg[BOTH_SERVER].best, &round))
			round = -1; /* damage */
	}
	if (round < 0) {
		turn->part[BOTH_NOT_SPLIT] = turn->took;
		return;
	}
	turn->split = true;
	turn->part[BOTH_ON_WAY] = (uint64_t)round;
	turn->part[BOTH_IN_CLIENT] = request->first->begin - began;
	turn->part[BOTH_IN_SERVER] =
		leg[BOTH_SERVER].message.first->begin - leg[BOTH_CLIENT].read->end;
	for (int side = 0; side < BOTH_SIDES; side++) {
		hold_take(&leg[side], now->talk, side, (uint64_t)round);
		add_leg(turn, &leg[side], side);
	}
}

void split_turns(const struct both_talk *talk, const struct clock_windows *clock,
	void (*each)(void *with, const struct both_turn *turn), void *with)
{
	struct splitting now = {.talk = talk, .clock = clock};
	struct message request, answer;
	struct both_turn turn;

	/* What the server said before it was asked is no turn. */
	take_reads(&now, &answer);
	while (take_writes(&now, &request) && take_reads(&now, &answer)) {
		turn_split(&now, &request, &answer, &turn);
		each(with, &turn);
		now.ended = answer.last->end;
	}
}
