/* The face of rules/text/: rule files, libconfig's syntax, into struct rule. text/load.c is the
 * only includer of libconfig.h; all of it is linked by the tools alone.
 *
 * A book collects rules in the order in which they are added (the later wins) and every problem
 * that was found on the way; it owns all the memory of both. */
#ifndef SOCKFIX_BOOK_H
#define SOCKFIX_BOOK_H

#include <stddef.h>

#include "rule.h"

enum problem_kind { PROBLEM_ERROR, PROBLEM_NOTE };

struct problem {
	enum problem_kind kind;
	const char *file;   /* as the user named it; "-s" for the command line */
	int line;	    /* 0: the file as a whole */
	const char *text;   /* one sentence, without place and full stop */
	const char *source; /* the line as it stands in the file, or NULL */
	const char *hint;   /* how to mend it, or NULL */
};

struct book {
	struct ruleset set;
	struct problem *problem;
	size_t problems;
	size_t errors; /* of them */
	size_t files;  /* rule files read so far */
	size_t asked;  /* files and directories so far, those included once more counted again */
	size_t bytes;  /* of the files, likewise */
	void *own;     /* book.c's */
};

/* NULL when there is no memory. */
struct book *book_new(void);
void book_free(struct book *book);

/* Adds the rules of a file, or of every *.conf of a directory in byte order. Problems go to the
 * book. Returns 0, or -EINVAL when this call found an error; a file with errors adds no rule. A
 * directory without *.conf files is an error here. */
int book_add_path(struct book *book, const char *path);

/* Adds a text that is called name in problems and in rule.file: the embedded presets. */
int book_add_text(struct book *book, const char *name, const char *text, size_t length);

/* Adds -s NAME=VALUE to the rule "command-line" (role any), which is made last; the later wins.
 * Wants book_check_settings() when all are added. */
int book_add_setting(struct book *book, const char *assignment);
/* Whether these settings can stand together. Returns 0 or -EINVAL. */
int book_check_settings(struct book *book);

/* Adds notes about rules that can never win; when all are added. */
void book_doubt(struct book *book);

/* Adds rule_default. */
void book_add_default(struct book *book);

/* Adds the rules of several directories, the weaker first, as sysctl.d(5) does: all files in byte
 * order of their names, whichever directory they are in; of files with the same name only the one
 * in the last directory counts, and an empty one masks it. A directory that does not exist is no
 * error. Returns as book_add_path(). */
int book_add_directories(struct book *book, const char *const *directory, size_t count);

#endif
