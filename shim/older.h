/* What older headers lack of what we ask the kernel for, as the newest ones have it. The compiler
 * reads it before each file (the Makefile): Debian 11 has the headers of Linux 5.10 and glibc 2.31.
 * A call that the kernel lacks it answers with ENOSYS; names that libc lacks are dealt with in
 * calls.h.
 *
 * From 424 on a call has the same number on every architecture (linux: scripts/syscall.tbl). */
#ifndef SOCKFIX_OLDER_H
#define SOCKFIX_OLDER_H

#ifndef __ASSEMBLER__

#include <sys/syscall.h>

#ifndef __NR_close_range
#define __NR_close_range 436
#endif
#ifndef __NR_pidfd_getfd
#define __NR_pidfd_getfd 438
#endif
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 441
#endif
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#endif
#ifndef __NR_landlock_restrict_self
#define __NR_landlock_restrict_self 446
#endif
#ifndef __NR_futex_waitv
#define __NR_futex_waitv 449
#endif

/* Not every libc has these for the newer ones. */
#ifndef SYS_close_range
#define SYS_close_range __NR_close_range
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd __NR_pidfd_getfd
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 __NR_epoll_pwait2
#endif
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset __NR_landlock_create_ruleset
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self __NR_landlock_restrict_self
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv __NR_futex_waitv
#endif

#endif
#endif
