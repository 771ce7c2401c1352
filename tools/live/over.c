/* Counts what the kernel lists in TIME_WAIT. Must not guess whose it was. */
#include "tools/live/over.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/live/sockets.h"

/* include/net/tcp.h of the kernel, TCP_TIMEWAIT_LEN */
enum { LASTS_MS = 60000 };

struct taking {
	struct overs *overs;
	const uint8_t *listening;
	uint64_t within_ms;
};

static void take(void *context, const struct socket_state *socket)
{
	const struct taking *taking = context;
	struct overs *overs = taking->overs;
	const uint64_t age = socket->timer_ms < LASTS_MS ? LASTS_MS - socket->timer_ms : 0;
	struct over *over;

	if (age > taking->within_ms || listening_has(taking->listening, socket->local_port))
		return;
	overs->of = memory_grow(overs->of, overs->count, sizeof(*overs->of));
	over = &overs->of[overs->count++];
	*over = (struct over){.port = socket->peer_port, .count = 1};
	memcpy(over->peer, socket->peer, sizeof(over->peer));
}

static int compare(const void *left, const void *right)
{
	const struct over *a = left, *b = right;
	const int order = memcmp(a->peer, b->peer, sizeof(a->peer));

	return order ? order : a->port - b->port;
}

/* One for each peer, in its order; then those that are enough. */
static void add_up(struct overs *overs)
{
	size_t peers = 0, kept = 0;

	for (size_t i = 0; i < overs->count; i++)
		if (peers && compare(&overs->of[peers - 1], &overs->of[i]) == 0)
			overs->of[peers - 1].count++;
		else
			overs->of[peers++] = overs->of[i];
	for (size_t i = 0; i < peers; i++)
		if (overs->of[i].count >= OVER_LEAST)
			overs->of[kept++] = overs->of[i];
	overs->count = kept;
}

int overs_take(struct overs *overs, int kernel, const uint8_t listening[LISTENING_BYTES],
	uint64_t within_ms)
{
	struct taking taking = {overs, listening, within_ms};
	int error;

	overs->count = 0;
	error = sockets_each_over(kernel, take, &taking);
	if (overs->count)
		qsort(overs->of, overs->count, sizeof(*overs->of), compare);
	add_up(overs);
	return error;
}

void overs_free(struct overs *overs)
{
	free(overs->of);
	*overs = (struct overs){.count = 0};
}
