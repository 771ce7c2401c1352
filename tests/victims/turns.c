/* turns TURNS WRITES BYTES [select]: so many turns of so many small writes and an answer.
 * turns alternate TURNS: as imaplib appends: one line and an answer, then literal, CRLF, answer.
 * turns steady TURNS: one write, one read; marks around it by calls that nothing else makes.
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
	else if (argc == 4 && strcmp(argv[1], "stream") == 0)
		stream(first, second);
	else if (argc >= 4)
		few_bytes(atoi(argv[1]), first, second, argc > 4);
	else
		return 98;
	return 0;
}
