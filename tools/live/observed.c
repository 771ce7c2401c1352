/* One look at a process: the kernel is asked for each connection that is known; once a second for
 * all, which finds new ones. Where its list cannot be had each descriptor is borrowed for a moment.
 * Must not keep a borrowed one. */
#include "tools/live/observed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/live/borrow.h"
#include "tools/live/cost.h"
#include "tools/live/namespace.h"

#define SECOND UINT64_C(1000000000)
/* A third look that is held is no accident: now it is worth to borrow the descriptor. */
enum { WORTH_BORROWING = 3 };
/* So much waiting for the send buffer, too. */
enum { WORTH_ASKING_US = 100000 };
/* Sockets that can be asked for one by one in the time of that walk. */
enum { WALK = 500 };
/* A list takes at most one part in so many of a processor. */
enum { LIST_SELDOM = 100 };
/* Of more connections than that, those that are idle are looked at once a second. */
enum { FEW = 100 };

/* ---- what is seen ---- */

/* What is asked of the program's own descriptor. */
static void take_options(struct connection *connection, const struct borrowed *borrowed)
{
	connection->looks.nagle = borrowed->nodelay || borrowed->cork ? NAGLE_OFF : NAGLE_ON;
	connection->looks.send_buffer = borrowed->fixed_send ? FIXED_YES : FIXED_NOT;
}

/* Refused is refused. */
static void ask_options(const struct observed *observed, struct connection *connection)
{
	struct borrowed borrowed;
	const int own = observed->process;
	const int process = own >= 0 || connection->fd < 0 ? own : borrow_open(observed->who.pid);

	if (process >= 0 && connection->fd >= 0 &&
		borrow_ask(process, connection->fd, &borrowed) == 0 &&
		borrowed.socket.cookie == connection->looks.first.cookie)
		take_options(connection, &borrowed);
	if (process >= 0 && own < 0)
		close(process);
}

static bool is_limited_by_buffer(const struct looks *looks)
{
	return looks->last.tcp.buffer_us - looks->first.tcp.buffer_us > WORTH_ASKING_US;
}

static void ask_once(const struct observed *observed, struct connection *connection,
	const struct socket_state *socket)
{
	const struct looks *looks = &connection->looks;
	const bool held = looks->nagle == NAGLE_UNKNOWN && looks->held >= WORTH_BORROWING &&
			  !connection->asked_nagle && connection->fd >= 0 && looks_held(socket);

	if (!held && (connection->asked || !is_limited_by_buffer(looks)))
		return;
	connection->asked |= !held;
	connection->asked_nagle |= held;
	ask_options(observed, connection);
}

static void add_look(
	struct observed *observed, struct connection *connection, const struct socket_state *socket)
{
	const uint32_t look = observed->looks, lost = looks_add(&connection->looks, socket);

	if (looks_held(socket))
		when_add(&connection->waited, look, look);
	if (socket->state == TCP_IS_CALLING)
		when_add(&connection->called, look, look);
	if (lost)
		when_add(&connection->lost, lost > look ? 0 : look - lost + 1, look);
}

void observed_take(
	struct observed *observed, struct connection *connection, const struct socket_state *socket)
{
	add_look(observed, connection, socket);
	ask_once(observed, connection, socket);
}

/* Those that were not there just now. */
static void mark_gone(struct connections *connections, uint64_t listed)
{
	for (size_t i = 0; i < connections->count; i++)
		connections->of[i].gone |= connections->of[i].listed != listed;
}

/* ---- by the kernel's list ---- */

static void take_listed(void *context, const struct socket_state *socket)
{
	struct observed *observed = context;
	const struct descriptor *descriptor =
		descriptors_find(&observed->descriptors, socket->inode);
	struct connection *connection;

	observed->others++;
	listening_take(observed->listening, socket);
	if (!descriptor)
		return;
	connection = connections_find(&observed->connections, socket->cookie);
	connection->fd = descriptor->fd;
	connection->listed = observed->listed;
	connection_listed(connection, socket);
	observed->active += !connection->idle;
	observed_take(observed, connection, socket);
}

static int look_at_all(struct observed *observed)
{
	int error;

	observed->others = observed->active = 0;
	error = sockets_each_and_listeners(observed->kernel, take_listed, observed);
	if (!error)
		mark_gone(&observed->connections, observed->listed);
	return error;
}

static int look_at_known(struct observed *observed)
{
	for (size_t i = 0; i < observed->connections.count; i++) {
		struct connection *connection = &observed->connections.of[i];
		struct socket_state socket = connection->looks.last;

		if (connection->gone || (connection->idle && observed->connections.count > FEW))
			continue;
		if (sockets_again(observed->kernel, &socket) == 0)
			observed_take(observed, connection, &socket);
		else
			connection->gone = true;
	}
	return 0;
}

/* ---- by borrowing ---- */

static int borrow_one(struct observed *observed, const struct descriptor *descriptor)
{
	struct borrowed borrowed;
	struct connection *connection;
	const int error = borrow_ask(observed->process, descriptor->fd, &borrowed);

	if (error)
		return error;
	listening_take(observed->listening, &borrowed.socket);
	connection = connections_find(&observed->connections, borrowed.socket.cookie);
	connection->fd = descriptor->fd;
	connection->listed = observed->looks + 1; /* when it was borrowed */
	connection->gone = false;
	add_look(observed, connection, &borrowed.socket);
	if (looks_held(&borrowed.socket) || is_limited_by_buffer(&connection->looks))
		take_options(connection, &borrowed);
	return 0;
}

/* The descriptors that are no TCP sockets are left out until the list is taken anew. */
static int borrow_all(struct observed *observed)
{
	struct descriptors *descriptors = &observed->descriptors;
	size_t kept = 0;

	for (size_t i = 0; i < descriptors->count; i++) {
		const int error = borrow_one(observed, &descriptors->of[i]);

		if (error == -EPERM || error == -ENOSYS)
			return error;
		if (!error)
			descriptors->of[kept++] = descriptors->of[i];
	}
	descriptors->count = kept;
	mark_gone(&observed->connections, observed->looks + 1);
	return 0;
}

/* ---- one look ---- */

static bool has_ended(const struct observed *observed)
{
	if (observed->process >= 0)
		return borrow_has_ended(observed->process);
	return kill(observed->who.pid, 0) != 0 && errno == ESRCH;
}

/* A list costs a walk over the kernel's whole table (some ms), whoever is in it; then one of many
 * costs three times what one of a list does. */
static bool is_list_cheaper(const struct observed *observed)
{
	return observed->active > WALK && (observed->active - WALK) * 3 > observed->others;
}

/* ns from one list to the next. */
static uint64_t pause_of(const struct observed *observed)
{
	const uint64_t cheap = observed->list_cost * LIST_SELDOM;

	if (observed->every)
		return observed->every;
	return cheap > SECOND ? cheap : SECOND;
}

static int look_between(struct observed *observed)
{
	if (observed->kernel < 0)
		return borrow_all(observed);
	if (is_list_cheaper(observed))
		return look_at_all(observed);
	return look_at_known(observed);
}

static int look_anew(struct observed *observed, uint64_t now)
{
	const uint64_t before = cost_so_far();
	int error = descriptors_take(&observed->descriptors, observed->who.pid);

	observed->listed = now;
	if (!error)
		error = observed->kernel < 0 ? borrow_all(observed) : look_at_all(observed);
	observed->list_cost = cost_so_far() - before;
	return error;
}

static int look(struct observed *observed, uint64_t now)
{
	if (!observed->listed || now - observed->listed >= pause_of(observed))
		return look_anew(observed, now);
	return look_between(observed);
}

bool observed_look(struct observed *observed, uint64_t now)
{
	int error = has_ended(observed) ? -ESRCH : look(observed, now);

	if (error && error != -ESRCH && observed->kernel >= 0 && !observed->looks) {
		close(observed->kernel);
		observed->refused = -error;
		observed->kernel = -1;
		error = borrow_all(observed);
	}
	/* what died meanwhile has no descriptors, which is no fact about it */
	if (error || has_ended(observed)) {
		observed->ended = has_ended(observed);
		observed->unseen = observed->ended		? UNSEEN_ENDED
				   : observed->kernel >= 0	? UNSEEN_DENIED
				   : observed->refused == EPERM ? UNSEEN_BEYOND
								: UNSEEN_KERNEL;
		return false;
	}
	if (!observed->looks++)
		observed->began = now;
	observed->end = now;
	return true;
}

void observed_count_over(struct observed *observed)
{
	const uint64_t within = (observed->end - observed->began) / 1000000;

	if (observed->kernel < 0 || !observed->looks)
		return;
	overs_take(&observed->overs, observed->kernel, observed->listening, within);
	observed->over = &observed->overs;
}

bool observed_is_server(const struct observed *observed, const struct connection *connection)
{
	return listening_has(observed->listening, connection->looks.first.local_port);
}

/* ---- its beginning and its end ---- */

static enum unseen find_process(struct observed *observed, pid_t pid)
{
	struct who self;

	if (who_take(&self, getpid()) != 0)
		return UNSEEN_PROC;
	observed->process = borrow_open(pid);
	if (who_take(&observed->who, pid) != 0)
		return kill(pid, 0) != 0 && errno == ESRCH ? UNSEEN_NONE : UNSEEN_HIDDEN;
	if (observed->who.leader != pid)
		return UNSEEN_THREAD;
	return has_ended(observed) ? UNSEEN_ENDED : UNSEEN_NOT;
}

enum unseen observed_open(struct observed *observed, pid_t pid)
{
	int error;

	*observed = (struct observed){.process = -1, .kernel = -1, .who = {.pid = pid}};
	observed->unseen = find_process(observed, pid);
	if (observed->unseen)
		return observed->unseen;
	error = descriptors_take(&observed->descriptors, pid);
	if (error) {
		observed->unseen = error == -ENOENT ? UNSEEN_ENDED : UNSEEN_DENIED;
		return observed->unseen;
	}
	observed->kernel = namespace_open(pid);
	if (observed->kernel < 0)
		observed->refused = -observed->kernel;
	return UNSEEN_NOT;
}

void observed_close(struct observed *observed)
{
	if (observed->process >= 0)
		close(observed->process);
	if (observed->kernel >= 0)
		close(observed->kernel);
	free(observed->descriptors.of);
	overs_free(&observed->overs);
	connections_free(&observed->connections);
}
