/* Lines of strace logs. The bytes may be anything; nothing is believed that does not fit whole.
 * Must not look into arguments: that is strace_args.c's. */
#include "tools/import/strace_line.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import/strace_head.h"
#include "tools/import/strace_names.h"

#define S UINT64_C(1000000000)

/* ---- what stands behind it ---- */

/* " <0.000123>" at the end, which is cut off. */
static void take_took(char *text, size_t *length, struct log_line *line)
{
	const char *from;
	uint64_t seconds, ns;
	size_t at = *length;

	if (!at || text[at - 1] != '>')
		return;
	while (at && text[at - 1] != '<')
		at--;
	if (at < 2 || text[at - 2] != ' ')
		return;
	from = text + at;
	if (!text_digits(&from, 9, &seconds) || !text_fraction(&from, &ns) || strcmp(from, ">"))
		return;
	line->took = (int64_t)(seconds * S + ns);
	*length = at - 2;
	text[*length] = '\0';
}

/* "-1 EAGAIN (Resource temporarily unavailable)", "4<TCP:[...]>", "0 (Timeout)", "?", "0x7f..".  */
static void take_result(const char *from, struct log_line *line)
{
	char *end;
	size_t length;

	if (*from == '?')
		from++;
	else {
		line->result = strtoll(from, &end, 0);
		line->answered = end != from;
		from = end;
	}
	line->rest = from;
	if (*from == '<')
		line->note = from + 1;
	text_blanks(&from);
	length = strspn(from, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	if (*from != 'E' || length < 2 || line->result >= 0) {
		line->error = line->answered && line->result == -1 ? EIO : 0;
		if (line->answered || *from != 'E')
			return;
	}
	line->again = strncmp(from, "ERESTART", 8) == 0;
	line->error = line->again ? EINTR : strace_errno(from, length);
	line->answered = true;
	line->result = -1;
}

/* The last ") = " of the line: what strings of the program hold stands before it. Or NULL. */
static char *find_end(char *text, size_t length)
{
	for (size_t at = length; at-- > 1;) {
		size_t before = at;

		if (text[at] != '=' || text[at - 1] != ' ' ||
			!(text[at + 1] == ' ' || text[at + 1] == '?'))
			continue;
		while (before && text[before - 1] == ' ')
			before--;
		if (before && text[before - 1] == ')' &&
			strchr("-?0123456789", text[at + 1 + (text[at + 1] == ' ')]))
			return text + before - 1;
	}
	return NULL;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	const size_t its = strlen(end);

	return length >= its && memcmp(text + length - its, end, its) == 0;
}

/* ---- kinds ---- */

static bool is_name(const char *from, size_t length)
{
	if (!length || length >= LINE_NAME || isdigit((unsigned char)*from))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)from[i]) && from[i] != '_')
			return false;
	return true;
}

static bool take_end(char *args, size_t length, struct log_line *line)
{
	char *end;
	const char *result;

	take_took(args, &length, line);
	end = find_end(args, length);
	if (!end)
		return false;
	result = strchr(end, '=') + 1;
	text_blanks(&result);
	take_result(result, line);
	*end = '\0';
	line->args = args;
	return true;
}

static bool take_call(char *from, size_t length, struct log_line *line)
{
	const size_t name = strcspn(from, "(");
	char *args = from + name + 1;

	if (from[name] != '(' || !is_name(from, name))
		return false;
	memcpy(line->name, from, name);
	line->name[name] = '\0';
	length -= name + 1;
	if (ends_with(args, length, "<unfinished ...>")) {
		line->kind = LINE_UNFINISHED;
		length -= sizeof("<unfinished ...>") - 1;
		while (length && args[length - 1] == ' ')
			length--;
		args[length] = '\0';
		line->args = args;
		return true;
	}
	line->kind = LINE_CALL;
	return take_end(args, length, line);
}

/* "<... recvfrom resumed>"ok\n", 100, 0, NULL, NULL) = 3 <0.000090>" */
static bool take_resumed(char *from, size_t length, struct log_line *line)
{
	static const char resumed[] = " resumed>";
	char *name = from + sizeof("<... ") - 1;
	const size_t its = strcspn(name, " ");
	char *args = name + its + sizeof(resumed) - 1;

	if (!is_name(name, its) || strncmp(name + its, resumed, sizeof(resumed) - 1) != 0)
		return false;
	memcpy(line->name, name, its);
	line->name[its] = '\0';
	if (*args == ' ')
		args++;
	line->kind = LINE_RESUMED;
	return take_end(args, length - (size_t)(args - from), line);
}

static bool take_end_of_process(const char *from, struct log_line *line)
{
	static const char exited[] = "+++ exited with ", killed[] = "+++ killed by ";

	line->kind = LINE_NOTHING;
	if (strncmp(from, exited, sizeof(exited) - 1) == 0) {
		line->kind = LINE_EXITED;
		line->result = strtol(from + sizeof(exited) - 1, NULL, 10) & 0xff;
	} else if (strncmp(from, killed, sizeof(killed) - 1) == 0) {
		from += sizeof(killed) - 1;
		line->kind = LINE_KILLED;
		line->result = strace_signal(from, strcspn(from, " "));
	}
	return true;
}

bool line_parse(char *text, size_t length, struct log_line *line)
{
	const char *at = text;
	char *from;

	*line = (struct log_line){.took = -1, .rest = "", .args = text + length};
	while (length && strchr("\r\n ", text[length - 1]))
		text[--length] = '\0';
	line_head(&at, line);
	from = text + (at - text);
	length -= (size_t)(at - text);
	if (strncmp(from, "+++ ", 4) == 0)
		return take_end_of_process(from, line);
	if (strncmp(from, "--- ", 4) == 0) {
		line->kind = LINE_SIGNAL;
		return true;
	}
	if (strncmp(from, "<... ", 5) == 0)
		return take_resumed(from, length, line);
	return take_call(from, length, line);
}
