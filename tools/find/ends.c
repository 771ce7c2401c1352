/* Where as many stretches have begun as have ended, nothing goes on: it is enough to sort each list
 * by itself. */
#include "tools/find/ends.h"

#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

struct ends ends_of(size_t most)
{
	return (struct ends){
		memory_take(most, sizeof(uint64_t)), memory_take(most, sizeof(uint64_t)), 0};
}

void ends_free(struct ends *ends)
{
	free(ends->begin);
	free(ends->end);
}

void ends_sort(struct ends *ends)
{
	sort_numbers(ends->begin, ends->count);
	sort_numbers(ends->end, ends->count);
}

bool ends_next(const struct ends *ends, struct cover *cover)
{
	size_t i = cover->next;

	if (i == ends->count)
		return false;
	cover->begin = ends->begin[i];
	while (i + 1 < ends->count && ends->begin[i + 1] <= ends->end[i])
		i++;
	cover->end = ends->end[i];
	cover->times = i + 1 - cover->next;
	cover->next = i + 1;
	return true;
}

uint64_t ends_cover(struct ends *ends)
{
	struct cover cover = {0};
	uint64_t covered = 0;

	ends_sort(ends);
	while (ends_next(ends, &cover))
		covered += cover.end - cover.begin;
	return covered;
}
