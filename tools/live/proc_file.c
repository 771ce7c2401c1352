/* Reads it whole. What it says is its own process's word, and may change at any time. */
#include "tools/live/proc_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST = 1 << 20 };

char *proc_file_read(pid_t pid, const char *name, size_t *length)
{
	char path[64], *bytes;
	ssize_t got = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	bytes = fd >= 0 ? malloc(MOST + 1) : NULL;
	*length = 0;
	while (bytes && *length < MOST && got > 0) {
		got = read(fd, bytes + *length, MOST - *length);
		*length += got > 0 ? (size_t)got : 0;
	}
	if (bytes)
		bytes[*length] = '\0';
	if (fd >= 0)
		close(fd);
	return bytes;
}
