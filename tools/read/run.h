/* A recorded run, read whole: what reader and everything behind it have in common.
 *
 * A trace directory holds `run.json` (what `sockfix record` knows: the command, its end, the host's
 * counters before and after), `budget` and one file a process (shim/trace_format.h). run_read()
 * trusts no byte of them: numbers out of range are dropped and counted, never followed. */
#ifndef SOCKFIX_RUN_H
#define SOCKFIX_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/trace_format.h"

/* Where a process's blocks are: in memory; or in a file that is large, and read again each time. */
struct source {
	unsigned char *bytes; /* NULL: in the file */
	int folder;	      /* the run's */
	char *name;	      /* in it */
	int file;	      /* open; 0: there are so many that it is opened each time */
	uint64_t inode;
	size_t length; /* when the run was read */
};

/* Its events are read by events.h. */
struct run_thread {
	uint32_t tid;
	struct trace_thread counts;
	uint32_t *block; /* numbers of the source's blocks that hold its events, in order */
	size_t blocks;
	size_t events;	   /* how many were there when the run was read */
	uint64_t called;   /* a bit of each enum trace_call that is among them */
	unsigned nested;   /* the most calls that one went on around (in signal handlers), and that
			    * stand before it */
	uint64_t recorded; /* when the last one that has a time ended; 0: there is none */
};

struct run_process {
	const char *file; /* its name in the directory */
	struct source source;
	bool masked;		    /* names that it looked up are not to be told */
	struct trace_header header; /* strings are terminated, sizes checked */
	char *command;		    /* one line, words quoted as a shell wants them */
	struct run_thread *thread;
	size_t threads;
	struct trace_connection *connection; /* connection[i].number is i + 1; number 0: a hole */
	size_t connections;
	uint64_t began, ended; /* the process, as far as anything tells */
	size_t damaged;	       /* blocks, events and connections that made no sense */
	bool cut_off;	       /* the file is shorter than its header says */
};

/* Counters of the network namespace, before and after (/proc/net/netstat): -1 unknown. */
struct run_host {
	int64_t listen_overflows, listen_drops, syn_retrans, retrans;
};

struct run_around {
	enum trace_around_way way;
	char object[sizeof(((struct trace_around *)0)->object)]; /* its file's name, harmless */
};

/* Connections that the kernel saw and no process recorded, in bytes a lower bound. */
struct run_bypass {
	int64_t connections, sent, received;
	char *names; /* "prog (PID 7), other (PID 8)"; or NULL */
};

/* A run that nobody of ours saw: made of a log or a capture (tools/import/written.h). */
struct run_imported {
	char *what;	/* "strace log", "capture"; NULL: it was recorded, and the rest is empty */
	char *file;	/* its name; or NULL */
	char *about;	/* more of it, in sentences; or NULL */
	char *lacks;	/* what it cannot tell, in sentences; or NULL */
	int64_t partly; /* 1: not all calls are in it */
};

struct run {
	char *directory;
	int folder;			   /* open, for its sources; 0: none of them is a file */
	char *name;			   /* four hex digits that screens show: 'run 7f3a' */
	char *command;			   /* what record was given, one line, quoted */
	char *rules;			   /* the wire line in force; "" where none */
	uint64_t started_wall, ended_wall; /* ns since 1970; ended 0: record did not see the end */
	uint64_t began, ended; /* CLOCK_MONOTONIC; from the processes where run.json is missing */
	int64_t limit;	       /* bytes, of all its processes together; 0: not known */
	int status;	       /* as waitpid(2) gives it; -1: not seen */
	char *elsewhere; /* sudo, docker, ...: why the work may be in a process that we cannot see;
			    or NULL */
	int64_t alone;	 /* 1: what COMMAND started was not recorded, as was asked */
	struct run_host before, after;
	size_t damaged;		 /* 1: the budget made no sense, and says nothing */
	uint64_t refused;	 /* processes that could not record for want of room */
	uint64_t barred;	 /* and for want of rights: another user, another root */
	uint64_t missing;	 /* trace files that were made and are not here */
	uint64_t processes_seen; /* that loaded the library */
	uint64_t confined;	 /* of them: not recorded to their end, for a sandbox */
	uint64_t unseen;	 /* processes that became a program which did not load it */
	char *unseen_names;	 /* "ping, kubectl": each once; or NULL */
	struct run_bypass bypass;
	struct run_imported imported;
	struct run_around around[TRACE_AROUNDS]; /* objects whose calls were not all seen */
	size_t arounds;
	bool around_more; /* and others */
	uint64_t living;  /* processes of it that run on: whoever looks for them fills it in */
	struct run_process *process;
	size_t processes;
	size_t kept;	  /* bytes of traces that are in memory */
	size_t open;	  /* files that are not */
	size_t unread;	  /* trace files that could not be used at all, beside others that could */
	char *unread_why; /* the sentence about the first of them, or NULL */
};

/* Reads the run in that directory. NULL: there is none that can be used, and *why is one sentence
 * that names the place ('DIR/1234-….trace: cut off at 100 of 4096 bytes'), to be freed. A file that
 * is partly damaged is used as far as it goes. */
struct run *run_read(const char *directory, char **why);
void run_free(struct run *run);

/* Looks once more at files that were read again and again: a process whose file became shorter, or
 * another one, meanwhile is cut off. */
void run_check(struct run *run);

/* Whether nothing is missing that is known to have been: no full, refused, unreadable, damaged or
 * cut off trace, and no process in a sandbox. Of a run that is not whole only what was found can be
 * said, never a 'no'. */
bool run_is_whole(const struct run *run);

/* Whether it is whole, over, and no process, plugin or connection of it went unseen: what a 'no'
 * needs. */
bool run_is_all(const struct run *run);

/* run.json alone, without any trace: for lists of runs. NULL likewise. */
struct run *run_read_summary(const char *directory, char **why);

/* For showing a run to strangers: every address becomes one of those for documentation (RFC 5737,
 * RFC 3849), the same one everywhere; of commands their program's name is left, of rules, names and
 * paths nothing. Ports, sizes and times stay. */
void run_mask(struct run *run);
/* Of several at once: the same one in all of them. */
void runs_mask(struct run *const run[], size_t runs);

/* Whether a file of that name is a trace, as far as the name tells. */
bool trace_is_name(const char *name);

/* One file from memory: what the fuzzer calls, too. 0; or -EBADMSG (no trace, or cut off in its
 * first block), -EPROTONOSUPPORT (of another version), and *why is half a sentence without the
 * place, valid until the next call. The process has a copy of `bytes` and no file name yet.
 *
 * What is guaranteed of its events whenever they are read: call is a known one; flow is 0 or a
 * connection that is there; done of accept likewise; start is not 0 and start + duration does not
 * overflow; covered holds connections that are there, then zeros; text is terminated and harmless.
 * Of its connections: role and family are known ones, congestion is terminated, times are in order.
 */
int process_read(struct run_process *process, const void *bytes, size_t length, const char **why);
void process_free(struct run_process *process);

/* ns of an event's duration. */
static inline uint64_t event_duration(const struct trace_event *event)
{
	return (uint64_t)event->duration_high << 32 | event->duration;
}
static inline uint64_t event_end(const struct trace_event *event)
{
	return event->start + event_duration(event);
}
/* Whether the event tells when: the others say more of the call before them. */
static inline bool event_has_time(const struct trace_event *event)
{
	return event->call != TRACE_COVERS && event->call != TRACE_NAME;
}
/* A trace_class, or -1 for a number that this version does not know. */
int call_class(unsigned call);
/* "sendto"; "?" likewise. */
const char *call_name(unsigned call);

#endif
