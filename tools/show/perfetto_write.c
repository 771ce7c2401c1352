/* Lines of a trace for Perfetto, the numbers of its tracks, and which slices there is room for. */
#include "tools/show/perfetto.h"

#include <stdlib.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"

void trace_string(FILE *out, const char *text)
{
	char *harmless = memory_print("%s", text ? text : "");

	text_harmless(harmless);
	fputc('"', out);
	for (const char *at = harmless; *at; at++) {
		if (*at == '"' || *at == '\\')
			fputc('\\', out);
		fputc(*at, out);
	}
	fputc('"', out);
	free(harmless);
}

void trace_us(FILE *out, uint64_t ns)
{
	fprintf(out, "%llu.%03u", (unsigned long long)(ns / 1000), (unsigned)(ns % 1000));
}

void trace_next(struct trace *trace)
{
	fputs(trace->follows ? ",\n" : "\n", trace->out);
	trace->follows = true;
}

void trace_name(struct trace *trace, const char *what, uint32_t pid, uint32_t tid, const char *name)
{
	trace_next(trace);
	fprintf(trace->out,
		"{\"ph\":\"M\",\"ts\":0,\"pid\":%u,\"tid\":%u,\"name\":\"%s\","
		"\"args\":{\"name\":",
		pid, tid, what);
	trace_string(trace->out, name);
	fputs("}}", trace->out);
}

/* ---- who is who ---- */

uint32_t trace_pid(const struct run *run, const struct run_process *process)
{
	const size_t place = (size_t)(process - run->process);

	for (size_t p = 0; p < place; p++)
		if (run->process[p].header.pid == process->header.pid)
			return TRACK_AGAIN + (uint32_t)place;
	return (uint32_t)process->header.pid;
}

uint32_t trace_tid(const struct run_process *process, const struct run_thread *thread)
{
	const size_t place = (size_t)(thread - process->thread);

	for (size_t t = 0; t < place; t++)
		if (process->thread[t].tid == thread->tid)
			return TRACK_AGAIN + (uint32_t)place;
	return thread->tid;
}

static unsigned bucket_of(uint64_t ns)
{
	return ns ? 64 - (unsigned)__builtin_clzll(ns) : 0;
}

bool trace_takes(struct trace *trace, uint64_t ns)
{
	const unsigned bucket = bucket_of(ns);

	if (trace->counts) {
		trace->length[bucket]++;
		trace->all++;
		return false;
	}
	if (bucket == trace->shortest)
		return trace->nth++ % trace->every == 0;
	return bucket > trace->shortest;
}

/* Within those that go on; one that would outlast them ends with them. */
static uint64_t fit(struct track *track, uint64_t begin, uint64_t end)
{
	while (track->open && track->end[track->open - 1] <= begin)
		track->open--;
	if (track->open && track->end[track->open - 1] < end)
		end = track->end[track->open - 1];
	if (track->open < DEPTH)
		track->end[track->open++] = end;
	return end;
}

static void put_arguments(FILE *out, const struct slice_text *text)
{
	if (!text->key && !text->bytes)
		return;
	fputs(",\"args\":{", out);
	if (text->bytes)
		fprintf(out, "\"bytes\":%u%s", text->bytes, text->key ? "," : "");
	if (text->key) {
		fprintf(out, "\"%s\":", text->key);
		trace_string(out, text->value);
	}
	fputc('}', out);
}

void trace_slice(struct trace *trace, struct track *track, uint64_t begin, uint64_t end,
	const struct slice_text *text)
{
	const uint64_t began = trace->report->run->began;
	FILE *out = trace->out;

	if (track->name)
		trace_name(trace, "thread_name", track->pid, track->tid, track->name);
	track->name = NULL;
	begin = begin > track->latest ? begin : track->latest;
	begin = begin > began ? begin : began;
	end = fit(track, begin, end > begin ? end : begin);
	track->latest = begin;
	trace_next(trace);
	fputs("{\"ph\":\"X\",\"ts\":", out);
	trace_us(out, begin - began);
	fputs(",\"dur\":", out);
	trace_us(out, end - begin);
	fprintf(out, ",\"pid\":%u,\"tid\":%u,\"cat\":\"%s\",\"name\":", track->pid, track->tid,
		text->category);
	trace_string(out, text->name);
	put_arguments(out, text);
	fputc('}', out);
}
