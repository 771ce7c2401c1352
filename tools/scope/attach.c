/* Loads, attaches and takes away. Must not know what a rule is: it gets instructions and a
 * line of text. */
#include "tools/scope/attach.h"

#include <errno.h>

#ifdef SOCKFIX_LIBBPF

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/scope/there.h"

enum { LOG = 1 << 20 };

bool attach_built(void)
{
	return true;
}

/* ---- those that stand in the way ---- */

static void say_who(const char *cgroup, __u32 id, bool ends, struct attach_refusal *refusal)
{
	char name[BPF_OBJ_NAME_LEN] = "";

	if (!there_name(id, name) || !*name)
		strcpy(name, "without a name");
	snprintf(refusal->why, sizeof(refusal->why),
		ends ? "the program %s (number %u) on %s gives way to every other below it "
		       "(BPF_F_ALLOW_OVERRIDE): ours would end it there"
		     : "the program %s (number %u) is alone on %s and lets no other in (it was "
		       "attached without BPF_F_ALLOW_MULTI)",
		name, id, cgroup);
}

/* Up from the cgroup itself, as kernel/bpf/cgroup.c does (hierarchy_allows_attach()); a program
 * that lets others override it would be silent below. Returns 0 or -EBUSY. */
static int ask_those_above(const char *cgroup, struct attach_refusal *refusal)
{
	char path[PATH_MAX];
	struct there there;

	snprintf(path, sizeof(path), "%s", cgroup);
	while (there_look(path, &there) == 0) {
		char *end = strrchr(path, '/');

		if (there.count && !(there.flags & BPF_F_ALLOW_MULTI)) {
			say_who(path, there.id[0], there.flags & BPF_F_ALLOW_OVERRIDE, refusal);
			return -EBUSY;
		}
		if (there.count || !end || end == path)
			return 0;
		*end = '\0';
	}
	return 0;
}

/* ---- putting ours there ---- */

/* Frozen: nobody changes what it says. Where the kernel has no such maps the rules are not known.
 */
static void bind_rules(int program, const char *rules)
{
	const __u32 size = (__u32)strlen(rules) + 1;
	LIBBPF_OPTS(bpf_map_create_opts, options);
	const int map =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, THERE_OURS "_rules", 4, size, 1, &options);
	const __u32 first = 0;

	if (map < 0)
		return;
	if (bpf_map_update_elem(map, &first, rules, BPF_ANY) == 0 && bpf_map_freeze(map) == 0)
		bpf_prog_bind_map(program, map, NULL);
	close(map);
}

static int load(const struct bpf_insn *insn, size_t count, struct attach_refusal *refusal)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options);
	int fd = bpf_prog_load(
		BPF_PROG_TYPE_SOCK_OPS, THERE_OURS "_scope", "Dual MIT/GPL", insn, count, &options);
	int error = fd < 0 ? -errno : 0;

	if (fd >= 0 || error == -EPERM || error == -ENOSYS)
		return fd < 0 ? error : fd;
	refusal->log = memory_take(LOG, 1);
	options.log_buf = refusal->log;
	options.log_size = LOG;
	options.log_level = 1;
	fd = bpf_prog_load(
		BPF_PROG_TYPE_SOCK_OPS, THERE_OURS "_scope", "Dual MIT/GPL", insn, count, &options);
	if (fd >= 0 || !*refusal->log) {
		free(refusal->log);
		refusal->log = NULL;
	}
	return fd < 0 ? error : fd;
}

/* Of those that were there, ours. */
static int take_away(int folder, const struct there *there)
{
	int count = 0, error = 0;

	for (__u32 i = 0; i < there->count && i < THERE_PROGRAMS; i++) {
		struct bpf_prog_info info;
		const int fd = there_program(there->id[i], &info);

		if (fd >= 0 && there_is_ours(info.name)) {
			if (bpf_prog_detach2(fd, folder, BPF_CGROUP_SOCK_OPS) == 0)
				count++;
			else
				error = -errno;
		}
		if (fd >= 0)
			close(fd);
	}
	return error ? error : count;
}

/* The new one first: no connection goes without. */
static int put(const char *cgroup, int program, struct attach_refusal *refusal)
{
	const int folder = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct there before;
	int result = folder < 0 ? -errno : there_look(cgroup, &before);

	if (!result)
		result = ask_those_above(cgroup, refusal);
	if (!result && bpf_prog_attach(program, folder, BPF_CGROUP_SOCK_OPS, BPF_F_ALLOW_MULTI))
		result = -errno;
	if (!result)
		result = take_away(folder, &before);
	if (folder >= 0)
		close(folder);
	return result;
}

int attach_program(const char *cgroup, const struct bpf_insn *insn, size_t count, const char *rules,
	struct attach_refusal *refusal)
{
	int program, result;

	memset(refusal, 0, sizeof(*refusal));
	libbpf_set_print(NULL); /* sentences are ours */
	program = load(insn, count, refusal);
	if (program < 0)
		return program;
	bind_rules(program, rules);
	result = put(cgroup, program, refusal);
	close(program);
	return result;
}

int attach_end(const char *cgroup)
{
	const int folder = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct there there;
	int result = folder < 0 ? -errno : there_look(cgroup, &there);

	if (!result)
		result = take_away(folder, &there);
	if (folder >= 0)
		close(folder);
	return result;
}

#endif
