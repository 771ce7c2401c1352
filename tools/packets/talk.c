/* A conversation's segments in their order: handshake, data, end, and the account of it that a
 * recording has of a connection. What single calls are is calls.c's, what an end's segments tell
 * side.c's. */
#include "tools/packets/talk.h"

#include <errno.h>
#include <string.h>

#define US UINT64_C(1000)

void talk_begin(struct talk *talk, const struct talk_taker *taker, uint64_t time)
{
	const struct trace_options unknown = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ""};

	talk->began = talk->last = time;
	talk->side[0].scale = talk->side[1].scale = -1;
	talk->is.options = unknown;
	talk->line = taker->begin(taker->context, time);
	talk->clock = talk->is.opened = time;
}

/* ---- handshake ---- */

/* The end's connection is there: what it was told of it until then is done. */
static void connected(struct talk *talk, const struct talk_taker *taker)
{
	if (talk->end == 0) {
		calls_connect(talk, taker, 0, calls_came(talk, talk->syn_ack));
	} else {
		talk->clock = 0;
		talk->clock = talk->is.opened = talk->is.connected = calls_came(talk, talk->shaken);
	}
}

static void take_syn(struct talk *talk, const struct segment *segment, int from)
{
	struct side *side = &talk->side[from];
	bool first;

	/* the client's has no ACK, the server's has; and they come first */
	if (!(segment->flags & SEGMENT_ACK) != !from || (!talk->syn && side->begun))
		return;
	first = side_opens(side, segment);
	if (from == 0) {
		talk->syn = talk->syn ? talk->syn : segment->time;
		talk->syns_again += !first;
		return;
	}
	if (segment->scale < 0)
		talk->side[0].scale = side->scale; /* none scales where one does not */
	talk->syn_ack = talk->syn_ack ? talk->syn_ack : segment->time;
	talk->syn_acks_again += !first;
	/* the listener had no room when that ACK came (tcp_v4_syn_recv_sock) */
	talk->dropped += !first && talk->shaken;
}

/* The first of the client behind the SYN-ACK; or data, where that was not captured. */
static void take_shake(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from)
{
	const bool carries = segment->length || segment->flags & SEGMENT_FIN;

	if (talk->shaken || !talk->syn || ((from || !talk->syn_ack) && !carries))
		return;
	talk->shaken = segment->time;
	if (talk->syn_ack)
		connected(talk, taker);
}

/* ---- the end ---- */

/* Far from what that side sends: of a connection before, or of somebody who guesses (RFC 5961). No
 * host would take it. */
static bool is_stray(const struct talk *talk, const struct segment *segment, int from)
{
	const struct side *side = &talk->side[from];
	const uint32_t far = 1u << 20;

	return talk->shaken && side->begun && segment->seq - side->next > far &&
	       side->next - segment->seq > far;
}

static void take_reset(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from)
{
	struct trace_connection *is = &talk->is;

	if (is_stray(talk, segment, from))
		return;
	talk->over = true;
	if (talk->syn && !talk->shaken) {
		if (talk->end == 0)
			calls_connect(talk, taker, ECONNREFUSED, segment->time);
		is->closed = talk->clock;
		return;
	}
	if (is->closed)
		return;
	if (from != talk->end) {
		calls_no_more(talk, taker, segment->time, ECONNRESET);
		return;
	}
	/* Unread data, or a linger of 0 seconds: from outside they look the same where data came.
	 */
	calls_close(talk, taker, segment->time);
	if (talk->side[from].answered)
		is->unread = 1;
	else
		is->options.linger = 0;
}

static void take_fin(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from)
{
	struct side *side = &talk->side[from];

	if (side->finished || is_stray(talk, segment, from))
		return;
	side->finished = true;
	side->next = segment->seq + segment->length + 1;
	if (talk->is.closed)
		return;
	if (from == talk->end)
		calls_close(talk, taker, segment->time);
	else
		calls_no_more(talk, taker, segment->time, 0);
}

/* ---- one segment ---- */

static void take_data(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from)
{
	struct side *side = &talk->side[from], *other = &talk->side[!from];
	bool held;
	const enum news news = side_sends(side, other, segment, side_around(other), &held);

	if ((news == NEWS_DATA || news == NEWS_FILLS) && !talk->is.closed) {
		if (from == talk->end)
			calls_write(talk, taker, segment, held);
		else
			calls_read(talk, taker, segment, held);
	}
	/* the client's first words came here, and the server never had them: as above */
	talk->dropped += news == NEWS_AGAIN && from == 0 && talk->shaken &&
			 segment->seq == side->first + 1 && side->acked == segment->seq;
	side_sent(side, other, segment, news);
}

static void take_ack(struct talk *talk, const struct segment *segment, int from)
{
	struct side *side = &talk->side[from];

	side_acked(&talk->side[!from], segment);
	side->window = segment->window;
	if (!(segment->flags & SEGMENT_SYN) && side->scale > 0)
		side->window <<= side->scale;
}

void talk_take(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from)
{
	if (side_saw(&talk->side[from], segment))
		return;
	for (int i = 0; i < 2; i++)
		side_pass(&talk->side[i], &talk->side[!i], talk->last, segment->time);
	talk->last = segment->time > talk->last ? segment->time : talk->last;
	talk->side[from].stamped = talk->side[from].stamped || segment->stamped;
	if (segment->flags & SEGMENT_SYN) {
		take_syn(talk, segment, from);
		if (segment->flags & SEGMENT_ACK)
			take_ack(talk, segment, from);
		return;
	}
	if (segment->flags & SEGMENT_ACK)
		take_ack(talk, segment, from);
	talk->bare += !segment->length && !(segment->flags & (SEGMENT_FIN | SEGMENT_RST));
	if (segment->flags & SEGMENT_RST) {
		take_reset(talk, taker, segment, from);
		return;
	}
	take_shake(talk, taker, segment, from);
	take_data(talk, taker, segment, from);
	if (segment->flags & SEGMENT_FIN)
		take_fin(talk, taker, segment, from);
	talk->over = talk->over || (talk->side[0].finished && talk->side[1].finished);
}

/* ---- the account ---- */

static struct trace_tcp tcp_of(const struct talk *talk)
{
	const struct side *near = &talk->side[talk->end], *far = &talk->side[!talk->end];
	const uint64_t round = near->gap && far->gap ? near->gap + far->gap : 0;

	return (struct trace_tcp){
		.bytes_sent = near->bytes,
		.bytes_acked = near->bytes,
		.bytes_received = far->bytes + far->missed,
		.busy_us = near->busy / US,
		.rwnd_limited_us = near->limited / US,
		.min_rtt_us = round ? (uint32_t)(round / US < UINT32_MAX ? round / US : UINT32_MAX)
				    : UINT32_MAX,
		.total_retrans = (uint32_t)near->again,
		.snd_mss = side_full(near, far),
		.data_segs_out = (uint32_t)(near->segments + near->again),
		.data_segs_in = (uint32_t)far->segments,
	};
}

static void take_options(struct talk *talk)
{
	const struct side *near = &talk->side[talk->end];

	if (near->unheld && side_has_no_nagle(near))
		talk->is.options.nodelay = 1;
	if (near->keeps)
		talk->is.options.keepalive = 1;
}

static void take_ends(struct talk *talk)
{
	struct trace_connection *is = &talk->is;
	const int near = talk->end, far = !talk->end;

	is->role = near == 0 ? ROLE_OF_CLIENT : ROLE_OF_SERVER;
	is->family = talk->family;
	is->wired = (uint8_t)(WIRED | (side_is_by_chance(&talk->side[near]) ? WIRED_NOT_OURS : 0) |
			      (side_is_by_chance(&talk->side[far]) ? WIRED_NOT_THEIRS : 0));
	memcpy(is->local, talk->address[near], sizeof(is->local));
	memcpy(is->peer, talk->address[far], sizeof(is->peer));
	is->local_port = talk->port[near];
	is->peer_port = talk->port[far];
	is->port = talk->port[1];
}

void talk_end(struct talk *talk, const struct talk_taker *taker)
{
	struct trace_connection *is = &talk->is;
	struct trace_tcp tcp;

	if (talk->syn && !talk->shaken && talk->end == 0 && !is->connecting)
		calls_connect(talk, taker, ETIMEDOUT, talk->last);
	calls_flush(talk, taker);
	take_ends(talk);
	take_options(talk);
	tcp = tcp_of(talk);
	if (is->connected) {
		is->at_connect = (struct trace_tcp){.taken = is->connected,
			.min_rtt_us = tcp.min_rtt_us,
			.snd_mss = tcp.snd_mss,
			.total_retrans = talk->end ? talk->syn_acks_again : talk->syns_again};
		tcp.total_retrans += is->at_connect.total_retrans;
	}
	tcp.taken = is->closed ? is->closed : talk->clock;
	/* What the capture lacks is missing from what was seen, but no call of the program's is. */
	is->at_close = tcp;
	is->unsent =
		(uint32_t)(talk->side[talk->end].missed < UINT32_MAX ? talk->side[talk->end].missed
								     : UINT32_MAX);
	taker->end(taker->context, talk->line, is);
}
