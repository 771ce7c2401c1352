/* A plugin that opens a plugin, which only its own RUNPATH finds. */
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

#include "plugin.h"

void go(int fd)
{
	void *handle = dlopen("onlyhere.so", RTLD_LAZY | RTLD_DEEPBIND);
	void (*function)(int) = handle ? (void (*)(int))dlsym(handle, "go") : NULL;

	if (!function || write(fd, "o", 1) != 1)
		_exit(97);
	function(fd);
}
