/* The parts of fold_run(), one file each, in the order in which they run. */
#ifndef SOCKFIX_FOLD_PARTS_H
#define SOCKFIX_FOLD_PARTS_H

#include "tools/trace/fold.h"

/* ---- spans.c: when threads waited ---- */

/* For a peer; in connect and close; in look-ups of names. */
enum span_kind { SPAN_PEER, SPAN_OTHER, SPAN_NAMES };

/* One call that may have waited. Spans of a thread do not overlap and stand in order. */
struct span {
	uint64_t begin, end;	 /* ns */
	uint32_t flow;		 /* number of the only connection it was about; 0: see watched */
	uint32_t first, watched; /* in thread->watched; none: any flow may have ended it */
	uint8_t kind;		 /* enum span_kind */
};

/* A thread that had events on flows. */
struct thread_spans {
	const struct run_process *process;
	uint32_t tid;
	uint64_t first, last; /* on sockets from then to then */
	struct span *span;
	size_t spans;
	uint32_t *watched; /* numbers of connections */
	size_t watches;
};

struct spans {
	struct thread_spans *thread; /* of a process one after the other */
	size_t threads;
	uint64_t events;	 /* of all threads, also of those not in here */
	struct blocked *blocked; /* blocked.c's, sorted */
	size_t blocks;
};

void spans_take(const struct run *run, struct spans *spans);
void spans_free(struct spans *spans);
/* Forgets the thread's spans. */
void spans_drop(struct thread_spans *thread);

/* ---- connected.c ---- */

struct connected_time {
	uint64_t begin, end;
};

/* Of one process; listeners aside, which it has where it `serves`. */
struct connected {
	bool serves;
	struct connected_time *time; /* none overlap, in order */
	size_t times;
};

void connected_take(const struct run_process *process, struct connected *connected);
void connected_free(struct connected *connected);

/* Whether it is a server that had no connection in all that time. */
bool connected_to_nobody(const struct connected *connected, uint64_t from, uint64_t to);

/* ---- blocked.c ---- */

struct blocked_call {
	uint64_t begin;
	uint64_t until; /* ns of the thread's calls that were about the flow, up to and with this */
};

/* A thread's calls that one flow may have ended, so that nobody has to look through all spans. */
struct blocked {
	const struct run_process *process;
	uint32_t tid, flow; /* flow 0: any */
	struct blocked_call *call;
	size_t calls;
};

/* Makes spans->blocked of the spans for peers; the spans are gone then. */
void blocked_index(struct spans *spans);
void blocked_free(struct spans *spans);

/* Of that time, what the process's thread `tid` was in calls that wait for the flow. */
uint64_t spans_blocked(const struct spans *spans, const struct run_process *process, uint32_t tid,
	uint32_t flow, uint64_t from, uint64_t to);

/* ---- steps.c: each flow's calls ---- */

/* Makes fold->flow, one for each connection, with its steps and connect_took. */
void steps_take(struct fold *fold);

/* ---- turns.c ---- */

/* One write or read with data, partial writes joined. */
struct piece {
	bool writes;
	uint64_t bytes;
};

/* Where in a flow's steps the next piece is looked for; zero it, then set step. */
struct piece_cursor {
	size_t step;
	uint64_t rest; /* what the last write of `tid` left over */
	uint32_t tid;
};

/* Adds steps to *piece up to a whole piece that ends before `end`; false where there is none. */
bool piece_next(
	const struct flow_fold *flow, size_t end, struct piece_cursor *cursor, struct piece *piece);

bool step_has_data(const struct step *step);
/* Whether this write is the rest of the one before; keeps the cursor's rest up to date. */
bool step_goes_on(const struct step *step, struct piece_cursor *cursor);

/* The flow's turns, all but signature and endpoint. */
void turns_take(struct flow_fold *flow, const struct spans *spans);

/* ---- probes.c ---- */

/* turn.retrans, from what the library asked the kernel meanwhile. */
void probes_take(struct fold *fold);

/* ---- endpoint.c ---- */

/* Makes fold->endpoint and says each flow which is its. */
void endpoints_take(struct fold *fold);

/* ---- numbers.c ---- */

/* The value at that share (0..1) of sorted ones; 0 of none. */
uint64_t quantile(const uint64_t *sorted, size_t count, double share);
void sort_numbers(uint64_t *number, size_t count);

/* ---- words.c, signature.c: the dialect ---- */

/* "w27", "r1..82 x3"; block > 1: the first of so many words that are repeated together. */
struct word {
	uint32_t low, high, times;
	uint8_t writes, block;
};
#define WORDS_MOST 20u /* of a turn */

/* The turn in at most WORDS_MOST words; returns how many. */
size_t words_of(const struct flow_fold *flow, const struct turn *turn, struct word *word);

void signatures_take(struct fold *fold);

/* ---- phrase.c: which turns come together ---- */

/* Fills in text and part_of of the signatures, from `alone` and the order of the turns. */
void phrases_take(struct fold *fold);

/* ---- split.c, coverage.c ---- */

/* What an instant of the run counts as, the best first (struct split). */
enum instant {
	INSTANT_PROGRAM,
	INSTANT_PEER,
	INSTANT_OTHER,
	INSTANT_NAMES,
	INSTANT_UNSEEN,
	INSTANTS
};

/* Time in which no thread began or ended anything. */
struct passage {
	uint64_t begin, end; /* ns, not equal */
	enum instant instant;
	bool waited; /* at least one thread did, whatever others were at */
};

/* Calls each(with, ...) for the passages in their order: together they are the run. */
void split_each(const struct fold *fold, const struct spans *spans,
	void (*each)(void *with, const struct passage *passage), void *with);
void split_take(struct fold *fold, const struct spans *spans);
void coverage_take(struct fold *fold);

#endif
