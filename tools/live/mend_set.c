/* One option of one connection: what it was is kept, then it is set. Must not decide which. */
#include <errno.h>
#include <sys/socket.h>

#include "rules/ip.h"
#include "tools/base/ip_text.h"
#include "tools/live/mend_parts.h"

struct touched mend_socket(const struct mending *mending, const struct connection *connection)
{
	const struct socket_state *last = &connection->looks.last;

	return (struct touched){.process = mending->observed.process,
		.fd = connection->fd,
		.cookie = last->cookie,
		.v6 = last->family == AF_INET6 && !ip_is_v4(last->peer)};
}

enum role mend_role(const struct mending *mending, const struct connection *connection)
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

void mend_tell(struct mending *mending, const struct mended *mended, struct mend_event *event)
{
	event->rule = mended->rule[event->option] == NO_RULE
			      ? NULL
			      : &mending->rules->rule[mended->rule[event->option]];
	event->role = mend_role(mending, event->connection);
	mending->tell(mending->context, event);
}

/* TCP_QUICKACK is forgotten by the kernel itself (tcp(7)). */
static bool keep(struct mending *mending, const struct undo *undo)
{
	return undo->option == OPTION_TCP_QUICKACK || mending->keep(mending->context, undo);
}

/* 0; -EALREADY: it is so already; -ECANCELED: it cannot be kept; -errno of touch.h. */
static int set(struct mending *mending, struct mend_event *event)
{
	const struct touched socket = mend_socket(mending, event->connection);
	struct undo undo;
	int error = touch_read(&socket, event->option, &event->was);

	if (error)
		return error;
	if (option_state_is(event->option, &event->was, event->value))
		return -EALREADY;
	if (mending->only_looks)
		return 0;
	undo = undo_of(mending, &socket, event);
	undo.left = option_state_after(event->option, &event->was, event->value);
	if (!keep(mending, &undo))
		return -ECANCELED;
	error = touch_set(&socket, event->option, event->value, &event->left);
	undo.left = event->left;
	return error ? error : keep(mending, &undo) ? 0 : -ECANCELED;
}

static void note_set(struct mending *mending, struct mended *mended, struct mend_event *event)
{
	event->kind = mending->only_looks ? MEND_WOULD : MEND_SET;
	mending->changed += !mended->changed;
	mended->changed = true;
	mended->fresh = !mending->only_looks;
	mend_tell(mending, mended, event);
}

/* False: the descriptor is another socket by now, which the next list will show. */
bool mend_option(struct mending *mending, struct mended *mended, struct mend_event *event)
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
		mend_tell(mending, mended, event);
	}
	return true;
}

bool mend_keep_back(struct mending *mending, const struct mend_event *event)
{
	const struct touched socket = mend_socket(mending, event->connection);
	struct undo undo = undo_of(mending, &socket, event);

	undo.was = undo.left = event->left;
	return keep(mending, &undo);
}
