/* ASAN_OPTIONS, as AddressSanitizer reads them (sanitizer_flag_parser.cpp in compiler-rt): items
 * NAME=VALUE between blanks, commas and colons, of which the last one counts. Changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "shim/env.h"
#include "tools/launch/asan.h"

static const char separators[] = " ,:\n\t\r";
static const char order[] = "verify_asan_link_order=";

/* The value of the last such item, to where the next separator stands; NULL: there is none. */
static const char *order_of(const char *options)
{
	const char *value = NULL;

	for (const char *item = options; item && *item; item += strcspn(item, separators)) {
		item += strspn(item, separators);
		if (strncmp(item, order, sizeof(order) - 1) == 0)
			value = item + sizeof(order) - 1;
	}
	return value;
}

char *asan_options(const char *old, int *error)
{
	char *value;

	*error = 0;
	if (order_of(old))
		return NULL;
	if (asprintf(&value, "%s%s" ASAN_ANY_ORDER, old ? old : "", old && *old ? ":" : "") >= 0)
		return value;
	*error = -ENOMEM;
	return NULL;
}

bool asan_keeps_order(const char *options)
{
	static const char *const off[] = {"0", "no", "false"};
	const char *value = order_of(options);
	const size_t length = value ? strcspn(value, separators) : 0;

	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++)
		if (length == strlen(off[i]) && strncmp(value, off[i], length) == 0)
			return false;
	return value != NULL;
}
