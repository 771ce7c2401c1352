/* turns TURNS WRITES BYTES [select]: so many turns of so many small writes and an answer.
 * turns alternate TURNS: as imaplib appends: one line and an answer, then literal, CRLF, answer.
 * turns steady TURNS: one write, one read; marks around it by calls that nothing else makes.
 * turns crowd TURNS FLOWS: a header and a body for each flow in turn, after its answer to the last.
 * turns stream WRITES BYTES: one way, to the end. */
#include "tests/victims/victim.h"

#include <sys/select.h>

#include "tests/helper/peer.h"

static uint64_t sent;

static void put(int fd, size_t bytes)
{
	char text[8192];

	for (size_t i = 0; i < bytes; i++)
		text[i] = (char)pattern_byte(sent + i);
	NEED(write(fd, text, bytes) == (ssize_t)bytes);
	sent += bytes;
}

static void await_writable(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	NEED(select(fd + 1, NULL, &set, NULL, NULL) == 1);
}

static void few_bytes(int turns, int writes, int bytes, int ask)
{
	int fd = dial();

	for (int turn = 0; turn < turns; turn++) {
		for (int i = 0; i < writes; i++) {
			if (ask)
				await_writable(fd);
			put(fd, (size_t)bytes);
		}
		NEED(hear(fd));
	}
}

static void alternate(int turns)
{
	char literal[700];
	int fd = dial();

	memset(literal, 'x', sizeof(literal));
	for (int turn = 0; turn < turns; turn++) {
		say(fd, "A001 APPEND INBOX {700}\n");
		NEED(hear(fd));
		NEED(write(fd, literal, sizeof(literal)) == sizeof(literal));
		say(fd, "\r\n");
		NEED(hear(fd));
	}
}

static void steady(int turns)
{
	int fd = dial();

	RAW3(SYS_getppid, 0, 0, 0);
	for (int turn = 0; turn < turns; turn++) {
		say(fd, "one line\n");
		NEED(recv(fd, (char[4]){0}, 4, 0) == 3);
	}
	RAW3(SYS_getppid, 0, 0, 0);
}

/* As an event loop that has many flows ready at a time. Each flow's bytes begin at 0. */
static void crowd(int turns, int flows)
{
	int fd[64];
	uint64_t of_flow = 0;

	NEED(flows <= (int)COUNT_OF(fd));
	for (int i = 0; i < flows; i++)
		fd[i] = dial();
	for (int turn = 0; turn < turns; turn++, of_flow = sent)
		for (int i = 0; i < flows; i++) {
			NEED(turn == 0 || hear(fd[i]));
			sent = of_flow;
			put(fd[i], 60);
			put(fd[i], 140);
		}
	for (int i = 0; i < flows; i++)
		NEED(hear(fd[i]));
}

static void stream(int writes, int bytes)
{
	int fd = dial();

	while (writes--)
		put(fd, (size_t)bytes);
}

int main(int argc, char **argv)
{
	int first = argc > 2 ? atoi(argv[2]) : 0, second = argc > 3 ? atoi(argv[3]) : 0;

	if (argc == 3 && strcmp(argv[1], "alternate") == 0)
		alternate(first);
	else if (argc == 3 && strcmp(argv[1], "steady") == 0)
		steady(first);
	else if (argc == 4 && strcmp(argv[1], "crowd") == 0)
		crowd(first, second);
	else if (argc == 4 && strcmp(argv[1], "stream") == 0)
		stream(first, second);
	else if (argc >= 4)
		few_bytes(atoi(argv[1]), first, second, argc > 4);
	else
		return 98;
	return 0;
}
