/* Asks once, by trying, in a child where trying would change us. */
#include "need.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf.h"
#include "must.h"
#include "own.h"

static bool root(void)
{
	return geteuid() == 0;
}

static bool namespaces(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

static bool tun(void)
{
	return namespaces() && open("/dev/net/tun", O_RDWR | O_CLOEXEC) >= 0;
}

/* And may put a program of that kind there. */
static bool programs(void)
{
	char *mount = bpf_mount();
	struct bpf_other other;

	if (!mount)
		return false;
	free(mount);
	mount = bpf_cgroup(NULL, "need");
	bpf_other_begin(&other, mount, 0);
	bpf_other_end(&other);
	bpf_cgroup_end(mount);
	return true;
}

static const struct thing {
	const char *name;
	bool (*is_there)(void);
	const char *what;
} things[] = {
	{"root", root, "root"},
	{"namespaces", namespaces, "network namespaces (root, CAP_SYS_ADMIN)"},
	{"mounts", own_mounts_try, "a mount namespace (root, CAP_SYS_ADMIN)"},
	{"bpf", programs, "a cgroup v2 and programs on it (root of the host, CAP_BPF)"},
	{"tun", tun, "network namespaces and /dev/net/tun (root, CAP_NET_ADMIN)"},
};

static const struct thing *thing_named(const char *name)
{
	const struct thing *thing = things;

	while (strcmp(thing->name, name) != 0)
		MUST(++thing < things + sizeof(things) / sizeof(*things));
	return thing;
}

static bool is_there(const struct thing *thing)
{
	int status;
	pid_t child = fork();

	MUST(child >= 0);
	if (child == 0)
		_exit(!thing->is_there());
	MUST(waitpid(child, &status, 0) == child);
	return status == 0;
}

bool need_left_out(const char *name)
{
	const char *list = getenv("TESTS_WITHOUT");
	size_t length = strlen(name);

	for (; list && *list; list += strcspn(list, " ,"), list += strspn(list, " ,"))
		if (strcspn(list, " ,") == length && strncmp(list, name, length) == 0)
			return true;
	return false;
}

#define SENTENCE "needs %s; TESTS_WITHOUT=%s leaves it out"

void need(const char *name)
{
	const struct thing *thing = thing_named(name);

	if (need_left_out(name))
		skip();
	if (!is_there(thing))
		fail_msg(SENTENCE, thing->what, name);
	if (thing->is_there == own_mounts_try)
		own_mounts();
}

void need_for_all(const char *name)
{
	const struct thing *thing = thing_named(name);

	if (need_left_out(name)) {
		printf("[  SKIPPED ] all, without %s\n[  PASSED  ] 0 test(s).\n", name);
		exit(0);
	}
	if (!is_there(thing)) {
		printf(SENTENCE "\n", thing->what, name);
		exit(1);
	}
	if (thing->is_there == own_mounts_try)
		own_mounts();
}
