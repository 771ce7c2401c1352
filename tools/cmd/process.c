/* Reads process numbers. */
#include "tools/cmd/process.h"

#include <limits.h>
#include <stdlib.h>

pid_t process_number(const char *word)
{
	char *end;
	const unsigned long number = strtoul(word, &end, 10);

	return *word < '0' || *word > '9' || *end || number > INT_MAX ? 0 : (pid_t)number;
}
