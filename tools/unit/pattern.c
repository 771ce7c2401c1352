/* systemd.exec(5): a "-" before it, specifiers, a pattern of glob(7); what does not begin at the
 * root is left out. Links of folders above a pattern are followed below the root. */
#include "tools/unit/pattern.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/inside.h"
#include "tools/unit/words.h"

static char *unescaped(const char *path)
{
	char *whole = memory_take(1, strlen(path) + 1), *to = whole;

	for (; *path; path++) {
		path += *path == '\\' && path[1];
		*to++ = *path;
	}
	return whole;
}

/* Takes them as they lie, behind the folder as it is written. Part by part, for glob(3) knows names
 * of users, and in a static command all ways to look these up come with it. */
static void take_found(const char *root, const char *folder, const char *rest,
	void (*take)(void *context, const char *file), void *context)
{
	const size_t length = strcspn(rest, "/");
	const char *more = rest + length + strspn(rest + length, "/");
	char *real = inside(root, folder), *part = memory_print("%.*s", (int)length, rest), *file;
	struct dirent **entry;
	const int entries = scandir(real, &entry, NULL, alphasort);

	for (int i = 0; i < entries; i++) {
		file = memory_print("%s/%s", folder, entry[i]->d_name);
		if (fnmatch(part, entry[i]->d_name, FNM_PERIOD) != 0)
			;
		else if (*more)
			take_found(root, file, more, take, context);
		else
			take(context, file);
		free(file);
		free(entry[i]);
	}
	if (entries >= 0)
		free(entry);
	free(part);
	free(real);
}

bool pattern_each(const char *root, const char *name, const char *value,
	void (*take)(void *context, const char *file), void *context)
{
	char *pattern = words_specified(value + (*value == '-'), name), *plain, *slash;
	size_t length;

	if (!pattern)
		return false;
	length = strcspn(pattern, "*?[");
	if (*pattern == '/' && !pattern[length]) {
		plain = unescaped(pattern);
		take(context, plain);
		free(plain);
	} else if (*pattern == '/') {
		slash = memrchr(pattern, '/', length);
		*slash = '\0';
		plain = unescaped(pattern);
		take_found(root, plain, slash + 1, take, context);
		free(plain);
	}
	free(pattern);
	return true;
}
