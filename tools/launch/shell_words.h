/* A text of sh, cut into simple commands. */
#ifndef SOCKFIX_SHELL_WORDS_H
#define SOCKFIX_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum { SHELL_WORDS = 128, SHELL_POOL = 8192, SHELL_HERE = 4 };

/* .text, .at, .end and .line are the caller's to fill. */
struct shell {
	const char *at, *end, *text;
	int line, begun;	     /* begun: the line of the command that was read */
	char *word[SHELL_WORDS + 1]; /* without their quotes; NULL ends them */
	size_t words;
	char pool[SHELL_POOL];
	size_t used;
	char here[SHELL_HERE][64]; /* what ends here-documents that begin at the next line */
	size_t heres;
	int depth, looks; /* the caller's */
};

/* The next simple command's words, perhaps none. False: there is nothing more. What is longer than
 * the pool is cut. */
bool shell_read(struct shell *shell);

#endif
