/* Sums over the calls of a run, by name: from the events what each took, from the threads' counters
 * how many there were, also where a recording was full. What the library itself asked the kernel is
 * no call of the program. Judges nothing. */
#include "tools/fold/called.h"

#include <stdlib.h>

#include "tools/read/events.h"
#include "tools/base/memory.h"

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

/* A thread's calls, and those of them that failed, by enum trace_call. */
struct told {
	uint64_t calls[TRACE_CALL_COUNT], failed[TRACE_CALL_COUNT];
};

static void add_event(struct called *called, const struct events *events)
{
	const struct trace_event *event = &events->event;
	struct called_row *row = row_of(called, event->call, event->flags & EVENT_FILE);

	row->calls++;
	row->timed++;
	row->failed += event->error != 0;
	row->ns += events->ended - event->start;
	if (call_moves_bytes(event->call) && !event->error && event->done) {
		row->bytes += event->done;
		row->moves++;
	}
}

/* What the thread counted beyond its events. A thread whose counts made no sense has none. */
static void add_untold(
	struct called *called, const struct run_thread *thread, const struct told *told)
{
	for (unsigned call = 1; call < TRACE_CALL_COUNT; call++) {
		const uint64_t counted = thread->counts.calls[call];
		const uint64_t missed = thread->counts.failed[call];

		if (call_class(call) == CLASS_NOTE || counted <= told->calls[call])
			continue;
		struct called_row *row = row_of(called, call, false);
		row->calls += counted - told->calls[call];
		row->failed += missed > told->failed[call] ? missed - told->failed[call] : 0;
	}
}

/* Where calls are added to. */
struct parts {
	struct called *
		*flow; /* [i] is connection i + 1's; or NULL: those on flows to `none`, too */
	struct called *none, *untold;
};

static void take_thread(const struct run_process *process, const struct run_thread *thread,
	const struct parts *parts)
{
	struct told told = {0};
	struct events events;

	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;
		if (call_class(event->call) == CLASS_NOTE)
			continue;
		told.calls[event->call]++;
		told.failed[event->call] += event->error != 0;
		add_event(parts->flow && event->flow ? parts->flow[event->flow - 1] : parts->none,
			&events);
	}
	events_end(&events);
	add_untold(parts->untold, thread, &told);
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
	const struct parts parts = {.none = all, .untold = all};

	*all = (struct called){0};
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			take_thread(&run->process[p], &run->process[p].thread[t], &parts);
	sort(all);
}

void called_free(struct called *called)
{
	free(called->row);
}

void called_part(const struct fold *fold, struct called_parts *parts)
{
	const struct run *run = fold->run;
	size_t next = 0; /* flows stand in the order of processes and numbers */

	*parts = (struct called_parts){.flow = memory_take(fold->flows, sizeof(*parts->flow))};
	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		const struct parts each = {
			.flow = memory_take(process->connections, sizeof(struct called *)),
			.none = &parts->none,
			.untold = &parts->untold};
		for (; next < fold->flows && fold->flow[next].process == process; next++)
			each.flow[fold->flow[next].connection->number - 1] = &parts->flow[next];
		for (size_t t = 0; t < process->threads; t++)
			take_thread(process, &process->thread[t], &each);
		free(each.flow);
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

struct beyond_timed calls_beyond(
	const struct trace_connection *connection, const struct called *called, bool writes)
{
	struct beyond_timed beyond = {.calls = writes ? connection->writes : connection->reads,
		.bytes = writes ? connection->bytes_written : connection->bytes_read};

	for (size_t i = 0; i < called->rows; i++) {
		const struct called_row *row = &called->row[i];
		if (row->file || call_class(row->call) != (writes ? CLASS_WRITE : CLASS_READ))
			continue;
		beyond.calls -= row->moves < beyond.calls ? row->moves : beyond.calls;
		beyond.bytes -= row->bytes < beyond.bytes ? row->bytes : beyond.bytes;
	}
	return beyond;
}
