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

/* The kernel's last look at a connection: it counted what the program did. */
static void finish_connection(struct trace_connection *connection, uint64_t ended)
{
	struct trace_tcp *tcp = &connection->at_close;

	tcp->taken = connection->closed ? connection->closed : ended;
	if (!tcp->bytes_acked)
		tcp->bytes_acked = connection->bytes_written - connection->unsent;
	if (!tcp->bytes_sent)
		tcp->bytes_sent = tcp->bytes_acked;
	if (!tcp->bytes_received)
		tcp->bytes_received = connection->bytes_read + connection->unread;
}

static void finish(struct trace_text_process *process)
{
	uint64_t ended = process->header.process_started;

	for (size_t t = 0; t < process->threads; t++)
		if (process->thread[t].clock > ended)
			ended = process->thread[t].clock;
	process->header.ended = ended;
	for (size_t i = 0; i < process->connections; i++)
		if (!process->unasked[i] && process->connection[i].role != ROLE_OF_LISTENER)
			finish_connection(&process->connection[i], ended);
}

static void add_connections(
	struct trace_text_image *image, const struct trace_text_process *process)
{
	unsigned char *part = NULL;

	for (size_t i = 0; i < process->connections; i++) {
		if (i % TRACE_CONNECTIONS == 0)
			part = add_block(image, BLOCK_CONNECTIONS, 0, 0);
		memcpy(part + i % TRACE_CONNECTIONS * TRACE_CONNECTION, &process->connection[i],
			sizeof(*process->connection));
	}
}

static void add_thread(struct trace_text_image *image, struct trace_text_thread *thread)
{
	const uint32_t tid = thread->tid;
	unsigned char *part = add_block(image, BLOCK_THREAD, tid, 0);

	thread->counts.ended = thread->clock;
	memcpy(part, &thread->counts, sizeof(thread->counts));
	for (size_t e = 0; e < thread->events; e++) {
		if (e % TRACE_EVENTS == 0)
			part = add_block(image, BLOCK_EVENTS, tid, e / TRACE_EVENTS);
		memcpy(part + e % TRACE_EVENTS * sizeof(*thread->event), &thread->event[e],
			sizeof(*thread->event));
	}
}

struct trace_text_image trace_text_image(struct trace_text_process *process)
{
	struct trace_text_image image = {0};

	finish(process);
	add_block(&image, BLOCK_UNUSED, 0, 0);
	add_connections(&image, process);
	for (size_t t = 0; t < process->threads; t++)
		add_thread(&image, &process->thread[t]);
	process->header.blocks = process->header.capacity = image.length / TRACE_BLOCK;
	memcpy(image.bytes, &process->header, sizeof(process->header));
	return image;
}
