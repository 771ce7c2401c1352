/* Real plugins: PHP opens its extensions with RTLD_DEEPBIND, so that they and their libraries are
 * bound to libc around every preloaded library. As test_clients.c; and what `record` sees of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/must.h"
#include "tests/helper/recording.h"

#define MEMCACHED_PHP "tests/real/clients/memcached.php"
#define CURL_PHP      "tests/real/clients/curl.php"

static int port;
static pid_t memcached;
static int memcached_out;

static int set_up(void **state)
{
	char *command, line[256];

	(void)state;
	port = talk_free_port();
	/* Both get the signal, and the shell is to end last. */
	command = must_print(
		"trap wait TERM; memcached -u root -l 127.0.0.1 -U 0 -p %d >/dev/null 2>&1 & "
		"until nc -z 127.0.0.1 %d; do sleep 0.05; done; echo ready; wait",
		port, port);
	memcached = client_start(PROGRAM("sh", "-c", command), false, &memcached_out);
	client_line(memcached_out, line, sizeof(line));
	assert_string_equal(line, "ready");
	free(command);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	client_end(memcached);
	close(memcached_out);
	return 0;
}

static void php_memcached(void **state)
{
	struct session session;
	struct talk *relay = talk_relay(port);

	(void)state;
	run_both_until(PROGRAM("php", MEMCACHED_PHP, text_of(talk_port(relay)), "40"), relay,
		&session, 40 + 25, 19);
	assert_string_equal(session.client[BARE].out, "40 missing, 100 there\n");
	assert_mended(session.record, 40, 40 + 25);
	assert_true(session.record[MENDED].acks < 20);
	session_free(&session);
	talk_stop(relay);
}

static double coverage(const struct recording *recording)
{
	return json_real_value(json_object_get(recording->report, "coverage"));
}

static void php_memcached_recorded(void **state)
{
	struct recording recording = {0};
	const json_t *n01;

	(void)state;
	recording_make(&recording, NULL, PROGRAM("php", MEMCACHED_PHP, text_of(port), "60"));
	assert_verdict(&recording, "STALLED");
	n01 = assert_finding(&recording, "N01", "proven", "rule");
	assert_in_range(finding_number(n01, "hits"), 50, 60);
	assert_true(coverage(&recording) > 0.99);
	recording_free(&recording);
}

/* libcurl has nothing that would stall. */
static void php_curl(void **state)
{
	struct recording recording = {0};
	struct session session;
	struct talk_record record;
	struct talk *talk = talk_start(TALK_HTTP);

	(void)state;
	run_both(PROGRAM("php", CURL_PHP, text_of(talk_port(talk)), TURNS_TEXT), talk, &session);
	assert_int_equal(session.record[BARE].segments, session.record[MENDED].segments);
	session_free(&session);
	recording_make(
		&recording, NULL, PROGRAM("php", CURL_PHP, text_of(talk_port(talk)), TURNS_TEXT));
	assert_true(coverage(&recording) > 0.99);
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(recording.report, "run"), "connections")),
		1);
	recording_free(&recording);
	talk_take(talk, &record);
	talk_record_free(&record);
	talk_stop(talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(php_memcached),
		cmocka_unit_test(php_memcached_recorded),
		cmocka_unit_test(php_curl),
	};

	return cmocka_run_group_tests_name("plugins", tests, set_up, tear_down);
}
