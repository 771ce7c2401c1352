/* Calls that make, change and end processes. */
#include <string.h>

#include "tools/base/text.h"
#include "tools/import/strace_world.h"

void did_clone(struct call *call)
{
	const int64_t child = call->line->result;
	struct thread *parent = call->thread;

	if (call_error(call) || child <= 0 || child > INT32_MAX)
		return;
	call->world->seen.clones++;
	if (map_get(&call->world->threads, (uint64_t)child))
		return;
	/* In a PID namespace of its own the number is another one than the log's. */
	const bool shares = arg_has(call->args.arg[0], "CLONE_THREAD") ||
			    arg_has(call->args.arg[1], "CLONE_THREAD");
	world_child(call->world, parent, (int32_t)child, shares, call->start);
}

/* Behind the string that begins there. */
static const char *behind(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		at += *at == '\\' && at[1];
	return at + (*at == '"');
}

/* ["python3", "c.py"]; words that strace cut off, or that find no more room, have dots behind them.
 */
static void take_words(struct image *image, const char *list)
{
	static const char dots[] = "...";
	const size_t most = sizeof(image->command) - sizeof(dots);
	size_t used = 0;

	image->cut = arg_next(list, dots) != NULL;
	for (const char *at = strchr(list, '"'); at && used < most; at = strchr(at, '"')) {
		used += arg_string(at, image->command + used, most - used);
		at = behind(at);
		if (strncmp(at, dots, 3) == 0 || used == most) {
			memcpy(image->command + used, dots, sizeof(dots));
			used += sizeof(dots) - 1;
			image->cut = true;
		}
		image->command[used++] = '\0';
	}
	image->command_length = used;
}

void did_exec(struct call *call)
{
	const bool at = strcmp(call->line->name, "execveat") == 0;
	struct image *image = call->thread->image;
	size_t length;

	if (call_error(call))
		return;
	thread_settle(call->thread, call->start);
	world_exec(call->world, image, call->end);
	length = arg_string(call->args.arg[at ? 1 : 0], image->program, sizeof(image->program) - 1);
	image->program[length] = '\0';
	memset(image->command, 0, sizeof(image->command));
	take_words(image, call->args.arg[at ? 2 : 1]);
	if (image->pid == call->world->first_pid && !call->world->command_length) {
		memcpy(call->world->command, image->command, sizeof(image->command));
		call->world->command_length = image->command_length;
		call->world->command_cut = image->cut;
	}
}

/* Its time is that of the process, whatever line comes after. */
void did_exit(struct call *call)
{
	thread_settle(call->thread, call->start);
}
