/* What somebody may have meant who wrote a value that no option takes. Knows no options: whether
 * they take what is guessed is option_text.c's to try. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rules/text/option_text.h"

/* How people write what has a shorter name here. */
static const struct {
	const char *written, *name;
} spoken[] = {
	{"hours", "h"},
	{"hour", "h"},
	{"minutes", "min"},
	{"minute", "min"},
	{"mins", "min"},
	{"m", "min"},
	{"seconds", "s"},
	{"second", "s"},
	{"secs", "s"},
	{"sec", "s"},
	{"milliseconds", "ms"},
	{"msec", "ms"},
	{"microseconds", "us"},
	{"usec", "us"},
	{"bytes", "B"},
	{"kilobytes", "KB"},
	{"megabytes", "MB"},
	{"kbps", "kbit"},
	{"Mbps", "Mbit"},
	{"Gbps", "Gbit"},
};

/* RFC 2474, 2597, 3246, 8622. */
int meant_dscp(const char *name)
{
	if (!strcasecmp(name, "EF"))
		return 46;
	if (!strcasecmp(name, "LE"))
		return 1;
	if (!strncasecmp(name, "CS", 2) && name[2] >= '0' && name[2] <= '7' && !name[3])
		return 8 * (name[2] - '0');
	if (!strncasecmp(name, "AF", 2) && name[2] >= '1' && name[2] <= '4' && name[3] >= '1' &&
		name[3] <= '3' && !name[4])
		return 8 * (name[2] - '0') + 2 * (name[3] - '0');
	return -1;
}

bool meant_unit(const char *text, char *out, size_t size)
{
	const int digits = (int)strspn(text, "0123456789");
	const char *unit = text + digits + strspn(text + digits, " ");

	for (size_t i = 0; digits && i < sizeof(spoken) / sizeof(*spoken); i++)
		if (strcasecmp(spoken[i].written, unit) == 0) {
			snprintf(out, size, "%.*s%s", digits, text, spoken[i].name);
			return true;
		}
	return false;
}
