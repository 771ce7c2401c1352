/* Events and connections, into blocks as they fill up. Must not judge, drop or reorder them. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/import/written_parts.h"

static void put_events(struct written_thread *thread)
{
	const struct trace_block head = {
		.kind = BLOCK_EVENTS, .tid = thread->tid, .order = thread->order};

	if (!thread->events)
		return;
	thread->order++;
	written_block(
		thread->process, &head, thread->event, thread->events * sizeof(*thread->event));
	thread->events = 0;
}

static struct trace_event *event_new(struct written_thread *thread)
{
	struct trace_event *event;

	if (thread->events == TRACE_EVENTS)
		put_events(thread);
	event = &thread->event[thread->events++];
	memset(event, 0, sizeof(*event));
	return event;
}

struct written_thread *written_thread_begin(
	struct written_process *process, uint32_t tid, uint64_t began)
{
	struct written_thread *thread = memory_take(1, sizeof(*thread));

	thread->process = process;
	thread->tid = tid;
	thread->counts.began = began;
	LIST_ADD(process->thread, thread);
	return thread;
}

void written_thread_end(struct written_thread *thread, uint64_t ended)
{
	struct written_process *process = thread->process;
	const struct trace_block head = {.kind = BLOCK_THREAD, .tid = thread->tid};

	put_events(thread);
	thread->counts.ended = ended;
	written_block(process, &head, &thread->counts, sizeof(thread->counts));
	LIST_REMOVE(process->thread, thread);
	free(thread);
}

#define DURATION_MOST ((UINT64_C(1) << 40) - 1)

void written_event(struct written_thread *thread, const struct trace_event *event, uint64_t took)
{
	struct trace_event *place = event_new(thread);

	*place = *event;
	took = took > DURATION_MOST ? DURATION_MOST : took;
	place->duration = (uint32_t)took;
	place->duration_high = (uint8_t)(took >> 32);
	thread->counts.calls[event->call]++;
	thread->counts.failed[event->call] += event->error != 0;
	thread->counts.waits_since = 0;
}

void written_covers(struct written_thread *thread, const uint32_t *flow, size_t flows)
{
	const size_t places = sizeof(thread->event->covered) / sizeof(*thread->event->covered);

	for (size_t i = 0; i < flows; i += places) {
		struct trace_event *event = event_new(thread);

		event->call = TRACE_COVERS;
		for (size_t j = 0; j < places && i + j < flows; j++)
			event->covered[j] = flow[i + j];
	}
}

void written_name(struct written_thread *thread, const char *name)
{
	size_t length = strlen(name);

	while (length) {
		struct trace_event *event = event_new(thread);
		const size_t part = length < sizeof(event->text) ? length : sizeof(event->text);

		event->call = TRACE_NAME;
		memcpy(event->text, name, part);
		name += part;
		length -= part;
	}
}

void written_waits(
	struct written_thread *thread, enum trace_call call, uint32_t flow, uint64_t since)
{
	thread->counts.waits_call = (uint8_t)call;
	thread->counts.waits_flow = flow;
	thread->counts.waits_since = since;
}

/* ---- connections ---- */

struct written_connection *written_connection_begin(struct written_process *process)
{
	struct written_connection *connection = memory_take(1, sizeof(*connection));

	connection->is.number = ++process->connections;
	connection->is.role = ROLE_OF_UNKNOWN;
	connection->is.family = 4;
	connection->is.options = (struct trace_options){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ""};
	LIST_ADD(process->connection, connection);
	return connection;
}

void written_rest(struct written_process *process)
{
	const struct trace_block head = {.kind = BLOCK_CONNECTIONS};

	if (!process->kept)
		return;
	written_block(process, &head, process->over, sizeof(process->over));
	memset(process->over, 0, sizeof(process->over));
	process->kept = 0;
}

void written_connection_end(struct written_process *process, struct written_connection *connection)
{
	if (process->kept == TRACE_CONNECTIONS)
		written_rest(process);
	memcpy(process->over + process->kept++ * TRACE_CONNECTION, &connection->is,
		sizeof(connection->is));
	LIST_REMOVE(process->connection, connection);
	free(connection);
}
