/* One trace file, from memory: the header, then its blocks. The bytes may be anything: whatever is
 * out of range is dropped and counted, and nothing is allocated beyond a small multiple of the
 * file's size. Knows no directory and no file. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/read/file.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

static char sentence[200];

__attribute__((format(printf, 3, 4))) static int refuse(
	int error, const char **why, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(sentence, sizeof(sentence), format, list);
	va_end(list);
	*why = sentence;
	return error;
}

static int check_version(const struct trace_header *header, size_t length, const char **why)
{
	if (length == 0)
		return refuse(-EBADMSG, why, "empty, 0 bytes");
	if (length < sizeof(header->magic) + sizeof(header->version))
		return refuse(-EBADMSG, why, "cut off at %zu of %u bytes", length, TRACE_BLOCK);
	if (memcmp(header->magic, TRACE_MAGIC, sizeof(header->magic)) != 0)
		return refuse(-EBADMSG, why, "not a trace of sockfix");
	if (header->version == __builtin_bswap32(TRACE_VERSION))
		return refuse(-EPROTONOSUPPORT, why,
			"written by a machine of the other byte order; read it on such a one");
	if (header->version != TRACE_VERSION)
		return refuse(-EPROTONOSUPPORT, why,
			"written by trace format %u; this sockfix reads %u", header->version,
			TRACE_VERSION);
	if (length < TRACE_BLOCK)
		return refuse(-EBADMSG, why, "cut off at %zu of %u bytes", length, TRACE_BLOCK);
	if (header->block != TRACE_BLOCK || header->event != sizeof(struct trace_event) ||
		header->connection != TRACE_CONNECTION ||
		header->thread != sizeof(struct trace_thread))
		return refuse(-EBADMSG, why, "damaged: its sizes are not those of trace format %u",
			TRACE_VERSION);
	return 0;
}

/* The arguments, NUL after each, as one line; also makes each harmless in its place. */
static char *command_line(char *command, size_t size)
{
	struct line line = {0};
	size_t end = size;

	command[--end] = '\0';
	while (end && !command[end - 1])
		end--;
	for (size_t i = 0; i < end;) {
		size_t length = strlen(command + i);
		line_add_word(&line, command + i, length);
		text_harmless(command + i);
		i += length + 1;
	}
	return line.text ? line.text : memory_take(1, 1);
}

/* One reading of a clock, ps: a millisecond is none. */
#define CLOCK_COST_MOST 1000000000u

static void header_check(struct run_process *process)
{
	struct trace_header *header = &process->header;
	uint64_t ended = header->ended;

	header->sockfix[sizeof(header->sockfix) - 1] = '\0';
	header->program[sizeof(header->program) - 1] = '\0';
	header->rules[sizeof(header->rules) - 1] = '\0';
	text_harmless(header->sockfix);
	text_harmless(header->program);
	text_harmless(header->rules);
	process->command = command_line(header->command, sizeof(header->command));
	if (header->clock_cost >= CLOCK_COST_MOST) {
		header->clock_cost = 0;
		process->damaged++;
	}
	if (header->process_started < TIME_NEVER &&
		time_settle(&header->started, header->process_started) &&
		header->started < time_end(header) &&
		(!ended || (time_settle(&ended, header->process_started) &&
				   ended < time_end(header))) &&
		header->started_wall < INT64_MAX) {
		header->ended = ended;
		return;
	}
	header->started = header->process_started = header->started_wall = 0;
	header->ended = 0;
	process->damaged++;
}

/* The blocks of kinds that this version knows, in the file's order. */
static struct file_block *list_blocks(struct file *file, size_t *blocks)
{
	const size_t length = file->process->source.length;
	const size_t count = (length - 1) / TRACE_BLOCK; /* the header is no block */
	struct file_block *block = memory_take(count, sizeof(*block));

	*blocks = 0;
	for (size_t number = 1; number <= count; number++) {
		const size_t got = reader_block(&file->reader, number);
		struct file_block *next = &block[*blocks];

		/* What became shorter, or cannot be read, since its length was asked. */
		file->process->cut_off |= got < TRACE_BLOCK && number < length / TRACE_BLOCK;
		if (got < sizeof(next->head))
			break;
		memcpy(&next->head, file->reader.bytes, sizeof(next->head));
		next->number = number;
		if (next->head.kind == BLOCK_UNUSED) {
			const size_t data = reader_skip(&file->reader, number + 1);
			number = data > number + 1 ? data - 1 : number;
			continue;
		}
		if (next->head.kind > BLOCK_THREAD)
			file->process->damaged++;
		else
			(*blocks)++;
	}
	return block;
}

/* From the header where it tells; events had their say when they were read. */
static void process_times(struct run_process *process)
{
	process_include(process, process->header.process_started);
	process_include(process, process->header.started);
	process_include(process, process->header.ended);
	for (size_t t = 0; t < process->threads; t++) {
		process_include(process, process->thread[t].counts.began);
		process_include(process, process->thread[t].counts.ended);
	}
}

/* The header, checked; 0 or why not. */
static int read_header(struct file *file, const char **why)
{
	struct run_process *process = file->process;
	const size_t length = process->source.length, got = reader_block(&file->reader, 0);
	const size_t head = got < sizeof(process->header) ? got : sizeof(process->header);

	if (head)
		memcpy(&process->header, file->reader.bytes, head);
	int error = check_version(&process->header, got < TRACE_BLOCK ? got : length, why);
	if (error)
		return error;
	header_check(process);
	/* blocks counts what was handed out, also what never got room. */
	uint64_t promised = process->header.blocks;
	if (promised > process->header.capacity)
		promised = process->header.capacity;
	process->cut_off = length / TRACE_BLOCK < promised;
	return 0;
}

int process_take(struct run_process *process, struct source *source, const char **why)
{
	struct file file = {.process = process};
	size_t blocks;

	memset(process, 0, sizeof(*process));
	process->source = *source;
	reader_begin(&file.reader, &process->source);
	const int error = read_header(&file, why);
	if (!error) {
		struct file_block *block = list_blocks(&file, &blocks);
		connections_read(&file, block, blocks);
		threads_read(&file, block, blocks);
		free(block);
		process_times(process);
	}
	reader_end(&file.reader);
	if (error)
		source_free(&process->source);
	return error;
}

int process_read(struct run_process *process, const void *bytes, size_t length, const char **why)
{
	struct source source = {.bytes = memory_take(length, 1), .length = length};

	if (length)
		memcpy(source.bytes, bytes, length);
	return process_take(process, &source, why);
}

void process_free(struct run_process *process)
{
	for (size_t t = 0; t < process->threads; t++)
		free(process->thread[t].block);
	free(process->thread);
	free(process->connection);
	free(process->command);
	source_free(&process->source);
	memset(process, 0, sizeof(*process));
}
