/* The hook of syscall(2): raw numbers of the calls that other hooks stand for. They are only
 * noticed, never changed: writes go out as they are. Everything else is passed on with its six
 * longs.
 */
#include <linux/close_range.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "export.h"
#include "flow.h"
#include "life.h"
#include "real.h"
#include "settle.h"

struct raw {
	long number;
	long a[6];
};

static long raw_call(const struct raw *raw)
{
	return real()->syscall(
		raw->number, raw->a[0], raw->a[1], raw->a[2], raw->a[3], raw->a[4], raw->a[5]);
}

static long raw_write(const struct raw *raw, int fd)
{
	struct flow *flow = flow_of(fd);
	long got;

	if (!flow)
		return raw_call(raw);
	flow_pass_begin(flow, fd);
	got = raw_call(raw);
	flow_pass_end(flow, fd, got);
	return got;
}

static long raw_read(const struct raw *raw, int flags)
{
	int fd = (int)raw->a[0];
	struct flow *flow = flow_of(fd);
	bool tell = flow && flow_read_begin(flow, flags);
	long got;

	if (!flow)
		flow_read_other(fd);
	got = raw_call(raw);
	if (tell)
		flow_read_end(flow, fd, flags, got);
	return got;
}

static long raw_recvmsg(const struct raw *raw)
{
	long got = raw_read(raw, (int)raw->a[2]);

	if (got >= 0)
		flow_message_arrived((struct msghdr *)raw->a[1]);
	return got;
}

/* Calls that make a descriptor, or change what one is. */
static long raw_open(const struct raw *raw)
{
	int fd = (int)raw->a[0];
	long got = raw_call(raw);

	if (raw->number == SYS_execve || raw->number == SYS_execveat)
		flow_exec_failed();
	if (got < 0)
		return got;
	switch (raw->number) {
	case SYS_socket:
		flow_opened((int)got, fd, (int)raw->a[1], (int)raw->a[2]);
		break;
	case SYS_accept:
		flow_accepted(fd, (int)got, 0);
		break;
	case SYS_accept4:
		flow_accepted(fd, (int)got, (int)raw->a[3]);
		break;
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup:
	case SYS_dup3:
		flow_duplicated(fd, (int)got);
		break;
	case SYS_fcntl:
		if (raw->a[1] == F_DUPFD || raw->a[1] == F_DUPFD_CLOEXEC)
			flow_duplicated(fd, (int)got);
		else if (raw->a[1] == F_SETFL)
			flow_nonblocking(fd, raw->a[2] & O_NONBLOCK);
		break;
	case SYS_setsockopt:
		if (flow_of(fd))
			settle_program_set(flow_of(fd), fd, (int)raw->a[1], (int)raw->a[2]);
		break;
#ifdef SYS_pidfd_getfd
	case SYS_pidfd_getfd:
		flow_arrived((int)got);
		break;
#endif
	}
	return got;
}

static bool futex_waits(long operation)
{
	operation &= FUTEX_CMD_MASK;
	return operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
	       operation == FUTEX_LOCK_PI;
}

/* What has to happen before the call, for those that need no more. */
static void raw_before(const struct raw *raw)
{
	int fd = (int)raw->a[0];

	switch (raw->number) {
	case SYS_connect:
		flow_connecting(fd, (const struct sockaddr *)raw->a[1], (socklen_t)raw->a[2]);
		flow_wait();
		break;
	case SYS_bind:
		flow_binding(fd, (const struct sockaddr *)raw->a[1], (socklen_t)raw->a[2]);
		break;
	case SYS_listen:
		flow_listening(fd, (int)raw->a[1]);
		break;
	case SYS_setsockopt:
		if (flow_of(fd))
			settle_program_sets(flow_of(fd), fd, (int)raw->a[1], (int)raw->a[2]);
		/* fall through */
	case SYS_shutdown:
		if (flow_of(fd))
			flow_push(flow_of(fd));
		break;
	case SYS_close:
		flow_closing(fd);
		break;
#ifdef SYS_dup2
	case SYS_dup2:
#endif
	case SYS_dup3:
		flow_replacing(fd, (int)raw->a[1]);
		break;
#ifdef SYS_close_range
	case SYS_close_range:
		if (!(raw->a[2] & ~(long)CLOSE_RANGE_UNSHARE))
			flow_closing_range((unsigned)raw->a[0], (unsigned)raw->a[1]);
		break;
#endif
	case SYS_futex:
		if (futex_waits(raw->a[1]))
			flow_wait();
		break;
#ifdef SYS_io_uring_enter
	case SYS_io_uring_enter:
		if (raw->a[2] > 0)
			flow_wait();
		break;
#endif
	case SYS_execve:
	case SYS_execveat:
		flow_exec_begin();
		break;
	case SYS_exit_group:
		flow_push_all();
		break;
	case SYS_prctl:
		if (raw->a[0] == PR_SET_SECCOMP)
			life_confined();
		break;
#ifdef SYS_landlock_restrict_self
	case SYS_landlock_restrict_self:
#endif
	case SYS_seccomp:
		life_confined();
		break;
	case SYS_unshare:
	case SYS_setns:
	case SYS_capset:
	case SYS_clone:
#ifdef SYS_clone3
	case SYS_clone3:
#endif
#ifdef SYS_fork
	case SYS_fork:
#endif
	case SYS_setuid:
	case SYS_setgid:
	case SYS_setreuid:
	case SYS_setregid:
	case SYS_setresuid:
	case SYS_setresgid:
	case SYS_setgroups:
		life_alone();
		break;
	}
}

/* Calls that may block and say nothing else: the older numbers exist on x86-64 alone. */
static bool raw_waits(long number)
{
	switch (number) {
#ifdef SYS_poll
	case SYS_poll:
	case SYS_select:
	case SYS_epoll_wait:
	case SYS_pause:
#endif
	case SYS_ppoll:
	case SYS_pselect6:
	case SYS_epoll_pwait:
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_rt_sigtimedwait:
	case SYS_rt_sigsuspend:
	case SYS_wait4:
	case SYS_waitid:
	case SYS_flock:
	case SYS_msgrcv:
	case SYS_semop:
	case SYS_semtimedop:
	case SYS_mq_timedreceive:
		return true;
	default:
		return false;
	}
}

static long raw_any(const struct raw *raw)
{
	switch (raw->number) {
	case SYS_write:
	case SYS_writev:
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_sendmmsg:
	case SYS_sendfile:
		return raw_write(raw, (int)raw->a[0]);
	case SYS_splice:
		return raw_write(raw, (int)raw->a[2]);
	case SYS_recvfrom:
		return raw_read(raw, (int)raw->a[3]);
	case SYS_recvmsg:
		return raw_recvmsg(raw);
	case SYS_read:
	case SYS_readv:
	case SYS_recvmmsg:
		return raw_read(raw, 0);
	default:
		break;
	}
	if (raw_waits(raw->number))
		flow_wait();
	raw_before(raw);
	return raw_open(raw);
}

EXPORT long syscall(long number, ...)
{
	struct raw raw = {.number = number};
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		raw.a[i] = va_arg(args, long);
	va_end(args);
	return control_on() ? raw_any(&raw) : raw_call(&raw);
}
