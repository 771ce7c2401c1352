/* What stands in a match, from text to numbers: ports, peers, users, roles, globs.
 *
 * Each text may hold several items; each error names the item and, where it can be known, what was
 * meant. Asks the host for two things only: a user's number, and today's address of a name that
 * stands where an address should. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text/parts.h"
#include "rules/text/host.h"
#include "rules/text/option_text.h"

/* A number from low to high, all of the text; -1 when it is none. */
static int64_t read_number(const char *text, int64_t low, int64_t high)
{
	char *end;
	long long number;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno || *end || number < low || number > high ? -1 : number;
}

static int add_glob(
	struct book *book, void *items, enum matcher matcher, char *text, struct why *why)
{
	struct globs *globs = items;
	const char *bar = strchr(text, '|'), *slash = strrchr(text, '/');

	if (!matcher_table[matcher].whole && slash) {
		why_say(why, "%s is held against the file name alone, so '%.60s' never matches",
			matcher_name[matcher], text);
		why_mend(why, "write \"%.60s\"", slash + 1);
		return -EINVAL;
	}
	/* "[|]" is how a glob says the byte itself */
	if (bar && (bar == text || bar[-1] != '[')) {
		why_say(why, "%s '%.60s': | means nothing in a glob", matcher_name[matcher], text);
		why_mend(why, "take a list: %s = [\"%.*s\", \"%.60s\"]", matcher_name[matcher],
			(int)(bar - text > 60 ? 60 : bar - text), text, bar + 1);
		return -EINVAL;
	}
	globs->glob = book_grow(book, globs->glob, globs->count, sizeof(*globs->glob));
	globs->glob[globs->count++] = book_text(book, text, strlen(text));
	return 0;
}

static int refuse_port(const char *name, const char *item, struct why *why)
{
	uint16_t port;

	if (!isalpha((unsigned char)*item))
		return why_say(why,
			"%s takes ports from 1 to 65535 and ranges such as 8000-8100, not '%.60s'",
			name, item);
	why_say(why, "%s takes numbers, not names such as '%.60s'", name, item);
	if (host_service(item, &port))
		why_mend(why, "%.60s is port %u", item, port);
	return -EINVAL;
}

static int add_port(
	struct book *book, void *items, enum matcher matcher, char *item, struct why *why)
{
	const char *name = matcher_name[matcher];
	struct ports *ports = items;
	char *dash = strchr(item, '-');
	int64_t low, high;

	if (dash && dash != item)
		*dash = '\0';
	low = read_number(item, 1, 65535);
	high = dash && dash != item ? read_number(dash + 1, 1, 65535) : low;
	if (dash && dash != item)
		*dash = '-';
	if (low < 0 || high < 0)
		return refuse_port(name, item, why);
	if (low > high)
		return why_say(why, "%s range '%.60s' runs backwards", name, item);
	ports->range = book_grow(book, ports->range, ports->count, sizeof(*ports->range));
	ports->range[ports->count++] = (struct port_range){(uint16_t)low, (uint16_t)high};
	return 0;
}

static int add_user(
	struct book *book, void *items, enum matcher matcher, char *item, struct why *why)
{
	struct users *users = items;
	const int64_t number = read_number(item, 0, UINT32_MAX - 1);
	uint32_t uid = (uint32_t)number;

	(void)matcher;
	if (number < 0 && !host_user(item, &uid))
		return why_say(why, "this host has no user '%.60s'", item);
	users->uid = book_grow(book, users->uid, users->count, sizeof(*users->uid));
	users->uid[users->count++] = uid;
	return 0;
}

/* Whether the text can be nothing but a host name: letters, digits, dots, dashes; not all digits.
 */
static bool is_host_name(const char *text)
{
	bool letter = false;

	for (; *text; text++) {
		if (!isalnum((unsigned char)*text) && !strchr(".-_", *text))
			return false;
		letter |= isalpha((unsigned char)*text) || *text == '_';
	}
	return letter;
}

static int refuse_host_name(const char *name, struct why *why)
{
	char addresses[200];

	if (!host_addresses(name, addresses, sizeof(addresses)))
		return why_say(why,
			"peer takes addresses, not names; today the name '%.60s' does not resolve "
			"here",
			name);
	return why_say(why, "peer takes addresses, not names; today this name is %s", addresses);
}

/* Clears what stands behind the prefix; whether there was anything. */
static bool clear_host_bits(struct network *network)
{
	bool found = false;

	for (unsigned bit = network->bits; bit < 128; bit++) {
		const uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		found |= network->address[bit / 8] & mask;
		network->address[bit / 8] &= (uint8_t)~mask;
	}
	return found;
}

static int refuse_peer(const char *item, struct why *why)
{
	const char *colon = strchr(item, ':');

	if (is_host_name(item))
		return refuse_host_name(item, why);
	why_say(why, "peer '%.60s' is not an address or ADDRESS/BITS", item);
	if (*item == '[')
		why_mend(why, "write an IPv6 address without brackets");
	else if (colon && !strchr(colon + 1, ':'))
		why_mend(why, "the port stands by itself: peer = \"%.*s\"; port = %.10s",
			(int)(colon - item > 60 ? 60 : colon - item), item, colon + 1);
	return -EINVAL;
}

/* The bits of an IPv4 mask written as an address, or -1. */
static int bits_of_mask(const char *text)
{
	struct in_addr mask;
	uint32_t ones;

	if (inet_pton(AF_INET, text, &mask) != 1)
		return -1;
	ones = ~ntohl(mask.s_addr);
	return ones & (ones + 1) ? -1 : 32 - __builtin_popcount(ones);
}

static int refuse_bits(const char *address, const char *bits, bool v4, struct why *why)
{
	const int mask = v4 ? bits_of_mask(bits) : -1;

	why_say(why, "peer '%.60s/%.20s': an IPv%d prefix has 0 to %d bits", address, bits,
		v4 ? 4 : 6, v4 ? 32 : 128);
	if (mask >= 0)
		why_mend(why, "write %.60s/%d", address, mask);
	return -EINVAL;
}

static int add_peer(
	struct book *book, void *items, enum matcher matcher, char *item, struct why *why)
{
	struct networks *peer = items;
	struct network network = {.bits = 128};
	char *slash = strchr(item, '/');
	bool v4;
	int64_t bits = -1;

	(void)matcher;
	if (slash)
		*slash = '\0';
	v4 = inet_pton(AF_INET, item, network.address + 12) == 1;
	if (v4)
		network.address[10] = network.address[11] = 0xff;
	else if (inet_pton(AF_INET6, item, network.address) != 1) {
		if (slash && !is_host_name(item))
			*slash = '/';
		return refuse_peer(item, why);
	}
	if (slash) {
		bits = read_number(slash + 1, 0, v4 ? 32 : 128);
		if (bits < 0)
			return refuse_bits(item, slash + 1, v4, why);
		network.bits = (uint8_t)(bits + (v4 ? 96 : 0));
	}
	if (clear_host_bits(&network)) {
		char start[INET6_ADDRSTRLEN];

		inet_ntop(v4 ? AF_INET : AF_INET6, network.address + (v4 ? 12 : 0), start,
			sizeof(start));
		why_say(why, "peer '%.60s/%d' has bits set behind its prefix", item, (int)bits);
		why_mend(why, "write %s/%d for the network, or %s for the one host", start,
			(int)bits, item);
		return -EINVAL;
	}
	peer->network = book_grow(book, peer->network, peer->count, sizeof(*peer->network));
	peer->network[peer->count++] = network;
	return 0;
}

static int set_role(
	struct book *book, void *items, enum matcher matcher, char *text, struct why *why)
{
	static const char *const name[] = {"client", "server", "any"};
	enum role *role = items;
	const char *near;

	(void)book;
	(void)matcher;
	for (int i = 0; i < 3; i++)
		if (!strcmp(text, name[i])) {
			*role = (enum role)(ROLE_CLIENT + i);
			return 0;
		}
	if (!strcmp(text, "listener"))
		return why_say(
			why, "role takes client, server or any; a listener is role = \"server\"");
	near = nearest_name(text, name, 3);
	return near ? why_say(why, "role '%.60s' is unknown; did you mean %s?", text, near)
		    : why_say(why, "role takes client, server or any, not '%.60s'", text);
}

static int add_item(
	struct book *book, struct match *match, enum matcher matcher, char *item, struct why *why)
{
	static int (*const add[MATCHER_KINDS])(
		struct book *, void *, enum matcher, char *, struct why *) = {
		[MATCHER_GLOBS] = add_glob,
		[MATCHER_ROLE] = set_role,
		[MATCHER_NETWORKS] = add_peer,
		[MATCHER_PORTS] = add_port,
		[MATCHER_USERS] = add_user,
	};

	return add[matcher_table[matcher].kind](
		book, match_items(match, matcher), matcher, item, why);
}

bool match_takes_numbers(enum matcher matcher)
{
	const int kind = matcher_table[matcher].kind;

	return kind == MATCHER_PORTS || kind == MATCHER_USERS;
}

/* Cuts the next item off at a comma and drops the blanks around it. */
static char *next_item(char **rest)
{
	char *item = *rest, *end = item + strcspn(item, ",");

	*rest = *end ? end + 1 : NULL;
	*end = '\0';
	item += strspn(item, " \t\r\n");
	end = item + strlen(item);
	while (end > item && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return item;
}

/* Peers may stand with blanks between them, too. */
static void blanks_to_commas(char *text)
{
	for (char *at = text; *at; at++)
		if (isspace((unsigned char)*at) && at > text && at[-1] != ',') {
			const size_t blanks = strspn(at, " \t\r\n");

			if (at[blanks] && at[blanks] != ',')
				*at = ',';
		}
}

int match_add(struct book *book, struct match *match, enum matcher matcher, const char *text,
	struct why *why)
{
	char *copy = book_text(book, text, strlen(text)), *rest = copy;
	int error = 0;

	match->named |= 1u << matcher;
	if (matcher_table[matcher].kind == MATCHER_NETWORKS)
		blanks_to_commas(copy);
	if (matcher_table[matcher].whole)
		return *text ? add_item(book, match, matcher, copy, why)
			     : why_say(why, "%s is empty", matcher_name[matcher]);
	while (!error && rest) {
		char *item = next_item(&rest);

		error = *item ? add_item(book, match, matcher, item, why)
			      : why_say(why, "%s has an empty item in '%.60s'",
					matcher_name[matcher], text);
	}
	return error;
}
