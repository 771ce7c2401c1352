/* What a text says of the run itself: words, numbers, and how long it took. */
#include "trace_text_run.h"

#include <string.h>

#include "tests/helper/must.h"
#include "trace_text_value.h"

/* The text of that key, 'in quotes' or a word; *at is then behind it. False: it is another key. */
static bool set_text(struct run *run, const char **at)
{
	static const struct {
		const char *name;
		size_t offset;
	} member[] = {{"command=", offsetof(struct run, command)},
		{"rules=", offsetof(struct run, rules)},
		{"elsewhere=", offsetof(struct run, elsewhere)},
		{"unseen_names=", offsetof(struct run, unseen_names)},
		{"bypass.names=", offsetof(struct run, bypass.names)},
		{"unread_why=", offsetof(struct run, unread_why)}};

	for (size_t i = 0; i < TRACE_TEXT_COUNT(member); i++) {
		const size_t length = strlen(member[i].name);
		const char *value = *at + length;
		if (strncmp(*at, member[i].name, length) != 0)
			continue;
		const bool quoted = *value == '\'';
		const size_t word = strcspn(value + quoted, quoted ? "'" : " \t");
		char *copy = must_print("%.*s", (int)word, value + quoted);
		memcpy((char *)run + member[i].offset, &copy, sizeof(copy));
		*at = value + word + (quoted ? 2 : 0);
		return true;
	}
	return false;
}

/* A number of the run or of its host. */
static bool set_number(struct run *run, const char *name, size_t length, const char **value)
{
#define M(name) TRACE_TEXT_MEMBER(run_host, name)
	static const struct trace_text_member host[] = {
		M(listen_overflows), M(listen_drops), M(syn_retrans), M(retrans)};
#undef M
#define M(name) TRACE_TEXT_MEMBER(run, name)
	static const struct trace_text_member member[] = {M(status), M(refused), M(barred),
		M(missing), M(alone), M(confined), M(unseen), M(living), M(damaged), M(unread),
		M(bypass.connections), M(bypass.sent), M(bypass.received)};
#undef M

	if (length > 7 && memcmp(name, "before.", 7) == 0)
		return trace_text_set(
			&run->before, host, TRACE_TEXT_COUNT(host), name + 7, length - 7, value);
	if (length > 6 && memcmp(name, "after.", 6) == 0)
		return trace_text_set(
			&run->after, host, TRACE_TEXT_COUNT(host), name + 6, length - 6, value);
	return trace_text_set(run, member, TRACE_TEXT_COUNT(member), name, length, value);
}

void trace_text_run(struct trace_text *text, const char *at)
{
	while (*(at += strspn(at, " \t"))) {
		const size_t length = strcspn(at, "=");
		const char *value = at + length + 1;
		if (set_text(text->run, &at))
			continue;
		if (strncmp(at, "wall=", 5) == 0)
			text->wall = trace_text_time(&value);
		else if (!set_number(text->run, at, length, &value))
			trace_text_fail("no such key", at);
		at = value;
	}
}
