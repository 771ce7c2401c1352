/* bpf(2) without a library: the tests need it where the command was built without one, too. */
#include "bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

static int bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* ---- cgroups ---- */

char *bpf_mount(void)
{
	char line[4096], path[4096];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *found = NULL;

	MUST(file);
	while (!found && fgets(line, sizeof(line), file))
		if (strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %*s %4095s", path) == 1)
			found = must_print("%s", path);
	fclose(file);
	return found;
}

char *bpf_cgroup_own(void)
{
	char line[4096], *mount = bpf_mount(), *own = NULL;
	FILE *file = fopen("/proc/self/cgroup", "re");

	MUST(file && mount);
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "0::", 3) == 0) {
			line[strcspn(line, "\n")] = '\0';
			own = must_print("%s%s", mount, strcmp(line, "0::/") ? line + 3 : "");
		}
	fclose(file);
	free(mount);
	MUST(own);
	return own;
}

char *bpf_cgroup(const char *below, const char *name)
{
	char *own = below ? NULL : bpf_cgroup_own();
	char *folder = must_print("%s/sockfix-test-%d-%s", below ? below : own, getpid(), name);

	rmdir(folder); /* of a test that was killed, whose number came again */
	MUST(mkdir(folder, 0755) == 0);
	free(own);
	return folder;
}

void bpf_cgroup_enter(const char *folder)
{
	char *path = must_print("%s/cgroup.procs", folder);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	MUST(fd >= 0 && write(fd, "0", 1) == 1);
	close(fd);
	free(path);
}

static const struct timespec a_moment = {.tv_nsec = 10000000};
enum { MOMENTS = MUST_SECONDS * 100 };

void bpf_cgroup_end(char *folder)
{
	int error = -1;

	for (int i = 0; i < MOMENTS && error; i++) {
		error = rmdir(folder);
		if (error)
			nanosleep(&a_moment, NULL);
	}
	MUST(error == 0);
	free(folder);
}

/* ---- what is there ---- */

size_t bpf_programs(const char *folder, uint32_t id[BPF_PROGRAMS])
{
	union bpf_attr attr = {0};
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	MUST(fd >= 0);
	attr.query.target_fd = (uint32_t)fd;
	attr.query.attach_type = BPF_CGROUP_SOCK_OPS;
	attr.query.prog_ids = (uintptr_t)id;
	attr.query.prog_cnt = BPF_PROGRAMS;
	MUST(bpf(BPF_PROG_QUERY, &attr) == 0);
	close(fd);
	return attr.query.prog_cnt;
}

static int by_id(int command, uint32_t id)
{
	union bpf_attr attr = {.prog_id = id};
	int fd = bpf(command, &attr);

	MUST(fd >= 0 || errno == ENOENT);
	return fd;
}

static void info_of(int program, struct bpf_prog_info *info)
{
	union bpf_attr attr = {0};

	attr.info.bpf_fd = (uint32_t)program;
	attr.info.info_len = sizeof(*info);
	attr.info.info = (uintptr_t)info;
	MUST(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0);
}

size_t bpf_maps(uint32_t program, uint32_t id[BPF_PROGRAMS])
{
	struct bpf_prog_info info = {.nr_map_ids = BPF_PROGRAMS, .map_ids = (uintptr_t)id};
	int fd = by_id(BPF_PROG_GET_FD_BY_ID, program);

	if (fd < 0)
		return 0;
	info_of(fd, &info);
	close(fd);
	return info.nr_map_ids;
}

static bool ends(int command, uint32_t id)
{
	for (int i = 0; i < MOMENTS; i++) {
		int fd = by_id(command, id);

		if (fd < 0)
			return true;
		close(fd);
		nanosleep(&a_moment, NULL);
	}
	return false;
}

bool bpf_program_ends(uint32_t id)
{
	return ends(BPF_PROG_GET_FD_BY_ID, id);
}

bool bpf_map_ends(uint32_t id)
{
	return ends(BPF_MAP_GET_FD_BY_ID, id);
}

/* ---- somebody else ---- */

#define INSN(code_, dst, src, off_, imm_)                                                          \
	((struct bpf_insn){.code = (code_),                                                        \
		.dst_reg = (dst),                                                                  \
		.src_reg = (src),                                                                  \
		.off = (off_),                                                                     \
		.imm = (imm_)})

static int make_map(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	int fd = bpf(BPF_MAP_CREATE, &attr);

	MUST(fd >= 0);
	return fd;
}

static int make_program(int map)
{
	const struct bpf_insn insn[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, 1),
		INSN(BPF_STX | BPF_MEM | BPF_DW, 0, 1, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {0};
	int fd;

	attr.prog_type = BPF_PROG_TYPE_SOCK_OPS;
	attr.insns = (uintptr_t)insn;
	attr.insn_cnt = sizeof(insn) / sizeof(*insn);
	attr.license = (uintptr_t) "GPL";
	strcpy(attr.prog_name, "others");
	fd = bpf(BPF_PROG_LOAD, &attr);
	MUST(fd >= 0);
	return fd;
}

static int attach(const struct bpf_other *other, int command, uint32_t flags)
{
	union bpf_attr attr = {0};

	attr.target_fd = (uint32_t)other->folder;
	attr.attach_bpf_fd = (uint32_t)other->program;
	attr.attach_type = BPF_CGROUP_SOCK_OPS;
	attr.attach_flags = flags;
	return bpf(command, &attr);
}

void bpf_other_begin(struct bpf_other *other, const char *folder, uint32_t flags)
{
	other->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	other->map = make_map();
	other->program = make_program(other->map);
	MUST(other->folder >= 0 && attach(other, BPF_PROG_ATTACH, flags) == 0);
}

uint64_t bpf_other_runs(const struct bpf_other *other)
{
	const uint32_t key = 0;
	uint64_t value = 0;
	union bpf_attr attr = {0};

	attr.map_fd = (uint32_t)other->map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	MUST(bpf(BPF_MAP_LOOKUP_ELEM, &attr) == 0);
	return value;
}

uint32_t bpf_other_id(const struct bpf_other *other)
{
	struct bpf_prog_info info = {0};

	info_of(other->program, &info);
	return info.id;
}

void bpf_other_end(struct bpf_other *other)
{
	MUST(attach(other, BPF_PROG_DETACH, 0) == 0);
	close(other->program);
	close(other->map);
	close(other->folder);
}
