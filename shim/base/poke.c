/* /proc/self/mem writes to pages that are mapped read-only, too, and changes no protection
 * (proc(5)): mprotect(2) here and in the dynamic linker of another thread would take turns on one
 * page. */
#include "shim/base/poke.h"

#include <fcntl.h>

#include "shim/base/kernel.h"

long poke_begin(void)
{
	return kernel_call(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR | O_CLOEXEC);
}

void poke_end(long fd)
{
	if (fd >= 0)
		kernel_call(SYS_close, fd);
}

bool poke(long fd, uintptr_t address, uintptr_t word)
{
	return fd >= 0 && kernel_call(SYS_pwrite64, fd, &word, sizeof(word),
				  KERNEL_WIDE(address)) == sizeof(word);
}
