/* Rule files as bytes: reading them whole, and refusing what is no text of a sane size.
 *
 * Knows nothing of rules. A file that cannot be read is a problem of the line that includes it, or
 * of the file as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/book.h"

#define MB	(1LL << 20)
#define LARGEST MB

/* length 0: not known, but too much. */
static int too_large(struct book *book, const struct source *source, long long length)
{
	const struct place place = {source, 0};
	const char *hint = "a rule file has at most 1 MB";

	if (!length)
		problem_add(book, PROBLEM_ERROR, place, hint, "the file is too long");
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

static int unreadable(struct book *book, const struct source *source, struct place place, int error)
{
	const char *hint = "";

	if (place.source && strpbrk(source->name, "*?["))
		hint = "an @include takes no pattern; name the directory, and its *.conf are taken";
	if (place.source)
		problem_add(book, PROBLEM_ERROR, place, hint, "'%.200s' cannot be read: %s",
			source->name, strerror(error));
	else
		problem_add(book, PROBLEM_ERROR, (struct place){source, 0}, hint,
			"cannot be read: %s", strerror(error));
	return -EINVAL;
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

int source_read(struct book *book, const char *path, struct source *source, struct place place)
{
	struct stat status;
	char *text;
	ssize_t length;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return unreadable(book, source, place, errno);
	if (fstat(fd, &status) < 0 || S_ISDIR(status.st_mode)) {
		close(fd);
		return unreadable(book, source, place, EISDIR);
	}
	source->device = status.st_dev;
	source->inode = status.st_ino;
	if (S_ISREG(status.st_mode) && status.st_size > LARGEST) {
		close(fd);
		return too_large(book, source, (long long)status.st_size);
	}
	text = book_take(book, LARGEST + 1, 1);
	length = read_all(fd, text, LARGEST + 1);
	close(fd);
	if (length < 0)
		return unreadable(book, source, place, (int)-length);
	if (length > LARGEST)
		return too_large(book, source, 0);
	book->files++;
	return source_take(book, text, (size_t)length, source);
}
