/* Slices of a trace's connections: turns, what their time went to, and in it what findings say that
 * stalled. */
#include "tools/show/perfetto.h"

#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/show/connections.h"

/* Stalls that are kept, by their connections. */
struct stalls {
	struct stretch *stretch;
	size_t count, next;
};

static int compare_stretches(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;

	if (a->flow != b->flow)
		return a->flow < b->flow ? -1 : 1;
	if (a->begin != b->begin)
		return a->begin < b->begin ? -1 : 1;
	return a->end > b->end ? -1 : a->end < b->end;
}

static struct stalls stalls_take(struct trace *trace)
{
	struct stretch_walk walk = {.of = &trace->report->findings->stalled};
	struct stalls stalls = {0};

	while (stretch_next(&walk)) {
		if (walk.now.flow >= trace->report->fold->flows ||
			!trace_takes(trace, since(walk.now.begin, walk.now.end)))
			continue;
		stalls.stretch = memory_grow(stalls.stretch, stalls.count, sizeof(*stalls.stretch));
		stalls.stretch[stalls.count++] = walk.now;
	}
	if (stalls.count)
		qsort(stalls.stretch, stalls.count, sizeof(*stalls.stretch), compare_stretches);
	return stalls;
}

/* Those of that connection that begin before then. */
static void print_stalls(struct trace *trace, struct track *track, struct stalls *stalls,
	uint32_t flow, uint64_t before)
{
	char name[32];

	for (; stalls->next < stalls->count; stalls->next++) {
		const struct stretch *stall = &stalls->stretch[stalls->next];
		const struct slice_text text = {.name = name,
			.category = "stall",
			.key = "why",
			.value = code_table[stall->code].title};

		if (stall->flow != flow || stall->begin >= before)
			return;
		snprintf(name, sizeof(name), "stalled %s", code_table[stall->code].name);
		trace_slice(trace, track, stall->begin, stall->end, &text);
	}
}

struct part {
	uint64_t begin, end;
	const char *name;
	uint64_t bytes;
};

/* The turn and what its time went to, in the order of their beginnings. */
static size_t parts_of(const struct fold *fold, const struct flow_fold *flow,
	const struct turn *turn, struct part part[4])
{
	const uint64_t end = turn->answered > turn->end ? turn->answered : turn->end;
	const char *text = turn->signature < fold->signatures
				   ? fold->signature[turn->signature].alone
				   : "turn";
	size_t parts = 0;

	part[parts++] = (struct part){turn->begin, end, text, 0};
	if (turn->written > turn->begin)
		part[parts++] = (struct part){turn->begin, turn->written,
			flow->serves ? "answering" : "writing", turn->bytes_out};
	if (turn->wait && turn->written)
		part[parts++] = (struct part){turn->written, turn->written + turn->wait,
			flow->serves ? "client's turn" : "waiting for the answer", 0};
	if (!flow->serves && turn->answered && turn->end > turn->answered)
		part[parts++] =
			(struct part){turn->answered, turn->end, "reading on", turn->bytes_in};
	return parts;
}

static void print_turn(struct trace *trace, struct track *track, struct stalls *stalls,
	const struct flow_fold *flow, const struct turn *turn)
{
	const uint32_t number = (uint32_t)(flow - trace->report->fold->flow);
	struct part part[4];
	const size_t parts = parts_of(trace->report->fold, flow, turn, part);

	for (size_t i = 0; i < parts; i++) {
		const struct slice_text text = {.name = part[i].name,
			.category = i ? "part" : "turn",
			.bytes = part[i].bytes < UINT32_MAX ? (uint32_t)part[i].bytes : UINT32_MAX};

		if (!trace_takes(trace, since(part[i].begin, part[i].end)))
			continue;
		print_stalls(trace, track, stalls, number, part[i].begin);
		trace_slice(trace, track, part[i].begin, part[i].end, &text);
	}
}

static void print_connect(struct trace *trace, struct track *track, const struct flow_fold *flow)
{
	const uint64_t begin = flow->connection->connecting;
	const struct slice_text text = {.name = "connect", .category = "part"};

	if (begin && flow->connect_took && trace_takes(trace, flow->connect_took))
		trace_slice(trace, track, begin, begin + flow->connect_took, &text);
}

void trace_connections(struct trace *trace)
{
	const struct fold *fold = trace->report->fold;
	struct stalls stalls = stalls_take(trace);
	char name[CONNECTION_TEXT];

	for (uint32_t f = 0; f < fold->flows; f++) {
		const struct flow_fold *flow = &fold->flow[f];
		struct track track = {
			.pid = trace->counts ? 0 : trace_pid(fold->run, flow->process),
			.tid = TRACK_CONNECTION + flow->connection->number,
			.name = connection_text(name, fold, flow)};

		print_connect(trace, &track, flow);
		for_each_turn (turn, flow)
			print_turn(trace, &track, &stalls, flow, turn);
		print_stalls(trace, &track, &stalls, f, UINT64_MAX);
	}
	free(stalls.stretch);
}
