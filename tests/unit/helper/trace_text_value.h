/* Values of a text of trace_text.h: each is read at *at, which is then behind it. Nothing that may
 * be missing: what cannot be read ends the test. */
#ifndef TEST_TRACE_TEXT_VALUE_H
#define TEST_TRACE_TEXT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A member of a struct, by the name that the text has for it. */
struct trace_text_member {
	const char *name;
	size_t offset, size;
};

#define TRACE_TEXT_MEMBER(type, name)                                                              \
	{                                                                                          \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name)               \
	}
#define TRACE_TEXT_COUNT(table) (sizeof(table) / sizeof(*(table)))

/* Says what is wrong with the text, and where, and aborts. */
_Noreturn void trace_text_fail(const char *what, const char *at);

/* "0.2ms" in ns. */
uint64_t trace_text_time(const char **at);
int64_t trace_text_number(const char **at);

/* Sets the member of that name at `base`; false: there is none. */
bool trace_text_set(void *base, const struct trace_text_member *member, size_t members,
	const char *name, size_t length, const char **value);

#endif
