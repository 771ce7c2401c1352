/* Recording: what is in the files, and that nothing that can go wrong with them reaches the
 * program. Each story runs bare and recorded; outputs, errors and the way it ended must be the
 * same. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/run.h"
#include "tests/helper/trace.h"

#define MANY_BYTES (1 << 30)

/* One story. What it leaves: the traces that were found. */
struct story {
	const char *verb;
	const char *number[3];
	const char *flags;     /* behind the directory in SOCKFIX_TRACE */
	const char *directory; /* of the traces */
	const char *rules;     /* NULL: none */
	struct trace trace[TRACES];
	size_t traces;
	struct outcome outcome;
};

static void launch_of(
	const struct story *story, enum mode mode, struct launch *launch, char **setting)
{
	*launch = (struct launch){.program = "recorded", .mode = mode, .port = 1, .rules = ""};
	if (story->rules)
		launch->rules = story->rules;
	launch->argument[0] = story->verb;
	for (int i = 0; i < 3; i++)
		launch->argument[1 + i] = story->number[i];
	*setting = must_print(
		"SOCKFIX_TRACE=%s%s", story->directory, story->flags ? story->flags : "");
	launch->variable[0] = *setting;
}

static void play(struct story *story)
{
	struct launch launch;
	struct outcome bare;
	char *setting;

	launch_of(story, MODE_BARE, &launch, &setting);
	run_whole(&launch, &bare);
	free(setting);
	launch_of(story, MODE_AUTO, &launch, &setting);
	run_whole(&launch, &story->outcome);
	free(setting);
	assert_int_equal(bare.status, 0);
	assert_same_outcome(story->verb, &bare, &story->outcome);
	outcome_free(&bare);
	story->traces = traces_read(story->directory, story->trace);
}

static void story_end(struct story *story)
{
	outcome_free(&story->outcome);
	traces_free(story->trace, story->traces);
}

/* The first line of every test: what follows is about recorded runs. */
#define NEEDS_LIBRARY                                                                              \
	do                                                                                         \
		if (!library_loads())                                                              \
			return;                                                                    \
	while (0)

/* Until the next call; its members are then read as atomics, which not all compilers do of a copy.
 */
static const struct trace_budget *budget_of(const char *directory)
{
	static struct trace_budget budget;

	budget = traces_budget(directory);
	return &budget;
}

static void no_file_without_tcp(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "idle", .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 0);
	assert_int_equal(budget_of(directory)->processes, 1);
	assert_int_equal(budget_of(directory)->left, MANY_BYTES);
	story_end(&story);
	traces_remove(directory);
}

/* Sums over all connections that are neither listener nor lost. */
static void assert_sums(const struct trace *trace, uint32_t connections, uint64_t calls)
{
	uint64_t writes = 0, reads = 0, bytes = 0;
	uint32_t seen = 0;

	for (uint32_t i = 1; i <= connections; i++) {
		const struct trace_connection *one = trace_connection(trace, i);

		assert_non_null(one);
		if (one->role == ROLE_OF_LISTENER)
			continue;
		seen++;
		writes += one->writes;
		reads += one->reads;
		bytes += one->bytes_read;
		assert_true(one->opened && one->connected && one->closed >= one->connected);
		assert_true(one->at_connect.taken && one->at_close.taken);
		/* The kernel counts the other end's FIN, too (RFC 9293, 3.4). */
		assert_int_equal(one->at_close.bytes_received,
			one->bytes_read + (one->role == ROLE_OF_SERVER));
		assert_int_equal(
			one->port, one->role == ROLE_OF_CLIENT ? one->peer_port : one->local_port);
	}
	assert_int_equal(seen, connections - 1);
	assert_int_equal(writes, calls);
	assert_int_equal(reads, calls);
	assert_int_equal(bytes, calls);
}

static void counts_are_exact(const char *threads, const char *flags, const char *rules)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "several",
		.number = {threads, "64", "500"},
		.flags = flags,
		.rules = rules,
		.directory = directory};
	const struct trace *trace = story.trace;

	play(&story);
	assert_int_equal(story.traces, 1);
	assert_int_equal(trace->header->end, END_EXIT);
	assert_int_equal(trace->header->full, 0);
	assert_true(trace->header->ended > trace->header->started);
	assert_int_equal(trace_threads(trace), atoi(threads) + 1);
	assert_int_equal(trace_lost(trace), 0);
	assert_sums(trace, 129, 64 * 500);
	assert_int_equal(trace_counts(trace, TRACE_RECV), 64 * 500);
	assert_int_equal(
		trace_counts(trace, TRACE_WRITE) + trace_counts(trace, TRACE_SENDMSG), 64 * 500);
	assert_int_equal(trace_counts(trace, TRACE_CONNECT), 64);
	assert_int_equal(trace_counts(trace, TRACE_ACCEPT), 64);
	assert_int_equal(trace_counts(trace, TRACE_CLOSE), 128);
	for (int call = 1; call < TRACE_CALL_COUNT; call++)
		assert_int_equal(
			trace_events(trace, call, 0), flags ? 0 : trace_counts(trace, call));
	story_end(&story);
	traces_remove(directory);
}

static void counts_of_one_thread(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	counts_are_exact("1", NULL, NULL);
}

static void counts_of_16_threads(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	counts_are_exact("16", NULL, NULL);
}

static void counts_without_events(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	counts_are_exact("16", ":counters", NULL);
}

static void counts_with_rules(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	counts_are_exact("16", NULL, "1:default");
}

/* ---- times ---- */

#define CLOCKED 20000
#define NEARLY	2000u /* ns: what the TSC and the kernel's clock may differ by */

static bool kernel_reads_tsc(void)
{
	const char *const path = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
	FILE *file = fopen(path, "re");
	char name[8] = "";
	bool answer = file && fgets(name, sizeof(name), file) && strcmp(name, "tsc\n") == 0;

	if (file)
		fclose(file);
	return answer;
}

static void assert_between(const struct trace_event *event, uint64_t before, uint64_t after)
{
	uint64_t end = event->start + event->duration;

	assert_int_equal(event->duration_high, 0);
	if (event->start + NEARLY < before || end > after + NEARLY)
		fail_msg("a call from %llu to %llu was recorded as from %llu to %llu",
			(unsigned long long)before, (unsigned long long)after,
			(unsigned long long)event->start, (unsigned long long)end);
}

static void assert_times(const struct trace *trace, const char *path)
{
	static uint64_t time[3 * CLOCKED];
	static const struct trace_event *writes[CLOCKED + 1], *reads[CLOCKED + 1];
	FILE *file = fopen(path, "re");

	MUST(file && fread(time, sizeof(time), 1, file) == 1);
	fclose(file);
	assert_int_equal(trace_events_take(trace, TRACE_WRITE, writes, CLOCKED + 1), CLOCKED);
	assert_int_equal(trace_events_take(trace, TRACE_RECV, reads, CLOCKED + 1), CLOCKED);
	for (int i = 0; i < CLOCKED; i++) {
		assert_between(writes[i], time[3 * i], time[3 * i + 1]);
		assert_between(reads[i], time[3 * i + 1], time[3 * i + 2]);
		assert_true(reads[i]->start >= writes[i]->start + writes[i]->duration);
	}
}

static void times_are_the_programs(bool ticks)
{
	char *directory = traces_new("/tmp", MANY_BYTES), *path = must_print("%s/times", directory);
	char *times = must_print("%d", CLOCKED);
	struct story story = {.verb = "clocked", .number = {times, path}, .directory = directory};

	if (ticks)
		traces_use_ticks(directory);
	play(&story);
	assert_int_equal(story.traces, 1);
	assert_times(story.trace, path);
	story_end(&story);
	traces_remove(directory);
	free(path);
	free(times);
}

static void times_by_the_kernel(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	times_are_the_programs(false);
}

static void times_by_the_tsc(void **state)
{
	(void)state;
	NEEDS_LIBRARY;
	if (!kernel_reads_tsc())
		print_message("    this kernel's clock is not the TSC: by the kernel once more\n");
	times_are_the_programs(kernel_reads_tsc());
}

static void forked_children_have_files(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "forks", .number = {"20"}, .directory = directory};
	size_t children = 0;

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 21);
	for (size_t i = 0; i < story.traces; i++) {
		const struct trace *trace = &story.trace[i];

		assert_int_equal(trace->header->end, END_EXIT);
		assert_int_equal(trace_lost(trace), 0);
		if (!trace_of(story.trace, story.traces, trace->header->parent)) {
			assert_int_equal(trace_counts(trace, TRACE_WRITE), 6);
			continue;
		}
		children++;
		assert_int_equal(trace_counts(trace, TRACE_WRITE), 12);
		assert_int_equal(trace_events(trace, TRACE_WRITE, 1), 4);
		assert_int_equal(trace_connection(trace, 1)->writes, 4);
	}
	assert_int_equal(children, 20);
	assert_int_equal(budget_of(directory)->files, 21);
	story_end(&story);
	traces_remove(directory);
}

static void a_raw_fork_begins_anew(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "raw-fork", .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct trace *trace = &story.trace[i];
		bool child = trace_of(story.trace, 2, trace->header->parent);

		assert_int_equal(trace_counts(trace, TRACE_WRITE), child ? 5 : 6);
	}
	story_end(&story);
	traces_remove(directory);
}

static void what_is_started_has_files(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "starts", .directory = directory};
	size_t execs = 0;

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	/* Itself, two children, and itself again after the last exec. */
	assert_int_equal(story.traces, 4);
	for (size_t i = 0; i < 4; i++) {
		bool exec = story.trace[i].header->end == END_EXEC;

		execs += exec;
		assert_true(story.trace[i].header->ended);
		assert_int_equal(trace_counts(&story.trace[i], TRACE_WRITE), exec ? 6 : 5);
	}
	assert_int_equal(execs, 1);
	assert_int_equal(budget_of(directory)->processes, 4);
	story_end(&story);
	traces_remove(directory);
}

static void a_killed_process_leaves_its_file(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES), *setting;
	struct story story = {.verb = "waits", .number = {"300"}, .directory = directory};
	struct launch launch;
	struct run *run;

	(void)state;
	NEEDS_LIBRARY;
	launch_of(&story, MODE_AUTO, &launch, &setting);
	run = run_start(&launch);
	while (strcmp(run_mark(run), "middle") != 0)
		;
	/* It can be read while it grows. */
	story.traces = traces_read(directory, story.trace);
	assert_int_equal(story.traces, 1);
	assert_int_equal(trace_events(story.trace, TRACE_WRITE, 0), 300);
	kill(run_pid(run), SIGKILL);
	run_finish(run, &story.outcome);
	assert_int_equal(trace_counts(story.trace, TRACE_WRITE), 300);
	assert_int_equal(story.trace->header->end, END_NOT_SEEN);
	story_end(&story);
	free(setting);
	traces_remove(directory);
}

/* What is there is good, and the counts go on. */
static void assert_full(const struct story *story, uint64_t writes)
{
	assert_int_equal(story->traces, 1);
	assert_int_equal(story->trace->header->full, 1);
	assert_int_equal(trace_counts(story->trace, TRACE_WRITE), writes);
	assert_int_equal(trace_events(story->trace, TRACE_WRITE, 0) +
				 trace_events(story->trace, TRACE_RECV, 0) +
				 trace_lost(story->trace),
		2 * writes);
	assert_true(trace_lost(story->trace) > 0);
}

static void a_full_disk(void **state)
{
	char *directory;
	struct story story = {.verb = "long", .number = {"20000"}};

	(void)state;
	NEEDS_LIBRARY;
	MUST(mount("sockfix", "/mnt", "tmpfs", 0, "size=512k") == 0);
	directory = traces_new("/mnt", MANY_BYTES);
	story.directory = directory;
	play(&story);
	assert_full(&story, 20000);
	story_end(&story);
	traces_remove(directory);
	MUST(umount("/mnt") == 0);
}

static void a_used_up_budget(void **state)
{
	char *directory = traces_new("/tmp", 200000);
	struct story story = {.verb = "long", .number = {"20000"}, .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_full(&story, 20000);
	assert_int_equal(budget_of(directory)->left, 200000 - 131072);
	story_end(&story);
	traces_remove(directory);
}

static void a_limit_on_files(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {
		.verb = "long", .number = {"20000", "200000"}, .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_full(&story, 20000);
	assert_int_equal(story.trace->length, 131072);
	story_end(&story);
	traces_remove(directory);
}

/* The program runs as ever, and no file is made; says whether it was counted. */
static void assert_nothing_recorded(const char *directory, const char *verb, const char *times)
{
	struct story story = {.verb = verb, .number = {times}, .directory = directory};

	play(&story);
	assert_int_equal(story.traces, 0);
	story_end(&story);
}

static void no_budget_for_one_file(void **state)
{
	char *directory = traces_new("/tmp", 1000);

	(void)state;
	NEEDS_LIBRARY;
	assert_nothing_recorded(directory, "forks", "10");
	assert_int_equal(budget_of(directory)->refused, 11);
	assert_int_equal(budget_of(directory)->left, 1000);
	traces_remove(directory);
}

static void a_limit_below_one_file(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "long", .number = {"1000", "1000"}, .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 0);
	story_end(&story);
	traces_remove(directory);
}

static void a_directory_that_is_not_ours(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES), *link;

	(void)state;
	NEEDS_LIBRARY;
	assert_nothing_recorded("/tmp/there-is-no-such-directory", "long", "100");
	assert_nothing_recorded("relative", "long", "100");
	assert_nothing_recorded("", "long", "100");
	MUST(chmod(directory, 0777) == 0);
	assert_nothing_recorded(directory, "long", "100");
	MUST(chmod(directory, 0700) == 0 && chown(directory, 1, 1) == 0);
	assert_nothing_recorded(directory, "long", "100");
	MUST(chown(directory, getuid(), getgid()) == 0);
	link = must_print("%s-link", directory);
	MUST(symlink(directory, link) == 0);
	assert_nothing_recorded(link, "long", "100");
	MUST(unlink(link) == 0);
	free(link);
	traces_remove(directory);
}

static void a_read_only_root(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);

	(void)state;
	NEEDS_LIBRARY;
	MUST(mount(directory, directory, NULL, MS_BIND, NULL) == 0);
	MUST(mount(directory, directory, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	assert_nothing_recorded(directory, "long", "100");
	MUST(umount(directory) == 0);
	traces_remove(directory);
}

static void a_directory_that_vanishes(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES), *setting;
	struct story story = {.verb = "waits", .number = {"20000"}, .directory = directory};
	struct launch launch;
	struct outcome bare;
	struct run *run;

	(void)state;
	NEEDS_LIBRARY;
	for (enum mode mode = MODE_BARE; mode <= MODE_AUTO; mode += MODE_AUTO - MODE_BARE) {
		launch_of(&story, mode, &launch, &setting);
		run = run_start(&launch);
		while (strcmp(run_mark(run), "middle") != 0)
			;
		if (mode == MODE_AUTO)
			traces_remove(directory);
		run_go(run);
		run_finish(run, mode == MODE_BARE ? &bare : &story.outcome);
		free(setting);
	}
	assert_same_outcome("vanished", &bare, &story.outcome);
	outcome_free(&bare);
	outcome_free(&story.outcome);
}

static void many_connections(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "many", .number = {"10000"}, .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 1);
	assert_int_equal(story.trace->header->lost_connections, 0);
	assert_sums(story.trace, 20001, 20000);
	story_end(&story);
	traces_remove(directory);
}

static void many_forks_keep_the_budget(void **state)
{
	char *directory = traces_new("/tmp", 10 * 16384);
	struct story story = {.verb = "forks", .number = {"100"}, .directory = directory};
	struct trace_budget budget;

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	budget = traces_budget(directory);
	assert_int_equal(story.traces, 10);
	assert_int_equal(budget.files, 10);
	assert_int_equal(budget.refused, 91);
	assert_int_equal(budget.left, 0);
	story_end(&story);
	traces_remove(directory);
}

/* A thousand fit into what `sockfix record` gives a run. */
static void short_children_take_little_room(void **state)
{
	char *directory = traces_new("/tmp", 101 * 16384);
	struct story story = {.verb = "forks", .number = {"100"}, .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 101);
	assert_int_equal(budget_of(directory)->refused, 0);
	story_end(&story);
	traces_remove(directory);
}

static void a_sandbox_ends_it(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "seccomp", .directory = directory};

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.outcome.status, 0);
	assert_int_equal(story.traces, 1);
	assert_int_equal(trace_counts(story.trace, TRACE_WRITE), 10);
	assert_true(story.trace->header->full == 0);
	assert_int_equal(budget_of(directory)->confined, 1);
	story_end(&story);
	traces_remove(directory);
}

static void no_descriptor_left(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);

	(void)state;
	NEEDS_LIBRARY;
	assert_nothing_recorded(directory, "full", NULL);
	traces_remove(directory);
}

/* The one event of that call which failed. */
static const struct trace_event *failed(const struct trace *trace, enum trace_call call)
{
	const struct trace_event *event[16];
	const size_t events = trace_events_take(trace, call, event, 16);

	assert_in_range(events, 1, 16);
	for (size_t i = 0; i < events; i++)
		if (event[i]->error)
			return event[i];
	fail();
	return NULL;
}

static void waits_that_signals_end(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "interrupted", .directory = directory};
	const struct trace_event *event;
	uint32_t listener = 0;

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 1);
	event = failed(story.trace, TRACE_POLL);
	assert_int_equal(event->error, EINTR);
	assert_int_equal(event[1].call, TRACE_COVERS);
	assert_int_not_equal(event[1].covered[0], 0);
	/* The wait was for the listener that is no more, and makes no connection of its own. */
	for (uint32_t i = 1; i <= 3; i++)
		if (trace_connection(story.trace, i)->role == ROLE_OF_LISTENER)
			listener = i;
	event = failed(story.trace, TRACE_ACCEPT);
	assert_int_equal(event->error, EINTR);
	assert_int_equal(event->flow, listener);
	assert_true(event->duration > 10000000);
	assert_null(trace_connection(story.trace, 4));
	story_end(&story);
	traces_remove(directory);
}

static void addresses_are_no_names(void **state)
{
	char *directory = traces_new("/tmp", MANY_BYTES);
	struct story story = {.verb = "addresses", .directory = directory, .flags = ":names"};
	const struct trace_event *event[41];
	size_t events, names = 0;

	(void)state;
	NEEDS_LIBRARY;
	play(&story);
	assert_int_equal(story.traces, 1);
	events = trace_events_take(story.trace, TRACE_GETADDRINFO, event, 41);
	assert_int_equal(events, 40);
	for (size_t i = 0; i < events; i++)
		names += event[i]->asked != 0;
	assert_int_equal(names, 10);
	assert_int_equal(trace_events(story.trace, TRACE_NAME, 0), 10);
	events = trace_events_take(story.trace, TRACE_GETNAMEINFO, event, 41);
	assert_int_equal(events, 40);
	for (size_t i = 0; i < events; i++)
		assert_int_equal(event[i]->asked, 0);
	story_end(&story);
	traces_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_without_tcp),
		cmocka_unit_test(counts_of_one_thread),
		cmocka_unit_test(counts_of_16_threads),
		cmocka_unit_test(counts_without_events),
		cmocka_unit_test(counts_with_rules),
		cmocka_unit_test(times_by_the_kernel),
		cmocka_unit_test(times_by_the_tsc),
		cmocka_unit_test(forked_children_have_files),
		cmocka_unit_test(a_raw_fork_begins_anew),
		cmocka_unit_test(what_is_started_has_files),
		cmocka_unit_test(a_killed_process_leaves_its_file),
		cmocka_unit_test(a_full_disk),
		cmocka_unit_test(a_used_up_budget),
		cmocka_unit_test(a_limit_on_files),
		cmocka_unit_test(no_budget_for_one_file),
		cmocka_unit_test(a_limit_below_one_file),
		cmocka_unit_test(a_directory_that_is_not_ours),
		cmocka_unit_test(a_read_only_root),
		cmocka_unit_test(a_directory_that_vanishes),
		cmocka_unit_test(many_connections),
		cmocka_unit_test(many_forks_keep_the_budget),
		cmocka_unit_test(short_children_take_little_room),
		cmocka_unit_test(a_sandbox_ends_it),
		cmocka_unit_test(no_descriptor_left),
		cmocka_unit_test(waits_that_signals_end),
		cmocka_unit_test(addresses_are_no_names),
	};

	need_for_all("mounts");
	own_mounts();
	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
