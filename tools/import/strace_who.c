/* Whose a line is, by the numbers that are on it, and those that are not. */
#include <string.h>

#include "tools/import/strace_world.h"

/* In one stream the first process has no number until there is another, and the last one has none
 * again. */
static struct thread *nameless(struct world *world, uint64_t now)
{
	if (world->threads.used == 1)
		for_each_slot(at, &world->threads) return at->value;
	if (!map_get(&world->threads, 0) && map_get(&world->threads, (uint64_t)world->first_pid))
		return map_get(&world->threads, (uint64_t)world->first_pid);
	return world_thread(world, 0, now);
}

/* A number that nobody has, on a line that no new thread begins with: the nameless one's. */
static bool names_it(struct world *world, const struct log_line *line)
{
	const struct thread *thread = map_get(&world->threads, 0);

	if (!thread || map_get(&world->threads, (uint64_t)line->tid))
		return false;
	if (line->kind == LINE_RESUMED)
		return thread->unfinished.is && strcmp(thread->unfinished.name, line->name) == 0;
	return !world_cloning(world);
}

static void name_it(struct world *world, int32_t tid)
{
	struct thread *thread = map_remove(&world->threads, 0);

	thread->tid = tid;
	if (!thread->image->pid)
		thread->image->pid = tid;
	if (!world->first_pid)
		world->first_pid = tid;
	map_put(&world->threads, (uint64_t)tid, thread);
}

struct thread *world_who(
	struct world *world, const struct log_line *line, int32_t own, uint64_t now)
{
	const int32_t tid = line->tid ? line->tid : own;

	if (!tid)
		return nameless(world, now);
	if (names_it(world, line))
		name_it(world, tid);
	return world_thread(world, tid, now);
}
