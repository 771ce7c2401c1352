/* Reads strace's log. A call that is split by another thread's is put where it began; its result is
 * joined to it. Signals and exits are left out. */
#include "calls.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"

char *calls_path(void)
{
	const char *folder = getenv("TMPDIR");
	char *path = must_print("%s/sockfix-calls.XXXXXX", folder && *folder ? folder : "/tmp");
	int fd = mkstemp(path);

	MUST(fd >= 0);
	close(fd);
	return path;
}

/* The log is not moved: both parts of a call that was split get a place of their own. */
static void join_result(struct call *call, const char *result)
{
	const char *cut = strstr(call->text, "<unfinished");

	if (!cut)
		return;
	call->joined = must_print("%.*s%s", (int)(cut - call->text), call->text, result);
	call->text = call->joined;
}

/* "PID name(text" or "PID <... name resumed>text"; anything else is no call. */
static void read_line(struct calls *calls, char *line)
{
	char *name, *open;
	int process = (int)strtol(line, &name, 10);

	name += strspn(name, " ");
	if (strncmp(name, "<... ", 5) == 0) {
		name = strstr(name, "resumed>");
		for (size_t i = calls->count; name && i-- > 0;)
			if (calls->call[i].process == process) {
				join_result(&calls->call[i], name + strlen("resumed>"));
				return;
			}
		return;
	}
	open = strchr(name, '(');
	if (!open || !(islower((unsigned char)*name) || *name == '_'))
		return;
	*open = 0;
	calls->call = must_realloc(calls->call, (calls->count + 1) * sizeof(*calls->call));
	calls->call[calls->count++] = (struct call){process, name, open + 1, NULL};
}

void calls_read(const char *path, struct calls *calls)
{
	char *line, *rest;

	memset(calls, 0, sizeof(*calls));
	calls->text = must_read_file(path);
	unlink(path);
	for (line = strtok_r(calls->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		read_line(calls, line);
	MUST(calls->count > 0);
}

void calls_free(struct calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		free(calls->call[i].joined);
	free(calls->call);
	free(calls->text);
	memset(calls, 0, sizeof(*calls));
}

static bool is_call(const struct call *call, const char *name, const char *part)
{
	return strcmp(call->name, name) == 0 && (!part || strstr(call->text, part));
}

size_t calls_find(const struct calls *calls, size_t from, const char *name, const char *part)
{
	while (from < calls->count && !is_call(&calls->call[from], name, part))
		from++;
	return from;
}

size_t calls_count(
	const struct calls *calls, size_t from, size_t to, const char *name, const char *part)
{
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		count += is_call(&calls->call[i], name, part);
	return count;
}

static bool is_word_of(const char *word, const char *words)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static void compare(const struct calls *a, size_t a_from, size_t a_to, const struct calls *b,
	size_t b_from, size_t b_to, const char *except)
{
	for (size_t i = a_from; i < a_to; i++) {
		const char *name = a->call[i].name;
		size_t here = calls_count(a, a_from, a_to, name, NULL);
		size_t there = calls_count(b, b_from, b_to, name, NULL);

		if (here != there && !is_word_of(name, except))
			fail_msg("%s: %zu calls here, %zu there", name, here, there);
		/* The rest of a run of one name needs no second look. */
		while (i + 1 < a_to && strcmp(a->call[i + 1].name, name) == 0)
			i++;
	}
}

void assert_same_calls(const struct calls *bare, size_t bare_from, size_t bare_to,
	const struct calls *with, size_t with_from, size_t with_to, const char *except)
{
	compare(bare, bare_from, bare_to, with, with_from, with_to, except);
	compare(with, with_from, with_to, bare, bare_from, bare_to, except);
}
