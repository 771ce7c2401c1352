/* Descriptor numbers and sockets that are used again: closed and made anew under a writer,
 * connected to another peer, replaced or received by raw calls. The peers are its own and unseen.
 */
#include "tests/victims/unseen.h"

#include <pthread.h>

#define REOPENS 5000
#define TURNS	10
#define WRITES	40

/* ---- a number that is closed and opened again while others write on it ---- */

static atomic_int current = -1;
static atomic_int over;

static void *write_on_current(void *unused)
{
	char c;

	while (!atomic_load(&over)) {
		int fd = atomic_load(&current);

		/* EBADF, EPIPE, ENOTCONN: all are right answers. */
		(void)!send(fd, "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)!send(fd, "b", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)!recv(fd, &c, 1, MSG_DONTWAIT);
	}
	return unused;
}

static void *accept_and_close(void *listener)
{
	long fd;

	while ((fd = raw_accept(*(int *)listener)) >= 0)
		RAW3(SYS_close, fd, 0, 0);
	return NULL;
}

static void storm(void)
{
	struct sockaddr_in at;
	int listener = listen_unseen(0, &at);
	pthread_t acceptor, writer[3];

	NEED(pthread_create(&acceptor, NULL, accept_and_close, &listener) == 0);
	for (size_t i = 0; i < COUNT_OF(writer); i++)
		NEED(pthread_create(&writer[i], NULL, write_on_current, NULL) == 0);
	for (int i = 0; i < REOPENS; i++) {
		struct linger reset = {1, 0};
		/* Non-blocking: with a full backlog a connect would wait for a second. */
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

		NEED(fd >= 0);
		atomic_store(&current, fd);
		/* No TIME_WAIT: the ports would not last. */
		raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&reset, sizeof(reset), 0);
		(void)!connect(fd, (struct sockaddr *)&at, sizeof(at));
		for (int spin = 0; spin < 2000; spin++)
			atomic_load(&current);
		NEED(close(fd) == 0);
	}
	atomic_store(&over, 1);
	for (size_t i = 0; i < COUNT_OF(writer); i++)
		NEED(pthread_join(writer[i], NULL) == 0);
	RAW3(SYS_shutdown, listener, SHUT_RDWR, 0);
	NEED(pthread_join(acceptor, NULL) == 0);
	mark("survived");
}

/* ---- one socket, two peers ---- */

static void stream_on(int fd)
{
	for (int i = 0; i < WRITES; i++)
		say(fd, "0123456789");
}

static void refuse(int fd)
{
	struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1)};

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	mark("%d", connect(fd, (struct sockaddr *)&nobody, sizeof(nobody)));
	mark("%s", strerrorname_np(errno));
}

/* Turns of two writes and an answer; how often the first one was kept back. The last answer
 * acknowledges all before, so Nagle never keeps the first. */
static int kept_back(int fd, int far)
{
	int held = 0;

	for (int i = 0; i < TURNS; i++) {
		say(fd, "a");
		held += unsent(fd) > 0;
		say(fd, "b");
		take_unseen(far, 2);
		answer_unseen(far);
		NEED(hear(fd));
	}
	return held;
}

static void at_port_left_alone(int fd, int listener, const struct sockaddr_in *at)
{
	mark("%d", connect(fd, (const struct sockaddr *)at, sizeof(*at)));
	mark_nodelay("port left alone", fd);
	mark("kept back %d", kept_back(fd, accept_unseen(listener)));
	mark_nodelay("after turns", fd);
}

static void refused_then_left_alone(void)
{
	struct sockaddr_in at;
	int listener = listen_unseen(LEFT_ALONE_PORT, &at), fd = socket(AF_INET, SOCK_STREAM, 0);

	refuse(fd);
	at_port_left_alone(fd, listener, &at);
}

static void refused_then_left_alone_own(void)
{
	struct sockaddr_in at;
	int listener = listen_unseen(LEFT_ALONE_PORT, &at), fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) == 0);
	refuse(fd);
	at_port_left_alone(fd, listener, &at);
}

static void disconnect(int fd)
{
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	mark("%d", connect(fd, &none, sizeof(none)));
}

static void unconnected_then_left_alone(void)
{
	struct sockaddr_in at, first;
	int other = listen_unseen(0, &first), listener = listen_unseen(LEFT_ALONE_PORT, &at);
	int fd = dial_to(&first), far = accept_unseen(other);

	for (int i = 0; i < 4; i++)
		kept_back(fd, far);
	disconnect(fd);
	at_port_left_alone(fd, listener, &at);
}

/* A streamed flow is taken apart, too. */
static void streamed_then_left_alone(void)
{
	struct sockaddr_in at, first;
	int other = listen_unseen(0, &first), listener = listen_unseen(LEFT_ALONE_PORT, &at);
	int fd = dial_to(&first), far = accept_unseen(other);

	stream_on(fd);
	take_unseen(far, 10 * WRITES);
	disconnect(fd);
	at_port_left_alone(fd, listener, &at);
}

/* The other way: the port that is left alone refuses, the harness's peer is joined. */
static void left_alone_then_joined(void)
{
	struct sockaddr_in at;
	struct sockaddr_storage peer;
	socklen_t length = peer_address(&peer);
	int listener = listen_unseen(LEFT_ALONE_PORT, &at), fd = socket(AF_INET, SOCK_STREAM, 0);

	RAW3(SYS_close, listener, 0, 0);
	mark("%d", connect(fd, (struct sockaddr *)&at, sizeof(at)));
	mark("%s", strerrorname_np(errno));
	NEED(connect(fd, (struct sockaddr *)&peer, length) == 0);
	turn_on(fd, fd);
	mark("asked: %d", asked_nodelay(fd));
}

static void unconnected_then_joined(void)
{
	struct sockaddr_in at;
	struct sockaddr_storage peer;
	socklen_t length = peer_address(&peer);
	int listener = listen_unseen(LEFT_ALONE_PORT, &at), fd = dial_to(&at);

	mark("kept back %d", kept_back(fd, accept_unseen(listener)));
	disconnect(fd);
	NEED(connect(fd, (struct sockaddr *)&peer, length) == 0);
	turn_on(fd, fd);
	mark("asked: %d", asked_nodelay(fd));
}

/* ---- streams that ended, and what came to their numbers ---- */

static void newcomer(int fd)
{
	pid_t pid;

	mark_nodelay("new", fd);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){0}, sizeof(int)) == 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	NEED(waitpid(pid, NULL, 0) == pid);
	mark_nodelay("after fork", fd);
	NEED(poll(NULL, 0, 1) == 0);
	mark_nodelay("after poll", fd);
}

static void streams_end(void)
{
	struct sockaddr_in first, at;
	int one, two, fd;

	listen_unseen(0, &first);
	listen_unseen(LEFT_ALONE_PORT, &at);
	/* Both stand before either streams: to connect is to wait. */
	one = dial_to(&first);
	two = dial_to(&first);
	stream_on(one);
	stream_on(two);
	NEED(close(one) == 0 && close(two) == 0);
	fd = dial_to(&at);
	mark("the same number: %d", fd == one);
	newcomer(fd);
}

static void copy_of_stream_ends(void)
{
	struct sockaddr_in first, at;
	int one, copy, fd;

	listen_unseen(0, &first);
	listen_unseen(LEFT_ALONE_PORT, &at);
	one = dial_to(&first);
	copy = dup(one);
	for (int i = 0; i < WRITES; i++)
		say(copy, ".");
	NEED(close(copy) == 0);
	fd = dial_to(&at);
	mark("the same number: %d", fd == copy);
	newcomer(fd);
	mark("the stream: %d", asked_nodelay(one));
}

/* A stream's number is taken over by a call that nobody sees. */
static void stream_replaced_unseen(void)
{
	struct sockaddr_in first, at;
	int one, fd;

	listen_unseen(0, &first);
	listen_unseen(LEFT_ALONE_PORT, &at);
	one = dial_to(&first);
	stream_on(one);
	RAW3(SYS_close, one, 0, 0);
	fd = dial_to(&at);
	mark("the same number: %d", fd == one);
	newcomer(fd);
}

/* ---- raw calls through syscall() ---- */

/* What is held must leave while its descriptor still leads to it. */
static void dup_over_held(void)
{
	int fd = dial_trained(), copy = dup(fd), null = open("/dev/null", O_RDWR);

	say_half(fd, "before ");
	NEED(syscall(SYS_dup3, null, fd, 0) == fd);
	mark("unsent %d", unsent(copy));
	say(copy, "and after\n");
	NEED(hear(copy));
}

static void send_descriptor(int through, int what)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec part = {(void *)(uintptr_t) "x", 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &what, sizeof(int));
	NEED(RAW3(SYS_sendmsg, through, &message, 0) == 1);
}

static int receive_descriptor(int through)
{
	char control[CMSG_SPACE(sizeof(int))], c;
	struct iovec part = {&c, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	int fd;

	NEED(syscall(SYS_recvmsg, through, &message, 0) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

/* A connection to a port that is left alone comes to the number of one whose writes were joined. */
static void connection_arrives(void)
{
	struct sockaddr_in at, first;
	int other = listen_unseen(0, &first), listener = listen_unseen(LEFT_ALONE_PORT, &at);
	int fd = dial_to(&first), far = accept_unseen(other), pair[2];
	int newcomer = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);

	NEED(RAW3(SYS_connect, newcomer, &at, sizeof(at)) == 0);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	send_descriptor(pair[0], newcomer);
	mark("#kept back %d", kept_back(fd, far));
	/* The lowest free number, once the close that nobody sees has made it so. */
	RAW3(SYS_close, fd, 0, 0);
	mark("the same number: %d", receive_descriptor(pair[1]) == fd);
	mark_nodelay("newcomer", fd);
	mark("kept back %d", kept_back(fd, accept_unseen(listener)));
}

/* A call that is refused closes nothing. */
static void bad_close_range(void)
{
	int fd = dial_trained();

	mark("%d", close_range(3, ~0u, 0x1000));
	mark("%s", strerrorname_np(errno));
	mark("%ld", syscall(SYS_close_range, 3, ~0u, 0x1000));
	mark("%s", strerrorname_np(errno));
	say_half(fd, "still ");
	say(fd, "here\n");
	NEED(hear(fd));
}

static const struct verb verbs[] = {
	{"storm", storm},
	{"refused-left-alone", refused_then_left_alone},
	{"refused-left-alone-own", refused_then_left_alone_own},
	{"unconnected-left-alone", unconnected_then_left_alone},
	{"streamed-left-alone", streamed_then_left_alone},
	{"left-alone-joined", left_alone_then_joined},
	{"unconnected-joined", unconnected_then_joined},
	{"streams-end", streams_end},
	{"copy-ends", copy_of_stream_ends},
	{"replaced-unseen", stream_replaced_unseen},
	{"dup-over-held", dup_over_held},
	{"connection-arrives", connection_arrives},
	{"bad-close_range", bad_close_range},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
