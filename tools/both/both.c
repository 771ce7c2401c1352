/* The parts of both_take() in their order: who is who, which connection is which, what was written
 * and read, how the clocks stand, where each turn's time went, what that comes to. */
#include "tools/both/both.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

/* Of 56 bytes each. */
#define CALLS_AT_ONCE UINT64_C(2000000)

/* ---- services ---- */

static void services_take(struct both *both)
{
	for (size_t p = 0; p < both->pairs; p++) {
		struct both_pair *pair = &both->pair[p];
		const struct trace_connection *connection = pair->member[BOTH_CLIENT]->connection;
		struct both_service *last =
			both->services ? &both->service[both->services - 1] : NULL;

		if (!last || last->first->peer_port != connection->peer_port ||
			memcmp(last->first->peer, connection->peer, sizeof(connection->peer)) !=
				0) {
			both->service =
				memory_grow(both->service, both->services, sizeof(*both->service));
			last = &both->service[both->services++];
			*last = (struct both_service){.first = connection};
		}
		last->pairs++;
		pair->service = (uint32_t)(both->services - 1);
	}
}

/* ---- clocks ---- */

static const uint8_t *address_of(const struct both_pair *pair, enum both_side side)
{
	const struct trace_connection *connection = pair->member[BOTH_CLIENT]->connection;

	return side == BOTH_CLIENT ? connection->local : connection->peer;
}

/* What a service's address and a client's have in common: a way. */
static size_t same_way(const struct both *both, size_t from)
{
	size_t to = from;

	while (to < both->pairs && both->pair[to].service == both->pair[from].service &&
		memcmp(address_of(&both->pair[to], BOTH_CLIENT),
			address_of(&both->pair[from], BOTH_CLIENT), 16) == 0)
		to++;
	return to;
}

/* By the window that bounds them best. */
static void clocks_take(struct both *both, const struct clock_windows *clock)
{
	const struct run *client = both->run[BOTH_CLIENT], *server = both->run[BOTH_SERVER];
	const int64_t walls = (int64_t)(server->started_wall - server->began) -
			      (int64_t)(client->started_wall - client->began);

	both->clocks.steady = both->clocks.steady && !clock->jumps;
	if (!client->started_wall || !server->started_wall)
		return;
	for (size_t i = 0; i < clock->windows; i++) {
		const int64_t *raw = clock->window[i].raw;
		int64_t round;

		if (raw[0] == CLOCK_UNKNOWN || raw[1] == CLOCK_UNKNOWN ||
			__builtin_add_overflow(raw[0], raw[1], &round) || round < 0 ||
			(both->clocks.known && (uint64_t)round / 2 >= both->clocks.give))
			continue;
		both->clocks.known = true;
		both->clocks.give = (uint64_t)round / 2;
		both->clocks.ahead = walls + (raw[0] / 2 - raw[1] / 2);
	}
}

/* ---- turns ---- */

void both_add(struct both_sum *sum, const struct both_sum *other)
{
	sum->turns += other->turns;
	sum->not_split += other->not_split;
	sum->took += other->took;
	for (int part = 0; part < BOTH_PARTS; part++)
		sum->part[part] += other->part[part];
}

struct adding {
	struct both_sum *sum;
	struct both_service *service;
};

static void add_turn(void *with, const struct both_turn *turn)
{
	const struct adding *adding = with;
	struct both_sum sum = {.turns = 1, .not_split = !turn->split, .took = turn->took};

	memcpy(sum.part, turn->part, sizeof(sum.part));
	both_add(adding->sum, &sum);
	for (int side = 0; side < BOTH_SIDES; side++)
		for (int hold = 0; hold < HOLDS; hold++) {
			struct both_held *held = &adding->service->held[side][hold];
			held->of += turn->several[side];
			if (turn->hold[side] != (enum both_hold)hold || !hold)
				continue;
			held->turns++;
			held->proven += turn->proven[side];
			held->lost += turn->lost[side];
			held->withheld += turn->withheld[side];
		}
}

/* Without turns of its own to show for it. */
static enum both_why why_none(const struct both_talk *talk)
{
	if (!talk->said[BOTH_CLIENT].calls || !talk->heard[BOTH_CLIENT].calls)
		return BOTH_ONE_WAY;
	return BOTH_ENDLESS;
}

static void split_pair(struct both *both, struct both_pair *pair, const struct both_talk *talk,
	const struct clock_windows *clock)
{
	const struct clock_windows nothing = {0};
	const struct both_talk unknown = {.said[BOTH_CLIENT] = talk->said[BOTH_CLIENT],
		.heard[BOTH_CLIENT] = talk->heard[BOTH_CLIENT]};
	struct both_service *service = &both->service[pair->service];
	struct adding adding = {&pair->sum, service};

	/* Where bytes went past, nobody knows which is which. */
	if (pair->why == BOTH_UNSEEN)
		split_turns(&unknown, &nothing, add_turn, &adding);
	else
		split_turns(talk, clock, add_turn, &adding);
	if (pair->why == BOTH_SPLIT && pair->sum.turns == pair->sum.not_split)
		pair->why = why_none(talk);
	both_add(&service->sum, &pair->sum);
	both_add(&both->sum, &pair->sum);
}

/* talk: of the first of them. */
static void split_way(struct both *both, const struct both_talk *talk, size_t from, size_t to)
{
	struct clock_sample *sample = NULL;
	struct clock_windows clock;
	size_t samples = 0;

	for (size_t p = from; p < to; p++)
		if (both->pair[p].why == BOTH_SPLIT)
			samples = clock_samples(&talk[p - from], &sample, samples);
	clock_take(&clock, sample, samples);
	free(sample);
	clocks_take(both, &clock);
	for (size_t p = from; p < to; p++)
		split_pair(both, &both->pair[p], &talk[p - from], &clock);
	free(clock.window);
}

static uint64_t calls_of(const struct both_pair *pair)
{
	uint64_t calls = 0;

	for (int side = 0; side < BOTH_SIDES; side++)
		for (size_t m = 0; m < pair->members[side]; m++)
			calls += pair->member[side][m].connection->writes +
				 pair->member[side][m].connection->reads;
	return calls;
}

/* Ways that are looked at together: one at least, and not more calls than memory is for. */
static size_t several_ways(const struct both *both, size_t from)
{
	size_t to = from;
	uint64_t calls = 0;

	do {
		const size_t next = same_way(both, to);
		for (; to < next; to++)
			calls += calls_of(&both->pair[to]);
	} while (to < both->pairs && calls < CALLS_AT_ONCE);
	return to;
}

static void split_all(struct both *both)
{
	for (size_t from = 0, to; from < both->pairs; from = to) {
		to = several_ways(both, from);
		struct both_talk *talk = both_talks_take(&both->pair[from], to - from);

		for (size_t way = from, next; way < to; way = next) {
			next = same_way(both, way);
			split_way(both, &talk[way - from], way, next);
		}
		both_talks_free(talk, to - from);
	}
}

struct both *both_take(const struct run *first, const struct run *second)
{
	const struct run *run[2] = {first, second};
	struct both *both = memory_take(1, sizeof(*both));

	pairs_take(both, run);
	services_take(both);
	both->clocks.steady = true;
	split_all(both);
	both_judge(both);
	return both;
}

void both_free(struct both *both)
{
	if (!both)
		return;
	for (int i = 0; i < 2; i++)
		for (int side = 0; side < BOTH_SIDES; side++)
			list_free(both->list[i][side]);
	free(both->pair);
	free(both->service);
	free(both->finding);
	free(both);
}
