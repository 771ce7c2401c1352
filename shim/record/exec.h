/* Programs that are started: each is noted before its exec, and the note is taken back by the
 * library when it comes up in that program. What stays noted was never seen by anybody.
 *
 * Notes lie in the run's budget, which all its processes share. Async-signal-safe, errno kept, for
 * vfork children, too. */
#ifndef SOCKFIX_TRACE_EXEC_H
#define SOCKFIX_TRACE_EXEC_H

#include <stdbool.h>
#include <sys/types.h>

/* Before the call. program: as the caller gave it, NULL where it has no name; it need not be
 * readable. spawns: a child becomes it, whose number is not known yet. Returns what the functions
 * below want, 0 where nothing was noted. */
unsigned trace_exec_begin(const char *program, bool spawns);

void trace_exec_failed(unsigned place);
void trace_exec_spawned(unsigned place, pid_t child);

/* In the new program, once it can record. */
void trace_exec_arrived(void);

/* What this process starts is to be left alone: it is not missed. */
void trace_exec_ignore(void);

#endif
