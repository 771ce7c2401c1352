/* A sandbox that refuses what the library would like to ask. */
#ifndef VICTIM_REFUSE_H
#define VICTIM_REFUSE_H

#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "tests/victims/victim.h"

/* By a raw call, so nobody sees it come: what asks for that option, or for any where it is 0, has
 * that error from now on. Where libc asks by socketcall(2), the option is in memory and not seen:
 * any. */
static inline void refuse_question(unsigned option, int error)
{
#ifdef SYS_socketcall
	enum { CALL = SYS_socketcall, ARGUMENT = 0 };
	const unsigned asked = SYS_GETSOCKOPT;

	(void)option;
#else
	enum { CALL = SYS_getsockopt, ARGUMENT = 2 };
	const unsigned asked = option;
#endif
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CALL, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[ARGUMENT])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, asked, 0, asked ? 1 : 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT_OF(code), code};

	NEED(raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0) == 0);
	NEED(RAW3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

#endif
