/* Connections as they come to be: blocking or not, IPv4, IPv6 and both at once, accepted,
 * with data in the SYN, refused. Then turns of write, write, read. */
#include "tests/victims/victim.h"

static void turns(int fd)
{
	turn_on(fd, fd);
}

static void plain(void)
{
	turns(dial());
}

static int start(int type)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = socket(address.ss_family, SOCK_STREAM | type, 0);

	NEED(fd >= 0);
	NEED(connect(fd, (struct sockaddr *)&address, length) == 0 || errno == EINPROGRESS);
	return fd;
}

static void cloexec(void)
{
	turns(start(SOCK_CLOEXEC));
}

static void in_progress(void)
{
	int error = -1, fd = start(SOCK_NONBLOCK | SOCK_CLOEXEC);
	socklen_t length = sizeof(error);

	NEED(poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1) == 1);
	NEED(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0);
	turns(fd);
}

static void timed(void)
{
	int fd = start(SOCK_NONBLOCK);

	NEED(poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 10000) == 1);
	NEED(fcntl(fd, F_SETFL, 0) == 0);
	turns(fd);
}

static void mapped(void)
{
	struct sockaddr_storage address;
	socklen_t length =
		address_of("::ffff:127.0.0.1", atoi(env_or("VICTIM_PORT", "0")), &address);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	NEED(connect(fd, (struct sockaddr *)&address, length) == 0);
	turns(fd);
}

static void fast_open(void)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = socket(address.ss_family, SOCK_STREAM, 0);

	NEED(sendto(fd, "a", 1, MSG_FASTOPEN, (struct sockaddr *)&address, length) == 1);
	say(fd, "b\n");
	NEED(hear(fd));
	wrote(fd, 3);
	wait_go();
}

static void fast_open_message(void)
{
	struct sockaddr_storage address;
	struct iovec part = {(void *)(uintptr_t) "a", 1};
	struct msghdr message = {.msg_name = &address, .msg_iov = &part, .msg_iovlen = 1};
	int fd;

	message.msg_namelen = peer_address(&address);
	fd = socket(address.ss_family, SOCK_STREAM, 0);
	NEED(sendmsg(fd, &message, MSG_FASTOPEN) == 1);
	say(fd, "b\n");
	NEED(hear(fd));
	wrote(fd, 3);
	wait_go();
}

static int listener(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(bind(fd, (struct sockaddr *)&here, length) == 0 && listen(fd, 5) == 0);
	NEED(getsockname(fd, (struct sockaddr *)&here, &length) == 0);
	mark("#listens %d", ntohs(here.sin_port));
	return fd;
}

static void accepted(void)
{
	int fd = accept(listener(), NULL, NULL);

	train(fd);
	say_half(fd, "served");
	wrote(fd, 6);
	wait_go();
	say(fd, "\n");
	NEED(hear(fd));
}

static void accepted4(void)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	int fd = accept4(listener(), (struct sockaddr *)&from, &length, SOCK_CLOEXEC);

	NEED(from.ss_family == AF_INET && length == sizeof(struct sockaddr_in));
	turns(fd);
}

static void accepted_unseen(void)
{
	turns(raw_accept(listener()));
}

/* One connection is refused on the way, as when a name has several addresses. */
static void refused_first(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(1)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	mark("%d %d", connect(fd, (struct sockaddr *)&here, sizeof(here)), errno);
	NEED(close(fd) == 0);
	turns(dial());
}

/* The same socket is tried again after a refusal. */
static void refused_again(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(1)};
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	mark("%d %d", connect(fd, (struct sockaddr *)&here, sizeof(here)), errno);
	mark("%d", connect(fd, (struct sockaddr *)&address, length));
	turns(fd);
}

/* The socket is taken apart by AF_UNSPEC and used for a second connection. */
static void reconnected(void)
{
	struct sockaddr_storage address;
	struct sockaddr none = {.sa_family = AF_UNSPEC};
	socklen_t length = peer_address(&address);
	int fd = dial();

	turns(fd);
	NEED(connect(fd, &none, sizeof(none)) == 0);
	mark("%d %s", (int)send(fd, "x", 1, MSG_NOSIGNAL), strerrorname_np(errno));
	NEED(connect(fd, (struct sockaddr *)&address, length) == 0);
	say(fd, "a");
	say(fd, "b\n");
	NEED(hear(fd));
}

/* What one connection has taught serves another one to the same place. */
static void learnt_before(void)
{
	int fd = dial(), other = dial();

	train(other);
	/* The training was not on the connection that the harness looks at. */
	mark("#trained 0 turns, 3 held");
	say(fd, "a");
	say(fd, "b\n");
	NEED(hear(fd));
	say_half(fd, "taught by the other");
	NEED(close(fd) == 0);
}

static const struct verb verbs[] = {
	{"plain", plain},
	{"cloexec", cloexec},
	{"in-progress", in_progress},
	{"timed", timed},
	{"mapped", mapped},
	{"fast-open", fast_open},
	{"fast-open-message", fast_open_message},
	{"accepted", accepted},
	{"accepted4", accepted4},
	{"accepted-unseen", accepted_unseen},
	{"refused-first", refused_first},
	{"refused-again", refused_again},
	{"reconnected", reconnected},
	{"learnt-before", learnt_before},
};

int main(int argc, char **argv)
{
	page_of_harness();
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
