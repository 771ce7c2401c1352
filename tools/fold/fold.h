/* Folding: the events of each connection become turns, turns become signatures, and the wall time
 * of the process is split. Pure: a run goes in, memory comes out; no file, no clock, no printing.
 */
#ifndef SOCKFIX_FOLD_H
#define SOCKFIX_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/read/run.h"

/* ns; 0 where one of them is not known, or they run backwards, as in damaged traces. */
static inline uint64_t since(uint64_t from, uint64_t to)
{
	return from && to > from ? to - from : 0;
}

/* A write of no more bytes is tiny. */
#define TINY 4u

/* One write or read of a turn, for signatures and excerpts. */
struct step {
	uint64_t begin, end;  /* ns */
	uint32_t asked, done; /* bytes */
	uint32_t tid;
	uint8_t call, error, flags;
	bool writes : 1;
	bool fed : 1; /* a write of what a read of a regular file had brought */
};

/* A client's turn: the writes of a flow up to and with the reads that answer them; it begins with
 * the first write after a read with data. What the peer says before the first write (a greeting) is
 * a turn of its own, with writes == 0.
 *
 * A server's turn (see `serves`): a request and the writes that answer it; it begins with the first
 * read with data after a write. A greeting is a turn with reads == 0. Its `begin` is when the
 * request's first bytes came, `think` what the server itself took from the request's last read to
 * the first write, `answered` when the peer spoke next (the first data of the *next* turn), and
 * `wait` what passed until then: the peer's thinking and, where `held`, the stall, until `left`. A
 * server's wait without `held` is never lost.
 *
 * Steps stand in the order of writes' begins and reads' ends: a reader thread that sat in recv()
 * before the writer wrote got its data after. Two threads on one flow are one flow. A write of
 * exactly the rest of a partial one, by the same thread, is the same write: `writes` counts it once
 * (the steps are all there). Calls that failed (EAGAIN, ...) and reads of 0 bytes stay in the turn
 * where they stand, and begin and end none. */
struct turn {
	uint32_t first, steps;	/* of the flow's */
	uint32_t writes, reads; /* that took or gave bytes */
	uint64_t bytes_out, bytes_in;
	uint64_t begin;	   /* of the first write */
	uint64_t written;  /* the last write returned */
	uint64_t answered; /* the first read with data returned; 0: no answer came */
	uint64_t end;	   /* of the last step */
	uint64_t wait;	   /* answered - written: what the program waited, 0 without an answer */
	uint64_t think;	   /* from the end of the turn before to `begin`, 0 for the first */
	uint32_t retrans;  /* segments sent again in it, where a probe tells (else 0) */
	bool proven : 1;   /* a write of it has EVENT_PROVEN */
	bool more : 1;	   /* the program's own MSG_MORE or TCP_CORK kept its last write */
	bool corked : 1;   /* and it was TCP_CORK */
	bool filled : 1; /* what it wrote from `held` on, or its last write that is `more`, fills a
			  * segment: that left whatever was held, and `left` says nothing */
	bool mixed : 1;	 /* two threads wrote in it */
	bool early : 1;	 /* one of the first two of its connection: quick-ACK phase */
	uint8_t arm;	 /* 0, EVENT_BARE or EVENT_MENDED */
	bool polled : 1; /* a read of it failed: that asks without blocking */
	bool asked : 1;	 /* its last write is one after which the library asks the kernel */
	uint32_t number; /* in the flow */
	uint32_t signature;	   /* index in fold->signature */
	uint32_t last_write;	   /* bytes; 0: it has none */
	uint32_t sent, tiny;	   /* writes with data; of TINY bytes and less */
	uint32_t rows, row_writes; /* rows of small writes close by, and the writes in them */
	uint64_t row_bytes;
	uint64_t data_end; /* of its last step with data */
	uint64_t held;	   /* the first write with EVENT_PROVEN returned; 0: none */
	uint64_t left;	   /* of a turn that is proven, or `more`: when its last bytes left, by the
			    * kernel's clock, which has ticks of 1 to 10 ms; 0: it was not asked */
	uint64_t blocked;  /* of wait: in calls that block on this flow (read, poll, epoll ...), by
			    * the thread that read next; the rest of wait it did something else */
	uint64_t pause;	   /* N11: the longest time that the reader was blocked *between* two reads
			    * with data of one answer (or request), nothing written in between */
	uint64_t paused_until;
	uint64_t stood; /* R05: the longest time that the writer was blocked on this flow between
			 * two of its writes, and nothing came */
	uint64_t stood_until;
};

/* Like turns of one endpoint, as the program's dialect: "w480..1390 w2 r82". Like are turns of the
 * same shape whose sizes lie together; a range holds nine in ten of them; repetitions are folded:
 * "w80 x40 r2", "(w4 w100) x20 r3". Where turns of another kind nearly always come just before, the
 * text says them first, with a dot: "w27 r6 . w480..1390 w2 r82", "(w2 r3) x10 . w100 r5". */
struct signature {
	uint32_t endpoint;
	char *text;
	uint64_t count;			    /* of its own turns, the last part */
	uint64_t wait, bytes_out, bytes_in; /* sums over its own turns */
	char *alone;			    /* its own turns only: "w480..1390 w2 r82" */
	uint32_t part_of; /* the signature whose text says this one, too; UINT32_MAX: none. Lists
			   * leave such parts out. */
};

/* Of all turns of a flow: what need not be asked of each. */
struct turn_sums {
	uint64_t begin, end;	  /* the first and the last of them; 0: there are none */
	uint64_t took;		  /* from begin to end each, added up */
	uint64_t written, single; /* turns with writes, with one write */
	uint64_t rows, tiny;
	uint64_t pause, stood; /* the longest */
	bool retrans, untold;  /* of some; proven, and it was not told when its bytes left */
};

struct flow_fold {
	const struct run_process *process;
	const struct trace_connection *connection;
	uint32_t endpoint;
	const struct flow_fold *next; /* of the same endpoint; NULL: the last */
	bool serves; /* role of server (or unknown, and the peer spoke first): turns are answers */
	size_t steps, turns; /* turn_at() has the turns, steps_list() the steps */
	struct turn_store *store;
	bool nodelay_off;      /* the program has set TCP_NODELAY to 0 on it */
	bool sends_more;       /* some call of it had MSG_MORE */
	uint64_t connect_took; /* ns of connect(), also of one that went on in the background; 0
				  none */
	uint64_t silence;      /* ns: the longest between the ends of two steps */
	uint64_t held_longest; /* ns from a write that the library held to the next step of its turn
				*/
	uint32_t held_turn;    /* the first of that length */
	uint32_t fed_turn;     /* the last with a step that is fed */
	uint64_t fed, fed_bytes;
	struct turn_sums sums;
};

/* A turn of the flow. There may be millions: they are kept packed, and what is returned is valid
 * until a few hundred others were asked for. In order they cost little. */
const struct turn *turn_at(const struct flow_fold *flow, size_t number);

static inline const struct turn *turn_from(const struct flow_fold *flow, size_t number)
{
	return number < flow->turns ? turn_at(flow, number) : NULL;
}
/* The turns of a flow, in order: turn is declared. */
#define for_each_turn(turn, flow)                                                                  \
	for (const struct turn *turn = turn_from(flow, 0); turn;                                   \
		turn = turn_from(flow, turn->number + (size_t)1))

/* A read or write of a connection. */
bool event_is_step(const struct trace_event *event);

/* Reads the recording again for the flow's steps from `first` on, and returns how many it found;
 * `most` at most. */
size_t steps_list(const struct flow_fold *flow, size_t first, struct step *step, size_t most);

/* Of each of these steps the poll, select or epoll_wait of `least` ns and more in which its thread
 * waited for it since the step before; of call 0 where there was none such. */
void waits_list(const struct run_process *process, const struct step *step, size_t steps,
	uint64_t least, struct trace_event *wait);

/* All connections to one peer address and port, or accepted on one port of ours (listeners of that
 * port belong there, but are not counted in `connections`). */
struct endpoint {
	char *text;		      /* "10.0.0.1:143 imap", "port 8000 (server)" */
	const struct flow_fold *flow; /* the first of its flows: for_each_flow() */
	uint8_t peer[16];
	uint16_t port;
	uint8_t role; /* enum trace_role */
	size_t connections;
	uint64_t turns;
	/* ns, quantiles of turn.wait over answered, not early turns with writes; 0 where there are
	 * none. Of a server: how long its peers took to speak again. */
	uint64_t wait_p5, wait_p50, wait_p95, wait_p99, wait_max;
	uint64_t min_rtt; /* smallest of its connections, ns; 0 unknown */
};

/* The flows of an endpoint, in the fold's order: flow is declared. */
#define for_each_flow(flow, fold, e)                                                               \
	for (const struct flow_fold *flow = (fold)->endpoint[e].flow; flow; flow = flow->next)

/* Wall time of the whole run, in ns; the parts add up to `wall`. Where threads or processes
 * overlap, an instant counts as the best that happens in it: program > thinking > stalled > other >
 * unseen.
 *
 * A thread is on sockets from its first event on a flow to its last; in between it waits for a peer
 * (a blocking read or accept, poll, select or epoll that may end by a flow, a blocking write of 1
 * ms or more), is in connect, close or names, or is in the program. Time in the program during
 * which another thread went into a wait for a peer of 1 ms or more and came out again counts for
 * nothing: that thread may be parked (a pool). Instants without any thread on sockets are the
 * program's. A call that never returned left no event: what passes in it is the program's, too.
 * From listen() to a server's first connection nothing was recorded: that is waiting for a peer. */
struct split {
	uint64_t wall;
	uint64_t program;  /* no thread on sockets waits in a call on one */
	uint64_t thinking; /* waiting for a peer, as long as it was thinking */
	uint64_t stalled;  /* of that, what findings explain: filled in by find/ */
	uint64_t other;	   /* connect, names, close */
	uint64_t names;	   /* of that, looking up names */
	uint64_t unseen;   /* after the last event of a recording that was full: nobody knows */
	uint64_t waited;   /* at least one thread waited, whatever others did: no part of it */
};

struct fold {
	const struct run *run;
	struct flow_fold *flow;
	size_t flows;
	struct endpoint *endpoint;
	size_t endpoints;
	struct signature *signature;
	size_t signatures; /* most frequent first, within an endpoint */
	struct split split;
	struct turn_cache *cache; /* turn_at()'s */
	size_t socket_threads;	  /* threads with events on flows */
	uint64_t events;
	uint64_t cost;	   /* ns: what the recording itself took */
	uint64_t recorded; /* all of them in detail until then; UINT64_MAX: to their ends */
	uint64_t bytes_seen,
		bytes_kernel;		 /* both directions, connections that were asked at close */
	uint64_t unasked, bytes_unasked; /* connections that were not; what was seen of them */
	double coverage;		 /* 0..1; -1: the kernel was never asked */
};

/* From a turn's begin to the last byte of its answer (of a server's: to the peer's next word), or
 * to its end where none came, ns. */
uint64_t turn_took(const struct flow_fold *flow, const struct turn *turn);

/* Largest segment payload of the connection. */
uint32_t flow_mss(const struct flow_fold *flow);

/* When the last event of the process ended: after that there was no room, where it was full. */
uint64_t process_recorded(const struct run_process *process);

/* Never fails but for memory, which ends the process as elsewhere in tools/. */
struct fold *fold_run(const struct run *run);
void fold_free(struct fold *fold);

#endif
