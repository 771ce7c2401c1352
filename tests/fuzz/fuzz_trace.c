/* The reader, the fold, the finders and every screen against any bytes: a libFuzzer target.
 * Besides the sanitizers it checks what run.h and fold.h promise, and that no
 * number makes a screen longer than what was recorded can fill. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/show/both.h"
#include "tools/show/report.h"
#include "tools/show/difference.h"
#include "tools/read/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);

#define PROMISE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static bool is_there(const struct run_process *process, uint32_t number)
{
	return number <= process->connections && process->connection[number - 1].number == number;
}

static void check_event(const struct run_process *process, const struct trace_event *event)
{
	PROMISE(call_class(event->call) >= 0);
	if (event->call == TRACE_NAME)
		return;
	if (event->call == TRACE_COVERS) {
		for (size_t i = 0; i < 6 && event->covered[i]; i++)
			PROMISE(is_there(process, event->covered[i]));
		return;
	}
	PROMISE(event->start && event_end(event) >= event->start);
	PROMISE(!event->flow || is_there(process, event->flow));
}

static void check_flow(const struct fold *fold, const struct flow_fold *flow)
{
	size_t step = 0;

	PROMISE(flow->endpoint < fold->endpoints);
	for (size_t t = 0; t < flow->turns; t++) {
		const struct turn *turn = turn_at(flow, t);
		PROMISE(turn->number == t);
		PROMISE(turn->first == step && turn->steps > 0);
		PROMISE(turn->signature < fold->signatures);
		PROMISE(turn->blocked <= turn->wait);
		step += turn->steps;
	}
	PROMISE(step == flow->steps);
}

static void check_fold(const struct fold *fold)
{
	const struct split *split = &fold->split;

	PROMISE(split->program + split->thinking + split->stalled + split->other + split->unseen ==
		split->wall);
	PROMISE(split->names <= split->other);
	for (size_t f = 0; f < fold->flows; f++)
		check_flow(fold, &fold->flow[f]);
	for (size_t s = 0; s < fold->signatures; s++) {
		const struct signature *signature = &fold->signature[s];
		PROMISE(signature->text && signature->alone && signature->count);
		PROMISE(signature->part_of == UINT32_MAX || signature->part_of < fold->signatures);
	}
	PROMISE(fold->coverage <= 1);
	PROMISE(fold->bytes_seen <= fold->bytes_kernel);
}

/* ---- what is shown ---- */

/* Of a file of that length: each connection and each turn may be a line or a few, the rest is the
 * screen itself. */
#define SHOWN_MOST(length) (64u * 1024 + 64 * (length))

struct sink {
	size_t left;
};

static ssize_t sink_write(void *cookie, const char *bytes, size_t length)
{
	struct sink *sink = cookie;

	(void)bytes;
	PROMISE(length <= sink->left);
	sink->left -= length;
	return (ssize_t)length;
}

static FILE *sink_open(struct sink *sink, size_t length)
{
	FILE *out;

	sink->left = SHOWN_MOST(length);
	out = fopencookie(sink, "w", (cookie_io_functions_t){.write = sink_write});
	PROMISE(out);
	return out;
}

static void show_arms(FILE *out, const struct report *report)
{
	struct arms arms;

	arms_compare(report->fold, &arms);
	arms_print(out, report, &arms);
}

static void show_suggestion(FILE *out, const struct report *report)
{
	suggest_print(out, report);
}

static void show_difference(FILE *out, const struct report *report)
{
	difference_print(out, report, report);
}

static void show_json(FILE *out, const struct report *report)
{
	PROMISE(json_print(out, report));
}

static void show_views(FILE *out, const struct report *report)
{
	calls_print(out, report);
	timeline_print(out, report);
}

static void show_json_views(FILE *out, const struct report *report)
{
	struct report with_views = *report;

	with_views.calls = with_views.timeline = true;
	show_json(out, &with_views);
}

static void show_findings(FILE *out, const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		finding_print(out, report, &report->findings->finding[i]);
}

static void show(struct fold *fold, size_t length, uint64_t lot)
{
	static void (*const way[])(FILE *, const struct report *) = {screen_print, show_findings,
		show_suggestion, show_json, show_arms, show_difference, show_views,
		show_json_views};
	struct findings *findings = find_all(fold);
	struct report report = {.run = fold->run,
		.fold = fold,
		.findings = findings,
		.verdict = verdict_take(fold, findings),
		.directory = "",
		.verb = "report"};

	/* The screen always, and one of the others by lot: all of them take long. */
	for (size_t i = 0; i < 2; i++) {
		struct sink sink;
		FILE *out = sink_open(&sink, length);

		report.all = lot & 1;
		way[i ? 1 + (lot >> 1) % (sizeof(way) / sizeof(*way) - 1) : 0](out, &report);
		fclose(out);
	}
	findings_free(findings);
}

/* ---- both ends ---- */

/* Every other connection becomes the far end of the one before it. */
static void make_pairs(struct run_process *process)
{
	for (size_t c = 1; c < process->connections; c += 2) {
		struct trace_connection *near = &process->connection[c - 1];
		struct trace_connection *far = &process->connection[c];

		memcpy(far->peer, near->local, sizeof(far->peer));
		memcpy(far->local, near->peer, sizeof(far->local));
		far->peer_port = near->local_port;
		far->local_port = near->peer_port;
	}
}

static void check_sum(const struct both_sum *sum)
{
	uint64_t parts = 0;

	for (int part = 0; part < BOTH_PARTS; part++)
		parts += sum->part[part];
	PROMISE(parts == sum->took);
	PROMISE(sum->not_split <= sum->turns);
}

/* The process as both ends of its own connections. */
static void show_both(struct run *run, struct fold *fold, size_t length)
{
	struct findings *findings = find_all(fold);
	const struct report alone = {.run = run,
		.fold = fold,
		.findings = findings,
		.verdict = verdict_take(fold, findings),
		.directory = "",
		.verb = "report"};
	struct both *both = both_take(run, run);
	const struct both_report report = {both, {&alone, &alone}, true};
	struct sink sink;
	FILE *out = sink_open(&sink, 4 * length);

	for (size_t p = 0; p < both->pairs; p++)
		check_sum(&both->pair[p].sum);
	check_sum(&both->sum);
	if (both->pairs) {
		both_print(out, &report);
		PROMISE(both_print_json(out, &report));
	}
	fclose(out);
	both_free(both);
	findings_free(findings);
}

/* What run.json and the budget say, as far as their readers let it through: numbers near a bound,
 * drawn by the trace's own. */
static void draw_run(struct run *run, const struct run_process *process)
{
	static const int64_t edge[] = {-1, 0, 1, 11, 255, INT32_MAX, INT64_C(1) << 39, INT64_MAX};
	const uint64_t lot = process->header.random;
	int64_t *const number[] = {&run->before.listen_overflows, &run->before.listen_drops,
		&run->before.syn_retrans, &run->before.retrans, &run->after.listen_overflows,
		&run->after.listen_drops, &run->after.syn_retrans, &run->after.retrans};

	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		*number[i] = edge[lot >> (3 * i) & 7];
	run->status = (int)(lot >> 24 & 0xffff);
	run->unseen = lot >> 40 & 63;
	run->living = lot >> 46 & 3;
	run->refused = (uint64_t)edge[lot >> 48 & 3] + 1;
	run->missing = (uint64_t)edge[lot >> 50 & 3] + 1;
	run->confined = lot >> 52 & 1;
	run->processes_seen = 1;
	if (lot >> 53 & 1)
		run->began = run->began ? 1 : 0;
	if (lot >> 54 & 1)
		run->ended += UINT64_C(1) << 57;
	run->started_wall = lot >> 55 & 1 ? UINT64_C(1) << 61 : 0;
}

static void check_thread(const struct run_process *process, const struct run_thread *thread)
{
	struct events events;

	events_begin(&events, process, thread);
	while (events_next(&events)) {
		check_event(process, &events.event);
		for (size_t i = 0; i < events.notes; i++)
			check_event(process, &events.note[i]);
	}
	events_end(&events);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct run_process process;
	const char *why = NULL;

	if (process_read(&process, bytes, length, &why) != 0) {
		PROMISE(why && *why && !strpbrk(why, "\n\033"));
		return 0;
	}
	for (size_t t = 0; t < process.threads; t++)
		check_thread(&process, &process.thread[t]);
	struct run run = {
		.process = &process,
		.processes = 1,
		.began = process.began,
		.ended = process.ended,
		.command = process.command,
		.rules = process.header.rules,
		.name = "fuzz",
		.directory = "",
	};
	draw_run(&run, &process);
	struct fold *fold = fold_run(&run);
	check_fold(fold);
	show(fold, length, process.header.random >> 56);
	fold_free(fold);
	if (process.header.random >> 55 & 1) {
		make_pairs(&process);
		fold = fold_run(&run);
		show_both(&run, fold, length);
		fold_free(fold);
	}
	process_free(&process);
	return 0;
}

static void put(uint8_t *bytes, size_t at, size_t size, uint64_t value)
{
	memcpy(bytes + at, &value, size);
}

static uint32_t roll(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Some field of that size, wherever it is. */
static size_t in_record(size_t length, size_t size, unsigned *seed)
{
	const size_t record = roll(seed) % ((length - TRACE_BLOCK) / 32);

	return TRACE_BLOCK + record * 32 + roll(seed) % (32 / size) * size;
}

static size_t in_connection(const uint8_t *bytes, size_t length, size_t size, unsigned *seed)
{
	const size_t blocks = length / TRACE_BLOCK, first = roll(seed) % blocks;

	for (size_t i = 0; i < blocks; i++) {
		const size_t at = (first + i) % blocks * TRACE_BLOCK;

		if (at && bytes[at] == BLOCK_CONNECTIONS)
			return at + sizeof(struct trace_block) + roll(seed) % 3 * TRACE_CONNECTION +
			       roll(seed) % (TRACE_CONNECTION / size) * size;
	}
	return in_record(length, size, seed);
}

/* Half the time whatever libFuzzer does; half the time one field of one record, of a connection as
 * often as of an event, with a number that is near a bound, so that most inputs get past the
 * header. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned seed)
{
	static const uint64_t edge[] = {0, 1, 2, 3, 7, 11, 255, 4096, UINT32_MAX, INT64_MAX,
		UINT64_C(1) << 63, UINT64_MAX, UINT64_C(1) << 58, UINT64_C(1000000000000),
		UINT64_MAX / 1000, UINT64_C(1) << 47};
	static const size_t width[] = {1, 2, 4, 8};

	if (length < 2 * TRACE_BLOCK || roll(&seed) % 2 == 0)
		return LLVMFuzzerMutate(bytes, length, most);
	for (unsigned times = 1 + roll(&seed) % 4; times--;) {
		const size_t size = width[roll(&seed) % 4];
		const size_t at = roll(&seed) % 2 ? in_connection(bytes, length, size, &seed)
						  : in_record(length, size, &seed);
		put(bytes, at, size, roll(&seed) % 3 ? edge[roll(&seed) % 16] : roll(&seed) % 50);
	}
	return length;
}
