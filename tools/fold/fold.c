/* Folding a run: the parts in their order, and the end of what they made. No part looks at what a
 * finding might make of it. */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

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
