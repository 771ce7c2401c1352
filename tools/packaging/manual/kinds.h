/* What may stand for a value in help, by the word that stands there: lists of the command's own. */
#ifndef SOCKFIX_KINDS_H
#define SOCKFIX_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum kind {
	KIND_NONE, /* anything: nothing is offered */
	KIND_FILE,
	KIND_FOLDER,
	KIND_COMMAND,
	KIND_PID,
	KIND_RUN, /* a recording */
	KIND_PRESET,
	KIND_SETTING, /* an option's name, then '=' */
	KIND_CODE,
	KIND_EXPLAINED, /* codes, options, presets, words of rules, starters */
	KIND_CHOICE,	/* one of the words themselves, as in "text|json" */
};

/* Of what a flag takes ("FILE"); NULL: nothing. */
enum kind kind_of_value(const char *takes);
/* Of a verb's words, by its synopsis. A verb may take two kinds: a CODE or a recording. */
enum kind kind_of_words(const char *synopsis, enum kind *also);

/* Calls it with each word of the kind; choice: what the words are taken from for KIND_CHOICE. */
void kind_each(enum kind kind, const char *choice, void (*each)(void *context, const char *word),
	void *context);
/* Prints them, with a blank between two. */
void kind_print(enum kind kind, const char *choice);
/* Whether its words are known here, not to the shell. */
bool kind_is_list(enum kind kind);

/* What prints the paths of recordings. */
#define KIND_RUNS "sockfix list runs 2>/dev/null | sed -n 's|^\\(/[^ ]*\\) .*|\\1|p'"

#endif
