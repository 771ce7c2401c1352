/* Holds a write, then reaches the same socket by every other door: calls of its own kind, stdio,
 * raw instructions, options that manage segments. The peer must have all in the order of calls. */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static int fd;

static void half(void)
{
	fd = dial_trained();
	say_half(fd, "held,");
}

static void answered(size_t bytes)
{
	NEED(hear(fd));
	wrote(fd, bytes);
	wait_go();
}

static void by_writev(void)
{
	struct iovec parts[] = {
		{(void *)(uintptr_t) "a", 1}, {NULL, 0}, {(void *)(uintptr_t) "b\n", 2}};

	half();
	NEED(writev(fd, parts, 3) == 3);
	answered(8);
}

static void by_pwritev2(void)
{
	struct iovec parts[] = {{(void *)(uintptr_t) "ab\n", 3}};

	half();
	NEED(pwritev2(fd, parts, 1, -1, 0) == 3);
	answered(8);
}

static void by_send(void)
{
	half();
	NEED(send(fd, "ab\n", 3, MSG_NOSIGNAL) == 3);
	answered(8);
}

static void by_sendto(void)
{
	half();
	NEED(sendto(fd, "ab\n", 3, 0, NULL, 0) == 3);
	answered(8);
}

static void by_sendmsg(void)
{
	struct iovec part = {(void *)(uintptr_t) "ab\n", 3};
	struct msghdr message;

	message_set(&message, &part, 1, NULL, 0);
	half();
	NEED(sendmsg(fd, &message, 0) == 3);
	answered(8);
}

static void by_sendmmsg(void)
{
	struct iovec part[] = {{(void *)(uintptr_t) "a", 1}, {(void *)(uintptr_t) "b\n", 2}};
	struct mmsghdr message[2];

	message_set(&message[0].msg_hdr, &part[0], 1, NULL, 0);
	message_set(&message[1].msg_hdr, &part[1], 1, NULL, 0);
	half();
	NEED(sendmmsg(fd, message, 2, 0) == 2);
	NEED(message[0].msg_len == 1 && message[1].msg_len == 2);
	answered(8);
}

static int file_with(const char *text)
{
	int file = memfd_create("text", 0);

	say(file, text);
	NEED(lseek(file, 0, SEEK_SET) == 0);
	return file;
}

static void by_sendfile(void)
{
	off_t from = 0;
	int file = file_with("ab\n");

	half();
	NEED(sendfile(fd, file, &from, 3) == 3 && from == 3);
	answered(8);
}

static void by_sendfile_at_end(void)
{
	off_t from = 3;
	int file = file_with("ab\n");

	half();
	NEED(sendfile(fd, file, &from, 3) == 0);
	compute_until_received(5);
	say(fd, "ab\n");
	answered(8);
}

static void by_splice(void)
{
	int ends[2];

	half();
	NEED(pipe(ends) == 0);
	say(ends[1], "ab\n");
	NEED(splice(ends[0], NULL, fd, NULL, 3, 0) == 3);
	answered(8);
}

static void by_dprintf(void)
{
	half();
	NEED(dprintf(fd, "%s\n", "ab") == 3);
	answered(8);
}

static void by_stdio(void)
{
	FILE *stream;

	half();
	stream = fdopen(fd, "r+");
	NEED(fprintf(stream, "%s\n", "ab") == 3 && fflush(stream) == 0);
	answered(8);
}

static void by_raw_write(void)
{
	half();
	NEED(RAW3(SYS_write, fd, "ab\n", 3) == 3);
	answered(8);
}

static void by_syscall(void)
{
	half();
	NEED(syscall(SYS_write, fd, "ab\n", 3) == 3);
	answered(8);
}

static void by_own_more(void)
{
	fd = dial_trained();
	NEED(send(fd, "own", 3, MSG_MORE) == 3);
	NEED(send(fd, " more", 5, MSG_MORE) == 5);
	say(fd, "\n");
	answered(9);
}

static void set_tcp(int option, int value)
{
	NEED(setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) == 0);
}

static void by_own_cork(void)
{
	fd = dial_trained();
	set_tcp(TCP_CORK, 1);
	say(fd, "own");
	say(fd, " cork\n");
	set_tcp(TCP_CORK, 0);
	answered(9);
}

static void by_cork_after(void)
{
	half();
	set_tcp(TCP_CORK, 1);
	wrote(fd, 5);
	wait_go();
	say(fd, "ab\n");
	set_tcp(TCP_CORK, 0);
	answered(8);
}

static void by_nodelay_after(void)
{
	half();
	set_tcp(TCP_NODELAY, 1);
	wrote(fd, 5);
	compute_until_received(5);
	wait_go();
	say(fd, "ab\n");
	answered(8);
}

/* A program that says 0 manages Nagle itself. */
static void by_delay(void)
{
	fd = dial_trained();
	set_tcp(TCP_NODELAY, 0);
	say_half(fd, "held,");
	say(fd, "ab\n");
	answered(8);
}

/* On at the end of what belongs together, off before the next: a push. */
static void by_nodelay_push(void)
{
	fd = dial_trained();
	set_tcp(TCP_NODELAY, 1);
	set_tcp(TCP_NODELAY, 0);
	set_tcp(TCP_NODELAY, 1);
	say_half(fd, "held,");
	say(fd, "ab\n");
	answered(8);
}

static void by_oob(void)
{
	half();
	NEED(send(fd, "!", 1, MSG_OOB) == 1);
	say(fd, "ab\n");
	answered(8);
}

static void by_outq(void)
{
	int bytes = 5;

	half();
	while (bytes > 0)
		NEED(ioctl(fd, SIOCOUTQ, &bytes) == 0);
	wrote(fd, 5);
	wait_go();
}

static void *write_more(void *unused)
{
	say(fd, "ab\n");
	return unused;
}

static void by_thread(void)
{
	pthread_t thread;

	half();
	NEED(pthread_create(&thread, NULL, write_more, NULL) == 0);
	answered(8);
	pthread_join(thread, NULL);
}

static const struct verb verbs[] = {
	{"writev", by_writev},
	{"pwritev2", by_pwritev2},
	{"send", by_send},
	{"sendto", by_sendto},
	{"sendmsg", by_sendmsg},
	{"sendmmsg", by_sendmmsg},
	{"sendfile", by_sendfile},
	{"sendfile-at-end", by_sendfile_at_end},
	{"splice", by_splice},
	{"dprintf", by_dprintf},
	{"stdio", by_stdio},
	{"raw-write", by_raw_write},
	{"syscall-write", by_syscall},
	{"own-more", by_own_more},
	{"own-cork", by_own_cork},
	{"cork-after", by_cork_after},
	{"nodelay-after", by_nodelay_after},
	{"delay", by_delay},
	{"nodelay-push", by_nodelay_push},
	{"oob", by_oob},
	{"outq", by_outq},
	{"thread", by_thread},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
