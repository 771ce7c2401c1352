/* Connections that others go on with: made by a parent that sees a child use them and end, sent to
 * another process, kept beyond a sandbox. Each time it is told what TCP_NODELAY the kernel has. */
#include "tests/victims/refuse.h"
#include "tests/victims/unseen.h"

#include <spawn.h>

static char *self;

/* A connection that the library knows nothing of. */
static int dial_unseen(void)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = (int)RAW3(SYS_socket, address.ss_family, SOCK_STREAM, 0);

	NEED(fd >= 0 && RAW3(SYS_connect, fd, &address, length) == 0);
	return fd;
}

static void use(int fd)
{
	for (int i = 0; i < 2; i++) {
		say(fd, "ab");
		say(fd, "c\n");
		NEED(hear(fd));
	}
	mark("#in use: %d", kernel_nodelay(fd));
}

static void mark_kernel(const char *when, int fd)
{
	mark("%s the kernel has %d", when, kernel_nodelay(fd));
}

static void see_off(pid_t pid)
{
	int status;

	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	mark("child %#x", (unsigned)status);
}

/* ---- a child uses it and ends ---- */

static void child_exits(void)
{
	int fd = dial_unseen();
	pid_t pid = fork();

	if (pid == 0) {
		use(fd);
		_exit(3);
	}
	see_off(pid);
	mark_kernel("after the child", fd);
}

static void child_ends_by_exit(void)
{
	int fd = dial_unseen();
	pid_t pid = fork();

	if (pid == 0) {
		use(fd);
		exit(3);
	}
	see_off(pid);
	mark_kernel("after the child", fd);
}

/* One name is closed, the other one stays to the end. */
static void child_closes_one_name(void)
{
	int fd = dial_unseen(), other;
	pid_t pid = fork();

	if (pid == 0) {
		use(fd);
		other = dup(fd);
		NEED(other >= 0 && close(fd) == 0);
		use(other);
		_exit(3);
	}
	see_off(pid);
	mark_kernel("after the child", fd);
}

static void child_closes(void)
{
	int fd = dial_unseen();
	pid_t pid = fork();

	if (pid == 0) {
		use(fd);
		NEED(close(fd) == 0);
		RAW3(SYS_exit_group, 3, 0, 0);
	}
	see_off(pid);
	mark_kernel("after the child", fd);
}

/* ---- what was given back is taken again by a child ---- */

/* Before a program by posix_spawn it is given back, so the child is the first who has it anew. */
static void taken_anew(pid_t (*make_child)(void))
{
	static char name[] = "true", *argv[] = {name, NULL};
	int fd = dial();
	pid_t pid;

	use(fd);
	NEED(posix_spawnp(&pid, "true", NULL, NULL, argv, environ) == 0);
	see_off(pid);
	pid = make_child();
	if (pid == 0) {
		use(fd);
		_exit(3);
	}
	see_off(pid);
	mark_kernel("after the child", fd);
}

static pid_t raw_fork(void)
{
	return (pid_t)RAW3(SYS_clone, SIGCHLD, 0, 0);
}

static void anew_by_fork(void)
{
	taken_anew(fork);
}

static void anew_by_raw_fork(void)
{
	taken_anew(raw_fork);
}

/* ---- a child program does ---- */

/* As gen_tcp of Erlang does; a socket of which this process has nothing to say is as the next
 * program leaves it. */
static int dial_and_state_the_default(void)
{
	int fd = dial();

	NEED(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){0}, sizeof(int)) == 0);
	return fd;
}

static void borrow(int fd)
{
	use(fd);
}

static void program_by_system(void)
{
	char command[4200];
	int fd = dial_and_state_the_default();

	snprintf(command, sizeof(command), "exec '%s' borrow %d", self, fd);
	mark("system %#x", (unsigned)system(command));
	mark_nodelay("after the program", fd);
}

static void program_by_spawn(void)
{
	char number[16];
	char *argv[] = {self, (char *)(uintptr_t) "borrow", number, NULL};
	int fd = dial_and_state_the_default();
	pid_t pid;

	snprintf(number, sizeof(number), "%d", fd);
	NEED(posix_spawn(&pid, self, NULL, NULL, argv, environ) == 0);
	see_off(pid);
	mark_nodelay("after the program", fd);
}

static void program_by_vfork(void)
{
	char number[16];
	int fd = dial_and_state_the_default();
	pid_t pid;

	snprintf(number, sizeof(number), "%d", fd);
	pid = vfork();
	if (pid == 0) {
		execl(self, self, "borrow", number, (char *)NULL);
		_exit(127);
	}
	see_off(pid);
	mark_nodelay("after the program", fd);
}

/* ---- it is sent ---- */

struct parcel {
	struct mmsghdr many;
	struct iovec part;
	char byte;
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr *parcel_make(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->part = (struct iovec){&parcel->byte, 1};
	parcel->many.msg_hdr = (struct msghdr){.msg_iov = &parcel->part,
		.msg_iovlen = 1,
		.msg_control = parcel->room,
		.msg_controllen = sizeof(parcel->room)};
	return &parcel->many.msg_hdr;
}

static struct msghdr *parcel_with(struct parcel *parcel, int fd)
{
	struct msghdr *message = parcel_make(parcel);
	struct cmsghdr *header = CMSG_FIRSTHDR(message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return message;
}

static int parcel_open(struct msghdr *message)
{
	int fd;

	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(message)), sizeof(fd));
	return fd;
}

/* What the receiver has, while the sender has it too and afterwards. */
static void received(int fd, int from)
{
	struct parcel parcel;
	struct msghdr *message = parcel_make(&parcel);
	int got;

	NEED(RAW3(SYS_recvmsg, from, message, 0) == 1);
	got = parcel_open(message);
	mark_kernel("received,", got);
	NEED(close(fd) == 0);
	mark_kernel("alone,", got);
}

static void sent(void)
{
	struct parcel parcel;
	int fd = dial(), pair[2];

	use(fd);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED(sendmsg(pair[0], parcel_with(&parcel, fd), 0) == 1);
	received(fd, pair[1]);
}

static void sent_among_many(void)
{
	struct parcel parcel;
	int fd = dial(), pair[2];

	use(fd);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	parcel_with(&parcel, fd);
	NEED(sendmmsg(pair[0], &parcel.many, 1, 0) == 1);
	received(fd, pair[1]);
}

/* The other way round: it came, was used, and is closed; who sent it has it still. */
static void borrowed(void)
{
	struct parcel parcel;
	struct msghdr *message = parcel_make(&parcel);
	int fd = dial_unseen(), pair[2], got;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED(RAW3(SYS_sendmsg, pair[0], parcel_with(&parcel, fd), 0) == 1);
	message = parcel_make(&parcel);
	NEED(recvmsg(pair[1], message, 0) == 1);
	got = parcel_open(message);
	use(got);
	NEED(close(got) == 0);
	mark_kernel("given back,", fd);
}

/* ---- nothing may be set any more ---- */

static void sandbox(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {1, &all};
	int fd = dial();

	use(fd);
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
	mark_nodelay("in the sandbox", fd);
	say(fd, "more\n");
	NEED(hear(fd));
	mark_kernel("after a write", fd);
}

/* Nobody sees it come; the library learns of it as it asks what that second name is, and gives way.
 */
static void sandbox_unseen(void)
{
	int fd = dial(), second;

	use(fd);
	refuse_question(TCP_REPAIR, EPERM);
	second = (int)RAW3(SYS_fcntl, fd, F_DUPFD, 300);
	NEED(second >= 300);
	say(second, "more\n");
	NEED(hear(second));
	mark_kernel("in the sandbox", fd);
}

static const struct verb verbs[] = {
	{"child-_exit", child_exits},
	{"child-exit", child_ends_by_exit},
	{"child-closes-one-name", child_closes_one_name},
	{"child-closes", child_closes},
	{"anew-fork", anew_by_fork},
	{"anew-raw-fork", anew_by_raw_fork},
	{"program-system", program_by_system},
	{"program-spawn", program_by_spawn},
	{"program-vfork", program_by_vfork},
	{"sent", sent},
	{"sent-many", sent_among_many},
	{"borrowed", borrowed},
	{"sandbox", sandbox},
	{"sandbox-unseen", sandbox_unseen},
};

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "borrow") == 0) {
		borrow(atoi(argv[2]));
		return 0;
	}
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
