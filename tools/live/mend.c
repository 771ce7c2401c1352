/* After each look: what is new is decided by the rules, once; and each second what was seen of a
 * connection is judged, so that what stalls gets TCP_NODELAY. Must not print, and sets nothing but
 * by touch.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/live/borrow.h"
#include "tools/live/library.h"
#include "tools/live/mend_parts.h"

#define SECOND UINT64_C(1000000000)
/* Where the kernel's list is short it is asked for more often: what lives briefly is found. */
#define SOON  (SECOND / 5)
#define CHEAP (SOON / 100) /* of a processor: one in a hundred */
/* A second's worth of looks, for a judge; or five seconds', where looks are rare. */
enum { LOOKS_ENOUGH = 20, SECONDS_MOST = 5 };
/* Of fewer a judge says nothing. */
enum { LOOKS_LEAST = 5 };

enum { LOOKS_MOST = 10000 }; /* of a process, before they are counted anew */
enum { GONE_MOST = 500 };    /* connections that are gone, before they are forgotten */
enum { STREAM = 50 };	     /* segments of a stream in a second, at least */

static const struct value yes = {.kind = VALUE_NUMBER, .number = 1};

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

	mended->cured = mend_option(mending, mended, &event);
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
	const struct touched socket = mend_socket(mending, connection);
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
	if (!error && !mend_keep_back(mending, &event))
		mending->error = -ECANCELED;
	if (!error)
		mend_tell(mending, mended, &event);
}

static void tell_after(struct mending *mending, struct mended *mended,
	const struct connection *connection, double answers)
{
	struct mend_event event = {.kind = MEND_AFTER,
		.connection = connection,
		.option = OPTION_TCP_NODELAY,
		.answers = {mended->answers, answers}};

	if (!mending->only_looks)
		mend_tell(mending, mended, &event);
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

	mended->judged |= connection->looks.looks >= LOOKS_LEAST;
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

static bool is_made(const struct connection *connection)
{
	return !connection->gone && connection->fd >= 0 && connection->looks.looks > 0 &&
	       looks_may_send(&connection->looks.last);
}

static void step(
	struct mending *mending, struct mended *mended, struct connection *connection, uint64_t now)
{
	if (!mended->began)
		mended->began = now;
	if (!mended->decided)
		mend_decide(mending, mended, connection);
	if (mended->wanted && !mended->alone)
		mend_wanted(mending, mended, connection);
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

/* Which of the looks saw what is a bit for each of them: nobody asks for it here. */
static void forget_looks(struct mending *mending)
{
	struct observed *observed = &mending->observed;

	if (observed->looks < LOOKS_MOST)
		return;
	for (size_t i = 0; i < observed->connections.count; i++)
		connection_forget_looks(&observed->connections.of[i], observed->looks);
	observed->looks = 1;
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
	connections_keep(connections, connection_is_there, NULL, was);
	for (size_t i = 0; i < connections->count; i++)
		mending->of[i] = mending->of[was[i]];
	mending->known = connections->count;
	free(was);
}

/* Too little was seen of it. One that is idle stalls not. */
static bool is_unjudged(const struct mended *mended, const struct connection *connection)
{
	return mended->cures && !mended->judged && !connection->idle && !connection->gone;
}

/* That, or what came of it is to be seen. */
static bool is_pending(const struct mended *mended, const struct connection *connection)
{
	return (mended->fresh && !connection->gone) || is_unjudged(mended, connection);
}

/* Once: a second to see what stalls, or more where looks are rare, and one for what came of it. */
static bool goes_on(const struct mending *mending, uint64_t now)
{
	const struct connection *connection = mending->observed.connections.of;
	bool pending = false;

	if (mending->error)
		return false;
	for (size_t i = 0; i < mending->first && !pending; i++)
		pending = is_pending(&mending->of[i], &connection[i]);
	return !mending->once || now - mending->began < SECOND ||
	       (pending && now - mending->began < SECOND * 3 * SECONDS_MOST);
}

/* Rules may say something else of it. */
static void decide_anew(struct mending *mending, const struct process_subject *now)
{
	mending->subject = *now;
	mending->another = true;
	for (size_t i = 0; i < mending->known; i++)
		mending->of[i].decided = mending->of[i].alone = mending->of[i].cures = false;
}

/* Another program may run there by now (execve(2)); its loader may still be at work. */
static void look_again(struct mending *mending)
{
	const pid_t pid = mending->observed.who.pid;
	struct process_subject now;
	struct library library;

	if (mending->observed.listed == mending->listed)
		return;
	mending->listed = mending->observed.listed;
	subject_take(&now, pid, (uint32_t)mending->observed.who.uid);
	if (memcmp(&now, &mending->subject, sizeof(now)) != 0)
		decide_anew(mending, &now);
	if (mending->another && library_find(pid, &library) == 0 && library.state == LIBRARY_ON)
		mending->error = -EBUSY;
}

size_t mend_unjudged(const struct mending *mending)
{
	const struct connection *connection = mending->observed.connections.of;
	size_t count = 0;

	for (size_t i = 0; i < mending->known; i++)
		count += is_unjudged(&mending->of[i], &connection[i]);
	return count;
}

bool mend_step(void *context, uint64_t now)
{
	struct mending *mending = context;
	struct connections *connections = &mending->observed.connections;

	if (!mending->began) {
		mending->began = now;
		mending->first = connections->count;
	}
	look_again(mending);
	mending->observed.every = mending->observed.list_cost < CHEAP ? SOON : 0;
	grow(mending, mending->once ? mending->first : connections->count);
	for (size_t i = 0; i < mending->known && !mending->error; i++)
		if (is_made(&connections->of[i]))
			step(mending, &mending->of[i], &connections->of[i], now);
	forget_gone(mending);
	forget_looks(mending);
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
	mending->started = who_began(pid);
	subject_take(&mending->subject, pid, (uint32_t)mending->observed.who.uid);
	mending->error = try_permission(mending);
	return UNSEEN_NOT;
}

void mend_close(struct mending *mending)
{
	observed_close(&mending->observed);
	free(mending->of);
}
