/* Counts looks by what each says. Must not judge: what is a habit is for tools/find. */
#include "tools/live/looks.h"

#include <stddef.h>

enum { SILENT_MS = 300000 }; /* codes.c, L01 */
enum { CLOSE_WAIT = 8 };     /* the peer has said its last word, we have not */

bool looks_may_send(const struct socket_state *socket)
{
	return socket->state == TCP_IS_UP || socket->state == CLOSE_WAIT;
}

bool looks_held(const struct socket_state *socket)
{
	const struct socket_tcp *tcp = &socket->tcp;

	return looks_may_send(socket) && tcp->unsent > 0 && tcp->unsent < tcp->mss &&
	       tcp->unacked > 0 && tcp->unacked < tcp->congested && tcp->again == 0 &&
	       socket->room <= tcp->window;
}

static void add_calling(struct looks *looks, const struct socket_state *socket)
{
	looks->calling++;
	looks->again += socket->tcp.again > 0;
}

static void add_listening(struct looks *looks, const struct socket_state *socket)
{
	/* include/net/sock.h, sk_acceptq_is_full() */
	const bool full = socket->waiting > socket->room;

	looks->full += full;
	if (full && socket->waiting > looks->fullest)
		looks->fullest = socket->waiting;
}

/* A wait for an ACK is longer than the way there and back where the peer delays it. Where it is not
 * it is nobody's habit: writes that others follow at once are held for that long. */
static bool is_still(const struct socket_state *socket)
{
	const uint64_t silent_us = (uint64_t)socket->tcp.silent_ms * 1000;

	return silent_us > 0 && silent_us * 2 > (uint64_t)socket->tcp.way_us * 3;
}

/* The kernel waits for 200 ms and more before it sends again, and says so only then: those looks
 * were lost, too. */
static uint32_t add_lost(struct looks *looks, const struct socket_state *socket)
{
	const struct socket_state *last = &looks->last;
	const bool waits = looks_may_send(socket) && socket->tcp.unacked > 0;
	const bool is_again = waits && socket->tcp.again > 0;
	uint32_t lost = is_again;

	if (is_again || (looks->looks && socket->tcp.sent_again != last->tcp.sent_again)) {
		lost += looks->stuck;
		looks->stuck = 0;
	} else if (waits && looks->looks && socket->sent == last->sent) {
		looks->stuck++;
	} else {
		looks->stuck = 0;
	}
	looks->lost += lost;
	return lost;
}

uint32_t looks_add(struct looks *looks, const struct socket_state *socket)
{
	const bool held = looks_held(socket);
	const uint32_t lost = add_lost(looks, socket);

	if (!looks->looks++)
		looks->first = *socket;
	looks->last = *socket;
	if (socket->state == TCP_IS_CALLING)
		add_calling(looks, socket);
	else if (socket->state == TCP_IS_LISTENING)
		add_listening(looks, socket);
	looks->held += held;
	looks->still += held && is_still(socket);
	looks->bulk += looks_may_send(socket) && socket->tcp.unsent >= socket->tcp.mss &&
		       socket->tcp.unsent > 0;
	return lost;
}

bool looks_silent(const struct socket_state *socket)
{
	const struct socket_tcp *tcp = &socket->tcp;

	return socket->state == TCP_IS_UP && !socket->keepalive && tcp->unacked == 0 &&
	       tcp->unsent == 0 && tcp->silent_ms > SILENT_MS && tcp->quiet_ms > SILENT_MS;
}

/* What a counter of the kernel's advanced: rounded so that it comes to nothing in the end. */
static uint64_t half_way(uint64_t first, uint64_t last)
{
	return last > first ? first + (last - first + 1) / 2 : last;
}

static void fade_clocks(struct socket_state *first, const struct socket_state *last)
{
	first->sent = half_way(first->sent, last->sent);
	first->received = half_way(first->received, last->received);
	first->tcp.busy_us = half_way(first->tcp.busy_us, last->tcp.busy_us);
	first->tcp.window_us = half_way(first->tcp.window_us, last->tcp.window_us);
	first->tcp.buffer_us = half_way(first->tcp.buffer_us, last->tcp.buffer_us);
	first->tcp.sent_again = (uint32_t)half_way(first->tcp.sent_again, last->tcp.sent_again);
	first->tcp.needless = (uint32_t)half_way(first->tcp.needless, last->tcp.needless);
	first->tcp.answers = (uint32_t)half_way(first->tcp.answers, last->tcp.answers);
	first->tcp.segments = (uint32_t)half_way(first->tcp.segments, last->tcp.segments);
	first->dropped = (uint32_t)half_way(first->dropped, last->dropped);
}

void looks_fade(struct looks *looks)
{
	uint32_t *const count[] = {&looks->held, &looks->still, &looks->bulk, &looks->calling,
		&looks->again, &looks->full, &looks->lost};

	for (size_t i = 0; i < sizeof(count) / sizeof(*count); i++)
		*count[i] /= 2;
	looks->looks -= looks->looks / 2; /* 0 is one that was never looked at */
	if (!looks->full)
		looks->fullest = 0;
	fade_clocks(&looks->first, &looks->last);
}
