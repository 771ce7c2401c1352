/* Reads a file line by line, of whatever syntax, and looks for our library's name. Opens nothing
 * that is not a plain file. */
#include "tools/unit/finding.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim/env.h"
#include "tools/base/memory.h"
#include "tools/unit/inside.h"
#include "tools/unit/parse.h"

#define LIBRARY "libsockfix.so"

static bool same_bytes(const char *one, const char *other)
{
	FILE *left = fopen(one, "re"), *right = fopen(other, "re");
	char a[8192], b[8192];
	size_t length = 1;
	bool same = left && right;

	while (same && length) {
		length = fread(a, 1, sizeof(a), left);
		same = fread(b, 1, sizeof(b), right) == length && memcmp(a, b, length) == 0;
	}
	if (left)
		fclose(left);
	if (right)
		fclose(right);
	return same;
}

static enum named_state state_of(const struct finding *finding, const char *library)
{
	char *path;
	enum named_state state;

	if (*library != '/')
		return NAMED_ASKED;
	path = inside(finding->root, library);
	if (access(path, F_OK) != 0)
		state = NAMED_GONE;
	else
		state = finding->library && same_bytes(path, finding->library) ? NAMED_THERE
									       : NAMED_OTHER;
	free(path);
	return state;
}

static void add(struct finding *finding, const char *file, unsigned line, const char *library)
{
	finding->named = memory_grow(finding->named, finding->count, sizeof(*finding->named));
	finding->named[finding->count++] = (struct named){state_of(finding, library),
		memory_print("%s", file), line, memory_print("%s", library)};
}

/* The word that ends in our name, of a line of any syntax; "%%" is one '%' in a unit. */
static char *library_of(const char *line, const char *found)
{
	static const char ends[] = " \t\"'=:;,()";
	const char *from = found;
	char *word, *to;

	while (from > line && !strchr(ends, from[-1]))
		from--;
	word = to = memory_take(1, (size_t)(found - from) + sizeof(LIBRARY));
	for (; from < found + sizeof(LIBRARY) - 1; from++) {
		*to++ = *from;
		if (*from == '%' && from[1] == '%')
			from++;
	}
	return word;
}

/* "/usr/bin/sockfix run -- x", or eval "$(sockfix env)". */
static bool starts_us(const char *line)
{
	static const char *const start[] = {"sockfix run", "sockfix record", "sockfix env"};

	for (size_t i = 0; i < sizeof(start) / sizeof(*start); i++) {
		const char *found = strstr(line, start[i]);

		if (found && (found == line || strchr(" \t/=@-:+!(`", found[-1])))
			return true;
	}
	return false;
}

static void take_line(struct finding *finding, const char *file, const char *line, unsigned number)
{
	const char *found = strstr(line, LIBRARY);
	char *library;

	line += strspn(line, " \t");
	if (*line == '#' || *line == ';')
		return;
	if (found) {
		library = library_of(line, found);
		add(finding, file, number, library);
		free(library);
	} else if (starts_us(line) || strstr(line, ENV_RULES "=") || strstr(line, ENV_TRACE "="))
		add(finding, file, number, "");
}

/* One that names the library, and one of ours beside it, is one entry: the library's. */
void finding_take(struct finding *finding, const char *file)
{
	char *path = inside(finding->root, file), *text = parse_text(path);
	const size_t before = finding->count;
	unsigned number = 1;
	size_t kept = before;
	bool named = false;

	finding->unread += !text && errno != ENOENT && errno != EINVAL;
	for (char *line = text, *end; line && *line; line = end + (*end != '\0'), number++) {
		end = strchrnul(line, '\n');
		const char was = *end;

		*end = '\0';
		take_line(finding, file, line, number);
		*end = was;
	}
	for (size_t i = before; i < finding->count; i++)
		named = named || *finding->named[i].library;
	for (size_t i = before; i < finding->count; i++) {
		struct named *one = &finding->named[i];

		if (*one->library || (!named && kept == before)) {
			finding->named[kept++] = *one;
			continue;
		}
		free(one->file);
		free(one->library);
	}
	finding->count = kept;
	free(text);
	free(path);
}
