/* Takes each socket by pidfd_getfd(2), pushes, and closes it at once: while we have it, a close of
 * the program's sends no FIN. Never has more than one of them, nor is it ended by a signal then. */
#include "tools/live/push.h"

#include <dirent.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static int number_of(int fd, int level, int name)
{
	socklen_t length = sizeof(int);
	int number = 0;

	return getsockopt(fd, level, name, &number, &length) == 0 ? number : -1;
}

/* What is held by MSG_MORE is marked nowhere: that the program has no cork on is reason enough to
 * take it off, which pushes (net/ipv4/tcp.c, __tcp_sock_set_cork). */
static int push(int fd)
{
	const int off = 0;
	int unsent = 0;

	return number_of(fd, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP &&
	       ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > 0 &&
	       number_of(fd, IPPROTO_TCP, TCP_CORK) == 0 &&
	       setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off)) == 0;
}

/* 1: it had unsent bytes; 0: it had none, or is gone; or -errno. */
static int take_and_push(int process, int theirs)
{
	sigset_t ending, before;
	int fd, result;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, &before);
	fd = (int)syscall(SYS_pidfd_getfd, process, theirs, 0);
	result = fd >= 0 ? push(fd) : errno == EBADF ? 0 : -errno;
	if (fd >= 0)
		close(fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

static int is_socket(DIR *folder, const char *name)
{
	char link[32];

	return readlinkat(dirfd(folder), name, link, sizeof(link)) > 7 &&
	       memcmp(link, "socket:", 7) == 0;
}

static int push_all(DIR *folder, int process)
{
	const struct dirent *entry;
	int pushed = 0, result;

	while ((entry = readdir(folder))) {
		if (!is_socket(folder, entry->d_name))
			continue;
		result = take_and_push(process, atoi(entry->d_name));
		if (result < 0)
			return result;
		pushed += result;
	}
	return pushed;
}

int push_sockets(pid_t pid)
{
	const int process = (int)syscall(SYS_pidfd_open, pid, 0);
	char path[64];
	DIR *folder;
	int result;

	if (process < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	result = folder ? push_all(folder, process) : -errno;
	if (folder)
		closedir(folder);
	close(process);
	return result;
}
