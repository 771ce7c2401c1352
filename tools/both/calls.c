/* What was written and read on the connections that are in both recordings, out of the events of
 * all threads, once through each process. Who waited for bytes, and since when, stands with each
 * read. Keeps 64 bytes a call; judges nothing. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"
#include "tools/fold/fold.h"
#include "tools/read/events.h"

/* Waits that follow each other so closely are one: the program only asks again. */
#define AGAIN	     UINT64_C(1000000)
#define WATCHED_MOST 64u

/* Which connection of a process is which side of which pair. */
struct place {
	uint32_t pair; /* from 1 on; 0: of none */
	uint8_t side;
	uint32_t tid; /* whose last step on it was */
	uint64_t last;
};

/* What a thread last waited in. */
struct idle {
	uint64_t begin, end;
	bool empty; /* it ended for nothing */
	uint32_t watched[WATCHED_MOST];
	size_t watches; /* 0: whatever it was for, nobody noted it */
};

struct gathering {
	struct both_talk *talk;
	const struct run_process *process;
	struct place *place; /* by the number of the connection */
	struct idle idle;
	uint32_t tid;
};

/* ---- waits ---- */

static void note_watched(struct idle *idle, const struct events *events)
{
	idle->watches = 0;
	for (size_t i = 0; i < events_notes(events, TRACE_COVERS); i++)
		for (size_t k = 0; k < 6 && events->note[i].covered[k]; k++)
			if (idle->watches < WATCHED_MOST)
				idle->watched[idle->watches++] = events->note[i].covered[k];
}

/* A wait, or a read that found nothing. */
static void note_idle(struct gathering *now, const struct events *events, bool empty)
{
	struct idle *idle = &now->idle;

	if (!idle->empty || events->event.start > idle->end + AGAIN)
		idle->begin = events->event.start;
	idle->end = events->ended;
	idle->empty = empty;
	note_watched(idle, events);
}

static bool is_for(const struct idle *idle, uint32_t flow)
{
	for (size_t i = 0; i < idle->watches; i++)
		if (idle->watched[i] == flow)
			return true;
	return !idle->watches;
}

/* The thread's last wait, if it was for these bytes; else the read itself. */
static void take_idle(const struct gathering *now, const struct trace_event *event,
	const struct place *place, struct both_call *call)
{
	const struct idle *idle = &now->idle;
	const bool since = place->tid != now->tid || idle->end >= place->last;

	call->idle = event->start;
	call->woken = call->end;
	if (!idle->end || !since || idle->end > event->start || !is_for(idle, event->flow))
		return;
	call->idle = idle->begin;
	/* What a look without waiting found missing came after it. */
	if (!idle->empty)
		call->woken = idle->end;
}

/* ---- calls ---- */

static void stream_add(struct both_stream *stream, const struct both_call *call)
{
	stream->call = memory_grow(stream->call, stream->calls, sizeof(*call));
	stream->call[stream->calls++] = *call;
}

static void take_step(struct gathering *now, const struct events *events)
{
	const struct trace_event *event = &events->event;
	struct place *place = &now->place[event->flow];
	struct both_call call = {.begin = event->start,
		.end = events->ended,
		.to = event->done,
		.flags = event->flags};
	struct both_talk *talk = &now->talk[place->pair - 1];

	if (call_class(event->call) == CLASS_WRITE) {
		stream_add(&talk->said[place->side], &call);
	} else {
		take_idle(now, event, place, &call);
		stream_add(&talk->heard[place->side], &call);
	}
	place->tid = now->tid;
	place->last = event->start;
}

static void take_event(struct gathering *now, const struct events *events)
{
	const struct trace_event *event = &events->event;
	const bool step = event_is_step(event), moved = step && !event->error && event->done;

	if (moved && now->place[event->flow].pair)
		take_step(now, events);
	else if (call_class(event->call) == CLASS_WAIT && !event->error)
		note_idle(now, events, !event->done);
	else if (step && event->error && call_class(event->call) == CLASS_READ)
		note_idle(now, events, true);
}

static void gather_process(struct gathering *now)
{
	for (size_t t = 0; t < now->process->threads; t++) {
		const struct run_thread *thread = &now->process->thread[t];
		struct events events;

		now->tid = thread->tid;
		memset(&now->idle, 0, sizeof(now->idle));
		events_begin(&events, now->process, thread);
		while (events_next(&events))
			take_event(now, &events);
		events_end(&events);
	}
}

/* ---- whose they are ---- */

/* A member of a pair, to be sorted by its process. */
struct part {
	const struct both_member *member;
	uint32_t pair;
	uint8_t side;
};

static int compare_parts(const void *left, const void *right)
{
	const uintptr_t one = (uintptr_t)((const struct part *)left)->member->process;
	const uintptr_t other = (uintptr_t)((const struct part *)right)->member->process;

	return (one > other) - (one < other);
}

static struct part *parts_take(const struct both_pair *pair, size_t pairs, size_t *count)
{
	struct part *part = NULL;

	*count = 0;
	for (size_t p = 0; p < pairs; p++)
		for (int side = 0; side < BOTH_SIDES; side++)
			for (size_t m = 0; m < pair[p].members[side]; m++) {
				part = memory_grow(part, *count, sizeof(*part));
				part[(*count)++] = (struct part){
					&pair[p].member[side][m], (uint32_t)p + 1, (uint8_t)side};
			}
	if (*count)
		qsort(part, *count, sizeof(*part), compare_parts);
	return part;
}

/* RFC 9293, 3.7.1: every host takes that much. */
#define SURELY_SMALL 536

static void take_kernel(struct both_talk *talk, const struct both_pair *pair)
{
	for (int side = 0; side < BOTH_SIDES; side++) {
		const struct trace_connection *last =
			pair->member[side][pair->members[side] - 1].connection;
		const uint32_t mss =
			last->at_close.snd_mss ? last->at_close.snd_mss : last->at_connect.snd_mss;
		talk->kernel[side].unasked = !mss || last->wired;
		talk->kernel[side].chance = last->wired & WIRED_NOT_OURS;
		talk->kernel[side].nagle_known = last->options.nodelay >= 0;
		talk->kernel[side].nagle = last->options.nodelay == 0;
		talk->kernel[side].mss = mss ? mss : SURELY_SMALL;
		talk->kernel[side].retrans = last->at_close.total_retrans;
	}
}

static void talk_settle(struct both_talk *talk)
{
	for (int side = 0; side < BOTH_SIDES; side++) {
		stream_settle(&talk->said[side], false);
		stream_settle(&talk->heard[side], true);
	}
}

struct both_talk *both_talks_take(const struct both_pair *pair, size_t pairs)
{
	struct both_talk *talk = memory_take(pairs, sizeof(*talk));
	struct gathering now = {.talk = talk};
	size_t parts, i = 0;
	struct part *part = parts_take(pair, pairs, &parts);

	while (i < parts) {
		now.process = part[i].member->process;
		now.place = memory_take(now.process->connections + 1, sizeof(*now.place));
		for (; i < parts && part[i].member->process == now.process; i++)
			now.place[part[i].member->connection->number] =
				(struct place){.pair = part[i].pair, .side = part[i].side};
		gather_process(&now);
		free(now.place);
	}
	for (size_t p = 0; p < pairs; p++) {
		take_kernel(&talk[p], &pair[p]);
		talk_settle(&talk[p]);
	}
	free(part);
	return talk;
}

void both_talks_free(struct both_talk *talk, size_t pairs)
{
	for (size_t p = 0; p < pairs; p++)
		for (int side = 0; side < BOTH_SIDES; side++) {
			free(talk[p].said[side].call);
			free(talk[p].heard[side].call);
		}
	free(talk);
}

/* ---- bytes ---- */

static int compare_begins(const void *left, const void *right)
{
	const struct both_call *one = left, *other = right;

	return (one->begin > other->begin) - (one->begin < other->begin);
}

static int compare_ends(const void *left, const void *right)
{
	const struct both_call *one = left, *other = right;

	return (one->end > other->end) - (one->end < other->end);
}

/* As calls of one thread are: then nothing need be copied. */
static bool is_sorted(
	const struct both_stream *stream, int (*compare)(const void *left, const void *right))
{
	for (size_t i = 1; i < stream->calls; i++)
		if (compare(&stream->call[i - 1], &stream->call[i]) > 0)
			return false;
	return true;
}

void stream_settle(struct both_stream *stream, bool reads)
{
	int (*compare)(const void *, const void *) = reads ? compare_ends : compare_begins;
	uint64_t at = 0;

	if (!is_sorted(stream, compare))
		qsort(stream->call, stream->calls, sizeof(*stream->call), compare);
	for (size_t i = 0; i < stream->calls; i++) {
		stream->call[i].from = at;
		at += stream->call[i].to;
		stream->call[i].to = at;
	}
}

const struct both_call *stream_find(const struct both_stream *stream, uint64_t byte, size_t *hint)
{
	size_t i = *hint < stream->calls && stream->call[*hint].from <= byte ? *hint : 0;

	while (i < stream->calls && stream->call[i].to <= byte)
		i++;
	*hint = i;
	return i < stream->calls ? &stream->call[i] : NULL;
}
