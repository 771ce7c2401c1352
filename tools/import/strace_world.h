/* What an strace log says of processes, their threads and descriptors, as far as it was read:
 * inside the strace reader only. Whatever a log holds, this stays bounded: what is over is freed,
 * and of what there can be too many no more are kept. */
#ifndef SOCKFIX_STRACE_WORLD_H
#define SOCKFIX_STRACE_WORLD_H

#include "tools/import/import.h"
#include "tools/import/map.h"
#include "tools/import/strace_args.h"
#include "tools/import/strace_line.h"
#include "tools/import/written.h"

enum {
	THREADS_MOST = 1 << 16, /* at a time */
	DESCS_MOST = 200000,	/* of all processes, at a time */
	SILENT_MOST = 256,	/* children of which no line came yet */
	COVERED_MOST = 12,	/* as the library has it (WAIT_COVERED, shim/record/wait.h) */
	LOOKED_MOST = 64,	/* descriptors of a wait that are looked at, likewise */
	EARLY_MOST = 16,
	CLONING_MOST = 64,
	PENDING_MOST = 16 << 10 /* bytes of a call that is not finished */
};

/* ns: no run lasts longer, nor any call of one: four years. */
#define RUN_MOST (UINT64_C(1) << 57)

/* Times of a log need not be in order: the clocks of its durations are others than its own. */
static inline uint64_t later(uint64_t one, uint64_t other)
{
	return one > other ? one : other;
}

/* One TCP socket as one process sees it. */
struct flow {
	unsigned refs;			       /* descriptors */
	struct written_connection *connection; /* NULL: it has no place in the recording yet */
	struct trace_connection own;	       /* what is known until then */
	bool connecting, nonblock, cork, listens;
	bool moves;	   /* bytes have moved on it */
	bool used;	   /* in this process, or in one that it is from */
	bool inherited;	   /* from before the fork or the exec: connected already */
	struct flow *copy; /* of a fork that is under way */
};

/* A look-up of a name: a datagram socket that talks to port 53. */
struct lookup {
	uint64_t since; /* 0: none was asked yet */
	uint32_t name;	/* its hash; 0: not known */
	bool answered;
};

enum desc_kind { DESC_FLOW, DESC_FILE, DESC_EPOLL, DESC_DATAGRAM, DESC_OTHER };

struct desc {
	enum desc_kind kind;
	bool cloexec;
	union {
		struct flow *flow;
		struct lookup lookup;
	};
};

/* An event that waits for its process to have a file. */
struct early {
	struct trace_event event;
	uint64_t took;
	int32_t tid;
};

/* A program in a process, from its fork or exec to its exec or end. */
struct image {
	struct world *world;
	int32_t pid, parent;
	unsigned threads;
	uint64_t started;
	struct map descs;  /* by descriptor */
	struct map epolls; /* what events say: a descriptor + 1, by its epoll and data */
	struct written_process *written;
	struct early early[EARLY_MOST];
	unsigned earlies;
	char program[256];
	char command[2048]; /* NUL after each word */
	size_t command_length;
	bool cut; /* it is not all there */
};

/* An event whose duration the next line of its thread tells. */
struct held {
	bool is;
	bool blocks; /* it may take as long as there is; others are over at once */
	struct trace_event event;
	uint32_t covers[COVERED_MOST];
	unsigned covered;
};

/* A call that has begun: until its other half comes, or its restart. */
struct pending {
	bool is;
	char name[LINE_NAME];
	char *args; /* owned */
	uint64_t start;
	bool clones;
	int32_t child; /* of a clone: a thread that was seen before its result; 0: none */
};

struct thread {
	int32_t tid;
	bool silent; /* no line of it came yet */
	struct image *image;
	struct written_thread *written;
	struct pending unfinished, again;
	struct held held;
	bool has_file; /* file is a read of a regular file, and nothing came since */
	struct trace_event file;
	uint64_t file_took;
	uint32_t file_content;
	uint64_t latest; /* the end of its last event */
};

/* What a log turned out to have, and not. */
struct seen {
	uint64_t lines, calls, odd; /* odd: no line of strace's */
	uint64_t timed, fine, took, finished;
	uint64_t flows, reads, writes; /* connected ones; calls on them */
	uint64_t shared;	       /* that moved bytes in several processes */
	uint64_t plain;		       /* calls that a network filter would have left out */
	uint64_t clones, threads, unknown, crowded;
	bool followed;	/* there is a thread that another one made */
	int64_t status; /* of the first process's end, as waitpid(2) has it; -1: not seen */
};

struct world {
	struct import *import;
	struct map threads; /* by tid */
	struct image *first;
	int32_t cloning[CLONING_MOST]; /* threads whose clone has not come back, in their order */
	size_t clonings;
	struct seen seen;
	struct thread *nameless; /* who has no number: strace leaves it out while it traces one */
	int32_t first_pid;
	/* Of the first program, as in its image: for run.json, and for the line to use next time.
	 */
	char command[2048];
	size_t command_length;
	bool command_cut;
	size_t descs, silent;
	uint64_t began, now; /* ns of the run's clock */
	uint64_t zero_wall;
	bool day; /* the wall's clock has no date */
};

/* A call whose end is known. Times: the run's clock. */
struct call {
	struct world *world;
	struct thread *thread;
	const struct log_line *line;
	struct args args;
	uint64_t start, end;
	bool exact; /* its duration is known */
};

/* ---- threads and processes (strace_world.c) ---- */

/* Who that is; made where it was not seen yet. NULL: there are too many. */
struct thread *world_thread(struct world *world, int32_t tid, uint64_t now);
/* The child of that call: image NULL, another process; else a thread of it. */
struct thread *world_child(
	struct world *world, struct thread *parent, int32_t tid, bool shares, uint64_t now);
/* Whose line that is; own: the number of who writes the file, 0: several do. NULL: there are too
 * many. */
struct thread *world_who(
	struct world *world, const struct log_line *line, int32_t own, uint64_t now);
/* Who is in a call that makes another one, begun first of all, whose child was not seen; or NULL.
 */
struct thread *world_cloning(struct world *world);
/* It is over; the last one ends its process. */
void world_thread_end(struct world *world, struct thread *thread, uint64_t now, enum trace_end end);
void world_end(struct world *world);
/* The program of its process is another one from now on. */
void world_exec(struct world *world, struct image *image, uint64_t now);

/* ---- flows and descriptors (strace_flow.c) ---- */

struct desc *desc_get(const struct image *image, int fd);
/* In place of what was there, which ends then. NULL: there are too many. */
struct desc *desc_put(struct image *image, int fd, const struct desc *desc, uint64_t now);
void desc_end(struct image *image, int fd, uint64_t now);
/* One that is in no table any more; now 0: nobody saw it end. */
void desc_free(struct image *image, struct desc *desc, uint64_t now);
/* What the first argument of the call is; or NULL. */
struct flow *call_flow(struct call *call);
struct desc *call_desc(struct call *call);
/* The flow behind a descriptor, also one that only -yy knows; or NULL. */
struct flow *flow_of(struct call *call, int fd, const char *note);
struct flow *flow_new(uint8_t family, uint64_t now);
/* From then on, where it was not before. */
void flow_is_connected(struct flow *flow, uint64_t now);
/* What is known of it, wherever it is kept. */
static inline struct trace_connection *flow_facts(struct flow *flow)
{
	return flow->connection ? &flow->connection->is : &flow->own;
}

/* ---- events (strace_event.c) ---- */

/* The file of the process is there from now on. */
void image_begin(struct image *image, struct world *world, uint64_t now);
/* The number of its connection; it gets one, and its process a file. */
uint32_t flow_enter(struct call *call, struct flow *flow);
/* The same where the file is there already; else 0. */
uint32_t flow_number(struct call *call, struct flow *flow);
/* The event of a call, where its process has a file; flow: 0 none. blocks: see struct held. */
void call_event(struct call *call, struct trace_event event, bool blocks, const uint32_t *covers,
	unsigned covered);
/* Likewise; kept until there is a file. */
void call_event_early(struct call *call, struct trace_event event);
/* What waits for the next line of the thread, which began then. */
void thread_settle(struct thread *thread, uint64_t now);
struct written_thread *thread_written(struct thread *thread, uint64_t now);

static inline int call_error(const struct call *call)
{
	return call->line->error;
}

/* ---- calls, by what they do: each has a row in strace_calls.c ---- */

void call_take(struct call *call);
/* A call that never came back: for the thread's last word. */
void call_left(struct world *world, struct thread *thread);

void did_socket(struct call *call);
void did_connect(struct call *call);
void did_bind(struct call *call);
void did_listen(struct call *call);
void did_accept(struct call *call);
void did_shutdown(struct call *call);
void did_close(struct call *call);
void did_close_range(struct call *call);
void did_dup(struct call *call);
void did_fcntl(struct call *call);
void did_ioctl(struct call *call);
void did_setsockopt(struct call *call);
void did_getsockopt(struct call *call);
void did_name_of(struct call *call); /* getpeername, getsockname */
void did_open(struct call *call);
void did_write(struct call *call);
void did_sendfile(struct call *call);
void did_splice(struct call *call);
void did_read(struct call *call);
void did_poll(struct call *call);
void did_select(struct call *call);
void did_epoll_create(struct call *call);
void did_epoll_ctl(struct call *call);
void did_epoll_wait(struct call *call);
void did_sleep(struct call *call);
void did_clone(struct call *call);
void did_exec(struct call *call);
void did_exit(struct call *call);

/* Datagrams to and from port 53 (strace_lookup.c). */
void lookup_asks(struct call *call, struct desc *desc, const char *query);
void lookup_answered(struct call *call, struct desc *desc);
void lookup_ends(struct call *call, struct desc *desc);

/* A hash, never 0. */
uint32_t hash_of(const void *bytes, size_t length);

/* ---- what is missing (strace_lacks.c) ---- */

/* Fills note->lacks and run->partly. */
void lacks_say(struct world *world);

#endif
