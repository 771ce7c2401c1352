/* Asks the kernel whether an address can be read, without reading it.
 *
 * rt_sigprocmask copies the new set in before it looks at `how`: an invalid `how` then answers
 * EINVAL for readable memory and EFAULT for the rest (kernel/signal.c), and changes nothing. It is
 * allowed in every sandbox that lets a libc start. */
#include "shim/base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <sys/uio.h>

#include "shim/base/kernel.h"
#include "shim/base/valgrind.h"

#define PAGE 4096u
/* How far above the current frame the stack surely is our caller's. */
#define NEAR_FRAMES 8192u

/* Valgrind would say that `how` is unknown, and take the set's eight bytes for the program's: some
 * of them may not be. This reads no more than the one byte that is asked for. */
static long copy_byte(uintptr_t address)
{
	char byte;
	long self = kernel_call(SYS_getpid);
	struct iovec to = {&byte, 1}, from = {(void *)address, 1};

	return kernel_call(SYS_process_vm_readv, self, &to, 1, &from, 1, 0);
}

/* No set at all is no EFAULT: the first word is never taken for readable. */
static bool word_readable(uintptr_t address)
{
	if (address < 8)
		return false;
	if (valgrind_runs())
		return copy_byte(address) != -EFAULT;
	return kernel_call(SYS_rt_sigprocmask, -1, address & ~UINT64_C(7), 0, 8) != -EFAULT;
}

bool memory_is_near(const void *p, size_t length)
{
	uintptr_t address = (uintptr_t)p, here = (uintptr_t)__builtin_frame_address(0);

	return address > here && address + length > address &&
	       address + length < here + NEAR_FRAMES;
}

bool memory_readable(const void *p, size_t length)
{
	uintptr_t address = (uintptr_t)p;
	bool readable = true;

	if (address + length < address)
		return false;
	if (memory_is_near(p, length))
		return true;
	if (length == 0)
		return true;
	for (uintptr_t at = address; readable && at < address + length; at = (at | (PAGE - 1)) + 1)
		readable = word_readable(at);
	return readable;
}
