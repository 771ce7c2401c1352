/* Cuts a text of sh into simple commands, by quotes, comments and here-documents (POSIX.1, Shell
 * Command Language, 2.2 to 2.10). Expands nothing, allocates nothing, and knows no command. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tools/launch/shell_words.h"

static bool at(const struct shell *shell, char c)
{
	return shell->at < shell->end && *shell->at == c;
}

static void put(struct shell *shell, char c)
{
	if (shell->used + 1 < SHELL_POOL)
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
	shell->pool[SHELL_POOL - 1] = '\0';
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
	if (here && shell->heres < SHELL_HERE)
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
	if (shell->words < SHELL_WORDS)
		shell->word[shell->words++] = word;
	shell->word[shell->words] = NULL;
}

bool shell_read(struct shell *shell)
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
