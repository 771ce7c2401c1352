/* Servers for real clients: each speaks as much of a protocol as one client needs, in the manner
 * of a plain blocking server (one read when it wants something, one write an answer, no socket
 * option), and records every byte, the segments that brought them and the ACKs that they cost.
 *
 * They live in threads of the test, so no library is preloaded into them. */
#ifndef TEST_TALK_H
#define TEST_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum talk_kind {
	TALK_IMAP,  /* RFC 3501: literals are asked for, anything else is OK */
	TALK_SMTP,  /* RFC 5321 without extensions */
	TALK_POP3,  /* RFC 1939: TALK_MAILS mails of some 20 lines, always the same */
	TALK_HTTP,  /* RFC 9112: keep-alive, "200" with three bytes for each request */
	TALK_LINES, /* "ok\n" for each line */
	TALK_RELAY, /* passes all on to another port of this host, and back */
};

#define TALK_MAILS 12

struct talk;

/* What connections brought, since the last talk_take(). */
struct talk_record {
	char *bytes; /* of all connections in the order of their acceptance; ends in NUL */
	size_t length;
	unsigned connections;
	unsigned turns;	   /* answers given, greetings not counted */
	uint32_t segments; /* with data, that came: tcpi_data_segs_in of tcp(7) */
	uint32_t acks;	   /* segments without data that the kernel sent here. A write that
			    * Nagle's algorithm keeps back needs one to be let go, so a client
			    * that stalls in n turns costs at least n of them. */
	char *back;	   /* TALK_RELAY: the same for what the other port sent back */
	size_t back_length;
	uint32_t back_segments, back_acks;
};

/* Listens on a port of 127.0.0.1 that the kernel chooses. Never NULL: a failure fails the test. */
struct talk *talk_start(enum talk_kind kind);
struct talk *talk_relay(int port);
int talk_port(const struct talk *talk);

/* Waits until something came and every connection has ended. The caller frees the record. */
void talk_take(struct talk *talk, struct talk_record *record);
void talk_record_free(struct talk_record *record);

/* Closes everything and frees talk. */
void talk_stop(struct talk *talk);

/* A port that was free a moment ago, for a server that cannot choose one itself. */
int talk_free_port(void);

#endif
