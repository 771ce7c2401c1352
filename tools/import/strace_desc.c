/* Calls that copy and end descriptors, of sockets and of files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/import/strace_world.h"

/* ---- copies of one ---- */

static void copy_desc(struct call *call, int from, int64_t to, bool cloexec)
{
	const struct desc *desc = desc_get(call->thread->image, from);
	struct desc copy;

	if (to < 0 || from == to || to > 1 << 30)
		return;
	if (!desc) {
		desc_end(call->thread->image, (int)to, call->end);
		return;
	}
	copy = *desc;
	copy.cloexec = cloexec;
	if (desc->kind == DESC_FLOW)
		call_event(call,
			(struct trace_event){
				.call = TRACE_DUP, .flow = flow_number(call, desc->flow)},
			false, NULL, 0);
	if (copy.kind == DESC_DATAGRAM)
		copy.lookup = (struct lookup){0};
	desc_put(call->thread->image, (int)to, &copy, call->end);
}

void did_dup(struct call *call)
{
	const char *note;
	int fd;

	if (!call_error(call) && arg_fd(call->args.arg[0], &fd, &note)) {
		flow_of(call, fd, note);
		copy_desc(call, fd, call->line->result, arg_has(call->args.arg[2], "O_CLOEXEC"));
	}
}

void did_fcntl(struct call *call)
{
	struct flow *flow = call_flow(call);
	struct desc *desc = call_desc(call);
	const char *what = call->args.arg[1], *note;
	int fd;

	if (call_error(call) || !arg_fd(call->args.arg[0], &fd, &note))
		return;
	if (strncmp(what, "F_DUPFD", 7) == 0)
		copy_desc(call, fd, call->line->result, strcmp(what, "F_DUPFD_CLOEXEC") == 0);
	else if (strcmp(what, "F_SETFL") == 0 && flow)
		flow->nonblock = arg_has(call->args.arg[2], "O_NONBLOCK");
	else if (strcmp(what, "F_GETFL") == 0 && flow && !flow->nonblock)
		flow->nonblock = strstr(call->line->rest, "O_NONBLOCK") != NULL;
	else if (strcmp(what, "F_SETFD") == 0 && desc)
		desc->cloexec = arg_has(call->args.arg[2], "FD_CLOEXEC");
}

void did_open(struct call *call)
{
	const struct desc desc = {
		.kind = DESC_FILE, .cloexec = strstr(call->args.arg[2], "O_CLOEXEC") != NULL};

	if (!call_error(call) && call->line->result >= 0 && call->line->result < 1 << 30)
		desc_put(call->thread->image, (int)call->line->result, &desc, call->end);
}

/* ---- what ends one ---- */

void did_shutdown(struct call *call)
{
	struct flow *flow = call_flow(call);
	const char *how = call->args.arg[1];

	if (flow)
		call_event(call,
			(struct trace_event){.call = TRACE_SHUTDOWN,
				.flow = flow_number(call, flow),
				.asked = strstr(how, "RDWR") ? 2 : strstr(how, "WR") != NULL},
			false, NULL, 0);
}

void did_close(struct call *call)
{
	struct flow *flow = call_flow(call);
	struct desc *desc = call_desc(call);
	const char *note;
	int fd;

	if (!desc || !arg_fd(call->args.arg[0], &fd, &note) || call_error(call) == EBADF)
		return;
	if (desc->kind == DESC_DATAGRAM)
		lookup_ends(call, desc);
	if (flow && flow->connection)
		call_event(call,
			(struct trace_event){
				.call = TRACE_CLOSE, .flow = flow->connection->is.number},
			false, NULL, 0);
	desc_end(call->thread->image, fd, call->end);
}

void did_close_range(struct call *call)
{
	struct image *image = call->thread->image;
	int64_t first, last;
	size_t count = 0;

	if (call_error(call) || !arg_number(call->args.arg[0], 0, &first) ||
		!arg_number(call->args.arg[1], 0, &last))
		return;
	int *fd = NULL;
	const bool marks = arg_has(call->args.arg[2], "CLOSE_RANGE_CLOEXEC");
	fd = memory_take(image->descs.used, sizeof(*fd));
	for_each_slot(at, &image->descs)
	{
		if ((int64_t)at->key < first || (uint64_t)at->key > (uint64_t)last)
			continue;
		if (marks)
			((struct desc *)at->value)->cloexec = true;
		else
			fd[count++] = (int)at->key;
	}
	while (count)
		desc_end(image, fd[--count], call->end);
	free(fd);
}
