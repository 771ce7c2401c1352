/* Captures (pcap, pcapng): the calls of one of the two ends, by tools/packets, become a recording
 * of one process. What that would be a thread is a line here: a connection has one to itself as
 * long as it lasts, and hands it on, so that connections made one after the other are of one
 * thread, as they are where a program makes them so. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/import/capture_say.h"
#include "tools/import/import.h"
#include "tools/import/input.h"
#include "tools/import/written.h"
#include "tools/packets/file.h"
#include "tools/packets/talks.h"

#define S UINT64_C(1000000000)

/* The run's clock at its first segment, which left a while before it passed. */
#define BEGINS (1000 * S)
#define BEFORE (100 * S)

struct line {
	struct line *next; /* of those that are free */
	struct written_thread *thread;
	struct written_connection *connection;
	uint64_t last; /* the end of its last event, on the run's clock */
};

struct capture {
	struct written *written;
	struct written_process *process;
	struct line *free;
	uint64_t zero;	      /* ns since 1970 of the run's clock's 0 */
	uint64_t first, last; /* by that clock: the first event begins, the last one ends */
	uint32_t lines;
};

/* ---- calls ---- */

static uint64_t clock_of(const struct capture *capture, uint64_t time)
{
	const uint64_t clock = time - capture->zero;

	return clock >= BEGINS - BEFORE && clock < UINT64_MAX / 4 ? clock : BEGINS - BEFORE + 1;
}

static void begin_process(struct capture *capture, uint64_t time)
{
	capture->zero = time - BEGINS; /* mod 2^64 */
	written_clock(capture->written, capture->zero);
	capture->process =
		written_process_begin(capture->written, 1, 0, clock_of(capture, time) - BEFORE);
}

static void *take_begin(void *context, uint64_t time)
{
	struct capture *capture = context;
	struct line *line = capture->free;

	if (!capture->process)
		begin_process(capture, time);
	if (line) {
		capture->free = line->next;
	} else {
		line = memory_take(1, sizeof(*line));
		line->thread = written_thread_begin(
			capture->process, ++capture->lines, clock_of(capture, time));
	}
	line->connection = written_connection_begin(capture->process);
	return line;
}

/* Never before the line's last one, which may have been of another connection. */
static void take_event(void *context, void *of, const struct trace_event *said, uint64_t took)
{
	struct capture *capture = context;
	struct line *line = of;
	struct trace_event event = *said;
	const uint64_t end = clock_of(capture, said->start) + took;

	event.start = clock_of(capture, said->start);
	event.start = event.start > line->last ? event.start : line->last;
	event.flow = line->connection->is.number;
	line->last = end > event.start ? end : event.start;
	capture->first =
		!capture->first || event.start < capture->first ? event.start : capture->first;
	capture->last = line->last > capture->last ? line->last : capture->last;
	written_event(line->thread, &event, line->last - event.start);
}

static void move(const struct capture *capture, uint64_t *time)
{
	*time = *time ? clock_of(capture, *time) : 0;
}

static void take_end(void *context, void *of, const struct trace_connection *is)
{
	struct capture *capture = context;
	struct line *line = of;
	struct trace_connection *mine = &line->connection->is;
	const uint32_t number = mine->number;

	*mine = *is;
	mine->number = number;
	move(capture, &mine->opened);
	move(capture, &mine->connecting);
	move(capture, &mine->connected);
	move(capture, &mine->closed);
	move(capture, &mine->at_connect.taken);
	move(capture, &mine->at_close.taken);
	written_connection_end(capture->process, line->connection);
	line->next = capture->free;
	capture->free = line;
}

static void free_lines(struct capture *capture)
{
	for (struct line *line; (line = capture->free); free(line))
		capture->free = line->next;
}

/* ---- the file ---- */

static ssize_t read_input(void *cookie, char *bytes, size_t size)
{
	struct input *input = cookie;
	const size_t got = input_take(input, bytes, size);

	return !got && input->error ? -1 : (ssize_t)got;
}

static struct packet_file *open_source(struct input *input, char why[PACKET_FILE_WHY])
{
	FILE *file = fopencookie(input, "r", (cookie_io_functions_t){.read = read_input});

	if (file)
		return packet_file_open(file, why);
	snprintf(why, PACKET_FILE_WHY, "%s", strerror(ENOMEM));
	return NULL;
}

/* ---- all of it ---- */

static void read_packets(struct packet_file *file, struct talks *talks, char why[PACKET_FILE_WHY])
{
	struct packet packet;

	while (packet_file_next(file, &packet, why) == 1)
		talks_take(talks, &packet);
}

static void take_host(struct written_run *run, const struct talks_sums *sums)
{
	run->host = (struct written_host){.known = true,
		.listen_overflows = (int64_t)sums->dropped,
		.syn_retrans = (int64_t)sums->syns_again,
		.retrans = (int64_t)sums->again};
}

static int finish(struct import *import, struct capture *capture, const struct talks_sums *sums,
	const char *broken)
{
	const char *name = import->run->file;
	struct written_run *run = import->run;

	if (!sums->talks) {
		snprintf(import->note->why, sizeof(import->note->why),
			"%s: no TCP connection is in its %" PRIu64 " packet%s%s%s%s", name,
			sums->packets, plural(sums->packets),
			sums->cut && !sums->segments
				? "; they are cut off in front of what TCP says: next time tcpdump "
				  "-s 128"
				: "",
			*broken ? "; it is damaged: " : "", broken);
		return -ENODATA;
	}
	run->began = capture->first;
	run->ended = clock_of(capture, sums->ended);
	run->ended = run->ended > capture->last ? run->ended : capture->last;
	run->partly = capture_is_partial(sums);
	written_header(capture->process)->started = run->began;
	written_header(capture->process)->process_started = run->began;
	written_process_end(capture->process, run->ended, END_NOT_SEEN);
	take_host(run, sums);
	capture_say_about(import, sums);
	capture_say_lacks(import, sums, broken);
	return 0;
}

int import_capture(struct import *import, struct input *input)
{
	struct capture capture = {.written = import->written};
	const struct talk_taker taker = {&capture, take_begin, take_event, take_end};
	char why[PACKET_FILE_WHY] = "";
	struct packet_file *file;
	struct talks_sums sums;
	struct talks *talks;
	const char *lacks;
	int error;

	if (!packet_file_is_read(&lacks)) {
		snprintf(import->note->why, sizeof(import->note->why), "%s", lacks);
		return -ENOTSUP;
	}
	file = open_source(input, why);
	if (!file) {
		snprintf(import->note->why, sizeof(import->note->why), "%s: %s", input->name, why);
		return -EBADMSG;
	}
	talks = talks_begin(&taker, import->end);
	read_packets(file, talks, why);
	packet_file_close(file);
	sums = talks_end(talks);
	error = finish(import, &capture, &sums, why);
	free_lines(&capture);
	return error;
}
