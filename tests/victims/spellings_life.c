/* Calls that make, set and end descriptors, and those of the process itself, by name or by number.
 */
#include "tests/victims/spellings.h"

#include <grp.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>

#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

/* ---- sockets ---- */

static long by_socket(void)
{
	return BY(socket(AF_INET, SOCK_STREAM, 0), SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long by_socketpair(void)
{
	int pair[2];

	return BY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), SYS_socketpair, AF_UNIX, SOCK_STREAM,
		0, pair);
}

static int other;
static struct sockaddr_in own = {.sin_family = AF_INET};
static struct sockaddr_storage peer;
static socklen_t peer_length;

static void make_other(void)
{
	peer_length = peer_address(&peer);
	own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED((other = socket(peer.ss_family, SOCK_STREAM, 0)) >= 0);
}

static long by_connect(void)
{
	return BY(connect(other, (struct sockaddr *)&peer, peer_length), SYS_connect, other, &peer,
		peer_length);
}

static long by_connect_refused(void)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1)};

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return BY(connect(other, (struct sockaddr *)&nobody, sizeof(nobody)), SYS_connect, other,
		&nobody, sizeof(nobody));
}

static long by_bind(void)
{
	return BY(bind(other, (struct sockaddr *)&own, sizeof(own)), SYS_bind, other, &own,
		sizeof(own));
}

static void make_bound(void)
{
	make_other();
	NEED(bind(other, (struct sockaddr *)&own, sizeof(own)) == 0);
}

static long by_listen(void)
{
	return BY(listen(other, 5), SYS_listen, other, 5);
}

/* Somebody knocks whom no library sees. */
static void make_called(void)
{
	socklen_t length = sizeof(own);
	int caller;

	make_bound();
	NEED(listen(other, 5) == 0);
	NEED(getsockname(other, (struct sockaddr *)&own, &length) == 0);
	caller = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);
	NEED(RAW3(SYS_connect, caller, &own, length) == 0);
}

static long by_accept(void)
{
	return BY(accept(other, NULL, NULL), SYS_accept, other, NULL, NULL);
}

static long by_accept4(void)
{
	return BY(accept4(other, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), SYS_accept4, other,
		NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static long by_accept_bad(void)
{
	return BY(accept(fd, NULL, NULL), SYS_accept, fd, NULL, NULL);
}

/* The copy goes on with the turn. */
static long said_on(long copy)
{
	int saved = errno;

	mark("#copied %d", unsent(fd) > 0);
	say((int)copy, "x");
	errno = saved;
	return copy;
}

static int self;

static void know_self(void)
{
	NEED((self = (int)syscall(SYS_pidfd_open, getpid(), 0)) >= 0);
}

int pidfd_getfd(int pidfd, int theirs, unsigned int flags);

static long by_pidfd_getfd(void)
{
	return said_on(BY(pidfd_getfd(self, fd, 0), SYS_pidfd_getfd, self, fd, 0));
}

/* ---- options ---- */

static long set(int level, int name, const void *value, socklen_t length)
{
	return BY(setsockopt(fd, level, name, value, length), SYS_setsockopt, fd, level, name,
		value, length);
}

static long by_set_nodelay(void)
{
	return set(IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static long by_set_cork(void)
{
	return set(IPPROTO_TCP, TCP_CORK, &(int){0}, sizeof(int));
}

static long by_set_linger(void)
{
	return set(SOL_SOCKET, SO_LINGER, &(struct linger){1, 5}, sizeof(struct linger));
}

static long by_set_keepalive(void)
{
	return set(SOL_SOCKET, SO_KEEPALIVE, &(int){1}, sizeof(int));
}

static long by_set_bad(void)
{
	return set(IPPROTO_TCP, TCP_NODELAY, nowhere, sizeof(int));
}

static long by_getsockopt(void)
{
	int value = 7;
	socklen_t length = sizeof(value);
	long result = BY(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length), SYS_getsockopt,
		fd, IPPROTO_TCP, TCP_NODELAY, &value, &length);

	return result * 10 + value;
}

static long by_ioctl_inq(void)
{
	int bytes = 7;
	/* What is above 32 bits the kernel does not look at. */
	const unsigned long request = (unsigned long)(1ULL << 32 | FIONREAD);

	return BY(ioctl(fd, request, &bytes), SYS_ioctl, fd, request, &bytes);
}

static long by_ioctl_outq(void)
{
	int bytes = 7;

	return BY(ioctl(fd, SIOCOUTQ, &bytes), SYS_ioctl, fd, SIOCOUTQ, &bytes);
}

static long by_ioctl_nonblocking(void)
{
	int on = 1;

	return BY(ioctl(fd, FIONBIO, &on), SYS_ioctl, fd, FIONBIO, &on);
}

static long by_ioctl_cloexec(void)
{
	return BY(ioctl(fd, FIOCLEX), SYS_ioctl, fd, FIOCLEX);
}

static long by_ioctl_bad(void)
{
	return BY(ioctl(fd, 0x1234), SYS_ioctl, fd, 0x1234);
}

static long by_fcntl_lock(void)
{
	struct flock whole = {.l_type = F_WRLCK};
	int file = memfd_create("lock", 0);

	return BY(fcntl(file, F_SETLKW, &whole), SYS_fcntl, file, F_SETLKW, &whole);
}

static long by_fcntl_ofd_lock(void)
{
	struct flock whole = {.l_type = F_WRLCK};
	int file = memfd_create("lock", 0);

	return BY(fcntl(file, F_OFD_SETLKW, &whole), SYS_fcntl, file, F_OFD_SETLKW, &whole);
}

static long by_fcntl_dup(void)
{
	return said_on(BY(fcntl(fd, F_DUPFD, 50), SYS_fcntl, fd, F_DUPFD, 50));
}

static long by_fcntl_dup_cloexec(void)
{
	return said_on(BY(fcntl(fd, F_DUPFD_CLOEXEC, 50), SYS_fcntl, fd, F_DUPFD_CLOEXEC, 50));
}

static long by_fcntl_cloexec(void)
{
	return BY(fcntl(fd, F_SETFD, FD_CLOEXEC), SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

static long by_fcntl_nonblocking(void)
{
	return BY(fcntl(fd, F_SETFL, O_NONBLOCK), SYS_fcntl, fd, F_SETFL, O_NONBLOCK);
}

static long by_fcntl_bad(void)
{
	return BY(fcntl(-1, F_SETFL, O_NONBLOCK), SYS_fcntl, -1L, F_SETFL, O_NONBLOCK);
}

/* ---- ends and copies ---- */

static long by_shutdown(void)
{
	return BY(shutdown(fd, SHUT_WR), SYS_shutdown, fd, SHUT_WR);
}

static long by_close(void)
{
	return BY(close(fd), SYS_close, fd);
}

static long by_close_bad(void)
{
	return BY(close(-1), SYS_close, -1L);
}

int close_range(unsigned int first, unsigned int last, int flags);

static long by_close_range(void)
{
	return BY(close_range((unsigned)fd, (unsigned)fd, 0), SYS_close_range, fd, fd, 0);
}

static long by_close_range_later(void)
{
	return BY(close_range((unsigned)fd, (unsigned)fd, CLOSE_RANGE_CLOEXEC), SYS_close_range, fd,
		fd, CLOSE_RANGE_CLOEXEC);
}

static long by_dup(void)
{
	return said_on(BY(dup(fd), SYS_dup, fd));
}

static long by_dup2(void)
{
	return said_on(BY(dup2(fd, 50), SYS_dup2, fd, 50));
}

static long by_dup3(void)
{
	return said_on(BY(dup3(fd, 50, O_CLOEXEC), SYS_dup3, fd, 50, O_CLOEXEC));
}

static int tube[2];

static void make_tube(void)
{
	NEED(pipe(tube) == 0);
}

/* What fd was is let go and forgotten. */
static long by_dup2_over(void)
{
	return BY(dup2(tube[1], fd), SYS_dup2, tube[1], fd);
}

static long by_dup3_over(void)
{
	return BY(dup3(tube[1], fd, 0), SYS_dup3, tube[1], fd, 0);
}

/* ---- other programs ---- */

static char *const no_words[] = {NULL}, *const true_words[] = {(char *)(uintptr_t) "true", NULL};

static long by_execve_nothing(void)
{
	return BY(
		execve("/nothing", no_words, no_words), SYS_execve, "/nothing", no_words, no_words);
}

static long by_execveat_nothing(void)
{
	return BY(execveat(AT_FDCWD, "/nothing", no_words, no_words, 0), SYS_execveat, AT_FDCWD,
		"/nothing", no_words, no_words, 0);
}

static long by_execve(void)
{
	return BY(execve("/bin/true", true_words, no_words), SYS_execve, "/bin/true", true_words,
		no_words);
}

static long by_execveat(void)
{
	return BY(execveat(AT_FDCWD, "/bin/true", true_words, no_words, 0), SYS_execveat, AT_FDCWD,
		"/bin/true", true_words, no_words, 0);
}

static long by_exit(void)
{
	return BY((_exit(7), 0), SYS_exit_group, 7);
}

/* The child ends by an instruction; it is not what the story is about. */
static long child_ended(long child)
{
	if (child == 0)
		RAW3(SYS_exit_group, 0, 0, 0);
	NEED(raw(SYS_wait4, child, 0, 0, 0, 0, 0) == child);
	return 0;
}

static long by_fork(void)
{
	return child_ended(BY(fork(), SYS_fork));
}

static int end_child(void *unused)
{
	(void)unused;
	RAW3(SYS_exit_group, 0, 0, 0);
	return 0;
}

static long by_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return child_ended(BY(clone(end_child, stack + sizeof(stack), SIGCHLD, NULL), SYS_clone,
		(long)SIGCHLD, 0L, NULL, NULL, 0L));
}

static long by_clone3(void)
{
	struct clone_args how = {.exit_signal = SIGCHLD};

	return child_ended(BY(NO_NAME, SYS_clone3, &how, sizeof(how)));
}

/* ---- walls: refused, or nothing that changes ---- */

static long by_prctl_seccomp(void)
{
	return BY(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nowhere), SYS_prctl, PR_SET_SECCOMP,
		SECCOMP_MODE_FILTER, nowhere);
}

static long by_prctl(void)
{
	return BY(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) > 0, SYS_prctl, PR_GET_TIMERSLACK, 0, 0, 0,
		       0) > 0;
}

static long by_seccomp(void)
{
	return BY(NO_NAME, SYS_seccomp, 99, 0, NULL);
}

static long by_landlock(void)
{
	return BY(NO_NAME, SYS_landlock_restrict_self, -1L, 0);
}

static long by_unshare(void)
{
	return BY(unshare(0), SYS_unshare, 0);
}

static long by_setns(void)
{
	return BY(setns(-1, 0), SYS_setns, -1L, 0);
}

int capset(void *header, const void *data);

static long by_capset(void)
{
	return BY(capset(nowhere, NULL), SYS_capset, nowhere, NULL);
}

/* ---- other users: nothing changes ---- */

static long by_setuid(void)
{
	return BY(setuid((uid_t)-1), SYS_setuid, -1L);
}

static long by_setgid(void)
{
	return BY(setgid((gid_t)-1), SYS_setgid, -1L);
}

static long by_setreuid(void)
{
	return BY(setreuid((uid_t)-1, (uid_t)-1), SYS_setreuid, -1L, -1L);
}

static long by_setregid(void)
{
	return BY(setregid((gid_t)-1, (gid_t)-1), SYS_setregid, -1L, -1L);
}

static long by_setresuid(void)
{
	return BY(setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1), SYS_setresuid, -1L, -1L, -1L);
}

static long by_setresgid(void)
{
	return BY(setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1), SYS_setresgid, -1L, -1L, -1L);
}

static long by_setgroups(void)
{
	return BY(setgroups(1, (gid_t *)nowhere), SYS_setgroups, 1, nowhere);
}

static const struct story stories[] = {
	{"socket", by_socket, 0, NULL, NULL},
	{"socketpair", by_socketpair, 0, NULL, NULL},
	{"connect", by_connect, 0, NULL, make_other},
	{"connect-refused", by_connect_refused, 0, NULL, make_other},
	{"bind", by_bind, 0, NULL, make_other},
	{"listen", by_listen, 0, NULL, make_bound},
	{"accept", by_accept, 0, NULL, make_called},
	{"accept4", by_accept4, 0, NULL, make_called},
	{"accept-bad", by_accept_bad, 0, NULL, NULL},
	{"pidfd_getfd", by_pidfd_getfd, 0, know_self, NULL},
	{"set-nodelay", by_set_nodelay, 0, NULL, NULL},
	{"set-cork", by_set_cork, 0, NULL, NULL},
	{"set-linger", by_set_linger, 0, NULL, NULL},
	{"set-keepalive", by_set_keepalive, 0, NULL, NULL},
	{"set-bad", by_set_bad, 0, NULL, NULL},
	{"getsockopt", by_getsockopt, 0, NULL, NULL},
	{"ioctl-inq", by_ioctl_inq, 0, NULL, NULL},
	{"ioctl-outq", by_ioctl_outq, 0, NULL, NULL},
	{"ioctl-nonblocking", by_ioctl_nonblocking, 0, NULL, NULL},
	{"ioctl-cloexec", by_ioctl_cloexec, 0, NULL, NULL},
	{"ioctl-bad", by_ioctl_bad, 0, NULL, NULL},
	{"fcntl-lock", by_fcntl_lock, 0, NULL, NULL},
	{"fcntl-ofd-lock", by_fcntl_ofd_lock, 0, NULL, NULL},
	{"fcntl-dup", by_fcntl_dup, 0, NULL, NULL},
	{"fcntl-dup-cloexec", by_fcntl_dup_cloexec, 0, NULL, NULL},
	{"fcntl-cloexec", by_fcntl_cloexec, 0, NULL, NULL},
	{"fcntl-nonblocking", by_fcntl_nonblocking, 0, NULL, NULL},
	{"fcntl-bad", by_fcntl_bad, 0, NULL, NULL},
	{"shutdown", by_shutdown, LAST, NULL, NULL},
	{"close", by_close, LAST, NULL, NULL},
	{"close-bad", by_close_bad, 0, NULL, NULL},
	{"close_range", by_close_range, LAST, NULL, NULL},
	{"close_range-later", by_close_range_later, 0, NULL, NULL},
	{"dup", by_dup, 0, NULL, NULL},
	{"dup2", by_dup2, 0, NULL, NULL},
	{"dup3", by_dup3, 0, NULL, NULL},
	{"dup2-over", by_dup2_over, LAST, make_tube, NULL},
	{"dup3-over", by_dup3_over, LAST, make_tube, NULL},
	{"execve-nothing", by_execve_nothing, 0, NULL, NULL},
	{"execveat-nothing", by_execveat_nothing, 0, NULL, NULL},
	{"execve", by_execve, LAST, NULL, NULL},
	{"execveat", by_execveat, LAST, NULL, NULL},
	{"exit_group", by_exit, LAST, NULL, NULL},
	{"fork", by_fork, 0, NULL, NULL},
	{"clone", by_clone, 0, NULL, NULL},
	{"clone3", by_clone3, 0, NULL, NULL},
	{"prctl-seccomp", by_prctl_seccomp, 0, NULL, NULL},
	{"prctl", by_prctl, 0, NULL, NULL},
	{"seccomp", by_seccomp, 0, NULL, NULL},
	{"landlock", by_landlock, 0, NULL, NULL},
	{"unshare", by_unshare, 0, NULL, NULL},
	{"setns", by_setns, 0, NULL, NULL},
	{"capset", by_capset, 0, NULL, NULL},
	{"setuid", by_setuid, 0, NULL, NULL},
	{"setgid", by_setgid, 0, NULL, NULL},
	{"setreuid", by_setreuid, 0, NULL, NULL},
	{"setregid", by_setregid, 0, NULL, NULL},
	{"setresuid", by_setresuid, 0, NULL, NULL},
	{"setresgid", by_setresgid, 0, NULL, NULL},
	{"setgroups", by_setgroups, 0, NULL, NULL},
};

int main(int argc, char **argv)
{
	return run_story(stories, COUNT_OF(stories), argc, argv);
}
