/* Threads of a trace file: the blocks of each, put in order, and their events, each checked. Blocks
 * are handed out as time goes on, so that those of one thread stand in the file in its order; an
 * `order` of 0 (or a second thread block) begins another thread whose id the kernel used again.
 * Keeps no event, and counts none whose numbers lead nowhere. */
#include <stdlib.h>
#include <string.h>

#include "tools/read/file.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

/* More calls in the signal handlers of one call are put in order as far as they go. */
#define NESTED_MOST 256u

/* What is known of the thread whose blocks are being read. */
struct reading {
	struct run_thread *thread;
	uint64_t order;		     /* the next block's */
	bool counted;		     /* its thread block was there */
	uint64_t ended[NESTED_MOST]; /* its last calls, in a ring */
	size_t calls;
};

static bool has_connection(const struct run_process *process, uint32_t number)
{
	return number && number <= process->connections && process->connection[number - 1].number;
}

static bool check_covers(const struct run_process *process, struct trace_event *event)
{
	const size_t places = sizeof(event->covered) / sizeof(*event->covered);
	size_t kept = 0, asked = 0;

	for (size_t i = 0; i < places && event->covered[i]; i++) {
		asked++;
		if (has_connection(process, event->covered[i]))
			event->covered[kept++] = event->covered[i];
	}
	for (size_t i = kept; i < places; i++)
		event->covered[i] = 0;
	return kept == asked && kept;
}

static void check_text(struct trace_event *event)
{
	char text[sizeof(event->text) + 1] = "";

	memcpy(text, event->text, sizeof(event->text));
	text_harmless(text);
	memcpy(event->text, text, sizeof(event->text));
}

bool event_check(const struct run_process *process, struct trace_event *event)
{
	const struct trace_header *header = &process->header;

	if (call_class(event->call) < 0)
		return false;
	if (event->call == TRACE_COVERS)
		return check_covers(process, event);
	if (event->call == TRACE_NAME) {
		check_text(event);
		return true;
	}
	if (!event->start || !time_settle(&event->start, header->process_started))
		return false;
	if (event->start >= time_end(header))
		return false;
	if (event->flow && !has_connection(process, event->flow))
		return false;
	if ((event->call == TRACE_ACCEPT || event->call == TRACE_ACCEPT4) && event->done &&
		!has_connection(process, event->done))
		return false;
	return true;
}

static void reading_begin(struct reading *reading, struct run_process *process, uint32_t tid)
{
	reading->order = reading->calls = 0;
	reading->counted = false;
	process->thread = memory_grow(process->thread, process->threads, sizeof(*process->thread));
	reading->thread = &process->thread[process->threads++];
	memset(reading->thread, 0, sizeof(*reading->thread));
	reading->thread->tid = tid;
}

void process_include(struct run_process *process, uint64_t time)
{
	if (!time)
		return;
	if (!process->began || time < process->began)
		process->began = time;
	if (time > process->ended)
		process->ended = time;
}

/* How many of those before it ended only after it had begun. */
static void count_nested(struct reading *reading, const struct trace_event *event)
{
	unsigned nested = 0;

	while (nested < NESTED_MOST && nested < reading->calls &&
		reading->ended[(reading->calls - 1 - nested) % NESTED_MOST] > event->start)
		nested++;
	if (nested > reading->thread->nested)
		reading->thread->nested = nested;
	reading->ended[reading->calls++ % NESTED_MOST] = event_end(event);
}

static void count_event(
	struct run_process *process, struct reading *reading, const struct trace_event *event)
{
	struct run_thread *thread = reading->thread;

	thread->events++;
	thread->called |= UINT64_C(1) << event->call;
	if (!event_has_time(event))
		return;
	process_include(process, event->start);
	process_include(process, event_end(event));
	thread->recorded = event_end(event);
	count_nested(reading, event);
}

static void read_events(struct file *file, const struct file_block *block, struct reading *reading)
{
	struct run_thread *thread = reading->thread;
	struct trace_event event;

	for (size_t part = 0; part < TRACE_EVENTS; part++) {
		if (!file_part(&file->reader, block->number, part, &event, sizeof(event)))
			break;
		if (event.call == TRACE_NOTHING)
			continue;
		if (!event_check(file->process, &event)) {
			file->process->damaged++;
			continue;
		}
		count_event(file->process, reading, &event);
	}
	thread->block = memory_grow(thread->block, thread->blocks, sizeof(*thread->block));
	thread->block[thread->blocks++] = (uint32_t)block->number;
	reading->order = block->head.order + 1;
}

static bool counts_make_sense(const struct trace_header *header, struct trace_thread *counts)
{
	for (size_t call = 0; call < sizeof(counts->calls) / sizeof(*counts->calls); call++)
		if (counts->calls[call] >= COUNT_MOST || counts->failed[call] >= COUNT_MOST)
			return false;
	return counts->lost < COUNT_MOST && counts->began < time_end(header) &&
	       (!counts->ended || (time_settle(&counts->ended, counts->began) &&
					  counts->ended < time_end(header)));
}

static void read_counts(struct file *file, const struct file_block *block, struct reading *reading)
{
	struct trace_thread *counts = &reading->thread->counts;

	file_part(&file->reader, block->number, 0, counts, sizeof(*counts));
	if (!counts_make_sense(&file->process->header, counts)) {
		memset(counts, 0, sizeof(*counts));
		file->process->damaged++;
	}
	if (counts->waits_since >= time_end(&file->process->header) ||
		call_class(counts->waits_call) < 0 ||
		(counts->waits_flow && !has_connection(file->process, counts->waits_flow)))
		counts->waits_since = 0;
	reading->counted = true;
}

static int compare_blocks(const void *left, const void *right)
{
	const struct file_block *a = left, *b = right;

	if (a->head.tid != b->head.tid)
		return a->head.tid < b->head.tid ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

void threads_read(struct file *file, struct file_block *block, size_t blocks)
{
	struct reading reading = {0};

	qsort(block, blocks, sizeof(*block), compare_blocks);
	for (size_t i = 0; i < blocks; i++) {
		const struct trace_block *head = &block[i].head;
		const bool events = head->kind == BLOCK_EVENTS;

		if (!events && head->kind != BLOCK_THREAD)
			continue;
		if (!reading.thread || reading.thread->tid != head->tid ||
			(events ? !head->order && reading.order : reading.counted))
			reading_begin(&reading, file->process, head->tid);
		if (!events) {
			read_counts(file, &block[i], &reading);
		} else if (head->order < reading.order || head->order >= TIME_NEVER) {
			file->process->damaged++;
		} else {
			read_events(file, &block[i], &reading);
		}
	}
}
