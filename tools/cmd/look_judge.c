/* What is thought of everyone, the worst first. Must not print. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/cmd/look.h"

static double share_of_worst(const struct looked *looked)
{
	const struct sampled_finding *first = looked->sampled.finding;

	return looked->sampled.loud ? (double)first->hits / (double)first->of : -1;
}

static int compare(const void *left, const void *right)
{
	const struct looked *a = left, *b = right;
	const double of_a = share_of_worst(a), of_b = share_of_worst(b);

	if (of_a != of_b)
		return of_a < of_b ? 1 : -1;
	if (a->observed->who.pid != b->observed->who.pid)
		return a->observed->who.pid - b->observed->who.pid;
	return a->observed->began > b->observed->began ? 1 : -1;
}

static bool was_seen(const struct observed *observed)
{
	return observed->looks && observed->connections.count;
}

static struct looked judged(const struct observed *observed)
{
	return (struct looked){observed, sampled_judge(observed)};
}

static bool has_over(const struct looked *looked, const struct over *over)
{
	const struct code *code = code_find("C04");

	for (size_t i = 0; i < looked->sampled.count; i++) {
		const struct sampled_finding *finding = &looked->sampled.finding[i];
		const struct socket_state *socket = &finding->worst->looks.first;

		if (finding->code == code && socket->peer_port == over->port &&
			memcmp(socket->peer, over->peer, sizeof(over->peer)) == 0)
			return true;
	}
	return false;
}

static bool is_claimed(const struct looked_all *all, const struct over *over)
{
	for (size_t i = 0; i < all->count; i++)
		if (has_over(&all->process[i], over))
			return true;
	return all->nameless.observed && has_over(&all->nameless, over);
}

/* What nobody was seen to have made is somebody's. */
static void add_unclaimed(struct looked_all *all, const struct overs *overs)
{
	for (size_t i = 0; i < overs->count; i++) {
		if (is_claimed(all, &overs->of[i]))
			continue;
		all->over = memory_grow(all->over, all->overs, sizeof(*all->over));
		all->over[all->overs++] = overs->of[i];
	}
}

struct looked_all look_judge(const struct everyone *everyone)
{
	struct looked_all all = {.process = memory_take(everyone->processes, sizeof(*all.process)),
		.shut = everyone->shut};

	for (size_t i = 0; i < everyone->processes; i++)
		if (was_seen(&everyone->process[i]->observed))
			all.process[all.count++] = judged(&everyone->process[i]->observed);
	qsort(all.process, all.count, sizeof(*all.process), compare);
	while (all.found < all.count && all.process[all.found].sampled.loud)
		all.found++;
	if (was_seen(&everyone->nameless.observed))
		all.nameless = judged(&everyone->nameless.observed);
	if (!all.nameless.sampled.connections && !all.nameless.sampled.listeners)
		all.nameless.observed = NULL;
	for (size_t i = 0; i < everyone->netspaces.count; i++)
		add_unclaimed(&all, &everyone->netspaces.of[i].overs);
	return all;
}

void look_forget(struct looked_all *all)
{
	for (size_t i = 0; i < all->count; i++)
		sampled_free(&all->process[i].sampled);
	sampled_free(&all->nameless.sampled);
	free(all->process);
	free(all->over);
}
