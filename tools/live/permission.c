/* Holds what ptrace(2) says of PTRACE_MODE_ATTACH_REALCREDS against what /proc says of the process.
 * No name service: a user without an entry in /etc/passwd is a number. */
#include "tools/live/permission.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool real_user(pid_t pid, uid_t *uid)
{
	char path[64], line[256];
	unsigned number;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "Uid: %u", &number) == 1;
	if (file)
		fclose(file);
	*uid = found ? number : 0;
	return found;
}

static void name_user(uid_t uid, char *out, size_t size)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	snprintf(out, size, "%u", (unsigned)uid);
	while (file && (entry = fgetpwent(file)))
		if (entry->pw_uid == uid) {
			snprintf(out, size, "%s", entry->pw_name);
			break;
		}
	if (file)
		fclose(file);
}

/* The kernel gives the files in /proc/PID of what is not dumpable to root, but not the folder
 * (fs/proc/base.c, task_dump_owner). */
static bool is_dumpable(pid_t pid, uid_t uid)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	return stat(path, &status) == 0 && status.st_uid == uid;
}

static int yama(void)
{
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int scope = 0;

	if (file) {
		if (fscanf(file, "%d", &scope) != 1)
			scope = 0;
		fclose(file);
	}
	return scope;
}

/* Where the link cannot be read it is none that we may go into. */
static bool is_same_namespace(pid_t pid)
{
	char path[64], own[64] = "", theirs[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return readlink("/proc/self/ns/user", own, sizeof(own) - 1) > 0 &&
	       readlink(path, theirs, sizeof(theirs) - 1) > 0 && strcmp(own, theirs) == 0;
}

static void why_refused(pid_t pid, uid_t uid, char *out, size_t size)
{
	const bool root = geteuid() == 0;
	char name[64];

	name_user(uid, name, sizeof(name));
	if (!root && uid == 0)
		snprintf(out, size, "it is root's: run this as root");
	else if (!root && uid != geteuid())
		snprintf(out, size, "it is %s's: run this as %s or as root", name, name);
	else if (!root && !is_dumpable(pid, uid))
		snprintf(out, size, "it has made itself undumpable (prctl(2)): run this as root");
	else if (!is_same_namespace(pid))
		snprintf(out, size,
			"it is in another user namespace: run this as root of the host, or inside");
	else if (yama() > 0)
		snprintf(out, size, "Yama allows it to %s alone (kernel.yama.ptrace_scope is %d)%s",
			yama() > 2   ? "nobody"
			: yama() > 1 ? "root"
				     : "its parents and root",
			yama(), root ? "" : ": run this as root");
	else
		snprintf(out, size,
			"a security module or a sandbox refuses it: run this as root of the host");
}

void permission_why(pid_t pid, int error, char *out, size_t size)
{
	uid_t uid;

	if (error != -EPERM && error != -EACCES)
		snprintf(out, size, "%s", strerror(-error));
	else if (real_user(pid, &uid))
		why_refused(pid, uid, out, size);
	else
		snprintf(out, size, "/proc shows nothing of it (hidepid?): run this as root");
}
