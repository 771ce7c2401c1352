/* The reader of traces against whole, damaged and hostile files: what is kept, what is dropped and
 * counted, and every sentence to the letter. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helper/must.h"
#include "tests/unit/helper/trace_text.h"
#include "tools/read/events.h"

#define TEXT                                                                                       \
	"client 1 10.0.0.1:143\nclient 2 10.0.0.1:143\n"                                           \
	"1: connect~0.2ms r38~1ms w20(proven) r30~41ms\n2: w5 poll(covers=1/2,done=1)~3ms close\n"

/* Places in the file of TEXT: header, connections, thread, events. */
enum { AT_CONNECTIONS = 4096, AT_THREAD = 2 * 4096, AT_EVENTS = 3 * 4096, TEXT_LENGTH = 4 * 4096 };
#define PART(block, size, part) ((size_t)(block) + 32 + (size_t)(part) * (size))
#define EVENT(part)		PART(AT_EVENTS, 32, part)
#define CONNECTION(part)	PART(AT_CONNECTIONS, TRACE_CONNECTION, part)

static unsigned char *text_file(void)
{
	size_t length;
	unsigned char *bytes = trace_text_file(TEXT, &length);

	assert_int_equal(length, TEXT_LENGTH);
	return bytes;
}

static void put(unsigned char *bytes, size_t at, uint64_t value, size_t size)
{
	memcpy(bytes + at, &value, size);
}

#define PUT(bytes, at, type, member, value)                                                        \
	put(bytes, (at) + offsetof(struct type, member), value, sizeof(((struct type *)0)->member))

/* Reads a copy that ends where the file does, so that a look behind it is seen by ASan. */
static struct run_process read_bytes(const unsigned char *bytes, size_t length)
{
	struct run_process process;
	const char *why = NULL;
	unsigned char *copy = must_realloc(NULL, length ? length : 1);

	memcpy(copy, bytes, length);
	assert_int_equal(process_read(&process, copy, length, &why), 0);
	free(copy);
	return process;
}

static void assert_refused(const unsigned char *bytes, size_t length, int error, const char *why)
{
	struct run_process process;
	const char *sentence = NULL;

	assert_int_equal(process_read(&process, bytes, length, &sentence), error);
	assert_string_equal(sentence, why);
}

/* The first thread's call of that number, and the first note behind it. */
static struct trace_event call_at(
	const struct run_process *process, size_t index, struct trace_event *note)
{
	struct events events;
	struct trace_event event;

	events_begin(&events, process, &process->thread[0]);
	for (size_t i = 0; i <= index; i++)
		assert_true(events_next(&events));
	event = events.event;
	*note = (struct trace_event){0};
	if (events.notes)
		*note = events.note[0];
	events_end(&events);
	return event;
}

static void a_whole_trace_is_read(void **state)
{
	unsigned char *bytes = text_file();
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	struct trace_event event, note;

	(void)state;
	assert_int_equal(process.header.pid, 100);
	assert_string_equal(process.header.program, "/usr/bin/prog");
	assert_string_equal(process.command, "prog x");
	assert_int_equal(process.damaged, 0);
	assert_false(process.cut_off);
	assert_int_equal(process.connections, 2);
	assert_int_equal(process.connection[1].number, 2);
	assert_int_equal(process.connection[0].port, 143);
	assert_int_equal(process.connection[0].bytes_written, 20);
	assert_int_equal(process.threads, 1);
	assert_int_equal(process.thread[0].tid, 100);
	assert_int_equal(process.thread[0].events, 8);
	assert_int_equal(process.thread[0].counts.calls[TRACE_RECV], 2);
	assert_int_equal(call_at(&process, 2, &note).flags, EVENT_PROVEN);
	event = call_at(&process, 3, &note);
	assert_int_equal(event_duration(&event), 41000000);
	assert_int_equal(call_at(&process, 5, &note).call, TRACE_POLL);
	assert_int_equal(note.call, TRACE_COVERS);
	assert_int_equal(note.covered[1], 2);
	assert_int_equal(process.began, TRACE_TEXT_BEGAN);
	event = call_at(&process, 6, &note);
	assert_int_equal(process.ended, event_end(&event));
	assert_int_equal(process.thread[0].recorded, process.ended);
	process_free(&process);
	free(bytes);
}

static void every_length_of_a_cut_off_file_is_survived(void **state)
{
	unsigned char *bytes = text_file();
	char why[80];

	(void)state;
	assert_refused(bytes, 0, -EBADMSG, "empty, 0 bytes");
	for (size_t length = 1; length < TRACE_BLOCK; length++) {
		unsigned char *copy = must_realloc(NULL, length);
		memcpy(copy, bytes, length);
		snprintf(why, sizeof(why), "cut off at %zu of 4096 bytes", length);
		assert_refused(copy, length, -EBADMSG, why);
		free(copy);
	}
	for (size_t length = TRACE_BLOCK; length < TEXT_LENGTH; length++) {
		struct run_process process = read_bytes(bytes, length);
		assert_true(process.cut_off);
		assert_true(process.damaged <= 8);
		process_free(&process);
	}
	free(bytes);
}

static void what_stands_before_the_cut_is_kept(void **state)
{
	unsigned char *bytes = text_file();
	struct run_process process = read_bytes(bytes, EVENT(3));

	(void)state;
	assert_int_equal(process.connections, 2);
	assert_int_equal(process.thread[0].events, 3);
	assert_int_equal(process.damaged, 0);
	process_free(&process);
	free(bytes);
}

static void what_is_no_trace_of_ours_is_refused_in_a_sentence(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	PUT(bytes, 0, trace_header, version, 4);
	assert_refused(bytes, TEXT_LENGTH, -EPROTONOSUPPORT,
		"written by trace format 4; this sockfix reads 3");
	PUT(bytes, 0, trace_header, version, 0x03000000);
	assert_refused(bytes, TEXT_LENGTH, -EPROTONOSUPPORT,
		"written by a machine of the other byte order; read it on such a one");
	PUT(bytes, 0, trace_header, version, TRACE_VERSION);
	PUT(bytes, 0, trace_header, event, 64);
	assert_refused(
		bytes, TEXT_LENGTH, -EBADMSG, "damaged: its sizes are not those of trace format 3");
	bytes[0] = 'X';
	assert_refused(bytes, TEXT_LENGTH, -EBADMSG, "not a trace of sockfix");
	memset(bytes, 0, TEXT_LENGTH);
	assert_refused(bytes, TEXT_LENGTH, -EBADMSG, "not a trace of sockfix");
	free(bytes);
}

static void one_event_is_dropped(size_t at, size_t size, uint64_t value)
{
	unsigned char *bytes = text_file();

	put(bytes, at, value, size);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.thread[0].events, 7);
	assert_int_equal(process.damaged, 1);
	process_free(&process);
	free(bytes);
}

static void events_whose_numbers_lead_nowhere_are_dropped_and_counted(void **state)
{
	const size_t call = EVENT(2) + offsetof(struct trace_event, call);
	const size_t flow = EVENT(2) + offsetof(struct trace_event, flow);
	const size_t start = EVENT(2) + offsetof(struct trace_event, start);
	const size_t covered = EVENT(6) + offsetof(struct trace_event, covered);

	(void)state;
	one_event_is_dropped(call, 1, TRACE_CALL_COUNT);
	one_event_is_dropped(call, 1, 255);
	one_event_is_dropped(flow, 4, 3);
	one_event_is_dropped(flow, 4, UINT32_MAX);
	one_event_is_dropped(start, 8, 0);
	one_event_is_dropped(start, 8, TRACE_TEXT_BEGAN - 10001);
	one_event_is_dropped(start, 8, UINT64_MAX);
	one_event_is_dropped(start, 8, UINT64_C(1) << 63);
	one_event_is_dropped(start, 8, TRACE_TEXT_BEGAN + (UINT64_C(1) << 58));
	one_event_is_dropped(covered, 8, UINT64_C(77) << 32 | 99);
}

static void an_event_that_is_not_whole_yet_is_not_counted(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	bytes[EVENT(7)] = TRACE_NOTHING;
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.thread[0].events, 7);
	assert_int_equal(process.damaged, 0);
	process_free(&process);
	free(bytes);
}

static void a_wait_keeps_the_connections_that_are_there(void **state)
{
	unsigned char *bytes = text_file();
	struct trace_event note;

	(void)state;
	put(bytes, EVENT(6) + offsetof(struct trace_event, covered), 99, 4);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	/* half a wait's list would be a lie: it is dropped */
	assert_int_equal(process.thread[0].events, 7);
	assert_int_equal(call_at(&process, 5, &note).call, TRACE_POLL);
	assert_int_equal(note.call, TRACE_NOTHING);
	assert_int_equal(call_at(&process, 6, &note).call, TRACE_CLOSE);
	process_free(&process);
	free(bytes);
}

static void connections_out_of_range_or_double_are_dropped(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	/* all numbers that the file has places for may occur, no more */
	PUT(bytes, CONNECTION(1), trace_connection, number, 22);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.connections, 1);
	assert_int_equal(process.damaged, 1 + 3); /* and its events */
	process_free(&process);
	PUT(bytes, CONNECTION(1), trace_connection, number, 21);
	process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.connections, 21);
	assert_int_equal(process.connection[20].number, 21);
	assert_int_equal(process.connection[1].number, 0);
	process_free(&process);
	PUT(bytes, CONNECTION(1), trace_connection, number, UINT32_MAX);
	process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.connections, 1);
	process_free(&process);
	PUT(bytes, CONNECTION(1), trace_connection, number, 1);
	PUT(bytes, CONNECTION(1), trace_connection, port, 99);
	process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.connections, 1);
	assert_int_equal(process.connection[0].port, 143);
	process_free(&process);
	free(bytes);
}

/* The first connection's at_connect and at_close, taken 2 s apart. */
static unsigned char *file_with_clocks(void)
{
	unsigned char *bytes = text_file();
	const size_t one = CONNECTION(0);

	PUT(bytes, one, trace_connection, at_connect.taken, TRACE_TEXT_BEGAN + 1000000000);
	PUT(bytes, one, trace_connection, at_close.taken, TRACE_TEXT_BEGAN + 3000000000);
	PUT(bytes, one, trace_connection, at_connect.busy_us, 7000000);
	PUT(bytes, one, trace_connection, at_close.busy_us, 9000000);
	PUT(bytes, one, trace_connection, at_close.rwnd_limited_us, 2000000);
	PUT(bytes, one, trace_connection, at_close.sndbuf_limited_us, 2000000);
	return bytes;
}

static void is_damaged(const unsigned char *bytes, size_t damaged, bool close_stays)
{
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);

	assert_int_equal(process.damaged, damaged);
	assert_int_equal(process.connection[0].at_close.taken != 0, close_stays);
	process_free(&process);
}

/* A clock of the kernel goes no further than time does; what was before it has seen is its own. */
static void clocks_of_the_kernel_keep_time(void **state)
{
	static const size_t clock[] = {offsetof(struct trace_connection, at_close.busy_us),
		offsetof(struct trace_connection, at_close.rwnd_limited_us),
		offsetof(struct trace_connection, at_close.sndbuf_limited_us)};
	static const uint64_t wrong[] = {
		12000000, UINT64_C(16841545661234567), UINT64_C(1) << 63, UINT64_MAX};
	unsigned char *bytes = file_with_clocks();

	(void)state;
	is_damaged(bytes, 0, true);
	free(bytes);
	for (size_t i = 0; i < 12; i++) {
		bytes = file_with_clocks();
		put(bytes, CONNECTION(0) + clock[i % 3], wrong[i / 3], 8);
		is_damaged(bytes, 1, false);
		free(bytes);
	}
	/* Not asked at its beginning: nine years are the bound. */
	bytes = file_with_clocks();
	PUT(bytes, CONNECTION(0), trace_connection, at_connect.taken, 0);
	PUT(bytes, CONNECTION(0), trace_connection, at_close.busy_us, 90000000000);
	is_damaged(bytes, 0, true);
	PUT(bytes, CONNECTION(0), trace_connection, at_close.busy_us, UINT64_C(1) << 58);
	is_damaged(bytes, 1, false);
	free(bytes);
}

static void counts_that_are_none_are_put_to_zero(void **state)
{
#define M(name) offsetof(struct trace_connection, name)
	static const size_t count[] = {M(writes), M(reads), M(holds), M(late), M(late_ns),
		M(slow_ns), M(acks_won), M(proven), M(accepted), M(bytes_written), M(bytes_read)};
#undef M
	(void)state;
	for (size_t i = 0; i < sizeof(count) / sizeof(*count); i++) {
		unsigned char *bytes = text_file();

		put(bytes, CONNECTION(0) + count[i], UINT64_MAX - 1, 8);
		struct run_process process = read_bytes(bytes, TEXT_LENGTH);
		assert_int_equal(process.damaged, 1);
		assert_memory_equal(
			(char *)&process.connection[0] + count[i], "\0\0\0\0\0\0\0\0", 8);
		process_free(&process);
		free(bytes);
	}
}

/* It names a line of a table. */
static void a_reason_that_is_none_is_put_to_zero(void **state)
{
	static const uint8_t given_up[] = {GIVEN_UP_COUNT, 255};

	(void)state;
	for (size_t i = 0; i < sizeof(given_up); i++) {
		unsigned char *bytes = text_file();

		put(bytes, CONNECTION(0) + offsetof(struct trace_connection, given_up), given_up[i],
			1);
		struct run_process process = read_bytes(bytes, TEXT_LENGTH);
		assert_int_equal(process.damaged, 1);
		assert_int_equal(process.connection[0].given_up, GIVEN_UP_NOT);
		process_free(&process);
		free(bytes);
	}
}

static void times_of_other_centuries_are_none(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	PUT(bytes, 0, trace_header, clock_cost, UINT32_MAX);
	PUT(bytes, CONNECTION(0), trace_connection, closed, UINT64_C(1) << 61);
	PUT(bytes, PART(AT_THREAD, 0, 0), trace_thread, ended, UINT64_C(1) << 61);
	PUT(bytes, EVENT(3), trace_event, start, UINT64_C(1) << 61);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.damaged, 4);
	assert_int_equal(process.header.clock_cost, 0);
	assert_int_equal(process.connection[0].closed, 0);
	assert_true(process.ended < TRACE_TEXT_BEGAN + UINT64_C(1000000000));
	process_free(&process);
	PUT(bytes, 0, trace_header, ended, UINT64_C(1) << 61);
	process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.header.ended, 0);
	assert_true(process.damaged > 0);
	process_free(&process);
	free(bytes);
}

static void connections_are_put_right(void **state)
{
	unsigned char *bytes = text_file();
	const size_t one = CONNECTION(0);

	(void)state;
	PUT(bytes, one, trace_connection, role, 9);
	PUT(bytes, one, trace_connection, family, 5);
	PUT(bytes, one, trace_connection, connected, 1); /* before connecting */
	PUT(bytes, one, trace_connection, closed, UINT64_MAX);
	PUT(bytes, one, trace_connection, at_close.taken, UINT64_C(1) << 63);
	memset(bytes + one + offsetof(struct trace_connection, options.congestion), 'x', 16);
	bytes[one + offsetof(struct trace_connection, options.congestion)] = 27;
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	const struct trace_connection *connection = &process.connection[0];
	assert_int_equal(process.damaged, 5);
	assert_int_equal(connection->role, ROLE_OF_UNKNOWN);
	assert_int_equal(connection->family, 6);
	assert_int_equal(connection->connected, 0);
	assert_int_equal(connection->closed, 0);
	assert_int_equal(connection->at_close.taken, 0);
	assert_string_equal(connection->options.congestion, "?xxxxxxxxxxxxxx");
	process_free(&process);
	free(bytes);
}

/* Threads on two CPUs may read the clock a little out of order: that is no damage. */
static void times_a_little_out_of_order_are_put_in_order(void **state)
{
	unsigned char *bytes = text_file();
	const size_t one = CONNECTION(0);
	const uint64_t began = TRACE_TEXT_BEGAN + 5000;

	(void)state;
	PUT(bytes, one, trace_connection, opened, began);
	PUT(bytes, one, trace_connection, connecting, began - 1000);
	PUT(bytes, one, trace_connection, connected, began - 1);
	PUT(bytes, one, trace_connection, closed, began - 1000);
	PUT(bytes, 0, trace_header, started, TRACE_TEXT_BEGAN - 1000);
	PUT(bytes, 0, trace_header, ended, TRACE_TEXT_BEGAN - 900);
	PUT(bytes, EVENT(0), trace_event, start, TRACE_TEXT_BEGAN - 1000);
	PUT(bytes, PART(AT_THREAD, 0, 0), trace_thread, began, began);
	PUT(bytes, PART(AT_THREAD, 0, 0), trace_thread, ended, began - 1000);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	const struct trace_connection *connection = &process.connection[0];
	struct trace_event note;
	assert_int_equal(process.damaged, 0);
	assert_int_equal(connection->connecting, began);
	assert_int_equal(connection->connected, began);
	assert_int_equal(connection->closed, began);
	assert_int_equal(process.header.started, TRACE_TEXT_BEGAN);
	assert_int_equal(process.header.ended, TRACE_TEXT_BEGAN);
	assert_int_equal(call_at(&process, 0, &note).start, TRACE_TEXT_BEGAN);
	assert_int_equal(process.thread[0].counts.ended, began);
	process_free(&process);
	free(bytes);
}

static void strings_without_an_end_and_with_escapes_are_harmless(void **state)
{
	unsigned char *bytes = text_file();
	char *command = (char *)bytes + offsetof(struct trace_header, command);

	(void)state;
	memset(bytes + offsetof(struct trace_header, program), 'p', 256);
	memset(bytes + offsetof(struct trace_header, rules), '\n', 1024);
	memcpy(command, "a b\0\0it's\0\033[2J\xff\xc3\xa4\0x=1", 22);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(strlen(process.header.program), 255);
	assert_int_equal(strspn(process.header.rules, "?"), 1023);
	assert_string_equal(process.command, "'a b' '' 'it'\\''s' $'\\x1b[2J\\xff\xc3\xa4' x=1");
	process_free(&process);
	memset(command, 'y', 2048);
	process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(strlen(process.command), 2047);
	process_free(&process);
	free(bytes);
}

static void blocks_of_kinds_to_come_are_counted_and_left(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	PUT(bytes, AT_THREAD, trace_block, kind, 7);
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_int_equal(process.damaged, 1);
	assert_int_equal(process.thread[0].events, 8);
	assert_int_equal(process.thread[0].counts.calls[TRACE_RECV], 0);
	process_free(&process);
	free(bytes);
}

static void a_thread_id_that_is_used_again_is_another_thread(void **state)
{
	unsigned char *bytes = text_file(), *longer = must_realloc(NULL, TEXT_LENGTH + 8192);

	(void)state;
	memcpy(longer, bytes, TEXT_LENGTH);
	memcpy(longer + TEXT_LENGTH, bytes + AT_EVENTS, 4096); /* order 0 once more */
	memcpy(longer + TEXT_LENGTH + 4096, bytes + AT_EVENTS, 4096);
	PUT(longer, TEXT_LENGTH + 4096, trace_block, order, UINT64_C(1) << 63);
	struct run_process process = read_bytes(longer, TEXT_LENGTH + 8192);
	assert_int_equal(process.threads, 2);
	assert_int_equal(process.thread[0].tid, process.thread[1].tid);
	assert_int_equal(process.thread[1].events, 8);
	assert_int_equal(process.damaged, 1); /* the block that cannot be its 2^63rd */
	process_free(&process);
	free(longer);
	free(bytes);
}

static void counts_of_2_to_the_63_allocate_nothing(void **state)
{
	unsigned char *bytes = text_file();

	(void)state;
	PUT(bytes, 0, trace_header, blocks, UINT64_C(1) << 63);
	PUT(bytes, 0, trace_header, capacity, UINT64_MAX);
	PUT(bytes, 0, trace_header, lost_connections, UINT64_MAX);
	memset(bytes + PART(AT_THREAD, 0, 0), 0xff, sizeof(struct trace_thread));
	struct run_process process = read_bytes(bytes, TEXT_LENGTH);
	assert_true(process.cut_off);
	assert_int_equal(process.damaged, 1);
	assert_int_equal(process.thread[0].counts.began, 0);
	assert_int_equal(process.thread[0].events, 8);
	process_free(&process);
	free(bytes);
}

/* ---- directories ---- */

struct place {
	char path[64];
};

static int setup(void **state)
{
	struct place *place = must_realloc(NULL, sizeof(*place));

	strcpy(place->path, "/tmp/sockfix-trace-XXXXXX");
	assert_non_null(mkdtemp(place->path));
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place->path);
	assert_int_equal(system(command), 0);
	free(place);
	return 0;
}

static void write_file(
	const struct place *place, const char *name, const void *bytes, size_t length)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", place->path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void write_json(const struct place *place, const char *text)
{
	write_file(place, "run.json", text, strlen(text));
}

static void write_trace(const struct place *place, const char *name, const char *text)
{
	size_t length;
	unsigned char *bytes = trace_text_file(text, &length);

	write_file(place, name, bytes, length);
	free(bytes);
}

static void assert_no_run(const struct place *place, const char *name, const char *format)
{
	char path[256], expected[512], *why = NULL;

	snprintf(path, sizeof(path), "%s%s", place->path, name);
	snprintf(expected, sizeof(expected), "%s%s", place->path, format);
	assert_null(run_read(path, &why));
	assert_string_equal(why, expected);
	free(why);
}

static struct run *read_run(const struct place *place)
{
	char *why = NULL;
	struct run *run = run_read(place->path, &why);

	if (!run)
		fail_msg("%s", why);
	return run;
}

static void a_directory_that_holds_no_run_is_said_to(void **state)
{
	const struct place *place = *state;

	assert_no_run(place, "/none", "/none: there is no such directory");
	assert_no_run(place, "", ": there is no recording in it");
	write_file(place, "file", "x", 1);
	assert_no_run(place, "/file", "/file: not a directory");
	assert_no_run(place, "", ": there is no recording in it");
	write_file(place, "budget", "SOCKFIXB", 8);
	assert_no_run(place, "", ": there is no recording in it");
}

static void a_directory_that_may_not_be_read_is_said_to(void **state)
{
	const struct place *place = *state;
	uid_t uid = geteuid();

	assert_int_equal(chmod(place->path, 0), 0);
	if (uid == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_no_run(place, "", ": cannot be read: Permission denied");
	if (uid == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(place->path, 0700), 0);
}

static void a_run_is_read_with_what_record_knew(void **state)
{
	const struct place *place = *state;
	struct trace_budget budget = {
		.magic = TRACE_BUDGET_MAGIC, .refused = 3, .processes = 9, .confined = 1};

	write_trace(place, "100-0123456789abcdef.trace", TEXT);
	write_trace(place, "101-0123456789abcdef.trace", TEXT);
	write_file(place, "budget", &budget, sizeof(budget));
	write_file(place, "notes.txt", "x", 1);
	write_json(place, "{\"sockfix\":\"0.1.0\",\"version\":1,\"name\":\"7f3a\","
			  "\"command\":[\"python3\",\"my import.py\"],\"rules\":\"1:x\","
			  "\"started_wall\":1760000000000000000,\"ended_wall\":1760000210000000000,"
			  "\"began\":1000000000000,\"ended\":1210000000000,\"status\":256,"
			  "\"elsewhere\":\"sudo\\u001b\",\"unknown\":[1],"
			  "\"before\":{\"listen_overflows\":5,\"retrans\":-1},"
			  "\"after\":{\"listen_overflows\":9}}");
	struct run *run = read_run(place);
	assert_string_equal(run->directory, place->path);
	assert_string_equal(run->name, "7f3a");
	assert_string_equal(run->command, "python3 'my import.py'");
	assert_string_equal(run->rules, "1:x");
	assert_string_equal(run->elsewhere, "sudo?");
	assert_int_equal(run->started_wall, INT64_C(1760000000000000000));
	assert_int_equal(run->ended - run->began, INT64_C(210000000000));
	assert_int_equal(run->status, 256);
	assert_int_equal(run->before.listen_overflows, 5);
	assert_int_equal(run->before.syn_retrans, -1);
	assert_int_equal(run->after.listen_overflows, 9);
	assert_int_equal(run->refused, 3);
	assert_int_equal(run->processes_seen, 9);
	assert_int_equal(run->confined, 1);
	assert_false(run_is_whole(run));
	assert_int_equal(run->processes, 2);
	assert_string_equal(run->process[1].file, "101-0123456789abcdef.trace");
	assert_int_equal(run->unread, 0);
	run_free(run);
}

static struct run *read_with_budget(
	const struct place *place, const struct trace_budget *budget, size_t length)
{
	write_trace(place, "1.trace", TEXT);
	write_file(place, "budget", budget, length);
	return read_run(place);
}

static void programs_that_never_came_up_are_counted_and_named(void **state)
{
	const struct place *place = *state;
	struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC, .refused = 3};

	budget.exec[0] = (struct trace_exec){0, "came-up", 0};
	budget.exec[1] = (struct trace_exec){4711, "fixed", 0};
	budget.exec[2] = (struct trace_exec){-4712, "od\033d", 0};
	budget.exec[3] = (struct trace_exec){4713, "fixed", 0};
	budget.exec[9] = (struct trace_exec){4714, "", 0};
	budget.exec[TRACE_EXECS - 1].pid = INT32_MIN;
	memset(budget.exec[TRACE_EXECS - 1].program, 'x', sizeof(budget.exec[0].program));
	struct run *run = read_with_budget(place, &budget, sizeof(budget));
	assert_int_equal(run->unseen, 5);
	assert_memory_equal(run->unseen_names, "fixed, od?d, xxx", 16);
	assert_int_equal(strlen(run->unseen_names), 13 + sizeof(budget.exec[0].program) - 1);
	assert_false(run_is_all(run));
	run_free(run);
}

/* As versions made it that noted no programs. */
/* Another user's programs have a budget of their own: what root became is noted in the run's, and
 * that it came up in theirs. */
static void the_budgets_of_guests_are_added(void **state)
{
	const struct place *place = *state;
	struct trace_budget budget = {
		.magic = TRACE_BUDGET_MAGIC, .processes = 4, .refused = 3, .barred = 1};
	struct trace_budget guest = {.magic = TRACE_BUDGET_MAGIC, .processes = 2, .confined = 1};

	budget.exec[0] = (struct trace_exec){4711, "daemon", 1};
	budget.exec[1] = (struct trace_exec){4712, "fixed", 1};
	budget.exec[2] = (struct trace_exec){4713, "other-space", 1};
	guest.exec[0] = (struct trace_exec){4711 | TRACE_EXEC_ARRIVED, "", 1};
	guest.exec[1] = (struct trace_exec){4713 | TRACE_EXEC_ARRIVED, "", 2};
	/* its own note it would have taken back */
	guest.exec[2] = (struct trace_exec){4711, "fixed", 1};
	guest.around[0] = (struct trace_around){AROUND_CALLS, "plugin.so"};
	write_file(place, "budget-65534", &guest, sizeof(guest));
	guest = (struct trace_budget){.magic = TRACE_BUDGET_MAGIC, .processes = 100};
	write_file(place, "budget-1.12", &guest, sizeof(guest));
	write_file(place, "budget-", &guest, sizeof(guest));
	struct run *run = read_with_budget(place, &budget, sizeof(budget));
	assert_int_equal(run->processes_seen, 6);
	assert_int_equal(run->refused, 3);
	assert_int_equal(run->barred, 1);
	assert_int_equal(run->confined, 1);
	assert_int_equal(run->unseen, 3);
	assert_string_equal(run->unseen_names, "fixed, other-space");
	assert_int_equal(run->arounds, 1);
	run_free(run);
}

static void a_budget_without_them_is_read_as_well(void **state)
{
	const struct place *place = *state;
	struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC, .refused = 3};
	struct run *run = read_with_budget(place, &budget, offsetof(struct trace_budget, exec));

	assert_int_equal(run->refused, 3);
	assert_int_equal(run->unseen, 0);
	assert_null(run->unseen_names);
	run_free(run);
}

static void a_budget_that_makes_no_sense_says_nothing(void **state)
{
	static const size_t count[] = {offsetof(struct trace_budget, files),
		offsetof(struct trace_budget, refused), offsetof(struct trace_budget, processes),
		offsetof(struct trace_budget, confined), offsetof(struct trace_budget, magic)};
	const struct place *place = *state;

	for (size_t i = 0; i < sizeof(count) / sizeof(*count); i++) {
		struct trace_budget budget = {.magic = TRACE_BUDGET_MAGIC, .refused = 3};

		budget.exec[1] = (struct trace_exec){4711, "fixed", 0};
		memset((char *)&budget + count[i], 0xff, 8);
		struct run *run = read_with_budget(place, &budget, sizeof(budget));
		assert_int_equal(run->damaged, 1);
		assert_int_equal(run->refused + run->missing + run->confined + run->unseen, 0);
		assert_false(run_is_whole(run));
		run_free(run);
	}
}

static void without_run_json_the_processes_tell(void **state)
{
	const struct place *place = *state;

	write_trace(place, "1.trace", TEXT);
	struct run *run = read_run(place);
	assert_int_equal(run->began, TRACE_TEXT_BEGAN);
	assert_int_equal(run->ended, run->process[0].ended);
	assert_int_equal(run->started_wall, INT64_C(1760000000000000000) + TRACE_TEXT_BEGAN);
	assert_int_equal(run->ended_wall, 0);
	assert_int_equal(run->status, -1);
	assert_string_equal(run->command, "prog x");
	assert_int_equal(strlen(run->name), 4);
	assert_string_equal(run->rules, "");
	assert_null(run->elsewhere);
	assert_int_equal(run->before.retrans, -1);
	run_free(run);
}

static void a_run_without_connections_is_a_run(void **state)
{
	const struct place *place = *state;

	write_json(place, "{\"version\":1,\"command\":[\"true\"],\"began\":5,\"ended\":9}");
	struct run *run = read_run(place);
	assert_int_equal(run->processes, 0);
	assert_int_equal(run->ended, 9);
	assert_string_equal(run->name, "0000");
	run_free(run);
}

static void bad_run_json_is_one_sentence(void **state)
{
	const struct place *place = *state;
	char *deep = must_realloc(NULL, 100001);

	write_trace(place, "1.trace", TEXT);
	write_json(place, "");
	assert_no_run(place, "", "/run.json:1: '[' or '{' expected near end of file");
	write_json(place, "{\"version\":1,\n\"name\":\"7f");
	assert_no_run(place, "", "/run.json:2: premature end of input near '\"7f'");
	write_json(place, "[]");
	assert_no_run(place, "", "/run.json: must be one object");
	write_json(place, "{\"version\":2}");
	assert_no_run(place, "", "/run.json: written by run format 2; this sockfix reads 1");
	write_json(place, "{\"status\":\"ended\"}");
	assert_no_run(place, "", "/run.json: 'status' must be an integer");
	write_json(place, "{\"status\":1.5}");
	assert_no_run(place, "", "/run.json: 'status' must be an integer");
	write_json(place, "{\"status\":9000000000}");
	assert_no_run(place, "", "/run.json: 'status' must be a status of waitpid(2)");
	write_json(place, "{\"imported\":7}");
	assert_no_run(place, "", "/run.json: 'imported' must be an object");
	write_json(place, "{\"imported\":{\"file\":\"log\"}}");
	assert_no_run(place, "", "/run.json: 'what' must be a string");
	write_json(place, "{\"began\":-5}");
	assert_no_run(place, "", "/run.json: 'began' must be an integer from 0 on");
	write_json(place, "{\"began\":9223372036854775807}");
	assert_no_run(place, "", "/run.json: 'began' must be a time in nanoseconds");
	write_json(place, "{\"began\":18446744073709551616}");
	assert_no_run(place, "", "/run.json:1: too big integer near '18446744073709551616'");
	write_json(place, "{\"began\":9,\"ended\":5}");
	assert_no_run(place, "", "/run.json: 'ended' lies before 'began'");
	write_json(place, "{\"began\":1,\"ended\":4611686018427387903}");
	assert_no_run(place, "", "/run.json: 'ended' lies more than nine years behind 'began'");
	write_json(place, "{\"command\":\"ls\"}");
	assert_no_run(place, "", "/run.json: 'command' must be a list of strings");
	write_json(place, "{\"command\":[1]}");
	assert_no_run(place, "", "/run.json: 'command' must be a list of strings");
	write_json(place, "{\"name\":7}");
	assert_no_run(place, "", "/run.json: 'name' must be a string");
	write_json(place, "{\"before\":[]}");
	assert_no_run(place, "", "/run.json: 'before' must be an object");
	memset(deep, '[', 100000);
	deep[100000] = '\0';
	write_json(place, deep);
	assert_no_run(place, "", "/run.json:1: maximum parsing depth reached near '['");
	free(deep);
}

static void a_trace_that_is_no_use_hides_no_other(void **state)
{
	const struct place *place = *state;
	char expected[128];

	write_file(place, "1-a\033.trace", "", 0);
	assert_no_run(place, "", "/1-a?.trace: empty, 0 bytes");
	write_file(place, "2.trace", "SOCKFIXT\2\0\0\0", 12);
	write_trace(place, "3.trace", TEXT);
	struct run *run = read_run(place);
	snprintf(expected, sizeof(expected), "%s/1-a?.trace: empty, 0 bytes", place->path);
	assert_int_equal(run->processes, 1);
	assert_int_equal(run->unread, 2);
	assert_string_equal(run->unread_why, expected);
	run_free(run);
}

static void what_is_no_plain_file_is_not_waited_for(void **state)
{
	const struct place *place = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/1.trace", place->path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_no_run(place, "", "/1.trace: not a plain file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/zero", path), 0);
	assert_no_run(place, "", "/1.trace: not a plain file");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_no_run(place, "", "/1.trace: not a plain file");
}

static void traces_of_two_runs_are_not_mixed(void **state)
{
	const struct place *place = *state;
	size_t length;
	unsigned char *bytes = trace_text_file(TEXT, &length);

	write_file(place, "1.trace", bytes, length);
	PUT(bytes, 0, trace_header, started_wall,
		UINT64_C(1760000000000000000) + TRACE_TEXT_BEGAN + UINT64_C(3700000000000));
	write_file(place, "2.trace", bytes, length);
	assert_no_run(place, "",
		": two runs in one directory: the clocks of 1.trace and 2.trace are not the same");
	write_json(place, "{\"began\":1000000000000}"); /* a clock that was set meanwhile */
	struct run *run = read_run(place);
	assert_int_equal(run->processes, 2);
	run_free(run);
	write_json(place, "{\"began\":1002000000000}");
	assert_no_run(place, "", "/1.trace: it is of a process that began before this run");
	free(bytes);
}

/* Whoever lays one there does not take the run away. */
static void a_trace_of_another_run_hides_no_other(void **state)
{
	const struct place *place = *state;
	size_t length;
	unsigned char *bytes = trace_text_file(TEXT, &length);

	write_file(place, "2.trace", bytes, length);
	PUT(bytes, 0, trace_header, process_started, UINT64_C(1));
	write_file(place, "1.trace", bytes, length);
	write_json(place, "{\"began\":1000000000000}");
	struct run *run = read_run(place);
	assert_int_equal(run->processes, 1);
	assert_string_equal(run->process[0].file, "2.trace");
	assert_int_equal(run->unread, 1);
	assert_non_null(
		strstr(run->unread_why, "/1.trace: it is of a process that began before this run"));
	run_free(run);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_trace_is_read),
		cmocka_unit_test(every_length_of_a_cut_off_file_is_survived),
		cmocka_unit_test(what_stands_before_the_cut_is_kept),
		cmocka_unit_test(what_is_no_trace_of_ours_is_refused_in_a_sentence),
		cmocka_unit_test(events_whose_numbers_lead_nowhere_are_dropped_and_counted),
		cmocka_unit_test(an_event_that_is_not_whole_yet_is_not_counted),
		cmocka_unit_test(a_wait_keeps_the_connections_that_are_there),
		cmocka_unit_test(connections_out_of_range_or_double_are_dropped),
		cmocka_unit_test(connections_are_put_right),
		cmocka_unit_test(clocks_of_the_kernel_keep_time),
		cmocka_unit_test(counts_that_are_none_are_put_to_zero),
		cmocka_unit_test(a_reason_that_is_none_is_put_to_zero),
		cmocka_unit_test(times_of_other_centuries_are_none),
		cmocka_unit_test(times_a_little_out_of_order_are_put_in_order),
		cmocka_unit_test(strings_without_an_end_and_with_escapes_are_harmless),
		cmocka_unit_test(blocks_of_kinds_to_come_are_counted_and_left),
		cmocka_unit_test(a_thread_id_that_is_used_again_is_another_thread),
		cmocka_unit_test(counts_of_2_to_the_63_allocate_nothing),
#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		IN_A_DIRECTORY(a_directory_that_holds_no_run_is_said_to),
		IN_A_DIRECTORY(a_directory_that_may_not_be_read_is_said_to),
		IN_A_DIRECTORY(a_run_is_read_with_what_record_knew),
		IN_A_DIRECTORY(programs_that_never_came_up_are_counted_and_named),
		IN_A_DIRECTORY(the_budgets_of_guests_are_added),
		IN_A_DIRECTORY(a_budget_without_them_is_read_as_well),
		IN_A_DIRECTORY(a_budget_that_makes_no_sense_says_nothing),
		IN_A_DIRECTORY(without_run_json_the_processes_tell),
		IN_A_DIRECTORY(a_run_without_connections_is_a_run),
		IN_A_DIRECTORY(bad_run_json_is_one_sentence),
		IN_A_DIRECTORY(a_trace_that_is_no_use_hides_no_other),
		IN_A_DIRECTORY(what_is_no_plain_file_is_not_waited_for),
		IN_A_DIRECTORY(traces_of_two_runs_are_not_mixed),
		IN_A_DIRECTORY(a_trace_of_another_run_hides_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
