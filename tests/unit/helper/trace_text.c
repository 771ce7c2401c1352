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

static void read_line(struct trace_text *text, char *line)
{
	static const struct {
		const char *name;
		uint8_t role;
	} role[] = {{"client ", ROLE_OF_CLIENT}, {"server ", ROLE_OF_SERVER},
		{"listener ", ROLE_OF_LISTENER}, {"unknown ", ROLE_OF_UNKNOWN}};

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	if (!*line)
		return;
	for (size_t i = 0; i < TRACE_TEXT_COUNT(role); i++)
		if (strncmp(line, role[i].name, strlen(role[i].name)) == 0) {
			trace_text_connection(text, role[i].role, line + strlen(role[i].name));
			return;
		}
	if (strncmp(line, "run ", 4) == 0) {
		trace_text_run(text, line + 4);
	} else if (strncmp(line, "process", 7) == 0) {
		trace_text_process_begin(text, line + 7);
	} else if (strncmp(line, "thread ", 7) == 0) {
		trace_text_thread_begin(
			text, (uint32_t)strtoul(line + 7, NULL, 10), text->thread->clock);
	} else {
		char *events;
		text->flow = (uint32_t)strtoul(line, &events, 10);
		if (events == line || *events != ':')
			trace_text_fail("no such line", line);
		if (*trace_text_events(text, events + 1))
			trace_text_fail("a '}' too many", line);
	}
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

struct run *trace_text(const char *lines)
{
	struct trace_text text;
	uint64_t ended = 0;

	read_lines(&text, lines);
	struct run *run = text.run;
	run->process = must_realloc(NULL, text.processes * sizeof(*run->process));
	for (size_t p = 0; p < text.processes; p++) {
		struct trace_text_image image = trace_text_image(text.process[p]);
		struct run_process *process = &run->process[run->processes];
		const char *why = "";
		const bool empty = !text.process[p]->connections && text.process[p]->threads == 1 &&
				   !text.process[p]->thread[0].events;
		trace_text_process_free(text.process[p]);
		if (p == 0 && empty && text.processes > 1) {
			free(image.bytes);
			continue;
		}
		if (process_read(process, image.bytes, image.length, &why) != 0)
			trace_text_fail("not read", why);
		process->file = must_print("1.trace");
		free(image.bytes);
		run->processes++;
		if (process->ended > ended)
			ended = process->ended;
	}
	run->directory = must_print("/tmp/run");
	run->name = must_print("7f3a");
	run->command = run->command ? run->command : must_print("prog x");
	run->rules = run->rules ? run->rules : must_print("%s", "");
	run->began = TRACE_TEXT_BEGAN;
	run->ended = text.wall ? TRACE_TEXT_BEGAN + text.wall : ended;
	run->started_wall = UINT64_C(1760000000000000000) + run->began;
	run->ended_wall = run->living ? 0 : UINT64_C(1760000000000000000) + run->ended;
	run->processes_seen = run->processes;
	return run;
}
