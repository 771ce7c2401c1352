/* The programs that are on a cgroup, through libbpf: for attach.c. Only where there is libbpf. */
#ifndef SOCKFIX_SCOPE_THERE_H
#define SOCKFIX_SCOPE_THERE_H

#include <linux/bpf.h>
#include <stdbool.h>

#define THERE_OURS "sockfix" /* of our programs and maps: no other's begin so */
enum { THERE_PROGRAMS = 64 };

struct there {
	__u32 id[THERE_PROGRAMS];
	__u32 count; /* it may be larger than the room above */
	__u32 flags; /* with which they were attached */
};

/* 0 or -errno. */
int there_look(const char *cgroup, struct there *there);

/* A descriptor of that program, or -errno. */
int there_program(__u32 id, struct bpf_prog_info *info);

bool there_is_ours(const char *name);

/* False: it has ended. */
bool there_name(__u32 id, char name[BPF_OBJ_NAME_LEN]);

#endif
