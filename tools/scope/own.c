/* A run's cgroup. There is no way to have the kernel remove an empty cgroup of version 2, so a
 * small process stays that sleeps in poll(2) until the last one in it has ended. It holds none of
 * COMMAND's descriptors, is not its child and not in its session. Killed, it leaves an empty
 * cgroup, which concerns nobody, and which the next sockfix run or scope removes. */
#include "tools/scope/own.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tools/base/child.h"
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
	else if (error == -EXDEV)
		snprintf(own->why, sizeof(own->why),
			"this process is in a cgroup that is not mounted here");
	else if (error == -EDQUOT)
		snprintf(own->why, sizeof(own->why),
			"its cgroup has a limit, which programs look for in the cgroup that they are in");
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

/* They hold below it as well, but are not to be read there: a program of Go would start a thread
 * for each processor of the host. */
static bool has_limits(const char *home)
{
	static const char *const limit[] = {"cpu.max", "memory.max", "memory.high"};
	char name[PATH_MAX + 16], text[16];

	for (size_t i = 0; i < sizeof(limit) / sizeof(*limit); i++) {
		int fd;
		ssize_t length;

		snprintf(name, sizeof(name), "%s/%s", home, limit[i]);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		length = fd < 0 ? 0 : read(fd, text, sizeof(text));
		if (fd >= 0)
			close(fd);
		if (length > 0 && (length < 3 || memcmp(text, "max", 3) != 0))
			return true;
	}
	return false;
}

int own_make(struct own *own)
{
	struct cgroup_mount mount;
	char home[PATH_MAX];
	int error = home_of(home, &mount);

	if (error)
		return fail(own, error, "/proc/self/cgroup");
	if (has_limits(home))
		return fail(own, -EDQUOT, home);
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
static _Noreturn void watch(const struct own *own, int events, int start)
{
	int folder = own->lock;
	struct pollfd poll_events = {.events = POLLPRI};
	char byte;

	setsid();
	child_is("sockfix-scope", own->command);
	keep_only(&events, &start, &folder);
	poll_events.fd = events;
	if (chdir("/") != 0)
		_exit(1);
	while (read(start, &byte, 1) < 0 && errno == EINTR)
		;
	for (;;) {
		/* one that COMMAND has made below it is left to the next run */
		if (is_empty(events)) {
			rmdir(own->path);
			_exit(0);
		}
		poll(&poll_events, 1, SELDOM);
	}
}

/* By a child that ends at once, for COMMAND must not find one that it has not made. *start: what is
 * closed when COMMAND runs. */
static int leave_watcher(const struct own *own, int *start)
{
	char name[PATH_MAX + 16];
	int ends[2], events, status;
	pid_t child;

	snprintf(name, sizeof(name), "%s/cgroup.events", own->path);
	events = open(name, O_RDONLY | O_CLOEXEC);
	if (events < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	child = child_fork();
	if (child == 0) {
		close(ends[1]);
		child = child_fork();
		if (child == 0)
			watch(own, events, ends[0]);
		_exit(child < 0);
	}
	status = child < 0 ? 1 : child_reap(child);
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
		error = leave_watcher(own, &start);
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
