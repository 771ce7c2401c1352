/* The list of calls that an import knows, and what takes each. */
#include <string.h>

#include "tools/import/strace_world.h"

static const struct row {
	const char *name;
	void (*take)(struct call *call);
	bool plain; /* a filter like -e trace=network would have left it out */
} row_table[] = {
	{"socket", did_socket, false},
	{"connect", did_connect, false},
	{"bind", did_bind, false},
	{"listen", did_listen, false},
	{"accept", did_accept, false},
	{"accept4", did_accept, false},
	{"getpeername", did_name_of, false},
	{"getsockname", did_name_of, false},
	{"shutdown", did_shutdown, false},
	{"setsockopt", did_setsockopt, false},
	{"getsockopt", did_getsockopt, false},
	{"close", did_close, true},
	{"close_range", did_close_range, true},
	{"dup", did_dup, true},
	{"dup2", did_dup, true},
	{"dup3", did_dup, true},
	{"fcntl", did_fcntl, true},
	{"fcntl64", did_fcntl, true},
	{"ioctl", did_ioctl, true},
	{"open", did_open, true},
	{"openat", did_open, true},
	{"openat2", did_open, true},
	{"read", did_read, true},
	{"readv", did_read, true},
	{"preadv2", did_read, true},
	{"recv", did_read, false},
	{"recvfrom", did_read, false},
	{"recvmsg", did_read, false},
	{"recvmmsg", did_read, false},
	{"recvmmsg_time64", did_read, false},
	{"write", did_write, true},
	{"writev", did_write, true},
	{"pwritev2", did_write, true},
	{"send", did_write, false},
	{"sendto", did_write, false},
	{"sendmsg", did_write, false},
	{"sendmmsg", did_write, false},
	{"sendfile", did_sendfile, true},
	{"sendfile64", did_sendfile, true},
	{"splice", did_splice, true},
	{"poll", did_poll, true},
	{"ppoll", did_poll, true},
	{"ppoll_time64", did_poll, true},
	{"select", did_select, true},
	{"_newselect", did_select, true},
	{"pselect6", did_select, true},
	{"pselect6_time64", did_select, true},
	{"epoll_create", did_epoll_create, true},
	{"epoll_create1", did_epoll_create, true},
	{"epoll_ctl", did_epoll_ctl, true},
	{"epoll_wait", did_epoll_wait, true},
	{"epoll_pwait", did_epoll_wait, true},
	{"epoll_pwait2", did_epoll_wait, true},
	{"nanosleep", did_sleep, true},
	{"clock_nanosleep", did_sleep, true},
	{"clock_nanosleep_time64", did_sleep, true},
	{"clone", did_clone, false},
	{"clone2", did_clone, false},
	{"clone3", did_clone, false},
	{"fork", did_clone, false},
	{"vfork", did_clone, false},
	{"execve", did_exec, false},
	{"execveat", did_exec, false},
	{"exit", did_exit, false},
	{"exit_group", did_exit, false},
};

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < sizeof(row_table) / sizeof(*row_table); i++)
		if (strcmp(row_table[i].name, name) == 0)
			return &row_table[i];
	return NULL;
}

void call_take(struct call *call)
{
	const struct row *row = row_of(call->line->name);

	call->world->seen.plain += !row || row->plain;
	thread_settle(call->thread, call->start);
	if (row)
		row->take(call);
}
