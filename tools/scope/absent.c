/* What attach.h promises where this was built without libbpf: nothing. */
#include "tools/scope/attach.h"

#ifndef SOCKFIX_LIBBPF

#include <errno.h>

bool attach_built(void)
{
	return false;
}

int attach_program(const char *cgroup, const struct bpf_insn *insn, size_t count, const char *rules,
	struct attach_refusal *refusal)
{
	(void)cgroup;
	(void)insn;
	(void)count;
	(void)rules;
	*refusal = (struct attach_refusal){.log = NULL};
	return -ENOSYS;
}

int attach_end(const char *cgroup)
{
	(void)cgroup;
	return -ENOSYS;
}

int attach_find(const char *cgroup, struct attached *attached)
{
	(void)cgroup;
	*attached = (struct attached){.id = 0};
	return -ENOSYS;
}

void attached_free(struct attached *attached)
{
	(void)attached;
}

int attach_anywhere(void)
{
	return -ENOSYS;
}

#endif
