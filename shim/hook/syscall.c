/* The hook of syscall(2): raw numbers of the calls that other hooks stand for. They are only
 * noticed, never changed: writes go out as they are. Everything else is passed on with its six
 * longs.
 */
#include <linux/close_range.h>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/life.h"
#include "shim/base/memory.h"
#include "shim/real.h"
#include "shim/settle/settle.h"

struct raw {
	long number;
	long a[6];
};

static long raw_call(const struct raw *raw)
{
	return real()->syscall(
		raw->number, raw->a[0], raw->a[1], raw->a[2], raw->a[3], raw->a[4], raw->a[5]);
}

static long raw_pass(const struct raw *raw, int fd)
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

static long raw_write(const struct raw *raw)
{
	return raw_pass(raw, (int)raw->a[0]);
}

/* Descriptors that go along are another process's, too. */
static long raw_sendmsg(const struct raw *raw)
{
	int fd = (int)raw->a[0];
	const struct msghdr *message = (const struct msghdr *)raw->a[1];
	long got;

	if (flow_of(fd))
		return raw_write(raw);
	flow_message_leaving(fd, message);
	got = raw_call(raw);
	if (got >= 0)
		flow_message_left(fd, message);
	return got;
}

static long raw_sendmmsg(const struct raw *raw)
{
	int fd = (int)raw->a[0];
	const struct mmsghdr *message = (const struct mmsghdr *)raw->a[1];
	long got;

	if (flow_of(fd))
		return raw_write(raw);
	flow_messages_leaving(fd, message, (unsigned)raw->a[2]);
	got = raw_call(raw);
	flow_messages_left(fd, message, (int)got);
	return got;
}

/* At an offset they are no calls for a socket; both halves of it are one long here. */
static long raw_pwritev2(const struct raw *raw)
{
	return raw->a[3] == -1 ? raw_write(raw) : raw_call(raw);
}

static long raw_splice(const struct raw *raw)
{
	return raw_pass(raw, (int)raw->a[2]);
}

static long raw_take(const struct raw *raw, int flags)
{
	int fd = (int)raw->a[0];
	struct flow *flow = flow_of(fd);
	bool tell = flow && flow_read_begin(flow, fd, flags);
	long got;

	if (!flow)
		flow_read_other(fd);
	got = raw_call(raw);
	if (tell)
		flow_read_end(flow, fd, flags, got);
	return got;
}

static long raw_read(const struct raw *raw)
{
	return raw_take(raw, 0);
}

static long raw_preadv2(const struct raw *raw)
{
	return raw->a[3] == -1 ? raw_read(raw) : raw_call(raw);
}

static long raw_recvfrom(const struct raw *raw)
{
	return raw_take(raw, (int)raw->a[3]);
}

static long raw_recvmsg(const struct raw *raw)
{
	long got = raw_take(raw, (int)raw->a[2]);

	if (got >= 0)
		flow_message_arrived((struct msghdr *)raw->a[1]);
	return got;
}

static long raw_wait(const struct raw *raw)
{
	flow_wait();
	return raw_call(raw);
}

static long raw_probe(const struct raw *raw)
{
	flow_probe();
	return raw_call(raw);
}

static long raw_ioctl(const struct raw *raw)
{
	int fd = (int)raw->a[0];
	long got;

	flow_asking(fd, (unsigned long)raw->a[1]);
	got = raw_call(raw);
	if (got == 0 && raw->a[1] == FIONBIO)
		flow_nonblocking(fd, *(const int *)raw->a[2] != 0);
	return got;
}

static long raw_futex(const struct raw *raw)
{
	long operation = raw->a[1] & FUTEX_CMD_MASK;
	bool waits = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET ||
		     operation == FUTEX_WAIT_REQUEUE_PI || operation == FUTEX_LOCK_PI ||
		     operation == FUTEX_LOCK_PI2;

	return waits ? raw_wait(raw) : raw_call(raw);
}

static long raw_io_uring_enter(const struct raw *raw)
{
	return raw->a[2] > 0 ? raw_wait(raw) : raw_call(raw);
}

static long raw_socket(const struct raw *raw)
{
	long got = raw_call(raw);

	if (got >= 0)
		flow_opened((int)got, (int)raw->a[0], (int)raw->a[1], (int)raw->a[2]);
	return got;
}

static long raw_socketpair(const struct raw *raw)
{
	const int *fds = (const int *)raw->a[3];
	long result = raw_call(raw);

	for (int i = 0; result == 0 && i < 2; i++)
		flow_opened(fds[i], (int)raw->a[0], (int)raw->a[1], (int)raw->a[2]);
	return result;
}

static long raw_connect(const struct raw *raw)
{
	flow_connecting((int)raw->a[0], (const struct sockaddr *)raw->a[1], (socklen_t)raw->a[2]);
	return raw_wait(raw);
}

static long raw_bind(const struct raw *raw)
{
	flow_binding((int)raw->a[0], (const struct sockaddr *)raw->a[1], (socklen_t)raw->a[2]);
	return raw_call(raw);
}

static long raw_listen(const struct raw *raw)
{
	flow_listening((int)raw->a[0], (int)raw->a[1]);
	return raw_call(raw);
}

static long raw_accepted(const struct raw *raw, int flags)
{
	long got = raw_wait(raw);

	if (got >= 0)
		flow_accepted((int)raw->a[0], (int)got, flags);
	return got;
}

static long raw_accept(const struct raw *raw)
{
	return raw_accepted(raw, 0);
}

static long raw_accept4(const struct raw *raw)
{
	return raw_accepted(raw, (int)raw->a[3]);
}

static long raw_setsockopt(const struct raw *raw)
{
	int fd = (int)raw->a[0], level = (int)raw->a[1], name = (int)raw->a[2];
	struct flow *flow = flow_of(fd);
	long got;

	if (flow) {
		settle_program_sets(flow, fd, level, name);
		flow_push(flow);
	}
	got = raw_call(raw);
	if (flow && got >= 0)
		settle_program_set(flow, fd, level, name);
	return got;
}

static long raw_getsockopt(const struct raw *raw)
{
	struct flow *flow = flow_of((int)raw->a[0]);
	long got = raw_call(raw);

	if (flow && got >= 0)
		settle_program_get(flow, (int)raw->a[1], (int)raw->a[2], (void *)raw->a[3],
			(socklen_t *)raw->a[4]);
	return got;
}

static long raw_shutdown(const struct raw *raw)
{
	struct flow *flow = flow_of((int)raw->a[0]);

	if (flow)
		flow_ending(flow, (int)raw->a[1]);
	return raw_call(raw);
}

static long raw_close(const struct raw *raw)
{
	flow_closing((int)raw->a[0]);
	return raw_call(raw);
}

static long raw_close_range(const struct raw *raw)
{
	if (!(raw->a[2] & ~(long)CLOSE_RANGE_UNSHARE))
		flow_closing_range((unsigned)raw->a[0], (unsigned)raw->a[1]);
	return raw_call(raw);
}

static long raw_dup(const struct raw *raw)
{
	long got = raw_call(raw);

	if (got >= 0)
		flow_duplicated((int)raw->a[0], (int)got);
	return got;
}

static long raw_dup_over(const struct raw *raw)
{
	flow_replacing((int)raw->a[0], (int)raw->a[1]);
	return raw_dup(raw);
}

static long raw_fcntl(const struct raw *raw)
{
	long got;

	if (raw->a[1] == F_DUPFD || raw->a[1] == F_DUPFD_CLOEXEC)
		return raw_dup(raw);
	got = raw_call(raw);
	if (got >= 0 && raw->a[1] == F_SETFL)
		flow_nonblocking((int)raw->a[0], raw->a[2] & O_NONBLOCK);
	return got;
}

static long raw_pidfd_getfd(const struct raw *raw)
{
	long got = raw_call(raw);

	if (got >= 0)
		flow_arrived((int)got);
	return got;
}

static long raw_exec(const struct raw *raw)
{
	long got;

	flow_exec_begin();
	got = raw_call(raw);
	flow_exec_failed();
	return got;
}

static long raw_exit(const struct raw *raw)
{
	life_leaving();
	return raw_call(raw);
}

static long raw_confine(const struct raw *raw)
{
	life_confined();
	return raw_call(raw);
}

static long raw_prctl(const struct raw *raw)
{
	return life_is_confining((int)raw->a[0], (unsigned long)raw->a[1]) ? raw_confine(raw)
									   : raw_call(raw);
}

/* The deadline's thread would not be in the child of a fork. */
static long raw_clone_with(const struct raw *raw, unsigned long flags)
{
	if (!(flags & CLONE_VM))
		life_alone();
	life_cloning(flags);
	return raw_call(raw);
}

static long raw_clone(const struct raw *raw)
{
	return raw_clone_with(raw, (unsigned long)raw->a[0]);
}

/* A structure, of which the first word are the flags (clone3(2)). */
static long raw_clone3(const struct raw *raw)
{
	const uint64_t *flags = (const uint64_t *)raw->a[0];

	return memory_readable(flags, sizeof(*flags)) ? raw_clone_with(raw, *flags) : raw_call(raw);
}

static long raw_alone(const struct raw *raw)
{
	life_alone();
	return raw_call(raw);
}

/* Numbers by the kernel's names: not every libc has SYS_ for the newer ones. */
static long (*const raw_table[])(const struct raw *) = {
	[__NR_write] = raw_write,
	[__NR_writev] = raw_write,
	[__NR_sendto] = raw_write,
	[__NR_sendmsg] = raw_sendmsg,
	[__NR_pwritev2] = raw_pwritev2,
	[__NR_sendmmsg] = raw_sendmmsg,
	[__NR_sendfile] = raw_write,
	[__NR_splice] = raw_splice,

	[__NR_read] = raw_read,
	[__NR_readv] = raw_read,
	[__NR_recvmmsg] = raw_read,
	[__NR_preadv2] = raw_preadv2,
	[__NR_recvfrom] = raw_recvfrom,
	[__NR_recvmsg] = raw_recvmsg,

#ifdef __NR_poll /* x86-64 alone */
	[__NR_poll] = raw_wait,
	[__NR_select] = raw_wait,
	[__NR_epoll_wait] = raw_wait,
	[__NR_pause] = raw_wait,
	[__NR_dup2] = raw_dup_over,
	[__NR_fork] = raw_alone,
#endif
	[__NR_ppoll] = raw_wait,
	[__NR_pselect6] = raw_wait,
	[__NR_epoll_pwait] = raw_wait,
#ifdef __NR_epoll_pwait2 /* Linux 5.11 */
	[__NR_epoll_pwait2] = raw_wait,
#endif
	[__NR_ioctl] = raw_ioctl,
	[__NR_sched_yield] = raw_probe,
	[__NR_nanosleep] = raw_wait,
	[__NR_clock_nanosleep] = raw_wait,
	[__NR_rt_sigtimedwait] = raw_wait,
	[__NR_rt_sigsuspend] = raw_wait,
	[__NR_wait4] = raw_wait,
	[__NR_waitid] = raw_wait,
	[__NR_flock] = raw_wait,
	[__NR_msgrcv] = raw_wait,
	[__NR_semop] = raw_wait,
	[__NR_semtimedop] = raw_wait,
	[__NR_mq_timedreceive] = raw_wait,
	[__NR_futex] = raw_futex,
#ifdef __NR_futex_waitv /* Linux 5.16 */
	[__NR_futex_waitv] = raw_wait,
#endif
	[__NR_io_uring_enter] = raw_io_uring_enter,

	[__NR_socket] = raw_socket,
	[__NR_socketpair] = raw_socketpair,
	[__NR_connect] = raw_connect,
	[__NR_bind] = raw_bind,
	[__NR_listen] = raw_listen,
	[__NR_accept] = raw_accept,
	[__NR_accept4] = raw_accept4,
	[__NR_setsockopt] = raw_setsockopt,
	[__NR_getsockopt] = raw_getsockopt,
	[__NR_shutdown] = raw_shutdown,
	[__NR_close] = raw_close,
	[__NR_close_range] = raw_close_range,
	[__NR_dup] = raw_dup,
	[__NR_dup3] = raw_dup_over,
	[__NR_fcntl] = raw_fcntl,
	[__NR_pidfd_getfd] = raw_pidfd_getfd,

	[__NR_execve] = raw_exec,
	[__NR_execveat] = raw_exec,
	[__NR_exit_group] = raw_exit,
	[__NR_prctl] = raw_prctl,
	[__NR_seccomp] = raw_confine,
#ifdef __NR_landlock_restrict_self /* Linux 5.13 */
	[__NR_landlock_restrict_self] = raw_confine,
#endif
	[__NR_unshare] = raw_alone,
	[__NR_setns] = raw_alone,
	[__NR_capset] = raw_alone,
	[__NR_clone] = raw_clone,
	[__NR_clone3] = raw_clone3,
	[__NR_setuid] = raw_alone,
	[__NR_setgid] = raw_alone,
	[__NR_setreuid] = raw_alone,
	[__NR_setregid] = raw_alone,
	[__NR_setresuid] = raw_alone,
	[__NR_setresgid] = raw_alone,
	[__NR_setgroups] = raw_alone,
};

static long raw_any(const struct raw *raw)
{
	const unsigned long number = (unsigned long)raw->number;

	if (number < sizeof(raw_table) / sizeof(*raw_table) && raw_table[number])
		return raw_table[number](raw);
	return raw_call(raw);
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
