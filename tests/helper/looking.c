/* Only of `sockfix look` and its victims. Must not know what a test expects. */
#include "looking.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "must.h"

/* No look costs more than 3 % of a processor; what the command is begun with comes on top. */
static const char check_text[] =
	"import json, jsonschema, sys\n"
	"look, schema = json.load(sys.stdin), json.load(open(sys.argv[1]))\n"
	"jsonschema.Draft7Validator.check_schema(schema)\n"
	"jsonschema.Draft7Validator(schema).validate(look)\n"
	"assert look['cost_ns'] <= look['wall_ns'] * 0.05 + 50e6, look['cost_ns']\n"
	"def show(p):\n"
	"	print(p['way'], p['ended'], p['connections'], p['listeners'], p['verdict'],\n"
	"		*(' '.join((f['code'], f['sure'], f['peer'])) for f in p['findings']))\n"
	"	for f in p['findings']:\n"
	"		assert f['minor'] or f['hits'] >= 5 or f['code'] == 'C02'\n"
	"		assert f['minor'] or 0 < f['share']['low'] < f['share']['high'] <= 1\n"
	"wanted = sys.argv[2:]\n"
	"for p in look['processes']:\n"
	"	if not wanted or str(p['pid']) in wanted:\n"
	"		show(p)\n"
	"if '-' in wanted and look['nameless']:\n"
	"	show(look['nameless'])\n";

struct capture looking;
char *looking_folder, *looking_schema;
static char *sockfix;

int looking_begin(void **state)
{
	(void)state;
	looking_folder = capture_folder_new();
	sockfix = build_path("sockfix");
	looking_schema = realpath("tools/show/look.schema.json", NULL);
	assert_non_null(looking_schema);
	capture_write(looking_folder, "check.py", check_text, 0644);
	return 0;
}

int looking_end(void **state)
{
	(void)state;
	capture_folder_free(looking_folder);
	free(sockfix);
	free(looking_schema);
	return 0;
}

int looking_set_up(void **state)
{
	(void)state;
	looking = (struct capture){.env = capture_clean, .dir = looking_folder};
	return 0;
}

int looking_tear_down(void **state)
{
	(void)state;
	capture_free(&looking);
	return 0;
}

void looking_shell(const char *format, ...)
{
	char *line, *whole;
	va_list list;

	va_start(list, format);
	MUST(vasprintf(&line, format, list) > 0);
	va_end(list);
	whole = must_print("LOOK='%s look'; CHECK='/usr/bin/python3 %s/check.py %s'; %s", sockfix,
		looking_folder, looking_schema, line);
	capture_run(&looking, (const char *[]){"/bin/sh", "-c", whole, NULL});
	free(whole);
	free(line);
}

void looking_expect(int status, const char *format, ...)
{
	char *wanted;
	va_list list;

	va_start(list, format);
	MUST(vasprintf(&wanted, format, list) > 0);
	va_end(list);
	assert_string_equal(status ? looking.err : looking.out, wanted);
	assert_string_equal(status ? looking.out : looking.err, "");
	assert_int_equal(looking.status, status);
	free(wanted);
}

void stalled_start(struct stalled *stalled, struct launch *launch, int netns)
{
	const struct peer_plan plan = {
		.address = launch->address, .answer_every = 200, .netns = netns};

	stalled->peer = peer_start(&plan);
	launch->port = peer_port(stalled->peer);
	stalled->run = run_start(launch);
	stalled->pid = run_pid(stalled->run);
	assert_true(peer_wait(stalled->peer, 0, 5 * 200));
}

void stalled_end(struct stalled *stalled)
{
	struct outcome outcome;

	kill(stalled->pid, SIGKILL);
	run_finish(stalled->run, &outcome);
	outcome_free(&outcome);
	peer_stop(stalled->peer);
}
