/* A file of a trace directory, read whole into memory. Read and not mapped: whoever truncates a
 * mapped file kills its reader. Never waits: what is not a plain file is not opened for long. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/read/directory.h"
#include "tools/base/memory.h"

static char *cannot(const char *what)
{
	return memory_print("cannot be %s: %s", what, strerror(errno));
}

/* Where the data at *at, or behind the hole at *at, end. A file of holes would take long to read,
 * and all its size of memory. */
static size_t data_end(int fd, size_t *at, size_t size)
{
	off_t data = lseek(fd, (off_t)*at, SEEK_DATA), end;

	if (data < 0) /* nothing but a hole, or nobody knows */
		return errno == ENXIO ? *at = size : size;
	*at = (size_t)data < size ? (size_t)data : size;
	end = lseek(fd, data, SEEK_HOLE);
	return end > data && (size_t)end < size ? (size_t)end : size;
}

/* Up to size bytes, all zeros before; less where the file became shorter meanwhile. */
static char *read_all(int fd, unsigned char *bytes, size_t size, size_t *length)
{
	size_t end = 0;

	*length = 0;
	while (*length < size) {
		if (*length == end)
			end = data_end(fd, length, size);
		ssize_t got = pread(fd, bytes + *length, end - *length, (off_t)*length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return cannot("read");
		if (got == 0 && *length < end)
			break;
		*length += (size_t)got;
	}
	return NULL;
}

/* NULL: it is to be read. */
static char *refuse(
	const char *name, int fd, const struct stat *stat, size_t most, struct guests *guests)
{
	const char *why;

	if ((uint64_t)stat->st_size > most)
		return memory_print(
			"too large: %lld bytes; the limit is %zu", (long long)stat->st_size, most);
	if (!guests || !guest_is(guests, stat))
		return NULL;
	why = guest_refuse(guests, name, fd, stat);
	return why ? memory_print("%s", why) : NULL;
}

/* -1 and *why where it is no file to read; else it is open, and *size its size. */
static int open_sized(int directory, const char *name, size_t most, struct guests *guests,
	size_t *size, char **why)
{
	struct stat stat;
	int fd = regular_open(directory, name, O_NOFOLLOW, &stat);

	*why = NULL;
	if (fd < 0) {
		errno = -fd;
		*why = fd == NOT_REGULAR ? memory_print("not a plain file") : cannot("opened");
		return -1;
	}
	*size = (size_t)stat.st_size;
	*why = refuse(name, fd, &stat, most, guests);
	if (!*why)
		return fd;
	close(fd);
	return -1;
}

bool file_size(int directory, const char *name, size_t most, struct guests *guests, size_t *size,
	char **why)
{
	const int fd = open_sized(directory, name, most, guests, size, why);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

unsigned char *file_read(int directory, const char *name, size_t most, struct guests *guests,
	size_t *length, char **why)
{
	unsigned char *bytes;
	size_t size;
	const int fd = open_sized(directory, name, most, guests, &size, why);

	if (fd < 0)
		return NULL;
	bytes = memory_take(size, 1);
	*why = read_all(fd, bytes, size, length);
	close(fd);
	if (*why) {
		free(bytes);
		return NULL;
	}
	return bytes;
}
