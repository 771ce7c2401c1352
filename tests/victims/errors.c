/* Prints what reading and writing answers where it fails, stops half way, or moves nothing. */
#include "tests/victims/errors.h"

#include <limits.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static char big[1 << 20];
static char *const to = big;

static void set_blocking(int fd, int blocking)
{
	NEED(fcntl(fd, F_SETFL, blocking ? 0 : O_NONBLOCK) == 0);
}

static void small_buffers(void)
{
	int size = 4096;

	NEED(setsockopt(near_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) == 0);
	NEED(raw(SYS_setsockopt, far_fd, SOL_SOCKET, SO_RCVBUF, (long)&size, sizeof(size), 0) == 0);
}

static void success(void)
{
	struct iovec two[] = {{big, 1}, {big, 2}};
	struct msghdr message = {.msg_iov = two, .msg_iovlen = 2};

	make_pair();
	train_pair();
	ANSWER(write(near_fd, "a", 1));
	ANSWER(write(near_fd, "", 0));
	ANSWER(send(near_fd, "bc", 2, 0));
	ANSWER(send(near_fd, "", 0, 0));
	ANSWER(sendto(near_fd, "d", 1, MSG_NOSIGNAL, NULL, 0));
	ANSWER(writev(near_fd, two, 2));
	ANSWER(writev(near_fd, two, 0));
	ANSWER(writev(near_fd, NULL, 0));
	ANSWER(sendmsg(near_fd, &message, 0));
	message.msg_iovlen = 0;
	ANSWER(sendmsg(near_fd, &message, 0));
	far_read(10);
	far_say("answer");
	ANSWER(read(near_fd, to, 2));
	ANSWER(recv(near_fd, to, 2, MSG_PEEK));
	ANSWER(recv(near_fd, to, 0, 0));
	ANSWER(readv(near_fd, two, 2));
	ANSWER(recv(near_fd, to, 1, MSG_WAITALL));
	ANSWER(poll(&(struct pollfd){near_fd, POLLOUT, 0}, 1, 0));
	ANSWER(shutdown(near_fd, SHUT_WR));
	ANSWER(close(near_fd));
}

/* How much fits may differ by a segment; that it stops, and that nothing is lost, may not. */
static void would_block(void)
{
	size_t total = 0, have = 0;
	int partial = 0;
	ssize_t done;
	long got;

	make_pair();
	train_pair();
	small_buffers();
	set_blocking(near_fd, 0);
	ANSWER(read(near_fd, to, 1));
	ANSWER(recv(near_fd, to, 1, MSG_DONTWAIT));
	while ((done = write(near_fd, big, 200000)) > 0) {
		total += (size_t)done;
		partial |= done < 200000;
	}
	mark("%zd %s, partial %d", done, strerrorname_np(errno), partial);
	ANSWER(send(near_fd, big, 1, 0));
	ANSWER(poll(&(struct pollfd){near_fd, POLLOUT, 0}, 1, 0));
	NEED(shutdown(near_fd, SHUT_WR) == 0);
	while ((got = RAW3(SYS_read, far_fd, big, sizeof(big))) > 0)
		have += (size_t)got;
	mark("all came: %d", have == total);
}

/* A blocking write larger than all buffers: the whole of it, though the reader is slow. */
static void blocking_big(void)
{
	size_t have = 0;
	long got;
	pid_t pid;

	make_pair();
	train_pair();
	small_buffers();
	pid = fork();
	if (pid == 0) {
		ANSWER(write(near_fd, "head", 4));
		ANSWER(write(near_fd, big, 100000));
		_exit(0);
	}
	NEED(close(near_fd) == 0);
	while ((got = RAW3(SYS_read, far_fd, big, 50000)) > 0)
		have += (size_t)got;
	mark("%zu", have);
	NEED(waitpid(pid, NULL, 0) == pid);
}

static void await_hangup(void)
{
	struct pollfd entry = {.fd = near_fd, .events = 0};

	NEED(poll(&entry, 1, -1) == 1);
}

static void on_pipe(int number)
{
	mark("signal %d", number);
}

static void broken_pipe(void)
{
	struct iovec part = {big, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct linger now = {1, 0};

	NEED(signal(SIGPIPE, on_pipe) != SIG_ERR);
	make_pair();
	train_pair();
	raw(SYS_setsockopt, far_fd, SOL_SOCKET, SO_LINGER, (long)&now, sizeof(now), 0);
	RAW3(SYS_close, far_fd, 0, 0);
	await_hangup();
	ANSWER(write(near_fd, "a", 1));
	ANSWER(write(near_fd, "a", 1));
	ANSWER(send(near_fd, "a", 1, 0));
	ANSWER(send(near_fd, "a", 1, MSG_NOSIGNAL));
	ANSWER(writev(near_fd, &part, 1));
	ANSWER(sendmsg(near_fd, &message, MSG_NOSIGNAL));
	ANSWER(read(near_fd, to, 1));
	ANSWER(shutdown(near_fd, SHUT_WR));
}

static void reset_read(void)
{
	struct linger now = {1, 0};

	make_pair();
	train_pair();
	raw(SYS_setsockopt, far_fd, SOL_SOCKET, SO_LINGER, (long)&now, sizeof(now), 0);
	RAW3(SYS_close, far_fd, 0, 0);
	await_hangup();
	ANSWER(read(near_fd, to, 1));
	ANSWER(read(near_fd, to, 1));
	ANSWER(send(near_fd, "a", 1, MSG_NOSIGNAL));
}

static void pipe_kills(void)
{
	make_pair();
	train_pair();
	ANSWER(shutdown(near_fd, SHUT_WR));
	ANSWER(write(near_fd, "a", 1));
}

static void bad_buffers(void)
{
	struct iovec part[] = {{big, 2}, {nowhere, 3}};
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
	struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = part, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = &part[1], .msg_iovlen = 1}}};

	make_pair();
	train_pair();
	ANSWER(write(near_fd, nowhere, 10));
	ANSWER(send(near_fd, nowhere, 10, 0));
	ANSWER(sendto(near_fd, nowhere, 10, 0, NULL, 0));
	ANSWER(writev(near_fd, (struct iovec *)(void *)nowhere, 2));
	ANSWER(sendmsg(near_fd, (struct msghdr *)(void *)nowhere, 0));
	ANSWER(sendmmsg(near_fd, (struct mmsghdr *)(void *)nowhere, 2, 0));
	ANSWER(sendfile(near_fd, near_fd, (off_t *)(void *)nowhere, 10));
	ANSWER(writev(near_fd, part, 2));
	ANSWER(sendmsg(near_fd, &message, 0));
	ANSWER(sendmmsg(near_fd, messages, 2, 0));
	far_read(2);
	far_say("answer");
	ANSWER(read(near_fd, nowhere, 10));
	ANSWER(recv(near_fd, nowhere, 10, 0));
	ANSWER(readv(near_fd, (struct iovec *)(void *)nowhere, 1));
	ANSWER(recvmsg(near_fd, (struct msghdr *)(void *)nowhere, 0));
	ANSWER(read(near_fd, to, 100));
	/* The first byte is good, what follows is not mapped. */
	ANSWER(write(near_fd, big + sizeof(big) - 1, BEYOND) > 0);
}

static void bad_descriptors(void)
{
	struct iovec part = {big, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	int file = memfd_create("file", 0), gone = dup(file), path = open("/", O_PATH);

	NEED(close(gone) == 0);
	for (int i = 0; i < 4; i++) {
		int fd = ((const int[]){gone, -1, INT_MAX, path})[i];

		ANSWER(write(fd, "a", 1));
		ANSWER(send(fd, "a", 1, 0));
		ANSWER(writev(fd, &part, 1));
		ANSWER(sendmsg(fd, &message, 0));
		ANSWER(read(fd, to, 1));
		ANSWER(recv(fd, to, 1, 0));
		ANSWER(dprintf(fd, "x") < 0);
		ANSWER(shutdown(fd, SHUT_RDWR));
		ANSWER(listen(fd, 1));
		ANSWER(accept(fd, NULL, NULL));
		ANSWER(dup(fd) >= 0);
		ANSWER(dup2(fd, 70) >= 0);
		ANSWER(dup3(fd, fd, 0));
	}
	ANSWER(close(gone));
	ANSWER(close(-1));
	ANSWER(send(file, "a", 1, 0));
	ANSWER(recv(file, to, 1, 0));
	ANSWER(sendmsg(file, &message, 0));
	ANSWER(shutdown(file, SHUT_WR));
	ANSWER(dup2(file, file) == file);
	ANSWER(dup2(file, -1));
}

static void limits(void)
{
	static struct iovec parts[1025];
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 1025};

	for (size_t i = 0; i < 1025; i++)
		parts[i] = (struct iovec){big, 1};
	make_pair();
	train_pair();
	ANSWER(writev(near_fd, parts, -1));
	ANSWER(writev(near_fd, parts, 1025));
	ANSWER(writev(near_fd, parts, INT_MIN));
	ANSWER(sendmsg(near_fd, &message, 0));
	ANSWER(writev(near_fd, parts, 1024));
	far_read(1024);
	parts[1].iov_len = SIZE_MAX;
	ANSWER(writev(near_fd, parts, 2));
	parts[1].iov_len = (size_t)SSIZE_MAX;
	ANSWER(writev(near_fd, parts, 2));
	ANSWER(readv(near_fd, parts, -1));
	ANSWER(readv(near_fd, parts, 1025));
	ANSWER(send(near_fd, "a", 1, ~0 & ~(MSG_OOB | MSG_FASTOPEN | MSG_ZEROCOPY | MSG_NOSIGNAL)) >
		-2);
	ANSWER(write(near_fd, "", (size_t)-1) > 0);
}

/* The bytes are there, the length is none: what read() answered to an error, mostly. */
static void lengths(void)
{
	static const size_t length[] = {
		(size_t)-1, (size_t)-4096, ~((size_t)-1 >> 1), (size_t)SSIZE_MAX, BEYOND_USER};
	static char own[1 << 20];

	for (size_t i = 0; i < COUNT_OF(length); i++) {
		make_pair();
		train_pair();
		NEED(fcntl(near_fd, F_SETFL, O_NONBLOCK) == 0);
		ANSWER(write(near_fd, own, length[i]));
		ANSWER(RAW3(SYS_close, far_fd, 0, 0));
		ANSWER(close(near_fd));
	}
}

static const struct verb verbs[] = {
	{"success", success},
	{"would-block", would_block},
	{"blocking-big", blocking_big},
	{"broken-pipe", broken_pipe},
	{"reset-read", reset_read},
	{"pipe-kills", pipe_kills},
	{"bad-buffers", bad_buffers},
	{"bad-descriptors", bad_descriptors},
	{"limits", limits},
	{"lengths", lengths},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
