/* What a process does before it has a file: a ring keeps the calls that lead to its first
 * connection.
 *
 * Any thread may add, and the one that makes the file takes all out. Must not ask the kernel for
 * anything but blocks and its own thread's number. */
#include "shim/record/early.h"

#include "shim/base/kernel.h"
#include "shim/base/page.h"
#include "shim/record/clock.h"
#include "shim/record/flow.h"

#define RING	  64u
#define RING_TIDS 8u

struct early {
	_Atomic uint32_t id; /* of the process; 0 while it is not whole */
	uint32_t tid;
	struct trace_note note;
	char name[256];
};
static SELDOM struct early ring[RING];
static _Atomic uint32_t ring_next;
/* Threads whose first blocks were made for them, in the process ring_owner. */
static struct {
	uint32_t tid;
	struct trace_thread *counts;
	_Atomic uint64_t cursor; /* behind what was flushed; 0: taken, or none */
} ring_thread[RING_TIDS];
static _Atomic uint32_t ring_owner;

uint32_t trace_early(const struct flow *flow)
{
	return TRACE_EARLY | (flow->generation & 0x7ffu) << 20 | flow->index;
}

/* What leads to a connection is worth keeping, and few other calls come before it. */
static bool is_kept_early(unsigned call)
{
	switch (call) {
	case TRACE_SOCKET:
	case TRACE_BIND:
	case TRACE_LISTEN:
	case TRACE_SETSOCKOPT:
	case TRACE_GETADDRINFO:
	case TRACE_GETHOSTBYNAME:
	case TRACE_GETNAMEINFO:
		return true;
	default:
		return false;
	}
}

void trace_early_keep(const struct trace_note *note)
{
	struct early *early;

	if (!is_kept_early(note->call) || trace_file_ready())
		return;
	early = &ring[atomic_fetch_add(&ring_next, 1) % RING];
	atomic_store(&early->id, 0);
	early->note = *note;
	early->name[0] = '\0';
	if (note->name)
		memcpy(early->name, note->name, strnlen(note->name, sizeof(early->name) - 1) + 1);
	early->name[sizeof(early->name) - 1] = '\0';
	early->tid = (uint32_t)kernel_call(SYS_gettid);
	atomic_store_explicit(&early->id, trace_file_id(), memory_order_release);
}

static uint32_t number_of_early(uint32_t early, uint32_t id)
{
	const struct flow *flow;

	if (!(early & TRACE_EARLY) || (early & 0xfffffu) >= flow_count())
		return early;
	flow = flow_at(early & 0xfffffu);
	return atomic_load(&trace_of(flow)->id) == id && trace_early(flow) == early
		       ? trace_of(flow)->number
		       : 0;
}

/* All that one thread did before, into a block of its own. Where it goes on: a cursor, or 0. */
static uint64_t flush_thread(uint32_t tid, uint32_t id, uint32_t first, struct trace_thread *counts)
{
	uint64_t block = trace_counters ? 0 : trace_block_take(BLOCK_EVENTS, tid, 0);
	unsigned taken = 0;

	for (uint32_t i = first; i < first + RING; i++) {
		struct early *early = &ring[i % RING];

		if (early->id != id || early->tid != tid)
			continue;
		early->id = 0;
		early->note.flow = number_of_early(early->note.flow, id);
		counts->calls[early->note.call]++;
		counts->failed[early->note.call] += early->note.error != 0;
		if (!block || taken == TRACE_EVENTS) {
			counts->lost += !trace_counters;
			continue;
		}
		event_write(&block_events(block)[taken++], &early->note);
		for (const char *name = early->name; *name && taken < TRACE_EVENTS;)
			name = event_write_name(&block_events(block)[taken++], name);
	}
	return block ? block << 16 | taken : 0;
}

void trace_early_flush(void)
{
	static _Atomic uint32_t flushed;
	uint32_t id = trace_file_id(), first = atomic_load(&ring_next) % RING, none = 0;

	if (atomic_exchange(&flushed, id) == id)
		return;
	memset(ring_thread, 0, sizeof(ring_thread));
	for (uint32_t i = first; i < first + RING; i++) {
		const struct early *early = &ring[i % RING];

		if (early->id != id || none == RING_TIDS)
			continue;
		ring_thread[none].tid = early->tid;
		ring_thread[none].counts = trace_counts_take(early->tid);
		ring_thread[none].cursor =
			flush_thread(early->tid, id, first, ring_thread[none].counts);
		none++;
	}
	atomic_store(&ring_owner, id);
}

struct trace_thread *trace_early_take(uint32_t tid, uint64_t *cursor)
{
	for (unsigned i = 0; atomic_load(&ring_owner) == trace_file_id() && i < RING_TIDS; i++)
		if (ring_thread[i].tid == tid) {
			uint64_t rest = atomic_exchange(&ring_thread[i].cursor, 0);

			*cursor = rest ? rest : *cursor;
			return ring_thread[i].counts;
		}
	return NULL;
}
