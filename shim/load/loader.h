/* Our place before the dynamic linker's functions: dlopen(), dlsym() and the like are tail jumps to
 * what stands behind us (loader.S), for they look at their return address: whose RUNPATH counts,
 * what RTLD_NEXT is next to. A dlopen() with RTLD_DEEPBIND is noted, and what it loaded is
 * repointed at the first of these moments:
 *
 *   its own _init, before its constructors: gcc's start files call __gmon_start__() there, which is
 *     ours. Every object has them but those that are linked with -nostartfiles;
 *   the thread's next dlsym(), dlvsym(), dlopen(), socket() or connect().
 *
 * Nothing of this is done where the library is inert, and nothing in a vfork child. */
#ifndef SOCKFIX_LOADER_H
#define SOCKFIX_LOADER_H

/* This thread has opened something so, and nobody has looked at it. */
extern __thread int loader_due __attribute__((visibility("hidden")));

/* In a call of the program, which may be one of a signal handler: then nothing is done. */
void loader_settle(void);

static inline void loader_moment(void)
{
	if (__builtin_expect(loader_due, 0))
		loader_settle();
}

/* In the child of a fork: another thread may have held the dynamic linker's lock. */
void loader_forked(void);

/* ---- of loader.S ---- */

/* Fills in where its jumps go. Needs nothing of libc. */
void loader_bind(void);

void loader_opening(const char *file, int mode);
void loader_opening_apart(long space, const char *file, int mode);
void loader_initialising(void);

#endif
