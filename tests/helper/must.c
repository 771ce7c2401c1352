/* The harness's own failures: loud, with the place, and at once. No assertion about a victim is
 * made here. */
#include "must.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void must_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: the harness failed: %s: %s\n", file, line, what, strerror(errno));
	abort();
}

void *must_realloc(void *memory, size_t size)
{
	void *grown = realloc(memory, size);

	MUST(grown);
	return grown;
}

char *must_print(const char *format, ...)
{
	char *text;
	va_list list;

	va_start(list, format);
	MUST(vasprintf(&text, format, list) >= 0);
	va_end(list);
	return text;
}

char *must_read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t length = 0, got;

	MUST(file);
	do {
		text = must_realloc(text, length + 65536 + 1);
		got = fread(text + length, 1, 65536, file);
		length += got;
	} while (got > 0);
	fclose(file);
	text[length] = 0;
	return text;
}
