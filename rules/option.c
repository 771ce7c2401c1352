/* The table of options by number and name, and their values as the kernel takes them.
 *
 * Linked into the victim: libc alone, no allocation, no descriptor, no text with units (that is
 * option_text.c). What an option may be is option_table.h; nothing here knows a single one but
 * IP_TOS, which has two numbers. */
#include "rules/option.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

const struct option option_table[OPTION_COUNT] = {
#define OPTION(id, name, level, optname, type, unit, low, high, when, risk, man, summary)          \
	{name, level, optname, type, unit, low, high, when, risk, man, summary},
#include "rules/option_table.h"
#undef OPTION
};

const char *const coalesce_name[COALESCE_COUNT] = {"off", "auto", "always", "buffer"};

int option_by_name(const char *name)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (!strcmp(option_table[id].name, name))
			return id;
	return -1;
}

int option_by_number(int level, int optname)
{
	if (level == IPPROTO_IPV6 && optname == IPV6_TCLASS)
		return OPTION_IP_TOS;
	if (level == OPTION_OURS)
		return -1;
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].level == level && option_table[id].optname == optname)
			return id;
	return -1;
}

static size_t put(unsigned char out[16], const void *bytes, size_t count)
{
	memcpy(out, bytes, count);
	return count;
}

static size_t encode_number(enum option_type type, int64_t number, unsigned char out[16])
{
	/* so_mark is unsigned and uses all 32 bits */
	const uint32_t word = (uint32_t)number;
	const struct linger linger = {.l_onoff = 1, .l_linger = (int)number};
	const struct timeval time = {.tv_sec = number / 1000, .tv_usec = number % 1000 * 1000};

	switch (type) {
	case TYPE_LINGER:
		return put(out, &linger, sizeof(linger));
	case TYPE_TIME:
		return put(out, &time, sizeof(time));
	case TYPE_RATE:
		return put(out, &number, sizeof(number));
	default:
		return put(out, &word, sizeof(word));
	}
}

size_t option_encode(int id, const struct value *value, unsigned char out[16])
{
	_Static_assert(sizeof(struct timeval) <= 16, "the largest value must fit");
	const struct option *option = &option_table[id];

	if (option->level == OPTION_OURS)
		return 0;
	if (value->kind == VALUE_WORD)
		return put(out, value->word, strnlen(value->word, sizeof(value->word) - 1));
	if (value->kind == VALUE_NUMBER)
		return encode_number(option->type, value->number, out);
	return 0;
}
