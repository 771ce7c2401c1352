/* systemd.exec(5): a "-" before it, specifiers, a pattern of glob(7); what does not begin at the
 * root is left out. Links of folders above a pattern are followed below the root. */
#include "tools/unit/pattern.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/unit/inside.h"
#include "tools/unit/words.h"

/* What stands before the folder that a pattern begins in is no pattern of ours. */
static char *escaped(const char *path)
{
	char *whole = memory_take(2, strlen(path) + 1), *to = whole;

	for (; *path; path++) {
		if (strchr("\\*?[", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	return whole;
}

static char *unescaped(const char *path)
{
	char *whole = memory_take(1, strlen(path) + 1), *to = whole;

	for (; *path; path++) {
		path += *path == '\\' && path[1];
		*to++ = *path;
	}
	return whole;
}

/* Takes them as they lie, behind the folder as it is written. */
static void take_found(const char *root, const char *folder, const char *rest,
	void (*take)(void *context, const char *file), void *context)
{
	char *real = inside(root, folder), *before = escaped(real);
	char *pattern = memory_print("%s/%s", before, rest), *file;
	glob_t found = {.gl_pathc = 0};

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++) {
			file = memory_print("%s%s", folder, found.gl_pathv[i] + strlen(real));
			take(context, file);
			free(file);
		}
	globfree(&found);
	free(pattern);
	free(before);
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
