/* Threads and processes of an strace log. Must not know how a line looks, nor what a
 * call means beyond who shares what with whom. */
#include "tools/import/strace_world.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

/* ---- processes ---- */

static struct image *image_new(struct world *world, int32_t pid, int32_t parent, uint64_t now)
{
	struct image *image = memory_take(1, sizeof(*image));

	image->world = world;
	image->pid = pid;
	image->parent = parent;
	image->started = now;
	if (!world->first_pid)
		world->first_pid = pid;
	return image;
}

/* Flows of a child are its own: each writes what it does to its own file. */
static void share_desc(struct image *child, uint64_t fd, const struct desc *desc, uint64_t now)
{
	struct desc copy = *desc;

	if (desc->kind == DESC_FLOW) {
		struct flow *flow = desc->flow;

		if (!flow->copy) {
			flow->copy = memory_take(1, sizeof(*flow));
			*flow->copy = *flow;
			flow->copy->own = *flow_facts(flow);
			flow->copy->connection = NULL;
			flow->copy->copy = NULL;
			flow->copy->refs = 0;
			flow->copy->own.opened = now;
			flow->copy->inherited = true;
			flow->copy->moves = false;
		}
		copy.flow = flow->copy;
	}
	if (!desc_put(child, (int)fd, &copy, now) && copy.kind == DESC_FLOW && !copy.flow->refs) {
		free(copy.flow);
		desc->flow->copy = NULL;
	}
}

/* What they are counted by begins anew. */
static void forget_counts(struct trace_connection *own)
{
	own->number = 0;
	own->writes = own->reads = own->bytes_written = own->bytes_read = own->accepted = 0;
	own->connecting = own->connected = own->closed = 0;
	own->connect_error = 0;
}

/* Descriptors in epoll sets that children get from their parent, at most. */
enum { EPOLLS_SHARED = 256 };

static void share_all(struct image *child, const struct image *parent, uint64_t now)
{
	for_each_slot(at, &parent->descs) share_desc(child, at->key, at->value, now);
	for_each_slot(at, &parent->descs)
	{
		struct desc *desc = at->value;

		if (desc->kind != DESC_FLOW || !desc->flow->copy)
			continue;
		forget_counts(&desc->flow->copy->own);
		desc->flow->copy = NULL;
	}
	/* of so many what they wait for is not known */
	if (parent->epolls.used <= EPOLLS_SHARED)
		for_each_slot(at, &parent->epolls) map_put(&child->epolls, at->key, at->value);
	memcpy(child->program, parent->program, sizeof(child->program));
	memcpy(child->command, parent->command, parent->command_length);
	child->command_length = parent->command_length;
}

static void image_end(struct image *image, uint64_t now, enum trace_end end)
{
	for_each_slot(at, &image->descs) desc_free(image, at->value, 0);
	map_free(&image->descs);
	map_free(&image->epolls);
	if (image->written)
		written_process_end(image->written, later(now, image->started), end);
	free(image);
}

/* ---- threads ---- */

static struct thread *thread_add(struct world *world, struct image *image, int32_t tid)
{
	struct thread *thread = memory_take(1, sizeof(*thread));

	thread->tid = tid;
	thread->image = image;
	image->threads++;
	map_put(&world->threads, (uint64_t)tid, thread);
	world->seen.threads++;
	return thread;
}

struct thread *world_child(
	struct world *world, struct thread *parent, int32_t tid, bool shares, uint64_t now)
{
	struct thread *thread = map_get(&world->threads, (uint64_t)tid);
	struct image *image;

	if (thread || world->threads.used >= THREADS_MOST || world->silent >= SILENT_MOST)
		return thread;
	image = parent->image;
	if (!shares) {
		image = image_new(world, tid, parent->image->pid, now);
		share_all(image, parent->image, now);
	}
	thread = thread_add(world, image, tid);
	thread->silent = true;
	world->silent++;
	return thread;
}

struct thread *world_cloning(struct world *world)
{
	while (world->clonings) {
		struct thread *thread = map_get(&world->threads, (uint64_t)world->cloning[0]);

		if (thread && thread->unfinished.is && thread->unfinished.clones &&
			!thread->unfinished.child)
			return thread;
		memmove(world->cloning, world->cloning + 1,
			--world->clonings * sizeof(*world->cloning));
	}
	return NULL;
}

/* Without any clone in the log nothing tells threads from processes: they are threads then, which
 * share their descriptors. */
struct thread *world_thread(struct world *world, int32_t tid, uint64_t now)
{
	struct thread *thread = map_get(&world->threads, (uint64_t)tid), *parent;

	if (thread)
		return thread;
	if (world->threads.used >= THREADS_MOST) {
		world->seen.crowded++;
		return NULL;
	}
	parent = world_cloning(world);
	if (parent) {
		parent->unfinished.child = tid;
		thread = world_child(
			world, parent, tid, arg_has(parent->unfinished.args, "CLONE_THREAD"), now);
		if (thread)
			return thread;
	}
	if (world->first && !world->seen.clones)
		return thread_add(world, world->first, tid);
	struct image *image = image_new(world, tid, 0, now);
	if (!world->first)
		world->first = image;
	return thread_add(world, image, tid);
}

static void pending_free(struct pending *pending)
{
	free(pending->args);
	*pending = (struct pending){0};
}

void world_thread_end(struct world *world, struct thread *thread, uint64_t now, enum trace_end end)
{
	struct image *image = thread->image;

	thread_settle(thread, now);
	call_left(world, thread);
	if (thread->written)
		written_thread_end(thread->written,
			end == END_NOT_SEEN ? 0
					    : later(now, later(thread->latest, image->started)));
	map_remove(&world->threads, (uint64_t)thread->tid);
	world->silent -= thread->silent;
	pending_free(&thread->unfinished);
	pending_free(&thread->again);
	free(thread);
	if (--image->threads)
		return;
	if (world->first == image)
		world->first = NULL;
	image_end(image, now, end);
}

void world_end(struct world *world)
{
	const size_t threads = world->threads.used;
	struct thread **thread = memory_take(threads, sizeof(*thread));
	size_t count = 0;

	for_each_slot(at, &world->threads) thread[count++] = at->value;
	for (size_t i = 0; i < count; i++)
		world_thread_end(world, thread[i], world->now, END_NOT_SEEN);
	free(thread);
	map_free(&world->threads);
}

/* Connections that the program before made are somebody's that it does not know. */
static void estrange(struct image *image, struct flow *flow, uint64_t now)
{
	struct trace_connection *own = &flow->own;

	if (flow->connection) {
		*own = flow->connection->is;
		written_connection_end(image->written, flow->connection);
		flow->connection = NULL;
	}
	forget_counts(own);
	flow->inherited = true;
	flow->moves = false;
	own->opened = now;
	if (!flow->listens)
		own->role = ROLE_OF_UNKNOWN;
	own->port = 0;
}

static void close_on_exec(struct image *image)
{
	int *fd = memory_take(image->descs.used, sizeof(*fd));
	size_t count = 0;

	for_each_slot(at, &image->descs) if (((struct desc *)at->value)->cloexec) fd[count++] =
		(int)at->key;
	for (size_t i = 0; i < count; i++)
		desc_end(image, fd[i], 0);
	free(fd);
}

/* Of all its threads one is left; what the others did and were written to is over. */
static void forget_written(struct world *world, const struct image *image)
{
	for_each_slot(at, &world->threads)
	{
		struct thread *thread = at->value;

		if (thread->image != image)
			continue;
		thread->written = NULL;
		thread->has_file = false;
		thread->held.is = false;
	}
}

void world_exec(struct world *world, struct image *image, uint64_t now)
{
	close_on_exec(image);
	map_free(&image->epolls);
	for_each_slot(at, &image->descs)
	{
		struct desc *desc = at->value;

		if (desc->kind == DESC_FLOW)
			estrange(image, desc->flow, now);
	}
	forget_written(world, image);
	if (image->written)
		written_process_end(image->written, later(now, image->started), END_EXEC);
	image->written = NULL;
	image->earlies = 0;
	image->started = now;
}
