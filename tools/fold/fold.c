/* Folding a run: the parts in their order, and the end of what they made. No part looks at what a
 * finding might make of it. */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

/* What it took: the clock twice an event, and 20 ns to write it. And until when it had room. */
static void recording_take(struct fold *fold)
{
	uint64_t ps = 0;

	fold->recorded = UINT64_MAX;
	for (size_t p = 0; p < fold->run->processes; p++) {
		const struct run_process *process = &fold->run->process[p];

		for (size_t t = 0; t < process->threads; t++)
			ps += process->thread[t].events *
			      (2 * (uint64_t)process->header.clock_cost + 20000);
		if (process->header.full && process_recorded(process) < fold->recorded)
			fold->recorded = process_recorded(process);
	}
	fold->cost = ps / 1000;
}

struct fold *fold_run(const struct run *run)
{
	struct fold *fold = memory_take(1, sizeof(*fold));
	struct spans spans;

	fold->run = run;
	spans_take(run, &spans);
	fold->events = spans.events;
	fold->socket_threads = spans.threads;
	split_take(fold, &spans);
	blocked_index(&spans);
	turns_take(fold, &spans);
	phrases_take(fold);
	coverage_take(fold);
	recording_take(fold);
	return fold;
}

void fold_free(struct fold *fold)
{
	if (!fold)
		return;
	for (size_t f = 0; f < fold->flows; f++)
		store_free(&fold->flow[f]);
	cache_free(fold->cache);
	for (size_t e = 0; e < fold->endpoints; e++)
		free(fold->endpoint[e].text);
	for (size_t s = 0; s < fold->signatures; s++) {
		free(fold->signature[s].text);
		free(fold->signature[s].alone);
	}
	free(fold->flow);
	free(fold->endpoint);
	free(fold->signature);
	free(fold);
}
