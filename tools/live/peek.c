/* process_vm_readv(2) and process_vm_writev(2). Must not believe a length that comes from there. */
#include "tools/live/peek.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

enum { PIECE = 4096 }; /* of a text: it may end right before memory that is not there */

int peek(pid_t pid, uint64_t at, void *to, size_t length)
{
	const struct iovec here = {to, length}, there = {(void *)(uintptr_t)at, length};
	const ssize_t got = process_vm_readv(pid, &here, 1, &there, 1, 0);

	return got < 0 ? -errno : got == (ssize_t)length ? 0 : -EFAULT;
}

int peek_address(pid_t pid, uint64_t at, uint32_t size, uint64_t *address)
{
	uint32_t narrow = 0;
	const int error = size == sizeof(narrow) ? peek(pid, at, &narrow, sizeof(narrow))
						 : peek(pid, at, address, sizeof(*address));

	if (size == sizeof(narrow))
		*address = narrow;
	return error;
}

int poke(pid_t pid, uint64_t at, const void *from, size_t length)
{
	const struct iovec here = {(void *)(uintptr_t)from, length};
	const struct iovec there = {(void *)(uintptr_t)at, length};
	const ssize_t got = process_vm_writev(pid, &here, 1, &there, 1, 0);

	return got < 0 ? -errno : got == (ssize_t)length ? 0 : -EFAULT;
}

int peek_text(pid_t pid, uint64_t at, char *to, size_t most)
{
	for (size_t had = 0; had < most;) {
		const size_t page = PIECE - (at + had) % PIECE;
		const size_t wanted = page < most - had ? page : most - had;
		const int error = peek(pid, at + had, to + had, wanted);

		if (error)
			return error;
		if (memchr(to + had, '\0', wanted))
			return 0;
		had += wanted;
	}
	return -EFAULT;
}
