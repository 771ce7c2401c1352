/* Makes small writes that may be collected in user space, and then what ends that, stands in its
 * way, or shows it: what the kernel has of them is asked behind the library's back. */
#define _NETINET_TCP_H	/* it cannot stand beside linux/tcp.h, which knows all of struct tcp_info  \
			 */
#include <linux/tcp.h>

#include "tests/victims/victim.h"

#include <pthread.h>
#include <sched.h>

#define RECORD	64
#define RECORDS 20000
#define BIG	100000

/* How many bytes the kernel was given on fd since it was connected. */
static long given(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	NEED(raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&info, (long)&length, 0) == 0);
	return (long)(info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes);
}

/* A write that the kernel is not to be given at once. */
static void collect(int fd, const char *text)
{
	long before = given(fd);

	say(fd, text);
	mark("#collected %d", given(fd) == before);
}

/* And one that it is. */
static void through(int fd, const char *text)
{
	long before = given(fd);

	say(fd, text);
	mark("'%s' went through: %d", text, given(fd) == before + (long)strlen(text));
}

static void through_for_good(int fd)
{
	through(fd, "one,");
	through(fd, "two\n");
	NEED(hear(fd));
	through(fd, "three\n");
	NEED(hear(fd));
}

/* ---- what ends it for good ---- */

static int begun(void)
{
	int fd = dial();

	collect(fd, "begun,");
	return fd;
}

static void by_fdopen(void)
{
	int fd = begun();

	NEED(fdopen(fd, "r+"));
	through_for_good(fd);
}

static void by_fork(void)
{
	int fd = begun();
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	NEED(waitpid(pid, NULL, 0) == pid);
	through_for_good(fd);
}

static void by_fork_without_handlers(void)
{
	int fd = begun();
	pid_t pid = _Fork();

	if (pid == 0)
		_exit(0);
	NEED(waitpid(pid, NULL, 0) == pid);
	through_for_good(fd);
}

static int end_at_once(void *unused)
{
	(void)unused;
	RAW3(SYS_exit_group, 0, 0, 0);
	return 0;
}

static void by_clone(void)
{
	static _Alignas(64) char stack[65536];
	int fd = begun(), pid = clone(end_at_once, stack + sizeof(stack), SIGCHLD, NULL);

	NEED(pid > 0 && waitpid(pid, NULL, 0) == pid);
	through_for_good(fd);
}

/* A message with fd in it, on a socket of another kind, by the function. */
static void pass(int fd, int (*by)(int over, struct mmsghdr *message))
{
	char room[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec part = {(void *)(uintptr_t) "x", 1};
	struct mmsghdr message = {.msg_hdr = {.msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = room,
					  .msg_controllen = sizeof(room)}};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message.msg_hdr);
	int ends[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	NEED(by(ends[0], &message) == 1);
	through_for_good(fd);
}

static int send_one(int over, struct mmsghdr *message)
{
	return (int)sendmsg(over, &message->msg_hdr, 0);
}

static int send_one_by_number(int over, struct mmsghdr *message)
{
	return (int)syscall(SYS_sendmsg, over, &message->msg_hdr, 0);
}

static int send_many(int over, struct mmsghdr *message)
{
	return sendmmsg(over, message, 1, 0);
}

static int send_many_by_number(int over, struct mmsghdr *message)
{
	return (int)syscall(SYS_sendmmsg, over, message, 1, 0);
}

static void by_passing(void)
{
	pass(begun(), send_one);
}

static void by_passing_by_number(void)
{
	pass(begun(), send_one_by_number);
}

static void by_passing_many(void)
{
	pass(begun(), send_many);
}

static void by_passing_many_by_number(void)
{
	pass(begun(), send_many_by_number);
}

static void by_dup2(void)
{
	int fd = begun();

	NEED(dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	NEED(fprintf(stderr, "printed,") == 8);
	through_for_good(fd);
}

static void by_dprintf(void)
{
	int fd = begun();

	NEED(dprintf(fd, "%s,", "printed") == 8);
	through_for_good(fd);
}

/* What the kernel has when the calls are back; no exit that is seen helps. */
static void by_shutdown(void)
{
	int fd = begun();

	NEED(shutdown(fd, SHUT_WR) == 0);
	mark("%ld", given(fd));
	RAW3(SYS_exit_group, 0, 0, 0);
}

/* Nothing can be sent then, so nothing may be taken. */
static void after_shutdown(void)
{
	int fd = begun();

	NEED(shutdown(fd, SHUT_WR) == 0);
	for (int i = 0; i < 3; i++)
		mark("%zd %s", send(fd, "late", 4, MSG_NOSIGNAL), strerrorname_np(errno));
}

static void by_lingering(void)
{
	struct linger now = {1, 0};
	int fd = begun();

	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	through_for_good(fd);
	now.l_onoff = 0;
	raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&now, sizeof(now), 0);
}

/* ---- the limit ---- */

/* Between two calls that nobody else makes: five times 16 bytes. */
static void limit(void)
{
	int fd = dial();

	RAW3(SYS_getppid, 0, 0, 0);
	for (int i = 0; i < 5; i++)
		say(fd, "sixteen letters\n");
	RAW3(SYS_getppid, 0, 0, 0);
	for (int i = 0; i < 5; i++)
		NEED(hear(fd));
}

static void larger(void)
{
	static char big[BIG];
	int fd = dial();

	memset(big, 'x', sizeof(big));
	big[BIG - 1] = '\n';
	RAW3(SYS_getppid, 0, 0, 0);
	say(fd, "small,");
	NEED(write(fd, big, sizeof(big)) == sizeof(big));
	RAW3(SYS_getppid, 0, 0, 0);
	NEED(hear(fd));
}

/* On a socket that is none of ours; nothing lies on the stack. */
static void messages(void)
{
	static char byte = 'x';
	static struct iovec part = {&byte, 1};
	static struct mmsghdr message[8];
	int ends[2], fd = dial();

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	for (int i = 0; i < 8; i++)
		message[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
	RAW3(SYS_getppid, 0, 0, 0);
	NEED(sendmmsg(ends[0], message, 8, 0) == 8);
	NEED(sendmsg(ends[0], &message[0].msg_hdr, 0) == 1);
	RAW3(SYS_getppid, 0, 0, 0);
	say(fd, "\n");
	NEED(hear(fd));
}

/* By turns from two halves of two pages. */
static void halves(void)
{
	static _Alignas(4096) char pages[8192];
	int fd = dial();

	memset(pages, 'x', sizeof(pages));
	RAW3(SYS_getppid, 0, 0, 0);
	for (int i = 0; i < 24; i++)
		NEED(write(fd, pages + i % 2 * 4000, 4000) == 4000);
	RAW3(SYS_getppid, 0, 0, 0);
	say(fd, "\n");
	NEED(hear(fd));
}

/* ---- others: the tick, a stop, threads, a number that is another socket's ---- */

/* No call is made until the peer has it. */
static void tick(void)
{
	int fd = dial();

	page_of_harness();
	RAW3(SYS_getppid, 0, 0, 0);
	say(fd, "tick");
	compute_until_received(4);
	RAW3(SYS_getppid, 0, 0, 0);
}

static void stopped(void)
{
	int fd = dial();

	collect(fd, "stopped,\n");
	RAW3(SYS_kill, getpid(), SIGSTOP, 0);
	NEED(hear(fd));
}

static int shared_fd;
static pthread_barrier_t both;

static void *write_records(void *name)
{
	char record[RECORD + 1];

	pthread_barrier_wait(&both);
	for (int i = 0; i < RECORDS; i++) {
		snprintf(record, sizeof(record), "%c%0*d\n", *(char *)name, RECORD - 2, i);
		NEED(write(shared_fd, record, RECORD) == RECORD);
	}
	return NULL;
}

static void two_threads(void)
{
	char names[] = "AB";
	pthread_t thread[2];

	shared_fd = dial();
	NEED(pthread_barrier_init(&both, NULL, 2) == 0);
	for (int i = 0; i < 2; i++)
		NEED(pthread_create(&thread[i], NULL, write_records, &names[i]) == 0);
	for (int i = 0; i < 2; i++)
		NEED(pthread_join(thread[i], NULL) == 0);
}

/* What was collected for the first is not the second's, which has its number now. */
static void replaced(void)
{
	int fd = dial(), other = dial();

	collect(fd, "for the first");
	NEED(RAW3(SYS_dup3, other, fd, 0) == fd);
	NEED(poll(NULL, 0, 1) == 0);
	say(other, "for the second\n");
	NEED(hear(other));
	mark("%ld", given(other));
}

static const struct verb verbs[] = {
	{"fdopen", by_fdopen},
	{"fork", by_fork},
	{"passing", by_passing},
	{"dup2", by_dup2},
	{"dprintf", by_dprintf},
	{"fork-without-handlers", by_fork_without_handlers},
	{"clone", by_clone},
	{"passing-by-number", by_passing_by_number},
	{"passing-many", by_passing_many},
	{"passing-many-by-number", by_passing_many_by_number},
	{"shutdown", by_shutdown},
	{"after-shutdown", after_shutdown},
	{"lingering", by_lingering},
	{"limit", limit},
	{"larger", larger},
	{"messages", messages},
	{"halves", halves},
	{"tick", tick},
	{"stopped", stopped},
	{"two-threads", two_threads},
	{"replaced", replaced},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
