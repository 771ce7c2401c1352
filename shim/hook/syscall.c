/* The hook of syscall(2): which of the calls that other hooks stand for it is. Everything else is
 * passed on with its six longs. */
#include <stdarg.h>

#include "shim/export.h"
#include "shim/hook/raw.h"

static long (*const raw_table[])(const struct raw *) = {
#define RAW(number, function) [number] = function,
#include "shim/hook/raw_calls.h"
#undef RAW
};

static long raw_any(const struct raw *raw)
{
	const unsigned long number = (unsigned long)raw->number;

	if (number < sizeof(raw_table) / sizeof(*raw_table) && raw_table[number])
		return raw_table[number](raw);
	return raw_call(raw);
}

EXPORT long syscall(long number, ...)
{
	struct raw raw = {.number = number};
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		raw.a[i] = va_arg(args, long);
	va_end(args);
	return raw_any(&raw);
}
