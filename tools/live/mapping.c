/* Reads lines of /proc/PID/maps (proc(5)). Must not make a system call. */
#include "tools/live/mapping.h"

#include <stdio.h>
#include <string.h>

static const char gone[] = " (deleted)";

/* The kernel says it so; a file whose name ends like that is a rare thing, and only shown. */
static bool cut_gone(char *path)
{
	const size_t length = strlen(path), tail = sizeof(gone) - 1;

	if (length <= tail || strcmp(path + length - tail, gone) != 0)
		return false;
	path[length - tail] = '\0';
	return true;
}

bool mapping_take(char *line, struct mapping *mapping)
{
	unsigned long long start, offset;
	char access[5];
	int path = 0;

	if (sscanf(line, "%llx-%*x %4s %llx %*s %*s %n", &start, access, &offset, &path) != 3 ||
		!path || line[path] != '/' || offset || *access != 'r')
		return false;
	line[path + (int)strcspn(line + path, "\n")] = '\0';
	mapping->start = start;
	mapping->path = line + path;
	mapping->deleted = cut_gone(mapping->path);
	return true;
}
