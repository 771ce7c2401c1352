/* Programs that start others in an environment of their own, and the lines that bring the library
 * there: what `explain cron` prints, and a section of libsockfix(8). */
#ifndef SOCKFIX_STARTERS_H
#define SOCKFIX_STARTERS_H

#include <stdbool.h>
#include <stddef.h>

struct starter {
	const char *name;
	const char *also;    /* other words for it, each between blanks: " crontab anacron " */
	const char *problem; /* sentences */
	const char *place;   /* where the lines stand */
	/* Each ends in a newline. A test runs them with the real program as they stand; replaced
	 * are these words alone: COMMAND, ARGUMENTS, NAME, USER, IMAGE, SOCKFIX_IMAGE. */
	const char *lines;
	const char *otherwise; /* what does not work, and what is seen then; sentences */
};

/* Each in turn; NULL at the end. */
const struct starter *starter(size_t index);

/* Its page, by name or another word for it; "starters": a line for each. False: it is none. */
bool starters_explain(const char *word);

#endif
