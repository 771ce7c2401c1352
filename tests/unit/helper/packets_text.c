/* See packets_text.h. Any mistake ends the test. */
#include "packets_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/must.h"

#define START UINT64_C(1700000000000000000)

struct writer {
	void (*take)(void *context, const struct packet *packet);
	void *context;
	uint64_t time;
	uint32_t next[2]; /* that each end sends */
	uint16_t id;
};

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* 20 bytes, and 20 of options where it is a SYN. */
static size_t put_tcp(
	unsigned char *at, int from, uint32_t seq, uint32_t ack, unsigned flags, unsigned window)
{
	const bool syn = flags & SEGMENT_SYN;

	memset(at, 0, 40);
	put16(at, from ? 80 : 50000);
	put16(at + 2, from ? 50000 : 80);
	put32(at + 4, seq);
	put32(at + 8, ack);
	at[12] = syn ? 0xa0 : 0x50;
	at[13] = (unsigned char)flags;
	put16(at + 14, window);
	if (syn) {
		memcpy(at + 20, "\2\4\5\264\3\3\0\1\10\12\0\0\0\7\0\0\0\0\1\1", 20);
	}
	return syn ? 40 : 20;
}

static void put_v4(unsigned char *at, int from, unsigned length, uint16_t id)
{
	memset(at, 0, 20);
	at[0] = 0x45;
	put16(at + 2, length);
	put16(at + 4, id);
	at[9] = 6;
	put32(at + 12, 0x0a000001u + (unsigned)from);
	put32(at + 16, 0x0a000002u - (unsigned)from);
}

static void send(struct writer *writer, int from, uint32_t seq, unsigned length, unsigned flags,
	unsigned window)
{
	unsigned char bytes[80];
	const size_t tcp = put_tcp(bytes + 20, from, seq,
		flags == SEGMENT_SYN && !from ? 0 : writer->next[!from], flags, window);

	put_v4(bytes, from, (unsigned)(20 + tcp + length), ++writer->id);
	writer->take(writer->context,
		&(const struct packet){writer->time, bytes, 20 + tcp, 20 + tcp + length, 101});
}

static void send_letter(struct writer *writer, int from, char letter)
{
	uint32_t *next = &writer->next[from];

	switch (letter) {
	case 'S':
		send(writer, from, *next, 0, from ? SEGMENT_SYN | SEGMENT_ACK : SEGMENT_SYN, 65535);
		++*next;
		break;
	case 'F':
		send(writer, from, *next, 0, SEGMENT_FIN | SEGMENT_ACK, 65535);
		++*next;
		break;
	case 'A':
	case 'Z':
		send(writer, from, *next, 0, SEGMENT_ACK, letter == 'A' ? 65535 : 0);
		break;
	case 'R':
		send(writer, from, *next, 0, SEGMENT_RST | SEGMENT_ACK, 0);
		break;
	case 'W':
		send(writer, from, *next, 0, SEGMENT_ACK, 100);
		break;
	case 'X':
	case 'Y':
		send(writer, from, *next + 0x40000000, 0,
			(letter == 'X' ? SEGMENT_RST : SEGMENT_FIN) | SEGMENT_ACK, 0);
		break;
	case 'K':
		send(writer, from, *next - 1, 0, SEGMENT_ACK, 65535);
		break;
	default:
		MUST(!"a letter of packets_text.h");
	}
}

static const char *send_data(struct writer *writer, int from, const char *at)
{
	char *end;
	const unsigned length = (unsigned)strtoul(at, &end, 10);
	const bool again = *end == '!', missing = *end == '~', more = *end == '-';
	uint32_t *next = &writer->next[from];

	MUST(end != at && length);
	if (!missing)
		send(writer, from, again ? *next - length : *next, length,
			SEGMENT_ACK | (more ? 0 : SEGMENT_PSH), 65535);
	*next += again ? 0 : length;
	return end + (again || missing || more);
}

static const char *send_one(struct writer *writer, const char *at)
{
	int from;

	if (*at == '+') {
		char *end;
		writer->time += (uint64_t)(int64_t)(strtod(at + 1, &end) * 1e6 + 0.5);
		at = end;
	} else {
		writer->time += 10000;
	}
	from = *at == 's';
	MUST((*at == 'c' || from) && at[1] == ':');
	at += 2;
	if (isdigit((unsigned char)*at))
		return send_data(writer, from, at);
	writer->next[from] -= at[1] == '!';
	send_letter(writer, from, *at);
	return at + 1 + (at[1] == '!');
}

static const char *send_all(struct writer *writer, const char *at)
{
	for (;;) {
		at += strspn(at, " \n\t");
		if (!*at || *at == '}')
			return at;
		if (*at != '{') {
			at = send_one(writer, at);
			continue;
		}
		const char *inside = at + 1, *end = send_all(writer, inside);
		MUST(end[0] == '}' && end[1] == 'x');
		for (long i = strtol(end + 2, (char **)(uintptr_t)&at, 10); i > 1; i--)
			send_all(writer, inside);
	}
}

void packets_text(
	const char *text, void (*take)(void *context, const struct packet *packet), void *context)
{
	struct writer writer = {
		.take = take, .context = context, .time = START, .next = {1000, UINT32_MAX - 20}};

	MUST(!*send_all(&writer, text));
}

/* ---- single packets ---- */

static size_t put_link(unsigned char *at, int link, int family, int tags)
{
	const unsigned type = family == 4 ? 0x0800 : 0x86dd;
	size_t size = 14;

	memset(at, 0, 64);
	if (link == 1) {
		for (int i = 0; i < tags; i++, size += 4)
			put16(at + size - 2, i ? 0x8100 : 0x88a8);
		put16(at + size - 2, type);
		return size;
	}
	if (link == 113)
		return put16(at + 14, type), 16;
	if (link == 276)
		return put16(at, type), 20;
	return link == 0 || link == 108 ? 4 : 0;
}

size_t packet_make(unsigned char bytes[256], int link, int family, int tags, unsigned data)
{
	unsigned char *at = bytes + put_link(bytes, link, family, tags);

	if (family == 4) {
		put_v4(at, 0, 20 + 40 + data, 7);
		at += 20;
	} else {
		memset(at, 0, 48);
		at[0] = 0x60;
		put16(at + 4, 8 + 40 + data);
		at[6] = 0; /* hop by hop: 8 bytes */
		at[8 + 15] = 1;
		at[24 + 15] = 2;
		at[40] = 6;
		at += 48;
	}
	return (size_t)(at - bytes) + put_tcp(at, 0, 1000, 2000, SEGMENT_SYN, 4096);
}
