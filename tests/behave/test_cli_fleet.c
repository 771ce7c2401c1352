/* examples/fleet: rules are rolled out only where they are right, and come back; its files are what
 * they say. What needs Prometheus is in tests/fleet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

static struct capture capture;
static char *folder, *sockfix, *fleet;

#define RULE(name) name ": { match: { port = 143; }; set: { tcp_nodelay = true; }; };\n"

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	fleet = realpath("examples/fleet", NULL);
	assert_non_null(fleet);
	capture = (struct capture){.env = capture_clean, .dir = folder};
	capture_write(folder, "50-a.conf", RULE("one"), 0600);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	free(sockfix);
	free(fleet);
	return 0;
}

/* A line of sh, where roll is the script and d its folder. */
static void shell(const char *line, int status, const char *out, const char *err)
{
	char *whole = must_print(
		"export SOCKFIX=%s RULES_D=d F=%s; roll() { sh %s/roll-out.sh \"$@\"; }\n%s",
		sockfix, fleet, fleet, line);

	capture_run(&capture, (const char *[]){"bash", "-c", whole, NULL});
	free(whole);
	if (err)
		assert_string_equal(capture.err, err);
	if (out)
		assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
}

static void rules_come_and_go_back(void **state)
{
	(void)state;
	shell("roll 50-a.conf >/dev/null; stat -c %a d/50-a.conf; sed -i s/one/two/ 50-a.conf\n"
	      "roll 50-a.conf >/dev/null; cut -c 1-3 d/50-a.conf; ls d\n"
	      "roll --back 50-a.conf; cut -c 1-3 d/50-a.conf\n"
	      "roll --back 50-a.conf; echo $?; cut -c 1-3 d/50-a.conf\n"
	      "roll --back d/50-a.conf; cut -c 1-3 d/50-a.conf; ls d",
		0,
		"644\ntwo\n50-a.conf\n50-a.conf.before\n"
		"d/50-a.conf: as it was before; programs that start from now on have it\none\n"
		"d/50-a.conf: as it was before 50-a.conf already; nothing was changed\n1\none\n"
		"d/50-a.conf: as it was before; programs that start from now on have it\ntwo\n"
		"50-a.conf\n50-a.conf.before\n",
		"");
}

static void the_first_one_goes_back_to_none(void **state)
{
	(void)state;
	shell("roll 50-a.conf >/dev/null; roll --back 50-a.conf; ls d; roll --back d/50-a.conf "
	      ">/dev/null; ls d; rm d/*; roll --back d/50-a.conf",
		2,
		"d/50-a.conf: gone, as before; it is kept as d/50-a.conf.before\n"
		"50-a.conf.before\n50-a.conf\n",
		"roll-out.sh: neither d/50-a.conf nor d/50-a.conf.before is there\n");
}

static void wrong_rules_change_nothing(void **state)
{
	(void)state;
	shell("roll 50-a.conf >/dev/null; echo 'x: { match: { port = 1; }; set: { nodelay = true; "
	      "}; };' >50-a.conf; roll 50-a.conf >/dev/null 2>&1; echo $?; cut -c 1-3 d/50-a.conf; "
	      "ls d",
		0, "2\none\n50-a.conf\n", "");
	shell("roll a.txt", 2, "", "roll-out.sh: a.txt: only what ends in .conf is read there\n");
	shell("roll 50-a.conf 2>&1 | tail -n 1; ls d", 0,
		"roll-out.sh: 50-a.conf has mistakes: nothing was changed\n50-a.conf\n", "");
	shell("roll 50-b.conf", 2, "",
		"roll-out.sh: 50-b.conf cannot be read: nothing was changed\n");
	shell("SOCKFIX=no/sockfix; roll 50-a.conf", 2, "",
		"roll-out.sh: no/sockfix is not there: nothing was changed\n");
}

static void cases_are_held_against_them(void **state)
{
	(void)state;
	shell("echo 'x, 10.0.0.1:143, tcp_nodelay=true' >50-a.cases; roll 50-a.conf >/dev/null; ls d; "
	      "rm -r d; echo 'x, 10.0.0.1:143, tcp_nodelay=false' >50-a.cases; "
	      "roll 50-a.conf >/dev/null 2>err; tail -n 1 err; ls d 2>&1 | wc -c; "
	      "roll 50-a.conf none 2>&1 | tail -n 1",
		0,
		"50-a.conf\nroll-out.sh: 50-a.cases is not met: nothing was changed\n49\n"
		"roll-out.sh: none is not there: nothing was changed\n",
		"");
}

/* What was before stays what was before. */
static void once_more_changes_nothing(void **state)
{
	(void)state;
	shell("roll 50-a.conf >/dev/null; sed -i s/one/two/ 50-a.conf; roll 50-a.conf >/dev/null\n"
	      "roll 50-a.conf | tail -n 1; cut -c 1-3 d/50-a.conf d/50-a.conf.before",
		0, "d/50-a.conf: has it already\ntwo\none\n", "");
}

static void what_another_one_has_put_there_stays(void **state)
{
	(void)state;
	shell("roll 50-a.conf >/dev/null; sed -i s/one/two/ 50-a.conf; roll 50-a.conf >/dev/null\n"
	      "sed -i s/two/six/ d/50-a.conf; roll --back 50-a.conf; echo $?; cut -c 1-3 d/50-a.conf",
		0, "d/50-a.conf: that is not 50-a.conf; nothing was changed\n1\nsix\n", "");
}

static void it_is_proved_where_it_will_be(void **state)
{
	(void)state;
	shell("mkdir d; mv 50-a.conf more.inc; echo '@include \"more.inc\"' >50-a.conf\n"
	      "roll 50-a.conf >/dev/null 2>err; echo $?; tail -n 1 err; ls d",
		0, "2\nroll-out.sh: 50-a.conf has mistakes in d: nothing was changed\n", "");
	shell("echo 'one: { match: { port = 143; }; set: { tcp_nodelay = true; }; };' >50-a.conf\n"
	      "sed s/true/false/ 50-a.conf >d/90-z.conf\n"
	      "echo 'x, 10.0.0.1:143, tcp_nodelay=true' >50-a.cases\n"
	      "roll 50-a.conf >/dev/null 2>err; echo $?; tail -n 1 err; ls d",
		0, "2\nroll-out.sh: 50-a.cases is not met: nothing was changed\n90-z.conf\n", "");
}

static void a_full_disk_leaves_both(void **state)
{
	(void)state;
	need("mounts");
	shell("roll 50-a.conf >/dev/null; head -c 5000 /dev/zero | tr '\\0' '#' >more\n"
	      "{ echo; sed s/one/two/ 50-a.conf; } >>more; mv more 50-a.conf; mkdir m\n" OWN_MOUNTS
	      "sh -c 'mount -t tmpfs -o size=16k none m; cp d/* m; head -c 5000 50-a.conf "
	      ">m/50-a.conf.before; cp m/50-a.conf.before kept; RULES_D=m sh $0/roll-out.sh 50-a.conf "
	      ">/dev/null 2>err; echo $?; tail -n 1 err; ls m; cmp kept m/50-a.conf.before' $F",
		0,
		"2\nroll-out.sh: m/50-a.conf.new cannot be written: nothing was changed\n"
		"50-a.conf\n50-a.conf.before\n",
		"");
}

/* ssh and scp of this host stand for those of others: each host is a folder. */
static void hosts_have_it_one_after_the_other(void **state)
{
	(void)state;
	shell("mkdir bin web1 web2\n"
	      "printf '#!/bin/sh\\nh=$1; shift; [ -d $T/$h ] || exit 255; RULES_D=$T/$h/d sh -c \"$*\"\\n' "
	      ">bin/ssh\n"
	      "printf '#!/bin/sh\\ncp $2 ${3#*:}\\n' >bin/scp; chmod +x bin/*\n"
	      "export T=$PWD PATH=$PWD/bin:$PATH; unset RULES_D\n"
	      "roll --on web1,web2 ./50-a.conf | grep -c back:; cat web1/d/50-a.conf | cut -c 1-3\n"
	      "ls web2/d; roll --on web1 --back 50-a.conf >/dev/null; ls web1/d\n"
	      "roll --on web1 --back 50-a.conf | tail -n 1 | sed s,.*/web1,web1,\n"
	      "RULES_D=\"$T/other d\" roll --on web1 ./50-a.conf >/dev/null; ls other* web1/d\n"
	      "roll --on '' 50-a.conf 2>/dev/null; echo $?; roll --on web1 --back no.conf\n"
	      "roll --on web1,web3,web2 50-a.conf >/dev/null",
		2,
		"2\none\n50-a.conf\n50-a.conf.before\n"
		"web1/d/50-a.conf: as it was before 50-a.conf already; nothing was changed\n"
		"other d:\n50-a.conf\n\nweb1/d:\n50-a.conf.before\n2\n",
		"roll-out.sh: no.conf is not here: hosts go back from that file, and only those that "
		"have it\n"
		"roll-out.sh: web3: cannot get there\n"
		"roll-out.sh: done: web1; web3 and those behind it: not\n");
}

static const char dashboard[] =
	"import json, sys\n"
	"d = json.load(open(sys.argv[1] + '/dashboard.json'))\n"
	"ids = [p['id'] for p in d['panels']]\n"
	"assert len(ids) == len(set(ids))\n"
	"used = {(x, y) for p in d['panels'] for g in [p['gridPos']]\n"
	"        for x in range(g['x'], g['x'] + g['w']) for y in range(g['y'], g['y'] + g['h'])}\n"
	"assert len(used) == sum(p['gridPos']['w'] * p['gridPos']['h'] for p in d['panels'])\n"
	"assert max(x for x, y in used) == 23\n"
	"print(all(t['expr'] for p in d['panels'] for t in p['targets']))\n";

static void the_dashboard_is_whole(void **state)
{
	char *line = must_print("python3 dash.py %s", fleet);

	(void)state;
	capture_write(folder, "dash.py", dashboard, 0644);
	shell(line, 0, "True\n", "");
	free(line);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(rules_come_and_go_back),
		TEST(the_first_one_goes_back_to_none),
		TEST(wrong_rules_change_nothing),
		TEST(cases_are_held_against_them),
		TEST(once_more_changes_nothing),
		TEST(what_another_one_has_put_there_stays),
		TEST(it_is_proved_where_it_will_be),
		TEST(a_full_disk_leaves_both),
		TEST(hosts_have_it_one_after_the_other),
		TEST(the_dashboard_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
