/* Decodes the line of SOCKFIX_RULES inside the victim.
 *
 * Whatever the text is, this reads it up to its NUL and writes into the caller's room only: no
 * allocation, no system call, libc alone. Every value is checked again against its range, and a
 * line without its right count of rules is -EPROTO: it was cut off. The grammar is in wire.h. */
#include "rules/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

/* A part of the line; `at` moves to `end` while it is read. */
struct span {
	const char *at, *end;
};

/* The caller's room, given out from the front. */
struct room {
	char *at, *end;
};

#define ROOM_ALIGN sizeof(void *)

static void *room_take(struct room *room, size_t count, size_t size)
{
	const size_t bytes = (count * size + ROOM_ALIGN - 1) / ROOM_ALIGN * ROOM_ALIGN;
	void *got = room->at;

	if (bytes > (size_t)(room->end - room->at))
		return NULL;
	memset(got, 0, bytes);
	room->at += bytes;
	return got;
}

size_t wire_room(const char *text)
{
	/* An item is a glob (a pointer, text and NUL, rounded up), a network, a range or a user. */
	const size_t item = sizeof(const char *) + sizeof(struct network) + 2 * ROOM_ALIGN;
	size_t size = sizeof(struct rule) + ROOM_ALIGN;

	for (; *text; text++) {
		size++;
		if (*text == '+')
			size += sizeof(struct rule) + 2 * ROOM_ALIGN;
		else if (*text == '@')
			size += sizeof(struct setting) + item + ROOM_ALIGN;
		else if (*text == ',')
			size += item;
	}
	return size;
}

static size_t span_count(struct span span, char what)
{
	size_t count = 0;

	for (; span.at < span.end; span.at++)
		count += *span.at == what;
	return count;
}

/* Cuts off what stands before the next separator, and the separator. */
static struct span span_cut(struct span *span, char separator)
{
	struct span piece = *span;

	while (span->at < span->end && *span->at != separator)
		span->at++;
	piece.end = span->at;
	span->at += span->at < span->end;
	return piece;
}

static bool span_is(struct span span, const char *word)
{
	const size_t length = strlen(word);

	return (size_t)(span.end - span.at) == length && !memcmp(span.at, word, length);
}

static bool span_skip(struct span *span, char what)
{
	if (span->at == span->end || *span->at != what)
		return false;
	span->at++;
	return true;
}

static int decode_number(struct span span, int64_t low, int64_t high, int64_t *number)
{
	int64_t sum = 0;

	if (span.at == span.end)
		return -EPROTO;
	for (; span.at < span.end; span.at++) {
		const int digit = *span.at - '0';

		if (digit < 0 || digit > 9 || sum > (INT64_MAX - digit) / 10)
			return -EPROTO;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return low <= sum && sum <= high ? 0 : -EPROTO;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

/* out has room for the span and a NUL: what is escaped only gets shorter. */
static int decode_text(struct span span, char *out)
{
	if (span.at == span.end)
		return -EPROTO;
	while (span.at < span.end) {
		if (*span.at != '~') {
			if (!is_plain(*span.at))
				return -EPROTO;
			*out++ = *span.at++;
			continue;
		}
		const int high = span.end - span.at > 2 ? hex_digit(span.at[1]) : -1;
		const int low = high >= 0 ? hex_digit(span.at[2]) : -1;

		if (low < 0 || !(high | low))
			return -EPROTO;
		*out++ = (char)(high * 16 + low);
		span.at += 3;
	}
	*out = '\0';
	return 0;
}

static int take_text(struct room *room, struct span span, const char **text)
{
	char *out = room_take(room, (size_t)(span.end - span.at) + 1, 1);

	*text = out;
	return out ? decode_text(span, out) : -ENOMEM;
}

static int decode_glob(struct room *room, struct span item, void *glob)
{
	return take_text(room, item, glob);
}

static int decode_network(struct room *room, struct span item, void *out)
{
	struct network *network = out;
	char text[INET6_ADDRSTRLEN];
	const struct span address = span_cut(&item, '/');
	const size_t length = (size_t)(address.end - address.at);
	int64_t bits;
	bool v4;

	(void)room;
	if (length >= sizeof(text))
		return -EPROTO;
	memcpy(text, address.at, length);
	text[length] = '\0';
	v4 = inet_pton(AF_INET, text, network->address + 12) == 1;
	if (v4)
		network->address[10] = network->address[11] = 0xff;
	else if (inet_pton(AF_INET6, text, network->address) != 1)
		return -EPROTO;
	if (decode_number(item, 0, v4 ? 32 : 128, &bits) < 0)
		return -EPROTO;
	network->bits = (uint8_t)(bits + (v4 ? 96 : 0));
	return 0;
}

static int decode_range(struct room *room, struct span item, void *out)
{
	struct port_range *range = out;
	const bool wide = span_count(item, '-') > 0;
	int64_t low, high;

	(void)room;
	if (decode_number(span_cut(&item, '-'), 1, 65535, &low) < 0)
		return -EPROTO;
	high = low;
	if (wide && decode_number(item, low, 65535, &high) < 0)
		return -EPROTO;
	range->low = (uint16_t)low;
	range->high = (uint16_t)high;
	return 0;
}

static int decode_user(struct room *room, struct span item, void *out)
{
	uint32_t *uid = out;
	int64_t number;

	(void)room;
	if (decode_number(item, 0, UINT32_MAX, &number) < 0)
		return -EPROTO;
	*uid = (uint32_t)number;
	return 0;
}

/* Reads items that are `size` bytes each into an array of the room. */
static void *decode_items(struct room *room, struct span items, size_t size,
	int (*decode)(struct room *, struct span, void *), size_t *count, int *error)
{
	const size_t all = span_count(items, ',') + 1;
	char *array = room_take(room, all, size);

	*error = array ? 0 : -ENOMEM;
	while (!*error && *count < all)
		*error = decode(room, span_cut(&items, ','), array + (*count)++ * size);
	return array;
}

static int decode_globs(struct room *room, struct span items, void *into)
{
	struct globs *globs = into;
	int error;

	globs->glob =
		decode_items(room, items, sizeof(*globs->glob), decode_glob, &globs->count, &error);
	return error;
}

static int decode_ports(struct room *room, struct span items, void *into)
{
	struct ports *ports = into;
	int error;

	ports->range = decode_items(
		room, items, sizeof(*ports->range), decode_range, &ports->count, &error);
	return error;
}

static int decode_networks(struct room *room, struct span items, void *into)
{
	struct networks *networks = into;
	int error;

	networks->network = decode_items(
		room, items, sizeof(*networks->network), decode_network, &networks->count, &error);
	return error;
}

static int decode_users(struct room *room, struct span items, void *into)
{
	struct users *users = into;
	int error;

	users->uid =
		decode_items(room, items, sizeof(*users->uid), decode_user, &users->count, &error);
	return error;
}

static int decode_role(struct room *room, struct span item, void *into)
{
	enum role *role = into;

	(void)room;
	if (span_is(item, "client"))
		*role = ROLE_CLIENT;
	else if (span_is(item, "server"))
		*role = ROLE_SERVER;
	else if (span_is(item, "any"))
		*role = ROLE_ANY;
	else
		return -EPROTO;
	return 0;
}

static int decode_matcher(
	struct room *room, enum matcher matcher, struct span items, struct match *match)
{
	static int (*const decode[MATCHER_KINDS])(struct room *, struct span, void *) = {
		[MATCHER_GLOBS] = decode_globs,
		[MATCHER_ROLE] = decode_role,
		[MATCHER_NETWORKS] = decode_networks,
		[MATCHER_PORTS] = decode_ports,
		[MATCHER_USERS] = decode_users,
	};

	return decode[matcher_table[matcher].kind](room, items, match_items(match, matcher));
}

static int decode_value(struct span text, const struct option *option, struct value *value)
{
	const bool undoes = option->type == TYPE_BUFFER || option->type == TYPE_LINGER;

	if (span_is(text, "-")) {
		value->kind = VALUE_KEEP;
		return 0;
	}
	if (span_is(text, "~")) {
		value->kind = VALUE_UNDO;
		return undoes ? 0 : -EPROTO;
	}
	if (option->type != TYPE_WORD) {
		value->kind = VALUE_NUMBER;
		return decode_number(text, option->low, option->high, &value->number);
	}
	char word[3 * sizeof(value->word)];

	if (!span_skip(&text, '=') || (size_t)(text.end - text.at) >= sizeof(word) ||
		decode_text(text, word) < 0 || strlen(word) >= sizeof(value->word))
		return -EPROTO;
	value->kind = VALUE_WORD;
	memcpy(value->word, word, strlen(word));
	return 0;
}

static int decode_setting(struct span field, struct rule *rule)
{
	struct setting *setting = &rule->setting[rule->settings];
	const struct span name = span_cut(&field, '=');

	for (int id = 0; id < OPTION_COUNT; id++)
		if (span_is(name, option_table[id].name)) {
			rule->settings++;
			setting->option = (uint8_t)id;
			setting->force = span_skip(&field, '^');
			return decode_value(field, &option_table[id], &setting->value);
		}
	return -EPROTO;
}

static int decode_field(struct room *room, struct span field, struct rule *rule)
{
	int64_t percent;

	if (span_skip(&field, ':'))
		return decode_setting(field, rule);
	if (span_is(field, "veto")) {
		rule->veto = true;
		return 0;
	}
	if (span_is(field, "last")) {
		rule->last = true;
		return 0;
	}
	const struct span name = span_cut(&field, '=');

	if (span_is(name, "holdout")) {
		if (decode_number(field, 0, 100, &percent) < 0)
			return -EPROTO;
		rule->holdout = (uint8_t)percent;
		return 0;
	}
	for (int i = 0; i < MATCHER_COUNT; i++)
		if (span_is(name, matcher_name[i]) && !(rule->match.named & (1u << i))) {
			rule->match.named |= 1u << i;
			return decode_matcher(room, (enum matcher)i, field, &rule->match);
		}
	return -EPROTO;
}

static int decode_rule(struct room *room, struct span text, struct rule *rule)
{
	const size_t fields = span_count(text, '@');
	const struct span name = span_cut(&text, '@');
	int error = 0;

	if (span_is(name, rule_default.name) && !fields) {
		*rule = rule_default;
		return 0;
	}
	rule->file = "";
	rule->setting = room_take(room, fields, sizeof(*rule->setting));
	if (!rule->setting)
		return -ENOMEM;
	error = take_text(room, name, &rule->name);
	for (size_t i = 0; !error && i < fields; i++)
		error = decode_field(room, span_cut(&text, '@'), rule);
	return error;
}

static int decode_rules(struct room *room, struct span text, struct ruleset *set)
{
	const size_t pieces = span_count(text, '+');
	int error = 0;
	int64_t count;

	set->rule = room_take(room, pieces, sizeof(*set->rule));
	if (!set->rule)
		return -ENOMEM;
	if (!span_skip(&text, '+'))
		return -EPROTO;
	/* The last piece is the count: without it the line was cut off. */
	while (!error && set->count + 1 < pieces)
		error = decode_rule(room, span_cut(&text, '+'), &set->rule[set->count++]);
	if (error)
		return error;
	if (!span_skip(&text, '=') || decode_number(text, 0, INT16_MAX, &count) < 0)
		return -EPROTO;
	return (size_t)count == set->count ? 0 : -EPROTO;
}

int wire_decode(const char *text, void *room, size_t size, struct ruleset *set)
{
	struct room rest = {room, (char *)room + size};
	struct span line = {text, text + strlen(text)};
	int error = -EPROTO;

	*set = (struct ruleset){0};
	if (!strcmp(text, "1:default")) {
		set->rule = room_take(&rest, 1, sizeof(*set->rule));
		if (!set->rule)
			return -ENOMEM;
		set->rule[set->count++] = rule_default;
		return 0;
	}
	if (span_skip(&line, '1') && span_skip(&line, ':'))
		error = decode_rules(&rest, line, set);
	if (error)
		*set = (struct ruleset){0};
	return error;
}
