/* Asking valgrind(1), where the program runs below it. Its race detectors (helgrind, drd) know of
 * locks and threads, and nothing of C11's atomics, by which all of ours is shared: every flow that
 * one thread makes and another uses they would report as a race of the program. So they are told
 * to leave our own memory, and nothing else, alone.
 *
 * A request is five instructions that do nothing on a processor (a register is turned once around
 * in four steps, another is exchanged with itself) and that valgrind looks for when it translates
 * them; see valgrind.h of valgrind, "ARCHITECTURE SPECIFICS", which it promises to keep. */
#ifndef SOCKFIX_VALGRIND_H
#define SOCKFIX_VALGRIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* valgrind.h, helgrind.h and drd.h: who is asked, in the two upper bytes, and what for. */
#define VALGRIND_RUNNING	  0x1001u
#define VALGRIND_HELGRIND_IGNORES 0x48470127u /* _VG_USERREQ__HG_ARANGE_MAKE_UNTRACKED */
#define VALGRIND_DRD_IGNORES	  0x44520002u /* VG_USERREQ__DRD_START_SUPPRESSION */

/* 0 where there is no valgrind, or none that knows the request. */
static inline uintptr_t valgrind_request(uintptr_t request, uintptr_t first, uintptr_t second)
{
	volatile uintptr_t words[6] = {request, first, second, 0, 0, 0};
#if defined(__x86_64__)
	uintptr_t answer = 0;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi\n\t"
			 "xchgq %%rbx, %%rbx"
			 : "+d"(answer)
			 : "a"(words)
			 : "cc", "memory");
	return answer;
#elif defined(__i386__)
	uintptr_t answer = 0;

	__asm__ volatile("roll $3, %%edi; roll $13, %%edi; roll $29, %%edi; roll $19, %%edi\n\t"
			 "xchgl %%ebx, %%ebx"
			 : "+d"(answer)
			 : "a"(words)
			 : "cc", "memory");
	return answer;
#elif defined(__aarch64__)
	register uintptr_t answer __asm__("x3") = 0;
	register volatile uintptr_t *x4 __asm__("x4") = words;

	__asm__ volatile("ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; "
			 "ror x12, x12, #61\n\t"
			 "orr x10, x10, x10"
			 : "+r"(answer)
			 : "r"(x4)
			 : "cc", "memory");
	return answer;
#endif
}

static inline bool valgrind_runs(void)
{
	return valgrind_request(VALGRIND_RUNNING, 0, 0) != 0;
}

/* Memory that only the library knows: no access to it is a race. */
static inline void valgrind_ignore(const void *memory, size_t size)
{
	valgrind_request(VALGRIND_HELGRIND_IGNORES, (uintptr_t)memory, size);
	valgrind_request(VALGRIND_DRD_IGNORES, (uintptr_t)memory, size);
}

#endif
