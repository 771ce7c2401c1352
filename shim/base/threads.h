/* libc's thread functions that not every libc has in itself: before glibc 2.34 they lie in
 * libpthread, which a program may do without. The library does not ask the dynamic linker for them:
 * on a newer glibc that would load an empty file into every process. */
#ifndef SOCKFIX_THREADS_H
#define SOCKFIX_THREADS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

struct threads {
	__typeof__(pthread_create) *pthread_create;
	__typeof__(pthread_attr_setstacksize) *pthread_attr_setstacksize;
	__typeof__(pthread_sigmask) *pthread_sigmask;
	__typeof__(pthread_testcancel) *pthread_testcancel;
};

/* As the program finds them: a sanitizer's stand before libc's. All are NULL where the process has
 * none: nothing is cancelled there. */
extern struct threads threads;

/* Finds them; takes no lock: for the start of the program. */
void threads_start(void);

/* Loads libpthread and libdl, which are files of their own before glibc 2.34: a program that has
 * not loaded them may load what needs them. Allocates. True: there is more behind us now. */
bool threads_load(void);

#endif
