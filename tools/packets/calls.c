/* Segments become calls: what is joined, when each began, what the kernel would have said. Judges
 * nothing; see talk.h. */
#include <errno.h>

#include "tools/packets/talk.h"

#define MS	UINT64_C(1000000)
#define A_CALL	UINT64_C(1000) /* ns: what a write takes, or a close */
#define A_PAUSE MS	       /* between two segments of one call */
/* A call has no more bytes: one that goes on for long is told in pieces. */
#define A_LOT (UINT64_C(1) << 20)

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t before(uint64_t time, uint64_t passed)
{
	return time > passed ? time - passed : 1;
}

static uint64_t away(const struct talk *talk)
{
	return side_around(&talk->side[!talk->end]) / 2;
}

uint64_t calls_left(const struct talk *talk, uint64_t time)
{
	return later(before(time, away(talk)), talk->clock);
}

uint64_t calls_came(const struct talk *talk, uint64_t time)
{
	return later(time + away(talk), talk->clock);
}

/* end: the call is over; it began right behind the one before it, or later: what happens at one
 * time has no order where events are read. */
static void tell(struct talk *talk, const struct talk_taker *taker, struct trace_event event,
	uint64_t begin, uint64_t end)
{
	begin = later(begin, talk->clock + 1);
	end = later(end, begin);
	event.start = begin;
	taker->event(taker->context, talk->line, &event, end - begin);
	talk->clock = end;
}

static uint32_t bounded(uint64_t bytes)
{
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static uint64_t sent_again(const struct talk *talk)
{
	return talk->syns_again * (talk->end == 0) + talk->syn_acks_again * (talk->end == 1) +
	       talk->side[talk->end].again;
}

/* As the library: behind the first read after a write that was held, it asks when data last left;
 * and here also where segments were sent again. */
static void tell_probe(struct talk *talk, const struct talk_taker *taker)
{
	const uint64_t again = sent_again(talk),
		       left = before(talk->side[talk->end].sent_at, away(talk));
	const uint64_t silent = talk->clock > left ? (talk->clock - left + MS / 2) / MS : 0;

	if (!talk->asks && again == talk->told_again)
		return;
	tell(talk, taker,
		(struct trace_event){
			.call = TRACE_PROBE, .asked = bounded(again), .done = bounded(silent)},
		talk->clock, talk->clock);
	talk->asks = false;
	talk->told_again = again;
}

void calls_flush(struct talk *talk, const struct talk_taker *taker)
{
	const struct pending call = talk->pending;
	struct trace_event event = {.call = call.call,
		.flags = call.held ? EVENT_PROVEN : 0,
		.asked = bounded(call.bytes),
		.done = bounded(call.bytes)};

	talk->pending = (struct pending){0};
	if (!call.call)
		return;
	if (call.call == TRACE_WRITE) {
		const uint64_t begin = later(call.begin, talk->clock);

		tell(talk, taker, event, begin, later(call.until, begin + A_CALL));
		talk->is.writes++;
		talk->is.bytes_written += call.bytes;
		talk->is.proven += call.held;
		talk->asks = talk->asks || call.held;
		return;
	}
	tell(talk, taker, event, talk->clock, call.until);
	talk->is.reads++;
	talk->is.bytes_read += call.bytes;
	tell_probe(talk, taker);
}

/* A segment without PSH left while more stood ready behind it, and so did a full one where the next
 * left at once, or before its ACK had come: the program had written both (RFC 9293, 3.9.1). */
static bool goes_on(const struct talk *talk, uint64_t left)
{
	const struct pending *call = &talk->pending;
	const struct side *side = &talk->side[talk->end];

	if (call->call != TRACE_WRITE || call->bytes >= A_LOT)
		return false;
	return call->unpushed ||
	       (call->full && (side->acked != side->next || left < call->until + A_PAUSE));
}

void calls_write(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, bool held)
{
	const struct side *side = &talk->side[talk->end];
	const uint64_t left = calls_left(talk, segment->time);

	if (held || !goes_on(talk, left))
		calls_flush(talk, taker);
	if (!talk->pending.call)
		talk->pending = (struct pending){.call = TRACE_WRITE,
			.held = held,
			.begin = held ? talk->clock : left,
			.until = held ? talk->clock : left};
	else
		talk->pending.until = left;
	talk->pending.bytes += segment->length;
	talk->pending.full = side_is_full(side, &talk->side[!talk->end], segment->length);
	talk->pending.unpushed = !(segment->flags & SEGMENT_PSH);
}

void calls_read(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, bool held)
{
	const struct pending *call = &talk->pending;
	const uint64_t came = calls_came(talk, segment->time);

	if (held || call->call != TRACE_READ || call->bytes >= A_LOT ||
		came > call->until + A_PAUSE)
		calls_flush(talk, taker);
	if (!call->call)
		talk->pending = (struct pending){.call = TRACE_READ, .held = held};
	talk->pending.until = came;
	talk->pending.bytes += segment->length;
}

void calls_connect(struct talk *talk, const struct talk_taker *taker, int error, uint64_t until)
{
	const uint64_t begin = before(talk->syn, away(talk));

	talk->clock = 0;
	tell(talk, taker, (struct trace_event){.call = TRACE_CONNECT, .error = (uint8_t)error},
		begin, until);
	talk->is.opened = talk->is.connecting = begin;
	talk->is.connect_error = (uint16_t)error;
	talk->is.connected = error ? 0 : talk->clock;
	talk->told_again = sent_again(talk);
}

void calls_no_more(struct talk *talk, const struct talk_taker *taker, uint64_t time, int error)
{
	const uint64_t came = calls_came(talk, time);

	calls_flush(talk, taker);
	tell(talk, taker,
		(struct trace_event){.call = TRACE_READ, .error = (uint8_t)error, .asked = 1},
		talk->clock, came);
}

void calls_close(struct talk *talk, const struct talk_taker *taker, uint64_t time)
{
	uint64_t left;

	calls_flush(talk, taker);
	left = calls_left(talk, time);
	tell(talk, taker, (struct trace_event){.call = TRACE_CLOSE}, left, left + A_CALL);
	talk->is.closed = talk->clock;
}
