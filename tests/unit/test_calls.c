/* Calls by their seconds: sums that are known by construction, that connections and the rest are
 * the whole, and what is said of calls that were only counted. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

#include "tools/fold/called.h"

static const struct called_row none;

static const struct called_row *row_of(const struct called *called, const char *name, bool file)
{
	for (size_t i = 0; i < called->rows; i++)
		if (strcmp(call_name(called->row[i].call), name) == 0 &&
			called->row[i].file == file)
			return &called->row[i];
	return &none;
}

static void assert_row(const struct called_row *row, uint64_t calls, uint64_t timed,
	uint64_t failed, uint64_t ns, uint64_t bytes)
{
	assert_int_equal(row->calls, calls);
	assert_int_equal(row->timed, timed);
	assert_int_equal(row->failed, failed);
	assert_int_equal(row->ns, ns);
	assert_int_equal(row->bytes, bytes);
}

static void add_row(struct called_row *sum, const struct called_row *row)
{
	sum->calls += row->calls;
	sum->timed += row->timed;
	sum->failed += row->failed;
	sum->ns += row->ns;
	sum->bytes += row->bytes;
	sum->moves += row->moves;
}

/* Connections, what is on none, and what was only counted are the whole, name by name. */
static void assert_whole(const struct found *found)
{
	struct called_parts parts;
	struct called all;
	size_t rows = 0;

	called_take(found->run, &all);
	called_part(found->fold, &parts);
	for (size_t i = 0; i < all.rows; i++) {
		const char *name = call_name(all.row[i].call);
		const bool file = all.row[i].file;
		const struct called_row *row = &all.row[i];
		struct called_row sum = {0};

		for (size_t f = 0; f < found->fold->flows; f++)
			add_row(&sum, row_of(&parts.flow[f], name, file));
		add_row(&sum, row_of(&parts.none, name, file));
		add_row(&sum, row_of(&parts.untold, name, file));
		assert_row(row, sum.calls, sum.timed, sum.failed, sum.ns, sum.bytes);
		assert_int_equal(row->moves, sum.moves);
	}
	for (size_t f = 0; f < found->fold->flows; f++)
		rows += parts.flow[f].rows;
	assert_true(rows + parts.none.rows + parts.untold.rows >= all.rows);
	called_parts_free(found->fold, &parts);
	called_free(&all);
}

static const char usual[] =
	"client 1 10.0.0.1:143\n"
	"client 2 10.0.0.2:143\n"
	"1: connect~3ms { w20~10us again r6~2ms } x10\n"
	"0: getaddrinfo~5ms poll(covers=1/2,done=1)~4ms nanosleep~1s\n"
	"2: connect(error=111)~1ms { file8192~50us w8192~30us } x4 close~7us probe\n"
	"thread 9\n"
	"2: r100~8ms close(error=9)\n";

static void sums_by_name(void **state)
{
	struct found found = find_text(usual);
	struct called all;

	(void)state;
	called_take(found.run, &all);
	assert_row(row_of(&all, "connect", false), 2, 2, 1, 4 * MS, 0);
	assert_row(row_of(&all, "send", false), 14, 14, 0, 220 * US, 10 * 20 + 4 * 8192);
	assert_row(row_of(&all, "recv", false), 21, 21, 10, 28 * MS + 10 * US, 160);
	assert_row(row_of(&all, "read", true), 4, 4, 0, 200 * US, 4 * 8192);
	assert_row(row_of(&all, "read", false), 0, 0, 0, 0, 0);
	assert_row(row_of(&all, "close", false), 2, 2, 1, 8 * US, 0);
	assert_row(row_of(&all, "getaddrinfo", false), 1, 1, 0, 5 * MS, 0);
	assert_row(row_of(&all, "poll", false), 1, 1, 0, 4 * MS, 0);
	assert_row(row_of(&all, "nanosleep", false), 1, 1, 0, S, 0);
	assert_int_equal(all.rows, 8); /* a probe is no call of the program's */
	for (size_t i = 1; i < all.rows; i++)
		assert_true(all.row[i - 1].ns >= all.row[i].ns);
	called_free(&all);
	assert_whole(&found);
	find_end(found);
}

static void each_connection_has_its_own(void **state)
{
	struct found found = find_text(usual);
	struct called_parts parts;

	(void)state;
	called_part(found.fold, &parts);
	assert_row(row_of(&parts.flow[0], "send", false), 10, 10, 0, 100 * US, 200);
	assert_row(row_of(&parts.flow[1], "send", false), 4, 4, 0, 120 * US, 4 * 8192);
	assert_row(row_of(&parts.flow[1], "recv", false), 1, 1, 0, 8 * MS, 100);
	assert_row(row_of(&parts.none, "poll", false), 1, 1, 0, 4 * MS, 0);
	assert_row(row_of(&parts.none, "read", true), 4, 4, 0, 200 * US, 4 * 8192);
	assert_int_equal(parts.none.rows, 4);
	assert_int_equal(parts.untold.rows, 0);
	called_parts_free(found.fold, &parts);
	find_end(found);
}

/* Numbers of connections begin anew in each process, and may have holes. */
static void processes_add_up(void **state)
{
	struct found found = find_text("process pid=7\nclient 2 10.0.0.1:143\n2: { w1 r2 } x3\n"
				       "process pid=8\nclient 1 10.0.0.1:143\nlistener 2 25\n"
				       "1: { w1 r2 } x5\n2: accept close\n0: poll~1ms\n");
	struct called_parts parts;
	struct called all;

	(void)state;
	called_take(found.run, &all);
	assert_row(row_of(&all, "send", false), 8, 8, 0, 8 * US, 8);
	called_free(&all);
	called_part(found.fold, &parts);
	assert_row(row_of(&parts.flow[0], "send", false), 3, 3, 0, 3 * US, 3);
	assert_row(row_of(&parts.flow[1], "send", false), 5, 5, 0, 5 * US, 5);
	assert_row(row_of(&parts.flow[2], "accept", false), 1, 1, 0, US, 0);
	called_parts_free(found.fold, &parts);
	assert_whole(&found);
	find_end(found);
}

/* Where a duration saturates the next event tells when it ended. */
static void a_call_of_an_hour(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143\n1: r9(done=9)~1099.511627775s @3600s w1 close\n");
	struct called all;

	(void)state;
	called_take(found.run, &all);
	assert_int_equal(row_of(&all, "recv", false)->ns, 3600 * S + US - US);
	called_free(&all);
	find_end(found);
}

/* The recording was full: of what came after only numbers are known. */
static struct found full(void)
{
	struct found found = find_text("client 1 10.0.0.1:143\n"
				       "1: { w20~10us r6~2ms } x10\n0: poll~1ms\n");
	struct trace_thread *counts = &found.run->process[0].thread[0].counts;
	struct trace_connection *connection = &found.run->process[0].connection[0];

	found.run->process[0].header.full = 1;
	counts->calls[TRACE_SEND] += 1500;
	counts->failed[TRACE_SEND] += 2;
	counts->calls[TRACE_CLOSE] = 1;
	counts->calls[TRACE_PROBE] = 9;
	counts->calls[TRACE_RECV] = 0; /* of a thread whose counts made no sense */
	connection->writes += 1498;
	connection->bytes_written += 29960;
	return found;
}

static void what_was_only_counted(void **state)
{
	struct found found = full();
	struct called_parts parts;
	struct beyond_timed beyond;
	struct called all;

	(void)state;
	called_take(found.run, &all);
	assert_row(row_of(&all, "send", false), 1510, 10, 2, 100 * US, 200);
	assert_row(row_of(&all, "recv", false), 10, 10, 0, 20 * MS, 60);
	assert_row(row_of(&all, "close", false), 1, 0, 0, 0, 0);
	assert_int_equal(all.rows, 4);
	called_free(&all);
	called_part(found.fold, &parts);
	assert_row(row_of(&parts.untold, "send", false), 1500, 0, 2, 0, 0);
	assert_int_equal(parts.untold.rows, 2);
	beyond = calls_beyond(found.fold->flow[0].connection, &parts.flow[0], true);
	assert_int_equal(beyond.calls, 1498);
	assert_int_equal(beyond.bytes, 29960);
	beyond = calls_beyond(found.fold->flow[0].connection, &parts.flow[0], false);
	assert_int_equal(beyond.calls, 0);
	assert_int_equal(beyond.bytes, 0);
	called_parts_free(found.fold, &parts);
	assert_whole(&found);
	find_end(found);
}

#define RULE "------ ------------ ----------- ---------- --------- ------------- -----------\n"
#define HEAD "% time      seconds  usecs/call      calls    errors         bytes call\n" RULE

static void the_table(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143\n"
				       "1: { w20~10us r6~1.98ms } x100 connect(error=111)~1ms\n");
	char *text = printed(&found, calls_print);

	(void)state;
	assert_string_equal(text, HEAD
		" 99.00     0.198000        1980        100                     600 recv\n"
		"  0.50     0.001000          10        100                    2000 send\n"
		"  0.50     0.001000        1000          1         1               connect\n" RULE
		"100.00     0.200000         995        201         1          2600 total\n\n");
	free(text);
	find_end(found);
}

static void the_table_marks_its_bounds(void **state)
{
	struct found found = full();
	char *text = printed(&found, calls_print);

	(void)state;
	assert_string_equal(text, HEAD
		" 94.79     0.020000        2000         10                      60 recv\n"
		"  4.74     0.001000        1000          1                         poll\n"
		"  0.47    >0.000100          10       1510         2          >200 send\n"
		"     -            -           -          1                         close\n" RULE
		"100.00    >0.021100        1005       1522         2          >260 total\n\n"
		"  >: at least. 1,501 calls had no room in the recording and were only "
		"counted:\n  what they took and moved is not in the table.\n\n");
	free(text);
	find_end(found);
}

static void tables_of_all(void **state)
{
	struct found found = full();
	struct report report = report_of(&found);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	report.all = true;
	calls_print(out, &report);
	fclose(out);
	assert_non_null(strstr(text,
		"\n\n10.0.0.1:143 imap #1\nand 1,498 writes of 30.0 kB that were only "
		"counted\n" HEAD
		" 99.50     0.020000        2000         10                      60 recv\n"
		"  0.50     0.000100          10         10                     200 send\n" RULE
		"100.00     0.020100        1005         20                     260 total\n\n"
		"no connection, or several: waits, look-ups, sleeps\n" HEAD
		"100.00     0.001000        1000          1                         poll\n"));
	assert_non_null(strstr(text,
		"\n\nonly counted, on which connection is not known\n" HEAD
		"     -            -           -       1500         2             - send\n"
		"     -            -           -          1                         close\n" RULE
		"     -            -           -       1501         2             - total\n\n"));
	free(text);
	find_end(found);
}

static void of_no_call(void **state)
{
	struct found found = find_text("run wall=1s\n");
	char *text = printed(&found, calls_print);

	(void)state;
	assert_string_equal(text, "no call was timed\n\n");
	free(text);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_by_name),
		cmocka_unit_test(each_connection_has_its_own),
		cmocka_unit_test(processes_add_up),
		cmocka_unit_test(a_call_of_an_hour),
		cmocka_unit_test(what_was_only_counted),
		cmocka_unit_test(the_table),
		cmocka_unit_test(the_table_marks_its_bounds),
		cmocka_unit_test(tables_of_all),
		cmocka_unit_test(of_no_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
