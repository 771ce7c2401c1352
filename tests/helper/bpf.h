/* cgroups of version 2 and the sock_ops programs on them, by bpf(2) itself: what is there, and one
 * of somebody else. Needs need("bpf"). */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BPF_PROGRAMS = 16 };

/* Where they are mounted; NULL: nowhere. The caller frees it. */
char *bpf_mount(void);

/* A new cgroup "sockfix-test-PID-NAME" in the one that this process is in, or in `below`; the
 * caller frees its folder's name. Removed by bpf_cgroup_end(), which waits until it is empty,
 * within a net against hangs. */
char *bpf_cgroup(const char *below, const char *name);
void bpf_cgroup_end(char *folder);
/* The cgroup folder of this process; the caller frees it. And it goes to another one. */
char *bpf_cgroup_own(void);
void bpf_cgroup_enter(const char *folder);

/* The numbers of the programs on it, in their order. Returns how many. */
size_t bpf_programs(const char *folder, uint32_t id[BPF_PROGRAMS]);

/* The maps of a program; returns how many, 0 where it is not there. */
size_t bpf_maps(uint32_t program, uint32_t id[BPF_PROGRAMS]);

/* Waits until that program, or map, is no more: the kernel takes its time. False: it stays. */
bool bpf_program_ends(uint32_t id);
bool bpf_map_ends(uint32_t id);

/* Somebody's program "others", which counts how often it ran, attached with these flags. */
struct bpf_other {
	int program, map, folder;
};
void bpf_other_begin(struct bpf_other *other, const char *folder, uint32_t flags);
uint64_t bpf_other_runs(const struct bpf_other *other);
uint32_t bpf_other_id(const struct bpf_other *other);
void bpf_other_end(struct bpf_other *other);

#endif
