/* The blocks of a trace file, read one at a time and as often as they are needed: a recording of
 * millions of events takes no memory for them. Read and not mapped: whoever truncates a mapped file
 * kills its reader. What is there may change from one time to the next; this looks at nothing. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/read/file.h"

void source_free(struct source *source)
{
	if (source->file)
		close(source->file);
	free(source->bytes);
	free(source->name);
	*source = (struct source){0};
}

/* The file that it was, or -1. */
static int open_again(const struct source *source, struct stat *stat)
{
	const int fd = regular_open(source->folder, source->name, O_NOFOLLOW, stat);

	if (fd < 0 || stat->st_ino == source->inode)
		return fd;
	close(fd);
	return -1;
}

bool source_keep(struct source *source)
{
	struct stat stat;
	const int fd = regular_open(source->folder, source->name, O_NOFOLLOW, &stat);

	if (fd < 0)
		return false;
	source->inode = stat.st_ino;
	source->file = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* 0 is none */
	close(fd);
	if (source->file < 0)
		source->file = 0;
	return source->file;
}

int source_open(const struct source *source)
{
	struct stat stat;

	if (source->file)
		return source->file;
	return source->name ? open_again(source, &stat) : -1;
}

void source_close(const struct source *source, int fd)
{
	if (fd >= 0 && fd != source->file)
		close(fd);
}

bool source_is_whole(const struct source *source)
{
	struct stat stat = {.st_size = -1};
	int fd;

	if (!source->name)
		return true;
	fd = source->file ? source->file : open_again(source, &stat);
	if (fd < 0)
		return false;
	if (source->file && fstat(fd, &stat) != 0)
		return false;
	source_close(source, fd);
	return stat.st_size >= (off_t)source->length;
}

void reader_begin_at(struct block_reader *reader, const struct source *source, int fd)
{
	reader->source = source;
	reader->length = 0;
	reader->fd = fd;
	reader->borrowed = true;
}

void reader_begin(struct block_reader *reader, const struct source *source)
{
	reader_begin_at(reader, source, source_open(source));
	reader->borrowed = false;
}

void reader_end(struct block_reader *reader)
{
	if (!reader->borrowed)
		source_close(reader->source, reader->fd);
}

size_t reader_skip(const struct block_reader *reader, size_t number)
{
	const off_t at = (off_t)number * TRACE_BLOCK;
	const off_t data = reader->fd < 0 ? at : lseek(reader->fd, at, SEEK_DATA);

	if (data < 0) /* nothing but a hole, or nobody knows */
		return errno == ENXIO ? reader->source->length / TRACE_BLOCK + 1 : number;
	return data > at ? (size_t)data / TRACE_BLOCK : number;
}

/* Up to `size` bytes from there on. */
static size_t read_at(int fd, unsigned char *bytes, size_t size, size_t at)
{
	size_t length = 0;

	while (fd >= 0 && length < size) {
		const ssize_t got = pread(fd, bytes + length, size - length, (off_t)(at + length));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	return length;
}

size_t reader_block(struct block_reader *reader, size_t number)
{
	const struct source *source = reader->source;
	const size_t at = number * TRACE_BLOCK;
	size_t size = at < source->length ? source->length - at : 0;

	if (reader->length && reader->number == number)
		return reader->length;
	size = size < TRACE_BLOCK ? size : TRACE_BLOCK;
	if (source->bytes)
		memcpy(reader->bytes, source->bytes + at, size);
	else
		size = read_at(reader->fd, reader->bytes, size, at);
	reader->number = number;
	return reader->length = size;
}

bool file_part(struct block_reader *reader, size_t block, size_t part, void *out, size_t size)
{
	const size_t begin = sizeof(struct trace_block) + part * size;
	const size_t length = reader_block(reader, block);

	if (begin >= length)
		return false;
	const size_t there = length - begin;
	memset(out, 0, size);
	memcpy(out, reader->bytes + begin, there < size ? there : size);
	return true;
}
