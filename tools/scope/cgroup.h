/* Where cgroups lie. Of version 2 alone: the kernel asks programs of this kind there only. */
#ifndef SOCKFIX_SCOPE_CGROUP_H
#define SOCKFIX_SCOPE_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct cgroup_mount {
	char path[PATH_MAX]; /* the folder; on a host with both versions often .../unified */
	char root[PATH_MAX]; /* the cgroup that lies there, "/" as a rule */
	bool v1;	     /* there are cgroups of version 1 */
};

/* From a text as /proc/self/mountinfo has it (proc(5)): the first mount of type cgroup2. Returns 0;
 * -ENOENT: there is none. */
int cgroup_mount_read(FILE *mountinfo, struct cgroup_mount *mount);
/* Of this process. 0 or -errno. */
int cgroup_mount_find(struct cgroup_mount *mount);

/* A folder out of "0::/path", a line of a text as /proc/PID/cgroup has it (cgroups(7)). Returns 0;
 * -ENOENT: no such line; -EXDEV: it lies outside of what is mounted. */
int cgroup_of(FILE *text, const struct cgroup_mount *mount, char path[PATH_MAX]);

/* What a user has named: a folder of cgroups, or a cgroup as /proc/PID/cgroup names it. Returns 0,
 * or -errno: -EMEDIUMTYPE: of version 1; -ENOTDIR: no cgroup. */
int cgroup_named(const char *name, const struct cgroup_mount *mount, char path[PATH_MAX]);

/* The cgroup of a unit of systemd: the one of that name (".service" where it has no dot) that lies
 * highest. Returns 0; -ENOENT; -ENOTUNIQ: two lie as high, other is the second. */
int cgroup_of_unit(const char *unit, const struct cgroup_mount *mount, char path[PATH_MAX],
	char other[PATH_MAX]);

/* A cgroup folder without the mount before it, for screens: "/system.slice/x.service". */
const char *cgroup_name(const struct cgroup_mount *mount, const char *path);

/* Calls for every cgroup right below path; for path and every one below it, however far; while it
 * returns 0. Both return what it returned last. A folder that ends meanwhile is none. */
int cgroup_below(const char *path, int (*each)(const char *path, void *own), void *own);
int cgroup_walk(const char *path, int (*each)(const char *path, void *own), void *own);

#endif
