/* Turns, of which there may be millions, packed: what is zero or as one would expect takes no room.
 * They are unpacked a chunk at a time, into room for a few chunks. */
#include <stdlib.h>
#include <string.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"
#include "tools/base/packed.h"

#define CHUNK  64u /* turns */
#define SLOTS  4u
#define FIELDS 29u

struct turn_store {
	unsigned char **chunk;
	struct turn_cache *cache;
	/* Of the chunk that is not full: its bytes, and the turn before. */
	struct packed packed;
	struct turn last;
};

struct turn_cache {
	struct slot {
		const struct flow_fold *flow;
		size_t chunk;
		struct turn turn[CHUNK];
	} slot[SLOTS];
	unsigned at;	/* the one that was asked for last */
	uint32_t *kind; /* of each number that turns were added with; NULL: not known yet */
};

/* A time by another; 0 stays 0. Times are below 2^62. */
static uint64_t by(uint64_t time, uint64_t other)
{
	return time ? fold_sign(time - other) + 1 : 0;
}

static uint64_t from(uint64_t packed, uint64_t other)
{
	return packed ? unfold_sign(packed - 1) + other : 0;
}

static uint64_t flags_of(const struct turn *turn)
{
	return (uint64_t)turn->proven | (uint64_t)turn->more << 1 | (uint64_t)turn->filled << 2 |
	       (uint64_t)turn->mixed << 3 | (uint64_t)turn->early << 4 |
	       (uint64_t)turn->polled << 5 | (uint64_t)turn->asked << 6 |
	       (uint64_t)turn->corked << 7 | (uint64_t)turn->arm << 8;
}

static void set_flags(struct turn *turn, uint64_t flags)
{
	turn->proven = flags & 1;
	turn->more = flags >> 1 & 1;
	turn->filled = flags >> 2 & 1;
	turn->mixed = flags >> 3 & 1;
	turn->early = flags >> 4 & 1;
	turn->polled = flags >> 5 & 1;
	turn->asked = flags >> 6 & 1;
	turn->corked = flags >> 7 & 1;
	turn->arm = (uint8_t)(flags >> 8);
}

/* What is seldom zero comes first. */
static void fields_of(const struct turn *turn, const struct turn *last, uint64_t field[FIELDS])
{
	const uint64_t values[FIELDS] = {
		by(turn->begin, last->begin),
		by(turn->written, turn->begin),
		by(turn->answered, turn->written),
		turn->bytes_out,
		turn->bytes_in,
		flags_of(turn),
		turn->signature,
		fold_sign(turn->bytes_out - turn->last_write),
		fold_sign(turn->writes - UINT64_C(1)),
		fold_sign(turn->reads - UINT64_C(1)),
		by(turn->held, turn->written),
		by(turn->left, turn->answered),
		fold_sign(turn->wait - since(turn->written, turn->answered)),
		fold_sign(turn->blocked - turn->wait),
		fold_sign(turn->think - since(last->end, turn->begin)),
		fold_sign(turn->data_end - turn->answered),
		fold_sign(turn->end - turn->data_end),
		fold_sign((uint64_t)turn->steps - turn->writes - turn->reads),
		fold_sign((uint64_t)turn->first - last->first - last->steps),
		fold_sign((uint64_t)turn->sent - turn->writes),
		turn->pause,
		by(turn->paused_until, turn->answered),
		turn->stood,
		by(turn->stood_until, turn->begin),
		turn->retrans,
		turn->tiny,
		turn->rows,
		turn->row_writes,
		turn->row_bytes,
	};

	memcpy(field, values, sizeof(values));
}

static void set_fields(struct turn *turn, const struct turn *last, const uint64_t field[FIELDS])
{
	turn->begin = from(field[0], last->begin);
	turn->written = from(field[1], turn->begin);
	turn->answered = from(field[2], turn->written);
	turn->bytes_out = field[3];
	turn->bytes_in = field[4];
	set_flags(turn, field[5]);
	turn->signature = (uint32_t)field[6];
	turn->last_write = (uint32_t)(turn->bytes_out - unfold_sign(field[7]));
	turn->writes = (uint32_t)(unfold_sign(field[8]) + 1);
	turn->reads = (uint32_t)(unfold_sign(field[9]) + 1);
	turn->held = from(field[10], turn->written);
	turn->left = from(field[11], turn->answered);
	turn->wait = unfold_sign(field[12]) + since(turn->written, turn->answered);
	turn->blocked = unfold_sign(field[13]) + turn->wait;
	turn->think = unfold_sign(field[14]) + since(last->end, turn->begin);
	turn->data_end = unfold_sign(field[15]) + turn->answered;
	turn->end = unfold_sign(field[16]) + turn->data_end;
	turn->steps = (uint32_t)unfold_sign(field[17]) + turn->writes + turn->reads;
	turn->first = (uint32_t)unfold_sign(field[18]) + last->first + last->steps;
	turn->sent = (uint32_t)unfold_sign(field[19]) + turn->writes;
	turn->pause = field[20];
	turn->paused_until = from(field[21], turn->answered);
	turn->stood = field[22];
	turn->stood_until = from(field[23], turn->begin);
	turn->retrans = (uint32_t)field[24];
	turn->tiny = (uint32_t)field[25];
	turn->rows = (uint32_t)field[26];
	turn->row_writes = (uint32_t)field[27];
	turn->row_bytes = field[28];
}

static void chunk_end(struct turn_store *store, size_t number)
{
	store->chunk = memory_grow(store->chunk, number, sizeof(*store->chunk));
	store->chunk[number] = memory_take(store->packed.length, 1);
	memcpy(store->chunk[number], store->packed.byte, store->packed.length);
	store->packed.length = 0;
	memset(&store->last, 0, sizeof(store->last));
}

void store_add(struct flow_fold *flow, const struct turn *turn)
{
	struct turn_store *store = flow->store;
	uint64_t field[FIELDS], number[1 + FIELDS] = {0};
	size_t numbers = 1;

	/* Which of the fields are not zero, and then these. */
	fields_of(turn, &store->last, field);
	for (unsigned i = 0; i < FIELDS; i++) {
		number[0] |= (uint64_t)(field[i] != 0) << i;
		number[numbers] = field[i];
		numbers += field[i] != 0;
	}
	packed_add(&store->packed, number, numbers);
	store->last = *turn;
	if (turn->number % CHUNK == CHUNK - 1)
		chunk_end(store, turn->number / CHUNK);
}

void store_begin(struct flow_fold *flow, struct turn_cache *cache)
{
	flow->store = memory_take(1, sizeof(*flow->store));
	flow->store->cache = cache;
}

void store_end(struct flow_fold *flow)
{
	struct turn_store *store = flow->store;

	if (store->packed.length)
		chunk_end(store, flow->turns / CHUNK);
	packed_free(&store->packed);
}

void store_free(struct flow_fold *flow)
{
	struct turn_store *store = flow->store;

	if (!store)
		return;
	for (size_t i = 0; i * CHUNK < flow->turns; i++)
		free(store->chunk[i]);
	free(store->chunk);
	packed_free(&store->packed);
	free(store);
}

struct turn_cache *cache_new(void)
{
	return memory_take(1, sizeof(struct turn_cache));
}

void cache_kinds(struct turn_cache *cache, uint32_t *kind)
{
	cache->kind = kind;
	for (unsigned i = 0; i < SLOTS; i++)
		cache->slot[i].flow = NULL;
}

void cache_free(struct turn_cache *cache)
{
	free(cache->kind);
	free(cache);
}

static void unpack(struct slot *slot, const struct flow_fold *flow, size_t chunk)
{
	static const struct turn none;
	const struct turn_store *store = flow->store;
	const uint32_t *kind = store->cache->kind;
	const size_t first = chunk * CHUNK, rest = flow->turns - first;
	const unsigned char *at = store->chunk[chunk];
	const struct turn *last = &none;
	uint64_t field[FIELDS] = {0};

	slot->flow = flow;
	slot->chunk = chunk;
	for (size_t i = 0; i < CHUNK && i < rest; i++) {
		struct turn *turn = &slot->turn[i];
		uint64_t set, left;

		at = packed_get(at, &set);
		for (left = set; left; left &= left - 1)
			at = packed_get(at, &field[__builtin_ctzll(left)]);
		set_fields(turn, last, field);
		for (left = set; left; left &= left - 1)
			field[__builtin_ctzll(left)] = 0;
		turn->number = (uint32_t)(first + i);
		if (kind)
			turn->signature = kind[turn->signature];
		last = turn;
	}
}

const struct turn *turn_at(const struct flow_fold *flow, size_t number)
{
	struct turn_cache *cache = flow->store->cache;
	const size_t chunk = number / CHUNK;

	for (unsigned i = 0; i < SLOTS; i++) {
		const unsigned at = (cache->at + i) % SLOTS;
		if (cache->slot[at].flow == flow && cache->slot[at].chunk == chunk) {
			cache->at = at;
			return &cache->slot[at].turn[number % CHUNK];
		}
	}
	/* The one before `at` was used least recently, where they are walked through in order. */
	cache->at = (cache->at + SLOTS - 1) % SLOTS;
	unpack(&cache->slot[cache->at], flow, chunk);
	return &cache->slot[cache->at].turn[number % CHUNK];
}
