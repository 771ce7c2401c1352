/* recording DIR EVENTS FLOWS THREADS: writes a recording of one process there, as the library would
 * (shim/trace_format.h), of any size and at once, to measure what reads it. Each thread has its
 * share of the connections and takes them in turns: w27 r6, then w27 w480..1390 r82, of which the
 * kernel holds the second write back for 40 ms. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim/trace_format.h"
#include "tests/helper/must.h"

#define BEGAN UINT64_C(1000000000000) /* ns */
#define US    UINT64_C(1000)

/* A block that one thread fills. */
struct writer {
	uint32_t tid;
	uint64_t clock, order;
	unsigned events;
	struct trace_thread counts;
	uint32_t flow, step; /* whose turn it is, of its own */
	struct trace_event event[TRACE_EVENTS];
};

static FILE *file;
static uint64_t blocks;
static struct trace_connection *connection;

static void put_block(const struct trace_block *head, const void *bytes, size_t size)
{
	static const char zeros[TRACE_BLOCK];

	MUST(fwrite(head, sizeof(*head), 1, file) == 1);
	MUST(fwrite(bytes, size, 1, file) == 1);
	MUST(fwrite(zeros, 1, TRACE_BLOCK - sizeof(*head) - size, file) ==
		TRACE_BLOCK - sizeof(*head) - size);
	blocks++;
}

static void put_events(struct writer *writer)
{
	const struct trace_block head = {
		.kind = BLOCK_EVENTS, .tid = writer->tid, .order = writer->order++};

	put_block(&head, writer->event, writer->events * sizeof(*writer->event));
	writer->events = 0;
}

static struct trace_event *add_event(
	struct writer *writer, uint8_t call, uint32_t done, uint64_t took)
{
	if (writer->events == TRACE_EVENTS)
		put_events(writer);
	struct trace_event *event = &writer->event[writer->events++];

	*event = (struct trace_event){.call = call, .duration = (uint32_t)took};
	event->start = writer->clock += US;
	event->asked = event->done = done;
	writer->clock += took;
	writer->counts.calls[call]++;
	return event;
}

static void add_write(struct writer *writer, uint32_t flow, uint32_t size, uint8_t flags)
{
	struct trace_event *event = add_event(writer, TRACE_SEND, size, 5 * US);

	event->flow = flow;
	event->flags = flags;
	connection[flow - 1].writes++;
	connection[flow - 1].bytes_written += size;
	connection[flow - 1].proven += flags & EVENT_PROVEN ? 1 : 0;
}

static void add_read(struct writer *writer, uint32_t flow, uint32_t size, uint64_t took)
{
	struct trace_event *event = add_event(writer, TRACE_RECV, size, took);

	event->flow = flow;
	event->asked = 8192;
	connection[flow - 1].reads++;
	connection[flow - 1].bytes_read += size;
}

/* Another one each time, the same in each recording. */
static uint32_t dice(uint32_t below)
{
	static uint32_t last = 1;

	last = last * 1103515245u + 12345u;
	return (last >> 8) % below;
}

static void add_turn(struct writer *writer, uint32_t flow, bool held)
{
	add_write(writer, flow, 27, 0);
	if (!held) {
		add_read(writer, flow, 6, 80 * US + dice(40 * US));
		return;
	}
	add_write(writer, flow, 480 + dice(911), EVENT_PROVEN);
	add_read(writer, flow, 82, 40000 * US + dice(4000 * US));
	struct trace_event *probe = add_event(writer, TRACE_PROBE, 0, US);
	probe->flow = flow;
	probe->asked = probe->done = 0;
}

static void add_connections(uint32_t flows)
{
	const struct trace_block head = {.kind = BLOCK_CONNECTIONS};

	for (uint32_t i = 0; i < flows; i += TRACE_CONNECTIONS) {
		unsigned char part[TRACE_CONNECTIONS * TRACE_CONNECTION] = {0};
		for (uint32_t j = 0; j < TRACE_CONNECTIONS && i + j < flows; j++)
			memcpy(part + j * TRACE_CONNECTION, &connection[i + j],
				sizeof(*connection));
		put_block(&head, part, sizeof(part));
	}
}

static void make_connection(uint32_t flow)
{
	struct trace_connection *new = &connection[flow];

	*new = (struct trace_connection){.number = flow + 1, .role = ROLE_OF_CLIENT, .family = 4};
	inet_pton(AF_INET6, "::ffff:10.0.0.1", new->peer);
	inet_pton(AF_INET6, "::ffff:10.0.0.2", new->local);
	new->peer_port = new->port = 143;
	new->local_port = (uint16_t)(20000 + flow);
	new->opened = new->connecting = BEGAN + 1;
	new->connected = BEGAN + 50 * US;
	new->at_connect =
		(struct trace_tcp){.taken = new->connected, .min_rtt_us = 50, .snd_mss = 1448};
	new->options = (struct trace_options){0, 0, -1, -1, -1, -1, 0, -1, -1, -1, "cubic"};
}

static void end_connection(struct trace_connection *its, uint64_t end)
{
	its->closed = end;
	its->at_close = (struct trace_tcp){.taken = end, .min_rtt_us = 50, .snd_mss = 1448};
	its->at_close.bytes_sent = its->at_close.bytes_acked = its->bytes_written;
	its->at_close.bytes_received = its->bytes_read;
	its->at_close.data_segs_out = (uint32_t)its->writes;
}

static struct trace_header make_header(uint64_t end)
{
	struct trace_header header = {.version = TRACE_VERSION,
		.block = TRACE_BLOCK,
		.event = sizeof(struct trace_event),
		.connection = TRACE_CONNECTION,
		.thread = sizeof(struct trace_thread),
		.pid = 100,
		.parent = 1,
		.end = END_EXIT,
		.random = 0x7f3a,
		.started = BEGAN,
		.started_wall = UINT64_C(1760000000000000000),
		.process_started = BEGAN,
		.ended = end,
		.blocks = blocks,
		.capacity = blocks,
		.clock_cost = 30000,
		.program = "/usr/bin/prog",
		.command = "prog"};

	memcpy(header.magic, TRACE_MAGIC, sizeof(header.magic));
	memcpy(header.sockfix, "0.1.0", sizeof("0.1.0"));
	return header;
}

int main(int argc, char **argv)
{
	MUST(argc == 5);
	const uint64_t events = strtoull(argv[2], NULL, 10);
	const uint32_t flows = (uint32_t)strtoul(argv[3], NULL, 10);
	const uint32_t threads = (uint32_t)strtoul(argv[4], NULL, 10);
	struct writer *writer = calloc(threads, sizeof(*writer));
	char path[4096];
	uint64_t end = 0;

	snprintf(path, sizeof(path), "%s/1.trace", argv[1]);
	connection = calloc(flows, sizeof(*connection));
	file = fopen(path, "w");
	MUST(writer && connection && file && threads && flows >= threads);
	for (uint32_t f = 0; f < flows; f++)
		make_connection(f);
	MUST(fseek(file, TRACE_BLOCK, SEEK_SET) == 0);
	blocks = 1;
	for (uint32_t t = 0; t < threads; t++) {
		writer[t].tid = 100 + t;
		writer[t].flow = t;
		writer[t].clock = writer[t].counts.began = BEGAN + 100 * US;
	}
	for (uint64_t made = 0, t = 0; made < events; t = (t + 1) % threads) {
		struct writer *its = &writer[t];
		const bool held = its->step++ % 2;
		add_turn(its, its->flow + 1, held);
		made += held ? 4 : 2;
		if (held)
			its->flow = its->flow + threads < flows ? its->flow + threads : (uint32_t)t;
	}
	for (uint32_t t = 0; t < threads; t++) {
		const struct trace_block head = {.kind = BLOCK_THREAD, .tid = writer[t].tid};
		put_events(&writer[t]);
		writer[t].counts.ended = writer[t].clock;
		put_block(&head, &writer[t].counts, sizeof(writer[t].counts));
		end = writer[t].clock > end ? writer[t].clock : end;
	}
	for (uint32_t f = 0; f < flows; f++)
		end_connection(&connection[f], end);
	add_connections(flows);
	const struct trace_header header = make_header(end);
	MUST(fseek(file, 0, SEEK_SET) == 0 && fwrite(&header, sizeof(header), 1, file) == 1);
	MUST(fclose(file) == 0);
	return 0;
}
