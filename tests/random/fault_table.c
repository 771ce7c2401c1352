/* Rows only. What a call may answer is what its manual page says, less what only a wrong argument
 * gives; and EPERM or ENOSYS where a sandbox or an old kernel answers so. */
#include "fault_table.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define NEVER(where_, why)                                                                         \
	{                                                                                          \
		.where = (where_), .never = (why)                                                  \
	}
#define FAILS(where_, ...)                                                                         \
	{                                                                                          \
		.where = (where_), .error = { __VA_ARGS__ }                                        \
	}
#define FAILS_ONCE(where_, ...)                                                                    \
	{                                                                                          \
		.where = (where_), .error = {__VA_ARGS__}, .once = true                            \
	}
/* What is set could not be taken back, or what is counted not be told, where only a later call
 * fails; the kernel has no such: it knows an option or does not. */
#define FAILS_EACH(where_, ...)                                                                    \
	{                                                                                          \
		.where = (where_), .error = {__VA_ARGS__}, .lasts = true                           \
	}
#define CANNOT "it cannot fail"

static const struct fault_row table[] = {
	NEVER("SYS_getpid", CANNOT),
	NEVER("SYS_gettid", CANNOT),
	NEVER("SYS_getppid", CANNOT),
	NEVER("SYS_getuid", CANNOT),
	NEVER("SYS_geteuid", CANNOT),
	NEVER("SYS_sched_yield", CANNOT),
	NEVER("pthread_join(", "only a wrong thread makes it fail"),
	NEVER("wake: SYS_futex", "only a wrong address makes FUTEX_WAKE fail"),
	NEVER("buffer_leave: SYS_futex", "only a wrong address makes FUTEX_WAKE fail"),
	NEVER("SYS_tgkill", "that the thread is gone is what is asked; and a signal of our own"),
	NEVER("SYS_rt_sigprocmask", "its failure is the answer, and no sandbox forbids it"),
	NEVER("copy_byte: ", "under valgrind only: tests/behave/test_checkers.c"),
	NEVER("missing_closefrom: ", "for a libc without it only: tests/unit/test_missing.c"),

	/* files */
	FAILS("log_open: SYS_openat", EMFILE, ENOSPC, EACCES, EINTR, ENFILE),
	FAILS("log_line: SYS_write", ENOSPC, EAGAIN, EINTR, EIO),
	FAILS("poke_begin: SYS_openat", EACCES, EMFILE, ENOENT),
	FAILS("poke: SYS_pwrite64", EIO, EPERM, ENOMEM),
	FAILS("directory_open: SYS_openat", EMFILE, ENOENT, EACCES, ENOMEM),
	FAILS("trace_directory_file: SYS_openat", EMFILE, ENOSPC, EACCES, EINTR, ENOMEM),
	FAILS("SYS_openat", ENOENT, EMFILE, EACCES, EINTR, ENOMEM),
	FAILS("SYS_newfstatat", ENOENT, EACCES, ENOMEM),
	{.where = "directory_open: SYS_close",
		.error = {EIO, EINTR},
		.behind = "directory_open: SYS_fstat",
		.behind_error = ENOMEM},
	{.where = "open_own: SYS_close",
		.error = {EIO, EINTR},
		.behind = "open_own: SYS_fstat",
		.behind_error = ENOMEM},
	{.where = "trace_directory_remove: ",
		.error = {EIO, EINTR, EACCES},
		.behind = "trace_room_allocate: SYS_fallocate",
		.behind_error = ENOSPC},
	{.where = "write_zeros: SYS_pwrite64",
		.error = {ENOSPC, EIO, EINTR},
		.behind = "trace_room_allocate: SYS_fallocate",
		.behind_error = EOPNOTSUPP},
	FAILS("SYS_close", EIO, EINTR),
	FAILS("SYS_readlinkat", ENOENT, EACCES, ENOMEM),
	FAILS(": SYS_read", EIO, EINTR),
	FAILS("SYS_fstatfs", EIO, EINTR, ENOSYS),
	FAILS("SYS_fstat", ENOMEM, EIO),
	FAILS("SYS_pread64", EIO, EINTR),
	FAILS(": SYS_pwrite64", ENOSPC, EIO, EINTR),
	FAILS("SYS_renameat2", EACCES, EINVAL, ENOSYS),
	FAILS("SYS_fallocate", ENOSPC, EINTR, EOPNOTSUPP, EIO, EFBIG),
	FAILS("SYS_prlimit64", EPERM, ENOSYS),

	/* memory */
	FAILS("SYS_mmap", ENOMEM, EAGAIN, ENODEV),
	FAILS("mmap(", ENOMEM, EAGAIN),
	FAILS("munmap(", ENOMEM),
	FAILS("madvise(", EINVAL, ENOMEM, EAGAIN),

	/* threads and the process */
	FAILS("pthread_create(", EAGAIN, EPERM),
	FAILS_ONCE("SYS_futex", EINTR, EAGAIN),
	FAILS("SYS_prctl", EPERM, ENOSYS),
	FAILS("SYS_sigaltstack", EPERM, ENOSYS),
	FAILS("SYS_getrandom", EAGAIN, EINTR, ENOSYS),

	/* sockets */
	FAILS_ONCE("sink_send: SYS_sendmsg", EAGAIN),
	FAILS_ONCE("can_send: SYS_ppoll", EINTR, ENOMEM),
	FAILS_ONCE("room_wait: libc()->poll", ENOMEM, EINTR),
	FAILS("SYS_ppoll", EINTR, ENOMEM),
	FAILS("pselect(", EINTR, ENOMEM),
	FAILS("SYS_ioctl", EINVAL, EPERM),
	FAILS("fcntl(", EBADF, EPERM),
	FAILS("getpeername(", ENOBUFS, ENOTCONN, EPERM),
	FAILS("getsockname(", ENOBUFS, EPERM),
	FAILS("getsockopt(", ENOPROTOOPT, ENOBUFS, ENOMEM, EPERM, ENOSYS),
	{.where = "sockopt_info: SYS_getsockopt",
		.error = {ENOPROTOOPT, EINVAL, EPERM},
		.lasts = true,
		.silences = "sink_send: SYS_sendmsg"},
	FAILS("SYS_getsockopt", ENOPROTOOPT, ENOBUFS, ENOMEM, EPERM, ENOSYS),
	FAILS_EACH("setsockopt(", ENOPROTOOPT, ENOBUFS, ENOMEM, EPERM, ENOSYS),
};

const struct fault_row *fault_row(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strstr(name, table[i].where))
			return &table[i];
	return NULL;
}

#define STORY(mode_, ...) .mode = (mode_), .program = "faulted", .argument = {__VA_ARGS__}

const struct story fault_story[] = {
	{STORY(MODE_AUTO, "turns"), .connections = 1, .variable = "SOCKFIX_LOG=/dev/null:debug"},
	{STORY(MODE_AUTO, "turns"), .connections = 1, .rules = "@"},
	{STORY(MODE_AUTO, "turns"), .connections = 1, .variable = "SOCKFIX_PROVE=2"},
	{STORY(MODE_AUTO, "turns"), .connections = 1,
		.rules = "1:+t@program=faulted@:so_sndbuf=~+=1"},
	{STORY(MODE_AUTO, "selects"), .connections = 1},
	{STORY(MODE_AUTO, "many"), .connections = 1},
	{STORY(MODE_AUTO, "rounds"), .connections = 1},
	{STORY(MODE_AUTO, "strangers"), .connections = 1},
	/* Nothing is answered: what is not read would make a reset of the end. */
	{.program = "dropped",
		.argument = {"execs", "3"},
		.mode = MODE_AUTO,
		.records = true,
		.connections = 1},
	{STORY(MODE_AUTO, "copies"), .connections = 1, .records = true, .answer = 1 << 20},
	{STORY(MODE_ALWAYS, "pauses"), .connections = 1},
	{STORY(MODE_BUFFER, "brimful")},
	{STORY(MODE_BUFFER, "joined")},
	{.mode = MODE_AUTO,
		.program = "deepbind",
		.argument = {"call", "d", "PLUGIN:lazy.so"},
		.connections = 1},
	{.mode = MODE_AUTO,
		.program = "answers",
		.argument = {"two-parts", "100"},
		.connections = 1},
	{.mode = MODE_BUFFER, .program = "full", .argument = {"overtaken"}},
};
const unsigned fault_stories = sizeof(fault_story) / sizeof(*fault_story);
