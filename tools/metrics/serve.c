/* One thread, one poll(2), few visitors at a time, each with a small room and a short time: who is
 * slow or says nothing is shown out, and keeps nobody else waiting: where there is no room, the
 * eldest of those that are owed no answer makes some. More visitors wait in the kernel's queue.
 * What is told is at most a second old, so asking more often costs no more looks. Must not read
 * more than HTTP_MOST bytes of anybody. */
#include "tools/metrics/serve.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/metrics/http.h"
#include "tools/metrics/look.h"

#define MS UINT64_C(1000000)

enum { VISITORS = 16, PATIENCE_MS = 5000, FRESH_MS = 1000 };

struct visitor {
	int fd;		 /* -1: nobody */
	uint64_t number; /* of those before */
	uint64_t until;
	char in[HTTP_MOST];
	size_t got;
	char *out; /* the answer; NULL: not yet */
	size_t length, sent;
	bool said; /* all of it: he may close now */
};

struct serving {
	int listener;
	struct visitor visitor[VISITORS];
	uint64_t visitors; /* that were let in */
	struct fleet fleet;
	char *text; /* the last look's */
	size_t length;
	uint64_t at;   /* when that was */
	uint64_t rest; /* until then nobody is let in: no descriptor was left */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec;
}

static void show_out(struct visitor *visitor)
{
	close(visitor->fd);
	free(visitor->out);
	visitor->out = NULL;
	visitor->fd = -1;
}

/* ---- answers ---- */

/* What a look takes is nobody's slowness: not that of the others, either, whom nobody has heard
 * meanwhile. */
static bool look(struct serving *serving)
{
	const uint64_t now = now_ns();
	char *text = NULL;
	size_t length = 0;
	int error;

	if (serving->text && now - serving->at < FRESH_MS * MS)
		return true;
	error = fleet_print(&serving->fleet, &text, &length);
	for (int i = 0; i < VISITORS; i++)
		serving->visitor[i].until += now_ns() - now;
	if (error) {
		free(text);
		return false;
	}
	free(serving->text);
	serving->text = text;
	serving->length = length;
	serving->at = now;
	return true;
}

static void answer(struct serving *serving, struct visitor *visitor, enum http_request request)
{
	bool head;
	size_t body = 0;

	http_read(visitor->in, visitor->got, &head);
	if (request == HTTP_METRICS && !look(serving))
		request = HTTP_FAILED;
	visitor->until = now_ns() + PATIENCE_MS * MS; /* to take it: it was long, perhaps */
	if (request == HTTP_METRICS)
		body = serving->length;
	visitor->out = http_answer(request, body);
	visitor->length = strlen(visitor->out);
	visitor->sent = 0;
	if (head || !body) {
		if (head) /* of a refusal, too */
			visitor->length =
				(size_t)(strstr(visitor->out, "\r\n\r\n") + 4 - visitor->out);
		return;
	}
	visitor->out = memory_again(visitor->out, visitor->length + body);
	memcpy(visitor->out + visitor->length, serving->text, body);
	visitor->length += body;
}

/* ---- visitors ---- */

/* What comes behind a request is read and let be: a close with something unread would take the
 * answer back. */
static void hear_rest(struct visitor *visitor)
{
	const ssize_t got = recv(visitor->fd, visitor->in, sizeof(visitor->in), MSG_DONTWAIT);

	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		show_out(visitor);
}

static void hear(struct serving *serving, struct visitor *visitor)
{
	const ssize_t got = recv(visitor->fd, visitor->in + visitor->got,
		sizeof(visitor->in) - visitor->got, MSG_DONTWAIT);
	enum http_request request;
	bool head;

	if (got <= 0) {
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			show_out(visitor);
		return;
	}
	visitor->got += (size_t)got;
	request = http_read(visitor->in, visitor->got, &head);
	if (request != HTTP_UNFINISHED)
		answer(serving, visitor, request);
}

static void speak(struct visitor *visitor)
{
	const ssize_t sent = send(visitor->fd, visitor->out + visitor->sent,
		visitor->length - visitor->sent, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			show_out(visitor);
		return;
	}
	visitor->sent += (size_t)sent;
	if (visitor->sent < visitor->length)
		return;
	visitor->said = true;
	shutdown(visitor->fd, SHUT_WR);
}

/* Whose time is up may have said something since we waited: he is asked once more. */
static void attend(struct serving *serving, struct visitor *visitor, short events)
{
	const bool due = events || now_ns() >= visitor->until;

	if (due && visitor->said)
		hear_rest(visitor);
	else if (due && visitor->out)
		speak(visitor);
	else if (due)
		hear(serving, visitor);
	if (visitor->fd >= 0 && now_ns() >= visitor->until)
		show_out(visitor);
}

/* A free place, or else the one that is to be made free: of those that have asked for nothing yet
 * or have their answer, the eldest. NULL: all of them are being answered. */
static struct visitor *place(struct serving *serving)
{
	struct visitor *eldest = NULL;

	for (int i = 0; i < VISITORS; i++) {
		struct visitor *visitor = &serving->visitor[i];

		if (visitor->fd < 0)
			return visitor;
		if ((!visitor->out || visitor->said) &&
			(!eldest || visitor->number < eldest->number))
			eldest = visitor;
	}
	return eldest;
}

static void let_in(struct serving *serving)
{
	const int fd = accept4(serving->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *visitor = place(serving);

	if (fd >= 0) {
		if (visitor->fd >= 0)
			show_out(visitor);
		*visitor = (struct visitor){.fd = fd,
			.number = serving->visitors++,
			.until = now_ns() + PATIENCE_MS * MS};
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
		serving->rest = now_ns() + FRESH_MS * MS;
}

static int wait_and_attend(struct serving *serving)
{
	struct pollfd polls[VISITORS + 1];
	const bool opens = place(serving) && now_ns() >= serving->rest;
	bool anybody = now_ns() < serving->rest;

	for (int i = 0; i < VISITORS; i++) {
		const struct visitor *visitor = &serving->visitor[i];

		anybody = anybody || visitor->fd >= 0;
		polls[i] = (struct pollfd){.fd = visitor->fd,
			.events = visitor->out && !visitor->said ? POLLOUT : POLLIN};
	}
	polls[VISITORS] = (struct pollfd){.fd = opens ? serving->listener : -1, .events = POLLIN};
	if (poll(polls, VISITORS + 1, anybody ? FRESH_MS : -1) < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < VISITORS; i++)
		if (serving->visitor[i].fd >= 0)
			attend(serving, &serving->visitor[i], polls[i].revents);
	if (polls[VISITORS].revents && place(serving))
		let_in(serving);
	return 0;
}

int serve(int listener)
{
	struct serving *serving = memory_take(1, sizeof(*serving));
	int error = 0;

	serving->listener = listener;
	for (int i = 0; i < VISITORS; i++)
		serving->visitor[i].fd = -1;
	while (!error)
		error = wait_and_attend(serving);
	for (int i = 0; i < VISITORS; i++)
		if (serving->visitor[i].fd >= 0)
			show_out(&serving->visitor[i]);
	fleet_free(&serving->fleet);
	free(serving->text);
	free(serving);
	return error;
}
