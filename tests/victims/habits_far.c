/* habits_far CODE HOW: habits that show on a long way, after a long time, or with a name server
 * that is slow to answer, and programs that nearly have them. As habits.c otherwise. */
#include "tests/victims/habits.h"

#include <netdb.h>
#include <sched.h>
#include <time.h>

#include "tests/helper/wire.h"

static const char *how;

static int is(const char *word)
{
	return strcmp(how, word) == 0;
}

/* ---- peers, without the library ---- */

/* As many bytes as each line says. */
static void answer_bytes(int fd)
{
	FILE *lines = fdopen(dup(fd), "r");
	long bytes;

	NEED(lines);
	while (fscanf(lines, "%ld", &bytes) == 1)
		for (; bytes > 0; bytes -= 4096)
			say(fd, buffer, 4096);
	fclose(lines);
}

/* A name server that drops the first question, and calls every name 127.0.0.1. */
/* Forgets the first question, or answers each after so many ms, which is no resolver's timeout. */
static void serve_names(unsigned late)
{
	static const unsigned char answer[] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1};
	struct sockaddr_in address = address_at(HERE, 53);
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	ssize_t got;

	NEED(fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0);
	printf("53\n");
	fflush(stdout);
	NEED(late || recv(fd, buffer, 512, 0) > 0);
	while ((got = recvfrom(fd, buffer, 512, 0, (struct sockaddr *)&address, &length)) > 12) {
		usleep(late * 1000);
		buffer[2] = (char)0x84; /* an answer, by who knows */
		buffer[7] = 1;
		memcpy(buffer + got, answer, sizeof(answer));
		sendto(fd, buffer, (size_t)got + sizeof(answer), 0, (struct sockaddr *)&address,
			length);
	}
}

static void be_peer(const char *kind)
{
	int port, listener;

	if (strcmp(kind, "names") == 0 || strcmp(kind, "slow names") == 0) {
		serve_names(*kind == 's' ? 450 : 0);
		return;
	}
	listener = listen_at("0.0.0.0", &port, 128);
	printf("%d\n", port);
	fflush(stdout);
	for (;;)
		serve_one(listener, strcmp(kind, "bytes") == 0 ? answer_bytes : answer_lines);
}

/* ---- habits ---- */

/* Questions that the buffer does not hold, or does: the kernel takes more than it says. */
static void fixed_send_buffer(int port)
{
	static char question[400000];
	size_t length = is("show") ? sizeof(question) : 10000;
	int fd = dial_with(WIRE_FAR, port, SO_SNDBUF, 8192);

	question[length - 1] = '\n';
	for (int i = 0; i < (is("show") ? 10 : 60); i++) {
		say(fd, question, length);
		hear(fd);
	}
}

/* 4 MB: as fast as the window lets them come, or asked for by the piece. */
static void fixed_receive_buffer(int port)
{
	int fd = dial_with(WIRE_FAR, port, SO_RCVBUF, 65536);
	long piece = is("show") ? 4096 * 1024 : 4096 * 3, left;

	for (long come = 0; come < 4096 * (is("show") ? 1024 : 300); come += piece) {
		dprintf(fd, "%ld\n", piece);
		for (left = piece; left > 0;) {
			ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
			NEED(got > 0);
			left -= got;
		}
	}
}

/* The one that nearly has it thinks about each answer for half of a round trip. */
static void one_at_a_time(int port)
{
	const struct timespec thought = {0, WIRE_DELAY};
	int fd = dial_with(WIRE_FAR, port, 0, 0);

	for (int i = 0; i < 250; i++) {
		ask(fd);
		if (!is("show"))
			nanosleep(&thought, NULL);
	}
}

/* The clock of this process, and of no other, is put forward: nobody waits for minutes. */
static void let_pass(int seconds)
{
	int fd, offsets;

	NEED(unshare(CLONE_NEWTIME) == 0);
	NEED((offsets = open("/proc/self/timens_offsets", O_WRONLY)) >= 0);
	NEED(dprintf(offsets, "monotonic %d 0\n", seconds) > 0);
	NEED((fd = open("/proc/self/ns/time_for_children", O_RDONLY)) >= 0);
	NEED(setns(fd, CLONE_NEWTIME) == 0);
	close(offsets);
	close(fd);
}

static void silent(int port)
{
	int fd = dial_with(HERE, port, is("kept") ? SO_KEEPALIVE : 0, 1);

	ask(fd);
	let_pass(is("shorter") ? 290 : 310);
	ask(fd);
}

static void look_up(int port)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
	struct peer names = start_peer(is("nearly") ? "slow names" : "names");
	int fd = dial(port);

	NEED(port_of(&names) == 53);
	NEED(setenv("RES_OPTIONS", is("short") ? "timeout:2" : "timeout:5", 1) == 0);
	ask(fd);
	NEED(getaddrinfo("far.example", "80", &hints, &found) == 0);
	freeaddrinfo(found);
	ask(fd);
	stop_peer(&names);
}

static const struct habit {
	const char *code;
	void (*have)(int port);
	const char *peer;
} habit_table[] = {
	{"S01", fixed_send_buffer, "lines"},
	{"S03", fixed_receive_buffer, "bytes"},
	{"R04", one_at_a_time, "lines"},
	{"L01", silent, "lines"},
	{"D02", look_up, "lines"},
};

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	memset(buffer, 'x', sizeof(buffer));
	if (strcmp(argv[1], "peer") == 0) {
		be_peer(argv[2]);
		return 0;
	}
	how = argv[2];
	for (size_t i = 0; i < sizeof(habit_table) / sizeof(*habit_table); i++)
		if (strcmp(habit_table[i].code, argv[1]) == 0) {
			struct peer peer = start_peer(habit_table[i].peer);
			habit_table[i].have(port_of(&peer));
			stop_peer(&peer);
			return 0;
		}
	return 2;
}
