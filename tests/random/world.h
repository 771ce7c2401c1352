/* What a random program has: connections, each with one or two names, and where in their bytes it
 * is. It knows nothing of sockfix; what it notes and what it orders its peer goes by raw calls.
 *
 * The world has no pointers, so that it survives exec() as bytes. */
#ifndef RANDOM_WORLD_H
#define RANDOM_WORLD_H

#include <sys/types.h>

#include "order.h"
#include "step.h"
#include "tests/victims/victim.h"

/* Where notes go; further names and children have it, too. */
#define NOTES_FD 98

#define SMALL 4096 /* what fits on the stack of a handler or a thread */

/* What errno is before a call: who succeeds must leave it alone. */
#define UNTOUCHED 77

struct link {
	int fd, second; /* names of one connection; -1: none */
	uint32_t number;
	uint64_t written, asked, read; /* bytes: sent, ordered from the peer, read */
	size_t limit;		       /* the largest write or read, where buffers are small */
	bool open, nonblocking, shut, finished, any;
	bool unseen; /* has or had a name that no library can know of: what is asked or set by
		      * that is not known by the others */
};

struct world {
	uint64_t seed;
	uint32_t next; /* number of the next connection */
	int listener[2];
	uint16_t listens[2], port[PEER_PORTS];
	struct link link[LINKS];
	int unseen;    /* names that were made unseen */
	bool filtered; /* getsockopt() fails */
};

extern struct world world;
extern char **environ;
extern char *self;			   /* a path of this program */
extern volatile sig_atomic_t broken_pipes; /* SIGPIPEs that came */

/* One line of the log, by a raw call. It may be used in handlers and in vfork children. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);
/* The same for what a mode that collects in user space may answer later or otherwise. */
__attribute__((format(printf, 1, 2))) void note_unless_buffered(const char *format, ...);
/* Makes one call and notes what it answered, and errno: "untouched" where it left that alone. */
#define NOTE_CALL(text, call) NOTE_CALL_BY(note, text, call)
#define NOTE_CALL_BY(note_, text, call)                                                            \
	do {                                                                                       \
		long answer_;                                                                      \
                                                                                                   \
		errno = UNTOUCHED;                                                                 \
		answer_ = (long)(call);                                                            \
		note_("  %s %ld, %s", text, answer_, errno_text(errno));                           \
	} while (0)

const char *errno_text(int error);

void order(enum order_verb verb, const struct link *link, uint64_t after, uint64_t count);
/* The same, and waits until it is done: a visible wait, as a program's that waits for a helper. */
void order_done(enum order_verb verb, const struct link *link, uint64_t after, uint64_t count);
/* What the kernel has, whatever a library may say. */
int nodelay_left(int fd);

/* Until the peer has all that was written. */
void link_sync(const struct link *link);

/* The step's connection; dials, or has the peer dial, where it is not open. */
struct link *link_of(struct step *step);
/* The connection beside it, open too. */
struct link *link_beside(struct step *step);
/* Either name. */
int link_name(const struct link *link, struct step *step);
/* Reads what is still to come and tells the peer that nothing more will be sent. */
void link_end(struct link *link);
/* The same and closes all names, by close(). */
void link_close(struct link *link);
/* Tells the peer the end of all of them, closing none. */
void world_end(void);

void fill_up(const struct link *link, uint64_t at, char *bytes, size_t length);
/* False where they are not what the peer sends there. */
bool fits_down(const struct link *link, uint64_t at, const char *bytes, size_t length);

/* ---- writing and reading ---- */

/* One size and one way to write it, drawn from the step: all of it, whatever the mode of the
 * socket. Notes what was answered, unless quiet. */
void link_write(struct link *link, struct step *step, size_t size);
void link_write_at(struct link *link, struct step *step, int fd, size_t size, bool quiet);
/* By write() alone, at most SMALL bytes: for handlers, threads and children. */
void link_put(struct link *link, int fd, size_t size);

/* Has the peer answer `size` bytes once it has what was written. */
void link_ask(struct link *link, size_t size);
/* Reads all that was asked for, in ways drawn from the step. */
void link_read(struct link *link, struct step *step);

/* Waits until fd is readable (or writable) in a way drawn from the step; returns 1. */
int wait_ready(struct step *step, int fd, bool writable);
/* Looks, without waiting; returns how many are readable. */
int look_ready(struct step *step, int fd);

#define PLAY(name)	   void play_##name(struct step *step)
#define STEP(name, weight) PLAY(name);
#include "kinds.h"
#undef STEP

/* What this program is when it was started by itself as a child: writes on a connection that it
 * inherited. */
int child_main(char **argv);
/* Its arguments for that. */
struct child_words {
	char text[5][24];
	char *argv[8];
};
int child_wait(struct step *step, pid_t pid);
/* A write before a child begins. */
void child_before(struct link *link, struct step *step);
/* Whether more can be written. */
bool link_usable(const struct link *link);
void child_words(struct child_words *words, const struct link *link, int fd, size_t size);

#endif
