/* LD_PRELOAD as it will be set, what this host answers to options, and the words of the tables. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/text/option_text.h"
#include "tools/launch/asan.h"
#include "tools/launch/launch.h"
#include "tools/launch/probe.h"
#include "tools/show/words.h"

static void preload(const char *old, const char *expected)
{
	int error = 1;
	char *value = launch_preload("/lib/libsockfix.so", NULL, old, &error);
	assert_int_equal(error, 0);
	assert_string_equal(value, expected);
	free(value);
}

static void test_preload(void **state)
{
	(void)state;
	preload(NULL, "/lib/libsockfix.so");
	preload("", "/lib/libsockfix.so");
	preload("libjemalloc.so.2", "libjemalloc.so.2:/lib/libsockfix.so");
	preload("a.so b.so:c.so", "a.so b.so:c.so:/lib/libsockfix.so");
	/* Once: sockfix run below sockfix run. */
	preload("/lib/libsockfix.so", "/lib/libsockfix.so");
	preload("/lib/libsockfix.so:a.so", "/lib/libsockfix.so:a.so");
	preload("a.so /lib/libsockfix.so", "a.so /lib/libsockfix.so");
	preload("/lib/libsockfix.so.1", "/lib/libsockfix.so.1:/lib/libsockfix.so");
	preload("/opt/lib/libsockfix.so", "/opt/lib/libsockfix.so:/lib/libsockfix.so");
}

static void test_preload_path(void **state)
{
	static const char *const bad[] = {"/a b/l.so", "/a:b/l.so", "/$LIB/l.so"};
	int error = 0;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(launch_preload(bad[i], NULL, NULL, &error));
		assert_int_equal(error, -EINVAL);
	}
}

static void test_library(void **state)
{
	char path[PATH_MAX];
	(void)state;
	/* Beside this test there is none. */
	if (launch_library(path) != 0)
		assert_int_not_equal(access(path, R_OK), 0);
	assert_string_equal(path, SOCKFIX_LIBDIR "/sockfix/libsockfix.so");
}

static void asan(const char *old, const char *expected)
{
	int error = 1;
	char *value = asan_options(old, &error);
	assert_int_equal(error, 0);
	if (expected)
		assert_string_equal(value, expected);
	else
		assert_null(value);
	free(value);
}

#define ANY_ORDER "verify_asan_link_order=0"

static void test_asan(void **state)
{
	(void)state;
	asan(NULL, ANY_ORDER);
	asan("", ANY_ORDER);
	asan("a=1", "a=1:" ANY_ORDER);
	asan("a=1:", "a=1::" ANY_ORDER);
	asan("a=1,b=/tmp/x y", "a=1,b=/tmp/x y:" ANY_ORDER);
	asan("no_verify_asan_link_order=1", "no_verify_asan_link_order=1:" ANY_ORDER);
	asan("verify_asan_link_order_x=1", "verify_asan_link_order_x=1:" ANY_ORDER);
	/* Whatever the user says stays. */
	asan(ANY_ORDER, NULL);
	asan("verify_asan_link_order=1", NULL);
	asan("a=1 verify_asan_link_order=yes,b=2", NULL);
	asan(":::verify_asan_link_order=", NULL);
}

static void test_asan_order(void **state)
{
	(void)state;
	assert_false(asan_keeps_order(NULL));
	assert_false(asan_keeps_order("a=1"));
	assert_false(asan_keeps_order("verify_asan_link_order=0:a=1"));
	assert_false(asan_keeps_order("verify_asan_link_order=false"));
	assert_false(asan_keeps_order("verify_asan_link_order=1,verify_asan_link_order=no"));
	assert_true(asan_keeps_order("verify_asan_link_order=1"));
	assert_true(asan_keeps_order("verify_asan_link_order=true"));
	assert_true(asan_keeps_order("verify_asan_link_order=0 verify_asan_link_order=1"));
}

static char told[8][1024];
static size_t tells;

static void tell(const struct rule *rule, bool refused, const char *sentence)
{
	assert_true(tells < 8);
	snprintf(told[tells++], sizeof(*told), "%s%s: %s", rule->name, refused ? "" : " (note)",
		sentence);
}

static void probe(int id, const char *text)
{
	struct setting setting = {.option = (uint8_t)id};
	struct rule rule = {.name = "r", .file = "f", .setting = &setting, .settings = 1};
	const struct ruleset set = {.rule = &rule, .count = 1};
	char why[256];
	assert_int_equal(option_parse(id, text, &setting.value, why, sizeof(why)), 0);
	tells = 0;
	probe_rules(&set, tell);
}

static void test_probe_refused(void **state)
{
	static const char congestion[] =
		"r: this host refuses tcp_congestion = nosuch: No such file or directory; it has: ";
	(void)state;
	probe(OPTION_TCP_CONGESTION, "nosuch");
	assert_int_equal(tells, 1);
	assert_memory_equal(told[0], congestion, sizeof(congestion) - 1);
	assert_non_null(strstr(told[0], "cubic"));
	probe(OPTION_SO_BINDTODEVICE, "nosuch0");
	assert_int_equal(tells, 1);
	assert_string_equal(
		told[0], "r: this host refuses so_bindtodevice = nosuch0: No such device");
}

static void test_probe_bounded(void **state)
{
	char expected[128], limit[32];
	FILE *file = fopen("/proc/sys/net/core/wmem_max", "r");
	(void)state;
	assert_non_null(file);
	assert_non_null(fgets(limit, sizeof(limit), file));
	fclose(file);
	snprintf(expected, sizeof(expected),
		"r (note): so_sndbuf 1073741823, but this host's net.core.wmem_max is %s", limit);
	expected[strcspn(expected, "\n")] = '\0';
	probe(OPTION_SO_SNDBUF, "1073741823");
	assert_int_equal(tells, 1);
	assert_string_equal(told[0], expected);
}

/* Nothing to say: what every host takes, what is ours, what undoes. */
static void test_probe_silent(void **state)
{
	(void)state;
	probe(OPTION_TCP_NODELAY, "true");
	assert_int_equal(tells, 0);
	probe(OPTION_SO_SNDBUF, "65536");
	assert_int_equal(tells, 0);
	probe(OPTION_SO_RCVBUF, "auto");
	assert_int_equal(tells, 0);
	probe(OPTION_TCP_CONGESTION, "keep");
	assert_int_equal(tells, 0);
	probe(OPTION_COALESCE, "always");
	assert_int_equal(tells, 0);
}

/* explain prints them: each must be one that a rule file may hold, and fit its column. */
static void test_words(void **state)
{
	char text[64], why[256];
	struct value value;
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		option_example(id, text, sizeof(text));
		if (option_parse(id, text, &value, why, sizeof(why)) != 0)
			fail_msg("%s: %s", option_table[id].name, why);
		option_values(id, text, sizeof(text));
		assert_true(strlen(text) <= 23);
		option_when(id, text, sizeof(text));
		assert_true(*text && strlen(text) <= 21);
		assert_string_not_equal(
			option_when_text(id), "at several calls, see sockfix list options");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preload),
		cmocka_unit_test(test_preload_path),
		cmocka_unit_test(test_library),
		cmocka_unit_test(test_asan),
		cmocka_unit_test(test_asan_order),
		cmocka_unit_test(test_probe_refused),
		cmocka_unit_test(test_probe_bounded),
		cmocka_unit_test(test_probe_silent),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
