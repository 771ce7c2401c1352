/* strace logs, of one file or of one for each thread (-ff): their lines in the order of their
 * times, halves of calls put together, each call handed on with its thread and its times. Must not
 * know what a call means. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/base/memory.h"
#include "tools/import/input.h"
#include "tools/import/strace_source.h"
#include "tools/import/strace_world.h"

#define S UINT64_C(1000000000)

/* A file of which so much is none of strace's is none of its logs. */
#define NONSENSE ((uint64_t)4 << 20)

static uint64_t least(uint64_t one, uint64_t other)
{
	return one < other ? one : other;
}

/* ---- halves ---- */

static void keep_half(
	struct world *world, struct thread *thread, const struct log_line *line, uint64_t now)
{
	struct pending *pending = &thread->unfinished;
	const bool clones =
		strncmp(line->name, "clone", 5) == 0 || strstr(line->name, "fork") != NULL;

	thread_settle(thread, now);
	free(pending->args);
	*pending = (struct pending){.is = true, .start = now, .clones = clones};
	memcpy(pending->name, line->name, sizeof(pending->name));
	pending->args = memory_print("%s", line->args);
	if (clones && world->clonings < CLONING_MOST)
		world->cloning[world->clonings++] = thread->tid;
}

/* The line as if it had been one. False: its first half is not there. */
static bool join_halves(struct thread *thread, struct log_line *line, uint64_t *start, char **args)
{
	struct pending *pending = &thread->unfinished;

	if (!pending->is || strcmp(pending->name, line->name) != 0)
		return false;
	*args = memory_print("%s%s", pending->args, line->args);
	line->args = *args;
	*start = pending->start;
	free(pending->args);
	*pending = (struct pending){0};
	return true;
}

/* What a signal interrupted goes on: the same call again, or restart_syscall() of it. */
static void keep_restart(struct call *call)
{
	struct pending *again = &call->thread->again;

	free(again->args);
	*again = (struct pending){.is = true, .start = call->start};
	memcpy(again->name, call->line->name, sizeof(again->name));
	again->args = memory_print("%s", call->line->args);
}

static void take_restart(struct call *call, struct log_line *line, char **args)
{
	struct pending *again = &call->thread->again;
	const bool restarts = strcmp(line->name, "restart_syscall") == 0;

	if (!again->is)
		return;
	if (restarts || strcmp(again->name, line->name) == 0) {
		call->start = later(again->start, call->thread->image->started);
		call->exact = call->exact && call->end >= call->start;
	}
	if (restarts) {
		memcpy(line->name, again->name, sizeof(line->name));
		free(*args);
		*args = memory_print("%s", again->args);
		line->args = *args;
	}
	free(again->args);
	*again = (struct pending){0};
}

/* ---- calls ---- */

static void go_on(struct world *world, struct thread *thread, struct log_line *line, uint64_t now)
{
	struct call call = {.world = world, .thread = thread, .line = line, .start = now};
	const bool halves = line->kind == LINE_RESUMED;
	char *args = NULL;

	if (halves && !join_halves(thread, line, &call.start, &args))
		return;
	call.exact = line->took >= 0 || halves;
	call.start = later(call.start, thread->image->started);
	call.end = line->took >= 0 ? call.start + least((uint64_t)line->took, RUN_MOST) : now;
	call.end = later(call.start, least(call.end, RUN_MOST + S));
	if (call.end > world->now)
		world->now = call.end;
	world->seen.calls++;
	world->seen.took += line->took >= 0;
	if (line->again) {
		keep_restart(&call);
	} else {
		take_restart(&call, line, &args);
		args_split(line->args, &call.args);
		call_take(&call);
	}
	free(args);
}

static void end_thread(
	struct world *world, struct thread *thread, const struct log_line *line, uint64_t now)
{
	const bool first = thread->image->pid == world->first_pid && thread->image->threads == 1;

	if (first)
		world->seen.status = line->kind == LINE_EXITED ? line->result << 8 : line->result;
	world->seen.finished++;
	world_thread_end(world, thread, now, line->kind == LINE_EXITED ? END_EXIT : END_NOT_SEEN);
}

static void take_line(struct world *world, struct source *source)
{
	struct log_line *line = &source->line;
	const uint64_t now = least(source->clock.value - world->began, RUN_MOST) + S;
	struct thread *thread = world_who(world, &source->line, source->tid, now);

	world->now = now > world->now ? now : world->now;
	world->seen.timed += line->clock != CLOCK_MISSING;
	world->seen.fine += line->fine;
	if (!thread)
		return;
	world->silent -= thread->silent;
	world->seen.followed |= thread->silent;
	thread->silent = false;
	if (line->kind == LINE_UNFINISHED)
		keep_half(world, thread, line, now);
	else if (line->kind == LINE_CALL || line->kind == LINE_RESUMED)
		go_on(world, thread, line, now);
	else
		end_thread(world, thread, line, now);
}

/* ---- all files ---- */

/* Files are in a heap by the times of their next lines. */
static bool comes_first(const struct source *a, const struct source *b)
{
	return a->clock.value < b->clock.value;
}

static void sink(struct source **heap, size_t count, size_t at)
{
	struct source *moved = heap[at];
	size_t child;

	while ((child = 2 * at + 1) < count) {
		child += child + 1 < count && comes_first(heap[child + 1], heap[child]);
		if (!comes_first(heap[child], moved))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = moved;
}

/* "job.log.29624" of several: a thread's own. */
static int32_t tid_of(const char *name, size_t inputs)
{
	const char *dot = strrchr(name, '.');
	const size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;

	if (inputs < 2 || !digits || digits > 9 || dot[1 + digits])
		return 0;
	return (int32_t)strtol(dot + 1, NULL, 10);
}

/* When the run's clock was 0, by the first line that has a time; of the time of day, the last one
 * before the file was written. */
static void tell_wall(struct world *world, const struct source *source)
{
	const uint64_t first = source->clock.value, changed = source->input->changed;
	time_t seconds = (time_t)(changed / S);
	struct tm day;

	if (source->clock.kind == CLOCK_EPOCH)
		world->zero_wall = first - S;
	if (source->clock.kind != CLOCK_DAY || !changed || !localtime_r(&seconds, &day))
		return;
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	world->zero_wall = (uint64_t)mktime(&day) * S + first - S;
	if (world->zero_wall > changed + 60 * S)
		world->zero_wall -= 86400 * S;
}

static void read_all(struct world *world, struct source **source, size_t sources)
{
	size_t left = 0;

	for (size_t i = 0; i < sources; i++) {
		source_next(source[i]);
		if (!source[i]->over) {
			struct source *first = source[left];

			source[left++] = source[i];
			source[i] = first;
		}
	}
	for (size_t i = left / 2; i-- > 0;)
		sink(source, left, i);
	if (left) {
		world->began = source[0]->clock.value;
		tell_wall(world, source[0]);
		written_clock(world->import->written, world->zero_wall);
	}
	while (left) {
		take_line(world, source[0]);
		source_next(source[0]);
		if (source[0]->over) {
			struct source *over = source[0];

			source[0] = source[--left];
			source[left] = over;
		}
		if (left)
			sink(source, left, 0);
	}
}

static int finish(struct world *world, struct source *const *source, size_t sources)
{
	struct import *import = world->import;

	for (size_t i = 0; i < sources; i++) {
		world->seen.lines += source[i]->lines;
		world->seen.odd += source[i]->odd;
	}
	world_end(world);
	if (!world->seen.calls) {
		snprintf(import->note->why, sizeof(import->note->why),
			"%s: no line of it is strace's, and it is no capture",
			source[0]->input->name);
		return -EBADMSG;
	}
	lacks_say(world);
	import->run->began = S;
	import->run->ended = world->now;
	import->run->status = (int)world->seen.status;
	import->run->command = world->command_length ? world->command : NULL;
	import->run->command_length = world->command_length;
	return 0;
}

int import_strace(struct import *import, struct input **input, size_t inputs)
{
	static struct world world; /* texts of it are for run.json, which is written later */
	struct source **source = memory_take(inputs, sizeof(*source));
	int error;

	world = (struct world){.import = import, .now = S, .seen.status = -1};
	for (size_t i = 0; i < inputs; i++) {
		source[i] = memory_take(1, sizeof(**source));
		source[i]->input = input[i];
		source[i]->tid = tid_of(input[i]->name, inputs);
	}
	read_all(&world, source, inputs);
	error = finish(&world, source, inputs);
	for (size_t i = 0; i < inputs; i++)
		free(source[i]);
	free(source);
	return error;
}
