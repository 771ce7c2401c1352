/* A conversation: the two ends of a connection in a capture, and the calls that the program at one
 * of them must have made, in the form of a recording (shim/trace_format.h), so that whatever reads
 * recordings reads captures. Bounded and streaming: a call is given away when the next one begins.
 *
 *   connect   from the SYN to when the SYN-ACK came
 *   write     segments that left, joined where more stood ready behind a full one
 *   read      segments that came, less than 1 ms apart; it began when the call before it ended, for
 * a program that has nothing to say waits close     its FIN or RST; the other end's FIN is a read
 * of 0 bytes
 *
 * Times are those of the end's own host: a segment left there, or came there, so much before or
 * after it passed the place of the capture as the handshake tells.
 *
 * When the program made a write that Nagle's algorithm kept back is not to be seen; it lies between
 * the segment before it and the ACK that let it go. It is put right behind the write before it,
 * with EVENT_PROVEN, for a program that writes a message in parts does not pause between them, and
 * recordings of such programs show microseconds there. A program that does pause loses less than is
 * said. When it left is told as the library tells it, by a PROBE behind the answer. */
#ifndef SOCKFIX_TALK_H
#define SOCKFIX_TALK_H

#include "shim/trace_format.h"
#include "tools/packets/side.h"

/* Who takes the calls; times are ns since 1970. line: of that talk, as begin() gave it. */
struct talk_taker {
	void *context;
	void *(*begin)(void *context, uint64_t time);
	/* event: call, error, flags, start, asked, done. */
	void (*event)(void *context, void *line, const struct trace_event *event, uint64_t took);
	/* is: all but its number. The line is gone. */
	void (*end)(void *context, void *line, const struct trace_connection *is);
};

struct talk {
	struct talk *next, *newer, *older; /* talks.c's */
	uint32_t hash;
	uint8_t family, end; /* end: whose calls are made, 0 the client, 1 the server */
	uint8_t address[2][16];
	uint16_t port[2];
	struct side side[2];
	uint64_t began, last;	       /* packets' */
	uint64_t syn, syn_ack, shaken; /* the first of each; and the ACK of that; 0: not seen */
	uint32_t syns_again, syn_acks_again, dropped; /* dropped: behind that ACK */
	uint64_t bare;	 /* segments that had an ACK and nothing else */
	bool over, told; /* over: no more can come; told: and it was ended */
	/* what of it was told */
	void *line;
	uint64_t clock; /* the end of the last call */
	struct pending {
		uint8_t call; /* TRACE_NOTHING: none */
		bool held, full,
			unpushed; /* of a write its last segment: it was full, had no PSH */
		uint64_t begin, until, bytes;
	} pending;
	bool asks;	     /* a held write waits for its probe */
	uint64_t told_again; /* by the last probe */
	struct trace_connection is;
};

/* time: of its first packet. client: 0 or 1, which of the two ends connected. */
void talk_begin(struct talk *talk, const struct talk_taker *taker, uint64_t time);
/* A segment that side `from` sent. */
void talk_take(
	struct talk *talk, const struct talk_taker *taker, const struct segment *segment, int from);
/* No more comes of it. */
void talk_end(struct talk *talk, const struct talk_taker *taker);

/* ---- calls.c's ---- */

void calls_connect(struct talk *talk, const struct talk_taker *taker, int error, uint64_t until);
void calls_write(struct talk *talk, const struct talk_taker *taker, const struct segment *segment,
	bool held);
void calls_read(struct talk *talk, const struct talk_taker *taker, const struct segment *segment,
	bool held);
void calls_flush(struct talk *talk, const struct talk_taker *taker);
/* The other end's FIN, error 0, or its RST. */
void calls_no_more(struct talk *talk, const struct talk_taker *taker, uint64_t time, int error);
/* The end's own FIN, or its RST. */
void calls_close(struct talk *talk, const struct talk_taker *taker, uint64_t time);
/* When something that passed at that time was at the end's host: before it left, after it came. */
uint64_t calls_left(const struct talk *talk, uint64_t time);
uint64_t calls_came(const struct talk *talk, uint64_t time);

#endif
