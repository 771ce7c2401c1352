/* Rule files as bytes: reading them whole, and refusing what is no text of a sane size.
 *
 * Knows nothing of rules. A file that cannot be read is a problem of the line that includes it, or
 * of the file as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rules/text/parts.h"
#include "rules/regular.h"

#define MB	(1LL << 20)
#define LARGEST MB

static int too_large(struct book *book, const struct source *source, long long length)
{
	const struct place place = {source, 0};
	const char *hint = "a rule file has at most 1 MB";

	if (length <= LARGEST)
		problem_add(book, PROBLEM_ERROR, place,
			"rule files have at most 1 MB together, each include counted",
			"with this file there is more than 1 MB to read");
	else if (length < 10 * MB)
		problem_add(
			book, PROBLEM_ERROR, place, hint, "the file is %lld bytes long", length);
	else
		problem_add(
			book, PROBLEM_ERROR, place, hint, "the file is %lld MB long", length / MB);
	return -EINVAL;
}

/* The length of the UTF-8 sequence at text, 0 where it is none (RFC 3629). */
static size_t utf8_length(const unsigned char *text, size_t rest)
{
	const unsigned char first = text[0];
	const size_t length = first < 0x80   ? 1
			      : first < 0xc2 ? 0
			      : first < 0xe0 ? 2
			      : first < 0xf0 ? 3
			      : first < 0xf5 ? 4
					     : 0;

	if (!length || length > rest)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
		(first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
		return 0;
	return length;
}

static int check_encoding(struct book *book, const struct source *source)
{
	/* The line itself is not shown: a terminal is not made for it. */
	const struct source bare = {.name = source->name};
	const unsigned char *text = (const unsigned char *)source->text;
	size_t length, rest = source->length;
	int line = 1;

	for (; rest; text += length, rest -= length) {
		line += *text == '\n';
		length = *text ? utf8_length(text, rest) : 0;
		if (!length) {
			problem_add(book, PROBLEM_ERROR, (struct place){&bare, line},
				*text ? "save the file as UTF-8" : "is this a text file?",
				"byte 0x%02X is not UTF-8 text", *text);
			return -EINVAL;
		}
	}
	return 0;
}

int source_take(struct book *book, const char *text, size_t length, struct source *source)
{
	static const char mark[] = "\xef\xbb\xbf";
	char *copy;

	if (length > LARGEST)
		return too_large(book, source, (long long)length);
	if (length >= 3 && !memcmp(text, mark, 3)) {
		text += 3;
		length -= 3;
	}
	/* libconfig 1.5 takes no comment that ends with the file, so there is always a newline. */
	copy = book_take(book, length + 2, 1);
	memcpy(copy, text, length);
	copy[length] = '\n';
	source->text = copy;
	source->length = length;
	return check_encoding(book, source);
}

/* "rules.conf: WHY", or of a file that is included "main.conf:3: 'rules.conf' WHY". */
static int unreadable(struct book *book, const struct source *source, struct place place,
	const char *hint, const char *why)
{
	if (place.source)
		problem_add(book, PROBLEM_ERROR, place, hint, "'%.200s' %s", source->name, why);
	else
		problem_add(book, PROBLEM_ERROR, (struct place){source, 0}, hint, "%s", why);
	return -EINVAL;
}

static int refused(struct book *book, const struct source *source, struct place place, int error)
{
	const bool pattern = place.source && strpbrk(source->name, "*?[");
	char why[160];

	if (error == -EAGAIN)
		snprintf(why, sizeof(why), "is not a file: to read it is to wait for it");
	else
		snprintf(why, sizeof(why), "cannot be read: %s", strerror(-error));
	return unreadable(book, source, place,
		pattern ? "an @include takes no pattern; name the directory, and its *.conf are "
			  "taken"
			: NULL,
		why);
}

static int no_file(struct book *book, const struct source *source, struct place place,
	const struct stat *status)
{
	char why[64];

	snprintf(why, sizeof(why), "is %s, not a file", regular_kind(status));
	return unreadable(book, source, place,
		S_ISFIFO(status->st_mode) ? "save what it gives in a file" : NULL, why);
}

/* Returns the count of bytes read, at most size, or -errno. */
static ssize_t read_all(int fd, char *out, size_t size)
{
	size_t have = 0;

	while (have < size) {
		const ssize_t got = read(fd, out + have, size - have);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (!got)
			break;
		have += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)have;
}

/* As long as it says it is. So of the kernel's own files, which say nothing, nothing is read: that
 * may wait, or take away what others are to read. */
static int read_text(struct book *book, int fd, const struct stat *status, struct source *source,
	struct place place)
{
	const size_t size = (size_t)status->st_size;
	char *text = book_take(book, size, 1);
	const ssize_t length = read_all(fd, text, size);

	if (length < 0)
		return refused(book, source, place, (int)length);
	book->files++;
	return source_take(book, text, (size_t)length, source);
}

int source_read(struct book *book, const char *path, struct source *source, struct place place)
{
	struct stat status;
	int error;
	const int fd = regular_open(AT_FDCWD, path, 0, &status);

	if (fd == NOT_REGULAR)
		return no_file(book, source, place, &status);
	if (fd < 0)
		return refused(book, source, place, fd);
	source->device = status.st_dev;
	source->inode = status.st_ino;
	book->bytes += (size_t)status.st_size;
	error = book->bytes > LARGEST ? too_large(book, source, (long long)status.st_size)
				      : read_text(book, fd, &status, source, place);
	close(fd);
	return error;
}
