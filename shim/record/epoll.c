/* What epoll_ctl() told, in a table of the process: learnt by any thread, read by any, without a
 * lock. An entry is one word, a tag of 32 bits and the descriptor, so that none is ever read in
 * halves. Must not guess: what has lost its place to others is unknown. */
#include "shim/record/epoll.h"

#include <stdatomic.h>
#include <stdint.h>

#include "shim/base/pool.h"

enum { ENTRIES = 1 << 15, LOOKS = 8 };

static _Atomic(void *) table; /* ENTRIES words, made when first something is learnt */

struct key {
	uint32_t place, tag;
};

static struct key key_of(int epfd, uint64_t data)
{
	/* Both halves depend on all bits (Fibonacci hashing, twice). */
	uint64_t hash = (data ^ (uint64_t)(uint32_t)epfd << 32) * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (struct key){(uint32_t)hash, (uint32_t)(hash >> 32) | 1};
}

static uint64_t entry_of(const struct key *key, int fd)
{
	return (uint64_t)key->tag << 32 | (uint32_t)fd;
}

static _Atomic uint64_t *entry_at(_Atomic uint64_t *entries, const struct key *key, uint32_t look)
{
	return &entries[(key->place + look) % ENTRIES];
}

/* Its own place, an empty one, or that of who came first. */
static _Atomic uint64_t *place_for(_Atomic uint64_t *entries, const struct key *key)
{
	for (uint32_t look = 0; look < LOOKS; look++) {
		_Atomic uint64_t *entry = entry_at(entries, key, look);
		const uint64_t value = atomic_load_explicit(entry, memory_order_relaxed);

		if (!value || value >> 32 == key->tag)
			return entry;
	}
	return entry_at(entries, key, 0);
}

/* Data that is the descriptor needs no place, but in that of what stood for another. */
void trace_epoll_learn(int epfd, int operation, int fd, const struct epoll_event *event)
{
	_Atomic uint64_t *entries;
	struct key key;

	if (operation == EPOLL_CTL_DEL || !event)
		return;
	if (event->data.u64 == (uint64_t)(uint32_t)fd && !atomic_load(&table))
		return;
	entries = pool_chunk(&table, ENTRIES * sizeof(*entries));
	if (!entries)
		return;
	key = key_of(epfd, event->data.u64);
	atomic_store_explicit(place_for(entries, &key), entry_of(&key, fd), memory_order_relaxed);
}

int trace_epoll_fd(int epfd, const struct epoll_event *event)
{
	_Atomic uint64_t *entries = atomic_load_explicit(&table, memory_order_acquire);
	const struct key key = key_of(epfd, event->data.u64);

	for (uint32_t look = 0; entries && look < LOOKS; look++) {
		const uint64_t value =
			atomic_load_explicit(entry_at(entries, &key, look), memory_order_relaxed);

		if (value >> 32 == key.tag)
			return (int)(uint32_t)value;
		if (!value)
			break;
	}
	return event->data.fd;
}
