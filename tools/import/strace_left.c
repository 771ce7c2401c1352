/* Calls that never came back: what a thread was in when it ended. */
#include <string.h>

#include "tools/import/strace_world.h"

/* Those that may wait for ever: the number of the call and where its descriptor is told. */
static enum trace_call waiting_of(const char *name)
{
	static const struct {
		const char *name;
		enum trace_call call;
	} table[] = {{"read", TRACE_READ}, {"readv", TRACE_READV}, {"recvfrom", TRACE_RECVFROM},
		{"recv", TRACE_RECV}, {"recvmsg", TRACE_RECVMSG}, {"accept", TRACE_ACCEPT},
		{"accept4", TRACE_ACCEPT4}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].call;
	return TRACE_NOTHING;
}

void call_left(struct world *world, struct thread *thread)
{
	struct pending *pending = &thread->unfinished;
	const enum trace_call what = pending->is ? waiting_of(pending->name) : TRACE_NOTHING;
	struct log_line line = {.kind = LINE_UNFINISHED};
	struct call call = {.world = world,
		.thread = thread,
		.line = &line,
		.start = later(pending->start, thread->image->started),
		.end = world->now};
	struct flow *flow;
	const char *note;
	int fd;

	if (!what || !thread->image->written || !arg_fd(pending->args, &fd, &note))
		return;
	flow = flow_of(&call, fd, note);
	if (flow)
		written_waits(thread_written(thread, pending->start), what,
			flow_number(&call, flow), call.start);
}
