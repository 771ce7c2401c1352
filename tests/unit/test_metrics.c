/* What `sockfix metrics` adds up, how it prints that, and what its server makes of requests. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/live/who.h"
#include "tools/metrics/http.h"
#include "tools/metrics/look.h"
#include "tools/metrics/print.h"
#include "tools/metrics/serve.h"

static struct counted counted_of(const char *unit, const char *program)
{
	struct counted counted = {.state = LIBRARY_ON, .tally = {.known = true}};

	snprintf(counted.unit, sizeof(counted.unit), "%s", unit);
	snprintf(counted.program, sizeof(counted.program), "%s", program);
	snprintf(counted.release, sizeof(counted.release), "0.2.0");
	return counted;
}

static void add_arm(struct counted *counted, const char *rule, bool bare, uint64_t ns)
{
	struct tally_arm *arm = &counted->tally.arm[counted->tally.arms++];
	const double seconds = (double)ns / 1e9;

	*arm = (struct tally_arm){.bare = bare, .connections = 1, .ns = ns};
	arm->squares = seconds * seconds;
	arm->bucket[0] = 1;
	snprintf(arm->rule, sizeof(arm->rule), "%s", rule);
}

static char *printed(const struct sums *sums)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	metrics_print(out, sums, 0);
	fclose(out);
	return text;
}

static void expect_line(const struct sums *sums, const char *line)
{
	char *text = printed(sums), *whole;

	assert_true(asprintf(&whole, "\n%s\n", line) > 0);
	if (!strstr(text, whole))
		fail_msg("no line '%s' in:\n%s", line, text);
	free(whole);
	free(text);
}

/* ---- sums ---- */

static void what_has_the_same_labels_is_one(void **state)
{
	struct counted a = counted_of("a.service", "python3"), b = a;
	struct sums sums = {0};

	(void)state;
	a.tally.held = 5;
	a.tally.late_ns = 1500000000;
	b.tally.held = 6;
	add_arm(&a, "imap", true, 2000000001);
	add_arm(&a, "imap", false, 1);
	add_arm(&b, "imap", true, 3000000000);
	sums_add(&sums, &a);
	sums_add(&sums, &b);
	expect_line(&sums, "sockfix_processes{unit=\"a.service\",program=\"python3\",state=\"on\","
			   "version=\"0.2.0\"} 2");
	expect_line(&sums, "sockfix_writes_held_total{unit=\"a.service\",program=\"python3\"} 11");
	expect_line(&sums, "sockfix_holds_late_seconds_total{unit=\"a.service\",program="
			   "\"python3\"} 1.500000000");
	expect_line(&sums, "sockfix_turn_seconds_sum{rule=\"imap\",arm=\"bare\",peer=\"unknown\","
			   "unit=\"a.service\",program=\"python3\"} 5.000000001");
	expect_line(&sums, "sockfix_turn_seconds_count{rule=\"imap\",arm=\"bare\",peer=\"unknown\","
			   "unit=\"a.service\",program=\"python3\"} 2");
	expect_line(&sums,
		"sockfix_turn_seconds_count{rule=\"imap\",arm=\"mended\",peer=\"unknown\","
		"unit=\"a.service\",program=\"python3\"} 1");
	sums_free(&sums);
}

static void buckets_are_printed_as_sums(void **state)
{
	struct counted counted = counted_of("", "x");
	struct sums sums = {0};

	(void)state;
	add_arm(&counted, "r", false, 1);
	counted.tally.arm[0].bucket[10] = 4;
	counted.tally.arm[0].bucket[CONTROL_BUCKETS] = 2;
	sums_add(&sums, &counted);
#define LABELS "rule=\"r\",arm=\"mended\",peer=\"unknown\",unit=\"\",program=\"x\""
	expect_line(&sums, "sockfix_turn_seconds_bucket{" LABELS ",le=\"0.035\"} 1");
	expect_line(&sums, "sockfix_turn_seconds_bucket{" LABELS ",le=\"0.05\"} 5");
	expect_line(&sums, "sockfix_turn_seconds_bucket{" LABELS ",le=\"10\"} 5");
	expect_line(&sums, "sockfix_turn_seconds_bucket{" LABELS ",le=\"+Inf\"} 7");
	sums_free(&sums);
}

/* The bounds that are printed are those that are counted by. */
static void bounds_are_what_they_say(void **state)
{
	static const uint64_t bound[] = {
#define BOUND(ns) ns,
		CONTROL_BOUNDS(BOUND)
#undef BOUND
	};
	struct counted counted = counted_of("", "x");
	struct sums sums = {0};
	const char *at;
	char *text;

	(void)state;
	assert_int_equal(sizeof(bound) / sizeof(*bound), CONTROL_BUCKETS);
	add_arm(&counted, "r", false, 1);
	sums_add(&sums, &counted);
	at = text = printed(&sums);
	for (size_t i = 0; i < CONTROL_BUCKETS; i++) {
		at = strstr(at, ",le=\"");
		assert_non_null(at);
		at += 5;
		assert_true((uint64_t)(strtod(at, NULL) * 1e9 + 0.5) == bound[i]);
	}
	free(text);
	sums_free(&sums);
}

static void what_finds_no_room_is_other(void **state)
{
	struct sums sums = {0};
	uint64_t held = 0, turns = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct counted counted;

		snprintf(name, sizeof(name), "u%d.service", i);
		counted = counted_of(name, "x");
		counted.tally.held = 1;
		add_arm(&counted, name, i % 2, 1);
		sums_add(&sums, &counted);
	}
	assert_true(
		sums.processes <= SUMS_MOST && sums.arms <= SUMS_MOST && sums.states <= SUMS_MOST);
	for (size_t i = 0; i < sums.processes; i++)
		held += sums.process[i].held;
	for (size_t i = 0; i < sums.arms; i++)
		turns += arm_turns(&sums.arm[i].of);
	assert_int_equal(held, 1000);
	assert_int_equal(turns, 1000);
	assert_string_equal(sums.process[sums.processes - 1].unit, "other");
	assert_string_equal(sums.arm[sums.arms - 1].of.rule, "other");
	sums_free(&sums);
}

static void add_numbers(struct sums *sums, int first, int step)
{
	for (int i = 0; i < 300; i++) {
		char name[32];
		struct counted counted;

		snprintf(name, sizeof(name), "u%d.service", first + step * i);
		counted = counted_of(name, "x");
		counted.tally.held = 1;
		add_arm(&counted, name, true, 1);
		sums_add(sums, &counted);
	}
}

/* Whatever the order that a look finds them in. */
static void the_same_are_other_each_time(void **state)
{
	struct sums before = {0}, sums = {0};

	(void)state;
	add_numbers(&before, 0, 1);
	sums_keep_places(&sums, &before);
	add_numbers(&sums, 299, -1);
	sums_drop_empty(&sums);
	assert_int_equal(sums.processes, before.processes);
	assert_int_equal(sums.arms, before.arms);
	for (size_t i = 0; i < sums.processes; i++) {
		assert_string_equal(sums.process[i].unit, before.process[i].unit);
		assert_int_equal(sums.process[i].held, before.process[i].held);
	}
	for (size_t i = 0; i < sums.arms; i++) {
		assert_string_equal(sums.arm[i].of.rule, before.arm[i].of.rule);
		assert_int_equal(arm_turns(&sums.arm[i].of), arm_turns(&before.arm[i].of));
	}
	sums_free(&sums);
	sums_keep_places(&sums, &before);
	sums_drop_empty(&sums);
	assert_int_equal(sums.processes + sums.arms, 0);
	sums_free(&sums);
	sums_free(&before);
}

static void what_ended_first_is_forgotten_first(void **state)
{
	struct sums sums = {0}, now = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct counted counted;

		snprintf(name, sizeof(name), "u%d.service", i);
		counted = counted_of(name, "x");
		counted.connections = 7;
		sums_add_ended(&sums, &counted, &now);
	}
	assert_true(sums.processes < SUMS_MOST);
	assert_string_equal(sums.process[sums.processes - 1].unit, "u999.service");
	assert_int_equal(sums.process[0].connections, 0); /* nobody has them now */
	assert_int_equal(sums.states, 0);
	sums_free(&sums);
}

/* A service whose workers come and go is not the oldest for having come first. */
static void what_ended_again_is_not_forgotten(void **state)
{
	struct counted kept = counted_of("kept.service", "x");
	struct sums sums = {0}, now = {0};
	uint64_t held = 0;

	(void)state;
	kept.tally.held = 1;
	add_arm(&kept, "kept", true, 1);
	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct counted counted;

		snprintf(name, sizeof(name), "u%d.service", i);
		counted = counted_of(name, "x");
		add_arm(&counted, name, true, 1);
		sums_add_ended(&sums, &counted, &now);
		if (i % 100 == 0)
			sums_add_ended(&sums, &kept, &now);
	}
	for (size_t i = 0; i < sums.processes; i++)
		if (strcmp(sums.process[i].unit, "kept.service") == 0)
			held += sums.process[i].held;
	assert_int_equal(held, 10);
	held = 0;
	for (size_t i = 0; i < sums.arms; i++)
		if (strcmp(sums.arm[i].unit, "kept.service") == 0)
			held += arm_turns(&sums.arm[i].of);
	assert_int_equal(held, 10);
	sums_free(&sums);
}

/* One of whose workers the first has ended long ago, and others go on. */
static void what_goes_on_is_not_forgotten(void **state)
{
	struct counted kept = counted_of("kept.service", "x");
	struct sums ended = {0}, now = {0};

	(void)state;
	kept.tally.held = 5;
	add_arm(&kept, "kept", true, 1);
	sums_add(&now, &kept);
	sums_add_ended(&ended, &kept, &now);
	for (int i = 0; i < 1000; i++) {
		char name[32];
		struct counted counted;

		snprintf(name, sizeof(name), "u%d.service", i);
		counted = counted_of(name, "x");
		add_arm(&counted, name, true, 1);
		sums_add_ended(&ended, &counted, &now);
	}
	assert_true(ended.processes < SUMS_MOST && ended.arms < SUMS_MOST);
	sums_unite(&now, &ended);
	expect_line(&now, "sockfix_writes_held_total{unit=\"kept.service\",program=\"x\"} 10");
	expect_line(&now, "sockfix_turn_seconds_count{rule=\"kept\",arm=\"bare\",peer=\"unknown\","
			  "unit=\"kept.service\",program=\"x\"} 2");
	sums_free(&now);
	sums_free(&ended);
}

/* ---- looks ---- */

/* To others than root what a process of root has mapped is hidden; when it began is not. */
static void who_is_not_seen_has_not_ended(void **state)
{
	struct counted counted = counted_of("hidden.service", "x");
	struct fleet fleet = {.count = 1};
	struct sums sums;

	(void)state;
	if (geteuid() != 0)
		skip();
	if ((counted.pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	counted.began = who_began(counted.pid);
	counted.tally.sockets = 5;
	fleet.before = malloc(sizeof(counted));
	assert_non_null(fleet.before);
	*fleet.before = counted;
	assert_int_equal(seteuid(65534), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fleet_take(&fleet, &sums), 0);
		assert_int_equal(fleet.ended.processes, 0);
		expect_line(
			&sums, "sockfix_sockets_total{unit=\"hidden.service\",program=\"x\"} 5");
		expect_line(&sums, "sockfix_processes{unit=\"hidden.service\",program=\"x\","
				   "state=\"on\",version=\"0.2.0\"} 1");
		sums_free(&sums);
	}
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(kill(counted.pid, SIGKILL), 0);
	assert_int_equal(waitpid(counted.pid, NULL, 0), counted.pid);
	assert_int_equal(fleet_take(&fleet, &sums), 0);
	assert_int_equal(fleet.ended.processes, 1);
	expect_line(&sums, "sockfix_sockets_total{unit=\"hidden.service\",program=\"x\"} 5");
	sums_free(&sums);
	fleet_free(&fleet);
}

/* ---- text ---- */

static void expect_label(const char *text, const char *wanted)
{
	char *value;
	size_t length;
	FILE *out = open_memstream(&value, &length);

	metrics_print_value(out, text);
	fclose(out);
	assert_string_equal(value, wanted);
	free(value);
}

static void labels_are_escaped(void **state)
{
	(void)state;
	expect_label("plain", "plain");
	expect_label("a\"b\\c", "a\\\"b\\\\c");
	expect_label("a\nb\n", "a\\nb\\n");
	expect_label("\xff\xc3(x\x1b[31m", "?"
					   "?(x?[31m");
	expect_label("caf\xc3\xa9", "caf\xc3\xa9");
	expect_label("dev-disk\\x2d1.service", "dev-disk\\\\x2d1.service");
}

static void expect_unit(const char *unit, const char *wanted)
{
	char text[SUMS_TEXT];

	snprintf(text, sizeof(text), "%s", unit);
	unit_without_number(text);
	assert_string_equal(text, wanted);
}

static void scopes_lose_their_numbers(void **state)
{
	(void)state;
	expect_unit("session-12.scope", "session-*.scope");
	expect_unit("run-r3f2a91c0.scope", "run-*.scope");
	expect_unit("init.scope", "init.scope");
	expect_unit("web-front.scope", "web-front.scope");
	expect_unit("app-2.service", "app-2.service");
	expect_unit("a-1.scope.service", "a-1.scope.service");
	expect_unit("container 3f2a91c07b11", "container *");
	expect_unit("sshd@7-10.0.0.1:22-10.0.0.2:5.service", "sshd@*.service");
	expect_unit("app@blue.service", "app@blue.service");
	expect_unit("app2@.service", "app2@.service");
	expect_unit("run-u123.service", "run-*.service");
	expect_unit("run-r3f2a91c0.service", "run-*.service");
	expect_unit("run-away.service", "run-away.service");
	expect_unit("-1.scope", "-*.scope");
	expect_unit("-.scope", "-.scope");
	expect_unit("", "");
}

/* ---- requests ---- */

static enum http_request asks(const char *text)
{
	bool head;

	return http_read(text, strlen(text), &head);
}

static void requests_are_told_apart(void **state)
{
	bool head;

	(void)state;
	assert_int_equal(asks("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"), HTTP_METRICS);
	assert_int_equal(asks("GET /metrics HTTP/1.0\n\n"), HTTP_METRICS);
	assert_int_equal(asks("GET /metrics?x=1 HTTP/1.1\r\n\r\n"), HTTP_METRICS);
	assert_int_equal(asks("GET / HTTP/1.1\r\n\r\n"), HTTP_NOT_FOUND);
	assert_int_equal(asks("GET /metricsx HTTP/1.1\r\n\r\n"), HTTP_NOT_FOUND);
	assert_int_equal(asks("GET /metric HTTP/1.1\r\n\r\n"), HTTP_NOT_FOUND);
	assert_int_equal(asks("POST /metrics HTTP/1.1\r\n\r\n"), HTTP_METHOD);
	assert_int_equal(asks("GET /metrics\r\n\r\n"), HTTP_BAD);
	assert_int_equal(asks("GET /metrics HTTP/2.0\r\n\r\n"), HTTP_BAD);
	assert_int_equal(asks("GET  HTTP/1.1\r\n\r\n"), HTTP_NOT_FOUND);
	assert_int_equal(asks("\r\n\r\n"), HTTP_BAD);
	assert_int_equal(asks("\n\n"), HTTP_BAD);
	assert_int_equal(http_read("HEAD /metrics HTTP/1.1\n\n", 24, &head), HTTP_METRICS);
	assert_true(head);
}

static void requests_may_come_in_parts(void **state)
{
	static const char whole[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	bool head;

	(void)state;
	for (size_t i = 0; i < sizeof(whole) - 1; i++)
		assert_int_equal(http_read(whole, i, &head), HTTP_UNFINISHED);
	assert_int_equal(http_read(whole, sizeof(whole) - 1, &head), HTTP_METRICS);
}

static void requests_have_an_end(void **state)
{
	char bytes[HTTP_MOST];
	bool head;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(http_read(bytes, sizeof(bytes) - 1, &head), HTTP_UNFINISHED);
	assert_int_equal(http_read(bytes, sizeof(bytes), &head), HTTP_LONG);
}

/* Whatever stands in it, nothing beyond it is looked at: the sanitizers say so. */
static void requests_may_be_anything(void **state)
{
	static const char some[] = "GET /metricsHTTP/1.\r\n\n \0?";
	unsigned random = 1;
	bool head;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		const size_t length = (size_t)rand_r(&random) % 40;
		char *bytes = malloc(length ? length : 1);

		assert_non_null(bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = some[(size_t)rand_r(&random) % sizeof(some)];
		assert_int_not_equal(http_read(bytes, length, &head), HTTP_LONG);
		free(bytes);
	}
}

/* ---- addresses ---- */

static int address_error(const char *text)
{
	struct sockaddr_storage address;
	socklen_t length;

	return serve_address(text, &address, &length);
}

static void addresses_are_no_names(void **state)
{
	struct sockaddr_storage address;
	const struct sockaddr_in *v4 = (const void *)&address;
	const struct sockaddr_in6 *v6 = (const void *)&address;
	socklen_t length;

	(void)state;
	assert_int_equal(serve_address("9190", &address, &length), 0);
	assert_int_equal(v4->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(ntohs(v4->sin_port), 9190);
	assert_int_equal(serve_address(":1", &address, &length), 0);
	assert_int_equal(v4->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(serve_address("0.0.0.0:80", &address, &length), 0);
	assert_int_equal(v4->sin_addr.s_addr, htonl(INADDR_ANY));
	assert_int_equal(serve_address("[::1]:80", &address, &length), 0);
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 80);
	assert_int_equal(length, sizeof(*v6));
	for (const char *const *bad = (const char *const[]){"", ":", "x", "localhost:80", "1.2.3.4",
		     "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4: 1", "[::1]",
		     "[::1]:", "[::1:80", "[]:80", "123456789.123456789:80", "1.2.3.4:5:6", NULL};
		*bad; bad++)
		if (!address_error(*bad))
			fail_msg("'%s' is taken for an address", *bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_the_same_labels_is_one),
		cmocka_unit_test(buckets_are_printed_as_sums),
		cmocka_unit_test(bounds_are_what_they_say),
		cmocka_unit_test(what_finds_no_room_is_other),
		cmocka_unit_test(the_same_are_other_each_time),
		cmocka_unit_test(what_ended_first_is_forgotten_first),
		cmocka_unit_test(what_ended_again_is_not_forgotten),
		cmocka_unit_test(what_goes_on_is_not_forgotten),
		cmocka_unit_test(who_is_not_seen_has_not_ended),
		cmocka_unit_test(labels_are_escaped),
		cmocka_unit_test(scopes_lose_their_numbers),
		cmocka_unit_test(requests_are_told_apart),
		cmocka_unit_test(requests_may_come_in_parts),
		cmocka_unit_test(requests_have_an_end),
		cmocka_unit_test(requests_may_be_anything),
		cmocka_unit_test(addresses_are_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
