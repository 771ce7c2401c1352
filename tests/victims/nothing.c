/* Writes of nothing: they answer 0 whatever the state of the connection, where no socket is asked
 * (lib/iov_iter.c, import_iovec()), and raise no signal. */
#include "tests/victims/victim.h"

#include <sys/uio.h>

static volatile sig_atomic_t pipes;

static void count_pipe(int number)
{
	(void)number;
	pipes++;
}

static void told(const char *when, ssize_t got)
{
	mark("%s: %zd, errno %d, signals %d", when, got, errno, (int)pipes);
	errno = 0;
}

static void write_nothing(int fd)
{
	char none[1] = "";
	struct iovec empty[2] = {{none, 0}, {none, 0}}, null = {NULL, 0};

	errno = 0;
	told("write", write(fd, none, 0));
	told("writev of none", writev(fd, empty, 0));
	told("writev of one", writev(fd, empty, 1));
	told("writev of two", writev(fd, empty, 2));
	told("writev of NULL", writev(fd, &null, 1));
	told("writev of NULL, none", writev(fd, NULL, 0));
	told("pwritev2", pwritev2(fd, empty, 2, -1, 0));
	told("send", send(fd, none, 0, 0));
	told("send without a signal", send(fd, none, 0, MSG_NOSIGNAL));
}

static int begin(void)
{
	struct sigaction action = {.sa_handler = count_pipe};

	NEED(sigaction(SIGPIPE, &action, NULL) == 0);
	return dial_trained();
}

static void end(int fd)
{
	NEED(shutdown(fd, SHUT_WR) == 0);
	write_nothing(fd);
}

static void shut(void)
{
	int fd = begin();

	say(fd, "last line\n");
	NEED(hear(fd));
	end(fd);
}

/* The same beside bytes that are held. */
static void held(void)
{
	int fd = begin();

	say_half(fd, "last");
	write_nothing(fd);
	say(fd, " line\n");
	NEED(hear(fd));
	end(fd);
}

static const struct verb verbs[] = {{"shut", shut}, {"held", held}};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
