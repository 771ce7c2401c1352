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
#include "tools/unit/pattern.h"

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

	if (*library != '/' || strchr(library, '$'))
		return NAMED_ASKED; /* the loader fills in $LIB and its like for each program */
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
	const char *found;
	bool named = false;

	line += strspn(line, " \t");
	if (*line == '#' || *line == ';')
		return;
	for (const char *at = line; (found = strstr(at, LIBRARY)); at = found + 1) {
		char *library = library_of(line, found);

		add(finding, file, number, library);
		free(library);
		named = true;
	}
	if (!named &&
		(starts_us(line) || strstr(line, ENV_RULES "=") || strstr(line, ENV_TRACE "=")))
		add(finding, file, number, "");
}

/* One that names the library, and one of ours beside it, is one entry: the library's. */
static void leave_out_asked(struct finding *finding, size_t before)
{
	size_t kept = before;
	bool named = false;

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
}

/* ---- files that a unit names ---- */

/* Of "a.service" and "a.service.d/x.conf": a.service, to be freed. NULL: the file is no unit's. */
static char *unit_of(const char *file)
{
	static const char type[] = ".service";
	const char *slash = strrchr(file, '/'), *from, *found;

	if (!slash)
		return NULL;
	found = strstr(slash, type);
	if (found && !found[sizeof(type) - 1])
		return memory_print("%s", slash + 1);
	from = memrchr(file, '/', (size_t)(slash - file));
	found = from ? strstr(from, "service.d/") : NULL;
	return found && found + strlen("service.d") == slash
		       ? memory_print("%.*s", (int)(slash - 2 - from - 1), from + 1)
		       : NULL;
}

static void take_named(void *finding, const char *file)
{
	finding_take(finding, file);
}

static void follow_line(struct finding *finding, const char *unit, const char *line)
{
	static const char key[] = "EnvironmentFile=";
	char *value;

	line += strspn(line, " \t");
	if (strncmp(line, key, sizeof(key) - 1) != 0)
		return;
	line += sizeof(key) - 1;
	value = memory_print("%.*s", (int)strcspn(line, "\r\n"), line);
	for (size_t end = strlen(value); end && strchr(" \t", value[end - 1]); end--)
		value[end - 1] = '\0';
	pattern_each(finding->root, unit, value, take_named, finding);
	free(value);
}

/* Those may lie anywhere. What they name in turn is not followed. */
static void follow(struct finding *finding, const char *file, const char *text)
{
	char *unit = finding->follows ? NULL : unit_of(file);

	if (!unit)
		return;
	finding->follows = true;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		follow_line(finding, unit, line);
	finding->follows = false;
	free(unit);
}

/* ---- a file ---- */

void finding_take(struct finding *finding, const char *file)
{
	char *path = inside(finding->root, file), *text = parse_text(path);
	const size_t before = finding->count;
	unsigned number = 1;

	finding->unread += !text && errno != ENOENT && errno != EINVAL;
	for (char *line = text, *end; line && *line; line = end + (*end != '\0'), number++) {
		end = strchrnul(line, '\n');
		const char was = *end;

		*end = '\0';
		take_line(finding, file, line, number);
		*end = was;
	}
	leave_out_asked(finding, before);
	if (text)
		follow(finding, file, text);
	free(text);
	free(path);
}
