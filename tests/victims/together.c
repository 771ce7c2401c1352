/* A conversation in which no call on a socket has its name in libc: each is made by syscall(2), on
 * i386 by the one number that stands for all of them there (socketcall(2)), elsewhere by its own.
 */
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "tests/victims/victim.h"

#ifndef SYS_socketcall
static const short own[] = {
	[SYS_SOCKET] = SYS_socket,
	[SYS_BIND] = SYS_bind,
	[SYS_CONNECT] = SYS_connect,
	[SYS_LISTEN] = SYS_listen,
	[SYS_ACCEPT] = SYS_accept4,
	[SYS_GETSOCKNAME] = SYS_getsockname,
	[SYS_GETPEERNAME] = SYS_getpeername,
	[SYS_SOCKETPAIR] = SYS_socketpair,
	[SYS_SEND] = SYS_sendto,
	[SYS_RECV] = SYS_recvfrom,
	[SYS_SENDTO] = SYS_sendto,
	[SYS_RECVFROM] = SYS_recvfrom,
	[SYS_SHUTDOWN] = SYS_shutdown,
	[SYS_SETSOCKOPT] = SYS_setsockopt,
	[SYS_GETSOCKOPT] = SYS_getsockopt,
	[SYS_SENDMSG] = SYS_sendmsg,
	[SYS_RECVMSG] = SYS_recvmsg,
	[SYS_ACCEPT4] = SYS_accept4,
};
#endif

static long by(long which, long a, long b, long c, long d, long e, long f)
{
#ifdef SYS_socketcall
	const long argument[6] = {a, b, c, d, e, f};

	return syscall(SYS_socketcall, which, argument);
#else
	return syscall(own[which], a, b, c, d, e, f);
#endif
}

#define BY(which, ...) BY6(which, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define BY6(which, a, b, c, d, e, f, ...)                                                          \
	by(which, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static void put(int fd, const char *text)
{
	NEED(BY(SYS_SEND, fd, text, strlen(text), MSG_NOSIGNAL) == (long)strlen(text));
}

static void get_line(int fd)
{
	char c = 0;

	while (c != '\n')
		NEED(BY(SYS_RECV, fd, &c, 1, 0) == 1);
}

static int new_socket(int family)
{
	const int fd = (int)BY(SYS_SOCKET, family, SOCK_STREAM, 0);

	NEED(fd >= 0);
	return fd;
}

static int dial_by_number(void)
{
	struct sockaddr_storage at;
	const socklen_t length = address_of(
		env_or("VICTIM_ADDRESS", "127.0.0.1"), atoi(env_or("VICTIM_PORT", "0")), &at);
	const int fd = new_socket(at.ss_family);

	NEED(BY(SYS_CONNECT, fd, &at, length) == 0);
	return fd;
}

/* As train_on(), and then half a line. */
static int dial_and_say_half(const char *text)
{
	const int fd = dial_by_number(), limit = atoi(env_or("VICTIM_TRAIN", "0"));
	int turns = 0, streak = 0;

	page_of_harness();
	for (; turns < limit && streak < 3; turns++) {
		put(fd, "tra");
		streak = unsent(fd) > 0 ? streak + 1 : 0;
		put(fd, "in\n");
		get_line(fd);
	}
	trained_bytes = turns * (int)strlen(TRAIN_LINE);
	mark("#trained %d turns, %d held", turns, streak);
	put(fd, text);
	mark("#held %d", unsent(fd) > 0);
	return fd;
}

static void message(void)
{
	const int fd = dial_and_say_half("by send, ");
	struct iovec part[2] = {
		{(char *)(uintptr_t) "by ", 3}, {(char *)(uintptr_t) "message\n", 8}};
	struct msghdr whole = {.msg_iov = part, .msg_iovlen = 2};
	char answer[8];

	compute_until_received(9);
	wrote(fd, 9);
	wait_go();
	NEED(BY(SYS_SENDMSG, fd, &whole, 0) == 11);
	part[0] = (struct iovec){answer, sizeof(answer)};
	whole.msg_iovlen = 1;
	NEED(BY(SYS_RECVMSG, fd, &whole, 0) == 3);
	NEED(BY(SYS_SENDTO, fd, "last\n", 5, 0, NULL, 0) == 5);
	NEED(BY(SYS_RECVFROM, fd, answer, sizeof(answer), 0, NULL, NULL) == 3);
}

/* One that was made for libc, and knows none of their own numbers. Where sockets have no other,
 * there is none. */
static void sandboxed(void)
{
#ifdef SYS_socketcall
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_socket, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_shutdown, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT_OF(code), code};

	NEED(raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) == 0);
	NEED(RAW3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
#endif
	message();
}

static void waits(void)
{
	const int fd = dial_and_say_half("before a wait\n");

	wrote(fd, 14);
	get_line(fd);
	NEED(BY(SYS_SHUTDOWN, fd, SHUT_WR) == 0);
}

/* What was set is what is told. */
static void options(void)
{
	const int fd = dial_by_number();
	int value = 0, listener = new_socket(AF_INET), pair[2], accepted;
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
			   peer;
	socklen_t length = sizeof(value);

	NEED(BY(SYS_GETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0);
	mark("TCP_NODELAY %d", value);
	value = 1;
	NEED(BY(SYS_SETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0);
	NEED(BY(SYS_GETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0);
	mark("TCP_NODELAY %d", value);
	mark("of nobody %ld",
		BY(SYS_SETSOCKOPT, -1, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
	mark("of nothing %ld", BY(SYS_GETSOCKOPT, fd, IPPROTO_TCP, TCP_NODELAY, NULL, NULL));
	length = sizeof(here);
	NEED(BY(SYS_BIND, listener, &here, length) == 0 && BY(SYS_LISTEN, listener, 3) == 0);
	NEED(BY(SYS_GETSOCKNAME, listener, &here, &length) == 0);
	NEED(BY(SYS_CONNECT, new_socket(AF_INET), &here, length) == 0);
	accepted = (int)BY(SYS_ACCEPT, listener, NULL, NULL);
	NEED(BY(SYS_CONNECT, new_socket(AF_INET), &here, length) == 0);
	mark("accepted %d %d", accepted >= 0,
		(int)BY(SYS_ACCEPT4, listener, &peer, &length, SOCK_CLOEXEC) >= 0);
	mark("peer %ld", BY(SYS_GETPEERNAME, accepted, &peer, &length));
	mark("pair %ld", BY(SYS_SOCKETPAIR, AF_UNIX, SOCK_STREAM, 0, pair));
	mark("sent to the pair %ld", BY(SYS_SEND, pair[0], "a", 1, 0));
	put(fd, "set and told\n");
	get_line(fd);
}

static const struct verb verbs[] = {
	{"message", message},
	{"sandboxed", sandboxed},
	{"waits", waits},
	{"options", options},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
