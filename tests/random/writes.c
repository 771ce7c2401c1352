/* Writing on a connection: a size, a way and flags drawn from the step; all of it, whatever the
 * mode of the socket; and what is noted of it. */
#include "writing.h"

/* dprintf() of nothing makes no call, a pipe has room for 65536 bytes, and what is printed to a
 * socket that does not wait is lost where it does not fit. */
static const struct writing *writing_draw(const struct link *link, struct step *step, size_t size)
{
	const struct writing *row = &writing[step_draw(step, writings)];

	if (row->what == FROM_FILE && (size == 0 || size > 65536))
		return &writing[0];
	if (row->what == PRINTS && (size == 0 || size > 40 || link->nonblocking))
		return &writing[0];
	return row;
}

static int flags_draw(struct step *step)
{
	unsigned at = step_draw(step, 10);

	return at == 0 ? MSG_NOSIGNAL : at == 1 ? MSG_DONTWAIT : 0;
}

/* Until all is written, or it fails; *calls counts those that took something. */
static int write_all(const struct writing *row, struct written *w, struct step *step, int *calls)
{
	struct step waits = *step; /* how often one waits for room must not change what follows */
	size_t left = w->length;

	do {
		ssize_t took;

		w->length = left;
		errno = UNTOUCHED;
		took = row->play(w);
		if (took < 0 && errno == EAGAIN) {
			wait_ready(&waits, w->fd, true);
			continue;
		}
		if (took < 0)
			return errno;
		NEED((size_t)took <= left);
		w->bytes += took;
		left -= (size_t)took;
		++*calls;
	} while (left > 0);
	return errno;
}

void link_write_at(struct link *link, struct step *step, int fd, size_t size, bool quiet)
{
	const struct writing *row = writing_draw(link, step, size);
	struct written w = {.fd = fd, .step = step};
	struct step cuts = *step;
	char few[SMALL], *bytes = few;
	int calls = 0, error;

	w.step = &cuts;
	size = size < link->limit ? size : link->limit;
	if (size > sizeof(few))
		NEED((bytes = malloc(size)) != NULL);
	fill_up(link, link->written, bytes, size);
	w.bytes = bytes;
	w.length = size;
	w.flags = row->what == WITH_FLAGS ? flags_draw(step) : 0;
	error = write_all(row, &w, step, &calls);
	link->written += (uint64_t)(w.bytes - bytes);
	if (bytes != few)
		free(bytes);
	/* How often it took part is told where one call takes all. */
	if (link->nonblocking || (w.flags & MSG_DONTWAIT) || row->what != 0)
		calls = 0;
	if (!quiet)
		note("  %s(%d, %zu, %x): %d, %s", row->name, fd, size, (unsigned)w.flags, calls,
			errno_text(error));
}

void link_write(struct link *link, struct step *step, size_t size)
{
	link_write_at(link, step, link_name(link, step), size, false);
}

void link_put(struct link *link, int fd, size_t size)
{
	char bytes[SMALL];
	size_t left = size < link->limit ? size : link->limit;

	NEED(size <= sizeof(bytes));
	while (left > 0) {
		ssize_t took;

		fill_up(link, link->written, bytes, left);
		took = write(fd, bytes, left);
		if (took < 0 && errno == EAGAIN) {
			while (poll(&(struct pollfd){fd, POLLOUT, 0}, 1, -1) != 1)
				;
			continue;
		}
		NEED(took > 0);
		link->written += (uint64_t)took;
		left -= (size_t)took;
	}
}
