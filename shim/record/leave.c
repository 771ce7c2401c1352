/* What ends or replaces this process, and what it starts; the notes of programs are exec.c's. */
#include "shim/record/leave.h"

#include "shim/base/control.h"
#include "shim/record/connection.h"
#include "shim/record/exec.h"

static void leave(enum trace_end end)
{
	if (trace_is_on() && !control_in_child())
		trace_end(end);
}

void leave_by_exit(void)
{
	leave(END_EXIT);
}

unsigned leave_by_exec(const char *program)
{
	leave(END_EXEC);
	return trace_is_on() ? trace_exec_begin(program, false) : 0;
}

void leave_failed(unsigned place)
{
	if (!trace_is_on())
		return;
	trace_exec_failed(place);
	if (!control_in_child())
		trace_mark_end(END_NOT_SEEN);
}

unsigned leave_spawning(const char *program)
{
	return trace_is_on() ? trace_exec_begin(program, true) : 0;
}

void leave_spawned(unsigned place, int error, pid_t child)
{
	if (error)
		trace_exec_failed(place);
	else
		trace_exec_spawned(place, child);
}
