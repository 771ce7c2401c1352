/* The run as a trace for Perfetto: the head, who is who, and the findings; slices are
 * perfetto_calls.c's and perfetto_turns.c's. What is left out where there are too many slices are
 * the shortest, and the trace says so: in its head, and as an event at its beginning that nobody
 * overlooks. */
#include "tools/show/perfetto.h"

#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/base/units.h"

static void print_processes(struct trace *trace)
{
	const struct run *run = trace->report->run;

	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		trace_name(trace, "process_name", trace_pid(run, process), 0, process->command);
	}
}

/* ---- what is not a slice ---- */

/* scope: 'g' of the whole trace, 'p' of the process. */
static void begin_instant(struct trace *trace, uint32_t pid, uint64_t at, char scope)
{
	const uint64_t began = trace->report->run->began;

	trace_next(trace);
	fprintf(trace->out, "{\"ph\":\"i\",\"s\":\"%c\",\"ts\":", scope);
	trace_us(trace->out, since(began, at));
	fprintf(trace->out, ",\"pid\":%u,\"tid\":%u,\"cat\":\"sockfix\",\"name\":", pid,
		TRACK_FINDINGS);
}

static uint32_t first_pid(const struct run *run)
{
	return run->processes ? trace_pid(run, run->process) : 0;
}

static char *left_out(const struct trace *trace)
{
	const uint64_t least = trace->shortest ? UINT64_C(1) << (trace->shortest - 1) : 0;
	char a[UNITS], b[UNITS], c[UNITS], every[80] = "";

	if (trace->every > 1)
		snprintf(every, sizeof(every), ", and of those up to %s all but one of %llu",
			units_time(c, least * 2), (unsigned long long)trace->every);
	return memory_print("%s of %s slices are left out: those shorter than %s%s "
			    "(sockfix report --limit)",
		units_count(a, trace->all - trace->kept), units_count(b, trace->all),
		units_time(c, least), every);
}

static void print_left_out(struct trace *trace)
{
	const struct run *run = trace->report->run;
	char *text = left_out(trace);

	if (trace->kept < trace->all) {
		begin_instant(trace, first_pid(run), run->began, 'g');
		trace_string(trace->out, text);
		fputc('}', trace->out);
	}
	free(text);
}

static void print_full(struct trace *trace)
{
	const struct run *run = trace->report->run;

	for (size_t p = 0; p < run->processes; p++) {
		const struct run_process *process = &run->process[p];
		if (!process->header.full)
			continue;
		begin_instant(trace, trace_pid(run, process), process_recorded(process), 'p');
		fputs("\"the recording was FULL: no calls from here on\"}", trace->out);
	}
}

static uint64_t time_of(const struct report *report, const struct finding *finding)
{
	return finding->flow && finding->turn.begin ? finding->turn.begin : report->run->began;
}

static void print_finding(struct trace *trace, const struct finding *finding)
{
	const struct report *report = trace->report;
	const uint32_t pid = finding->flow ? trace_pid(report->run, finding->flow->process)
					   : first_pid(report->run);
	char *name = memory_print("%s %s", finding->code->name, finding->code->title);

	begin_instant(trace, pid, time_of(report, finding), 'p');
	trace_string(trace->out, name);
	fputs(",\"args\":{\"what\":", trace->out);
	trace_string(trace->out, finding->what);
	fputs(",\"peer\":", trace->out);
	trace_string(trace->out, finding_peer(report, finding));
	fprintf(trace->out,
		",\"sure\":\"%s\",\"fix\":\"%s\",\"lost_low_ns\":%llu,"
		"\"lost_high_ns\":%llu,\"hits\":%llu,\"of\":%llu}}",
		sure_name(finding->sure), fix_name(finding->fix),
		(unsigned long long)finding->lost_low, (unsigned long long)finding->lost_high,
		(unsigned long long)finding->hits, (unsigned long long)finding->of);
	free(name);
}

/* As the screen: what is minor with --all. */
static void print_findings(struct trace *trace)
{
	const struct report *report = trace->report;

	for (size_t i = 0; i < report->findings->count; i++)
		if (report->all || !report->findings->finding[i].minor)
			print_finding(trace, &report->findings->finding[i]);
}

static void name_findings(struct trace *trace)
{
	const struct run *run = trace->report->run;

	for (size_t p = 0; p < run->processes; p++)
		trace_name(trace, "thread_name", trace_pid(run, &run->process[p]), TRACK_FINDINGS,
			"sockfix findings");
}

/* ---- how many ---- */

/* The longest ones that there is room for; of those of the last length one of so many. */
static void choose(struct trace *trace)
{
	uint64_t room = trace->limit;
	unsigned bucket = BUCKETS - 1;

	for (; bucket && trace->length[bucket] <= room; bucket--)
		room -= trace->length[bucket];
	trace->shortest = bucket;
	trace->every = 1;
	if (trace->length[bucket] > room && room) {
		trace->every = (trace->length[bucket] + room - 1) / room;
	} else if (trace->length[bucket] > room) {
		trace->shortest++;
	}
	trace->kept = trace->limit - room;
	if (trace->shortest == bucket)
		trace->kept += (trace->length[bucket] + trace->every - 1) / trace->every;
}

static void print_head(struct trace *trace)
{
	const struct run *run = trace->report->run;
	FILE *out = trace->out;
	char *text = left_out(trace);

	fputs("{\"displayTimeUnit\":\"ms\",\n\"otherData\":{\"format\":\"sockfix-perfetto\","
	      "\"version\":\"1\",\"sockfix\":\"" SOCKFIX_VERSION "\",\"run\":",
		out);
	trace_string(out, run->name);
	fputs(",\"command\":", out);
	trace_string(out, run->command);
	fputs(",\"verdict\":", out);
	trace_string(out, verdict_name(trace->report->verdict.word));
	fprintf(out,
		",\"started_ns\":\"%llu\",\"slices\":\"%llu\",\"slices_of\":\"%llu\","
		"\"left_out\":",
		(unsigned long long)run->started_wall, (unsigned long long)trace->kept,
		(unsigned long long)trace->all);
	trace_string(out, trace->kept < trace->all ? text : "nothing");
	fputs("},\n\"traceEvents\":[", out);
	free(text);
}

bool perfetto_print(FILE *out, const struct report *report)
{
	struct trace trace = {.out = out,
		.report = report,
		.counts = true,
		.limit = report->limit ? report->limit : PERFETTO_SLICES};

	trace_threads(&trace);
	trace_connections(&trace);
	choose(&trace);
	trace.counts = false;
	print_head(&trace);
	print_processes(&trace);
	name_findings(&trace);
	print_left_out(&trace);
	print_full(&trace);
	print_findings(&trace);
	trace_threads(&trace);
	trace_connections(&trace);
	fputs("\n]}\n", out);
	return !ferror(out);
}
