/* Blocks into the file of a process, which is open only meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/import/written_parts.h"

void written_put(struct written_process *process, uint64_t block, const void *bytes)
{
	struct written *written = process->written;
	char name[64];
	ssize_t put = -1;
	int fd;

	if (written->error)
		return;
	snprintf(name, sizeof(name), "%d-%016llx.trace", process->header.pid,
		(unsigned long long)process->header.random);
	fd = openat(written->folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	errno = fd < 0 ? errno : ENOSPC;
	if (fd >= 0)
		put = pwrite(fd, bytes, TRACE_BLOCK, (off_t)(block * TRACE_BLOCK));
	if (put != TRACE_BLOCK)
		written->error = errno;
	if (fd >= 0 && close(fd) != 0 && !written->error)
		written->error = errno;
}

void written_block(struct written_process *process, const struct trace_block *head,
	const void *bytes, size_t size)
{
	unsigned char block[TRACE_BLOCK] = {0};

	memcpy(block, head, sizeof(*head));
	memcpy(block + sizeof(*head), bytes, size);
	written_put(process, process->blocks++, block);
}
