/* Reads a text line by line, has the reader of the tools read what becomes of it, and completes the
 * run as `sockfix record` would. */
#include "trace_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/helper/must.h"
#include "trace_text_connection.h"
#include "trace_text_event.h"
#include "trace_text_image.h"
#include "trace_text_process.h"
#include "trace_text_run.h"
#include "trace_text_value.h"

static void read_events(struct trace_text *text, const char *line)
{
	char *events;

	text->flow = (uint32_t)strtoul(line, &events, 10);
	if (events == line || *events != ':')
		trace_text_fail("no such line", line);
	if (*trace_text_events(text, events + 1))
		trace_text_fail("a '}' too many", line);
}

/* What begins with the name of a role; false: it does not. */
static bool read_connection(struct trace_text *text, const char *line)
{
	static const struct {
		const char *name;
		uint8_t role;
	} role[] = {{"client ", ROLE_OF_CLIENT}, {"server ", ROLE_OF_SERVER},
		{"listener ", ROLE_OF_LISTENER}, {"unknown ", ROLE_OF_UNKNOWN}};

	for (size_t i = 0; i < TRACE_TEXT_COUNT(role); i++)
		if (strncmp(line, role[i].name, strlen(role[i].name)) == 0) {
			trace_text_connection(text, role[i].role, line + strlen(role[i].name));
			return true;
		}
	return false;
}

static void read_line(struct trace_text *text, char *line)
{
	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	if (!*line || read_connection(text, line))
		return;
	if (strncmp(line, "run ", 4) == 0)
		trace_text_run(text, line + 4);
	else if (strncmp(line, "process", 7) == 0)
		trace_text_process_begin(text, line + 7);
	else if (strncmp(line, "thread ", 7) == 0)
		trace_text_thread_begin(
			text, (uint32_t)strtoul(line + 7, NULL, 10), text->thread->clock);
	else
		read_events(text, line);
}

static void read_lines(struct trace_text *text, const char *lines)
{
	memset(text, 0, sizeof(*text));
	text->run = must_realloc(NULL, sizeof(*text->run));
	memset(text->run, 0, sizeof(*text->run));
	text->run->before = text->run->after = (struct run_host){-1, -1, -1, -1};
	text->run->status = -1;
	text->dice = 1;
	trace_text_process_begin(text, "");
	while (*lines) {
		const size_t length = strcspn(lines, "\n");
		char *line = must_print("%.*s", (int)length, lines);
		read_line(text, line);
		free(line);
		lines += length + (lines[length] == '\n');
	}
}

unsigned char *trace_text_file(const char *lines, size_t *length)
{
	struct trace_text text;

	read_lines(&text, lines);
	struct trace_text_image image = trace_text_image(text.process[0]);
	for (size_t p = 0; p < text.processes; p++)
		trace_text_process_free(text.process[p]);
	run_free(text.run);
	*length = image.length;
	return image.bytes;
}

static bool is_empty(const struct trace_text_process *process)
{
	return !process->connections && process->threads == 1 && !process->thread[0].events;
}

/* The next process of the run, as the tools read its file. */
static void read_process(struct run *run, struct trace_text_process *written)
{
	struct trace_text_image image = trace_text_image(written);
	struct run_process *process = &run->process[run->processes++];
	const char *why = "";

	if (process_read(process, image.bytes, image.length, &why) != 0)
		trace_text_fail("not read", why);
	process->file = must_print("1.trace");
	free(image.bytes);
}

/* What is not said of the run, and is no process's. */
static void finish_run(struct run *run, uint64_t wall)
{
	run->directory = must_print("/tmp/run");
	run->name = must_print("7f3a");
	run->command = run->command ? run->command : must_print("prog x");
	run->rules = run->rules ? run->rules : must_print("%s", "");
	run->began = TRACE_TEXT_BEGAN;
	run->ended = wall ? TRACE_TEXT_BEGAN + wall : 0;
	for (size_t p = 0; !wall && p < run->processes; p++)
		if (run->process[p].ended > run->ended)
			run->ended = run->process[p].ended;
	run->started_wall = TRACE_TEXT_WALL + run->began;
	run->ended_wall = run->living ? 0 : TRACE_TEXT_WALL + run->ended;
	run->processes_seen = run->processes;
}

struct run *trace_text(const char *lines)
{
	struct trace_text text;

	read_lines(&text, lines);
	text.run->process = must_realloc(NULL, text.processes * sizeof(*text.run->process));
	for (size_t p = 0; p < text.processes; p++) {
		if (p > 0 || text.processes == 1 || !is_empty(text.process[p]))
			read_process(text.run, text.process[p]);
		trace_text_process_free(text.process[p]);
	}
	finish_run(text.run, text.wall);
	return text.run;
}
