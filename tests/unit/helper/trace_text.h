/* Traces from a text, for tests of whatever reads or judges them. trace_text() writes the text as
 * the library would (shim/trace_format.h), has process_read() read it, and gives the run:
 *
 *	struct run *run = trace_text(
 *		"run wall=3s\n"
 *		"client 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=0\n"
 *		"1: connect~0.2ms r38~1ms w20 r30~1ms\n"
 *		"1: { w27 r6~0.2ms +0.1ms w480..1390 w2(proven) r82~43.8ms +0.3ms } x50 close\n");
 *	struct fold *fold = fold_run(run);    ... fold_free(fold); run_free(run);
 *
 * Lines:
 *   run KEY=VALUE ...          wall=TIME (from the run's beginning), before.X=N, after.X=N (struct
 *                              run_host), status=N refused=N living=N ... (struct run; what lives
 *                              has no end), command= rules= elsewhere= unseen_names=
 *                              bypass.names= unread_why=, each a WORD or 'WORDS IN QUOTES'
 *   process KEY=VALUE ...      another process: pid= parent= at=TIME, made=TIME (its file, after
 *                              its beginning), active=1 (it had rules), full=1 (its recording
 *                              was); the first is there unasked
 *   client N ADDRESS:PORT KEY=VALUE ...    connection N of this process, from 1 on ([::1]:80)
 *   server N PORT KEY=VALUE ...            accepted on PORT, from 192.0.2.9
 *   listener N PORT KEY=VALUE ...
 *   unknown N ADDRESS:PORT KEY=VALUE ...
 *   thread TID                 the lines below are that thread's; a new one begins at the clock of
 *                              the one before, each has its own clock from then on
 *   N: EVENT ...               calls on connection N (0: on none) by this thread
 * and '#' begins a comment. KEYs of connections are members of struct trace_connection (backlog=1
 * unread=5 theirs=...), tcp.X of at_close, syn.X of at_connect (which makes it taken), opt.X of
 * options, and `unasked`: at_close was never taken. Else it is taken at close or at the end, with
 * the kernel's counters equal to what was seen.
 *
 * Events:
 *   w27  r6  r0                write, read, end of file; w480..1390: another size each time
 *   file8192                   the read of a regular file that the next write gets its bytes from
 *   NAME                       any call of TRACE_CALLS, as reports call it: connect close poll ...
 *   ...~43ms                   it took so long; else 1 us
 *   ...(KEY=VALUE,FLAG,...)    asked= done= error= extra= flow=, covers=1/2 (poll, epoll ...: a
 *                              COVERS event follows), held proven nonblock more cork file bare
 *                              mended, set= (epoll's descriptor), lasts (it began, and never
 *                              came back)
 *   again                      in short for a read(error=11,nonblock)
 *   +5ms  @2s                  so much later; at that time since the run began
 *   { EVENT ... } x40          so often
 * 1 us passes before each call. Times: ns us ms s. Any mistake ends the test with the place. */
#ifndef TEST_TRACE_TEXT_H
#define TEST_TRACE_TEXT_H

#include <stddef.h>

#include "tools/read/run.h"

#define TRACE_TEXT_BEGAN UINT64_C(1000000000000) /* ns: the run began then */

/* The run of the text; run_free() frees it. A first process of which nothing is said is left out
 * where others are. */
struct run *trace_text(const char *lines);

/* The first process of the text as the bytes of its trace file; to be freed. */
unsigned char *trace_text_file(const char *lines, size_t *length);

#endif
