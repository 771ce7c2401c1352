/* Rules into a program for a cgroup: BPF_PROG_TYPE_SOCK_OPS, which the kernel runs at connect(), at
 * listen(), and when an accepted connection is there. */
#ifndef SOCKFIX_SCOPE_PROGRAM_H
#define SOCKFIX_SCOPE_PROGRAM_H

#include <linux/bpf.h>
#include <stddef.h>

#include "rules/rule.h"

/* Rules as takes_narrow() left them: none asks for a process. *insn, *count instructions, is to be
 * freed. Returns 0; -ENODATA: they set nothing that this program could; -E2BIG: they are too many
 * for it. On error *insn is NULL. */
int program_make(const struct ruleset *set, struct bpf_insn **insn, size_t *count);

#endif
