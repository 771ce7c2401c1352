/* Figures as reports write them: the one place that rounds. Limits such as 999.5 ms lie where the
 * rounded figure would have a digit too many. Knows nothing of what the figures mean. */
#include <stdio.h>
#include <string.h>

#include "tools/base/units.h"

char *units_bare_seconds(char *text, uint64_t ns)
{
	const double seconds = (double)ns / 1e9;
	const int digits = ns == 0 || seconds >= 0.95 ? 1 : seconds >= 0.095 ? 2 : 3;

	snprintf(text, UNITS, "%.*f", digits, seconds);
	return text;
}

char *units_seconds(char *text, uint64_t ns)
{
	units_bare_seconds(text, ns);
	return strcat(text, " s");
}

char *units_ms(char *text, uint64_t ns)
{
	const double ms = (double)ns / 1e6;

	if (ms >= 999.5)
		return units_count(text, (uint64_t)(ms + 0.5));
	snprintf(text, UNITS, "%.*f", ms >= 9.95 ? 1 : 2, ms);
	return text;
}

char *units_count(char *text, uint64_t count)
{
	char digits[UNITS];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	char *at = text;

	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return text;
}

char *units_bytes(char *text, uint64_t bytes)
{
	if (bytes < 1000)
		snprintf(text, UNITS, "%llu B", (unsigned long long)bytes);
	else if (bytes < 1000000)
		snprintf(text, UNITS, "%.1f kB", (double)bytes / 1e3);
	else if (bytes < 1000000000)
		snprintf(text, UNITS, "%.1f MB", (double)bytes / 1e6);
	else
		snprintf(text, UNITS, "%.1f GB", (double)bytes / 1e9);
	return text;
}

char *units_time(char *text, uint64_t ns)
{
	if (ns >= 999500000)
		snprintf(text, UNITS, "%.1f s", (double)ns / 1e9);
	else if (ns >= 9950000)
		snprintf(text, UNITS, "%.1f ms", (double)ns / 1e6);
	else if (ns >= 99500)
		snprintf(text, UNITS, "%.2f ms", (double)ns / 1e6);
	else
		snprintf(text, UNITS, "%.1f us", (double)ns / 1e3);
	return text;
}
