/* Holds a write, then gives up or changes what the process may do, and goes on with its socket.
 * Every change must work as it does in a program of one thread with nothing to hide. */
#include "tests/victims/unseen.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

static int fd;
static char *self;

static void half(void)
{
	fd = dial_trained();
	say_half(fd, "held,");
}

static void answer(int result)
{
	mark("%d %s", result, result < 0 ? strerrorname_np(errno) : "");
}

/* Goes on as before, in two writes and a read. */
static void go_on(void)
{
	say(fd, "then");
	say(fd, " this\n");
	mark(hear(fd) ? "answered" : "not answered");
}

static void new_user(void)
{
	half();
	answer(unshare(CLONE_NEWUSER));
	go_on();
}

static void new_network(void)
{
	half();
	answer(unshare(CLONE_NEWNET));
	go_on();
}

static void join_namespace(void)
{
	int own = open("/proc/self/ns/mnt", O_RDONLY);

	half();
	answer(setns(own, CLONE_NEWNS));
	go_on();
}

static void set_user(void)
{
	half();
	answer(setgid(65534));
	answer(setuid(65534));
	answer((int)getuid());
	answer(setuid(0));
	go_on();
}

static void *wait_for_end(void *unused)
{
	pause();
	return unused;
}

/* glibc changes every thread's user by a signal: none may have it blocked. */
static void set_user_threads(void)
{
	pthread_t thread;

	NEED(pthread_create(&thread, NULL, wait_for_end, NULL) == 0);
	set_user();
}

static void set_capabilities(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};

	half();
	answer((int)syscall(SYS_capset, &header, none));
	go_on();
}

/* read, write, exit and sigreturn are all that is left; another call is the end. */
static void strict(void)
{
	char text[3];

	half();
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
	if (write(fd, "then", 4) == 4 && write(fd, " this\n", 6) == 6 && read(fd, text, 3) == 3)
		mark("answered");
	RAW3(SYS_exit, 0, 0, 0);
}

static void install_filter(const struct sock_filter *code, size_t length)
{
	struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)(uintptr_t)code};

	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

#define LOAD_NUMBER BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define ALLOW(number)                                                                              \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                       \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE_BY(number, error)                                                                   \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                       \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define REFUSE(number) REFUSE_BY(number, EPERM)

static const struct sock_filter few[] = {LOAD_NUMBER, ALLOW(SYS_read), ALLOW(SYS_write),
	ALLOW(SYS_close), ALLOW(SYS_exit), ALLOW(SYS_exit_group),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)};

static void filter(void)
{
	half();
	install_filter(few, COUNT_OF(few));
	go_on();
	NEED(close(fd) == 0);
}

static void filter_by_syscall(void)
{
	struct sock_fprog program = {COUNT_OF(few), (struct sock_filter *)(uintptr_t)few};

	half();
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
	go_on();
	NEED(close(fd) == 0);
}

static void landlock(void)
{
	struct {
		uint64_t handled;
	} rules = {1};
	int set = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);

	mark("#landlock %d", set);
	half();
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	mark("%d", (int)syscall(SYS_landlock_restrict_self, set, 0) == 0 || set < 0);
	go_on();
}

/* A container's filter is there before the program: what it refuses, the program never asked for.
 */
static void refused(void)
{
	static const struct sock_filter code[] = {LOAD_NUMBER, REFUSE(SYS_setsockopt),
		REFUSE(SYS_getsockopt), REFUSE(SYS_sendmsg), REFUSE(SYS_sendto), REFUSE(SYS_clone3),
		REFUSE(SYS_clone), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

	install_filter(code, COUNT_OF(code));
	execl(self, self, "refused-inside", (char *)NULL);
}

/* By other words: as some security modules do, and a kernel that looks at the address. */
static void denied(void)
{
	static const struct sock_filter code[] = {LOAD_NUMBER, REFUSE_BY(SYS_sendto, EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

	install_filter(code, COUNT_OF(code));
	execl(self, self, "refused-inside", (char *)NULL);
}

static void unknown_family(void)
{
	static const struct sock_filter code[] = {LOAD_NUMBER, REFUSE_BY(SYS_sendto, EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};

	install_filter(code, COUNT_OF(code));
	execl(self, self, "refused-inside", (char *)NULL);
}

/* From then on whoever reads the clock is killed. */
static void no_clock(void)
{
	half();
	answer(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	go_on();
}

static void no_clock_by_number(void)
{
	half();
	answer((int)syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	go_on();
}

static void refused_inside(void)
{
	fd = dial();
	for (int i = 0; i < 3; i++) {
		go_on();
		NEED(dup2(fd, 40) == 40);
	}
	wrote(fd, 30);
	wait_go();
}

static void forked(void)
{
	int status;
	pid_t pid;

	half();
	pid = fork();
	mark("%d thread", threads_now());
	if (pid == 0)
		_exit(threads_now());
	NEED(waitpid(pid, &status, 0) == pid);
	mark("child: %d thread", WEXITSTATUS(status));
	go_on();
}

static const struct verb verbs[] = {
	{"unshare-user", new_user},
	{"unshare-net", new_network},
	{"setns", join_namespace},
	{"setuid", set_user},
	{"setuid-threads", set_user_threads},
	{"capset", set_capabilities},
	{"strict", strict},
	{"filter", filter},
	{"filter-syscall", filter_by_syscall},
	{"landlock", landlock},
	{"refused", refused},
	{"denied", denied},
	{"unknown-family", unknown_family},
	{"no-clock", no_clock},
	{"no-clock-by-number", no_clock_by_number},
	{"refused-inside", refused_inside},
	{"fork", forked},
};

int main(int argc, char **argv)
{
	self = argv[0];
	page_of_harness();
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
