/* Writes trace files by shim/trace_format.h alone. It must not know their reader. */
#include "trace_text_image.h"

#include <string.h>

#include "tests/helper/must.h"

/* A new block, zeros; where its parts begin. */
static unsigned char *add_block(
	struct trace_text_image *image, uint32_t kind, uint32_t tid, uint64_t order)
{
	const struct trace_block head = {.kind = kind, .tid = tid, .order = order};

	image->bytes = must_realloc(image->bytes, image->length + TRACE_BLOCK);
	memset(image->bytes + image->length, 0, TRACE_BLOCK);
	memcpy(image->bytes + image->length, &head, sizeof(head));
	image->length += TRACE_BLOCK;
	return image->bytes + image->length - TRACE_BLOCK + sizeof(head);
}

static void finish_connections(struct trace_text_process *process)
{
	uint64_t ended = process->header.process_started;

	for (size_t t = 0; t < process->threads; t++)
		if (process->thread[t].clock > ended)
			ended = process->thread[t].clock;
	process->header.ended = ended;
	for (size_t i = 0; i < process->connections; i++) {
		struct trace_connection *connection = &process->connection[i];
		struct trace_tcp *tcp = &connection->at_close;
		if (process->unasked[i] || connection->role == ROLE_OF_LISTENER)
			continue;
		tcp->taken = connection->closed ? connection->closed : ended;
		if (!tcp->bytes_acked)
			tcp->bytes_acked = connection->bytes_written - connection->unsent;
		if (!tcp->bytes_sent)
			tcp->bytes_sent = tcp->bytes_acked;
		if (!tcp->bytes_received)
			tcp->bytes_received = connection->bytes_read + connection->unread;
	}
}

struct trace_text_image trace_text_image(struct trace_text_process *process)
{
	struct trace_text_image image = {0};
	unsigned char *part = NULL;

	finish_connections(process);
	add_block(&image, BLOCK_UNUSED, 0, 0);
	for (size_t i = 0; i < process->connections; i++) {
		if (i % TRACE_CONNECTIONS == 0)
			part = add_block(&image, BLOCK_CONNECTIONS, 0, 0);
		memcpy(part + i % TRACE_CONNECTIONS * TRACE_CONNECTION, &process->connection[i],
			sizeof(*process->connection));
	}
	for (size_t t = 0; t < process->threads; t++) {
		struct trace_text_thread *thread = &process->thread[t];
		thread->counts.ended = thread->clock;
		memcpy(add_block(&image, BLOCK_THREAD, thread->tid, 0), &thread->counts,
			sizeof(thread->counts));
		for (size_t e = 0; e < thread->events; e++) {
			if (e % TRACE_EVENTS == 0)
				part = add_block(
					&image, BLOCK_EVENTS, thread->tid, e / TRACE_EVENTS);
			memcpy(part + e % TRACE_EVENTS * sizeof(*thread->event), &thread->event[e],
				sizeof(*thread->event));
		}
	}
	process->header.blocks = process->header.capacity = image.length / TRACE_BLOCK;
	memcpy(image.bytes, &process->header, sizeof(process->header));
	return image;
}
