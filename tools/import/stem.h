/* The common name of several files: strace -ff -o job.log writes job.log.29624, job.log.29625, ...
 */
#ifndef SOCKFIX_STEM_H
#define SOCKFIX_STEM_H

#include <stddef.h>

struct stem {
	char **file; /* owned, each of them too */
	size_t files;
};

/* The files as they are; in place of one that is not there those that strace would have made of its
 * name, in the order of their numbers. */
struct stem stem_spread(char *const *file, size_t files);
void stem_free(struct stem *stem);

#endif
