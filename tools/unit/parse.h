/* Lines of a unit file (systemd.syntax(7)). */
#ifndef SOCKFIX_UNIT_PARSE_H
#define SOCKFIX_UNIT_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/* Calls take for each "KEY=VALUE" below [section], blanks around both taken off, lines that go on
 * joined. Returns 0 or -errno; a file that is not plain: -EINVAL. */
int parse_unit(const char *path, const char *section,
	void (*take)(void *context, const char *key, const char *value, unsigned line),
	void *context);

/* doubtful: the line above is a comment that ends in a backslash, whose rest this one is for
 * systemd before 254. */
struct parsed {
	const char *key, *value; /* quotes taken off */
	unsigned line;
	bool doubtful;
};

/* The same for the variables in a file of EnvironmentFile=. */
int parse_variables(
	const char *path, void (*take)(void *context, const struct parsed *parsed), void *context);

/* The file as a text, to be freed; NULL, and errno: not readable, or not a plain file. */
char *parse_text(const char *path);

#endif
