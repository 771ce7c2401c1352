/* Finds the conversation that a segment belongs to, begins and ends them, and says which of the two
 * ends is the client. See talks.h. */
#include "tools/packets/talks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/packets/gaps.h"

#define S UINT64_C(1000000000)
/* A capture that lasts for longer has a clock that was set. */
#define LONG_RUN (400 * 86400 * S)

enum { BUCKETS = 4096 };
enum { DATA_ENOUGH = 10 }; /* segments of a side, among which an ACK stands by itself once */

struct talks {
	const struct talk_taker *taker;
	int end;
	struct talk *bucket[BUCKETS];
	struct talk *newest, *oldest;
	size_t open;
	uint8_t listens[65536 / 8]; /* ports that connections were made to */
	uint64_t last, shift;	    /* of the clock, mod 2^64 */
	struct gaps gaps[2];	    /* of handshakes: to the client and back, to the server */
	struct talks_sums sums;
};

struct talks *talks_begin(const struct talk_taker *taker, int end)
{
	struct talks *talks = memory_take(1, sizeof(*talks));

	talks->taker = taker;
	talks->end = end;
	return talks;
}

/* ---- the clock ---- */

/* Times that go back are those of packets that were written out of order, or of a clock that was
 * set: time stands still, or goes on from where it was. */
static uint64_t time_of(struct talks *talks, uint64_t said)
{
	const uint64_t last = talks->last, began = talks->sums.began;
	uint64_t time = said + talks->shift;

	if (!last && (!time || time > UINT64_MAX / 4))
		time = S;
	else if (last && time < last && last - time <= S)
		return last;
	else if (last && (time < last || time - began > LONG_RUN)) {
		time = last;
		talks->sums.steps++;
	}
	talks->shift = time - said;
	return talks->last = time;
}

/* ---- the table ---- */

/* FNV-1a (Fowler, Noll, Vo) of an end. */
static uint32_t hash_end(const uint8_t address[16], uint16_t port)
{
	uint32_t hash = 2166136261u ^ port;

	for (int i = 0; i < 16; i++)
		hash = (hash ^ address[i]) * 16777619u;
	return (hash ^ hash >> 16) * 2246822519u;
}

/* The same in both directions. */
static uint32_t hash_of(const struct segment *segment)
{
	const uint32_t hash = hash_end(segment->from, segment->from_port) +
			      hash_end(segment->to, segment->to_port);

	return hash ^ hash >> 15;
}

/* Which side sent it, or -1: another conversation. */
static int side_of(const struct talk *talk, const struct segment *segment)
{
	for (int i = 0; i < 2; i++)
		if (talk->port[i] == segment->from_port && talk->port[!i] == segment->to_port &&
			memcmp(talk->address[i], segment->from, 16) == 0 &&
			memcmp(talk->address[!i], segment->to, 16) == 0)
			return i;
	return -1;
}

static void unlist(struct talks *talks, struct talk *talk)
{
	if (talk->newer)
		talk->newer->older = talk->older;
	else
		talks->newest = talk->older;
	if (talk->older)
		talk->older->newer = talk->newer;
	else
		talks->oldest = talk->newer;
}

static void list(struct talks *talks, struct talk *talk)
{
	talk->newer = NULL;
	talk->older = talks->newest;
	if (talks->newest)
		talks->newest->newer = talk;
	else
		talks->oldest = talk;
	talks->newest = talk;
}

static void sum_up(struct talks *talks, const struct talk *talk)
{
	struct talks_sums *sums = &talks->sums;

	sums->dropped += talk->dropped;
	sums->syns_again += talk->syns_again;
	for (int i = 0; i < 2; i++) {
		sums->again += talk->side[i].again;
		sums->bytes += talk->side[i].bytes;
		sums->missed += talk->side[i].missed;
	}
	for (int i = 0; i < 2; i++)
		sums->one_sided += !talk->side[i].begun && talk->side[i].missed;
	sums->without_acks += !talk->syn && !talk->bare && talk->side[0].segments >= DATA_ENOUGH &&
			      talk->side[1].segments >= DATA_ENOUGH;
	if (!talk->side[0].shook || !talk->side[1].shook)
		return;
	gaps_count(&talks->gaps[0], talk->side[1].gap);
	gaps_count(&talks->gaps[1], talk->side[0].gap);
}

/* What still comes of it is known to be of it, and nothing is made of that. */
static void end(struct talks *talks, struct talk *talk)
{
	if (talk->told)
		return;
	talk->told = true;
	talk_end(talk, talks->taker);
	sum_up(talks, talk);
}

static void drop(struct talks *talks, struct talk *talk)
{
	struct talk **place = &talks->bucket[talk->hash % BUCKETS];

	while (*place != talk)
		place = &(*place)->next;
	*place = talk->next;
	unlist(talks, talk);
	talks->open--;
	end(talks, talk);
	free(talk);
}

/* ---- who is the client ---- */

static bool listens(const struct talks *talks, uint16_t port)
{
	return talks->listens[port / 8] >> port % 8 & 1;
}

/* Of a conversation that had begun before the capture: the port that others connected to; else the
 * lower one, for those that are drawn are high. */
static bool is_from_client(struct talks *talks, const struct segment *segment)
{
	const uint16_t from = segment->from_port, to = segment->to_port;

	if (segment->flags & SEGMENT_SYN) {
		const bool client = !(segment->flags & SEGMENT_ACK);
		const uint16_t port = client ? to : from;

		talks->listens[port / 8] |= (uint8_t)(1 << port % 8);
		return client;
	}
	if (listens(talks, from) != listens(talks, to))
		return listens(talks, to);
	return to < from;
}

static struct talk *talk_new(struct talks *talks, const struct segment *segment, uint32_t hash)
{
	struct talk *talk = memory_take(1, sizeof(*talk));
	const int from = !is_from_client(talks, segment);

	if (talks->open == TALKS_OPEN)
		drop(talks, talks->oldest);
	talk->hash = hash;
	talk->family = segment->family;
	talk->end = (uint8_t)talks->end;
	memcpy(talk->address[from], segment->from, 16);
	memcpy(talk->address[!from], segment->to, 16);
	talk->port[from] = segment->from_port;
	talk->port[!from] = segment->to_port;
	talk->next = talks->bucket[hash % BUCKETS];
	talks->bucket[hash % BUCKETS] = talk;
	list(talks, talk);
	talks->open++;
	talks->sums.talks++;
	talk_begin(talk, talks->taker, segment->time);
	return talk;
}

/* ---- packets ---- */

/* The ports are used again: by a SYN that is none of the conversation's. */
static bool begins_anew(const struct talk *talk, const struct segment *segment)
{
	if ((segment->flags & (SEGMENT_SYN | SEGMENT_ACK)) != SEGMENT_SYN)
		return false;
	return talk->over || !talk->syn || talk->side[0].next - segment->seq != 1;
}

static struct talk *find(struct talks *talks, const struct segment *segment, uint32_t hash)
{
	struct talk *talk = talks->bucket[hash % BUCKETS];

	while (talk && (talk->hash != hash || side_of(talk, segment) < 0))
		talk = talk->next;
	if (talk && begins_anew(talk, segment) && (talk->shaken || talk->over || !talk->syn)) {
		drop(talks, talk);
		return NULL;
	}
	return talk;
}

/* A conversation begins with a SYN or with data: a stray RST, FIN or ACK makes none. */
static bool makes_one(struct talks *talks, const struct segment *segment)
{
	if (segment->flags & SEGMENT_RST || (!segment->length && !(segment->flags & SEGMENT_SYN)))
		return false;
	if (talks->sums.talks < TALKS_MOST)
		return true;
	talks->sums.refused++;
	return false;
}

static void take(struct talks *talks, struct segment *segment)
{
	const uint32_t hash = hash_of(segment);
	struct talk *talk;

	segment->time = time_of(talks, segment->time);
	talks->sums.segments++;
	talks->sums.began = talks->sums.began ? talks->sums.began : segment->time;
	talks->sums.ended = segment->time;
	talk = find(talks, segment, hash);
	if (!talk && makes_one(talks, segment))
		talk = talk_new(talks, segment, hash);
	if (!talk)
		return;
	if (talks->newest != talk) {
		unlist(talks, talk);
		list(talks, talk);
	}
	if (talk->told)
		return;
	talk_take(talk, talks->taker, segment, side_of(talk, segment));
	if (talk->over)
		end(talks, talk);
}

void talks_take(struct talks *talks, const struct packet *packet)
{
	struct segment segment;
	const int error = packet_segment(packet, &segment);

	talks->sums.packets++;
	if (error == -EPROTONOSUPPORT) {
		if (!talks->sums.strange++)
			talks->sums.strange_link = packet->link;
	} else if (error == -EBADMSG) {
		talks->sums.cut++;
	} else if (!error) {
		take(talks, &segment);
	}
}

/* ---- the end ---- */

struct talks_sums talks_end(struct talks *talks)
{
	struct talks_sums sums;

	while (talks->oldest)
		drop(talks, talks->oldest);
	sums = talks->sums;
	sums.to_client = gaps_median(&talks->gaps[0]);
	sums.to_server = gaps_median(&talks->gaps[1]);
	free(talks);
	return sums;
}
