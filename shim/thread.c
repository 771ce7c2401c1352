/* The list of open turns of a thread. No lock, no destructor: a thread that ends leaves nothing
 * that would have to be undone. */
#include "thread.h"

#include "fdtab.h"

__thread struct thread thread;

void thread_begin(void)
{
	static _Atomic uint32_t threads;
	uint64_t number;

	if (thread.epoch)
		return;
	/* 24 bits: after 16 million threads two may share a number, and mistake each other's turn.
	 */
	number = (atomic_fetch_add(&threads, 1) + 1) & 0xffffffu;
	thread.epoch = (number ? number : 1) << 40;
}

bool thread_add(struct flow *flow)
{
	uint32_t generation = flow->generation;

	for (uint32_t i = 0; i < thread.open; i++)
		if (thread.flow[i].flow == flow && thread.flow[i].generation == generation)
			return true;
	if (thread.open >= THREAD_FLOWS)
		return false;
	thread.flow[thread.open].flow = flow;
	thread.flow[thread.open].generation = generation;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	thread.open++;
	return true;
}
