/* Begins the processes and threads of a text, and frees them. What they do is written elsewhere. */
#include "trace_text_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/must.h"
#include "tests/helper/trace_header.h"
#include "trace_text.h"
#include "trace_text_value.h"

void trace_text_thread_begin(struct trace_text *text, uint32_t tid, uint64_t clock)
{
	struct trace_text_process *process = text->now;

	for (size_t i = 0; i < process->threads; i++)
		if (process->thread[i].tid == tid) {
			text->thread = &process->thread[i];
			return;
		}
	if (process->threads == TRACE_TEXT_MOST)
		trace_text_fail("too many threads", "");
	text->thread = &process->thread[process->threads++];
	text->thread->tid = tid;
	text->thread->clock = text->thread->counts.began = clock;
}

static void fill_header(struct trace_header *header, size_t number)
{
	trace_header_fill(header);
	header->pid = 100 + (int32_t)number;
	header->parent = 1;
	header->end = END_EXIT;
	header->clock_cost = 30000;
	memcpy(header->sockfix, "0.1.0", sizeof("0.1.0"));
	memcpy(header->program, "/usr/bin/prog", sizeof("/usr/bin/prog"));
	memcpy(header->command, "prog\0x", sizeof("prog\0x"));
}

/* One KEY=VALUE of the line: numbers go into the header, times into *began and *made. */
static void read_key(struct trace_header *header, const char *at, uint64_t *began, uint64_t *made)
{
	const char *time = strchr(at, '=') ? strchr(at, '=') + 1 : at;

	if (sscanf(at, "pid=%d", &header->pid) == 1 ||
		sscanf(at, "parent=%d", &header->parent) == 1 ||
		sscanf(at, "full=%u", &header->full) == 1 ||
		sscanf(at, "active=%u", &header->rules_active) == 1)
		return;
	if (strncmp(at, "at=", 3) == 0)
		*began += trace_text_time(&time);
	else if (strncmp(at, "made=", 5) == 0)
		*made = trace_text_time(&time);
	else
		trace_text_fail("no such key", at);
}

void trace_text_process_begin(struct trace_text *text, const char *at)
{
	struct trace_text_process *process = must_realloc(NULL, sizeof(*process));
	struct trace_header *header = &process->header;
	uint64_t began = TRACE_TEXT_BEGAN, made = 0;

	if (text->processes == TRACE_TEXT_MOST)
		trace_text_fail("too many processes", at);
	memset(process, 0, sizeof(*process));
	fill_header(header, text->processes);
	for (; *(at += strspn(at, " \t")); at += strcspn(at, " \t"))
		read_key(header, at, &began, &made);
	header->random = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)header->pid;
	header->process_started = began;
	header->started = began + made;
	header->started_wall = TRACE_TEXT_WALL + header->started;
	text->process[text->processes++] = text->now = process;
	trace_text_thread_begin(text, (uint32_t)header->pid, began);
}

void trace_text_process_free(struct trace_text_process *process)
{
	for (size_t t = 0; t < process->threads; t++)
		free(process->thread[t].event);
	free(process);
}
