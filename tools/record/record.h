/* What `sockfix record` does around COMMAND: a folder for the traces, waiting for the end, the
 * host's counters, and the run's way to where it is kept. Errors are said where they happen. */
#ifndef SOCKFIX_RECORD_H
#define SOCKFIX_RECORD_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/record/bypass.h"

/* What run.json says (tools/read/run.h), times in ns. */
struct record {
	char folder[PATH_MAX]; /* where the traces are made: see SOCKFIX_TRACE */
	int lock;	       /* on the folder, see left.h; -1: none */
	char name[5];	       /* four hex digits */
	int64_t limit;	       /* bytes of all processes; 0: not known */
	char *const *command;
	const char *rules;     /* NULL: none */
	const char *elsewhere; /* "" none */
	bool alone;	       /* what COMMAND starts is not recorded */
	uint64_t started_wall, ended_wall, began, ended;
	int status;		     /* of waitpid(2); -1: not seen */
	int64_t before[4], after[4]; /* see host_read() */
	struct bypass bypass;
};

/* Makes the folder below $STATE_DIRECTORY, $XDG_RUNTIME_DIR, /dev/shm, $RUNTIME_DIRECTORY or /run,
 * the first where that can be done, with record's limit for a budget. False: said why. */
bool folder_make(struct record *record);
/* The same in that folder, which must be empty or missing; it is made, and stays there. option:
 * what stands before its name where that is said: "-o ", or "". */
bool folder_make_at(struct record *record, const char *option, const char *wanted);
/* The run is over: nobody else gets in any more. */
void folder_close(const struct record *record);
/* And takes away the pool that nobody needed. */
void folder_end_pool(const struct record *record);

/* ListenOverflows, ListenDrops, TCPSynRetrans, RetransSegs of this network namespace; -1 unknown.
 */
void host_read(int64_t counter[4]);

/* Whether the kernel reads CLOCK_MONOTONIC from the TSC; it vouches then that the TSC is one clock
 * for all processors, which nothing stops (Linux, arch/x86/kernel/tsc.c, clocksource watchdog). */
bool host_clock_is_tsc(void);

/* Writes run.json into the folder, by rename. */
bool store_write(const struct record *record);

/* Moves the folder's files to `wanted`, which must be empty or missing; NULL: into the state
 * folder, under the run's name. False: said why, and the files are where they were. place: where
 * they are now. */
bool store_move(const struct record *record, const char *wanted, char place[PATH_MAX]);

/* The folder of kept runs: sockfix in $XDG_STATE_HOME, a service's $STATE_DIRECTORY or
 * ~/.local/state. False: none is set, or HOME is no folder. */
bool store_state(char path[PATH_MAX]);

/* The runs in it, and those that lie where they were made (--exec, a record that was killed),
 * newest first; each path to be freed and the list as well. 0: there are none. */
size_t store_list(char ***path);

/* Where folder_make() makes it first of all, and its name: those and six letters or digits. NULL:
 * nowhere. */
#define FOLDER_PREFIX "sockfix-"
const char *folder_parent(void);
/* The first folder of a list that systemd gives a service (systemd.exec(5)), which it has made.
 * False: there is none. */
bool folder_of_service(const char *variable, char path[PATH_MAX]);

/* Takes it away, with what is in it. False: something is in it that does not go. */
bool folder_remove(const struct record *record);

/* Runs record's command and waits: signals that would end us are passed
 * on. Returns the status of waitpid(2); when it could not be started, as if it had ended with 126
 * or 127 (said), and *started is false; CHILD_NONE when there can be no process (said), likewise.
 * watch and progress: are looked at meanwhile; NULL: nobody looks. */
enum { CHILD_NONE = -1 };
struct progress;
int child_run(struct record *record, bool *started, struct watch *watch, struct progress *progress);

/* Signals end us again. Until then those that come after the child's end are dropped, for the
 * recording is not put away yet. */
void child_forget_signals(void);

/* Ends as the child did: its exit status is returned, its signal kills us. */
int child_end_like(int status);

#endif
