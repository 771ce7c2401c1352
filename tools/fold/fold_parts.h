/* The parts of fold_run(), one file each, in the order in which they run. */
#ifndef SOCKFIX_FOLD_PARTS_H
#define SOCKFIX_FOLD_PARTS_H

#include "tools/base/numbers.h"
#include "tools/fold/fold.h"

/* ---- spans.c: when threads waited ---- */

/* For a peer; in connect and close; in look-ups of names. */
enum span_kind { SPAN_PEER, SPAN_OTHER, SPAN_NAMES };

/* One call that may have waited. Spans of a thread do not overlap and stand in order. */
struct span {
	uint64_t begin, end; /* ns */
	union {
		uint32_t flow;	/* watched == 0: number of the connection it was about, 0: any */
		uint32_t first; /* else of those in thread->watched */
	};
	uint32_t watched : 30;
	uint32_t kind : 2; /* enum span_kind */
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
	size_t calls, near; /* near: where one was found last */
	bool owns;	    /* the room that `call` is in, which others share */
};

/* Makes spans->blocked of the spans for peers; the spans are gone then. */
void blocked_index(struct spans *spans);
void blocked_free(struct spans *spans);

/* Of that time, what the process's thread `tid` was in calls that wait for the flow. */
uint64_t spans_blocked(const struct spans *spans, const struct run_process *process, uint32_t tid,
	uint32_t flow, uint64_t from, uint64_t to);

/* ---- steps.c: the calls of a process's connections in one order ---- */

/* A step, or what the kernel said of the connection. */
struct happening {
	uint64_t time;
	uint32_t flow; /* number of the connection */
	bool probe; /* step.asked: segments sent again so far; done: ms since data was last sent */
	struct step step;
};

struct merge;

/* Calls note(with, ...) for each call of the process, thread by thread, when it is read. */
struct merge *merge_begin(const struct run_process *process,
	void (*note)(void *with, const struct trace_event *event), void *with);
/* Likewise, but calls in the order in which they returned. */
struct merge *merge_by_ends(const struct run_process *process);
/* The next one in the order of writes' begins and reads' ends; NULL: that were all. */
const struct happening *merge_next(struct merge *merge);
void merge_end(struct merge *merge);

/* ---- turns.c ---- */

bool step_has_data(const struct step *step);

/* Makes fold->flow, one for each connection, and cuts the turns of all; endpoints and signatures
 * are of them. Frees the spans. */
void turns_take(struct fold *fold, struct spans *spans);

/* ---- row.c ---- */

/* A row of small writes close by, within a turn. */
struct row {
	uint32_t writes;
	uint64_t bytes, last; /* ended */
};
/* A step of the turn; what ends a row counts it there. */
void row_step(
	struct row *row, const struct flow_fold *flow, const struct step *step, struct turn *turn);
/* The turn is over. */
void row_end(struct row *row, struct turn *turn);

/* ---- cut.c: one connection's turns ---- */

/* What all connections share. */
struct folding {
	struct fold *fold;
	const struct spans *spans;
	struct phrases *phrases;
};

struct cutting;
struct cutting *cut_begin(struct folding *all, struct flow_fold *flow);
/* Its steps, in the order of merge_next(). */
void cut_step(struct cutting *cutting, const struct step *step);
/* What the kernel said of it in between (struct happening). */
void cut_probe(struct cutting *cutting, const struct step *step);
/* There are no more; frees it. */
void cut_end(struct cutting *cutting);

/* ---- store.c: turns, packed ---- */

struct turn_cache *cache_new(void);
/* From now on a turn that was added with signature n has kind[n], which is the cache's now. */
void cache_kinds(struct turn_cache *cache, uint32_t *kind);
void cache_free(struct turn_cache *cache);
void store_begin(struct flow_fold *flow, struct turn_cache *cache);
/* Turns are added in order. */
void store_add(struct flow_fold *flow, const struct turn *turn);
/* There are no more. */
void store_end(struct flow_fold *flow);
void store_free(struct flow_fold *flow);

/* ---- probes.c ---- */

struct probe {
	uint64_t time;
	uint32_t total;	 /* segments sent again so far */
	uint32_t silent; /* ms since data was last sent */
};

/* A turn's probes, in order; *total: those sent again before. `asks` is the turn of which they say
 * when its bytes left; NULL: of none. */
void probes_judge(const struct probe *probe, size_t probes, struct turn *turn, struct turn *asks,
	uint32_t *total);

/* ---- endpoint.c ---- */

/* Makes fold->endpoint and says each flow which is its. */
void endpoints_take(struct fold *fold);

/* Those that were seen so far, numbered as they came. */
struct places {
	struct place *place;
	struct order order;
};
/* The number of the flow's, whose `serves` is known. */
uint32_t places_number(struct places *places, struct flow_fold *flow);
/* The flow that was the first of that number. */
const struct flow_fold *places_flow(const struct places *places, uint32_t number);
void places_free(struct places *places);

/* ---- words.c, dictionary.c, signature.c: the dialect ---- */

/* "w27", "r1..82 x3"; block > 1: the first of so many words that are repeated together. */
struct word {
	uint32_t low, high, times;
	uint8_t writes, block;
};
#define WORDS_MOST 20u /* of a turn */

/* The words of a turn while its steps come. */
struct saying {
	struct word word[WORDS_MOST];
	size_t words;
	uint32_t *piece; /* bytes of each of the run in one direction that goes on */
	size_t pieces;
	bool writes;
	/* The write that goes on, for partial ones: joined, they are one piece. */
	bool open;
	uint64_t bytes, rest;
	uint32_t tid;
};

void saying_begin(struct saying *saying);
/* A step with data. */
void saying_step(struct saying *saying, const struct step *step);
void saying_end(struct saying *saying);
void saying_free(struct saying *saying);

/* Words of turns, each once. */
struct phrases;
struct phrases *phrases_begin(struct fold *fold);
/* The number of what was said on that flow. */
uint32_t phrases_number(
	struct phrases *phrases, struct flow_fold *flow, const struct saying *saying);
/* A turn whose signature is such a number. */
void phrases_count(struct phrases *phrases, const struct turn *turn);
/* Makes fold->signature; the endpoints are known. Frees them. */
void signatures_take(struct phrases *phrases);

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
