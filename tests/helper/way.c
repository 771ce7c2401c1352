/* A queue in which each packet has a time at which it is due. All packets take as long, so the
 * first that came is the first that goes: it must not change their order, double one, or lose one
 * that nobody asked it to. */
#include "way.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

enum { PACKETS = 4096, PACKET = 1500, PORTS = 65536 };

struct packet {
	uint64_t due;
	size_t length;
	unsigned char bytes[PACKET];
};

/* One direction of a connection, by sequence numbers of its bytes. */
struct stream {
	uint32_t first, next;
};

struct way {
	uint64_t delay, rate, idle; /* idle: when all that came will have been sent */
	bool back, turns_round;
	struct way_loss loss;
	uint64_t dice;
	struct way_count count;
	size_t segments;
	struct way_segment segment[WAY_SEGMENTS];
	struct stream stream[PORTS]; /* by the client's port */
	size_t first, packets;
	struct packet packet[PACKETS]; /* a ring */
};

uint64_t way_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

struct way *way_new(uint64_t delay, uint64_t rate, bool back)
{
	/* Memory of zeroes is taken from the kernel page by page: most of it never is. */
	struct way *way = calloc(1, sizeof(*way));

	MUST(way);
	way->delay = delay;
	way->rate = rate;
	way->back = back;
	return way;
}

void way_turn_round(struct way *way)
{
	way->turns_round = true;
}

void way_free(struct way *way)
{
	free(way);
}

void way_begin(struct way *way, const struct way_loss *loss)
{
	way->loss = *loss;
	way->dice = loss->seed * 2654435769u + 1;
	way->count = (struct way_count){0};
	way->segments = 0;
}

/* Marsaglia's xorshift: the same losses for the same seed. */
static bool is_lost(struct way *way)
{
	way->dice ^= way->dice << 13;
	way->dice ^= way->dice >> 7;
	way->dice ^= way->dice << 17;
	return way->count.data == way->loss.segment || (way->dice >> 20) % 100 < way->loss.percent;
}

/* Returns whether it is lost. */
static bool note_data(
	struct way *way, struct stream *stream, const struct tcphdr *tcp, size_t length)
{
	uint32_t sequence = ntohl(tcp->seq);
	bool lost;

	way->count.data++;
	way->count.bytes += length;
	/* Numbers wrap around: only their distance has a sign. */
	way->count.again += (int32_t)(sequence - stream->next) < 0;
	if ((int32_t)(sequence + (uint32_t)length - stream->next) > 0)
		stream->next = sequence + (uint32_t)length;
	lost = is_lost(way);
	way->count.lost += lost;
	if (way->segments < WAY_SEGMENTS)
		way->segment[way->segments++] = (struct way_segment){
			.port = ntohs(way->back ? tcp->dest : tcp->source),
			.length = (uint16_t)length,
			.offset = sequence - stream->first,
			.lost = lost,
			.fin = tcp->fin,
		};
	return lost;
}

/* Of what is no whole TCP over IPv4 nothing is noted, and nothing is lost. */
static bool note(struct way *way, const struct packet *packet)
{
	const struct iphdr *ip = (const struct iphdr *)(const void *)packet->bytes;
	size_t head = ip->ihl * 4u, length = packet->length;
	const struct tcphdr *tcp = (const struct tcphdr *)(const void *)(packet->bytes + head);
	struct stream *stream;

	if (length < sizeof(*ip) || ip->version != 4 || ip->protocol != IPPROTO_TCP ||
		length < head + sizeof(*tcp) || length < head + tcp->doff * 4u)
		return false;
	length -= head + tcp->doff * 4u;
	stream = &way->stream[ntohs(way->back ? tcp->dest : tcp->source)];
	if (tcp->syn)
		stream->first = stream->next = ntohl(tcp->seq) + 1;
	way->count.packets++;
	way->count.fins += tcp->fin;
	way->count.resets += tcp->rst;
	if (length > 0)
		return note_data(way, stream, tcp, length);
	way->count.acks += !tcp->syn && !tcp->fin && !tcp->rst;
	return false;
}

/* All checksums stay right: they are sums of both addresses. False: it has none that we know. */
static bool exchange_ends(struct packet *packet)
{
	struct iphdr *ip = (struct iphdr *)(void *)packet->bytes;
	uint32_t from;

	if (packet->length < sizeof(*ip) || ip->version != 4)
		return false;
	from = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = from;
	return true;
}

bool way_has_room(const struct way *way)
{
	return way->packets < PACKETS;
}

void way_take(struct way *way, int fd)
{
	while (way_has_room(way)) {
		struct packet *packet = &way->packet[(way->first + way->packets) % PACKETS];
		ssize_t got = read(fd, packet->bytes, PACKET);
		uint64_t now = way_now();

		if (got <= 0)
			return;
		packet->length = (size_t)got;
		if (note(way, packet) || (way->turns_round && !exchange_ends(packet)))
			continue;
		if (way->idle < now)
			way->idle = now;
		if (way->rate)
			way->idle += packet->length * UINT64_C(1000000000) / way->rate;
		packet->due = way->idle + way->delay;
		way->packets++;
	}
}

void way_give(struct way *way, int fd)
{
	while (way_due(way) <= way_now()) {
		const struct packet *packet = &way->packet[way->first];

		MUST(write(fd, packet->bytes, packet->length) == (ssize_t)packet->length);
		way->first = (way->first + 1) % PACKETS;
		way->packets--;
	}
}

uint64_t way_due(const struct way *way)
{
	return way->packets ? way->packet[way->first].due : UINT64_MAX;
}

const struct way_count *way_counts(const struct way *way)
{
	return &way->count;
}

const struct way_segment *way_segments(const struct way *way, size_t *count)
{
	*count = way->segments;
	return way->segment;
}
