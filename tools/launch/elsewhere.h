/* Programs that have their work done where a preload does not follow. */
#ifndef SOCKFIX_ELSEWHERE_H
#define SOCKFIX_ELSEWHERE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether argv, found at path, is one of them; then one sentence that says so and what would work
 * is written to why. Only names that were typed without a '/', or that lie in the system's
 * directories, count: ./batch is somebody's own. */
bool elsewhere(char *const argv[], const char *path, char *why, size_t size);

/* Appends argv to why, written anew with `sockfix run --` before its word number `command`. */
void elsewhere_anew(char *const argv[], size_t command, char *why, size_t size);

#endif
