/* A small open-addressed table of endpoints; lock-free, never emptied, async-signal-safe.
 *
 * A place is claimed by its state, filled, then published; whoever meets a place that is being
 * filled goes on to the next, so two learners for one endpoint are possible, and harmless. */
#include "shim/table/learners.h"

#include "shim/base/page.h"

#include <limits.h>
#include <string.h>

#define PLACES 512u
#define PROBES 16u

enum { FREE, CLAIMED, READY };

struct endpoint {
	_Atomic int state;
	bool server;
	uint16_t port;
	uint8_t peer[16];
	struct learner learner;
};

static SELDOM struct endpoint endpoint[PLACES];
/* For those who find no place. It never predicts: benched for more turns than there will be. */
struct learner learner_nobodys = {.benched = INT_MAX};

/* FNV-1a. */
static uint32_t hash(bool server, const uint8_t peer[16], uint16_t port)
{
	uint32_t h = 2166136261u;

	for (int i = 0; i < 16; i++)
		h = (h ^ peer[i]) * 16777619u;
	h = (h ^ (port & 0xffu)) * 16777619u;
	h = (h ^ (uint32_t)(port >> 8)) * 16777619u;
	return (h ^ (uint32_t)server) * 16777619u;
}

static bool same(const struct endpoint *e, bool server, const uint8_t peer[16], uint16_t port)
{
	return e->server == server && e->port == port && memcmp(e->peer, peer, 16) == 0;
}

static bool claim(struct endpoint *e, bool server, const uint8_t peer[16], uint16_t port)
{
	int state = FREE;

	if (!atomic_compare_exchange_strong(&e->state, &state, CLAIMED))
		return false;
	e->server = server;
	e->port = port;
	memcpy(e->peer, peer, 16);
	atomic_store_explicit(&e->state, READY, memory_order_release);
	return true;
}

struct learner *learner_of(bool server, const uint8_t peer[16], uint16_t port)
{
	uint32_t at = hash(server, peer, port);

	for (uint32_t i = 0; i < PROBES; i++) {
		struct endpoint *e = &endpoint[(at + i) % PLACES];
		int state = atomic_load_explicit(&e->state, memory_order_acquire);

		if (state == READY && same(e, server, peer, port))
			return &e->learner;
		if (state == FREE && claim(e, server, peer, port))
			return &e->learner;
	}
	return &learner_nobodys;
}
