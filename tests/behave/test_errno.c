/* What calls answer is what they answer without the library: results, errno, signals.
 *
 * The victims talk to themselves over one connection and print each answer; errno is 1234 before
 * each call, so a success that touches it differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/run.h"

static const char *const rows[][3] = {
	{"calls that succeed leave errno alone", "errors", "success"},
	{"a full socket that must not block: partial writes, then EAGAIN", "errors", "would-block"},
	{"a blocking write larger than every buffer is whole", "errors", "blocking-big"},
	{"after a reset: ECONNRESET once, then EPIPE and its signal", "errors", "broken-pipe"},
	{"after a reset: ECONNRESET from read, then its end", "errors", "reset-read"},
	{"SIGPIPE without a handler ends the program", "errors", "pipe-kills"},
	{"buffers that are not mapped: EFAULT, or what came before", "errors", "bad-buffers"},
	{"descriptors that are closed, negative, a file, a path", "errors", "bad-descriptors"},
	{"the limits of writev and of lengths", "errors", "limits"},
	{"addresses that are bad, short, odd or refused", "errors_args", "addresses"},
	{"options with bad values, lengths and names", "errors_args", "options"},
	{"poll, select, sleeps and fcntl with bad arguments, a write held", "errors_args",
		"waiting"},
	{"a signal interrupts what blocks, a write held", "errors_args", "interrupted"},
};

struct part {
	const char *const *row;
	enum mode mode;
};

static void answer_as_bare(void **state)
{
	const struct part *part = *state;
	struct launch launch = {.program = part->row[1], .argument = {part->row[2]}};
	struct outcome bare, with;

	run_whole(&launch, &bare);
	launch.mode = part->mode;
	launch.train = mode_holds(part->mode) && library_loads() ? 200 : 0;
	run_whole(&launch, &with);
	assert_string_not_equal(bare.out, "");
	assert_same_outcome(part->row[0], &bare, &with);
	if (launch.train > 0 && strstr(with.notes, "#trained"))
		assert_non_null(strstr(with.notes, ", 3 held"));
	outcome_free(&bare);
	outcome_free(&with);
}

int main(void)
{
	enum { ROWS = sizeof(rows) / sizeof(*rows), MODES = MODE_BUFFER - MODE_OFF };
	static struct part parts[ROWS * MODES];
	static struct CMUnitTest tests[ROWS * MODES];

	for (size_t i = 0; i < ROWS * MODES; i++) {
		parts[i].row = rows[i / MODES];
		parts[i].mode = (enum mode)(MODE_OFF + i % MODES);
		tests[i].name = must_print("%s [%s]", rows[i / MODES][0], mode_name[parts[i].mode]);
		tests[i].test_func = answer_as_bare;
		tests[i].initial_state = &parts[i];
	}
	return _cmocka_run_group_tests("errno", tests, ROWS * MODES, NULL, NULL);
}
