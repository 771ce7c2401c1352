/* Words for what the option table holds as numbers. Derived from the columns, never from a single
 * option's name where a column can tell it: adding an option stays adding a row. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules/text/option_text.h"
#include "tools/show/words.h"

static void number_values(int id, char *out, size_t size)
{
	const struct option *option = &option_table[id];
	const char *comma = option_undo(id) ? ", " : "", *undo = comma[0] ? option_undo(id) : "";
	const char *gap = *option->unit ? " " : "";
	/* A bound of the type is no bound to speak of. */
	if (option->high >= 1073741823 && option->high != UINT32_MAX)
		snprintf(out, size, "from %" PRId64 "%s%s%s%s", option->low, gap, option->unit,
			comma, undo);
	else
		snprintf(out, size, "%" PRId64 "-%" PRId64 "%s%s%s%s", option->low, option->high,
			gap, option->unit, comma, undo);
}

void option_values(int id, char *out, size_t size)
{
	const struct option *option = &option_table[id];
	if (option->type == TYPE_SWITCH)
		snprintf(out, size, "true, false");
	else if (option->type == TYPE_MODE)
		snprintf(out, size, "off auto always buffer");
	else if (option->type == TYPE_WORD)
		snprintf(out, size, "a name");
	else
		number_values(id, out, size);
}

void option_when(int id, char *out, size_t size)
{
	static const char *const name[] = {"bind", "connect", "listen", "accept", "read", "write"};
	*out = '\0';
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		size_t length = strlen(out);
		if (option_table[id].when & (1u << i))
			snprintf(out + length, size - length, "%s%s", length ? ", " : "", name[i]);
	}
}

const char *option_when_text(int id)
{
	switch (option_table[id].when) {
	case AT_BIND:
		return "before bind()";
	case AT_BIND | AT_CONNECT:
		return "before bind(), or before connect()";
	case AT_CONNECT:
		return "before connect()";
	case AT_LISTEN:
		return "on the listening socket, at listen()";
	case AT_CONNECT | AT_LISTEN:
		return "before connect(); for servers on the listening socket, which hands it on, "
		       "or on each accepted one where the rule asks for the peer";
	case AT_CONNECT | AT_ACCEPT:
		return "before connect(), and on each accepted socket";
	case AT_CONNECT | AT_ACCEPT | AT_READ:
		return "before connect(), on each accepted socket, and again after every read";
	case AT_WRITE:
		return "to the writes of every flow that the rule matches";
	default:
		return "at several calls, see sockfix list options";
	}
}

const char *option_risk(int id)
{
	static const char *const word[] = {"none", "seen", "may break"};
	return word[option_table[id].risk];
}

const char *option_risk_text(int id)
{
	static const char *const text[] = {
		"none: the program cannot tell",
		"seen: the program can notice it, in timing, in errors or by getsockopt()",
		"may break: it changes what calls of the program mean; know the program",
	};
	return text[option_table[id].risk];
}

static int64_t example_number(const struct option *option)
{
	static const struct {
		const char *unit;
		int64_t number;
	} usual[] = {
		{"s", 60}, {"ms", 30000}, {"us", 5000}, {"bytes", 65536}, {"bytes/s", 625000000}};
	int64_t number = option->high > 1024 ? 1024 : 4;
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		if (strcmp(option->unit, usual[i].unit) == 0)
			number = usual[i].number;
	}
	return number > option->high ? option->high : number < option->low ? option->low : number;
}

void option_example(int id, char *out, size_t size)
{
	const struct option *option = &option_table[id];
	struct value value = {.kind = VALUE_NUMBER};
	if (option->type == TYPE_WORD) {
		snprintf(out, size, "%s", id == OPTION_SO_BINDTODEVICE ? "eth0" : "bbr");
		return;
	}
	value.number = option->type == TYPE_SWITCH ? 1
		       : option->type == TYPE_MODE ? COALESCE_AUTO
						   : example_number(option);
	option_print(id, &value, out, size);
}

void preset_summary(const struct preset *preset, char *out, size_t size)
{
	const char *text = preset->text;
	size_t name = strlen(preset->name);
	while (text < preset->end && (*text == '#' || *text == ' '))
		text++;
	const char *end = memchr(text, '\n', (size_t)(preset->end - text));
	snprintf(out, size, "%.*s", (int)((end ? end : preset->end) - text), text);
	/* "imap-upload: for whom" stands beside the name already. */
	if (strncmp(out, preset->name, name) == 0 && out[name] == ':')
		memmove(out, out + name + 1, strlen(out + name + 1) + 1);
}
