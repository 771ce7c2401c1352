/* Finds the files of strace -ff by the name that it was given. Opens none of them. */
#include "tools/import/stem.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"

static void add(struct stem *stem, char *file)
{
	stem->file = memory_grow(stem->file, stem->files, sizeof(*stem->file));
	stem->file[stem->files++] = file;
}

/* NAME.123 */
static const char *number_of(const char *entry, const char *name)
{
	const size_t length = strlen(name);
	const char *number = entry + length + 1;

	if (strncmp(entry, name, length) != 0 || entry[length] != '.' || !*number ||
		number[strspn(number, "0123456789")])
		return NULL;
	return number;
}

static int compare(const void *left, const void *right)
{
	const char *a = strrchr(*(char *const *)left, '.'),
		   *b = strrchr(*(char *const *)right, '.');
	const long one = strtol(a + 1, NULL, 10), other = strtol(b + 1, NULL, 10);

	return one < other ? -1 : one > other;
}

static void add_parts(struct stem *stem, const char *file)
{
	const char *name = text_base_name(file);
	const int above = (int)(name - file);
	char *folder = memory_print("%.*s", above, file);
	DIR *list = opendir(above ? folder : ".");
	const size_t before = stem->files;
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (number_of(entry->d_name, name))
			add(stem, memory_print("%s%s", folder, entry->d_name));
	if (list)
		closedir(list);
	free(folder);
	if (stem->files > before)
		qsort(stem->file + before, stem->files - before, sizeof(*stem->file), compare);
	else
		add(stem, memory_print("%s", file));
}

struct stem stem_spread(char *const *file, size_t files)
{
	struct stem stem = {NULL, 0};

	for (size_t i = 0; i < files; i++)
		if (strcmp(file[i], "-") == 0 || access(file[i], F_OK) == 0)
			add(&stem, memory_print("%s", file[i]));
		else
			add_parts(&stem, file[i]);
	return stem;
}

void stem_free(struct stem *stem)
{
	for (size_t i = 0; i < stem->files; i++)
		free(stem->file[i]);
	free(stem->file);
}
