/* Steps with sockets that are no connection of the peer's, and a filter. */
#include <sys/uio.h>

#include "tests/victims/refuse.h"
#include "world.h"

/* Nobody listens there; and a socket that was never connected. */
PLAY(refused)
{
	struct sockaddr_storage at;
	socklen_t length = address_of("127.0.0.1", 0, &at);
	int deaf = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
	struct iovec vector[2] = {{NULL, 0}, {NULL, 0}};

	NEED(deaf >= 0 && fd >= 0 && bind(deaf, (struct sockaddr *)&at, length) == 0);
	NEED(getsockname(deaf, (struct sockaddr *)&at, &length) == 0);
	if (step_draw(step, 2)) {
		NOTE_CALL("writev", writev(fd, vector, 2));
		NOTE_CALL("write", write(fd, "x", 1));
	}
	NOTE_CALL("connect", connect(fd, (struct sockaddr *)&at, length));
	NOTE_CALL("write", write(fd, "x", 1));
	close(fd);
	close(deaf);
}

/* Messages must stay apart, whatever the socket. */
PLAY(datagram)
{
	static const int kinds[] = {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
	unsigned kind = step_draw(step, 4), count = 1 + step_draw(step, 5);
	struct sockaddr_storage at;
	socklen_t length = address_of("127.0.0.1", 0, &at);
	int pair[2];
	char bytes[256] = {0};

	if (kind == 3) {
		NEED((pair[0] = socket(AF_INET, SOCK_DGRAM, 0)) >= 0);
		NEED((pair[1] = socket(AF_INET, SOCK_DGRAM, 0)) >= 0);
		NEED(bind(pair[1], (struct sockaddr *)&at, length) == 0);
		NEED(getsockname(pair[1], (struct sockaddr *)&at, &length) == 0);
		NEED(connect(pair[0], (struct sockaddr *)&at, length) == 0);
	} else {
		NEED(socketpair(AF_UNIX, kinds[kind], 0, pair) == 0);
	}
	for (unsigned i = 0; i < count; i++)
		link_write_at(&(struct link){.fd = pair[0], .limit = 200}, step, pair[0],
			1 + step_draw(step, 100), false);
	for (ssize_t got; (got = recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT)) > 0;)
		note("  message %zd", got);
	close(pair[0]);
	close(pair[1]);
}

/* Both ends are ours, in one thread: what is written is there to be read. */
static void pair_turns(struct step *step, const int end[2])
{
	struct link link = {.fd = end[0], .second = -1, .limit = SMALL};
	unsigned turns = 1 + step_draw(step, 20), writes = 1 + step_draw(step, 4);
	char bytes[SMALL];

	while (turns-- > 0) {
		uint64_t from = link.written;

		for (unsigned i = 0; i < writes; i++)
			link_write_at(&link, step, end[0], 1 + step_draw(step, 30), true);
		while (from < link.written) {
			ssize_t got = read(end[1], bytes, link.written - from);

			NEED(got > 0);
			for (ssize_t i = 0; i < got; i++, from++)
				if ((unsigned char)bytes[i] != byte_up(0, from))
					note("  WRONG BYTE at %llu", (unsigned long long)from);
		}
	}
}

PLAY(pair)
{
	struct sockaddr_storage at;
	bool six = step_draw(step, 2);
	socklen_t length = address_of(six ? "::1" : "127.0.0.1", 0, &at);
	int listener = socket(at.ss_family, SOCK_STREAM, 0), end[2];
	int client = socket(at.ss_family, SOCK_STREAM, 0), server;

	NEED(listener >= 0 && client >= 0);
	NEED(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 1) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	NEED(connect(client, (struct sockaddr *)&at, length) == 0);
	NEED((server = accept(listener, NULL, NULL)) >= 0);
	for (int i = 0; i < 2; i++) {
		end[0] = i ? server : client;
		end[1] = i ? client : server;
		pair_turns(step, end);
	}
	close(listener);
	close(client);
	close(server);
}

/* A filter that comes unseen, by a raw call, and refuses getsockopt() from now on. */
PLAY(filter)
{
	static const int errors[] = {ENOMEM, EPERM, EINVAL};
	int error = errors[step_draw(step, 3)];

	if (world.filtered)
		return;
	refuse_question(0, error);
	world.filtered = true;
}
