/* Stretches of time of which only the union is asked: their beginnings and their ends, each list by
 * itself. Which end belongs to which beginning then is no matter. */
#ifndef SOCKFIX_ENDS_H
#define SOCKFIX_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ends {
	uint64_t *begin, *end; /* ns */
	size_t count;
};

/* Room for so many; to be freed. */
struct ends ends_of(size_t most);
void ends_free(struct ends *ends);

/* Behind it the stretches can be walked through. */
void ends_sort(struct ends *ends);

/* Time without a gap: {0} before the first. */
struct cover {
	uint64_t begin, end; /* ns */
	size_t times;	     /* stretches in it */
	size_t next;
};
/* The next one of sorted ends; false: those were all. */
bool ends_next(const struct ends *ends, struct cover *cover);

/* ns that they cover together; sorts them. */
uint64_t ends_cover(struct ends *ends);

/* Stretches sorted into groups, without a copy: each is counted first, then put. */
struct ends_groups {
	struct ends ends;
	size_t *end; /* of each group in `ends`, once all are put */
	size_t groups;
};

/* Room for so many groups and stretches; to be freed. */
struct ends_groups groups_of(size_t groups, size_t most);
void groups_free(struct ends_groups *groups);
void groups_count(struct ends_groups *groups, size_t group);
/* All are counted. */
void groups_begin(struct ends_groups *groups);
void groups_put(struct ends_groups *groups, size_t group, uint64_t begin, uint64_t end);
/* The stretches of a group, when all are put: in the room of `groups`, not to be freed. */
struct ends groups_part(const struct ends_groups *groups, size_t group);

#endif
