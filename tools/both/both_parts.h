/* The parts of both_take(), one file each: inside tools/both only. */
#ifndef SOCKFIX_BOTH_PARTS_H
#define SOCKFIX_BOTH_PARTS_H

#include "tools/both/both.h"

/* ---- list.c: the connections of a run as one side has them ---- */

struct both_end {
	/* As both sides call it: the server's list has the same names as the client's. */
	uint8_t client[16], server[16];
	uint16_t client_port, server_port;
	uint16_t spare[2];
	uint64_t began, ended;	/* ns, of the run's own clock; ended UINT64_MAX: not */
	uint64_t written, read; /* bytes */
	struct both_member *member;
	size_t members;
	bool paired;
};

struct both_list {
	const struct run *run;
	struct both_end *end; /* by address, ports and time */
	size_t ends;
	struct both_member *member;
	size_t members;
};

struct both_list *list_take(const struct run *run, enum both_side side);
void list_free(struct both_list *list);
/* Addresses and ports: as memcmp(). */
int ends_compare(const struct both_end *one, const struct both_end *other);
/* Whether one may be the other's counterpart by its role; and by what each wrote and read. */
bool ends_know(const struct both_end *client, const struct both_end *server);
bool ends_agree(const struct both_end *client, const struct both_end *server);

/* ---- match.c ---- */

/* Which of them are the same connection. */
struct both_match {
	struct both_found {
		struct both_end *end[BOTH_SIDES];
	} * found;
	size_t count, unsure;
	bool translated;
};

/* Wall clocks that are kept right differ by less, and so do the times at which both ends hear that
 * they are connected, ns. */
#define NEAR	  INT64_C(5000000000)
#define NOT_KNOWN INT64_MAX

void match_take(struct both_match *match, struct both_list *list[BOTH_SIDES]);
/* The two are a pair. */
void pairs_add(struct both_match *match, struct both_end *client, struct both_end *server);
/* The server's clock less the client's, ns, if both hosts know the time of day; else NOT_KNOWN. */
int64_t match_by_wall(struct both_list *list[BOTH_SIDES]);
/* The same by when each says that the connection began; and whether all bytes are the same. */
int64_t ends_apart(const struct both_end *client, const struct both_end *server);
bool ends_equal(const struct both_end *client, const struct both_end *server);
uint64_t match_distance(int64_t one, int64_t other);

/* ---- translate.c ---- */

/* For where match_take() found none: addresses that a NAT has changed. */
void match_translated(struct both_match *match, struct both_list *list[BOTH_SIDES]);

/* ---- pairs.c ---- */

/* Fills in the pairs, whose runs they are, and who is in none. */
void pairs_take(struct both *both, const struct run *run[2]);

/* ---- calls.c: what was written and read ---- */

/* A write or a read that moved bytes. */
struct both_call {
	uint64_t begin, end; /* ns */
	/* Of a read: since when the program waited for it, and when that wait was over; it read
	 * later where it had other things to do. */
	uint64_t idle, woken;
	uint64_t from, to; /* bytes of the stream: from until before to */
	uint8_t flags;	   /* enum trace_flag */
};

struct both_stream {
	struct both_call *call;
	size_t calls;
};

/* A connection's two streams at both ends: what the client said is what the server heard. */
struct both_talk {
	struct both_stream said[BOTH_SIDES], heard[BOTH_SIDES];
	struct {
		bool nagle_known, nagle;
		bool unasked;	       /* a log or a capture: no kernel said anything */
		bool chance;	       /* of a capture: what looks held there is by chance */
		uint32_t mss, retrans; /* bytes; segments sent again in its whole life */
	} kernel[BOTH_SIDES];
};

/* The talks of all pairs, one each; both_talks_free() frees them. */
struct both_talk *both_talks_take(const struct both_pair *pair, size_t pairs);
void both_talks_free(struct both_talk *talk, size_t pairs);
/* Puts a stream in order and numbers its bytes. Writes: by begins, reads: by ends. */
void stream_settle(struct both_stream *stream, bool reads);
/* The call that has that byte; NULL: none. *hint, 0 first: where the last one was found. */
const struct both_call *stream_find(const struct both_stream *stream, uint64_t byte, size_t *hint);

/* ---- clock.c: how the clocks stand to each other ---- */

/* A byte on its way: raw is the receiver's time at its end less the sender's at its beginning, so
 * that of it which is the difference of the clocks nobody knows. */
struct clock_sample {
	uint64_t at;   /* ns, of the client's clock */
	int64_t raw;   /* ns */
	uint64_t back; /* 0: to the server, 1: from it */
};

/* Times in which both clocks ran alike. */
struct clock_window {
	uint64_t from;	/* ns, of the client's clock */
	int64_t raw[2]; /* the least of each way; CLOCK_UNKNOWN: there was none */
};
#define CLOCK_UNKNOWN INT64_MAX

struct clock_windows {
	struct clock_window *window;
	size_t windows;
	size_t jumps; /* clocks that went on, for all that is known, from another time */
};

/* Sorts the samples. */
void clock_take(struct clock_windows *clock, struct clock_sample *sample, size_t samples);
/* NULL: of no time. */
const struct clock_window *clock_at(const struct clock_windows *clock, uint64_t at);

/* Bytes that a talk's reads tell of; adds them behind the others. */
size_t clock_samples(const struct both_talk *talk, struct clock_sample **sample, size_t samples);

/* ---- hold.c ---- */

/* A message: calls of one stream, from its first to its last. */
struct message {
	const struct both_call *first, *last;
};

/* One way of a turn: who said it, and the read that had its last byte. */
struct leg {
	struct message message;
	const struct both_call *read, *waits; /* waits: that which waited longest */
	int64_t raw, best;		      /* ns; best: of its time, at most raw */
	uint64_t late;			      /* raw - best */
	uint64_t waited;		      /* of late: the receiver waited */
	enum both_hold hold;
	uint64_t held, withheld; /* of waited */
	bool proven;		 /* the kernel that held it said so */
};

/* Of a leg of which all else is known. round: what the way there and back takes at best, ns. */
void hold_take(struct leg *leg, const struct both_talk *talk, enum both_side side, uint64_t round);

/* ---- split.c ---- */

/* What a turn was made of. */
struct both_turn {
	uint64_t took, part[BOTH_PARTS]; /* ns */
	enum both_hold hold[BOTH_SIDES];
	uint64_t lost[BOTH_SIDES], withheld[BOTH_SIDES]; /* ns, of those who held */
	bool proven[BOTH_SIDES];
	bool several[BOTH_SIDES]; /* said by two writes and more */
	bool split;
};

/* Calls each(with, turn) for each turn that has an answer. */
void split_turns(const struct both_talk *talk, const struct clock_windows *clock,
	void (*each)(void *with, const struct both_turn *turn), void *with);

/* ---- judge.c ---- */

/* Findings, verdict: of services and sums that are filled in. */
void both_judge(struct both *both);

#endif
