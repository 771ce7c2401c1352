/* What the kernel says of an option, compared and as people write it. Pure. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "rules/text/option_text.h"
#include "tools/live/touch.h"

/* SOCK_SNDBUF_LOCK, SOCK_RCVBUF_LOCK: the kernel tunes what has no lock. */
int option_lock(int id)
{
	return id == OPTION_SO_SNDBUF ? 1 : 2;
}

bool option_state_is_same(const struct option_state *a, const struct option_state *b)
{
	return a->length == b->length && a->length <= sizeof(a->bytes) &&
	       memcmp(a->bytes, b->bytes, a->length) == 0;
}

static int64_t number_of(const struct option_state *state)
{
	int64_t wide = 0;
	int32_t number = 0;

	if (state->length == sizeof(wide)) {
		memcpy(&wide, state->bytes, sizeof(wide));
		return wide;
	}
	memcpy(&number, state->bytes,
		state->length < sizeof(number) ? state->length : sizeof(number));
	return number;
}

static bool is_undone(int id, const struct option_state *state)
{
	struct linger linger = {0, 0};

	memcpy(&linger, state->bytes, sizeof(linger));
	if (id == OPTION_SO_LINGER)
		return !linger.l_onoff;
	return state->beside >= 0 && !(state->beside & option_lock(id));
}

bool option_state_is(int id, const struct option_state *state, const struct value *value)
{
	unsigned char bytes[16];
	const size_t length = option_encode(id, value, bytes);

	if (id == OPTION_TCP_QUICKACK) /* the kernel forgets it */
		return false;
	if (value->kind == VALUE_UNDO)
		return is_undone(id, state);
	if (option_table[id].type == TYPE_BUFFER)
		return number_of(state) == 2 * value->number && state->beside >= 0 &&
		       state->beside & option_lock(id);
	if (option_table[id].type == TYPE_WORD)
		return length < state->length && !state->bytes[length] &&
		       memcmp(bytes, state->bytes, length) == 0;
	return length == state->length && memcmp(bytes, state->bytes, length) == 0;
}

struct option_state option_state_after(
	int id, const struct option_state *was, const struct value *value)
{
	struct option_state after = {.beside = -1};
	const int32_t doubled = (int32_t)(2 * value->number);

	if (option_table[id].type == TYPE_BUFFER && was->beside >= 0)
		after.beside = value->kind == VALUE_UNDO ? was->beside & ~option_lock(id)
							 : was->beside | option_lock(id);
	after.length = was->length;
	if (value->kind == VALUE_UNDO)
		memcpy(after.bytes, was->bytes, id == OPTION_SO_LINGER ? 0 : sizeof(after.bytes));
	else if (option_table[id].type == TYPE_BUFFER)
		memcpy(after.bytes, &doubled, sizeof(doubled));
	else
		option_encode(id, value, after.bytes);
	return after;
}

static struct value linger_of(const struct option_state *state)
{
	struct linger linger = {0, 0};

	memcpy(&linger, state->bytes,
		state->length < sizeof(linger) ? state->length : sizeof(linger));
	return linger.l_onoff ? (struct value){.kind = VALUE_NUMBER, .number = linger.l_linger}
			      : (struct value){.kind = VALUE_UNDO};
}

int option_state_print(int id, const struct option_state *state, char *out, size_t size)
{
	struct value value = {.kind = VALUE_NUMBER};

	if (option_table[id].type == TYPE_LINGER)
		value = linger_of(state);
	else if (option_table[id].type != TYPE_WORD)
		value.number = number_of(state);
	else
		return snprintf(out, size, "%.*s",
			(int)strnlen((const char *)state->bytes,
				state->length < 15 ? state->length : 15),
			(const char *)state->bytes);
	/* no bound of the sending rate is a number with all bits on */
	if (option_table[id].type == TYPE_RATE && (value.number < 0 || value.number == UINT32_MAX))
		return snprintf(out, size, "none");
	/* net/ipv4/tcp.c: 0 and all bits on say that nobody has set it */
	if (id == OPTION_TCP_NOTSENT_LOWAT && value.number == -1)
		return snprintf(out, size, "none");
	return option_print(id, &value, out, size);
}
