/* The notes of record/around.h lie in the run's budget, as those of record/exec.c do: each object
 * once, whichever of the run's processes says it first. */
#include "shim/record/around.h"

#include <stdbool.h>
#include <string.h>

#include "shim/base/memory.h"
#include "shim/record/trace.h"
#include "shim/record/room.h"

static bool is_noted(const struct trace_around *around, uint32_t way, const char *name)
{
	return atomic_load(&around->way) == way &&
	       strncmp(around->object, name, sizeof(around->object) - 1) == 0;
}

void trace_around(enum trace_around_way way, const char *name)
{
	/* The program may have cut the budget off: to touch it would be a SIGBUS. */
	if (!atomic_load(&trace_on) || !memory_readable(&trace_budget->around, 1))
		return;
	for (unsigned i = 0; i < TRACE_AROUNDS; i++) {
		struct trace_around *around = &trace_budget->around[i];
		uint32_t nothing = AROUND_NOTHING;

		if (is_noted(around, way, name))
			return;
		if (!atomic_compare_exchange_strong(&around->way, &nothing, way))
			continue;
		memcpy(around->object, name, strnlen(name, sizeof(around->object) - 1));
		return;
	}
	atomic_store(&trace_budget->around_more, 1);
}
