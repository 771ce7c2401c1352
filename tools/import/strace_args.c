/* Arguments as text: strings are passed over, whatever they hold, but where they are asked for.
 * Pure.
 */
#include "tools/import/strace_args.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Behind the string that begins there with its quote; what is cut off ends with the text. */
static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

/* Behind what -y says of a descriptor, in angle brackets; names may hold nearly anything, but end
 * before what goes on. */
static const char *skip_note(const char *at)
{
	const char *from = at;

	for (at++; *at; at++)
		if (*at == '>' && (!at[1] || strchr(", ])}", at[1])))
			return at + 1;
	return from + 1;
}

/* Behind one thing: a string, a note, or a character. before: the one before it. */
static const char *skip_thing(const char *at, char before)
{
	if (*at == '"')
		return skip_string(at);
	if (*at == '<' && at[1] != '<' && (isdigit((unsigned char)before) || before == 'D'))
		return skip_note(at);
	return at + 1;
}

void args_split(char *text, struct args *args)
{
	const char *at = text;
	int depth = 0;
	char before = '\0';

	for (unsigned i = 0; i < ARGS_MOST; i++)
		args->arg[i] = text + strlen(text);
	args->count = *text != '\0';
	args->arg[0] = text;
	while (*at && args->count < ARGS_MOST) {
		char *here = text + (at - text);

		if (strchr("([{", *at))
			depth++;
		if (strchr(")]}", *at))
			depth -= depth > 0;
		at = skip_thing(at, before);
		before = *here;
		if (*here != ',' || depth)
			continue;
		*here = '\0';
		at += strspn(at, " ");
		args->arg[args->count++] = text + (at - text);
	}
}

bool arg_fd(const char *text, int *fd, const char **note)
{
	char *end;
	const long number = strtol(text, &end, 10);

	*note = NULL;
	if (end == text || number < 0 || number > 1 << 30 || !isdigit((unsigned char)*text))
		return false;
	*fd = (int)number;
	if (*end == '<')
		*note = end + 1;
	return true;
}

const char *arg_behind_fd(const char *text)
{
	text += strspn(text, "0123456789");
	return *text == '<' ? skip_note(text) : text;
}

/* No argument that is looked at is larger: what is, is as large, and can be reckoned with. */
#define NUMBER_MOST ((int64_t)1 << 40)

static int64_t bounded(int64_t number)
{
	if (number > NUMBER_MOST)
		return NUMBER_MOST;
	return number < -NUMBER_MOST ? -NUMBER_MOST : number;
}

bool arg_number(const char *text, unsigned index, int64_t *number)
{
	char before = '=', *end;

	for (const char *at = text; *at;) {
		const bool begins = (isdigit((unsigned char)*at) ||
					    (*at == '-' && isdigit((unsigned char)at[1]))) &&
				    !isalnum((unsigned char)before) && before != '_';

		if (!begins) {
			const char here = *at;

			at = skip_thing(at, before);
			before = here;
			continue;
		}
		*number = bounded(strtoll(at, &end, 0));
		if (*end == '*')
			*number *= strtoll(end + 1, &end, 0) & 0xffff;
		if (!index--)
			return true;
		at = end;
		before = '0';
	}
	return false;
}

const char *arg_next(const char *text, const char *key)
{
	const size_t length = strlen(key);
	char before = '\0';

	for (const char *at = text; *at;) {
		if (*at == *key && !isalnum((unsigned char)before) && before != '_' &&
			strncmp(at, key, length) == 0)
			return at + length;
		const char here = *at;
		at = skip_thing(at, before);
		before = here;
	}
	return NULL;
}

bool arg_has(const char *text, const char *flag)
{
	while ((text = arg_next(text, flag)))
		if (!isalnum((unsigned char)*text) && *text != '_')
			return true;
	return false;
}

uint64_t arg_sum(const char *text, const char *key, bool *more)
{
	uint64_t sum = 0;
	const char *at = text, *next;

	while ((next = arg_next(at, key))) {
		sum += strtoull(next, NULL, 10) & UINT32_MAX;
		at = next;
	}
	*more = arg_next(text, "...") != NULL;
	return sum;
}

/* ---- strings ---- */

/* One character, escaped or not; moves on. */
static unsigned char take_char(const char **at)
{
	static const char letter[] = "nrtvfab\\\"", byte[] = "\n\r\t\v\f\a\b\\\"";
	unsigned value = 0, digits = 0;

	if (**at != '\\' || !(*at)[1])
		return (unsigned char)*(*at)++;
	++*at;
	if (**at == 'x') {
		for (++*at; digits < 2 && isxdigit((unsigned char)**at); digits++, ++*at)
			value = value * 16 + (unsigned)(isdigit((unsigned char)**at)
								? **at - '0'
								: (**at | 32) - 'a' + 10);
		return (unsigned char)value;
	}
	if (**at >= '0' && **at <= '7') {
		for (; digits < 3 && **at >= '0' && **at <= '7'; digits++, ++*at)
			value = value * 8 + (unsigned)(**at - '0');
		return (unsigned char)value;
	}
	const char *known = strchr(letter, **at);
	const unsigned char other = (unsigned char)**at;
	++*at;
	return known ? (unsigned char)byte[known - letter] : other;
}

size_t arg_string(const char *text, void *out, size_t size)
{
	unsigned char *bytes = out;
	size_t length = 0;

	if (*text++ != '"')
		return 0;
	while (*text && *text != '"' && length < size)
		bytes[length++] = take_char(&text);
	return length;
}

/* ---- addresses ---- */

static bool read_ip(const char *text, uint8_t address[16], uint8_t *family)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (inet_pton(AF_INET, text, address + 12) == 1) {
		memcpy(address, mapped, sizeof(mapped));
		*family = 4;
		return true;
	}
	*family = 6;
	return inet_pton(AF_INET6, text, address) == 1;
}

bool arg_address(const char *text, uint8_t address[16], uint16_t *port, uint8_t *family)
{
	const char *number = arg_next(text, "htons("), *quoted;
	char ip[INET6_ADDRSTRLEN + 1];
	size_t length;

	if (!number || !(quoted = strchr(text, '"')))
		return false;
	length = arg_string(quoted, ip, sizeof(ip) - 1);
	ip[length] = '\0';
	if (!read_ip(ip, address, family))
		return false;
	if (strstr(text, "AF_INET6"))
		*family = 6;
	*port = (uint16_t)strtoul(number, NULL, 10);
	return true;
}

/* "1.2.3.4:5" or "[::1]:5", up to `end`. */
static bool read_end(const char *from, const char *end, uint8_t ip[16], uint16_t *port)
{
	char text[INET6_ADDRSTRLEN + 8];
	const size_t length = (size_t)(end - from);
	char *colon, *first = text;
	uint8_t family;

	if (length >= sizeof(text))
		return false;
	memcpy(text, from, length);
	text[length] = '\0';
	colon = strrchr(text, ':');
	if (!colon)
		return false;
	*colon = '\0';
	if (*text == '[' && colon > text + 1 && colon[-1] == ']') {
		colon[-1] = '\0';
		first++;
	}
	*port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return read_ip(first, ip, &family);
}

bool note_tcp(const char *note, struct ends *ends)
{
	const char *from, *end, *arrow;

	*ends = (struct ends){.family = 4};
	if (!note || strncmp(note, "TCP", 3) != 0)
		return false;
	note += 3;
	if (strncmp(note, "v6", 2) == 0) {
		ends->family = 6;
		note += 2;
	}
	if (strncmp(note, ":[", 2) != 0)
		return false;
	from = note + 2;
	end = strstr(from, "]>");
	if (!end)
		return true;
	arrow = strstr(from, "->");
	if (arrow && arrow < end) {
		ends->connected = read_end(from, arrow, ends->local, &ends->local_port) &&
				  read_end(arrow + 2, end, ends->peer, &ends->peer_port);
		return true;
	}
	if (!read_end(from, end, ends->local, &ends->local_port))
		ends->local_port = 0;
	return true;
}
