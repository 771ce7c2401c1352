/* For the harness itself: what has to work, or the test fails there and then with the place. */
#ifndef TEST_MUST_H
#define TEST_MUST_H

#include <stddef.h>

/* The net against hangs, in seconds. Nothing is measured with it. */
#define MUST_SECONDS 20

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			must_fail(#condition, __FILE__, __LINE__);                                 \
	} while (0)

/* Prints what failed, and errno, and aborts: it may be called in any thread. */
_Noreturn void must_fail(const char *what, const char *file, int line);

/* realloc() that cannot return NULL. */
void *must_realloc(void *memory, size_t size);

/* asprintf() that cannot fail; the caller frees the text. */
__attribute__((format(printf, 1, 2))) char *must_print(const char *format, ...);

/* The whole file, with a NUL behind it; the caller frees it. */
char *must_read_file(const char *path);

#endif
