/* looked HABIT [ADDRESS]: one thing, for ever. What `sockfix look` should have a word for:
 * raw: a write, a write, a read, by bare system calls, as a program without libc makes them.
 * half: the same, and a pause that is longer than the stall.
 * buffer, churn: to a server of its own at ADDRESS: more than the send buffer that it has fixed
 * takes; a connection for each question. And what it should have none for:
 * pipeline: small questions without waiting for the answers, which another thread reads. */
#include "tests/victims/victim.h"

#include <pthread.h>
#include <sys/prctl.h>

static char text[100000];

static struct sockaddr_in ipv4_of(const char *host, int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	NEED(inet_pton(AF_INET, host, &at.sin_addr) == 1);
	return at;
}

static void raw_turns(void)
{
	const struct sockaddr_in at = ipv4_of("127.0.0.1", atoi(getenv("VICTIM_PORT")));
	const long fd = raw(SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0, 0);

	NEED(raw(SYS_connect, fd, (long)&at, sizeof(at), 0, 0, 0) == 0);
	do {
		NEED(raw(SYS_write, fd, (long)text, 100, 0, 0, 0) == 100);
		NEED(raw(SYS_write, fd, (long)text, 100, 0, 0, 0) == 100);
	} while (raw(SYS_read, fd, (long)text, 3, 0, 0, 0) > 0);
}

static void half(void)
{
	const int fd = dial();

	do {
		NEED(write(fd, text, 100) == 100 && write(fd, text, 100) == 100);
		NEED(hear(fd));
	} while (usleep(50000) == 0);
}

/* ---- its own server ---- */

static void answer(int fd)
{
	while (read(fd, text, sizeof(text)) > 0)
		if (write(fd, "ok\n", 3) < 0)
			break;
	close(fd);
}

static void swallow(int fd)
{
	while (read(fd, text, sizeof(text)) > 0)
		;
}

/* Returns its port. */
static int serve(void (*each)(int fd))
{
	struct sockaddr_in at = ipv4_of("0.0.0.0", 0);
	socklen_t length = sizeof(at);
	const int listener = socket(AF_INET, SOCK_STREAM, 0);

	NEED(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 99) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			each(accept(listener, NULL, NULL));
	}
	close(listener);
	return ntohs(at.sin_port);
}

static int dial_at(const struct sockaddr_in *at, int send_buffer)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	NEED(!send_buffer ||
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)) == 0);
	NEED(connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0);
	return fd;
}

static void fill_buffer(const char *host)
{
	const struct sockaddr_in at = ipv4_of(host, serve(swallow));
	const int fd = dial_at(&at, 8192);

	mark("port %d", ntohs(at.sin_port));
	while (write(fd, text, sizeof(text)) > 0)
		;
}

static void churn(const char *host)
{
	const struct sockaddr_in at = ipv4_of(host, serve(answer));

	mark("port %d", ntohs(at.sin_port));
	for (;;) {
		const int fd = dial_at(&at, 0);

		NEED(write(fd, "?\n", 2) == 2 && hear(fd));
		close(fd);
	}
}

/* ---- no habit ---- */

static void *read_answers(void *fd)
{
	char some[4096];

	while (read(*(int *)fd, some, sizeof(some)) > 0)
		;
	return NULL;
}

static void pipeline(void)
{
	int fd = dial();
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, read_answers, &fd) == 0);
	while (write(fd, "a question\n", 11) == 11)
		usleep(1000);
}

int main(int argc, char **argv)
{
	NEED(argc >= 2);
	memset(text, 'x', sizeof(text));
	text[99] = '\n';
	if (strcmp(argv[1], "raw") == 0)
		raw_turns();
	else if (strcmp(argv[1], "half") == 0)
		half();
	else if (strcmp(argv[1], "buffer") == 0)
		fill_buffer(argv[2]);
	else if (strcmp(argv[1], "churn") == 0)
		churn(argv[2]);
	else
		pipeline();
	return 0;
}
