/* System calls without libc: below every hook, errno untouched, no cancellation point.
 *
 * kernel_call(number, up to six arguments) returns what the kernel returns: a result or -errno
 * (syscall(2), "Architecture calling conventions"). */
#ifndef SOCKFIX_KERNEL_H
#define SOCKFIX_KERNEL_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifdef __i386__
#include <linux/net.h>
#endif

#include "shim/base/fault.h"

#if defined(__x86_64__)
static inline long kernel_call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
static inline long kernel_call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}
#elif defined(__i386__)
/* The sixth stands in %ebp, which the compiler may need to find the others by. */
static inline long kernel_trap(long number, long a, long b, long c, long d, long e, long f)
{
	const long first[2] = {number, f};
	long result;

	__asm__ volatile("pushl %%ebp\n\t"
			 "movl 4(%%eax), %%ebp\n\t"
			 "movl (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "popl %%ebp"
			 : "=a"(result)
			 : "a"(first), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
}

/* Sockets as libc asks for them, by socketcall(2): their own numbers are younger (Linux 4.3), and a
 * sandbox that was made for libc may not know them. */
static inline long kernel_call6(long number, long a, long b, long c, long d, long e, long f)
{
	const long argument[] = {a, b, c, d, e};
	const long within = number == __NR_getsockopt ? SYS_GETSOCKOPT
			    : number == __NR_sendmsg  ? SYS_SENDMSG
						      : 0;

	return within ? kernel_trap(__NR_socketcall, within, (long)argument, 0, 0, 0, 0)
		      : kernel_trap(number, a, b, c, d, e, f);
}
#endif

/* Where a long has 32 bits: the calls that know files of any size and users above 65535, and what
 * they fill in; a number of 64 bits takes two places; mmap2 counts in pages (linux:
 * arch/x86/entry/syscalls/syscall_32.tbl). */
#if defined(__i386__)
#undef SYS_fstat
#undef SYS_newfstatat
#undef SYS_mmap
#undef SYS_getuid
#undef SYS_geteuid
#define SYS_fstat	     __NR_fstat64
#define SYS_newfstatat	     __NR_fstatat64
#define SYS_mmap	     __NR_mmap2
#define SYS_getuid	     __NR_getuid32
#define SYS_geteuid	     __NR_geteuid32
#define kernel_stat	     stat64
#define kernel_limit	     rlimit64
#define KERNEL_WIDE(number)  (uint64_t)(number), (uint64_t)(number) >> 32
#define KERNEL_PLACE(offset) ((offset) / 4096)
#define KERNEL_DISK(fd, to)  kernel_call(__NR_fstatfs64, fd, sizeof(*(to)), to)
#define kernel_disk	     statfs64
#else
#define kernel_stat	     stat
#define kernel_limit	     rlimit
#define KERNEL_WIDE(number)  (number)
#define KERNEL_PLACE(offset) (offset)
#define KERNEL_DISK(fd, to)  kernel_call(SYS_fstatfs, fd, to)
#define kernel_disk	     statfs
#endif

/* struct kernel_stat is what SYS_fstat fills in, struct kernel_limit SYS_prlimit64, struct
 * kernel_disk KERNEL_DISK, which is fstatfs(2) of a disk of any size. KERNEL_WIDE(number) is an
 * argument of 64 bits, KERNEL_PLACE(offset) the last one of SYS_mmap. */
#define KERNEL_CALL(number, a, b, c, d, e, f, ...)                                                 \
	kernel_call6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define KERNEL_CALLS(...) KERNEL_CALL(__VA_ARGS__) /* KERNEL_WIDE becomes two before it */
#define kernel_call(number, ...)                                                                   \
	OURS_KERNEL(#number, (number) == SYS_close,                                                \
		KERNEL_CALLS(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0))

#endif
