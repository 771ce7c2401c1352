/* Counts looks by what each says. Must not judge: what is a habit is for tools/find. */
#include "tools/live/looks.h"

enum { CLOSE_WAIT = 8 }; /* the peer has said its last word, we have not */

static bool may_send(const struct socket_state *socket)
{
	return socket->state == TCP_IS_UP || socket->state == CLOSE_WAIT;
}

bool looks_held(const struct socket_state *socket)
{
	const struct socket_tcp *tcp = &socket->tcp;

	return may_send(socket) && tcp->unsent > 0 && tcp->unsent < tcp->mss && tcp->unacked > 0 &&
	       tcp->unacked < tcp->congested && tcp->again == 0 && socket->room <= tcp->window;
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

void looks_add(struct looks *looks, const struct socket_state *socket)
{
	const bool held = looks_held(socket);

	if (!looks->looks++)
		looks->first = *socket;
	looks->last = *socket;
	if (socket->state == TCP_IS_CALLING)
		add_calling(looks, socket);
	else if (socket->state == TCP_IS_LISTENING)
		add_listening(looks, socket);
	looks->held += held;
	looks->still += held && socket->tcp.silent_ms > 0;
	looks->bulk +=
		may_send(socket) && socket->tcp.unsent >= socket->tcp.mss && socket->tcp.unsent > 0;
}
