/* Plays tables of victims that talk to themselves. No peer, no marks that wait. */
#include "answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "must.h"
#include "run.h"

struct part {
	const struct answers *row;
	enum mode mode;
};

static void answer_as_bare(void **state)
{
	const struct part *part = *state;
	struct launch launch = {
		.program = part->row->program, .argument = {part->row->verb}, .mode = MODE_BARE};
	struct outcome bare, with;

	run_whole(&launch, &bare);
	assert_string_equal(bare.err, "");
	assert_string_not_equal(bare.out, "");
	launch.mode = part->mode;
	launch.rules = part->mode == MODE_ALWAYS ? part->row->rules : NULL;
	launch.train = mode_holds(part->mode) && library_loads() ? 200 : 0;
	run_whole(&launch, &with);
	assert_same_outcome(part->row->sentence, &bare, &with);
	if (launch.train > 0 && strstr(with.notes, "#trained"))
		assert_non_null(strstr(with.notes, ", 3 held"));
	outcome_free(&bare);
	outcome_free(&with);
}

int answers_and_more(const char *group, const struct answers *rows, size_t count,
	const struct CMUnitTest *more, size_t more_count)
{
	size_t modes = MODE_BUFFER - MODE_OFF, total = count * modes;
	struct CMUnitTest *tests = must_realloc(NULL, (more_count + total) * sizeof(*tests));
	struct part *parts = must_realloc(NULL, total * sizeof(*parts));

	memset(tests, 0, (more_count + total) * sizeof(*tests));
	if (more_count > 0)
		memcpy(tests, more, more_count * sizeof(*more));
	for (size_t i = 0; i < total; i++) {
		struct CMUnitTest *test = &tests[more_count + i];

		parts[i].row = &rows[i / modes];
		parts[i].mode = (enum mode)(MODE_OFF + i % modes);
		test->name =
			must_print("%s [%s]", parts[i].row->sentence, mode_name[parts[i].mode]);
		test->test_func = answer_as_bare;
		test->initial_state = &parts[i];
	}
	return _cmocka_run_group_tests(group, tests, more_count + total, NULL, NULL);
}

int answers_main(const char *group, const struct answers *rows, size_t count)
{
	return answers_and_more(group, rows, count, NULL, 0);
}
