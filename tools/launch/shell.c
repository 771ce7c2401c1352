/* Looks in the simple commands of a text of sh for what changes LD_PRELOAD. Runs nothing and
 * expands nothing; what it does not understand changes nothing. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "tools/launch/shell.h"
#include "tools/launch/shell_words.h"
#include "tools/launch/wrapper.h"

#define NAME "LD_PRELOAD"

/* sh -c within sh -c; times that a text is searched for a name; bytes of a value. */
enum { DEEPEST = 3, MOST_LOOKS = 64, VALUE = 4096 };

/* Whether the text behind an assignment's '=' has what was there, by that name or by one that is
 * set from it elsewhere in the script: LIB="$LIB:$LD_PRELOAD". */
static bool has_old(const char *value, size_t length)
{
	for (const char *c = value; c + sizeof(NAME) <= value + length; c++) {
		const char *name = c + 1 + (c[1] == '{');

		if (*c == '$' && strncmp(name, NAME, sizeof(NAME) - 1) == 0 &&
			!isalnum((unsigned char)name[sizeof(NAME) - 1]) &&
			name[sizeof(NAME) - 1] != '_')
			return true;
	}
	return false;
}

static bool is_set_from_old(struct shell *shell, const char *name, size_t length)
{
	if (shell->looks++ >= MOST_LOOKS)
		return true;
	for (const char *c = shell->text; c + length < shell->end; c++) {
		const size_t left = (size_t)(shell->end - c), most = left < VALUE ? left : VALUE;
		const char *end = memchr(c, '\n', most);

		if ((c == shell->text || !(isalnum((unsigned char)c[-1]) || c[-1] == '_')) &&
			c[length] == '=' && memcmp(c, name, length) == 0 &&
			has_old(c, end ? (size_t)(end - c) : most))
			return true;
	}
	return false;
}

static bool keeps(struct shell *shell, const char *value)
{
	if (has_old(value, strlen(value)) || strstr(value, "libsockfix.so"))
		return true;
	for (const char *c = value; (c = strchr(c, '$'));) {
		size_t length = 0;

		c += 1 + (c[1] == '{');
		while (isalnum((unsigned char)c[length]) || c[length] == '_')
			length++;
		if (length && is_set_from_old(shell, c, length))
			return true;
	}
	return false;
}

static const char *value_of(const char *word)
{
	return strncmp(word, NAME "=", sizeof(NAME)) == 0 ? word + sizeof(NAME) : NULL;
}

static enum preload_change by_assignment(struct shell *shell, const char *word)
{
	const char *value = value_of(word);

	if (!value || keeps(shell, value))
		return PRELOAD_KEPT;
	return *value ? PRELOAD_SET : PRELOAD_DROPPED;
}

static bool is_assignment(const char *word)
{
	size_t length = 0;

	while (isalnum((unsigned char)word[length]) || word[length] == '_')
		length++;
	return length && word[length] == '=';
}

static bool has_word(char *const *word, const char *wanted)
{
	for (; *word; word++)
		if (strcmp(*word, wanted) == 0)
			return true;
	return false;
}

static bool is_exporter(const char *word)
{
	static const char *const name[] = {"export", "declare", "typeset", "readonly", "local"};

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (strcmp(word, name[i]) == 0)
			return true;
	return false;
}

static enum preload_change by_export(struct shell *shell, char *const *word)
{
	if (has_word(word, NAME) && (has_word(word, "-n") || has_word(word, "+x")))
		return PRELOAD_DROPPED;
	for (; *word; word++) {
		const enum preload_change change = by_assignment(shell, *word);
		if (change != PRELOAD_KEPT)
			return change;
	}
	return PRELOAD_KEPT;
}

/* env(1) keeps what the shell has put into its words. */
static enum preload_change by_env(struct shell *shell, char *const *word)
{
	for (; *word; word++)
		if (wrapper_is_env(*word)) {
			for (char *const *own = word + 1; *own && value_of(*own); own++)
				if (keeps(shell, value_of(*own)))
					return PRELOAD_KEPT;
			return wrapper_changes_preload(word);
		}
	return PRELOAD_KEPT;
}

static enum preload_change by_command(struct shell *shell, char *const *word);

/* sh -c 'TEXT' */
static enum preload_change by_text(struct shell *shell, char *const *word)
{
	struct shell inner = {.text = shell->text, .line = 1, .depth = shell->depth + 1};
	enum preload_change change = PRELOAD_KEPT;

	while (*word && strcmp(*word, "-c") != 0)
		word++;
	if (!*word || !word[1] || inner.depth > DEEPEST)
		return PRELOAD_KEPT;
	inner.at = word[1];
	inner.end = word[1] + strlen(word[1]);
	inner.text = inner.at;
	while (change == PRELOAD_KEPT && shell_read(&inner))
		change = by_command(&inner, inner.word);
	return change;
}

static enum preload_change by_command(struct shell *shell, char *const *word)
{
	enum preload_change change;

	for (; *word && is_assignment(*word); word++) {
		change = by_assignment(shell, *word);
		if (change != PRELOAD_KEPT)
			return change;
	}
	if (!*word)
		return PRELOAD_KEPT;
	if (is_exporter(*word))
		return by_export(shell, word);
	if (strcmp(*word, "unset") == 0)
		return has_word(word, NAME) ? PRELOAD_DROPPED : PRELOAD_KEPT;
	if (strcmp(*word, "setenv") == 0 && word[1] && strcmp(word[1], NAME) == 0)
		return word[2] && keeps(shell, word[2]) ? PRELOAD_KEPT : PRELOAD_SET;
	if (strcmp(*word, "exec") == 0 && word[1] && strcmp(word[1], "-c") == 0)
		return PRELOAD_DROPPED;
	change = by_env(shell, word);
	return change != PRELOAD_KEPT ? change : by_text(shell, word);
}

enum preload_change shell_look(const char *text, size_t length, int *line)
{
	struct shell shell = {.text = text, .at = text, .end = text + length, .line = 1};
	enum preload_change change = PRELOAD_KEPT;

	while (change == PRELOAD_KEPT && shell_read(&shell)) {
		change = by_command(&shell, shell.word);
		*line = shell.begun;
	}
	return change;
}
