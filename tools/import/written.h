/* A recording that no library made: the one place that writes the trace format
 * (shim/trace_format.h) besides the library. Knows no log and no capture; asks no kernel, so that
 * what only it could tell (TCP_INFO, EVENT_PROVEN) is left empty.
 *
 * Memory: a block for each thread that is open, and each open connection; what is ended is in the
 * file. Errors of the disk are kept until written_end(). Without memory the command ends. */
#ifndef SOCKFIX_WRITTEN_H
#define SOCKFIX_WRITTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/trace_format.h"

struct written;		/* the run */
struct written_process; /* one file of it */
struct written_thread;

/* A connection from its begin to its end: the caller fills and counts in `is`, but for the number.
 * Options are -1 until somebody knows better. */
struct written_connection {
	struct trace_connection is;
	struct written_connection *before, *next; /* written.c's own: the process's open ones */
};

/* What the host counted from the run's begin to its end (struct run_host). */
struct written_host {
	bool known;
	int64_t listen_overflows, syn_retrans, retrans;
};

/* What run.json is to say besides. All texts stay the caller's. */
struct written_run {
	const char *what;    /* "strace log", "capture" */
	const char *file;    /* its name, as it was given */
	const char *about;   /* more of it, in sentences for a screen; NULL: nothing */
	const char *lacks;   /* what it cannot tell, in sentences for a screen; NULL: nothing */
	const char *command; /* what ran: its words, NUL after each; NULL: not known */
	size_t command_length;
	const char *name;      /* four hex digits; NULL: drawn from the time */
	uint64_t began, ended; /* ns on the run's clock, see written_begin() */
	int status;	       /* as waitpid(2) gives it; -1: not seen */
	struct written_host host;
	bool partly; /* not all calls or segments are there: what was seen is a lower bound */
};

/* In that folder, which is there and empty. The run's clock: ns from any moment on, at least 1 s
 * before the first event; zero_wall: what CLOCK_REALTIME had then, 0: not known. NULL: errno. */
struct written *written_begin(const char *folder);
void written_clock(struct written *written, uint64_t zero_wall);
/* Ends what is open and writes run.json last: without it there is no recording. Frees. 0 or -errno
 * of the first write that failed. */
int written_end(struct written *written, const struct written_run *run);
/* Frees; what was written is left as it is. */
void written_abandon(struct written *written);

/* started: on the run's clock, before all of its events. The header's program, command (arguments,
 * NUL after each) and uid are the caller's to fill until the process is ended. */
struct written_process *written_process_begin(
	struct written *written, int32_t pid, int32_t parent, uint64_t started);
struct trace_header *written_header(struct written_process *process);
/* With its threads and connections. Those still open have closed 0. */
void written_process_end(struct written_process *process, uint64_t ended, enum trace_end end);

/* Its number is the next one. Of a recording that has more than fit: NULL never, the file grows. */
struct written_connection *written_connection_begin(struct written_process *process);
/* All is said; it is gone. Events that name its number may still follow. */
void written_connection_end(struct written_process *process, struct written_connection *connection);

struct written_thread *written_thread_begin(
	struct written_process *process, uint32_t tid, uint64_t began);
void written_thread_end(struct written_thread *thread, uint64_t ended);

/* A call of the program; its events stand in the order of their ends. took: ns. event: call, error,
 * flags and, of the union, start, flow, asked, done, extra and set; the durations are filled in. */
void written_event(struct written_thread *thread, const struct trace_event *event, uint64_t took);
/* Right behind a wait: the flows that it watched, or found ready (struct trace_event). */
void written_covers(struct written_thread *thread, const uint32_t *flow, size_t flows);
/* Right behind getaddrinfo: what it asked for. */
void written_name(struct written_thread *thread, const char *name);
/* A call that never came back, begun then: see struct trace_thread. */
void written_waits(
	struct written_thread *thread, enum trace_call call, uint32_t flow, uint64_t since);

#endif
