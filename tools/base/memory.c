/* Memory for what was recorded. There is nothing to report without it, so that running out ends the
 * command (rules/room.h); nobody above has to ask. Sizes are the caller's to bound: nothing
 * here knows how large a file was. */
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/room.h"
#include "tools/base/memory.h"

#define LARGE (128 * 1024) /* bytes */

void memory_begin(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE);
}

void *memory_take(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	if (!memory)
		room_out();
	return memory;
}

void *memory_grow(void *array, size_t count, size_t size)
{
	/* Full exactly at 0, 8, 16, 32, ... */
	if (count && (count < 8 || (count & (count - 1))))
		return array;
	size_t room = count ? count * 2 : 8;
	if (room > SIZE_MAX / size)
		room_out();
	array = realloc(array, room * size);
	if (!array)
		room_out();
	return array;
}

void *memory_again(void *array, size_t size)
{
	array = realloc(array, size);
	if (!array)
		room_out();
	return array;
}

char *memory_print(const char *format, ...)
{
	char *text;
	va_list list;

	va_start(list, format);
	int length = vasprintf(&text, format, list);
	va_end(list);
	if (length < 0)
		room_out();
	return text;
}
