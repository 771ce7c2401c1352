/* Reads on in the blocks of a file that is being written. A thread's events go on in its next
 * block, and so does what is known of it. Must not follow a number out of a block, nor take memory:
 * a block without a place is not followed, and that is noted. */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tools/read/run.h"
#include "tools/read/tail_parts.h"

/* Where the block lies in the pool; 0: in no piece of it. */
static off_t pooled(const struct tail *tail, uint64_t id, uint32_t number)
{
	for (size_t i = 0; i < TRACE_PIECES; i++) {
		const struct trace_piece *piece = &tail->pieces.piece[i];

		if (piece->owner == id && number >= piece->first &&
			number - piece->first < piece->blocks)
			return ((off_t)piece->at + number - piece->first) * TRACE_BLOCK;
	}
	return 0;
}

size_t tail_read(struct tail *tail, const struct tail_file *file, int fd, uint32_t number,
	unsigned char bytes[TRACE_BLOCK])
{
	const off_t at = pooled(tail, file->id, number);
	ssize_t got = -1;

	if (at)
		got = pread(tail->pool, bytes, TRACE_BLOCK, at);
	else if (fd >= 0)
		got = pread(fd, bytes, TRACE_BLOCK, (off_t)number * TRACE_BLOCK);
	return got > 0 ? (size_t)got : 0;
}

struct reading {
	struct tail *tail;
	struct tail_file *file;
	int fd;
	_Alignas(struct trace_connection) unsigned char bytes[TRACE_BLOCK];
	size_t length;
};

/* The part'th thing of that size behind the block's head. False: it is not there. */
static bool part_of(const struct reading *reading, size_t part, void *out, size_t size)
{
	const size_t at = sizeof(struct trace_block) + part * size;

	if (at + size > reading->length)
		return false;
	memcpy(out, reading->bytes + at, size);
	return true;
}

/* whole: its thread has gone on to another, so that a hole in it stays one. */
static void take_events(struct reading *reading, struct tail_block *block, bool whole)
{
	struct trace_event event;

	while (block->taken < TRACE_EVENTS &&
		part_of(reading, block->taken, &event, sizeof(event)) &&
		(event.call != TRACE_NOTHING || whole)) {
		reading->tail->sums.stalled += stall_take(&block->stall, &event);
		block->taken++;
	}
}

static void take_connections(struct reading *reading, struct tail_block *block)
{
	_Alignas(struct trace_connection) unsigned char place[TRACE_CONNECTION];
	struct trace_connection connection;

	while (block->taken < TRACE_CONNECTIONS &&
		part_of(reading, block->taken, place, sizeof(place))) {
		memcpy(&connection, place, sizeof(connection));
		if (!connection.number)
			return;
		reading->tail->sums.connections += connection.role != ROLE_OF_LISTENER;
		block->taken++;
	}
	block->over = block->taken == TRACE_CONNECTIONS;
}

static void take_thread(struct reading *reading, struct tail_block *block)
{
	struct trace_thread thread;
	uint64_t calls = 0;

	if (!part_of(reading, 0, &thread, sizeof(thread)))
		return;
	for (unsigned call = 0; call < TRACE_CALL_COUNT; call++)
		if (call_class(call) >= 0 && call_class(call) != CLASS_NOTE)
			calls += thread.calls[call];
	reading->tail->sums.calls += calls - block->calls;
	block->calls = calls;
	block->over = thread.ended != 0;
}

static struct tail_block *events_of(const struct tail_file *file, uint32_t tid)
{
	for (struct tail_block *block = file->open; block; block = block->next)
		if (block->kind == BLOCK_EVENTS && block->tid == tid)
			return block;
	return NULL;
}

static void fetch(struct reading *reading, uint32_t number)
{
	reading->length =
		tail_read(reading->tail, reading->file, reading->fd, number, reading->bytes);
}

/* A block has got its kind. Events: what is left in the thread's last one comes first. */
static void begin(struct reading *reading, struct tail_block *block, const struct trace_block *head)
{
	struct tail_block *last =
		head->kind == BLOCK_EVENTS ? events_of(reading->file, head->tid) : NULL;

	if (last) {
		fetch(reading, last->number);
		take_events(reading, last, true);
		block->stall = last->stall;
		last->over = true;
		last->kind = BLOCK_UNUSED;
		fetch(reading, block->number);
	}
	block->tid = head->tid;
	block->kind = head->kind;
}

static void go_on(struct reading *reading, struct tail_block *block)
{
	struct trace_block head;

	if (block->over || (block->kind == BLOCK_EVENTS && block->taken == TRACE_EVENTS))
		return;
	fetch(reading, block->number);
	if (reading->length < sizeof(head))
		return;
	memcpy(&head, reading->bytes, sizeof(head));
	if (block->kind == BLOCK_UNUSED && head.kind != BLOCK_UNUSED)
		begin(reading, block, &head);
	if (block->kind == BLOCK_EVENTS)
		take_events(reading, block, false);
	else if (block->kind == BLOCK_CONNECTIONS)
		take_connections(reading, block);
	else if (block->kind == BLOCK_THREAD)
		take_thread(reading, block);
	else
		block->over = block->kind != BLOCK_UNUSED; /* of no kind that there is */
}

/* A thread that has ended writes no more events. */
static void end_threads(struct reading *reading)
{
	for (struct tail_block *block = reading->file->open; block; block = block->next) {
		struct tail_block *events = block->kind == BLOCK_THREAD && block->over
						    ? events_of(reading->file, block->tid)
						    : NULL;

		if (!events)
			continue;
		go_on(reading, events);
		events->over = true;
	}
}

static void give_back(struct tail *tail, struct tail_file *file, bool all)
{
	for (struct tail_block **at = &file->open, *block; (block = *at);) {
		if (!all && !block->over) {
			at = &block->next;
			continue;
		}
		*at = block->next;
		block->next = tail->spare;
		tail->spare = block;
	}
}

void tail_drop(struct tail *tail, struct tail_file *file)
{
	give_back(tail, file, true);
}

/* False: it is not there, as far as the file goes. */
static bool add(struct reading *reading, uint32_t number)
{
	struct tail *tail = reading->tail;
	struct tail_block *block = tail->spare;

	if (block)
		tail->spare = block->next;
	else if (tail->blocks < TAIL_OPEN)
		block = &tail->block[tail->blocks++];
	tail->left--;
	tail->sums.more |= !block;
	if (!block)
		return true;
	*block = (struct tail_block){.number = number, .next = reading->file->open};
	reading->file->open = block;
	go_on(reading, block);
	block->over |= reading->length == 0;
	return reading->length != 0;
}

void tail_go_on(struct tail *tail, struct tail_file *file, int fd, uint32_t end)
{
	struct reading reading = {.tail = tail, .file = file, .fd = fd};

	for (struct tail_block *block = file->open; block; block = block->next)
		go_on(&reading, block);
	for (; file->next < end && tail->left && add(&reading, file->next); file->next++)
		;
	end_threads(&reading);
	give_back(tail, file, false);
}
