/* Writes the line of SOCKFIX_RULES: the tools' half of wire.h.
 *
 * Pure text out of rules; as with snprintf the length is right even where the room ends. It must
 * write nothing that wire_decode() refuses, and no byte that a shell, cron, systemd or YAML would
 * want quoted. */
#include "rules/wire.h"
#include "rules/ip.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct line {
	char *out;
	size_t size, length; /* length: as if there were always room */
};

__attribute__((format(printf, 2, 3))) static void put(struct line *line, const char *format, ...)
{
	const size_t used = line->length < line->size ? line->length : line->size;
	va_list list;

	va_start(list, format);
	line->length += (size_t)vsnprintf(
		line->size ? line->out + used : NULL, line->size - used, format, list);
	va_end(list);
}

static void put_text(struct line *line, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

	for (; *text; text++)
		put(line, strchr(plain, *text) ? "%c" : "~%02X", (unsigned char)*text);
}

static void put_globs(struct line *line, const void *items)
{
	const struct globs *globs = items;

	for (size_t i = 0; i < globs->count; i++) {
		put(line, i ? "," : "");
		put_text(line, globs->glob[i]);
	}
}

static void put_networks(struct line *line, const void *items)
{
	const struct networks *networks = items;

	for (size_t i = 0; i < networks->count; i++) {
		const struct network *network = &networks->network[i];
		const bool v4 = network->bits >= 96 && ip_is_v4(network->address);
		char text[INET6_ADDRSTRLEN] = "";

		if (v4)
			inet_ntop(AF_INET, network->address + 12, text, sizeof(text));
		else
			inet_ntop(AF_INET6, network->address, text, sizeof(text));
		put(line, "%s%s/%d", i ? "," : "", text, network->bits - (v4 ? 96 : 0));
	}
}

static void put_ports(struct line *line, const void *items)
{
	const struct ports *ports = items;

	for (size_t i = 0; i < ports->count; i++) {
		put(line, "%s%d", i ? "," : "", ports->range[i].low);
		if (ports->range[i].high != ports->range[i].low)
			put(line, "-%d", ports->range[i].high);
	}
}

static void put_users(struct line *line, const void *items)
{
	const struct users *users = items;

	for (size_t i = 0; i < users->count; i++)
		put(line, "%s%" PRIu32, i ? "," : "", users->uid[i]);
}

static void put_role(struct line *line, const void *items)
{
	static const char *const name[] = {
		[ROLE_CLIENT] = "client", [ROLE_SERVER] = "server", [ROLE_ANY] = "any"};
	const enum role *role = items;

	put(line, "%s", name[*role]);
}

static void put_items(struct line *line, const struct match *match, enum matcher matcher)
{
	static void (*const put_kind[MATCHER_KINDS])(struct line *, const void *) = {
		[MATCHER_GLOBS] = put_globs,
		[MATCHER_ROLE] = put_role,
		[MATCHER_NETWORKS] = put_networks,
		[MATCHER_PORTS] = put_ports,
		[MATCHER_USERS] = put_users,
	};

	put_kind[matcher_table[matcher].kind](line, match_items_read(match, matcher));
}

static void put_setting(struct line *line, const struct setting *setting)
{
	put(line, "@:%s=%s", option_table[setting->option].name, setting->force ? "^" : "");
	switch (setting->value.kind) {
	case VALUE_NUMBER:
		return put(line, "%" PRId64, setting->value.number);
	case VALUE_WORD:
		put(line, "=");
		return put_text(line, setting->value.word);
	case VALUE_UNDO:
		return put(line, "~");
	case VALUE_KEEP:
		return put(line, "-");
	}
}

static bool is_default(const struct rule *rule)
{
	return rule->setting == rule_default.setting;
}

static void put_rule(struct line *line, const struct rule *rule)
{
	put(line, "+");
	put_text(line, rule->name);
	if (is_default(rule))
		return;
	if (rule->veto)
		put(line, "@veto");
	for (int i = 0; i < MATCHER_COUNT; i++)
		if (rule->match.named & (1u << i)) {
			put(line, "@%s=", matcher_name[i]);
			put_items(line, &rule->match, (enum matcher)i);
		}
	if (rule->holdout)
		put(line, "@holdout=%d", rule->holdout);
	for (size_t i = 0; i < rule->settings; i++)
		put_setting(line, &rule->setting[i]);
	if (rule->last)
		put(line, "@last");
}

size_t wire_encode(const struct ruleset *set, char *out, size_t size)
{
	struct line line = {out, size, 0};

	if (set->count == 1 && is_default(&set->rule[0])) {
		put(&line, "1:default");
		return line.length;
	}
	put(&line, "1:");
	for (size_t i = 0; i < set->count; i++)
		put_rule(&line, &set->rule[i]);
	put(&line, "+=%zu", set->count);
	return line.length;
}
