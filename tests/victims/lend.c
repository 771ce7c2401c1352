/* lend HOW WRITES BYTES [SOCKETS]: so many writes one way, by turns over many sockets, behind a
 * seccomp filter, or on a socket that another process has made. */
#include "tests/victims/unseen.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "tests/helper/peer.h"

static int fds[PEER_CONNECTIONS], writes, bytes, sockets = 1;
static uint64_t sent[PEER_CONNECTIONS];

/* At full speed a long way's window joins the writes of one socket whatever the mode. */
enum { PACE = 30 };

static void put(int at)
{
	char text[8192];

	if (sockets == 1)
		compute_for(PACE);
	for (int i = 0; i < bytes; i++)
		text[i] = (char)pattern_byte(sent[at] + (uint64_t)i);
	sent[at] += (uint64_t)bytes;
	NEED(write(fds[at], text, (size_t)bytes) == bytes);
}

static void put_all(int times)
{
	for (int i = 0; i < times; i++)
		put(i % sockets);
}

static void many(void)
{
	for (int i = 0; i < sockets; i++)
		fds[i] = dial();
	put_all(writes);
	for (int i = 0; i < sockets; i++)
		NEED(asked_nodelay(fds[i]) == 0);
	mark("%d sockets", sockets);
}

/* ---- seccomp ---- */

/* All but setsockopt(), which is answered so. */
static void confine(unsigned answer)
{
	const struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setsockopt, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT_OF(filter), (struct sock_filter *)(uintptr_t)filter};

	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void behind_filter(unsigned answer)
{
	fds[0] = dial();
	confine(answer);
	mark_nodelay("confined", fds[0]);
	put_all(writes);
}

static void denied(void)
{
	behind_filter(SECCOMP_RET_ERRNO | EPERM);
}

static void killed(void)
{
	behind_filter(SECCOMP_RET_KILL_PROCESS);
}

/* In the middle of a stream. */
static void killed_late(void)
{
	fds[0] = dial();
	put_all(writes / 2);
	confine(SECCOMP_RET_KILL_PROCESS);
	mark_nodelay("confined", fds[0]);
	put_all(writes - writes / 2);
}

/* After turns of two writes that nobody answered: it holds, or will soon. */
static void killed_holding(void)
{
	fds[0] = dial();
	put_all(3);
	confine(SECCOMP_RET_KILL_PROCESS);
	mark("unsent %d", unsent(fds[0]) > 0 && kernel_nodelay(fds[0]));
	put_all(writes - 3);
}

/* ---- SCM_RIGHTS ---- */

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr head;
};

static struct msghdr message_of(union control *control, struct iovec *part)
{
	return (struct msghdr){.msg_iov = part,
		.msg_iovlen = 1,
		.msg_control = control->bytes,
		.msg_controllen = sizeof(control->bytes)};
}

static void give(int through, int what)
{
	union control control = {.bytes = ""};
	struct iovec part = {(void *)(uintptr_t) "x", 1};
	struct msghdr message = message_of(&control, &part);
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &what, sizeof(int));
	NEED(sendmsg(through, &message, 0) == 1);
}

static int take(int through)
{
	union control control;
	char c;
	struct iovec part = {&c, 1};
	struct msghdr message = message_of(&control, &part);
	int fd;

	NEED(recvmsg(through, &message, 0) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* first: writes of who made it, before it goes. */
static void pass(int first)
{
	int pair[2], status;
	pid_t child;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED((child = fork()) >= 0);
	if (child == 0) {
		sent[0] = (uint64_t)first * (uint64_t)bytes;
		fds[0] = take(pair[1]);
		mark_nodelay("received", fds[0]);
		put_all(writes - first);
		_exit(0);
	}
	fds[0] = dial();
	put_all(first);
	give(pair[0], fds[0]);
	NEED(close(fds[0]) == 0);
	NEED(waitpid(child, &status, 0) == child && status == 0);
}

static void passed(void)
{
	pass(0);
}

static void passed_after_writes(void)
{
	pass(2);
}

static void passed_in_stream(void)
{
	pass(writes / 2);
}

static const struct verb verbs[] = {
	{"many", many},
	{"denied", denied},
	{"killed", killed},
	{"killed-late", killed_late},
	{"killed-holding", killed_holding},
	{"passed", passed},
	{"passed-after-writes", passed_after_writes},
	{"passed-in-stream", passed_in_stream},
};

int main(int argc, char **argv)
{
	if (argc < 4)
		return 98;
	writes = atoi(argv[2]);
	bytes = atoi(argv[3]);
	if (argc > 4)
		sockets = atoi(argv[4]);
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
