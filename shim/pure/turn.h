/* The learner: how many writes does this program make before it waits, and so which of them may be
 * held back for the next; and what holding has won and cost at that endpoint. Pure: counts and
 * times go in, a verdict comes out. It knows no descriptor, no rule, no clock (times are arguments,
 * in nanoseconds) and no kernel.
 *
 * A struct turn belongs to one flow and is used by one thread at a time, but for its atomic fields,
 * which others may look at meanwhile; a struct learner belongs to an endpoint, is shared by its
 * flows and needs no lock: a lost update costs one lesson. */
#ifndef SOCKFIX_TURN_H
#define SOCKFIX_TURN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shim/pure/acks.h"

/* A turn teaches only if no gap in it was longer: otherwise a program that computes between its
 * writes would be taught to wait for itself. */
#define TURN_GAP_NS 1000000u

/* Writes without a wait, and without a prediction, after which a turn is a stream. */
#define TURN_STREAM 16u

/* Turns of so many writes are not worth learning: their segments are full anyway. */
#define TURN_ENDLESS 1024u

/* Where writes follow each other more slowly than the peer can use them, a train must not grow old:
 * after so long the next write takes along what is held. */
#define TURN_TRAIN_NS 1000000u

/* Turns in a row that must fit before a count is believed. A job that learns for a few turns more
 * sends a few segments more; a wrong belief costs 200 ms. */
#define TURN_BELIEVED 6u

/* The next write of a script comes 5 to 60 us later. What comes later than this costs the time, for
 * the peer could have worked on what is held. */
#define HOLD_FREE_NS 100000u
/* A hold that ended so long after its last write, or min_rtt/4 where that is more, is late. */
#define HOLD_LATE_NS 1000000u
/* The kernel lets nothing be held for longer: 198 to 213 ms by its zero-window probe timer, which
 * no socket option shortens (net/ipv4/tcp_timer.c). */
#define HOLD_LONGEST_NS 208000000u
/* From here on it was the kernel that ended it, not the write that came then. */
#define HOLD_KERNEL_NS 190000000u

/* The account of an endpoint, in time. What a good hold saves: a segment at both ends. What is
 * saved up at most, against holds whose next write comes late; how far that may be overdrawn: a
 * slice or two of a busy processor. */
#define HOLD_WINS_NS	2000
#define CREDIT_MOST_NS	100000000
#define CREDIT_LEAST_NS (-10000000)
#define BENCH_TURNS	1000 /* at first; then four times longer each time */

/* Turns at full speed: so many in a row, in so many us, and that so many times. Such a program may
 * be sending messages one a round without waiting for answers, and then Nagle's algorithm joins
 * what our TCP_NODELAY sends apart. */
#define BRISK_TURNS 16u
#define BRISK_US    16000u
#define BRISK_TIMES 2u

/* Turns in a row without an answer, after which nobody is thought to wait for one; and how many
 * writes the turn before must have had, for the next ones of this one to be left to Nagle. */
#define MUTE_TURNS  16u
#define MUTE_WRITES 3u

/* `always` holds from the first write on; after so many turns of one write each there is nothing to
 * join, until a turn has a second one. */
#define LONE_TURNS 4u

/* How many earlier turns tell one situation from another: SMTP's 1, 1, 1, 43 needs three. */
#define TURN_HISTORY 3u

#define LEARNER_BITS   6u
#define LEARNER_ROWS   (1u << LEARNER_BITS)
#define LEARNER_PROBES 4u

struct learner {
	/* Hashed by the history; a row, 0 while empty, from its low bits up:
	 *   5  how many turns in a row had that count, TURN_BELIEVED at most
	 *   2  confidence that the turn will be a stream, as in a branch predictor
	 *  24  count of writes
	 *  16  the context that the row is about: a history, or the last turn alone */
	_Atomic uint64_t row[LEARNER_ROWS];
	_Atomic int64_t credit; /* ns: what holds won, less what late successors cost */
	_Atomic int benched;	/* turns still to be written through */
	_Atomic int penalty;	/* how many it was the last time; 0: never */
	_Atomic bool plural;	/* some turn here had a second write: clocks are worth reading */
	_Atomic bool told;	/* the log knows that writes are held here */
	_Atomic uint32_t news;	/* goes up when a row changes, and with every bench */
	struct acks acks;	/* and the other half of the stalls */
};

struct turn {
	_Atomic uint64_t epoch;	  /* the thread's, when the turn began; 0: no turn is open */
	_Atomic uint64_t last;	  /* time of the last write; 0: not read */
	uint64_t train;		  /* of the first that is held; 0: none is */
	_Atomic uint32_t writes;  /* that the kernel took */
	_Atomic uint32_t expect;  /* predicted count; 0: none */
	uint16_t history;	  /* the counts of the turns before, 5 bits each, capped */
	uint16_t same_writes;	  /* a turn of so many would teach nothing; 0: not known */
	uint32_t same_news;	  /* as long as the learner's news is this */
	uint32_t reads_elsewhere; /* the thread's count of reads elsewhere, when the turn began */
	uint32_t reads_elsewhere_last; /* the same at its last write: reads after that end it anyway
					*/
	bool slow;		       /* a gap was too long, or unknown: its count is no lesson */
	bool probed;		       /* the program asked for an answer while a write was held */
	bool partial;		       /* the last write was cut short; the next one is its rest */
	bool predicted_stream;	       /* predicted to be a stream of unknown length */
	uint8_t rounds;		       /* turns since `since`, BRISK_TURNS at most */
	uint8_t brisk;		       /* times in a row that those were at full speed */
	_Atomic uint8_t mute;	       /* turns since an answer was read, MUTE_TURNS at most */
	_Atomic uint8_t lone;	       /* turns of one write in a row, LONE_TURNS at most */
	uint32_t rest;		       /* writes for which their speed does not matter */
	uint32_t since;		       /* when `rounds` began, in us, odd; 0: not known */
};

/* The atomic fields; what else is to be seen with them is guarded by who calls. */
#define turn_get(turn, field) atomic_load_explicit(&(turn)->field, memory_order_relaxed)
#define turn_put(turn, field, value)                                                               \
	atomic_store_explicit(&(turn)->field, (value), memory_order_relaxed)

enum verdict { VERDICT_THROUGH, VERDICT_HOLD };

/* Begins a turn: closes one that is still open (its end was not seen; a single write, or as many as
 * were predicted, teach even so) and looks up the prediction. */
void turn_open(struct turn *turn, struct learner *learner, uint64_t epoch);

/* Whether the turn before was one like those before it: turn_open() would learn nothing, and what
 * was predicted holds again. */
static inline bool turn_repeats(const struct turn *turn, const struct learner *learner)
{
	return turn->same_writes && turn_get(turn, writes) == turn->same_writes &&
	       turn->same_news == atomic_load_explicit(&learner->news, memory_order_relaxed);
}

/* `mute` when the next turn opens, where no answer was read. */
static inline uint8_t turn_mute(const struct turn *turn)
{
	const uint8_t mute = turn_get(turn, mute);

	return (uint8_t)(mute + (mute < MUTE_TURNS));
}

/* Before that: how fast turns follow each other. now: as of turn_next(). */
void turn_round(struct turn *turn, uint64_t now);

/* They do so at full speed, and no count is believed by which they could be held. */
static inline bool turn_is_brisk(const struct turn *turn)
{
	return turn->brisk >= BRISK_TIMES && turn_get(turn, expect) < 2 && !turn->predicted_stream;
}

/* Nothing is open, and nothing expected: what is learnt of the flow so far says nothing of what
 * comes.
 */
void turn_forget(struct turn *turn);

/* Forgets that, for so many writes. */
void turn_rest(struct turn *turn, uint32_t writes);

/* The same for `always`, in place of turn_open() and turn_next(). */
enum verdict turn_always(struct turn *turn, uint64_t epoch);

/* Whether the next write, of that epoch, needs the time: only from a turn's second write on, or
 * where turns of several writes have been seen. A turn of an older epoch is over. */
bool turn_wants_clock(const struct turn *turn, const struct learner *learner, uint64_t epoch);

/* Turns of several writes are seen here, or may be. */
void learner_plural(struct learner *learner);

/* What to do with the next write. now: 0 if turn_wants_clock() said no. */
enum verdict turn_next(struct turn *turn, uint64_t now);

/* It was to be held, and may not be: nothing of this turn is. */
void turn_not_held(struct turn *turn);

/* The kernel took `took` of `asked` bytes; took > 0. */
void turn_wrote(struct turn *turn, struct learner *learner, uint64_t took, uint64_t asked);

/* The write that was counted last is to be counted anew, by turn_wrote(), or not at all. */
static inline void turn_uncount(struct turn *turn)
{
	if (turn_get(turn, writes) > 0)
		turn_put(turn, writes, turn_get(turn, writes) - 1);
}

/* Whether the next write is one of several that nobody answers and nobody could foretell: what
 * follows the first goes together, at the next wait at the latest. */
bool turn_is_burst(const struct turn *turn);

/* Whether the turn is other than those that teach by their count alone. */
static inline bool turn_is_odd(const struct turn *turn)
{
	uint32_t four;

	_Static_assert(offsetof(struct turn, predicted_stream) == offsetof(struct turn, slow) + 3,
		"one look");
	memcpy(&four, &turn->slow, sizeof(four));
	return four;
}

/* Whether there is nothing more to learn from the turn: its writes need no counting. */
static inline bool turn_is_endless(const struct turn *turn)
{
	return turn_get(turn, writes) >= TURN_ENDLESS;
}

/* Whether the turn has the writes that were predicted, and no rest of one to come: nothing is held,
 * and that it ends here needs no witness. */
bool turn_is_fulfilled(const struct turn *turn);

/* Whether the turn is a stream: predicted, or by now, see TURN_STREAM. */
bool turn_is_stream(const struct turn *turn);

/* The program waits: ends the turn and learns from it. now: 0 where the turn has one write.
 * interrupted: the thread read from somewhere else meanwhile, so the next such turn could not be
 * held: its count is no lesson, its being a stream is. */
void turn_close(struct turn *turn, struct learner *learner, uint64_t now, bool interrupted);

/* A hold ended as predicted. */
static inline void learner_reward(struct learner *learner)
{
	int64_t credit = atomic_load_explicit(&learner->credit, memory_order_relaxed);

	if (credit < CREDIT_MOST_NS)
		atomic_store_explicit(
			&learner->credit, credit + HOLD_WINS_NS, memory_order_relaxed);
}

/* A hold waited so long, in ns, for a successor that did come. True: that was more than holds have
 * won here, and the endpoint is benched. */
bool learner_slow(struct learner *learner, uint64_t waited);

/* A hold ended late: the endpoint is written through for a while. Returns for how many turns. */
int learner_bench(struct learner *learner);

#endif
