/* A run's cgroup. There is no way to have the kernel remove an empty cgroup of version 2, so a
 * small process stays that sleeps in poll(2) until the last one in it has ended. It holds none of
 * COMMAND's descriptors, is not its child and not in its session. Killed, it leaves an empty
 * cgroup, which concerns nobody, and which the next sockfix run or scope removes. */
#include "tools/scope/own.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/orphans.h"

#define NAME "sockfix-run-"
enum {
	NAMES = 100,
	SELDOM = 600000, /* ms: of one that somebody else removes the kernel tells nothing */
};

/* ---- making and removing ---- */

static int fail(struct own *own, int error, const char *what)
{
	own->path[0] = '\0';
	if (error == -EROFS)
		snprintf(own->why, sizeof(own->why),
			"the cgroups are mounted read-only here, as in a container");
	else if (error == -ENOENT)
		snprintf(own->why, sizeof(own->why),
			"no cgroup v2 is mounted here, and the kernel asks programs only there");
	else
		snprintf(own->why, sizeof(own->why), "%s: %s", what, strerror(-error));
	return error;
}

/* Where this process is; a run within a run lies beside it, so that one set of rules holds. */
static int home_of(char home[PATH_MAX], struct cgroup_mount *mount)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	int error = file ? cgroup_mount_find(mount) : -errno;
	char *last;

	if (!error)
		error = cgroup_of(file, mount, home);
	if (file)
		fclose(file);
	last = error ? NULL : strrchr(home, '/');
	if (last && strncmp(last + 1, NAME, sizeof(NAME) - 1) == 0)
		*last = '\0';
	return error;
}

/* A folder of this name and its lock, flock(2); -EWOULDBLOCK: somebody else has that. */
static int lock(const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

/* Unless somebody is about to enter it, or will remove it. */
static int remove_left_behind(const char *path, void *own)
{
	const bool of_a_run = strncmp(strrchr(path, '/') + 1, NAME, sizeof(NAME) - 1) == 0;
	const int fd = of_a_run ? lock(path) : -ENOENT;

	(void)own;
	if (fd < 0)
		return 0;
	rmdir(path);
	close(fd);
	return 0;
}

void own_sweep(const struct cgroup_mount *mount)
{
	cgroup_walk(mount->path, remove_left_behind, NULL);
}

int own_make(struct own *own)
{
	struct cgroup_mount mount;
	char home[PATH_MAX];
	int error = home_of(home, &mount);

	if (error)
		return fail(own, error, "/proc/self/cgroup");
	cgroup_below(home, remove_left_behind, NULL);
	for (int i = 0; i < NAMES; i++) {
		if (snprintf(own->path, sizeof(own->path), "%s/" NAME "%d.%d", home, (int)getpid(),
			    i) >= (int)sizeof(own->path))
			return fail(own, -ENAMETOOLONG, home);
		if (mkdir(own->path, 0755) != 0) {
			if (errno != EEXIST)
				break;
			continue;
		}
		/* Another run may have thought that it was left behind. */
		own->lock = lock(own->path);
		if (own->lock >= 0 && access(own->path, F_OK) == 0)
			return 0;
		if (own->lock >= 0)
			close(own->lock);
	}
	error = -errno;
	return fail(own, error == -ENOENT ? -ENODEV : error, own->path);
}

void own_drop(struct own *own)
{
	if (own->path[0]) {
		rmdir(own->path);
		close(own->lock);
	}
	own->path[0] = '\0';
}

/* ---- waiting for its end ---- */

static bool is_empty(int events)
{
	char text[256];
	const ssize_t length = pread(events, text, sizeof(text) - 1, 0);

	if (length <= 0) /* it is gone */
		return true;
	text[length] = '\0';
	return strstr(text, "populated 0") != NULL;
}

/* These three become 0, 1 and 2, and all others are closed. */
static void keep_only(int *events, int *start, int *folder)
{
	int *const all[] = {events, start, folder};

	for (int i = 0; i < 3; i++)
		*all[i] = fcntl(*all[i], F_DUPFD, 3); /* out of the way of each other */
	for (int i = 0; i < 3; i++)
		*all[i] = dup2(*all[i], i);
	syscall(SYS_close_range, 3, ~0u, 0);
}

/* start: at its end when COMMAND runs, or never will. folder: the lock, kept to the end. */
static _Noreturn void watch(const char *path, int events, int start, int folder)
{
	struct pollfd poll_events = {.events = POLLPRI};
	char byte;

	setsid();
	prctl(PR_SET_NAME, "sockfix-scope", 0, 0, 0);
	keep_only(&events, &start, &folder);
	poll_events.fd = events;
	if (chdir("/") != 0)
		_exit(1);
	while (read(start, &byte, 1) < 0 && errno == EINTR)
		;
	for (;;) {
		if (is_empty(events) && (rmdir(path) == 0 || errno != EBUSY))
			_exit(0);
		poll(&poll_events, 1, SELDOM);
	}
}

int own_reap(pid_t child)
{
	const struct timespec now = {0};
	sigset_t set;
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	/* where it is blocked it would stay, and come to COMMAND */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &now);
	return status;
}

/* By a child that ends at once, for COMMAND must not find one that it has not made. *start: what is
 * closed when COMMAND runs. */
static int leave_watcher(const char *path, int folder, int *start)
{
	char name[PATH_MAX + 16];
	int ends[2], events, status;
	pid_t child;

	snprintf(name, sizeof(name), "%s/cgroup.events", path);
	events = open(name, O_RDONLY | O_CLOEXEC);
	if (events < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	child = fork();
	if (child == 0) {
		close(ends[1]);
		child = fork();
		if (child == 0)
			watch(path, events, ends[0], folder);
		_exit(child < 0);
	}
	status = child < 0 ? 1 : own_reap(child);
	close(events);
	close(ends[0]);
	*start = ends[1];
	return status ? -EAGAIN : 0;
}

int own_enter(struct own *own)
{
	char name[PATH_MAX + 16];
	int fd, start, error = 0;

	/* It would be COMMAND's child after all; with an init all of it ends, and the next run
	 * sweeps. */
	if (!gets_orphans())
		error = leave_watcher(own->path, own->lock, &start);
	if (error) {
		own_drop(own);
		return fail(own, error, "no process can be started to remove its cgroup");
	}
	snprintf(name, sizeof(name), "%s/cgroup.procs", own->path);
	fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error ? fail(own, error, name) : 0;
}
