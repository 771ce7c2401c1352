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
#include "tools/trace/file.h"

void source_free(struct source *source)
{
	free(source->bytes);
	free(source->name);
	*source = (struct source){0};
}

int source_open(const struct source *source)
{
	struct stat stat;

	return source->name ? regular_open(source->folder, source->name, O_NOFOLLOW, &stat) : -1;
}

void source_close(int fd)
{
	if (fd >= 0)
		close(fd);
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
		source_close(reader->fd);
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
