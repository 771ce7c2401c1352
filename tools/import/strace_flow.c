/* Flows and descriptors of the processes of an strace log. Must not know how a line looks. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/import/strace_world.h"

struct flow *flow_new(uint8_t family, uint64_t now)
{
	struct flow *flow = memory_take(1, sizeof(*flow));

	flow->own.role = ROLE_OF_UNKNOWN;
	flow->own.family = family;
	flow->own.opened = now;
	flow->own.options = (struct trace_options){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ""};
	return flow;
}

/* now 0: nobody saw it end. */
static void flow_drop(struct image *image, struct flow *flow, uint64_t now)
{
	if (flow->refs > 1) {
		flow->refs--;
		return;
	}
	if (flow->connection) {
		struct trace_connection *is = &flow->connection->is;

		is->closed = now ? later(now, later(is->opened, is->connected)) : 0;
		written_connection_end(image->written, flow->connection);
	}
	free(flow);
}

struct desc *desc_get(const struct image *image, int fd)
{
	return map_get(&image->descs, (uint64_t)fd);
}

void desc_free(struct image *image, struct desc *desc, uint64_t now)
{
	if (desc->kind == DESC_FLOW)
		flow_drop(image, desc->flow, now);
	free(desc);
	image->world->descs--;
}

void desc_end(struct image *image, int fd, uint64_t now)
{
	struct desc *desc = map_remove(&image->descs, (uint64_t)fd);

	if (desc)
		desc_free(image, desc, now);
}

struct desc *desc_put(struct image *image, int fd, const struct desc *desc, uint64_t now)
{
	struct desc *copy;

	desc_end(image, fd, now);
	if (image->world->descs >= DESCS_MOST) {
		image->world->seen.crowded++;
		return NULL;
	}
	image->world->descs++;
	copy = memory_take(1, sizeof(*copy));
	*copy = *desc;
	if (copy->kind == DESC_FLOW)
		copy->flow->refs++;
	map_put(&image->descs, (uint64_t)fd, copy);
	return copy;
}

static void take_ends(struct flow *flow, const struct ends *ends)
{
	struct trace_connection *facts = flow_facts(flow);

	facts->family = ends->family;
	if (ends->local_port) {
		memcpy(facts->local, ends->local, sizeof(facts->local));
		facts->local_port = ends->local_port;
	}
	if (ends->connected && !facts->peer_port) {
		memcpy(facts->peer, ends->peer, sizeof(facts->peer));
		facts->peer_port = ends->peer_port;
	}
}

struct flow *flow_of(struct call *call, int fd, const char *note)
{
	struct image *image = call->thread->image;
	struct desc *desc = desc_get(image, fd), new = {.kind = DESC_FLOW};
	struct ends ends;

	if (note && desc && desc->kind == DESC_FLOW && strncmp(note, "TCP", 3) != 0 &&
		strncmp(note, "socket:", 7) != 0) {
		desc_end(image, fd, 0);
		return NULL;
	}
	if (note_tcp(note, &ends)) {
		if (desc && desc->kind == DESC_FLOW && ends.connected &&
			flow_facts(desc->flow)->local_port && flow_facts(desc->flow)->peer_port &&
			(flow_facts(desc->flow)->local_port != ends.local_port ||
				flow_facts(desc->flow)->peer_port != ends.peer_port)) {
			desc_end(image, fd, 0);
			desc = NULL;
		}
		if (!desc || desc->kind != DESC_FLOW) {
			new.flow = flow_new(ends.family, call->start);
			new.flow->inherited = ends.connected;
			desc = desc_put(image, fd, &new, call->start);
			if (!desc)
				free(new.flow);
		}
		if (desc)
			take_ends(desc->flow, &ends);
	}
	return desc && desc->kind == DESC_FLOW ? desc->flow : NULL;
}

struct flow *call_flow(struct call *call)
{
	const char *note;
	int fd;

	return arg_fd(call->args.arg[0], &fd, &note) ? flow_of(call, fd, note) : NULL;
}

struct desc *call_desc(struct call *call)
{
	const char *note;
	int fd;

	return arg_fd(call->args.arg[0], &fd, &note) ? desc_get(call->thread->image, fd) : NULL;
}
