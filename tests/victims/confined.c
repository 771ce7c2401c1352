/* Programs that allow themselves only what they need: a seccomp list that lacks what the library
 * would like to call, no further thread, another user by a raw system call. */
#include "tests/victims/unseen.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>

#define ALLOW(number)                                                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                       \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int fd;

/* What a loop around select() needs; anything else is the end. */
static const struct sock_filter few[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), ALLOW(SYS_read),
	ALLOW(SYS_write), ALLOW(SYS_pselect6), ALLOW(SYS_ppoll), ALLOW(SYS_clock_gettime),
#ifdef SYS_select
	ALLOW(SYS_select),
#endif
#ifdef SYS_poll
	ALLOW(SYS_poll),
#endif
	ALLOW(SYS_exit_group), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};

/* Not on the stack: whether they can be read is not plain to see. */
static struct timeval short_time = {0, 1000};
static struct timeval no_time;
static struct timespec no_time_either;
static struct pollfd entry;

static void confine(void)
{
	struct sock_fprog program = {COUNT_OF(few), (struct sock_filter *)(uintptr_t)few};

	fd = dial_trained();
	entry = (struct pollfd){fd, POLLOUT, 0};
	say_half(fd, "held,");
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void go_on(void)
{
	say(fd, "then");
	say(fd, " this\n");
	mark(hear(fd) ? "answered" : "not answered");
}

static void filter_select(void)
{
	fd_set set;

	confine();
	mark("%d", select(0, NULL, NULL, NULL, &short_time));
	go_on();
	mark("%d", select(0, NULL, NULL, NULL, &no_time));
	FD_ZERO(&set);
	FD_SET(fd, &set);
	say(fd, "more");
	mark("%d", select(fd + 1, NULL, &set, NULL, &no_time));
	say(fd, " words\n");
	mark(hear(fd) ? "answered" : "not answered");
}

static void filter_poll(void)
{
	confine();
	mark("%d", ppoll(&entry, 1, &no_time_either, NULL));
	go_on();
	say(fd, "more");
	mark("%d", ppoll(&entry, 1, &no_time_either, NULL));
	mark("%d", poll(&entry, 1, 10));
	say(fd, " words\n");
	mark(hear(fd) ? "answered" : "not answered");
}

static void set_user_by_call(void)
{
	fd = dial_trained();
	say_half(fd, "held,");
	mark("%ld", syscall(SYS_setgid, 65534));
	mark("%ld", syscall(SYS_setuid, 65534));
	mark("%d threads", threads_now());
	mark("%u %u", getuid(), geteuid());
	go_on();
}

/* Another user, who may have no process more: the next thread cannot be made. */
static void no_threads(void)
{
	struct rlimit none = {0, 0};

	NEED(setrlimit(RLIMIT_NPROC, &none) == 0 && setuid(65534) == 0);
	fd = dial();
	for (int i = 0; i < 20; i++) {
		say(fd, "two ");
		say(fd, "parts\n");
		NEED(hear(fd));
	}
	mark("%d threads", threads_now());
}

static const struct verb verbs[] = {
	{"filter-select", filter_select},
	{"filter-poll", filter_poll},
	{"setuid-syscall", set_user_by_call},
	{"no-threads", no_threads},
};

int main(int argc, char **argv)
{
	page_of_harness();
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
