/* io_uring without a library: one ring, one receive at a time. See io_uring(7). */
#ifndef VICTIM_RING_H
#define VICTIM_RING_H

#include <linux/io_uring.h>

#include "tests/victims/victim.h"

static struct {
	int fd;
	unsigned *tail, *mask, *array, *done_head, *done_tail, *done_mask;
	struct io_uring_sqe *entry;
	struct io_uring_cqe *done;
} ring;

static inline char *ring_map(size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, what);

	NEED(at != MAP_FAILED);
	return at;
}

static inline void ring_open(void)
{
	struct io_uring_params given = {0};
	char *asked, *done;

	ring.fd = (int)syscall(SYS_io_uring_setup, 8, &given);
	NEED(ring.fd >= 0);
	asked = ring_map(given.sq_off.array + given.sq_entries * 4, IORING_OFF_SQ_RING);
	done = ring_map(
		given.cq_off.cqes + given.cq_entries * sizeof(*ring.done), IORING_OFF_CQ_RING);
	ring.entry = (void *)ring_map(given.sq_entries * sizeof(*ring.entry), IORING_OFF_SQES);
	ring.tail = (void *)(asked + given.sq_off.tail);
	ring.mask = (void *)(asked + given.sq_off.ring_mask);
	ring.array = (void *)(asked + given.sq_off.array);
	ring.done_head = (void *)(done + given.cq_off.head);
	ring.done_tail = (void *)(done + given.cq_off.tail);
	ring.done_mask = (void *)(done + given.cq_off.ring_mask);
	ring.done = (void *)(done + given.cq_off.cqes);
}

/* As recv(2) without flags; enters by an instruction of its own, as liburing does. */
static inline int ring_receive(int fd, char *to, unsigned size)
{
	const unsigned tail = *ring.tail, at = tail & *ring.mask, head = *ring.done_head;
	int result;

	ring.entry[at] = (struct io_uring_sqe){
		.opcode = IORING_OP_RECV, .fd = fd, .addr = (uintptr_t)to, .len = size};
	ring.array[at] = at;
	__atomic_store_n(ring.tail, tail + 1, __ATOMIC_RELEASE);
	NEED(raw(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) == 1);
	while (__atomic_load_n(ring.done_tail, __ATOMIC_ACQUIRE) == head)
		;
	result = ring.done[head & *ring.done_mask].res;
	__atomic_store_n(ring.done_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

#endif
