/* System calls without libc: below every hook, errno untouched, no cancellation point.
 *
 * kernel_call(number, up to six arguments) returns what the kernel returns: a result or -errno
 * (syscall(2), "Architecture calling conventions"). */
#ifndef SOCKFIX_KERNEL_H
#define SOCKFIX_KERNEL_H

#include <sys/syscall.h>

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
#endif

#define KERNEL_CALL(number, a, b, c, d, e, f, ...)                                                 \
	kernel_call6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define kernel_call(number, ...)                                                                   \
	OURS_KERNEL(#number, (number) == SYS_close,                                                \
		KERNEL_CALL(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0))

#endif
