/* Why the library left a connection alone, in words. */
#include "tools/find/ours.h"

static const struct {
	const char *word, *reason;
} given_up_table[GIVEN_UP_COUNT] = {
#define WHY(name, reason) [GIVEN_UP_##name] = {#name, reason},
	TRACE_GIVEN_UP(WHY)
#undef WHY
};

const char *given_up_reason(enum trace_given_up why)
{
	return given_up_table[why].reason;
}

const char *given_up_word(enum trace_given_up why)
{
	return given_up_table[why].word;
}
