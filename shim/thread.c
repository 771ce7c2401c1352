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
	uint32_t generation = flow->generation, open = atomic_load(&thread.open);

	/* Again if a handler has put another on, or taken all off, meanwhile. */
	do {
		for (uint32_t i = 0; i < open; i++)
			if (thread.flow[i].flow == flow && thread.flow[i].generation == generation)
				return true;
		if (open >= THREAD_FLOWS)
			return false;
	} while (!atomic_compare_exchange_strong(&thread.open, &open, open + 1));
	thread.flow[open].generation = generation;
	atomic_signal_fence(memory_order_seq_cst);
	thread.flow[open].flow = flow;
	return true;
}

struct flow *thread_take(void)
{
	uint32_t open = atomic_load(&thread.open);

	while (open > 0) {
		struct flow *flow = thread.flow[open - 1].flow;
		uint32_t generation = thread.flow[open - 1].generation;

		/* Not if a handler has put another on meanwhile: that one first. */
		if (!atomic_compare_exchange_strong(&thread.open, &open, open - 1))
			continue;
		if (flow && flow->generation == generation)
			return flow;
		open--;
	}
	return NULL;
}

void thread_drop(const struct flow *flow)
{
	uint32_t open = atomic_load(&thread.open);

	if (open > 0 && thread.flow[open - 1].flow == flow &&
		thread.flow[open - 1].generation == flow->generation)
		atomic_compare_exchange_strong(&thread.open, &open, open - 1);
}
