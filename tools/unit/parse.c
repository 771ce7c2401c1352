/* Reads lines, and does not know what they mean. A file of 1 MB is cut there. */
#include "tools/unit/parse.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/base/memory.h"

enum { MOST = 1 << 20 };

char *parse_text(const char *path)
{
	struct stat status;
	const int fd = regular_open(AT_FDCWD, path, 0, &status);
	size_t length = 0;
	ssize_t got = 1;
	char *text;

	if (fd < 0) {
		errno = fd == NOT_REGULAR ? EINVAL : -fd;
		return NULL;
	}
	text = memory_take(1, MOST + 1);
	while (length < MOST && got > 0) {
		got = read(fd, text + length, MOST - length);
		length += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	text[length] = '\0';
	return text;
}

static char *trimmed(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return text;
}

/* The next line, cut off; *text: behind it. NULL: no more. */
static char *next_line(char **text, unsigned *number)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	++*number;
	end = strchrnul(line, '\n');
	*text = end + (*end == '\n');
	*end = '\0';
	return line;
}

static bool is_comment(const char *line)
{
	line += strspn(line, " \t");
	return *line == '#' || *line == ';';
}

/* A line and those that it goes on in: a backslash at its end is a blank, comments between are
 * left out. */
static char *next_whole(char **text, unsigned *number, unsigned *first)
{
	char *line = next_line(text, number), *whole, *more;
	size_t length;

	*first = *number;
	if (!line)
		return NULL;
	whole = memory_print("%s", line);
	while (!is_comment(whole) && (length = strlen(whole)) && whole[length - 1] == '\\') {
		whole[length - 1] = ' ';
		do
			line = next_line(text, number);
		while (line && is_comment(line));
		if (!line)
			break;
		more = memory_print("%s%s", whole, line);
		free(whole);
		whole = more;
	}
	return whole;
}

int parse_unit(const char *path, const char *section,
	void (*take)(void *context, const char *key, const char *value, unsigned line),
	void *context)
{
	char *bytes = parse_text(path), *text = bytes, *whole;
	const size_t name = strlen(section);
	unsigned number = 0, first;
	bool in = false;

	if (!bytes)
		return -errno;
	for (; (whole = next_whole(&text, &number, &first)); free(whole)) {
		char *line = trimmed(whole), *equals = strchr(line, '=');

		if (is_comment(line))
			continue;
		if (*line == '[') {
			in = strncmp(line + 1, section, name) == 0 && line[name + 1] == ']';
		} else if (in && equals) {
			*equals = '\0';
			take(context, trimmed(line), trimmed(equals + 1), first);
		}
	}
	free(bytes);
	return 0;
}
