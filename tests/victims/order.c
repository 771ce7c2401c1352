/* Holds a write and then does what makes late bytes visible: computing, probes for writability,
 * empty and failing writes, calls that block inside libc. */
#include "tests/victims/victim.h"

#include <netdb.h>
#include <sys/resource.h>
#include <sys/select.h>

#define TURNS 8

static void compute(void)
{
	int fd = dial_trained();

	say_half(fd, "then it computes\n");
	compute_until_received(17);
	wrote(fd, 17);
	wait_go();
	NEED(hear(fd));
}

static void compute_getrusage(void)
{
	struct page *page;
	struct rusage usage;
	int fd = dial_trained();

	page = page_of_harness();
	say_half(fd, "then it computes\n");
	while (atomic_load(&page->received) < 17 + (size_t)trained_bytes)
		NEED(getrusage(RUSAGE_SELF, &usage) == 0);
	wrote(fd, 17);
	wait_go();
	NEED(hear(fd));
}

static void probe_select(void)
{
	int fd = dial();
	fd_set set;

	page_of_harness();
	for (int i = 0; i < TURNS; i++)
		for (int part = 0; part < 2; part++) {
			FD_ZERO(&set);
			FD_SET(fd, &set);
			NEED(select(fd + 1, NULL, &set, NULL, NULL) == 1 && FD_ISSET(fd, &set));
			say(fd, part ? "b\n" : "a");
			if (part)
				NEED(hear(fd));
		}
	wrote(fd, 3 * TURNS);
	wait_go();
}

static void probe_poll(void)
{
	int fd = dial();
	struct pollfd entry = {.fd = fd, .events = POLLOUT};

	page_of_harness();
	for (int i = 0; i < TURNS; i++)
		for (int part = 0; part < 2; part++) {
			NEED(poll(&entry, 1, 1000000) == 1 && entry.revents == POLLOUT);
			say(fd, part ? "b\n" : "a");
			if (part)
				NEED(hear(fd));
		}
	wrote(fd, 3 * TURNS);
	wait_go();
}

/* A zero timeout is a probe, not a wait: nothing must hang on it, whatever it lets go. */
static void probe_zero(void)
{
	int fd = dial_trained();
	struct pollfd entry = {.fd = fd, .events = POLLIN};
	char c = 0;

	say_half(fd, "line\n");
	do {
		NEED(recv(fd, &c, 1, MSG_DONTWAIT) == -1 || c == 'o');
	} while (c != 'o' && poll(&entry, 1, 0) == 0);
	NEED(hear(fd));
	wrote(fd, 5);
	wait_go();
}

static void zero_last(void)
{
	int fd = dial_trained();

	say_half(fd, "before nothing");
	NEED(write(fd, "", 0) == 0);
	wrote(fd, 14);
	wait_go();
	say(fd, "\n");
	NEED(hear(fd));
}

static void zero_last_spin(void)
{
	int fd = dial_trained();

	say_half(fd, "before nothing");
	NEED(send(fd, "", 0, 0) == 0);
	compute_until_received(14);
	wrote(fd, 14);
	wait_go();
}

static void failing_last(void)
{
	int fd = dial_trained();

	say_half(fd, "before EFAULT");
	NEED(write(fd, nowhere, 6) == -1 && errno == EFAULT);
	compute_until_received(13);
	wrote(fd, 13);
	wait_go();
}

/* Calls that may block inside libc: when they are back, nothing is unsent. */
static void name_lookup(void)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *result;
	int fd = dial_trained();

	say_half(fd, "looked up");
	NEED(getaddrinfo("127.0.0.1", "80", &hints, &result) == 0);
	freeaddrinfo(result);
	mark("unsent %d", unsent(fd));
	wrote(fd, 9);
	wait_go();
}

static const struct verb verbs[] = {
	{"compute", compute},
	{"compute-getrusage", compute_getrusage},
	{"probe-select", probe_select},
	{"probe-poll", probe_poll},
	{"probe-zero", probe_zero},
	{"zero-last", zero_last},
	{"zero-last-spin", zero_last_spin},
	{"failing-last", failing_last},
	{"name-lookup", name_lookup},
};

int main(int argc, char **argv)
{
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
