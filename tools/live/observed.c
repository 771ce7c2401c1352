/* One look at a process: the kernel is asked for each connection that is known; once a second for
 * all, which finds new ones. Where its list cannot be had each descriptor is borrowed for a moment.
 * Must not keep a borrowed one. */
#include "tools/live/observed.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/live/borrow.h"
#include "tools/live/namespace.h"

#define SECOND UINT64_C(1000000000)
/* A third look that is held is no accident: now it is worth to borrow the descriptor. */
enum { WORTH_BORROWING = 3 };
/* Sockets that can be asked for one by one in the time of that walk. */
enum { WALK = 500 };
/* Of more connections than that, those that are idle are looked at once a second. */
enum { FEW = 100 };

/* ---- what is seen ---- */

static void take_listener(struct observed *observed, const struct socket_state *socket)
{
	if (socket->state == TCP_IS_LISTENING)
		observed->listening[socket->local_port / 8] |=
			(uint8_t)(1 << socket->local_port % 8);
}

static enum nagle nagle_of(const struct borrowed *borrowed)
{
	return borrowed->nodelay || borrowed->cork ? NAGLE_OFF : NAGLE_ON;
}

/* Asks once in a connection's life; refused is refused. */
static void ask_nagle(struct observed *observed, struct connection *connection)
{
	struct borrowed borrowed;

	if (connection->looks.nagle != NAGLE_UNKNOWN || connection->looks.held != WORTH_BORROWING ||
		connection->fd < 0)
		return;
	if (borrow_ask(observed->process, connection->fd, &borrowed) == 0 &&
		borrowed.socket.cookie == connection->looks.first.cookie)
		connection->looks.nagle = nagle_of(&borrowed);
}

static void take_look(
	struct observed *observed, struct connection *connection, const struct socket_state *socket)
{
	looks_add(&connection->looks, socket);
	if (looks_held(socket))
		ask_nagle(observed, connection);
}

/* Those that were not there just now. */
static void mark_gone(struct connections *connections, uint64_t listed)
{
	for (size_t i = 0; i < connections->count; i++)
		connections->of[i].gone |= connections->of[i].listed != listed;
}

/* ---- by the kernel's list ---- */

static void take_idle(struct connection *connection, const struct socket_state *socket)
{
	const uint64_t moved = socket->sent + socket->received;

	connection->idle = connection->looks.looks > 0 && moved == connection->moved &&
			   socket->state == TCP_IS_UP && socket->tcp.unacked == 0 &&
			   socket->tcp.unsent == 0;
	connection->moved = moved;
}

static void take_listed(void *context, const struct socket_state *socket)
{
	struct observed *observed = context;
	const struct descriptor *descriptor =
		descriptors_find(&observed->descriptors, socket->inode);
	struct connection *connection;

	observed->others++;
	take_listener(observed, socket);
	if (!descriptor)
		return;
	connection = connections_find(&observed->connections, socket->cookie);
	connection->fd = descriptor->fd;
	connection->listed = observed->listed;
	connection->gone =
		false; /* of listeners on one port any may answer for all (SO_REUSEPORT) */
	take_idle(connection, socket);
	observed->active += !connection->idle;
	take_look(observed, connection, socket);
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
			take_look(observed, connection, &socket);
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
	take_listener(observed, &borrowed.socket);
	connection = connections_find(&observed->connections, borrowed.socket.cookie);
	connection->fd = descriptor->fd;
	connection->listed = observed->looks + 1; /* when it was borrowed */
	connection->gone = false;
	if (looks_held(&borrowed.socket))
		connection->looks.nagle = nagle_of(&borrowed);
	looks_add(&connection->looks, &borrowed.socket);
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

static int look(struct observed *observed, uint64_t now)
{
	const bool anew = !observed->listed ||
			  now - observed->listed >= (observed->every ? observed->every : SECOND);
	int error = 0;

	if (anew) {
		error = descriptors_take(&observed->descriptors, observed->who.pid);
		observed->listed = now;
	}
	if (error)
		return error;
	if (observed->kernel < 0)
		return borrow_all(observed);
	if (anew || is_list_cheaper(observed))
		return look_at_all(observed);
	return look_at_known(observed);
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

bool observed_is_server(const struct observed *observed, const struct connection *connection)
{
	const uint16_t port = connection->looks.first.local_port;

	return observed->listening[port / 8] >> port % 8 & 1;
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
	connections_free(&observed->connections);
}
