/* Verbs of the command as data: what --help prints, what getopt accepts, what main() calls. */
#ifndef SOCKFIX_VERB_H
#define SOCKFIX_VERB_H

#include <stddef.h>

/* Exit statuses. As grep and diff: an answer is 0 or 1, trouble is 2. */
enum { EXIT_FINE = 0, EXIT_FOUND = 1, EXIT_TROUBLE = 2 };

struct flag {
	const char *name;  /* without the dashes */
	int letter;	   /* its short form; from 256 on: it has none */
	const char *takes; /* what stands for its value in help, or NULL: it takes none */
	const char *help;
};

struct verb {
	const char *name;
	const char *group;
	const char *synopsis; /* what follows the name on the usage line */
	const char *summary;  /* one line of `sockfix --help` */
	const char *detail;   /* paragraphs of `sockfix VERB --help`; two newlines end one */
	const struct flag *flag;
	size_t flags;
	int misuse; /* exit status of usage errors */
	int first;  /* 1: options end at the first word that is none (run) */
	int (*run)(const struct verb *verb, int argc, char **argv); /* argv[0] is the name */
};

extern const struct verb verb_check, verb_which, verb_run, verb_list, verb_explain, verb_record,
	verb_look, verb_report, verb_suggest, verb_prove, verb_diff, verb_compare, verb_status,
	verb_off, verb_on, verb_mend, verb_scope, verb_import, verb_unit, verb_env, verb_metrics;

extern const struct verb *const verb_table[];
extern const size_t verb_count;
extern const char *const group_table[]; /* in the order of help */
extern const size_t group_count;

/* Prints `sockfix VERB --help` to stdout. */
void verb_help(const struct verb *verb);

/* Prints the version to stdout. */
void version_print(void);

#endif
