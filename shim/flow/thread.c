/* The list of open turns of a thread. No lock, no destructor: a thread that ends leaves nothing
 * that would have to be undone, but for the nodes of its chain, which are lost. */
#include "shim/flow/thread.h"

#include "shim/table/fdtab.h"
#include "shim/base/page.h"
#include "shim/base/pool.h"

#define NODE_SHIFT 10 /* nodes a chunk, as a power of two */
#define CHUNKS	   1024u

__thread struct thread thread;

/* An entry that found no place among the THREAD_FLOWS of its thread. */
struct node {
	struct pool_item item;
	uint32_t next; /* index + 1 */
	uint32_t flow, generation;
};

static SELDOM _Atomic(void *) node_chunk[CHUNKS];
static struct pool nodes = {
	.size = sizeof(struct node),
	.item = offsetof(struct node, item),
	.shift = NODE_SHIFT,
	.limit = CHUNKS << NODE_SHIFT,
	.chunk = node_chunk,
};

/* Wraps after some months of a busy thread. */
static uint32_t next_round(void)
{
	static _Atomic uint32_t rounds;
	uint32_t round = atomic_fetch_add_explicit(&rounds, 1, memory_order_relaxed) + 1;

	return round ? round : 1;
}

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
	thread.mark = 1; /* of no flow: a mark has a count */
	thread.round = next_round();
}

/* The count of changes tells a chain that a handler has emptied and filled from an untouched one.
 */
static uint64_t head_after(uint64_t head, uint32_t first)
{
	return ((head >> 32) + 1) << 32 | first;
}

static bool chain_push(struct chain *chain, const struct flow *flow)
{
	uint64_t head = atomic_load(&chain->head);
	struct node *node;
	uint32_t index;

	if (atomic_load(&chain->length) >= THREAD_MORE || !(node = pool_take(&nodes, &index)))
		return false;
	node->flow = flow->index;
	node->generation = flow->generation;
	atomic_fetch_add(&chain->length, 1);
	do
		node->next = (uint32_t)head;
	while (!atomic_compare_exchange_strong(&chain->head, &head, head_after(head, index + 1)));
	return true;
}

/* NULL: the chain is empty, or all on it have ended. */
static struct flow *chain_take(struct chain *chain)
{
	uint64_t head = atomic_load(&chain->head);

	while ((uint32_t)head) {
		struct node *node = pool_at(&nodes, (uint32_t)head - 1);
		struct flow *flow = flow_at(node->flow);
		uint32_t index = (uint32_t)head - 1, generation = node->generation;

		if (!atomic_compare_exchange_strong(
			    &chain->head, &head, head_after(head, node->next)))
			continue;
		pool_give(&nodes, index);
		atomic_fetch_sub(&chain->length, 1);
		if (flow->generation == generation)
			return flow;
		head = atomic_load(&chain->head);
	}
	return NULL;
}

/* Takes a place in the thread's own list. False: there is none. */
static bool place_add(struct flow *flow)
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

/* `listed` is of the wait that the thread comes to next: a handler that waits in between has taken
 * everything off, and then it is of one that is over. Another thread that lists the flow, too, puts
 * its own there; then this one looks for its place again. */
bool thread_add_slow(struct flow *flow)
{
	uint64_t epoch = thread.epoch;

	if (!place_add(flow) && !chain_push(&thread.more, flow))
		return false;
	flow->listed = epoch;
	return true;
}

bool thread_any(bool (*is)(struct flow *flow))
{
	uint32_t open = atomic_load(&thread.open), at = (uint32_t)atomic_load(&thread.more.head);

	for (uint32_t i = 0; i < open; i++)
		if (thread.flow[i].flow && is(thread.flow[i].flow))
			return true;
	for (uint32_t i = 0; at && i < THREAD_MORE; i++) {
		const struct node *node = pool_at(&nodes, at - 1);

		if (is(flow_at(node->flow)))
			return true;
		at = node->next;
	}
	return false;
}

static struct flow *place_take(void)
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

struct flow *thread_take(void)
{
	struct flow *flow = chain_take(&thread.more);

	if (!flow)
		flow = place_take();
	/* A handler that came after the step of the epoch may have put it on. */
	if (flow)
		flow->listed = 0;
	return flow;
}

/* Not what a handler finds while it is being put on: whoever does that goes on with it. */
void thread_drop(struct flow *flow)
{
	uint32_t open = atomic_load(&thread.open);

	if (open > 0 && flow->listed == thread.epoch && thread.flow[open - 1].flow == flow &&
		thread.flow[open - 1].generation == flow->generation &&
		atomic_compare_exchange_strong(&thread.open, &open, open - 1))
		flow->listed = 0;
}

bool thread_keep(struct flow *flow)
{
	uint32_t round = thread.round;

	if (flow->kept_round == round)
		return true;
	if (!chain_push(&thread.young, flow))
		return false;
	flow->kept_round = round;
	return true;
}

struct flow *thread_take_old(void)
{
	return chain_take(&thread.old);
}

struct flow *thread_take_young(void)
{
	return chain_take(&thread.young);
}

void thread_round(uint64_t now)
{
	uint64_t head = atomic_exchange(&thread.young.head, 0);

	thread.round = next_round();
	thread.round_began = now;
	atomic_store(&thread.old.length, atomic_exchange(&thread.young.length, 0));
	atomic_store(&thread.old.head, head_after(head, (uint32_t)head));
}
