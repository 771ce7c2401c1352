/* Holds a write on one socket and goes on with another, or with a second descriptor of the same. */
#include "tests/victims/victim.h"

#define TURNS 8

/* A second connection, on which the harness speaks when it has all of the first. What is said here
 * makes sure that it knows of it. */
static int dial_second(void)
{
	int fd = dial();

	say(fd, "second\n");
	NEED(hear(fd));
	return fd;
}

static void two_sockets(void)
{
	int a = dial_trained(), b = dial_second();

	say_half(a, "written to A");
	wrote(a, 12);
	NEED(hear(b));
	say(a, "\n");
	NEED(hear(a));
}

static void two_sockets_poll(void)
{
	int a = dial_trained(), b = dial_second();
	struct pollfd entry = {.fd = b, .events = POLLIN};

	say_half(a, "written to A");
	wrote(a, 12);
	NEED(poll(&entry, 1, -1) == 1 && hear(b));
	say(a, "\n");
	NEED(hear(a));
}

static void other_connect(void)
{
	int fd = dial_trained(), other;

	say_half(fd, "then connects");
	other = dial();
	mark("unsent %d", unsent(fd));
	wrote(fd, 13);
	wait_go();
	NEED(close(other) == 0);
}

static void other_accept(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = dial_trained();

	NEED(listen(listener, 1) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&here, &length) == 0);
	NEED(connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&here, length) == 0);
	say_half(fd, "then accepts");
	NEED(accept(listener, NULL, NULL) >= 0);
	mark("unsent %d", unsent(fd));
	wrote(fd, 12);
	wait_go();
}

/* More flows than one thread can keep in mind at a time. */
static void many_flows(void)
{
	int fd[24];

	for (size_t i = 0; i < COUNT_OF(fd); i++) {
		fd[i] = dial();
		if (i == 0)
			train(fd[i]);
		say(fd[i], "a");
		say(fd[i], "b\n");
		NEED(hear(fd[i]));
	}
	for (size_t i = 0; i < COUNT_OF(fd); i++)
		say_half(fd[i], "half");
	for (size_t i = 0; i < COUNT_OF(fd); i++)
		wrote(fd[i], 7);
	wait_go();
	for (size_t i = 0; i < COUNT_OF(fd); i++) {
		say(fd[i], "\n");
		while (!hear(fd[i]))
			;
	}
}

static void dup_write(void)
{
	int fd = dial_trained(), copy = dup(fd);

	say_half(copy, "on the copy");
	wrote(fd, 11);
	wait_go();
	say(fd, ", on the first\n");
	NEED(hear(copy));
}

static void dup_turns(void)
{
	int fd = dial(), copy;

	page_of_harness();
	copy = dup(fd);
	for (int i = 0; i < TURNS; i++) {
		say(i & 1 ? fd : copy, "a");
		say(i & 1 ? copy : fd, "b\n");
		NEED(hear(i & 2 ? fd : copy));
	}
	wrote(fd, 3 * TURNS);
	wait_go();
}

static void dup_close_first(void)
{
	int fd = dial_trained(), copy = dup(fd);

	say_half(fd, "closed");
	NEED(close(fd) == 0);
	wrote(copy, 6);
	wait_go();
	say(copy, ", not gone\n");
	NEED(hear(copy));
}

static const struct verb verbs[] = {
	{"two-sockets", two_sockets},
	{"two-sockets-poll", two_sockets_poll},
	{"dup-write", dup_write},
	{"dup-turns", dup_turns},
	{"dup-close-first", dup_close_first},
	{"many-flows", many_flows},
	{"other-connect", other_connect},
	{"other-accept", other_accept},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
