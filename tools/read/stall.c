/* Adds up what Nagle cost, as the recording goes on. Must not keep an event, nor judge: what the
 * kernel did not say was held is not counted. */
#include "tools/read/stall.h"

#include "tools/read/run.h"

#define TICK UINT64_C(1000000) /* ns: of tcpi_last_data_sent */

static uint64_t least(uint64_t left, uint64_t right)
{
	return left < right ? left : right;
}

static void take_write(struct stall *stall, const struct trace_event *event)
{
	if (event->flags & EVENT_PROVEN)
		*stall = (struct stall){.flow = event->flow, .wrote = event_end(event)};
	else if (event->flow == stall->flow && stall->answered)
		*stall = (struct stall){.flow = 0}; /* the next turn, and nobody was asked */
	else if (event->flow == stall->flow)
		stall->wrote = event_end(event);
}

static uint64_t take_probe(struct stall *stall, const struct trace_event *event)
{
	const uint64_t ago = event->done * TICK;
	const uint64_t sent = event->start > ago ? event->start - ago : 0;
	const uint64_t until = least(sent, stall->answered);
	const uint64_t lost = until > stall->wrote ? until - stall->wrote : 0;

	*stall = (struct stall){.flow = 0};
	return lost;
}

uint64_t stall_take(struct stall *stall, const struct trace_event *event)
{
	const int class = call_class(event->call);
	const bool moved = event->done && !event->error;

	if (!event->flow || !event_has_time(event))
		return 0;
	if (class == CLASS_WRITE && moved)
		take_write(stall, event);
	else if (event->flow != stall->flow)
		return 0;
	else if (class == CLASS_READ && moved && !stall->answered)
		stall->answered = event_end(event);
	else if (event->call == TRACE_PROBE && stall->answered)
		return take_probe(stall, event);
	return 0;
}
