/* After each look: what is new is decided by the rules, once; and each second what was seen of a
 * connection is judged, so that what stalls gets TCP_NODELAY. Must not print, and sets nothing but
 * by touch.h. */
#include "tools/live/mend.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/base/ip_text.h"
#include "tools/base/memory.h"
#include "tools/live/borrow.h"

#define SECOND UINT64_C(1000000000)
/* Where the kernel's list is short it is asked for more often: what lives briefly is found. */
#define SOON (SECOND / 5)
enum { SHORT_LIST = 2000 };
/* A second's worth of looks, for a judge; or five seconds', where looks are rare. */
enum { LOOKS_ENOUGH = 20, SECONDS_MOST = 5 };

enum { GONE_MOST = 500 };
enum { STREAM = 50 }; /* segments of a stream in a second, at least */

static const struct value yes = {.kind = VALUE_NUMBER, .number = 1};

/* ---- words for others ---- */

static struct touched socket_of(const struct mending *mending, const struct connection *connection)
{
	const struct socket_state *last = &connection->looks.last;

	return (struct touched){.process = mending->observed.process,
		.fd = connection->fd,
		.cookie = last->cookie,
		.v6 = last->family == AF_INET6};
}

static enum role role_of(const struct mending *mending, const struct connection *connection)
{
	return observed_is_server(&mending->observed, connection) ? ROLE_SERVER : ROLE_CLIENT;
}

static struct undo undo_of(
	const struct mending *mending, const struct touched *socket, const struct mend_event *event)
{
	const struct socket_state *last = &event->connection->looks.last;
	struct undo undo = {.pid = mending->observed.who.pid,
		.started = mending->started,
		.cookie = socket->cookie,
		.fd = socket->fd,
		.v6 = socket->v6,
		.option = (uint8_t)event->option,
		.was = event->was};

	ip_text_endpoint(undo.peer, last->peer, last->peer_port);
	return undo;
}

static void tell(struct mending *mending, const struct mended *mended, struct mend_event *event)
{
	event->rule = mended->rule[event->option] == NO_RULE
			      ? NULL
			      : &mending->rules->rule[mended->rule[event->option]];
	event->role = role_of(mending, event->connection);
	mending->tell(mending->context, event);
}

/* ---- one option of one connection ---- */

/* TCP_QUICKACK is forgotten by the kernel itself (tcp(7)). */
static bool keep(struct mending *mending, const struct undo *undo)
{
	return undo->option == OPTION_TCP_QUICKACK || mending->keep(mending->context, undo);
}

/* 0; -EALREADY: it is so already; -ECANCELED: it cannot be kept; -errno of touch.h. */
static int set(struct mending *mending, struct mend_event *event)
{
	const struct touched socket = socket_of(mending, event->connection);
	struct undo undo;
	int error = touch_read(&socket, event->option, &event->was);

	if (error)
		return error;
	if (option_state_is(event->option, &event->was, event->value))
		return -EALREADY;
	if (mending->only_looks)
		return 0;
	undo = undo_of(mending, &socket, event);
	if (!keep(mending, &undo))
		return -ECANCELED;
	error = touch_set(&socket, event->option, event->value, &event->left);
	undo.set = true;
	undo.left = event->left;
	return error ? error : keep(mending, &undo) ? 0 : -ECANCELED;
}

static void note_set(struct mending *mending, struct mended *mended, struct mend_event *event)
{
	event->kind = mending->only_looks ? MEND_WOULD : MEND_SET;
	mending->changed += !mended->changed;
	mended->changed = mended->fresh = true;
	tell(mending, mended, event);
}

/* False: the descriptor is another socket by now, which the next list will show. */
static bool mend_one(struct mending *mending, struct mended *mended, struct mend_event *event)
{
	const int error = set(mending, event);

	if (error == -ESTALE)
		return false;
	if (error == 0)
		note_set(mending, mended, event);
	else if (error == -EPERM || error == -ENOSYS || error == -ESRCH || error == -ECANCELED)
		mending->error = error;
	else if (error != -EALREADY) {
		event->kind = MEND_REFUSED;
		event->error = -error;
		mending->refused++;
		tell(mending, mended, event);
	}
	return true;
}

/* ---- what rules want ---- */

static void tell_beyond(struct mending *mending, const struct mended *mended, int id,
	const struct connection *connection)
{
	struct mend_event event = {.kind = MEND_BEYOND, .connection = connection, .option = id};

	if (mending->told & OPTION_BIT(id))
		return;
	mending->told |= OPTION_BIT(id);
	tell(mending, mended, &event);
}

static void tell_library(struct mending *mending, const struct mended *mended,
	const struct value *mode, const struct connection *connection)
{
	struct mend_event event = {.kind = MEND_LIBRARY,
		.connection = connection,
		.option = OPTION_COALESCE,
		.value = mode};

	if (mending->modes & 1u << mode->number)
		return;
	mending->modes |= 1u << mode->number;
	tell(mending, mended, &event);
}

static void tell_left(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct rule *rule)
{
	const struct mend_event event = {.kind = MEND_LEFT,
		.connection = connection,
		.role = role_of(mending, connection),
		.rule = rule};

	mended->alone = true;
	mending->tell(mending->context, &event);
}

/* What coalesce does of itself on a socket that stalls, unless a rule speaks of TCP_NODELAY. */
static void take_mode(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct decision *decision)
{
	const struct value *mode = &decision->value[OPTION_COALESCE];

	if (!(decision->set & OPTION_BIT(OPTION_COALESCE)) || mode->number == COALESCE_OFF)
		return;
	if (decision->rule[OPTION_TCP_NODELAY] == NO_RULE) {
		mended->cures = true;
		mended->rule[OPTION_TCP_NODELAY] = decision->rule[OPTION_COALESCE];
	}
	if (decision->value[OPTION_COALESCE].number != COALESCE_AUTO ||
		strcmp(mending->rules->rule[decision->rule[OPTION_COALESCE]].file, "built-in") != 0)
		tell_library(mending, mended, mode, connection);
}

static bool is_named(const struct mending *mending, const struct decision *decision, uint16_t port)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (decision->set & OPTION_BIT(id) &&
			!rule_names_port(&mending->rules->rule[decision->rule[id]].match, port))
			return false;
	return true;
}

static void take_decision(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct decision *decision)
{
	memcpy(mended->rule, decision->rule, sizeof(mended->rule));
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (!(decision->set & OPTION_BIT(id)))
			continue;
		if (touch_takes(id))
			mended->wanted |= OPTION_BIT(id);
		else if (option_table[id].level != OPTION_OURS || id == OPTION_LISTEN_BACKLOG)
			tell_beyond(mending, mended, id, connection);
	}
	take_mode(mending, mended, connection, decision);
}

static void decide(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	const struct subject subject = subject_of_socket(
		&mending->subject, &connection->looks.last, role_of(mending, connection));
	struct decision decision;

	rules_decide(mending->rules, &subject, &decision);
	mended->decided = true;
	mending->seen++;
	if (decision.veto != NO_RULE)
		tell_left(mending, mended, connection, &mending->rules->rule[decision.veto]);
	else if (one_message_a_segment(subject.port) &&
		 (!decision.set || !is_named(mending, &decision, subject.port)))
		tell_left(mending, mended, connection, NULL);
	else
		take_decision(mending, mended, connection, &decision);
}

static const struct value *value_of(const struct mending *mending, int rule, int id)
{
	const struct rule *winner = &mending->rules->rule[rule];
	const struct value *value = NULL;

	for (size_t i = 0; i < winner->settings; i++)
		if (winner->setting[i].option == id)
			value = &winner->setting[i].value;
	return value;
}

static void set_wanted(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	for (int id = 0; id < OPTION_COUNT && !mending->error; id++) {
		struct mend_event event = {.connection = connection, .option = id};

		if (!(mended->wanted & OPTION_BIT(id)))
			continue;
		event.value = value_of(mending, mended->rule[id], id);
		if (mend_one(mending, mended, &event))
			mended->wanted &= ~OPTION_BIT(id);
	}
}

/* ---- what was seen of it in a second ---- */

static double answers_a_second(const struct connection *connection, uint64_t time)
{
	return (connection->looks.last.tcp.answers - connection->looks.first.tcp.answers) * 1e9 /
	       (double)time;
}

static void cure(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	struct mend_event event = {.connection = connection,
		.option = OPTION_TCP_NODELAY,
		.stalled = true,
		.value = &yes};

	mended->cured = mend_one(mending, mended, &event);
	mended->was = event.was;
	mended->left = event.left;
}

/* A stream of small writes that nobody answers is joined by Nagle: with TCP_NODELAY each is a
 * segment of its own, and it would be slower than without us. */
static bool sends_one_way(const struct connection *connection)
{
	const struct socket_state *first = &connection->looks.first,
				  *last = &connection->looks.last;
	const uint32_t segments = last->tcp.segments - first->tcp.segments;

	return segments >= STREAM && last->tcp.answers == first->tcp.answers &&
	       (last->sent - first->sent) / segments < last->tcp.mss / 2;
}

static void put_back(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	const struct touched socket = socket_of(mending, connection);
	struct mend_event event = {.kind = MEND_BACK,
		.connection = connection,
		.option = OPTION_TCP_NODELAY,
		.was = mended->left,
		.left = mended->was};
	const int error = touch_restore(&socket, event.option, &mended->was, &mended->left);

	if (error == -ESTALE)
		return;
	mended->cured = false;
	mended->fresh = false;
	if (!error)
		tell(mending, mended, &event);
}

static void tell_after(struct mending *mending, struct mended *mended,
	const struct connection *connection, double answers)
{
	struct mend_event event = {.kind = MEND_AFTER,
		.connection = connection,
		.option = OPTION_TCP_NODELAY,
		.answers = {mended->answers, answers}};

	if (!mending->only_looks)
		tell(mending, mended, &event);
}

static void begin_second(struct mended *mended, struct connection *connection, uint64_t now)
{
	const struct looks looks = {.first = connection->looks.last,
		.last = connection->looks.last,
		.nagle = connection->looks.nagle};

	mended->began = now;
	connection->looks = looks;
}

static bool is_over(const struct mended *mended, const struct connection *connection, uint64_t now)
{
	const uint64_t took = now - mended->began;

	return took >= SECOND * SECONDS_MOST ||
	       (took >= SECOND && connection->looks.looks >= LOOKS_ENOUGH);
}

static void judge(
	struct mending *mending, struct mended *mended, struct connection *connection, uint64_t now)
{
	const double answers = answers_a_second(connection, now - mended->began);

	if (mended->fresh && mended->answers >= 0)
		tell_after(mending, mended, connection, answers);
	else
		mended->answers = answers;
	mended->fresh = false;
	if (mended->cures && !mended->cured && mending->is_stalled(connection))
		cure(mending, mended, connection);
	else if (mended->cured && mended->left.length && sends_one_way(connection))
		put_back(mending, mended, connection);
	begin_second(mended, connection, now);
}

/* ---- a look's worth of it ---- */

/* Established, or the peer has said its last word (include/net/tcp_states.h). */
static bool is_made(const struct connection *connection)
{
	enum { CLOSE_WAIT = 8 };
	const uint8_t state = connection->looks.last.state;

	return !connection->gone && connection->fd >= 0 && connection->looks.looks > 0 &&
	       (state == TCP_IS_UP || state == CLOSE_WAIT);
}

static void step(
	struct mending *mending, struct mended *mended, struct connection *connection, uint64_t now)
{
	if (!mended->began)
		mended->began = now;
	if (!mended->decided)
		decide(mending, mended, connection);
	if (mended->wanted && !mended->alone)
		set_wanted(mending, mended, connection);
	if (!mended->alone && !mending->error && is_over(mended, connection, now))
		judge(mending, mended, connection, now);
}

static void grow(struct mending *mending, size_t count)
{
	while (mending->known < count) {
		mending->of = memory_grow(mending->of, mending->known, sizeof(*mending->of));
		mending->of[mending->known++] = (struct mended){.answers = -1};
	}
}

/* A process may make and close connections for days. */
static void forget_gone(struct mending *mending)
{
	struct connections *connections = &mending->observed.connections;
	size_t gone = 0;
	uint32_t *was;

	for (size_t i = 0; i < connections->count; i++)
		gone += connections->of[i].gone;
	if (mending->once || gone < GONE_MOST || gone < connections->count / 2)
		return;
	was = memory_take(connections->count, sizeof(*was));
	connections_forget_gone(connections, was);
	for (size_t i = 0; i < connections->count; i++)
		mending->of[i] = mending->of[was[i]];
	mending->known = connections->count;
	free(was);
}

/* Once: a second to see what stalls, and one more for what came of it. */
static bool goes_on(const struct mending *mending, uint64_t now)
{
	bool pending = false;

	if (mending->error)
		return false;
	for (size_t i = 0; i < mending->first && !pending; i++)
		pending = mending->of[i].fresh && !mending->only_looks;
	return !mending->once || now - mending->began < SECOND + SECOND / 5 ||
	       (pending && now - mending->began < SECOND * (SECONDS_MOST + 1));
}

bool mend_step(void *context, uint64_t now)
{
	struct mending *mending = context;
	struct connections *connections = &mending->observed.connections;

	if (!mending->began) {
		mending->began = now;
		mending->first = connections->count;
	}
	mending->observed.every = mending->observed.others < SHORT_LIST ? SOON : SECOND;
	grow(mending, mending->once ? mending->first : connections->count);
	for (size_t i = 0; i < mending->known && !mending->error; i++)
		if (is_made(&connections->of[i]))
			step(mending, &mending->of[i], &connections->of[i], now);
	forget_gone(mending);
	return goes_on(mending, now);
}

/* ---- its beginning and its end ---- */

/* Of any of its sockets: none is changed. */
static int try_permission(const struct mending *mending)
{
	const struct descriptors *descriptors = &mending->observed.descriptors;
	struct borrowed borrowed;
	int error;

	if (mending->observed.process < 0)
		return mending->observed.process;
	if (!descriptors->count)
		return 0;
	error = borrow_ask(mending->observed.process, descriptors->of[0].fd, &borrowed);
	return error == -EPERM || error == -ENOSYS ? error : 0;
}

enum unseen mend_open(struct mending *mending, pid_t pid)
{
	const enum unseen unseen = observed_open(&mending->observed, pid);

	if (unseen)
		return unseen;
	mending->started = undo_started(pid);
	subject_take(&mending->subject, pid, (uint32_t)mending->observed.who.uid);
	mending->error = try_permission(mending);
	return UNSEEN_NOT;
}

void mend_close(struct mending *mending)
{
	observed_close(&mending->observed);
	free(mending->of);
}
