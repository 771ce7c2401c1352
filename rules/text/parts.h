/* What the files behind rules/book.h share: memory and problems of a book, a rule file as text and
 * tokens, and how the parts of a match are read. Nobody outside of rules/text/ includes this. */
#ifndef SOCKFIX_PARTS_H
#define SOCKFIX_PARTS_H

#include <stdarg.h>
#include <sys/types.h>

#include "rules/book.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,    /* a name, or a word without quotes where a value should stand */
	TOKEN_NUMBER,  /* a number as libconfig takes it */
	TOKEN_STRING,  /* at and length are what stands between the quotes, escapes untouched */
	TOKEN_MARK,    /* one of =:;,{}()[] */
	TOKEN_LUMP,    /* anything else: 64K, 10.0.0.1, 8000-8099, 'x' */
	TOKEN_INCLUDE, /* @include "PATH": at and length are the path */
};

struct token {
	enum token_kind kind;
	int line;
	const char *at; /* into source.text */
	size_t length;
};

/* One rule file. Lives as long as the book. */
struct source {
	const char *name; /* as the user named it */
	const char *text; /* without a byte order mark; ends in a newline and NUL */
	size_t length;
	struct token *token; /* the last one is TOKEN_END */
	size_t tokens;
	const struct source *parent; /* the file that includes this one, or NULL */
	dev_t device;
	ino_t inode;			   /* 0: not a file */
	size_t first_problem, end_problem; /* those that source_scan() added */
};

/* Memory that lives as long as the book, zeroed; room_out() when there is none. */
void *book_take(struct book *book, size_t count, size_t size);
char *book_text(struct book *book, const char *text, size_t length);
/* An array of count items with room for at least one more; grows by doubling. */
void *book_grow(struct book *book, void *array, size_t count, size_t size);

/* Adds a copy; what it points at must live as long as the book. */
void book_add_rule(struct book *book, const struct rule *rule);

/* A place where a problem may be: line 0 is the file as a whole. */
struct place {
	const struct source *source;
	int line;
};

/* The source line is taken from the place. hint may be NULL or "". */
__attribute__((format(printf, 5, 6))) void problem_add(struct book *book, enum problem_kind kind,
	struct place place, const char *hint, const char *format, ...);

/* source.c: reads a file, or takes a text, and checks its size and encoding. Returns 0, or -EINVAL
 * with a problem added at place (the including line) or in the file itself. */
int source_read(struct book *book, const char *path, struct source *source, struct place place);
int source_take(struct book *book, const char *text, size_t length, struct source *source);

/* token.c: fills source.token. Finds what libconfig would take without a word, or choke on: a quote
 * left open, a number above 32 bits, an @include inside of a rule. Adds these problems; returns 0,
 * or -EINVAL when there is no use in parsing the rest. */
int source_scan(struct book *book, struct source *source);

/* syntax.c: the first place where the tokens are no rule file, and how to mend it. Returns false
 * when it finds none. */
bool syntax_explain(const struct source *source, int *line, char *hint, size_t size);

/* The last setting up to line whose name stands in the same group before, and that one. */
bool syntax_duplicate(const struct source *source, int line, const struct token **first,
	const struct token **second);

/* How reading a piece of text failed: one sentence, and perhaps how to mend it. */
struct why {
	char text[320], hint[320];
};
__attribute__((format(printf, 2, 3))) int why_say(struct why *why, const char *format, ...);
__attribute__((format(printf, 2, 3))) void why_mend(struct why *why, const char *format, ...);

/* match_text.c: adds what one text says to a matcher: "143,993", "10.0.0.0/8, ::1", "python3*".
 * Returns 0 or -EINVAL with why. */
int match_add(struct book *book, struct match *match, enum matcher matcher, const char *text,
	struct why *why);
/* Whether numbers without quotes are taken, too. */
bool match_takes_numbers(enum matcher matcher);

/* Notes and errors about a rule as a whole. line[i] is where rule->setting[i] stands; NULL for -s.
 */
void rule_check(
	struct book *book, const struct rule *rule, const struct source *source, const int *line);

/* doubts.c: notes of what is right and may not be what was meant. As rule_check(). */
void rule_doubt(
	struct book *book, const struct rule *rule, const struct source *source, const int *line);

/* doubts.c: the same of a number without a unit; id: of the option. */
void number_doubt(struct book *book, struct place place, const char *rule, int id, int64_t number);

/* load.c: the rules of a source that was scanned; include() adds those of what it includes, which
 * the token names. */
void source_load(struct book *book, const struct source *source,
	void (*include)(struct book *, const struct source *, const struct token *));

#endif
