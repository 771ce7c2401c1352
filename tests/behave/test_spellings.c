/* Every call of shim/hook/raw_calls.h in its two spellings, by its name in libc and by syscall(2):
 * they return the same, leave the same errno and send the same bytes, with the library and without;
 * with it, both hold, push and wait alike, by the same system calls, and are recorded alike.
 *
 * Each row is a story around one call (tests/victims/spellings.h). A number without a row fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/lines.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

#define TRAIN_TURNS 200
#define TRACE_BYTES (1 << 24)

/* A busy machine comes between the writes of a turn, or lets a held one go: what is so must show in
 * one of so many. */
#define TRIES 5

/* What the call makes of bytes that the thread has kept back. */
enum {
	PUSHES = 1,	 /* they leave before it waits, or changes what they depend on */
	KEEPS = 2,	 /* they stay */
	HOLDS = 4,	 /* they are its own: it writes the first part of a turn */
	RESIGNS = 8,	 /* nothing is held on the connection after it */
	NAMELESS = 16,	 /* libc has no name for it, or none that does the same */
	NAME_KEEPS = 32, /* there is no hook of the name; a note below says why */
	ENDS = 64,	 /* the connection is gone after it */
};

struct row {
	long number;
	const char *program, *story;
	unsigned flags;
};

#define WRITES "spellings"
#define READY  "spellings_ready"
#define WAITS  "spellings_waits"
#define LIFE   "spellings_life"

/* Names without a hook: set*id() of libc ends no thread of ours, since it tells all threads of it
 * (nptl(7)); by number it is for the calling thread alone, and the deadline's must not stay behind
 * as another user. */
static const struct row rows[] = {
	{__NR_write, WRITES, "write", HOLDS},
	{__NR_write, WRITES, "write-other", KEEPS},
	{__NR_write, WRITES, "write-bad", 0},
	{__NR_writev, WRITES, "writev", HOLDS},
	{__NR_writev, WRITES, "writev-other", KEEPS},
	{__NR_writev, WRITES, "writev-many", 0},
	{__NR_pwritev2, WRITES, "pwritev2", PUSHES},
	{__NR_sendto, WRITES, "sendto", HOLDS},
	{__NR_sendto, WRITES, "sendto-flags", HOLDS},
	{__NR_sendto, WRITES, "sendto-address", PUSHES},
	{__NR_sendto, WRITES, "sendto-other", KEEPS},
	{__NR_sendto, WRITES, "sendto-more", RESIGNS},
	{__NR_sendto, WRITES, "sendto-oob", RESIGNS},
	{__NR_sendmsg, WRITES, "sendmsg", HOLDS},
	{__NR_sendmsg, WRITES, "sendmsg-flags", HOLDS},
	{__NR_sendmsg, WRITES, "sendmsg-address", PUSHES},
	{__NR_sendmsg, WRITES, "sendmsg-passing", PUSHES},
	{__NR_sendmsg, WRITES, "sendmsg-other", KEEPS},
	{__NR_sendmsg, WRITES, "sendmsg-more", RESIGNS},
	{__NR_sendmsg, WRITES, "sendmsg-oob", RESIGNS},
	{__NR_sendmsg, WRITES, "sendmsg-bad", 0},
	{__NR_sendmsg, WRITES, "sendmsg-many", 0},
	{__NR_sendmmsg, WRITES, "sendmmsg", PUSHES},
	{__NR_sendmmsg, WRITES, "sendmmsg-passing", PUSHES},
	{__NR_sendfile, WRITES, "sendfile", PUSHES},
	{__NR_splice, WRITES, "splice", PUSHES},
	{__NR_splice, WRITES, "splice-from", PUSHES},

	{__NR_read, WRITES, "read", PUSHES},
	{__NR_read, WRITES, "read-nothing", PUSHES},
	{__NR_read, WRITES, "read-tube", PUSHES},
	{__NR_read, WRITES, "read-file", KEEPS},
	{__NR_readv, WRITES, "readv", PUSHES},
	{__NR_readv, WRITES, "readv-nothing", PUSHES},
	{__NR_readv, WRITES, "readv-tube", PUSHES},
	{__NR_preadv2, WRITES, "preadv2", PUSHES},
	{__NR_preadv2, WRITES, "preadv2-file", KEEPS},
	{__NR_recvfrom, WRITES, "recvfrom", PUSHES},
	{__NR_recvfrom, WRITES, "recvfrom-nothing", PUSHES},
	{__NR_recvmsg, WRITES, "recvmsg", PUSHES},
	{__NR_recvmsg, WRITES, "recvmsg-passed", 0},
	{__NR_recvmsg, WRITES, "recvmsg-nothing", PUSHES},
	{__NR_recvmmsg, WRITES, "recvmmsg", PUSHES},
	{__NR_recvmmsg, WRITES, "recvmmsg-passed", 0},
	{__NR_recvmmsg, WRITES, "recvmmsg-nothing", PUSHES},

#ifdef __NR_poll
	{__NR_poll, READY, "poll", PUSHES},
	{__NR_poll, READY, "poll-interrupted", PUSHES},
	{__NR_poll, READY, "poll-room", KEEPS},
	{__NR_poll, READY, "poll-probe", PUSHES},
	{__NR_poll, READY, "poll-ready", PUSHES},
	{__NR_poll, READY, "poll-bad", PUSHES},
	{__NR_select, READY, "select", PUSHES},
	{__NR_select, READY, "select-interrupted", PUSHES},
	{__NR_select, READY, "select-room", KEEPS},
	{__NR_select, READY, "select-probe", PUSHES},
	{__NR_select, READY, "select-ready", PUSHES},
	{__NR_epoll_wait, READY, "epoll_wait", PUSHES},
	{__NR_epoll_wait, READY, "epoll_wait-interrupted", PUSHES},
	{__NR_epoll_wait, READY, "epoll_wait-probe", PUSHES},
	{__NR_pause, WAITS, "pause", PUSHES},
	{__NR_dup2, LIFE, "dup2", 0},
	{__NR_dup2, LIFE, "dup2-over", PUSHES | ENDS},
	{__NR_fork, LIFE, "fork", PUSHES},
#endif
	{__NR_ppoll, READY, "ppoll", PUSHES},
	{__NR_ppoll, READY, "ppoll-interrupted", PUSHES},
	{__NR_ppoll, READY, "ppoll-room", KEEPS},
	{__NR_ppoll, READY, "ppoll-probe", PUSHES},
	{__NR_ppoll, READY, "ppoll-ready", PUSHES},
	{__NR_ppoll, READY, "ppoll-bad", 0},
	{__NR_pselect6, READY, "pselect", PUSHES},
	{__NR_pselect6, READY, "pselect-interrupted", PUSHES},
	{__NR_pselect6, READY, "pselect-room", KEEPS},
	{__NR_pselect6, READY, "pselect-probe", PUSHES},
	{__NR_pselect6, READY, "pselect-ready", PUSHES},
	{__NR_pselect6, READY, "pselect-bad", 0},
	{__NR_epoll_ctl, READY, "epoll_ctl", PUSHES},
	{__NR_epoll_pwait, READY, "epoll_pwait", PUSHES},
	{__NR_epoll_pwait, READY, "epoll_pwait-probe", PUSHES},
#ifdef __NR_epoll_pwait2
	{__NR_epoll_pwait2, READY, "epoll_pwait2", PUSHES},
	{__NR_epoll_pwait2, READY, "epoll_pwait2-interrupted", PUSHES},
	{__NR_epoll_pwait2, READY, "epoll_pwait2-probe", PUSHES},
#endif
	{__NR_sched_yield, WAITS, "sched_yield", PUSHES},
	{__NR_nanosleep, WAITS, "nanosleep", PUSHES},
	{__NR_nanosleep, WAITS, "nanosleep-interrupted", PUSHES},
	{__NR_clock_nanosleep, WAITS, "clock_nanosleep", PUSHES},
	{__NR_clock_nanosleep, WAITS, "clock_nanosleep-interrupted", PUSHES},
	{__NR_clock_nanosleep, WAITS, "clock_nanosleep-until", PUSHES},
	{__NR_rt_sigtimedwait, WAITS, "sigtimedwait", PUSHES},
	{__NR_rt_sigsuspend, WAITS, "sigsuspend", PUSHES},
	{__NR_wait4, WAITS, "wait4", PUSHES},
	{__NR_waitid, WAITS, "waitid", PUSHES},
	{__NR_flock, WAITS, "flock", PUSHES},
	{__NR_msgrcv, WAITS, "msgrcv", PUSHES},
	{__NR_semop, WAITS, "semop", PUSHES},
	{__NR_semtimedop, WAITS, "semtimedop", PUSHES},
	{__NR_mq_timedreceive, WAITS, "mq_timedreceive", PUSHES},
	{__NR_futex, WAITS, "futex-wait", PUSHES | NAMELESS},
	{__NR_futex, WAITS, "futex-lock", PUSHES | NAMELESS},
	{__NR_futex, WAITS, "futex-wake", KEEPS | NAMELESS},
#ifdef __NR_futex_waitv
	{__NR_futex_waitv, WAITS, "futex_waitv", PUSHES | NAMELESS},
#endif
	{__NR_io_uring_enter, WAITS, "io_uring_enter", PUSHES | NAMELESS},
	{__NR_io_uring_enter, WAITS, "io_uring_submit", KEEPS | NAMELESS},

	{__NR_socket, LIFE, "socket", KEEPS},
	{__NR_socketpair, LIFE, "socketpair", KEEPS},
	{__NR_connect, LIFE, "connect", PUSHES},
	{__NR_connect, LIFE, "connect-refused", PUSHES},
	{__NR_bind, LIFE, "bind", KEEPS},
	{__NR_listen, LIFE, "listen", KEEPS},
	{__NR_accept, LIFE, "accept", PUSHES},
	{__NR_accept, LIFE, "accept-bad", PUSHES},
	{__NR_accept4, LIFE, "accept4", PUSHES},
	{__NR_pidfd_getfd, LIFE, "pidfd_getfd", 0},

	{__NR_setsockopt, LIFE, "set-nodelay", PUSHES},
	{__NR_setsockopt, LIFE, "set-cork", PUSHES},
	{__NR_setsockopt, LIFE, "set-linger", PUSHES},
	{__NR_setsockopt, LIFE, "set-keepalive", KEEPS},
	{__NR_setsockopt, LIFE, "set-bad", PUSHES},
	{__NR_getsockopt, LIFE, "getsockopt", KEEPS},
	{__NR_ioctl, LIFE, "ioctl-inq", PUSHES},
	{__NR_ioctl, LIFE, "ioctl-outq", PUSHES},
	{__NR_ioctl, LIFE, "ioctl-nonblocking", KEEPS},
	{__NR_ioctl, LIFE, "ioctl-cloexec", KEEPS},
	{__NR_ioctl, LIFE, "ioctl-bad", KEEPS},
	{__NR_fcntl, LIFE, "fcntl-lock", PUSHES},
	{__NR_fcntl, LIFE, "fcntl-ofd-lock", PUSHES},
	{__NR_fcntl, LIFE, "fcntl-dup", 0},
	{__NR_fcntl, LIFE, "fcntl-dup-cloexec", 0},
	{__NR_fcntl, LIFE, "fcntl-cloexec", KEEPS},
	{__NR_fcntl, LIFE, "fcntl-nonblocking", KEEPS},
	{__NR_fcntl, LIFE, "fcntl-bad", KEEPS},

	{__NR_shutdown, LIFE, "shutdown", PUSHES | ENDS},
	{__NR_close, LIFE, "close", ENDS},
	{__NR_close, LIFE, "close-bad", KEEPS},
	{__NR_close_range, LIFE, "close_range", ENDS},
	{__NR_close_range, LIFE, "close_range-later", KEEPS},
	{__NR_dup, LIFE, "dup", 0},
	{__NR_dup3, LIFE, "dup3", 0},
	{__NR_dup3, LIFE, "dup3-over", ENDS},

	{__NR_execve, LIFE, "execve-nothing", PUSHES},
	{__NR_execve, LIFE, "execve", ENDS},
	{__NR_execveat, LIFE, "execveat-nothing", PUSHES},
	{__NR_execveat, LIFE, "execveat", ENDS},
	{__NR_exit_group, LIFE, "exit_group", ENDS},
	{__NR_prctl, LIFE, "prctl", KEEPS},
	{__NR_prctl, LIFE, "prctl-seccomp", PUSHES},
	{__NR_seccomp, LIFE, "seccomp", PUSHES | NAMELESS},
#ifdef __NR_landlock_restrict_self
	{__NR_landlock_restrict_self, LIFE, "landlock", PUSHES | NAMELESS},
#endif
	{__NR_unshare, LIFE, "unshare", PUSHES},
	{__NR_setns, LIFE, "setns", PUSHES},
	{__NR_capset, LIFE, "capset", PUSHES},
	{__NR_clone, LIFE, "clone", PUSHES},
	{__NR_clone3, LIFE, "clone3", PUSHES | NAMELESS},
	{__NR_setuid, LIFE, "setuid", PUSHES | NAME_KEEPS},
	{__NR_setgid, LIFE, "setgid", PUSHES | NAME_KEEPS},
	{__NR_setreuid, LIFE, "setreuid", PUSHES | NAME_KEEPS},
	{__NR_setregid, LIFE, "setregid", PUSHES | NAME_KEEPS},
	{__NR_setresuid, LIFE, "setresuid", PUSHES | NAME_KEEPS},
	{__NR_setresgid, LIFE, "setresgid", PUSHES | NAME_KEEPS},
	{__NR_setgroups, LIFE, "setgroups", PUSHES | NAME_KEEPS},
};

#define ROWS (sizeof(rows) / sizeof(*rows))

static void every_number_has_a_row(void **state)
{
	static const struct {
		long number;
		const char *name;
	} numbers[] = {
#define RAW(number, function) {number, #number},
#include "shim/hook/raw_calls.h"
#undef RAW
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		size_t at = 0;

		while (at < ROWS && rows[at].number != numbers[i].number)
			at++;
		if (at == ROWS)
			fail_msg("%s has no row", numbers[i].name);
	}
}

/* ---- one run ---- */

enum spelling { BY_NAME, BY_NUMBER, SPELLINGS };
static const char *const spelling_name[SPELLINGS] = {"name", "number"};

struct played {
	struct outcome outcome;
	char *bytes; /* that the peer had, the learning apart */
	int end;     /* enum peer_end */
	char *calls; /* of the story, a line each */
	char *events;
};

static void played_free(struct played *played)
{
	outcome_free(&played->outcome);
	free(played->bytes);
	free(played->calls);
	free(played->events);
}

static char *events_of(const char *directory, pid_t process)
{
	static struct trace traces[TRACES];
	size_t count = traces_read(directory, traces);
	const struct trace *trace = trace_of(traces, count, process);
	char *text = trace ? lines_of_events(trace) : must_print("%s", "");

	traces_free(traces, count);
	return text;
}

/* ---- playing it ---- */

static const char *behind_learning(const char *bytes)
{
	while (strncmp(bytes, TRAIN_LINE, strlen(TRAIN_LINE)) == 0)
		bytes += strlen(TRAIN_LINE);
	return bytes;
}

static void take_peer(struct peer *peer, struct played *played)
{
	size_t length;

	played->end = (int)peer_wait_end(peer, 0);
	played->bytes = must_print("%s", behind_learning(peer_bytes(peer, 0, &length)));
	peer_stop(peer);
}

static void play(
	const struct row *row, enum spelling spelling, enum mode mode, struct played *played)
{
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	char *path = calls_path(), *directory = traces_new("/tmp", TRACE_BYTES);
	char *variable = must_print("SOCKFIX_TRACE=%s", directory);
	struct launch launch = {.program = row->program,
		.argument = {spelling_name[spelling], row->story},
		.variable = {mode == MODE_BARE ? NULL : variable},
		.mode = mode,
		.port = peer_port(peer),
		.train = mode_holds(mode) && library_loads() ? TRAIN_TURNS : 0,
		.trace = path};
	struct calls calls;

	run_whole(&launch, &played->outcome);
	take_peer(peer, played);
	calls_read(path, &calls);
	played->calls = lines_of_calls(&calls);
	played->events = events_of(directory, calls.call[0].process);
	calls_free(&calls);
	traces_remove(directory);
	free(variable);
	free(path);
}

/* ---- comparing ---- */

static bool noted(const struct played *played, const char *note)
{
	return strstr(played->outcome.notes, note) != NULL;
}

/* The kernel has it and keeps it, by the call and by the event that say so (EVENT_HELD, with
 * EVENT_NONBLOCK or alone). */
static bool is_held(const struct played *played)
{
	return noted(played, "#after 1") && strstr(played->calls, "MSG_MORE") &&
	       (strstr(played->events, " flags 0x1 ") || strstr(played->events, " flags 0x5 "));
}

/* What of a row's flags is not so in that spelling, or NULL. */
static const char *wrong(const struct row *row, enum spelling spelling, const struct played *played)
{
	bool keeps = row->flags & KEEPS || (row->flags & NAME_KEEPS && spelling == BY_NAME);

	if (!*played->calls || !*played->events)
		return "nothing is recorded";
	if (row->flags & HOLDS)
		return is_held(played) ? NULL : "it is not held";
	if (row->flags & RESIGNS)
		return noted(played, "#next 0") ? NULL : "more is held after it";
	if (row->flags & (PUSHES | KEEPS) && !noted(played, "#before 1"))
		return "nothing was held before it";
	if (keeps)
		return noted(played, "#after 1") ? NULL : "it pushes";
	if (row->flags & PUSHES)
		return noted(played, "#after 0") ? NULL : "it does not push";
	return NULL;
}

static void must_be_same(const char *story, const struct played *one, const struct played *other)
{
	assert_same_outcome(story, &one->outcome, &other->outcome);
	assert_string_equal(one->bytes, other->bytes);
	assert_int_equal(one->end, other->end);
}

static const char *compare(const struct row *row, const struct played played[SPELLINGS])
{
	const struct played *name = &played[BY_NAME], *number = &played[BY_NUMBER];
	const char *text = wrong(row, BY_NUMBER, number);

	if (text || row->flags & NAMELESS)
		return text;
	text = wrong(row, BY_NAME, name);
	if (text || row->flags & NAME_KEEPS)
		return text;
	text = lines_differ("held", name->outcome.notes, number->outcome.notes);
	if (!text)
		text = lines_differ("system calls", name->calls, number->calls);
	return text ? text : lines_differ("events", name->events, number->events);
}

static enum spelling first_of(const struct row *row)
{
	return row->flags & NAMELESS ? BY_NUMBER : BY_NAME;
}

static void play_both(const struct row *row, enum mode mode, struct played played[SPELLINGS])
{
	memset(played, 0, SPELLINGS * sizeof(*played));
	for (enum spelling i = first_of(row); i < SPELLINGS; i++)
		play(row, i, mode, &played[i]);
	if (!(row->flags & NAMELESS))
		must_be_same(row->story, &played[BY_NAME], &played[BY_NUMBER]);
}

static void free_both(struct played played[SPELLINGS])
{
	for (enum spelling i = BY_NAME; i < SPELLINGS; i++)
		played_free(&played[i]);
}

static void both_spellings_are_one(void **state)
{
	const struct row *row = *state;
	struct played bare[SPELLINGS], with[SPELLINGS];
	const char *text = "";

	play_both(row, MODE_BARE, bare);
	assert_string_equal(bare[BY_NUMBER].outcome.err, "");
	for (int i = 0; i < TRIES && text; i++) {
		play_both(row, MODE_AUTO, with);
		must_be_same(row->story, &bare[BY_NUMBER], &with[BY_NUMBER]);
		text = library_loads() ? compare(row, with) : NULL;
		free_both(with);
	}
	if (text)
		fail_msg("%s: %s", row->story, text);
	free_both(bare);
}

/* ---- collected ---- */

/* What is so with bytes that are collected, or NULL. */
static const char *not_collected(const struct row *row, const struct played *played)
{
	if (row->flags & HOLDS && !noted(played, "#after 0"))
		return "the kernel has it";
	return strstr(played->calls, "MSG_MORE, {") ? "it is held, not collected" : NULL;
}

static const char *compare_collected(const struct row *row, const struct played played[SPELLINGS])
{
	const struct played *name = &played[BY_NAME], *number = &played[BY_NUMBER];
	const char *text = not_collected(row, number);

	if (!text)
		text = lines_differ("system calls", name->calls, number->calls);
	return text ? text : lines_differ("events", name->events, number->events);
}

/* What is collected goes by the same calls at the same place. */
static void both_are_collected(void **state)
{
	const struct row *row = *state;
	struct played with[SPELLINGS];
	const char *text = "";

	for (int i = 0; i < TRIES && text; i++) {
		play_both(row, MODE_BUFFER, with);
		text = library_loads() ? compare_collected(row, with) : NULL;
		free_both(with);
	}
	if (text)
		fail_msg("%s: %s", row->story, text);
}

/* ---- cancelled ---- */

static void a_number_is_no_cancellation_point(void **state)
{
	static const struct row row = {__NR_write, WRITES, "write-cancelled", 0};
	static const char *const wanted[SPELLINGS] = {
		"write-cancelled: 1, errno 1234\n", "it goes on\nwrite-cancelled: 0, errno 1234\n"};

	(void)state;
	for (enum mode mode = MODE_BARE; mode <= MODE_AUTO; mode++)
		for (enum spelling i = BY_NAME; i < SPELLINGS; i++) {
			bool held = false;

			for (int tries = 0; tries < TRIES && !held; tries++) {
				struct played played;

				play(&row, i, mode, &played);
				assert_string_equal(played.outcome.out, wanted[i]);
				assert_string_equal(played.bytes, i == BY_NAME ? "" : "a");
				held = i == BY_NAME || mode != MODE_AUTO || !library_loads() ||
				       noted(&played, "#after-write 1");
				played_free(&played);
			}
			assert_true(held);
		}
}

int main(void)
{
	static struct CMUnitTest tests[2 * ROWS + 2] = {
		cmocka_unit_test(every_number_has_a_row),
		cmocka_unit_test(a_number_is_no_cancellation_point),
	};
	size_t count = 2;

	for (size_t i = 0; i < ROWS; i++)
		tests[count++] = (struct CMUnitTest){rows[i].story, both_spellings_are_one, NULL,
			NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < ROWS; i++)
		if (!(rows[i].flags & (NAMELESS | NAME_KEEPS)))
			tests[count++] = (struct CMUnitTest){
				must_print("%s [buffer]", rows[i].story), both_are_collected, NULL,
				NULL, (void *)(uintptr_t)&rows[i]};
	return _cmocka_run_group_tests("spellings", tests, count, NULL, NULL);
}
