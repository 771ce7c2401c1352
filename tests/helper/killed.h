/* What the test that kills, the program that is killed and the peer share: one page, by the
 * descriptor PAGE_FD in the program. */
#ifndef TEST_KILLED_H
#define TEST_KILLED_H

#include <stdatomic.h>
#include <stdint.h>

/* What each connection is; its number is the first byte on it, by a raw call. */
enum killed_link {
	LINK_TURNS,   /* a thread: two writes, then it reads the answer */
	LINK_VARIES,  /* the main thread: one to three writes, poll(), then the answer */
	LINK_STREAM,  /* a thread: writes and never reads */
	LINK_UNREAD,  /* the main thread: writes; what is answered is never read */
	LINK_CHILD,   /* a child of fork(): its own, as LINK_TURNS */
	LINK_CARRIED, /* dialled before that fork(); the child goes on with it, as LINK_TURNS */
	KILLED_LINKS
};

struct killed_page {
	_Atomic uint64_t writes; /* that have returned, but on LINK_STREAM */
	uint64_t kill_at;	 /* at so many writes... */
	_Atomic uint32_t due;	 /* ... the program says so by this word, a futex */
	_Atomic int32_t pid, child;

	/* Of each connection, in bytes: what was given to write(), what write() has returned for,
	 * and where the turn ends that is being written: there the peer answers one byte. */
	_Atomic uint64_t begun[KILLED_LINKS], returned[KILLED_LINKS], turn_end[KILLED_LINKS];

	/* From the peer, for a connection that was seen: what came, the first byte that is wrong
	 * (+ 1; 0: none), and how it ended. */
	_Atomic uint64_t came[KILLED_LINKS], wrong[KILLED_LINKS];
	_Atomic uint32_t seen[KILLED_LINKS], reset[KILLED_LINKS];
};

/* One that is lost, doubled, in another place or on another connection does not fit. */
static inline unsigned char killed_byte(unsigned link, uint64_t at)
{
	return (unsigned char)(at ^ (at >> 7) ^ (at >> 15) ^ (link * 61));
}

/* The same numbers in each run of a seed: splitmix64 (Vigna 2015). */
static inline uint64_t killed_draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

#endif
