/* Finds the text that a shell will run: the script that COMMAND is or names, or what stands behind
 * its -c. What that text does is shell.c's. The library still gets into the shell, and into what it
 * starts elsewhere: nothing here keeps COMMAND from being run with it. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/launch/drops.h"
#include "tools/launch/script.h"
#include "tools/launch/shell.h"
#include "tools/base/text.h"

/* What of a script is looked at; of others their first line. */
enum { TEXT = 1 << 20, FIRST_LINE = 4096 };

static bool is_shell(const char *path)
{
	static const char *const shells[] = {"sh", "bash", "dash", "ash", "ksh", "ksh93", "mksh",
		"zsh", "rbash", "posh", "busybox", "csh", "tcsh"};
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (strcmp(text_base_name(path), shells[i]) == 0)
			return true;
	return false;
}

static void say_change(
	enum preload_change change, const char *place, int line, char *note, size_t size)
{
	char where[600];
	if (line)
		snprintf(where, sizeof(where), "%.500s:%d", place, line);
	else
		snprintf(where, sizeof(where), "%.500s", place);
	if (change == PRELOAD_SET)
		snprintf(note, size,
			"%s sets LD_PRELOAD anew, and what it starts then runs without the "
			"library: append \":$LD_PRELOAD\" to the value there",
			where);
	else if (change == PRELOAD_DROPPED)
		snprintf(note, size,
			"%s drops LD_PRELOAD, and what it starts then runs without the library: "
			"write sockfix run -- before that command there",
			where);
}

/* The first line names env, perhaps, with words for it; the others count where a shell reads them.
 */
static void look_at_text(
	const char *place, const char *text, size_t length, bool shell, char *note, size_t size)
{
	const bool named = length > 2 && memcmp(text, "#!", 2) == 0;
	const char *end = named ? memchr(text, '\n', length) : NULL;
	enum preload_change change = PRELOAD_KEPT;
	int line = 1;
	if (named)
		change = shell_look(text + 2, end ? (size_t)(end - text) - 2 : length - 2, &line);
	if (change == PRELOAD_KEPT && shell)
		change = shell_look(text, length, &line);
	say_change(change, place, line, note, size);
}

static void look_at_file(const char *place, const char *path, bool shell, char *note, size_t size)
{
	struct stat info;
	int fd = regular_open(AT_FDCWD, path, 0, &info);
	const size_t most = shell ? TEXT : FIRST_LINE;
	char *text = fd >= 0 ? malloc(most + 1) : NULL;
	ssize_t length = text ? pread(fd, text, most, 0) : 0;
	if (length > 0 && memchr(text, '\0', (size_t)length) == NULL) {
		text[length] = '\0';
		look_at_text(place, text, (size_t)length, shell, note, size);
	}
	free(text);
	if (fd >= 0)
		close(fd);
}

/* The first word behind a shell's options; *text: it is what -c runs, and no file. */
static const char *shell_argument(char *const argv[], bool *text)
{
	static const char with_value[] = " -o +o -O +O --rcfile --init-file ";
	size_t i = 1;
	for (; argv[i] && (*argv[i] == '-' || *argv[i] == '+') && argv[i][1]; i++) {
		char spaced[32];
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (*argv[i] == '-' && argv[i][1] != '-' && strchr(argv[i], 'c'))
			*text = true;
		if (snprintf(spaced, sizeof(spaced), " %s ", argv[i]) < (int)sizeof(spaced) &&
			strstr(with_value, spaced) && argv[i + 1])
			i++;
	}
	return argv[i];
}

static void look_at_shell(char *const argv[], char *note, size_t size)
{
	bool text = false;
	int line = 0;
	char path[PATH_MAX], place[64];
	const char *word = shell_argument(argv, &text);
	if (!word)
		return;
	if (text) {
		snprintf(place, sizeof(place), "%.40s -c", text_base_name(argv[0]));
		const enum preload_change change = shell_look(word, strlen(word), &line);
		say_change(change, place, strchr(word, '\n') ? line : 0, note, size);
	} else if (access(word, R_OK) == 0) {
		look_at_file(word, word, true, note, size);
	} else if (!strchr(word, '/') && command_find(word, path) == 0) {
		look_at_file(word, path, true, note, size);
	}
}

void drops_look(
	char *const argv[], const char *command, const char *interpreter, char *note, size_t size)
{
	*note = '\0';
	if (strcmp(command, interpreter) != 0)
		look_at_file(argv[0], command, is_shell(interpreter), note, size);
	else if (is_shell(command))
		look_at_shell(argv, note, size);
}
