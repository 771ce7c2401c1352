/* Where as many stretches have begun as have ended, nothing goes on: it is enough to sort each list
 * by itself. */
#include "tools/find/ends.h"

#include <stdlib.h>

#include "tools/base/numbers.h"
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

struct ends_groups groups_of(size_t groups, size_t most)
{
	return (struct ends_groups){ends_of(most), memory_take(groups + 1, sizeof(size_t)), groups};
}

void groups_free(struct ends_groups *groups)
{
	ends_free(&groups->ends);
	free(groups->end);
}

void groups_count(struct ends_groups *groups, size_t group)
{
	groups->end[group + 1]++;
}

/* end[group] is where the group begins, and moves on with each that is put there. */
void groups_begin(struct ends_groups *groups)
{
	for (size_t i = 0; i < groups->groups; i++)
		groups->end[i + 1] += groups->end[i];
}

void groups_put(struct ends_groups *groups, size_t group, uint64_t begin, uint64_t end)
{
	const size_t at = groups->end[group]++;

	groups->ends.begin[at] = begin;
	groups->ends.end[at] = end;
}

struct ends groups_part(const struct ends_groups *groups, size_t group)
{
	const size_t first = group ? groups->end[group - 1] : 0;

	return (struct ends){
		groups->ends.begin + first, groups->ends.end + first, groups->end[group] - first};
}
