/* A program of ours on a cgroup: put there, found again, taken away. By bpf(2), through libbpf;
 * where this was built without it (attach_built() is false) all answer -ENOSYS.
 *
 * It is attached beside others (BPF_F_ALLOW_MULTI) and held by the cgroup alone: no file, no pin,
 * no process. It ends with the cgroup, with the host, or by attach_end(). The rules travel in a map
 * that is bound to it, so that who looks later knows them. */
#ifndef SOCKFIX_SCOPE_ATTACH_H
#define SOCKFIX_SCOPE_ATTACH_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool attach_built(void);

/* Puts the program on the cgroup and ours that were there before away. rules: their line (wire.h).
 * Returns how many of ours were there before, or -errno; why: one sentence then, or "". log: what
 * the kernel's verifier said of it where it refused, to be freed, or NULL. -EBUSY: another program
 * does not let it in, or would end by it. */
struct attach_refusal {
	char why[512];
	char *log;
};
int attach_program(const char *cgroup, const struct bpf_insn *insn, size_t count, const char *rules,
	struct attach_refusal *refusal);

/* Takes ours away. Returns how many there were, or -errno. */
int attach_end(const char *cgroup);

/* Ours on one cgroup. */
struct attached {
	uint32_t id;   /* the program's number */
	int64_t since; /* seconds since 1970 */
	char *rules;   /* their line; NULL: it is not known */
};

/* At most the first; returns 1, 0: none, or -errno. attached_free() in any case. */
int attach_find(const char *cgroup, struct attached *attached);
void attached_free(struct attached *attached);

/* Whether a program of ours is anywhere in this kernel; -errno: that may not be asked. */
int attach_anywhere(void);

#endif
