/* What stands before a call on a line of strace's: who, and when. */
#include "tools/import/strace_head.h"

#include <ctype.h>
#include <string.h>

#define S UINT64_C(1000000000)

bool text_digits(const char **at, size_t most, uint64_t *number)
{
	const size_t digits = strspn(*at, "0123456789");

	*number = 0;
	if (!digits || digits > most)
		return false;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (uint64_t)(*(*at)++ - '0');
	return true;
}

bool text_fraction(const char **at, uint64_t *ns)
{
	uint64_t unit = S / 10;

	*ns = 0;
	if (**at != '.' || !isdigit((unsigned char)(*at)[1]))
		return false;
	for (++*at; isdigit((unsigned char)**at); ++*at, unit /= 10)
		*ns += (uint64_t)(**at - '0') * unit;
	return true;
}

void text_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

/* "[pid  123] " and "123 "; the number of a file's own process is not in it. */
static void take_tid(const char **at, struct log_line *line)
{
	const char *from = *at;
	uint64_t number;
	const bool bracket = strncmp(from, "[pid", 4) == 0;

	if (bracket)
		from += 4;
	text_blanks(&from);
	if (!text_digits(&from, 9, &number) || !number)
		return;
	if (bracket ? *from++ != ']' : *from != ' ')
		return;
	text_blanks(&from);
	line->tid = (int32_t)number;
	*at = from;
}

/* "20:50:12.334177 " */
static bool take_day(const char **at, struct log_line *line)
{
	const char *from = *at;
	uint64_t hours, minutes, seconds, ns;

	if (!text_digits(&from, 2, &hours) || *from++ != ':' || !text_digits(&from, 2, &minutes) ||
		*from++ != ':' || !text_digits(&from, 2, &seconds) || hours > 23 || minutes > 59 ||
		seconds > 60)
		return false;
	line->fine = text_fraction(&from, &ns);
	if (*from != ' ')
		return false;
	line->clock = CLOCK_DAY;
	line->time = (hours * 3600 + minutes * 60 + seconds) * S + ns;
	*at = from;
	return true;
}

/* No log of less than that many seconds since 1970 was ever made. */
#define EPOCH_LEAST UINT64_C(100000000)
#define EPOCH_MOST  UINT64_C(4000000000)

/* "1795899007.820083 ", or what passed since the line before: "     0.000384 ". */
static bool take_seconds(const char **at, struct log_line *line)
{
	const char *from = *at;
	uint64_t seconds, ns;

	if (!text_digits(&from, 10, &seconds) || seconds > EPOCH_MOST)
		return false;
	line->fine = text_fraction(&from, &ns);
	if (*from != ' ' || (!line->fine && seconds < EPOCH_LEAST))
		return false;
	line->clock = seconds < EPOCH_LEAST ? CLOCK_SINCE : CLOCK_EPOCH;
	line->time = seconds * S + ns;
	*at = from;
	return true;
}

static void take_time(const char **at, struct log_line *line)
{
	if (!take_day(at, line) && !take_seconds(at, line))
		return;
	text_blanks(at);
	/* -r beside -t: "(+     0.000384) " */
	if (strncmp(*at, "(+", 2) == 0) {
		const char *end = strchr(*at, ')');

		*at = end ? end + 1 : *at;
		text_blanks(at);
	}
}

void line_head(const char **at, struct log_line *line)
{
	text_blanks(at);
	take_tid(at, line);
	take_time(at, line);
	if (!line->tid && line->clock)
		take_tid(at, line); /* strace's own messages have them the other way round */
}
