/* What README.md and the help of each verb show is run as it stands there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

/* Some switch every process of the host, some read or write below /etc: here a copy of it. */
static const char own_everything[] =
	"mount -t tmpfs none /run && mkdir /run/etc && cp -a /etc/. /run/etc && "
	"mount --bind /run/etc /etc && rm -rf /etc/sockfix && "
	"exec unshare --pid --fork --mount-proc --propagation unchanged python3 \"$@\"";

static void each_example_is_right(void **state)
{
	char *scenes = realpath("tests/behave/examples.py", NULL);
	char *readme = realpath("README.md", NULL), *sockfix = build_path("sockfix");
	struct capture capture = {.env = capture_clean};
	char *wanted;
	long count;

	(void)state;
	need("root");
	need("mounts");
	own_mounts();
	own_network();
	capture_run(&capture,
		(const char *[]){"sh", "-c", own_everything, "sh", scenes, sockfix, readme, NULL});
	/* nothing but the number of them, and there are many */
	count = strtol(capture.out, NULL, 10);
	wanted = must_print("%ld examples\n", count);
	assert_string_equal(capture.out, wanted);
	assert_true(count > 80);
	assert_string_equal(capture.err, "");
	assert_int_equal(capture.status, 0);
	capture_free(&capture);
	free(wanted);
	free(scenes);
	free(readme);
	free(sockfix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_example_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
