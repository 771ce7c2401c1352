/* Where things lie, for who reads them from outside (`sockfix status`). Counts nothing itself, and
 * must cost no call anything: it is a table of addresses and offsets, filled in once. */
#include "shim/published.h"

#include "shim/base/control.h"
#include "shim/flow/news.h"
#include "shim/record/directory.h"
#include "shim/settle/arms.h"
#include "shim/settle/decisions.h"
#include "shim/settle/proof.h"
#include "shim/table/buffer.h"
#include "shim/table/fdtab.h"

#define ADDRESS(of)	(uintptr_t)(of)
#define SIZE_OF(member) sizeof(((struct flow *)0)->member)

#define FIELD(name, member, most)                                                                  \
	_Static_assert(SIZE_OF(member) <= (most), "readers have room for " #member);
CONTROL_FIELDS(FIELD)
#undef FIELD

static struct control_map map = {
	.size = sizeof(map),
	.flow_size = sizeof(struct flow),
	.flow_shift = FLOW_SHIFT,
	.flow_chunks = FLOW_CHUNKS,
	.field =
		{
#define FIELD(name, member, most)                                                                  \
	[CONTROL_##name] = {offsetof(struct flow, member), SIZE_OF(member)},
			CONTROL_FIELDS(FIELD)
#undef FIELD
		},
	.settled = FLOW_SETTLED,
	.server = FLOW_SERVER,
	.listens = FLOW_LISTENS,
	.news = FLOW_NEWS,
	.held_shift = 32,
	.buffer_collected = offsetof(struct buffer, collected),
	.slot_shift = FDTAB_SHIFT,
	.slot_chunks = FDTAB_LIMIT >> FDTAB_SHIFT,
	.tally_size = sizeof(struct control_tally),
	.arm_size = sizeof(struct control_arm),
	.address_size = sizeof(uintptr_t),
};

/* Not by the compiler: where an address has 32 bits, the linker cannot make one of 64. */
static void fill_addresses(void)
{
	map.flow_chunk = ADDRESS(fdtab_flow_chunk);
	map.flow_count = ADDRESS(&fdtab_flows.carved);
	map.slot_first = ADDRESS(fdtab_first);
	map.slot_chunk = ADDRESS(fdtab_chunk);
	map.counts = ADDRESS(&control_counts);
	map.rules = ADDRESS(&decisions_text);
	map.directory = ADDRESS(&trace_directory);
	map.proves = ADDRESS(&proof_block);
	map.given = ADDRESS(&news_given);
	map.taken = ADDRESS(&news_taken);
	map.tally = ADDRESS(&arms_tally);
}

void published_start(void)
{
	fill_addresses();
	atomic_store(&control.map, ADDRESS(&map));
}
