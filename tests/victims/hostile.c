/* Small habits that once broke: probes for an answer, an end of a stream in memory, functions of
 * libc that the program brings itself, sockets that come with a linger of 0 seconds. */
#include "tests/victims/unseen.h"

static char *self;

/* Overtakes libc's send() for every library in the process. */
ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

/* And recv(), in the same way. */
ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

static void own_send(void)
{
	int fd = dial_trained();
	char text[3];

	mark("%zd", send(fd, "hello,", 6, 0));
	mark("#held %d", unsent(fd) > 0);
	mark("%zd", send(fd, "world\n", 6, 0));
	mark("%zd", recv(fd, text, sizeof(text), MSG_WAITALL));
}

/* An answer cannot come to what the peer does not have: the first probe that finds nothing must
 * have let it go. */
static void probe_once(int flags, int status_flags)
{
	int fd = dial_trained();
	char c;

	NEED(fcntl(fd, F_SETFL, status_flags) == 0);
	say_half(fd, "no line yet");
	errno = 0;
	mark("%zd", flags ? recvfrom(fd, &c, 1, flags, NULL, NULL) : read(fd, &c, 1));
	mark("%s, unsent %d", strerrorname_np(errno), unsent(fd));
	wrote(fd, 11);
	wait_go();
	say(fd, "\n");
	NEED(hear(fd));
}

static void probe_flag(void)
{
	probe_once(MSG_DONTWAIT, 0);
}

static void probe_nonblocking(void)
{
	probe_once(0, O_NONBLOCK);
}

static void mark_fclose(FILE *stream)
{
	int result;

	NEED(stream);
	errno = 1234;
	result = fclose(stream);
	mark("%d, errno %d", result, errno);
}

static void close_memory(void)
{
	char text[16], *grown;
	size_t length;

	mark_fclose(fmemopen(text, sizeof(text), "w"));
	mark_fclose(open_memstream(&grown, &length));
	free(grown);
}

/* What comes by exec with a linger of 0 seconds throws held bytes away when it is closed. */
static void inherit_linger(void)
{
	struct linger none = {1, 0};
	char number[16];
	int fd = dial();

	NEED(raw(SYS_setsockopt, fd, SOL_SOCKET, SO_LINGER, (long)&none, sizeof(none), 0) == 0);
	snprintf(number, sizeof(number), "%d", fd);
	execl(self, self, "inherited", number, (char *)NULL);
	die("execl");
}

static void inherited(int fd)
{
	int held = 0;

	for (int i = 0; i < 20; i++) {
		say(fd, "a");
		held |= unsent(fd) > 0;
		say(fd, "b\n");
		NEED(hear(fd));
	}
	mark("#held %d", held);
}

static const struct verb verbs[] = {
	{"own-send", own_send},
	{"probe-flag", probe_flag},
	{"probe-nonblocking", probe_nonblocking},
	{"close-memory", close_memory},
	{"inherit-linger", inherit_linger},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "inherited") == 0) {
		inherited(atoi(argv[2]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
