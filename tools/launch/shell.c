/* Cuts a text of sh into simple commands, by quotes, comments and here-documents (POSIX.1, Shell
 * Command Language, 2.2 to 2.10), and looks in each for what changes LD_PRELOAD. Runs nothing,
 * expands nothing, allocates nothing; what it does not understand changes nothing. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tools/launch/shell.h"
#include "tools/launch/wrapper.h"

#define NAME "LD_PRELOAD"

enum { WORDS = 128, POOL = 8192, HERE = 4, DEEPEST = 3 };

struct shell {
	const char *at, *end, *text;
	int line, begun; /* begun: the line of the command that is read */
	char *word[WORDS + 1];
	size_t words;
	char pool[POOL];
	size_t used;
	char here[HERE][64]; /* words that end here-documents which begin at the next line */
	size_t heres;
	int depth;
};

static bool at(const struct shell *shell, char c)
{
	return shell->at < shell->end && *shell->at == c;
}

static void put(struct shell *shell, char c)
{
	if (shell->used + 1 < POOL)
		shell->pool[shell->used++] = c;
}

/* Takes one byte into the word. */
static void take(struct shell *shell)
{
	shell->line += *shell->at == '\n';
	put(shell, *shell->at++);
}

/* ---- words ---- */

static void take_to(struct shell *shell, char end)
{
	while (shell->at < shell->end && *shell->at != end)
		take(shell);
}

/* "$(...)", "${...}": whole, for what stands in it is no word of this command. */
static void take_nested(struct shell *shell, char open, char close)
{
	int depth = 0;

	do {
		depth += at(shell, open);
		depth -= at(shell, close);
		take(shell);
	} while (shell->at < shell->end && depth > 0);
}

static void take_dollar(struct shell *shell)
{
	take(shell);
	if (at(shell, '('))
		take_nested(shell, '(', ')');
	else if (at(shell, '{'))
		take_nested(shell, '{', '}');
}

static void take_escape(struct shell *shell)
{
	shell->at++;
	if (at(shell, '\n')) {
		shell->line++;
		shell->at++;
	} else if (shell->at < shell->end) {
		take(shell);
	}
}

static void take_backticks(struct shell *shell)
{
	take(shell);
	take_to(shell, '`');
	if (shell->at < shell->end)
		take(shell);
}

static void take_double(struct shell *shell)
{
	for (shell->at++; shell->at < shell->end && *shell->at != '"';) {
		if (*shell->at == '\\')
			take_escape(shell);
		else if (*shell->at == '$')
			take_dollar(shell);
		else
			take(shell);
	}
	shell->at += shell->at < shell->end;
}

static void take_single(struct shell *shell)
{
	shell->at++;
	take_to(shell, '\'');
	shell->at += shell->at < shell->end;
}

static bool ends_word(char c)
{
	return isspace((unsigned char)c) || strchr(";&|()<>", c);
}

/* The word that begins here; its quotes are not part of it. */
static char *read_word(struct shell *shell)
{
	char *word = shell->pool + shell->used;

	while (shell->at < shell->end && !ends_word(*shell->at)) {
		switch (*shell->at) {
		case '\'':
			take_single(shell);
			break;
		case '"':
			take_double(shell);
			break;
		case '`':
			take_backticks(shell);
			break;
		case '$':
			take_dollar(shell);
			break;
		case '\\':
			take_escape(shell);
			break;
		default:
			take(shell);
		}
	}
	put(shell, '\0');
	shell->pool[POOL - 1] = '\0';
	return word;
}

/* ---- commands ---- */

/* Skips a here-document to behind the line that is its word. */
static void skip_here(struct shell *shell, const char *word)
{
	while (shell->at < shell->end) {
		const char *begin = shell->at + strspn(shell->at, "\t");
		const char *end = memchr(shell->at, '\n', (size_t)(shell->end - shell->at));
		const size_t length = (size_t)((end ? end : shell->end) - begin);

		shell->at = end ? end + 1 : shell->end;
		shell->line++;
		if (length == strlen(word) && memcmp(begin, word, length) == 0)
			return;
	}
}

static void end_line(struct shell *shell)
{
	shell->line++;
	shell->at++;
	for (size_t i = 0; i < shell->heres; i++)
		skip_here(shell, shell->here[i]);
	shell->heres = 0;
}

static void skip_blanks(struct shell *shell)
{
	while (at(shell, ' ') || at(shell, '\t') || at(shell, '\r') ||
		(at(shell, '\\') && shell->at + 1 < shell->end && shell->at[1] == '\n')) {
		shell->line += at(shell, '\\');
		shell->at += at(shell, '\\') ? 2 : 1;
	}
}

/* Behind "<<" stands the word that ends the document; behind others a file. */
static void read_redirection(struct shell *shell)
{
	const bool here = shell->at + 1 < shell->end && shell->at[0] == '<' &&
			  shell->at[1] == '<' &&
			  !(shell->at + 2 < shell->end && shell->at[2] == '<');

	while (at(shell, '<') || at(shell, '>') || at(shell, '&') || at(shell, '-'))
		shell->at++;
	skip_blanks(shell);
	char *word = read_word(shell);
	if (here && shell->heres < HERE)
		snprintf(shell->here[shell->heres++], sizeof(*shell->here), "%s", word);
}

/* A word that a command may stand behind. */
static bool is_reserved(const char *word)
{
	static const char *const reserved[] = {"{", "}", "!", "then", "do", "else", "elif", "if",
		"while", "until", "time", "case", "esac", "fi", "done"};

	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (strcmp(word, reserved[i]) == 0)
			return true;
	return false;
}

static void add_word(struct shell *shell)
{
	const int line = shell->line;
	char *word = read_word(shell);

	if (!shell->words && is_reserved(word))
		return;
	if (!shell->words)
		shell->begun = line;
	if (shell->words < WORDS)
		shell->word[shell->words++] = word;
	shell->word[shell->words] = NULL;
}

/* The next simple command's words, perhaps none. False: there is nothing more. */
static bool read_command(struct shell *shell)
{
	shell->words = 0;
	shell->word[0] = NULL;
	shell->used = 0;
	for (;;) {
		skip_blanks(shell);
		if (shell->at >= shell->end)
			return shell->words > 0;
		if (*shell->at == '#') {
			const char *end = memchr(shell->at, '\n', (size_t)(shell->end - shell->at));
			shell->at = end ? end : shell->end;
		} else if (*shell->at == '\n') {
			end_line(shell);
			return true;
		} else if (strchr(";&|()", *shell->at)) {
			shell->at++;
			return true;
		} else if (strchr("<>", *shell->at)) {
			read_redirection(shell);
		} else {
			add_word(shell);
		}
	}
}

/* ---- LD_PRELOAD ---- */

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

static bool is_set_from_old(const struct shell *shell, const char *name, size_t length)
{
	for (const char *c = shell->text; c + length < shell->end; c++) {
		const char *end = memchr(c, '\n', (size_t)(shell->end - c));

		if ((c == shell->text || !(isalnum((unsigned char)c[-1]) || c[-1] == '_')) &&
			c[length] == '=' && memcmp(c, name, length) == 0 &&
			has_old(c, (size_t)((end ? end : shell->end) - c)))
			return true;
	}
	return false;
}

static bool keeps(const struct shell *shell, const char *value)
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

static enum preload_change by_assignment(const struct shell *shell, const char *word)
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

static enum preload_change by_export(const struct shell *shell, char *const *word)
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
static enum preload_change by_env(const struct shell *shell, char *const *word)
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
	while (change == PRELOAD_KEPT && read_command(&inner))
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

	while (change == PRELOAD_KEPT && read_command(&shell)) {
		change = by_command(&shell, shell.word);
		*line = shell.begun;
	}
	return change;
}
