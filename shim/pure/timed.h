/* How long the turns of a connection take, as `sockfix prove` has them (tools/find/arms.h): of a
 * client from a turn's first write to the last byte of its answer, of a server from a request to
 * the next. What nobody answers is no turn. Pure: it knows no clock and no descriptor.
 *
 * Two threads on one connection, or a signal handler, may mix one turn up; nothing waits. */
#ifndef SOCKFIX_TIMED_H
#define SOCKFIX_TIMED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Both in ns; 0: not yet. */
struct timed {
	_Atomic uint64_t begin; /* of the turn */
	_Atomic uint64_t last;	/* of a client the last read with data, of a server a write */
};

#define timed_get(timed, field) atomic_load_explicit(&(timed)->field, memory_order_relaxed)
#define timed_put(timed, field, now)                                                               \
	atomic_store_explicit(&(timed)->field, now, memory_order_relaxed)

/* Whether the next write needs the time: later writes of a client's turn do not. */
static inline bool timed_wants_clock(const struct timed *timed, bool serves)
{
	return serves ? timed_get(timed, begin)
		      : !timed_get(timed, begin) || timed_get(timed, last);
}

/* The turn is over, if it had an answer: how long it took, 0: it had none. */
static inline uint64_t timed_end(struct timed *timed)
{
	const uint64_t begin = timed_get(timed, begin), last = timed_get(timed, last);

	timed_put(timed, begin, 0);
	timed_put(timed, last, 0);
	return begin && last > begin ? last - begin : 0;
}

/* Before a write that wants the clock. Returns what the turn before took, where it ends by that. */
static inline uint64_t timed_write(struct timed *timed, bool serves, uint64_t now)
{
	uint64_t took;

	if (serves) {
		timed_put(timed, last, now);
		return 0;
	}
	took = timed_end(timed);
	timed_put(timed, begin, now);
	return took;
}

/* After a read that brought data. Likewise. */
static inline uint64_t timed_read(struct timed *timed, bool serves, uint64_t now)
{
	const uint64_t begin = timed_get(timed, begin);

	if (!serves) {
		if (begin)
			timed_put(timed, last, now);
		return 0;
	}
	if (begin && !timed_get(timed, last)) /* the rest of a request */
		return 0;
	timed_put(timed, begin, now);
	timed_put(timed, last, 0);
	return begin && now > begin ? now - begin : 0;
}

#endif
