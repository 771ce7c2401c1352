/* Calls that write and that read, by name or by number; and one that is cancelled, or not. */
#include "tests/victims/spellings.h"

#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

/* ---- writes: of the text of the turn ---- */

static long by_write(void)
{
	return BY(write(fd, text, strlen(text)), SYS_write, fd, text, strlen(text));
}

/* Of what is to be written: the text, and nothing. */
static struct iovec *pieces(void)
{
	static struct iovec piece[2];

	piece[0] = (struct iovec){(void *)(uintptr_t)text, strlen(text)};
	return piece;
}

static long by_writev(void)
{
	return BY(writev(fd, pieces(), 2), SYS_writev, fd, pieces(), 2);
}

static long by_sendto(void)
{
	return BY(sendto(fd, text, strlen(text), 0, NULL, 0), SYS_sendto, fd, text, strlen(text), 0,
		NULL, 0);
}

static long by_sendto_flags(void)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	return BY(sendto(fd, text, strlen(text), flags, NULL, 0), SYS_sendto, fd, text,
		strlen(text), flags, NULL, 0);
}

static struct msghdr *message(void)
{
	static struct msghdr one;

	one = (struct msghdr){.msg_iov = pieces(), .msg_iovlen = 1};
	return &one;
}

static long by_sendmsg(void)
{
	return BY(sendmsg(fd, message(), 0), SYS_sendmsg, fd, message(), 0);
}

static long by_sendmsg_flags(void)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	return BY(sendmsg(fd, message(), flags), SYS_sendmsg, fd, message(), flags);
}

/* ---- writes that take along what is kept back ---- */

static long by_pwritev2(void)
{
	text = "b\n";
	return BY(pwritev2(fd, pieces(), 1, -1, 0), SYS_pwritev2, fd, pieces(), 1, -1L, -1L, 0);
}

static long by_sendmmsg(void)
{
	static struct iovec part[] = {{(void *)(uintptr_t) "b", 1}, {(void *)(uintptr_t) "\n", 1}};
	static struct mmsghdr two[2] = {{.msg_hdr = {.msg_iov = &part[0], .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = &part[1], .msg_iovlen = 1}}};

	return BY(sendmmsg(fd, two, 2, 0), SYS_sendmmsg, fd, two, 2, 0);
}

/* Of a connected socket it says nothing. */
static struct sockaddr_storage address;

static long by_sendto_address(void)
{
	socklen_t length = peer_address(&address);

	return BY(sendto(fd, "b\n", 2, 0, (struct sockaddr *)&address, length), SYS_sendto, fd,
		"b\n", 2, 0, &address, length);
}

static long by_sendmsg_address(void)
{
	struct msghdr *one;

	text = "b\n";
	one = message();
	one->msg_name = &address;
	one->msg_namelen = peer_address(&address);
	return BY(sendmsg(fd, one, 0), SYS_sendmsg, fd, one, 0);
}

static int file, tube[2];

static void make_file(void)
{
	file = memfd_create("text", 0);
	NEED(file >= 0 && RAW3(SYS_write, file, "b\n", 2) == 2);
	NEED(lseek(file, 0, SEEK_SET) == 0);
}

static void make_tube(void)
{
	NEED(pipe(tube) == 0 && RAW3(SYS_write, tube[1], "b\n", 2) == 2);
}

static long by_sendfile(void)
{
	return BY(sendfile(fd, file, NULL, 2), SYS_sendfile, fd, file, NULL, 2);
}

static long by_splice(void)
{
	return BY(splice(tube[0], NULL, fd, NULL, 2, 0), SYS_splice, tube[0], NULL, fd, NULL, 2, 0);
}

/* ---- what the program says for itself ---- */

static long by_sendto_more(void)
{
	return BY(sendto(fd, "a", 1, MSG_MORE, NULL, 0), SYS_sendto, fd, "a", 1, MSG_MORE, NULL, 0);
}

static long by_sendmsg_more(void)
{
	return BY(sendmsg(fd, message(), MSG_MORE), SYS_sendmsg, fd, message(), MSG_MORE);
}

/* The urgent byte is not part of the peer's stream. */
static long by_sendto_oob(void)
{
	return BY(sendto(fd, "!", 1, MSG_OOB, NULL, 0), SYS_sendto, fd, "!", 1, MSG_OOB, NULL, 0);
}

static long by_sendmsg_oob(void)
{
	text = "!";
	return BY(sendmsg(fd, message(), MSG_OOB), SYS_sendmsg, fd, message(), MSG_OOB);
}

/* ---- writes to something else ---- */

static int other[2];

static void make_other(void)
{
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, other) == 0);
}

static long by_write_other(void)
{
	return BY(write(other[0], "x", 1), SYS_write, other[0], "x", 1);
}

static long by_writev_other(void)
{
	text = "x";
	return BY(writev(other[0], pieces(), 2), SYS_writev, other[0], pieces(), 2);
}

static long by_sendto_other(void)
{
	return BY(sendto(other[0], "x", 1, 0, NULL, 0), SYS_sendto, other[0], "x", 1, 0, NULL, 0);
}

static long by_sendmsg_other(void)
{
	text = "x";
	return BY(sendmsg(other[0], message(), 0), SYS_sendmsg, other[0], message(), 0);
}

/* Descriptors that go along: what is held on them must not wait. */
static union {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
} along;

static struct msghdr *passing(void)
{
	struct msghdr *one;

	text = "x";
	one = message();
	one->msg_control = &along;
	one->msg_controllen = sizeof(along);
	along.head = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(&along.head), &fd, sizeof(fd));
	return one;
}

static long by_sendmsg_passing(void)
{
	return BY(sendmsg(other[0], passing(), 0), SYS_sendmsg, other[0], passing(), 0);
}

static long by_sendmmsg_passing(void)
{
	struct mmsghdr one = {.msg_hdr = *passing()};

	return BY(sendmmsg(other[0], &one, 1, 0), SYS_sendmmsg, other[0], &one, 1, 0);
}

static void pass_unseen(void)
{
	NEED(RAW3(SYS_sendmsg, other[0], passing(), 0) == 1);
}

static long by_write_bad(void)
{
	return BY(write(fd, nowhere, 4), SYS_write, fd, nowhere, 4);
}

/* One piece more than can be (IOV_MAX). */
static struct iovec many[1025] = {{(void *)(uintptr_t) "x", 1}};

static long by_writev_many(void)
{
	return BY(writev(fd, many, 1025), SYS_writev, fd, many, 1025);
}

static long by_sendmsg_many(void)
{
	struct msghdr one = {.msg_iov = many, .msg_iovlen = 1025};

	return BY(sendmsg(fd, &one, 0), SYS_sendmsg, fd, &one, 0);
}

static long by_sendmsg_bad(void)
{
	return BY(sendmsg(fd, (void *)nowhere, 0), SYS_sendmsg, fd, nowhere, 0);
}

/* ---- reads ---- */

static char room[8];
static struct iovec into = {room, sizeof(room)};

/* An answer waits, of a line that no library has seen. */
static void have_answer(void)
{
	int ready = 0;

	NEED(RAW3(SYS_write, fd, "q\n", 2) == 2);
	while (ready < 3)
		NEED(RAW3(SYS_ioctl, fd, FIONREAD, &ready) == 0);
}

static long by_read(void)
{
	return BY(read(fd, room, 8), SYS_read, fd, room, 8);
}

static long by_readv(void)
{
	return BY(readv(fd, &into, 1), SYS_readv, fd, &into, 1);
}

static long by_preadv2(void)
{
	return BY(preadv2(fd, &into, 1, -1, 0), SYS_preadv2, fd, &into, 1, -1L, -1L, 0);
}

static long recvfrom_with(int flags)
{
	return BY(recvfrom(fd, room, 8, flags, NULL, NULL), SYS_recvfrom, fd, room, 8, flags, NULL,
		NULL);
}

static long by_recvfrom(void)
{
	return recvfrom_with(0);
}

static long by_recvfrom_nothing(void)
{
	return recvfrom_with(MSG_DONTWAIT);
}

static long recvmsg_with(int flags)
{
	static struct msghdr one = {.msg_iov = &into, .msg_iovlen = 1};

	return BY(recvmsg(fd, &one, flags), SYS_recvmsg, fd, &one, flags);
}

static long by_recvmsg(void)
{
	return recvmsg_with(0);
}

static long by_recvmsg_nothing(void)
{
	return recvmsg_with(MSG_DONTWAIT);
}

static long recvmmsg_with(int flags)
{
	static struct mmsghdr one = {.msg_hdr = {.msg_iov = &into, .msg_iovlen = 1}};

	return BY(recvmmsg(fd, &one, 1, flags, NULL), SYS_recvmmsg, fd, &one, 1, flags, NULL);
}

static long by_recvmmsg(void)
{
	return recvmmsg_with(0);
}

static long by_recvmmsg_nothing(void)
{
	return recvmmsg_with(MSG_DONTWAIT);
}

/* The descriptor that comes is what the turn goes on with. */
static long said_on_passed(long result)
{
	int copy, saved = errno;

	memcpy(&copy, CMSG_DATA(&along.head), sizeof(copy));
	say(copy, "x");
	errno = saved;
	return result;
}

static struct msghdr *passed(void)
{
	static struct msghdr one;

	one = (struct msghdr){.msg_iov = &into,
		.msg_iovlen = 1,
		.msg_control = &along,
		.msg_controllen = sizeof(along)};
	return &one;
}

static long by_recvmsg_passed(void)
{
	return said_on_passed(
		BY(recvmsg(other[1], passed(), 0), SYS_recvmsg, other[1], passed(), 0));
}

static long by_recvmmsg_passed(void)
{
	struct mmsghdr one = {.msg_hdr = *passed()};

	return said_on_passed(
		BY(recvmmsg(other[1], &one, 1, 0, NULL), SYS_recvmmsg, other[1], &one, 1, 0, NULL));
}

static long by_splice_from(void)
{
	return BY(splice(fd, NULL, tube[1], NULL, 3, 0), SYS_splice, fd, NULL, tube[1], NULL, 3, 0);
}

static void make_nonblocking(void)
{
	NEED(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
}

static long by_read_tube(void)
{
	return BY(read(tube[0], room, 8), SYS_read, tube[0], room, 8);
}

static long by_readv_tube(void)
{
	return BY(readv(tube[0], &into, 1), SYS_readv, tube[0], &into, 1);
}

static long by_read_file(void)
{
	return BY(read(file, room, 8), SYS_read, file, room, 8);
}

static long by_preadv2_file(void)
{
	return BY(preadv2(file, &into, 1, 0, 0), SYS_preadv2, file, &into, 1, 0L, 0L, 0);
}

/* ---- a thread that is to be cancelled ---- */

static atomic_bool cancelled;

static void *write_cancelled(void *unused)
{
	while (!atomic_load(&cancelled))
		;
	text = "a";
	by_write();
	mark("it goes on");
	return unused;
}

/* The name is a place to be cancelled at, the number is none (pthreads(7)). */
static long by_write_cancelled(void)
{
	pthread_t thread;
	void *result;

	NEED(pthread_create(&thread, NULL, write_cancelled, NULL) == 0);
	NEED(pthread_cancel(thread) == 0);
	atomic_store(&cancelled, true);
	NEED(pthread_join(thread, &result) == 0);
	mark("#after-write %d", unsent(fd) > 0);
	return result == PTHREAD_CANCELED;
}

static const struct story stories[] = {
	{"write", by_write, WRITES, NULL, NULL},
	{"writev", by_writev, WRITES, NULL, NULL},
	{"sendto", by_sendto, WRITES, NULL, NULL},
	{"sendmsg", by_sendmsg, WRITES, NULL, NULL},
	{"sendto-flags", by_sendto_flags, WRITES, NULL, NULL},
	{"sendmsg-flags", by_sendmsg_flags, WRITES, NULL, NULL},
	{"sendto-address", by_sendto_address, WHOLE, NULL, NULL},
	{"sendmsg-address", by_sendmsg_address, WHOLE, NULL, NULL},
	{"sendmsg-passing", by_sendmsg_passing, 0, make_other, NULL},
	{"sendmmsg-passing", by_sendmmsg_passing, 0, make_other, NULL},
	{"recvmsg-passed", by_recvmsg_passed, 0, make_other, pass_unseen},
	{"recvmmsg-passed", by_recvmmsg_passed, 0, make_other, pass_unseen},
	{"splice-from", by_splice_from, 0, make_tube, have_answer},
	{"pwritev2", by_pwritev2, WHOLE, NULL, NULL},
	{"sendmmsg", by_sendmmsg, WHOLE, NULL, NULL},
	{"sendfile", by_sendfile, WHOLE, make_file, NULL},
	{"splice", by_splice, WHOLE, make_tube, NULL},
	{"sendto-more", by_sendto_more, ALONE, NULL, NULL},
	{"sendmsg-more", by_sendmsg_more, ALONE, NULL, NULL},
	{"sendto-oob", by_sendto_oob, 0, NULL, NULL},
	{"sendmsg-oob", by_sendmsg_oob, 0, NULL, NULL},
	{"write-other", by_write_other, 0, make_other, NULL},
	{"writev-other", by_writev_other, 0, make_other, NULL},
	{"sendto-other", by_sendto_other, 0, make_other, NULL},
	{"sendmsg-other", by_sendmsg_other, 0, make_other, NULL},
	{"write-bad", by_write_bad, ALONE, NULL, NULL},
	{"writev-many", by_writev_many, ALONE, NULL, NULL},
	{"sendmsg-many", by_sendmsg_many, ALONE, NULL, NULL},
	{"sendmsg-bad", by_sendmsg_bad, ALONE, NULL, NULL},
	{"read", by_read, 0, NULL, have_answer},
	{"readv", by_readv, 0, NULL, have_answer},
	{"preadv2", by_preadv2, 0, NULL, have_answer},
	{"recvfrom", by_recvfrom, 0, NULL, have_answer},
	{"recvmsg", by_recvmsg, 0, NULL, have_answer},
	{"recvmmsg", by_recvmmsg, 0, NULL, have_answer},
	{"read-nothing", by_read, 0, NULL, make_nonblocking},
	{"readv-nothing", by_readv, 0, NULL, make_nonblocking},
	{"recvfrom-nothing", by_recvfrom_nothing, 0, NULL, NULL},
	{"recvmsg-nothing", by_recvmsg_nothing, 0, NULL, NULL},
	{"recvmmsg-nothing", by_recvmmsg_nothing, 0, NULL, NULL},
	{"read-tube", by_read_tube, 0, make_tube, NULL},
	{"readv-tube", by_readv_tube, 0, make_tube, NULL},
	{"read-file", by_read_file, 0, make_file, NULL},
	{"preadv2-file", by_preadv2_file, 0, make_file, NULL},
	{"write-cancelled", by_write_cancelled, LAST | ALONE, NULL, NULL},
};

int main(int argc, char **argv)
{
	return run_story(stories, COUNT_OF(stories), argc, argv);
}
