/* What the detectors share: the judge that they report to, and the tally that most of them keep.
 *
 * A detector looks at the fold, takes the turns that are its own, or a part of them (one code a
 * part at most: whoever comes first in find.c's table has it), and adds findings. */
#ifndef SOCKFIX_JUDGE_H
#define SOCKFIX_JUDGE_H

#include <stdio.h>

#include "tools/find/ends.h"
#include "tools/find/find.h"
#include "tools/base/numbers.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* Stalls by what they last (observe: delayed ACK 40 ms, +1 jiffy of either clock; cork and minimal
 * RTO 200 ms). */
#define DELAYED_ACK_LOW	 (30 * MS)
#define DELAYED_ACK_HIGH (65 * MS)
#define CORK_LOW	 (185 * MS)
#define CORK_HIGH	 (270 * MS)

/* A Linux peer's delayed ACK: TCP_DELACK_MIN and a tick of the slowest clock. */
#define DELAYED_ACK (44 * MS)

/* A habit, not an accident: so many hits, or so much of the run, and so much in all. */
#define HABIT_HITS 20
#define HABIT_LOST (10 * MS)

/* The parts of a turn that can be lost each for its own reason. */
enum part {
	PART_WAIT = 1 << 0,   /* from its last write to the answer's first byte */
	PART_ANSWER = 1 << 1, /* from there to the answer's last one */
	PART_ALL = PART_WAIT | PART_ANSWER
};

struct judge {
	struct fold *fold;
	struct findings *out;
	uint8_t **taken; /* taken[flow][turn]: enum part, what of it detectors have */
	/* What an answer takes where nothing stalls, ns: medians of turns that did not. */
	uint64_t *base;	 /* of each endpoint; of none such: its min_rtt */
	uint64_t *joint; /* likewise, of turns with two writes and more; 0: too few were seen */
	uint64_t *like;	 /* of each signature; 0: too few */
	uint64_t *begin; /* the least of each endpoint's first turns of a connection, which no
			  * delayed ACK holds up; UINT64_MAX: there is none (timed.c) */
	uint64_t *begin_like;	 /* the same, of each signature */
	struct moments *moments; /* made when first asked for */
	uint64_t explained;	 /* and such of which only the sum is known, ns */
};

#define NO_TURN UINT32_MAX

struct hit {
	const struct flow_fold *flow; /* NULL: of none */
	uint32_t turn;		      /* of the flow's; NO_TURN */
	uint64_t timed;		      /* what the finding's distribution is of, ns */
	uint64_t lost;		      /* ns */
	uint64_t end : 63;	      /* of what was lost, on the clock; 0: not known */
	bool proven : 1;
};

/* Hits of one finding at one endpoint. There may be millions: they are kept packed. */
struct tally {
	uint64_t of, proven;
	size_t hits;
	struct packed packed;
	struct hit last;
};

/* Its hits, one after the other: {.tally = tally}. */
struct hits {
	const struct tally *tally;
	size_t seen;
	const unsigned char *at;
	struct hit hit;
};
/* The next one is in hits->hit; false: those were all. */
bool hits_next(struct hits *hits);

static inline bool within(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}
static inline uint64_t beyond(uint64_t value, uint64_t base)
{
	return value > base ? value - base : 0;
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A turn whose wait no finding has (answered, and no loss in it), and whose timing may be judged:
 * not early, not torn between threads. */
bool turn_is_clean(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);
/* The same; but where the kernel's clock was asked, no guess is made that a turn could spoil. */
bool turn_may_be_judged(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);
bool is_delayed_ack(uint64_t wait);
/* Whether there is a finding of that code already. */
bool code_is_found(const struct findings *out, const char *code);
/* ns from connecting to the end of the connection. */
uint64_t life_of(const struct flow_fold *flow);
bool theirs(const struct flow_fold *flow, int option);

void tally_hit(struct tally *tally, struct hit hit);
void tally_free(struct tally *tally);
/* Seconds lost: what overlaps within a process counts once, those of several processes add up. */
uint64_t tally_lost(const struct tally *tally, bool proven_only);
/* Of all hits, hit.timed, sorted; to be freed. */
uint64_t *tally_times(const struct tally *tally);
/* Quantile of them. */
uint64_t tally_quantile(const struct tally *tally, double share);
/* Hits during which another connection of the process got on. */
uint64_t tally_accompanied(struct judge *judge, const struct tally *tally);
/* Whether another connection of the process got on between those times. */
bool moments_other(
	const struct moments *moments, uint32_t process, uint32_t flow, uint64_t from, uint64_t to);
struct moments *moments_take(const struct run *run);
void moments_free(struct moments *moments);
/* A new finding with the tally's hits, seconds, distribution and typical turn filled in; NULL
 * tally: none of these. Where nine hits in ten are proven it is, and counts those alone. */
struct finding *judge_add(
	struct judge *judge, const char *code, uint32_t endpoint, const struct tally *tally);
/* Not worth a line on the screen, by its hits and seconds. */
bool judge_is_minor(const struct judge *judge, const struct finding *finding);
/* As snprintf(), into a text of the finding. */
#define finding_put(finding, text, ...)                                                            \
	snprintf((finding)->text, sizeof((finding)->text), __VA_ARGS__)
/* As snprintf(), into finding->how; adds what overlapped. */
void __attribute__((format(printf, 4, 5))) judge_how(struct judge *judge, struct finding *finding,
	const struct tally *tally, const char *format, ...);
/* Its seconds are waiting that the screen calls stalled. */
void judge_stalled(struct judge *judge, const struct finding *finding, const struct tally *tally);
/* Its seconds are others, and of interest when they were. */
void judge_beside(struct judge *judge, const struct finding *finding, const struct tally *tally);

/* What the turn's answer would have taken without a stall, ns. *like: it is the median of turns of
 * its kind; else only of the endpoint's others. */
uint64_t base_of_turn(const struct judge *judge, const struct flow_fold *flow,
	const struct turn *turn, bool *like);
/* Whether the library asked the kernel after the turn's last write, (trace_format.h): then
 * what is not proven was not held. */
bool turn_was_asked(const struct turn *turn);
/* How long the kernel held the turn's bytes back after its last write, ns: by its own clock; what
 * is below a tick of that, by the round trip that a hold lasts at least. 0 where it was not asked.
 */
uint64_t turn_was_held(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);
/* Fills judge->base, joint and like. */
void bases_take(struct judge *judge);
/* Of the turn's wait, what its program was blocked for, ns. */
uint64_t blocked_of(const struct turn *turn);
/* Whether the kernel may hold small segments back. */
bool has_nagle(const struct flow_fold *flow);
/* Bytes went out that no hooked call wrote (stdio, raw calls). */
bool has_unseen_writes(const struct flow_fold *flow);
bool last_write_is_small(const struct flow_fold *flow, const struct turn *turn);
void turn_take(
	struct judge *judge, const struct flow_fold *flow, const struct turn *turn, enum part part);
void hit_take(struct judge *judge, const struct hit *hit, enum part part);
/* What detectors have of it. */
/* Of the flow's turn of that number. */
enum part parts_taken(const struct judge *judge, const struct flow_fold *flow, size_t turn);
enum part turn_taken(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);

/* Fills mend->name, match from the endpoint: role, peer and port. set: `coalesce = "auto";`. */
void mend_endpoint(struct mend *mend, const struct judge *judge, const struct finding *finding,
	const char *set, bool force);

/* For connections that the process's program makes, whoever the peer is. */
void mend_program(struct mend *mend, const struct run_process *process);
/* The process's program, without its folder; and whether a rule can name it. */
const char *mend_name_of(const struct run_process *process);
bool mend_can_name(const struct run_process *process);

/* For two codes at one endpoint: sorts each of its turns into their tallies, and reports those that
 * have hits. */
struct pair {
	void (*sort)(struct judge *judge, struct tally pair[2], const struct flow_fold *flow,
		const struct turn *turn);
	void (*report[2])(struct judge *judge, uint32_t endpoint, struct tally *tally);
};
void find_pair(struct judge *judge, const struct pair *pair);

/* The rule that ends waits of small writes (N01 N02) with its runner-up, and the one that joins
 * many (N03 N05), and who can mend it: only what the library does follow on these connections. */
void mend_waits(struct judge *judge, struct finding *finding);
void mend_small(struct judge *judge, struct finding *finding);
/* The rule by which each write is sent at once. */
void mend_by_sending(struct judge *judge, const struct finding *finding, struct mend *mend);
/* Whether the program itself sets TCP_NODELAY to 0 there: over it wins force alone. */
bool is_nodelay_off(const struct judge *judge, uint32_t endpoint);

/* Whether no rule may join writes at this endpoint: one message must stay one segment there. */
bool never_joined(const struct judge *judge, uint32_t endpoint);

/* A connection that its listener, on this host, had no room for yet: the kernel drops the last step
 * of the handshake, the client believes that it is connected, and its first words are sent again
 * until there is room. */
bool waited_for_queue(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn);

/* "12.3 s", "4.5 ms": at most `size` bytes of text, which it returns. */
char *time_text(char *text, size_t size, uint64_t ns);

/* "205060 of 300000 turns" becomes "205,060 of 300,000 turns". */
void sentence_group(char *text, size_t size);

/* The detectors, in their order. */
void find_loss(struct judge *judge);	/* S09 */
void find_connect(struct judge *judge); /* C01 C02 C03 C04 */
void find_cork(struct judge *judge);	/* N06 N07 */
void find_nagle(struct judge *judge);	/* N01 N02 */
void find_late(struct judge *judge);	/* N11, possible N01 */
void find_busy(struct judge *judge);	/* possible N01 and N02 */
void find_small(struct judge *judge);	/* N03 N05 */
void find_buffer(struct judge *judge);	/* S01 S02 S03 S11 */
void find_spin(struct judge *judge);	/* S06 E01 */
void find_read(struct judge *judge);	/* R04 R05 */
void find_name(struct judge *judge);	/* D01 D02 */
void find_life(struct judge *judge);	/* L01 L03 */
void find_file(struct judge *judge);	/* F01 */
void find_ours(struct judge *judge);	/* X01 */
void find_many(struct judge *judge);	/* one of each kind, of many peers */
void find_program(struct judge *judge); /* A01 A02 A03 */
void find_bound(struct judge *judge);
void find_critical(struct judge *judge);
void find_innocents(struct judge *judge);

#endif
