/* The connections of a random program: how they are made and ended, the bytes on them, what is
 * noted and what the peer is told. */
#include "numbers.h"
#include "world.h"

#include <stdarg.h>

struct world world;
char *self;
volatile sig_atomic_t broken_pipes;

static void note_list(const char *head, const char *format, va_list list)
{
	char line[512];
	int length = snprintf(line, sizeof(line), "%s", head);

	length += vsnprintf(line + length, sizeof(line) - 2 - (size_t)length, format, list);
	line[length++] = '\n';
	RAW3(SYS_write, NOTES_FD, line, length);
}

void note(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	note_list("", format, list);
	va_end(list);
}

void note_unless_buffered(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	note_list("~", format, list);
	va_end(list);
}

const char *errno_text(int error)
{
	return error == UNTOUCHED ? "untouched" : strerrorname_np(error);
}

static void order_send(const struct order *text)
{
	NEED(RAW3(SYS_write, ORDER_FD, text, sizeof(*text)) == (long)sizeof(*text));
}

void order(enum order_verb verb, const struct link *link, uint64_t after, uint64_t count)
{
	struct order text = {
		.verb = verb, .connection = link->number, .after = after, .count = count};

	if (verb == ORDER_LAST && link->any)
		text.flags = END_ANY;
	order_send(&text);
}

void order_done(enum order_verb verb, const struct link *link, uint64_t after, uint64_t count)
{
	char reply;

	order(verb, link, after, count);
	while (poll(&(struct pollfd){ORDER_FD, POLLIN, 0}, 1, -1) != 1)
		;
	NEED(RAW3(SYS_read, ORDER_FD, &reply, 1) == 1);
}

void link_sync(const struct link *link)
{
	order_done(ORDER_SYNC, link, link->written, 0);
}

void fill_up(const struct link *link, uint64_t at, char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)byte_up(link->number, at + i);
}

bool fits_down(const struct link *link, uint64_t at, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] != byte_down(link->number, at + i))
			return false;
	return true;
}

int nodelay_left(int fd)
{
	int value = -1;
	socklen_t length = sizeof(value);

	raw(SYS_getsockopt, fd, IPPROTO_TCP, TCP_NODELAY, (long)&value, (long)&length, 0);
	return value;
}

/* ---- making them ---- */

static void shrink_buffers(struct link *link, struct step *step, int fd)
{
	int send = 1 << step_draw(step, 16), receive = 16384;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send));
	if (step_draw(step, 2))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive));
	link->limit = 20000;
}

/* Waits for a connect() that did not, as event loops do. */
static void connect_finish(struct step *step, int fd)
{
	int error = -1;
	socklen_t length = sizeof(error);

	wait_ready(step, fd, true);
	if (!world.filtered)
		NEED(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0);
	NEED(fcntl(fd, F_SETFL, 0) == 0);
}

static void link_dial(struct link *link, struct step *step, unsigned port)
{
	struct sockaddr_storage at;
	bool six = step_draw(step, 3) == 0, later = step_draw(step, 4) == 0;
	bool by_number = step_draw(step, 4) == 0;
	socklen_t length = address_of(six ? "::1" : "127.0.0.1", world.port[port], &at);
	int type = SOCK_STREAM | (later ? SOCK_NONBLOCK : 0), answer;
	int fd = by_number ? (int)syscall(SYS_socket, at.ss_family, type, 0)
			   : socket(at.ss_family, type, 0);

	NEED(fd >= 0);
	if (step_draw(step, 8) == 0)
		shrink_buffers(link, step, fd);
	order(ORDER_EXPECT, link, 0, port);
	answer = by_number ? (int)syscall(SYS_connect, fd, &at, length)
			   : connect(fd, (struct sockaddr *)&at, length);
	NEED(answer == 0 || (later && errno == EINPROGRESS));
	if (later)
		connect_finish(step, fd);
	link->fd = fd;
}

static void listen_once(bool six)
{
	struct sockaddr_storage at;
	socklen_t length = address_of(six ? "::1" : "127.0.0.1", 0, &at);
	int fd = socket(at.ss_family, SOCK_STREAM, 0);

	if (world.listens[six])
		return;
	NEED(fd >= 0 && bind(fd, (struct sockaddr *)&at, length) == 0 && listen(fd, 8) == 0);
	NEED(getsockname(fd, (struct sockaddr *)&at, &length) == 0);
	world.listener[six] = fd;
	world.listens[six] = ntohs(((struct sockaddr_in *)&at)->sin_port);
}

static void link_accept(struct link *link, struct step *step)
{
	bool six = step_draw(step, 3) == 0;
	struct order text = {.verb = ORDER_DIAL, .connection = link->number, .flags = six};
	int listener;

	listen_once(six);
	listener = world.listener[six];
	text.count = world.listens[six];
	order_send(&text);
	if (step_draw(step, 3) == 0)
		wait_ready(step, listener, false);
	switch (step_draw(step, 4)) {
	case 0:
		link->fd = accept(listener, NULL, NULL);
		break;
	case 1:
		link->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		NEED(fcntl(link->fd, F_SETFD, 0) == 0);
		break;
	case 2:
		link->fd = number_accept(listener);
		break;
	default:
		link->fd = (int)syscall(SYS_accept4, listener, NULL, NULL, 0);
		break;
	}
	NEED(link->fd >= 0);
}

static struct link *link_open(struct step *step, unsigned index)
{
	struct link *link = &world.link[index];

	if (link->open)
		return link;
	memset(link, 0, sizeof(*link));
	link->open = true;
	link->second = -1;
	link->limit = SIZE_MAX;
	link->number = world.next++;
	if (step_draw(step, 4) == 0)
		link_accept(link, step);
	else
		link_dial(link, step, index % PEER_PORTS);
	note("  connection %u is %d", link->number, link->fd);
	return link;
}

struct link *link_of(struct step *step)
{
	return link_open(step, step->link);
}

struct link *link_beside(struct step *step)
{
	return link_open(step, (step->link + 1 + step_draw(step, LINKS - 1)) % LINKS);
}

int link_name(const struct link *link, struct step *step)
{
	return link->second >= 0 && step_draw(step, 2) ? link->second : link->fd;
}

/* ---- ending them ---- */

void link_end(struct link *link)
{
	struct step quiet = {.dice = link->number};

	if (!link->any)
		link_read(link, &quiet);
	order(ORDER_LAST, link, link->written, 0);
}

void link_close(struct link *link)
{
	link_end(link);
	if (link->second >= 0)
		NOTE_CALL("close", close(link->second));
	NOTE_CALL("close", close(link->fd));
	link->open = false;
}

void world_end(void)
{
	for (int i = 0; i < LINKS; i++)
		if (world.link[i].open)
			link_end(&world.link[i]);
}
