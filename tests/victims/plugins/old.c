/* A plugin that was linked against an old libc: the version of a name that it asks for is another
 * ABI, and must stay what it is bound to. It says "o" where that is so, and where glibc never had
 * an older one. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "plugin.h"

#if defined(__x86_64__)
#define OLD "GLIBC_2.2.5"
#elif defined(__i386__)
#define OLD "GLIBC_2.0"
#endif

#ifdef OLD
__asm__(".symver pthread_cond_wait, pthread_cond_wait@" OLD);
static int (*volatile waits)(pthread_cond_t *, pthread_mutex_t *) = pthread_cond_wait;

static bool stays_old(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	void *pthread = dlopen("libpthread.so.0", RTLD_LAZY | RTLD_NOLOAD);
	void *old = dlvsym(libc, "pthread_cond_wait", OLD);

	if (!old && pthread)
		old = dlvsym(pthread, "pthread_cond_wait", OLD);
	return (void *)waits == old;
}
#else
static bool stays_old(void)
{
	return true;
}
#endif

void go(int fd)
{
	if (write(fd, stays_old() ? "o" : "n", 1) != 1)
		_exit(97);
}
