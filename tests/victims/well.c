/* well KIND [nodelay]: a client and its server, both here, that do nothing wrong, at the pace of
 * what is wrong elsewhere. The kinds are in a table. It ends with status 0. */
#include "tests/victims/victim.h"

#include <stdbool.h>

enum { TURNS = 40, BIG = 200000, LINE = 40 };

static int fd; /* the end that runs */
static bool nodelay;

static void put(int bytes)
{
	char text[LINE];

	memset(text, 'x', sizeof(text));
	NEED(bytes <= LINE && write(fd, text, (size_t)bytes) == bytes);
}

static bool take(int bytes)
{
	char text[8192];

	while (bytes > 0) {
		const size_t most = sizeof(text) < (size_t)bytes ? sizeof(text) : (size_t)bytes;
		const ssize_t got = read(fd, text, most);

		if (got <= 0)
			return false;
		bytes -= (int)got;
	}
	return true;
}

static void pause_ms(unsigned ms)
{
	usleep(ms * 1000);
}

/* Between 30 and 60 ms, never the same twice. */
static unsigned about_40(int turn)
{
	return 30 + (unsigned)turn * 7 % 31;
}

/* ---- pairs ---- */

static void ask(void)
{
	for (int i = 0; i < TURNS; i++) {
		put(LINE);
		NEED(take(LINE));
	}
}

static void answer(void)
{
	while (take(LINE))
		put(LINE);
}

static void answer_after_40(void)
{
	for (int i = 0; take(LINE); i++) {
		pause_ms(40 + (unsigned)i % 8);
		put(LINE);
	}
}

static void answer_after_about_40(void)
{
	for (int i = 0; take(LINE); i++) {
		pause_ms(about_40(i));
		put(LINE);
	}
}

static void answer_big(void)
{
	static char text[BIG];

	while (take(LINE)) {
		pause_ms(42);
		NEED(write(fd, text, sizeof(text)) == sizeof(text));
	}
}

static void ask_big(void)
{
	for (int i = 0; i < TURNS; i++) {
		put(LINE);
		NEED(take(BIG));
	}
}

/* Questions go out one after the other, whatever has been answered. */
static void pipeline(void)
{
	for (int i = 0; i < TURNS; i++) {
		put(LINE);
		pause_ms(7);
	}
	NEED(take(TURNS * LINE));
}

/* A header, work, and the body: it waits for nobody meanwhile. */
static void work_between(void)
{
	for (int i = 0; i < TURNS; i++) {
		put(LINE / 2);
		pause_ms(about_40(i));
		put(LINE / 2);
		NEED(take(LINE));
	}
}

/* At the delayed ACK's own pace. */
static void work_44_between(void)
{
	for (int i = 0; i < TURNS; i++) {
		put(LINE / 2);
		pause_ms(44);
		put(LINE / 2);
		NEED(take(LINE));
	}
}

static void type_keys(void)
{
	for (int i = 0; i < 2 * TURNS; i++) {
		put(1);
		pause_ms(20 + (unsigned)i * 37 % 90);
	}
}

static void listen_to_keys(void)
{
	while (take(1))
		continue;
}

static void echo_keys(void)
{
	while (take(1))
		put(1);
}

/* Keys and echoes: nobody waits for them. */
static void type_and_look(void)
{
	for (int i = 0; i < 2 * TURNS; i++) {
		put(1);
		pause_ms(20 + (unsigned)i * 37 % 90);
		NEED(take(1));
	}
}

static void tell_news(void)
{
	for (int i = 0; i < 2 * TURNS; i++) {
		put(LINE);
		pause_ms(41 + (unsigned)i % 5);
	}
}

static void stream(void)
{
	for (int i = 0; i < 3000; i++)
		put(LINE);
}

static void stream_slowly(void)
{
	for (int i = 0; i < 2 * TURNS; i++) {
		put(LINE);
		put(LINE);
		pause_ms(about_40(i));
	}
}

static void take_all(void)
{
	while (take(1))
		continue;
}

/* Silence, and the kernel's keepalives in it. */
static void be_silent(void)
{
	const int yes = 1;

	NEED(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof(yes)) == 0);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &yes, sizeof(yes)) == 0);
	NEED(setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &yes, sizeof(yes)) == 0);
	put(LINE);
	NEED(take(LINE));
	pause_ms(3500);
	put(LINE);
	NEED(take(LINE));
}

static const struct kind {
	const char *name;
	void (*client)(void), (*server)(void);
} kind_table[] = {
	{"asks", ask, answer},
	{"slow-40", ask, answer_after_40},
	{"slow-about-40", ask, answer_after_about_40},
	{"big", ask_big, answer_big},
	{"pipeline", pipeline, answer},
	{"pipeline-slow", pipeline, answer_after_about_40},
	{"works", work_between, answer},
	{"works-44", work_44_between, answer},
	{"types", type_keys, listen_to_keys},
	{"types-echo", type_and_look, echo_keys},
	{"news", take_all, tell_news},
	{"streams", stream, take_all},
	{"streams-slowly", stream_slowly, take_all},
	{"silent", be_silent, answer},
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(kind_table); i++)
		if (strcmp(kind_table[i].name, name) == 0)
			return &kind_table[i];
	die("no such kind");
	return NULL;
}

static void set_up(int end)
{
	const int yes = 1;

	fd = end;
	NEED(!nodelay || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) == 0);
}

int main(int argc, char **argv)
{
	const struct kind *kind;
	struct sockaddr_storage address;
	socklen_t length = address_of("127.0.0.1", 0, &address);
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t server;

	NEED(argc == 2 || argc == 3);
	kind = kind_of(argv[1]);
	nodelay = argc == 3;
	NEED(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
	server = fork();
	NEED(server >= 0);
	if (!server) {
		set_up(accept(listener, NULL, NULL));
		kind->server();
		_exit(0);
	}
	close(listener);
	set_up(socket(AF_INET, SOCK_STREAM, 0));
	NEED(connect(fd, (struct sockaddr *)&address, length) == 0);
	kind->client();
	close(fd);
	NEED(waitpid(server, NULL, 0) == server);
	return 0;
}
