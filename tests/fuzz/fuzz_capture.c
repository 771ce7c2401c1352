/* Any bytes as a capture: as a file of libpcap's; or, where they do not begin like one, as packets
 * one after the other, each behind its link, its length and the time since the one before, which
 * gets deeper into conversations. What is promised of the calls that come of it is held against
 * them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/packets/file.h"
#include "tools/packets/talks.h"

#define PROMISE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "broken: %s, line %d\n", #condition, __LINE__);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct line {
	uint64_t last, events, written, read, writes, reads;
	bool open;
};

static size_t open_lines;

static void *take_begin(void *context, uint64_t time)
{
	struct line *line = calloc(1, sizeof(*line));

	(void)context;
	PROMISE(line && time && time < UINT64_MAX / 2);
	PROMISE(++open_lines <= TALKS_OPEN);
	line->open = true;
	return line;
}

static void take_event(void *context, void *of, const struct trace_event *event, uint64_t took)
{
	struct line *line = of;

	(void)context;
	PROMISE(line->open && event->call && event->call < TRACE_CALL_COUNT);
	PROMISE(event->start && event->start < UINT64_MAX / 2 && took < UINT64_MAX / 2);
	/* a connect may have begun before anything else of it passed */
	PROMISE(event->start >= line->last || event->call == TRACE_CONNECT);
	line->last = event->start + took;
	line->events++;
	if (event->call == TRACE_WRITE) {
		line->writes++;
		line->written += event->done;
	} else if (event->call == TRACE_READ && event->done) {
		line->reads++;
		line->read += event->done;
	}
}

static void take_end(void *context, void *of, const struct trace_connection *is)
{
	struct line *line = of;

	(void)context;
	PROMISE(is->writes == line->writes && is->reads == line->reads);
	PROMISE(is->bytes_written == line->written && is->bytes_read == line->read);
	PROMISE(is->role == ROLE_OF_CLIENT || is->role == ROLE_OF_SERVER);
	PROMISE(is->family == 4 || is->family == 6);
	PROMISE(is->opened && is->connecting >= (is->connecting ? is->opened : 0));
	PROMISE(!is->connected || is->connected >= is->opened);
	PROMISE(!is->closed || is->closed >= is->opened);
	PROMISE(is->at_close.taken);
	open_lines--;
	free(line);
}

static void take_file(struct talks *talks, const uint8_t *bytes, size_t length)
{
	char why[PACKET_FILE_WHY] = "";
	FILE *from = fmemopen((void *)(uintptr_t)bytes, length, "r");
	struct packet_file *file = from ? packet_file_open(from, why) : NULL;
	struct packet packet;

	if (!file)
		return;
	while (packet_file_next(file, &packet, why) == 1)
		talks_take(talks, &packet);
	packet_file_close(file);
}

static void take_packets(struct talks *talks, const uint8_t *bytes, size_t length)
{
	static const int link[] = {0, 1, 12, 101, 108, 113, 228, 276};
	uint64_t time = UINT64_C(1700000000000000000);

	while (length >= 4) {
		const size_t kept = bytes[1] < length - 4 ? bytes[1] : length - 4;
		/* exactly as long as the packet: a look behind it is seen */
		uint8_t *copy = malloc(kept ? kept : 1);

		PROMISE(copy);
		memcpy(copy, bytes + 4, kept);
		time += (uint64_t)bytes[2] << (bytes[3] & 31);
		talks_take(talks,
			&(struct packet){
				.time = bytes[3] & 128 ? time : time - (uint64_t)bytes[3] * 1000000,
				.bytes = copy,
				.kept = kept,
				.length = kept + (bytes[0] & 8 ? bytes[2] * 64u : 0),
				.link = link[bytes[0] & 7]});
		free(copy);
		bytes += 4 + kept;
		length -= 4 + kept;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const struct talk_taker taker = {NULL, take_begin, take_event, take_end};
	const bool is_file =
		length >= 24 &&
		(memcmp(bytes, "\x0a\x0d\x0d\x0a", 4) == 0 || (bytes[0] & 0xf0) == 0xa0 ||
			(bytes[0] & 0xf0) == 0xd0 || (bytes[0] & 0xf0) == 0x40);

	struct talks *talks = talks_begin(&taker, length & 1);
	struct talks_sums sums;

	if (is_file)
		take_file(talks, bytes, length);
	else
		take_packets(talks, bytes, length);
	sums = talks_end(talks);
	PROMISE(open_lines == 0);
	PROMISE(sums.segments + sums.cut + sums.strange <= sums.packets);
	PROMISE(sums.ended >= sums.began);
	return 0;
}
