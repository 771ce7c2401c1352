/* Finds or loads libpthread's functions. Runs in the constructor: what it loads, the dynamic linker
 * allocates, and so nothing is loaded from a hook. */
#include "shim/base/threads.h"

#include <dlfcn.h>
#include <stddef.h>

#include "shim/base/maps.h"

struct threads threads;

static const struct wanted {
	const char *name;
	size_t place; /* in struct threads */
} wanted[] = {
	{"pthread_create", offsetof(struct threads, pthread_create)},
	{"pthread_attr_setstacksize", offsetof(struct threads, pthread_attr_setstacksize)},
	{"pthread_sigmask", offsetof(struct threads, pthread_sigmask)},
	{"pthread_testcancel", offsetof(struct threads, pthread_testcancel)},
};
enum { WANTED = sizeof(wanted) / sizeof(*wanted) };

static bool take(const struct object *object, void *context)
{
	size_t left = 0;

	(void)context;
	for (size_t i = 0; i < WANTED; i++) {
		void **place = (void **)((char *)&threads + wanted[i].place);
		const ElfW(Sym) *symbol = *place ? NULL : object_default(object, wanted[i].name);

		if (symbol)
			*place = (void *)object_address(object, symbol);
		left += !*place;
	}
	return left > 0;
}

void threads_start(void)
{
	maps_each(take, NULL);
}

/* libc's own way to load what it needs, without libdl, too (glibc before 2.34, elf/dl-libc.c). */
#define LIBC_LOADS (RTLD_NOW | RTLD_GLOBAL | (int)0x80000000) /* __RTLD_DLOPEN */

bool threads_load(void)
{
	void *(*load)(const char *file, int mode) =
		(__typeof__(load))maps_libc("__libc_dlopen_mode");
	void *dl = load ? load("libdl.so.2", LIBC_LOADS) : NULL;
	void *thread = load ? load("libpthread.so.0", LIBC_LOADS) : NULL;

	return dl || thread;
}
