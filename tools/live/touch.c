/* Compares, asks and sets a socket that is taken (take.h). The only file that sets an option of
 * another process's socket. */
#include "tools/live/touch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "tools/live/take.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72 /* Linux 5.14 */
#endif

bool touch_takes(int id)
{
	return OPTIONS_LIVE & OPTION_BIT(id);
}

/* ---- what an option is to the kernel ---- */

struct name {
	int level, name;
};

static struct name name_of(int id, bool v6)
{
	if (v6 && id == OPTION_IP_TOS)
		return (struct name){IPPROTO_IPV6, IPV6_TCLASS};
	return (struct name){option_table[id].level, option_table[id].optname};
}

/* What changes with it: net/ipv4/ip_sockglue.c, net/core/sock.c. */
static bool has_beside(int id)
{
	return id == OPTION_IP_TOS || option_table[id].type == TYPE_BUFFER;
}

static int beside_name(int id)
{
	return id == OPTION_IP_TOS ? SO_PRIORITY : SO_BUF_LOCK;
}

static int read_state(int fd, bool v6, int id, struct option_state *now)
{
	const struct name name = name_of(id, v6);
	socklen_t length = sizeof(now->bytes), size = sizeof(now->beside);

	*now = (struct option_state){.beside = -1};
	if (getsockopt(fd, name.level, name.name, now->bytes, &length) != 0)
		return -errno;
	now->length = length;
	if (has_beside(id) && getsockopt(fd, SOL_SOCKET, beside_name(id), &now->beside, &size) != 0)
		now->beside = -1;
	return 0;
}

static int set(int fd, struct name name, const void *bytes, size_t length)
{
	if (setsockopt(fd, name.level, name.name, bytes, (socklen_t)length) == 0)
		return 0;
	return errno == EPERM ? -EACCES : -errno; /* EPERM is pidfd_getfd's */
}

static int put_lock(int fd, int id, int locked)
{
	const struct name name = {SOL_SOCKET, SO_BUF_LOCK};
	socklen_t size = sizeof(int);
	int locks;

	if (getsockopt(fd, name.level, name.name, &locks, &size) != 0)
		return -errno;
	locks = (locks & ~option_lock(id)) | (locked & option_lock(id));
	return set(fd, name, &locks, sizeof(locks));
}

/* "auto" of a buffer, "off" of linger. */
static int undo(int fd, bool v6, int id)
{
	const struct linger off = {0, 0};

	return id == OPTION_SO_LINGER ? set(fd, name_of(id, v6), &off, sizeof(off))
				      : put_lock(fd, id, 0);
}

static int set_value(int fd, bool v6, int id, const struct value *value)
{
	unsigned char bytes[16];
	const size_t length = option_encode(id, value, bytes);

	if (value->kind == VALUE_UNDO)
		return undo(fd, v6, id);
	return length ? set(fd, name_of(id, v6), bytes, length) : -EINVAL;
}

/* The kernel lets buffers grow beyond net.core.wmem_max, and sets them there by a privilege alone;
 * without it, it makes them as large as it may, and what has no lock grows again (socket(7)). */
static int put_size(int fd, int id, int size)
{
	const bool sends = id == OPTION_SO_SNDBUF;
	const struct name forced = {SOL_SOCKET, sends ? SO_SNDBUFFORCE : SO_RCVBUFFORCE};
	const int error = set(fd, forced, &size, sizeof(size));

	return error == -EACCES ? set(fd, name_of(id, false), &size, sizeof(size)) : error;
}

/* The kernel doubles the size that it is told (socket(7)). beside < 0: that stays as it is. */
static int set_state(int fd, bool v6, int id, const struct option_state *state)
{
	const struct name priority = {SOL_SOCKET, SO_PRIORITY};
	int size, error;

	if (option_table[id].type != TYPE_BUFFER) {
		error = set(fd, name_of(id, v6), state->bytes, state->length);
		if (!error && id == OPTION_IP_TOS && state->beside >= 0)
			error = set(fd, priority, &state->beside, sizeof(state->beside));
		return error;
	}
	memcpy(&size, state->bytes, sizeof(size));
	size /= 2;
	error = put_size(fd, id, size);
	return error || state->beside < 0 ? error : put_lock(fd, id, state->beside);
}

/* ---- taking ---- */

struct work {
	int (*what)(int fd, const struct work *work);
	const struct touched *socket;
	int id;
	const struct value *value;
	const struct option_state *was, *left;
	struct option_state *now;
};

static int do_read(int fd, const struct work *work)
{
	return read_state(fd, work->socket->v6, work->id, work->now);
}

static int do_set(int fd, const struct work *work)
{
	const int error = set_value(fd, work->socket->v6, work->id, work->value);

	return error || !work->now ? error : do_read(fd, work);
}

/* Whether the program has set that, too, since. */
static bool is_beside_same(int id, const struct option_state *a, const struct option_state *b)
{
	const int mask = id == OPTION_IP_TOS ? -1 : option_lock(id);

	return a->beside >= 0 && b->beside >= 0 && (a->beside & mask) == (b->beside & mask);
}

static int do_restore(int fd, const struct work *work)
{
	struct option_state now, was = *work->was;
	const int error = read_state(fd, work->socket->v6, work->id, &now);

	if (error)
		return error;
	if (!is_beside_same(work->id, &now, work->left))
		was.beside = -1;
	if (option_state_is_same(&now, work->was) &&
		(!has_beside(work->id) || is_beside_same(work->id, &now, work->was)))
		return -EALREADY;
	return option_state_is_same(&now, work->left)
		       ? set_state(fd, work->socket->v6, work->id, &was)
		       : -EEXIST;
}

static int compare(int fd, uint64_t wanted)
{
	uint64_t cookie;
	socklen_t length = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 && cookie == wanted
		       ? 0
		       : -ESTALE;
}

static int compare_and_work(int fd, void *context)
{
	const struct work *work = context;
	const int error = compare(fd, work->socket->cookie);

	return error ? error : work->what(fd, work);
}

static int take(const struct work *work)
{
	struct work own = *work;
	const int error = take_socket(own.socket->process, own.socket->fd, compare_and_work, &own);

	return error == -EBADF ? -ESTALE : error;
}

int touch_read(const struct touched *socket, int id, struct option_state *now)
{
	return take(&(struct work){.what = do_read, .socket = socket, .id = id, .now = now});
}

int touch_set(
	const struct touched *socket, int id, const struct value *value, struct option_state *after)
{
	return take(&(struct work){
		.what = do_set, .socket = socket, .id = id, .value = value, .now = after});
}

int touch_restore(const struct touched *socket, int id, const struct option_state *was,
	const struct option_state *left)
{
	return take(&(struct work){
		.what = do_restore, .socket = socket, .id = id, .was = was, .left = left});
}
