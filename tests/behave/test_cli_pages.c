/* Man pages and completions: groff has no complaint, and each verb, option, code, preset and word
 * that the command itself prints stands there; bash completes what a person begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

static struct capture capture;
static char *folder, *pages, *sockfix;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	pages = build_path("pages");
	sockfix = build_path("sockfix");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	free(pages);
	free(sockfix);
	return 0;
}

/* A line of sh, where $PAGES and $SOCKFIX are those of the build; what it prints, and nothing on
 * stderr. At home in the test's folder: fish makes itself one. */
static void shell(const char *line, const char *wanted)
{
	char *whole = must_print("HOME=$PWD PAGES=%s SOCKFIX=%s\n%s", pages, sockfix, line);

	capture_run(&capture, (const char *[]){"bash", "-c", whole, NULL});
	free(whole);
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out, wanted);
}

static void groff_has_no_complaint(void **state)
{
	(void)state;
	shell("for p in $PAGES/*.[1-8]; do LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z $p "
	      ">/dev/null || echo $p; done; ls $PAGES | tr '\\n' ' '",
		"_sockfix libsockfix.8 sockfix-findings.7 sockfix-rules.5 sockfix.1 sockfix.bash "
		"sockfix.fish ");
}

/* What stands in `words` and not in the page as it is read; a page has nothing of its own there. */
#define MISSING(page, words)                                                                       \
	"COLUMNS=1000 MANWIDTH=1000 man -l $PAGES/" page " | col -b >page; { " words               \
	"; } | while read -r w; do grep -qwF -e \"$w\" page || echo \"$w\"; done; wc -l <page | "  \
	"awk '{ print ($1 > 20) }'"

static void each_verb_and_option_has_its_place(void **state)
{
	(void)state;
	shell(MISSING("sockfix.1",
		      "$SOCKFIX --help | sed -n 's/^  \\([a-z]*\\)  .*/\\1/p' | tee "
		      "verbs; for v in $(cat verbs); do $SOCKFIX $v --help | grep -o "
		      "-e '^  *-., --[a-z-]*' -e '^  *--[a-z-]*' | sed 's/^ *//'; done"),
		"1\n");
	shell("wc -w <verbs | awk '{ print ($1 > 12) }'", "1\n");
}

static void each_word_of_rules_has_its_place(void **state)
{
	(void)state;
	shell(MISSING("sockfix-rules.5",
		      "{ $SOCKFIX list options; $SOCKFIX list presets; $SOCKFIX "
		      "list matchers; } | grep -o '^[a-z][a-z_-]* ' | grep -vw -e "
		      "its -e sockfix -e none; printf "
		      "'%s\\n' holdout force last leave_alone keep @include"),
		"1\n");
}

static void each_code_has_its_place(void **state)
{
	(void)state;
	shell(MISSING("sockfix-findings.7", "$SOCKFIX list codes | grep -o '^[A-Z][0-9][0-9]'"),
		"1\n");
}

static void each_call_has_its_place(void **state)
{
	(void)state;
	shell(MISSING("libsockfix.8",
		      "nm -D --defined-only $PAGES/../libsockfix.so | sed 's/.* //'"),
		"1\n");
}

/* And what stands in `explain`, as lines to paste, stands there word for word. */
static void each_starter_has_its_place(void **state)
{
	(void)state;
	shell("COLUMNS=1000 MANWIDTH=1000 man -l $PAGES/libsockfix.8 | col -bx | sed 's/^ *//' >page; "
	      "$SOCKFIX explain starters | sed -n 's/^\\([a-z][a-z-]*\\)   *.*/\\1/p' >names; "
	      "for s in $(cat names); do grep -qx -e $s page || echo $s; "
	      "$SOCKFIX explain $s | sed '1,/^$/d' | sed '/^$/,$d' | sed -n 's/^  //p' | tee -a all | "
	      "while read -r l; do grep -qxF -e \"$l\" page || echo \"$l\"; done; done; "
	      "wc -l <names; wc -l <all",
		"15\n19\n");
}

/* ---- completions ---- */

#define TRY                                                                                        \
	"PATH=${SOCKFIX%/*}:$PATH; . $PAGES/sockfix.bash; try() { COMP_WORDS=(\"$@\"); "           \
	"COMP_CWORD=$(($# - 1)); _sockfix 2>/dev/null; echo \"${COMPREPLY[*]}\"; }; "

static void bash_completes(void **state)
{
	(void)state;
	shell(TRY
		"try sockfix rec; try sockfix help ru; try sockfix run -P imap; try sockfix run "
		"--preset plc; try sockfix run -s tcp_nod; try sockfix mend --und; try sockfix "
		"report N0; try sockfix explain hold; try sockfix explain podman-; try sockfix explain tcp_nod; try sockfix "
		"list co; try sockfix report --format ''",
		"record\nrun\nimap-upload\nplc\ntcp_nodelay=\n--undo\nN01 N02 N03 N05 N06 N07\n"
		"holdout\npodman-build\ntcp_nodelay\ncodes\ntext json html perfetto\n");
	shell("touch a.conf; mkdir b; " TRY
	      "try sockfix check a; try sockfix run -r a; try sockfix "
	      "record -o b; try sockfix off $$ | grep -cw $$; try sockfix run mktem | tr ' ' '\\n' | sort -u; try sockfix diff "
	      "b",
		"a.conf\na.conf\nb\n1\nmktemp\nb\n");
}

static void recordings_are_offered(void **state)
{
	(void)state;
	shell("export XDG_STATE_HOME=$PWD; $SOCKFIX record -q -- true; " TRY
	      "try sockfix report $PWD/s | tr ' ' '\\n' | sort -u | grep -cx \"$PWD/sockfix/[0-9a-f]*\"",
		"1\n");
}

static void other_shells_take_theirs(void **state)
{
	(void)state;
	shell("zsh -n $PAGES/_sockfix; fish -n $PAGES/sockfix.fish; PATH=${SOCKFIX%/*}:$PATH fish "
	      "-c \"source $PAGES/sockfix.fish; complete -C 'sockfix run -P imap-' | cut -f1; complete "
	      "-C 'sockfix list pre' | cut -f1; complete -C 'sockfix mend --und' | cut -f1\"",
		"imap-upload\npresets\n--undo\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(groff_has_no_complaint),
		TEST(each_verb_and_option_has_its_place),
		TEST(each_word_of_rules_has_its_place),
		TEST(each_code_has_its_place),
		TEST(each_call_has_its_place),
		TEST(each_starter_has_its_place),
		TEST(bash_completes),
		TEST(recordings_are_offered),
		TEST(other_shells_take_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
