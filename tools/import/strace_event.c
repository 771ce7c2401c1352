/* From calls to events: in the order of each thread, once its process has a file; with durations
 * that are there, or that the thread's next line tells. Decides nothing about what a call means. */
#include <string.h>

#include "tools/import/strace_world.h"

#define US UINT64_C(1000)

/* A call that does not wait, where nobody timed it. */
#define AT_ONCE (30 * US)

uint32_t hash_of(const void *bytes, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619u;
	return hash ? hash : 1;
}

/* ---- the file of a process ---- */

struct written_thread *thread_written(struct thread *thread, uint64_t now)
{
	if (!thread->written && thread->image->written)
		thread->written = written_thread_begin(thread->image->written,
			(uint32_t)thread->tid, later(now, thread->image->started));
	return thread->written;
}

static void write_earlies(struct image *image, struct world *world)
{
	for (unsigned i = 0; i < image->earlies; i++) {
		const struct early *early = &image->early[i];
		struct thread *thread = map_get(&world->threads, (uint64_t)early->tid);

		if (thread && thread->image == image)
			written_event(thread_written(thread, early->event.start), &early->event,
				early->took);
	}
	image->earlies = 0;
}

void image_begin(struct image *image, struct world *world, uint64_t now)
{
	struct trace_header *header;

	if (image->written)
		return;
	image->written =
		written_process_begin(world->import->written, image->pid, image->parent, now);
	header = written_header(image->written);
	header->process_started = image->started < now ? image->started : now;
	memcpy(header->program, image->program, sizeof(image->program));
	memcpy(header->command, image->command, image->command_length);
	write_earlies(image, world);
}

/* ---- connections ---- */

uint32_t flow_enter(struct call *call, struct flow *flow)
{
	struct image *image = call->thread->image;
	struct trace_connection *is;
	uint32_t number;

	if (flow->connection)
		return flow->connection->is.number;
	image_begin(image, call->world, call->end);
	flow->connection = written_connection_begin(image->written);
	is = &flow->connection->is;
	number = is->number;
	*is = flow->own;
	is->number = number;
	if (flow->inherited && !flow->listens) {
		is->opened = call->start;
		is->connected = call->start;
	}
	call->world->seen.flows += flow->inherited && !flow->listens;
	return number;
}

uint32_t flow_number(struct call *call, struct flow *flow)
{
	return call->thread->image->written ? flow_enter(call, flow) : 0;
}

/* ---- events ---- */

static void write_event(struct thread *thread, const struct trace_event *event, uint64_t took,
	const uint32_t *covers, unsigned covered)
{
	struct written_thread *written = thread_written(thread, event->start);

	if (!written)
		return;
	if (thread->has_file && event->flow)
		written_event(written, &thread->file, thread->file_took);
	thread->has_file = false;
	written_event(written, event, took);
	if (covered)
		written_covers(written, covers, covered);
	thread->latest = event->start + took;
}

void thread_settle(struct thread *thread, uint64_t now)
{
	struct held *held = &thread->held;
	uint64_t took = now > held->event.start ? now - held->event.start : 0;

	if (!held->is)
		return;
	if (!held->blocks && took > AT_ONCE)
		took = AT_ONCE;
	held->is = false;
	write_event(thread, &held->event, took, held->covers, held->covered);
}

void call_event(struct call *call, struct trace_event event, bool blocks, const uint32_t *covers,
	unsigned covered)
{
	struct thread *thread = call->thread;
	struct held *held = &thread->held;

	event.error = (uint8_t)call_error(call);
	event.start = call->start;
	thread_settle(thread, call->start);
	if (!thread->image->written)
		return;
	if (call->exact) {
		write_event(thread, &event, call->end - call->start, covers, covered);
		return;
	}
	*held = (struct held){.is = true, .blocks = blocks, .event = event, .covered = covered};
	if (covered)
		memcpy(held->covers, covers, covered * sizeof(*covers));
}

void call_event_early(struct call *call, struct trace_event event)
{
	struct image *image = call->thread->image;
	struct early *early = &image->early[image->earlies];

	if (image->written) {
		call_event(call, event, false, NULL, 0);
		return;
	}
	if (image->earlies == EARLY_MOST)
		return;
	image->earlies++;
	event.error = (uint8_t)call_error(call);
	event.start = call->start;
	*early = (struct early){
		event, call->exact ? call->end - call->start : AT_ONCE, call->thread->tid};
}
