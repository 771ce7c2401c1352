/* Options as people write them: "60s", "64K", "5Gbit", "auto", and what is wrong with the rest.
 *
 * For the tools. Each error is one sentence that names the option, what was written, and what would
 * do. Pure text to values and back: no file, no socket, nothing about rules. */
#include "rules/text/option_text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *of;	  /* option.unit */
	const char *name; /* as it is written after the number */
	int64_t times, over;
};

/* A number with this unit is number * times / over in the option's own unit. Printing takes the
 * first that divides, so the larger stand first. */
static const struct unit units[] = {
	{"s", "h", 3600, 1},
	{"s", "min", 60, 1},
	{"s", "s", 1, 1},
	{"s", "ms", 1, 1000},
	{"s", "us", 1, 1000000},
	{"ms", "h", 3600000, 1},
	{"ms", "min", 60000, 1},
	{"ms", "s", 1000, 1},
	{"ms", "ms", 1, 1},
	{"ms", "us", 1, 1000},
	{"us", "s", 1000000, 1},
	{"us", "ms", 1000, 1},
	{"us", "us", 1, 1},
	{"bytes", "GiB", 1 << 30, 1},
	{"bytes", "GB", 1 << 30, 1},
	{"bytes", "G", 1 << 30, 1},
	{"bytes", "MiB", 1 << 20, 1},
	{"bytes", "MB", 1 << 20, 1},
	{"bytes", "M", 1 << 20, 1},
	{"bytes", "KiB", 1 << 10, 1},
	{"bytes", "KB", 1 << 10, 1},
	{"bytes", "K", 1 << 10, 1},
	{"bytes", "B", 1, 1},
	{"bytes/s", "Gbit", 125000000, 1},
	{"bytes/s", "Mbit", 125000, 1},
	{"bytes/s", "kbit", 125, 1},
	{"bytes/s", "GB", 1000000000, 1},
	{"bytes/s", "MB", 1000000, 1},
	{"bytes/s", "kB", 1000, 1},
};
#define UNITS (sizeof(units) / sizeof(*units))

__attribute__((format(printf, 3, 4))) static int refuse(
	char *why, size_t size, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(why, size, format, list);
	va_end(list);
	return -EINVAL;
}

/* unit: of numbers. */
static const struct {
	enum option_type type;
	const char *unit, *takes;
} takes_table[] = {
	{TYPE_SWITCH, NULL, "true or false"},
	{TYPE_BUFFER, NULL, "a size such as \"64K\", or \"auto\""},
	{TYPE_LINGER, NULL, "a time such as \"5s\", or \"off\""},
	{TYPE_TIME, NULL, "a time such as \"30s\""},
	{TYPE_RATE, NULL, "a rate such as \"5Gbit\", \"40Mbit\" or \"625MB\""},
	{TYPE_WORD, NULL, "a name in quotes"},
	{TYPE_MODE, NULL, "\"off\", \"auto\" or \"always\""},
	{TYPE_NUMBER, "s", "a time such as \"60s\""},
	{TYPE_NUMBER, "ms", "a time such as \"30s\" or \"500ms\""},
	{TYPE_NUMBER, "us", "a time such as \"5ms\" or \"500us\""},
	{TYPE_NUMBER, "bytes", "a size such as \"64K\""},
	{TYPE_NUMBER, "", "a number"},
};

const char *option_takes(int id)
{
	const struct option *option = &option_table[id];
	size_t i = 0;

	while (takes_table[i].type != option->type ||
		(takes_table[i].unit && strcmp(takes_table[i].unit, option->unit) != 0))
		i++;
	return takes_table[i].takes;
}

const char *option_undo(int id)
{
	const enum option_type type = option_table[id].type;

	return type == TYPE_BUFFER ? "auto" : type == TYPE_LINGER ? "off" : NULL;
}

static int out_of_range(int id, const char *text, char *why, size_t size)
{
	const struct option *option = &option_table[id];
	const char *gap = *option->unit ? " " : "";

	if (option->high == INT64_MAX)
		return refuse(why, size, "%s %.40s is out of range: at least %" PRId64 "%s%s",
			option->name, text, option->low, gap, option->unit);
	return refuse(why, size, "%s %.40s is out of range: %" PRId64 " to %" PRId64 "%s%s",
		option->name, text, option->low, option->high, gap, option->unit);
}

static int digit_of(char c, int base)
{
	const int digit = c >= '0' && c <= '9'	 ? c - '0'
			  : c >= 'a' && c <= 'f' ? c - 'a' + 10
			  : c >= 'A' && c <= 'F' ? c - 'A' + 10
						 : base;

	return digit < base ? digit : -1;
}

/* Reads decimal or 0x digits; *rest is where they end. Sticks at INT64_MAX. */
static int64_t read_digits(const char *text, const char **rest)
{
	const bool hex =
		text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_of(text[2], 16) >= 0;
	const int base = hex ? 16 : 10;
	int64_t sum = 0;

	for (text += hex ? 2 : 0; digit_of(*text, base) >= 0; text++) {
		const int digit = digit_of(*text, base);

		sum = sum > (INT64_MAX - digit) / base ? INT64_MAX : sum * base + digit;
	}
	*rest = text;
	return sum;
}

static const struct unit *unit_find(const char *of, const char *name)
{
	char bare[8];
	const size_t length = strlen(name);
	const bool a_second =
		!strcmp(of, "bytes/s") && length > 2 && !strcmp(name + length - 2, "/s");

	if (length >= sizeof(bare))
		return NULL;
	snprintf(bare, sizeof(bare), "%.*s", (int)(length - (a_second ? 2 : 0)), name);
	for (size_t i = 0; i < UNITS; i++)
		if (!strcmp(units[i].of, of) && !strcasecmp(units[i].name, bare))
			return &units[i];
	return NULL;
}

/* "200Mb": a rate is written both ways, and they are eight times apart. */
static bool is_bits_or_bytes(const struct unit *unit, const char *suffix)
{
	return !strcmp(unit->of, "bytes/s") && unit->name[strlen(unit->name) - 1] == 'B' &&
	       strchr(suffix, 'b');
}

static bool is_taken(int id, const char *text)
{
	struct value value;
	char why[200];

	return option_parse(id, text, &value, why, sizeof(why)) == 0;
}

static int refuse_number(int id, const char *text, char *why, size_t size)
{
	const int dscp = id == OPTION_IP_TOS ? meant_dscp(text) : -1;
	char meant[48], end[80] = "";

	if (dscp >= 0)
		snprintf(end, sizeof(end), "; %.4s is %d", text, dscp * 4);
	else if (meant_unit(text, meant, sizeof(meant)) && is_taken(id, meant))
		snprintf(end, sizeof(end), "; did you mean \"%s\"?", meant);
	return refuse(why, size, "%s takes %s, not \"%.40s\"%s", option_table[id].name,
		option_takes(id), text, end);
}

static int parse_number(int id, const char *text, struct value *value, char *why, size_t size)
{
	const struct option *option = &option_table[id];
	const struct unit *unit = NULL;
	const char *suffix;
	int64_t number = read_digits(text, &suffix);
	const bool digits = suffix != text;

	suffix += strspn(suffix, " ");
	if (text[0] == '-' && digit_of(text[1], 10) >= 0)
		return out_of_range(id, text, why, size);
	if (digits && *suffix) {
		unit = unit_find(option->unit, suffix);
		if (!unit && !*option->unit)
			return refuse(why, size,
				"%s is a plain number, without a unit, not \"%.40s\"", option->name,
				text);
	}
	if (!digits || (*suffix && !unit))
		return refuse_number(id, text, why, size);
	if (unit && is_bits_or_bytes(unit, suffix))
		return refuse(why, size,
			"%s \"%.40s\": bits or bytes? \"%.*s%.1sbit\" or \"%.*s%s\"", option->name,
			text, (int)strspn(text, "0123456789"), text, unit->name,
			(int)strspn(text, "0123456789"), text, unit->name);
	if (!unit && option->level == OPTION_OURS && *option->unit)
		return refuse(why, size, "%s wants a unit: %s", option->name, option_takes(id));
	if (unit) {
		if (number > INT64_MAX / unit->times)
			return out_of_range(id, text, why, size);
		if (number * unit->times % unit->over)
			return refuse(why, size, "%s counts whole %s, and %.40s is none",
				option->name, *option->unit == 's' ? "seconds" : "milliseconds",
				text);
		number = number * unit->times / unit->over;
	}
	if (number < option->low || number > option->high)
		return out_of_range(id, text, why, size);
	*value = (struct value){.kind = VALUE_NUMBER, .number = number};
	return 0;
}

static int parse_switch(int id, const char *text, struct value *value, char *why, size_t size)
{
	static const char *const word[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(word) / sizeof(*word); i++)
		if (!strcasecmp(text, word[i])) {
			*value = (struct value){.kind = VALUE_NUMBER, .number = (int64_t)i % 2};
			return 0;
		}
	return refuse(
		why, size, "%s takes true or false, not \"%.40s\"", option_table[id].name, text);
}

static int parse_mode(int id, const char *text, struct value *value, char *why, size_t size)
{
	const char *near;

	for (int mode = 0; mode < COALESCE_COUNT; mode++)
		if (!strcmp(text, coalesce_name[mode])) {
			*value = (struct value){.kind = VALUE_NUMBER, .number = mode};
			return 0;
		}
	near = nearest_name(text, coalesce_name, COALESCE_COUNT);
	if (near)
		return refuse(why, size, "%s has no mode \"%.40s\"; did you mean \"%s\"?",
			option_table[id].name, text, near);
	return refuse(why, size, "%s takes %s, not \"%.40s\"", option_table[id].name,
		option_takes(id), text);
}

static int parse_word(int id, const char *text, struct value *value, char *why, size_t size)
{
	const struct option *option = &option_table[id];
	const size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)text[i]) || text[i] == '/')
			return refuse(why, size, "%s takes a name without spaces, not \"%.40s\"",
				option->name, text);
	if (!length || length > (size_t)option->high)
		return refuse(why, size, "%s takes a name of 1 to %" PRId64 " bytes, not \"%.40s\"",
			option->name, option->high, text);
	*value = (struct value){.kind = VALUE_WORD};
	memcpy(value->word, text, length);
	return 0;
}

int option_parse(int id, const char *text, struct value *value, char *why, size_t size)
{
	const enum option_type type = option_table[id].type;

	if (!strcmp(text, "keep")) {
		*value = (struct value){.kind = VALUE_KEEP};
		return 0;
	}
	if (option_undo(id) && !strcmp(text, option_undo(id))) {
		*value = (struct value){.kind = VALUE_UNDO};
		return 0;
	}
	switch (type) {
	case TYPE_SWITCH:
		return parse_switch(id, text, value, why, size);
	case TYPE_MODE:
		return parse_mode(id, text, value, why, size);
	case TYPE_WORD:
		return parse_word(id, text, value, why, size);
	default:
		return parse_number(id, text, value, why, size);
	}
}

int option_from_number(int id, int64_t number, struct value *value, char *why, size_t size)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	if (option_table[id].type == TYPE_MODE || option_table[id].type == TYPE_WORD)
		return refuse(why, size, "%s takes %s, not a number", option_table[id].name,
			option_takes(id));
	return option_parse(id, text, value, why, size);
}

int option_from_bool(int id, bool on, struct value *value, char *why, size_t size)
{
	if (option_table[id].type != TYPE_SWITCH)
		return refuse(why, size, "%s takes %s, not %s", option_table[id].name,
			option_takes(id), on ? "true" : "false");
	*value = (struct value){.kind = VALUE_NUMBER, .number = on};
	return 0;
}

static int print_number(const struct option *option, int64_t number, char *out, size_t size)
{
	if (!strcmp(option->unit, "bytes"))
		return snprintf(out, size, "%" PRId64 "%s", number,
			option->level == OPTION_OURS ? "B" : "");
	for (size_t i = 0; i < UNITS; i++) {
		const struct unit *unit = &units[i];

		/* "30000ms" reads better as "30s", but "3600s" not as "1h": seconds are what is
		 * compared. */
		if (strcmp(unit->of, option->unit) != 0 || !strcmp(unit->name, "h") ||
			!strcmp(unit->name, "min") || unit->over != 1 || number % unit->times)
			continue;
		if (number || unit->times == 1)
			return snprintf(
				out, size, "%" PRId64 "%s", number / unit->times, unit->name);
	}
	return snprintf(out, size, "%" PRId64, number);
}

int option_print(int id, const struct value *value, char *out, size_t size)
{
	const struct option *option = &option_table[id];

	switch (value->kind) {
	case VALUE_WORD:
		return snprintf(out, size, "%s", value->word);
	case VALUE_UNDO:
		return snprintf(out, size, "%s", option_undo(id));
	case VALUE_KEEP:
		return snprintf(out, size, "keep");
	case VALUE_NUMBER:
		break;
	}
	if (option->type == TYPE_SWITCH)
		return snprintf(out, size, "%s", value->number ? "true" : "false");
	if (option->type == TYPE_MODE)
		return snprintf(out, size, "%s", coalesce_name[value->number]);
	return print_number(option, value->number, out, size);
}
