/* Descriptors as programs really use them: duplicated, inherited, closed behind the library's
 * back and used again for something else, passed on, very high, not TCP at all. */
#include "tests/victims/victim.h"

#include <sys/resource.h>
#include <sys/un.h>

static char *self;

/* Closes the socket so that no library sees it; the number is free then. */
static int close_unseen(int fd)
{
	wrote(fd, 4);
	wait_go();
	NEED(RAW3(SYS_close, fd, 0, 0) == 0);
	return fd;
}

static int gone(void)
{
	int fd = dial_trained();

	say(fd, "ga");
	say(fd, "ne");
	return close_unseen(fd);
}

/* Writes twice and in small pieces, which is what is joined on a flow. */
static void pieces(int fd)
{
	for (int i = 0; i < 3; i++)
		say(fd, "small");
}

static void reuse_file(void)
{
	char text[32] = "";
	int fd = gone();

	NEED((int)RAW3(SYS_memfd_create, "file", 0, 0) == fd);
	pieces(fd);
	NEED(pread(fd, text, 31, 0) == 15);
	mark("%s", text);
}

static void reuse_pipe(void)
{
	char text[32] = "";
	int fd = gone(), ends[2];

	NEED(dup2(0, fd) == fd);
	NEED(RAW3(SYS_close, fd, 0, 0) == 0);
	NEED(RAW3(SYS_pipe2, ends, 0, 0) == 0);
	NEED(RAW3(SYS_dup3, ends[1], fd, 0) == fd || ends[1] == fd);
	pieces(fd);
	NEED(read(ends[0], text, 31) == 15);
	mark("%s", text);
}

static void datagrams(int (*make)(int, int, int), const char *address, int number)
{
	struct sockaddr_storage here;
	socklen_t length = address_of(address, 0, &here);
	int receiver = (int)RAW3(SYS_socket, here.ss_family, SOCK_DGRAM, 0), fd;
	char text[64];
	ssize_t got;

	NEED(RAW3(SYS_bind, receiver, &here, length) == 0);
	NEED(getsockname(receiver, (struct sockaddr *)&here, &length) == 0);
	/* The receiver took the free number: move it away. */
	receiver = (int)RAW3(SYS_fcntl, receiver, F_DUPFD, 200);
	if (number >= 0)
		RAW3(SYS_close, number, 0, 0);
	fd = make(here.ss_family, SOCK_DGRAM, 0);
	NEED(number < 0 || fd == number);
	NEED(RAW3(SYS_connect, fd, &here, length) == 0);
	pieces(fd);
	for (int i = 0; i < 3; i++) {
		got = RAW3(SYS_read, receiver, text, sizeof(text));
		mark("a datagram of %zd bytes", got);
	}
}

static int raw_socket(int family, int type, int protocol)
{
	return (int)RAW3(SYS_socket, family, type, protocol);
}

static void reuse_udp(void)
{
	datagrams(socket, "127.0.0.1", gone());
}

static void reuse_udp_unseen(void)
{
	datagrams(raw_socket, "127.0.0.1", gone());
}

static void reuse_udp6_unseen(void)
{
	datagrams(raw_socket, "::1", gone());
}

static void reuse_unix_unseen(int type)
{
	char text[32];
	int ends[2], fd = gone();

	NEED(raw(SYS_socketpair, AF_UNIX, type, 0, (long)ends, 0, 0) == 0 && ends[0] == fd);
	for (int i = 0; i < 3; i++) {
		say(fd, "small");
		mark("%zd bytes", (ssize_t)RAW3(SYS_read, ends[1], text, sizeof(text)));
	}
}

static void reuse_unix_stream_unseen(void)
{
	reuse_unix_unseen(SOCK_STREAM);
}

static void reuse_unix_datagrams_unseen(void)
{
	reuse_unix_unseen(SOCK_DGRAM);
}

static void udp(void)
{
	datagrams(socket, "127.0.0.1", -1);
	say(dial(), "gane");
}

/* The same number is a new connection that no library saw made. */
static void reuse_tcp_unseen(void)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = gone(), again = raw_socket(AF_INET, SOCK_STREAM, 0);

	NEED(again == fd);
	NEED(RAW3(SYS_connect, again, &address, length) == 0);
	for (int i = 0; i < 2; i++) {
		say(again, "a");
		say(again, "b\n");
		NEED(hear(again));
	}
}

static void unix_stream(void)
{
	char text[32] = "";
	int ends[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	pieces(ends[0]);
	NEED(recv(ends[1], text, 31, MSG_DONTWAIT) == 15);
	mark("%s", text);
	say(dial(), "gane");
}

static void unix_packets(void)
{
	char text[32];
	int ends[2];

	NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	pieces(ends[0]);
	for (int i = 0; i < 3; i++)
		mark("a packet of %zd bytes", recv(ends[1], text, 31, MSG_DONTWAIT));
	say(dial(), "gane");
}

static void by_dup2(void)
{
	int fd = dial();

	NEED(dup2(fd, 50) == 50 && close(fd) == 0);
	turn_on(50, 50);
}

static void by_dup3(void)
{
	int fd = dial();

	NEED(dup3(fd, 50, O_CLOEXEC) == 50);
	turn_on(50, fd);
}

static void by_dupfd(void)
{
	int fd = dial(), copy = fcntl(fd, F_DUPFD_CLOEXEC, 60);

	NEED(copy == 60 && fcntl(fd, F_DUPFD, 61) == 61);
	turn_on(61, copy);
}

/* dup2 of a file over a socket, and of a socket over a file: each is then what it is. */
static void by_dup_exchange(void)
{
	int fd = dial(), file = memfd_create("file", 0), copy = dup(fd);
	char text[32] = "";

	NEED(dup2(file, fd) == fd && dup2(copy, file) == file && close(copy) == 0);
	pieces(fd);
	NEED(pread(fd, text, 31, 0) == 15);
	mark("%s", text);
	turn_on(file, file);
}

static void high(void)
{
	struct rlimit limit;
	int fd = dial(), top;

	NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max < 100000 ? limit.rlim_max : 100000;
	NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	top = (int)limit.rlim_cur - 1;
	NEED(top >= 3000 && dup2(fd, 3000) == 3000 && dup2(fd, top) == top && close(fd) == 0);
	turn_on(3000, top);
}

static void inherited(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", dial());
	execl(self, self, "continue", number, (char *)NULL);
}

static void pass(int over, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = "";
	struct iovec part = {space, 1};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *head;

	message.msg_control = space;
	message.msg_controllen = sizeof(space);
	if (fd < 0) {
		NEED(recvmsg(over, &message, 0) == 1);
		NEED((head = CMSG_FIRSTHDR(&message)));
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
		say(fd, "a");
		say(fd, "b\n");
		NEED(hear(fd));
		_exit(0);
	}
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	NEED(sendmsg(over, &message, 0) == 1);
}

static void passed(void)
{
	int ends[2], fd;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	pid = fork();
	if (pid == 0)
		pass(ends[1], -1);
	fd = dial_trained();
	say_half(fd, "held,");
	pass(ends[0], fd);
	NEED(waitpid(pid, NULL, 0) == pid);
	say(fd, "parent\n");
	NEED(hear(fd));
}

static const struct verb verbs[] = {
	{"reuse-file", reuse_file},
	{"reuse-pipe", reuse_pipe},
	{"reuse-udp", reuse_udp},
	{"reuse-udp-unseen", reuse_udp_unseen},
	{"reuse-udp6-unseen", reuse_udp6_unseen},
	{"reuse-unix-unseen", reuse_unix_stream_unseen},
	{"reuse-unix-datagrams-unseen", reuse_unix_datagrams_unseen},
	{"reuse-tcp-unseen", reuse_tcp_unseen},
	{"udp", udp},
	{"unix-stream", unix_stream},
	{"unix-packets", unix_packets},
	{"dup2", by_dup2},
	{"dup3", by_dup3},
	{"dupfd", by_dupfd},
	{"dup-exchange", by_dup_exchange},
	{"high", high},
	{"inherited", inherited},
	{"passed", passed},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "continue") == 0) {
		turn_on(atoi(argv[2]), atoi(argv[2]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
