/* Putting the recorded calls in place, and taking them away for good. They stand in the table that
 * hooks call libc through: a run that is not recorded has nothing of them on its way, and one that
 * goes into a sandbox has libc's own again. */
#include "shim/record/calls.h"

#include "shim/record/trace.h"

void trace_calls_install(void)
{
	trace_reads_install(&real_table);
	trace_writes_install(&real_table);
	trace_sockets_install(&real_table);
	trace_waits_install(&real_table);
	trace_names_install(&real_table);
	trace_leaves_install(&real_table);
	trace_raw_install(&real_table);
}

void trace_calls_remove(void)
{
	if (!atomic_load(&trace_on))
		return;
	trace_stop();
	real_restore();
}
