/* Victims that no rule of the Makefile builds: libraries, static and sanitized programs. */
#ifndef TEST_COMPILE_H
#define TEST_COMPILE_H

/* Compiles `source` (a path in the repository) with cc and these flags to a file `name` in the
 * build folder and returns its absolute path; the caller frees it. A failure fails the test. */
char *compile(const char *name, const char *source, const char *flags);

/* What a command prints, without the line's end; the caller frees it. */
char *output_of(const char *command);

#endif
