/* Sums over the calls of a run, by name: from the events what each took, from the threads' counters
 * how many there were, also where a recording was full. What the library itself asked the kernel is
 * no call of the program. Judges nothing. */
#include "tools/trace/called.h"

#include <stdlib.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

bool call_moves_bytes(unsigned call)
{
	return call_class(call) == CLASS_WRITE || call_class(call) == CLASS_READ;
}

static struct called_row *row_of(struct called *called, unsigned call, bool file)
{
	for (size_t i = 0; i < called->rows; i++)
		if (called->row[i].call == call && called->row[i].file == file)
			return &called->row[i];
	called->row = memory_grow(called->row, called->rows, sizeof(*called->row));
	called->row[called->rows] = (struct called_row){.call = (uint8_t)call, .file = file};
	return &called->row[called->rows++];
}

static void add_event(struct called *called, const struct run_thread *thread, size_t index)
{
	const struct trace_event *event = &thread->event[index];
	struct called_row *row = row_of(called, event->call, event->flags & EVENT_FILE);

	row->calls++;
	row->timed++;
	row->failed += event->error != 0;
	row->ns += event_ended(thread, index) - event->start;
	if (call_moves_bytes(event->call) && !event->error && event->done) {
		row->bytes += event->done;
		row->moves++;
	}
}

static bool is_call(const struct trace_event *event)
{
	return call_class(event->call) != CLASS_NOTE;
}

/* What the thread counted beyond its events. A thread whose counts made no sense has none. */
static void add_untold(struct called *called, const struct run_thread *thread)
{
	uint64_t calls[TRACE_CALL_COUNT] = {0}, failed[TRACE_CALL_COUNT] = {0};

	for (size_t i = 0; i < thread->events; i++) {
		calls[thread->event[i].call]++;
		failed[thread->event[i].call] +=
			is_call(&thread->event[i]) && thread->event[i].error;
	}
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++) {
		const uint64_t counted = thread->counts.calls[call];
		const uint64_t missed = thread->counts.failed[call];

		if (call_class(call) == CLASS_NOTE || counted <= calls[call])
			continue;
		struct called_row *row = row_of(called, call, false);
		row->calls += counted - calls[call];
		row->failed += missed > failed[call] ? missed - failed[call] : 0;
	}
}

static int longest_first(const void *left, const void *right)
{
	const struct called_row *a = left, *b = right;

	if (a->ns != b->ns)
		return a->ns > b->ns ? -1 : 1;
	if (a->calls != b->calls)
		return a->calls > b->calls ? -1 : 1;
	return a->call != b->call ? a->call - b->call : a->file - b->file;
}

static void sort(struct called *called)
{
	if (called->rows)
		qsort(called->row, called->rows, sizeof(*called->row), longest_first);
}

void called_take(const struct run *run, struct called *all)
{
	*all = (struct called){0};
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++) {
			const struct run_thread *thread = &run->process[p].thread[t];
			for (size_t i = 0; i < thread->events; i++)
				if (is_call(&thread->event[i]))
					add_event(all, thread, i);
			add_untold(all, thread);
		}
	sort(all);
}

void called_free(struct called *called)
{
	free(called->row);
}

/* part[i] is connection i + 1's. */
static void part_process(
	const struct run_process *process, struct called *const *part, struct called_parts *parts)
{
	for (size_t t = 0; t < process->threads; t++) {
		const struct run_thread *thread = &process->thread[t];
		for (size_t i = 0; i < thread->events; i++)
			if (is_call(&thread->event[i]))
				add_event(thread->event[i].flow ? part[thread->event[i].flow - 1]
								: &parts->none,
					thread, i);
		add_untold(&parts->untold, thread);
	}
}

void called_part(const struct fold *fold, struct called_parts *parts)
{
	const struct run *run = fold->run;
	size_t next = 0; /* flows stand in the order of processes and numbers */

	*parts = (struct called_parts){.flow = memory_take(fold->flows, sizeof(*parts->flow))};
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		struct called **part = memory_take(process->connections, sizeof(struct called *));
		for (; next < fold->flows && fold->flow[next].process == process; next++)
			part[fold->flow[next].connection->number - 1] = &parts->flow[next];
		part_process(process, part, parts);
		free(part);
	}
	for (size_t f = 0; f < fold->flows; f++)
		sort(&parts->flow[f]);
	sort(&parts->none);
	sort(&parts->untold);
}

void called_parts_free(const struct fold *fold, struct called_parts *parts)
{
	for (size_t f = 0; f < fold->flows; f++)
		called_free(&parts->flow[f]);
	free(parts->flow);
	called_free(&parts->none);
	called_free(&parts->untold);
}

struct called_row called_total(const struct called *called)
{
	struct called_row total = {0};

	for (size_t i = 0; i < called->rows; i++) {
		total.calls += called->row[i].calls;
		total.timed += called->row[i].timed;
		total.failed += called->row[i].failed;
		total.ns += called->row[i].ns;
		total.bytes += called->row[i].bytes;
		total.moves += called->row[i].moves;
	}
	return total;
}
