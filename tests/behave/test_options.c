/* Rules set options: in time, once, unseen by the program; what the program set itself stays,
 * unless forced; what the kernel refuses is logged and changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

struct seen {
	struct outcome bare, with;
	struct calls calls;
	enum peer_end end;
};

static void run_one(const char *role, const char *set, const char *rules, const char *variable,
	const char *address, struct outcome *outcome, struct calls *calls, enum peer_end *end)
{
	struct peer_plan plan = {.answer_lines = true, .address = address};
	struct peer *peer = peer_start(&plan);
	char *path = calls_path();
	struct launch launch = {.program = "options",
		.argument = {role, set},
		.variable = {variable},
		.mode = rules ? MODE_AUTO : MODE_BARE,
		.rules = rules,
		.port = peer_port(peer),
		.address = address,
		.trace = path,
		.calls = "network"};
	struct run *run = run_start(&launch);
	const char *line;
	int port;

	while ((line = run_mark(run)))
		if (sscanf(line, "#listens %d", &port) == 1)
			peer_join(peer, port);
	run_finish(run, outcome);
	assert_int_equal(outcome->status, 0);
	*end = peer_wait_end(peer, 0);
	calls_read(path, calls);
	free(path);
	peer_stop(peer);
}

/* Runs bare and with the rules; the program must see the same. */
static void see(struct seen *seen, const char *role, const char *set, const char *rules)
{
	struct calls calls;
	enum peer_end end;

	run_one(role, set, NULL, NULL, NULL, &seen->bare, &calls, &end);
	calls_free(&calls);
	run_one(role, set, rules, NULL, NULL, &seen->with, &seen->calls, &seen->end);
	assert_same_outcome(rules, &seen->bare, &seen->with);
}

static void seen_free(struct seen *seen)
{
	outcome_free(&seen->bare);
	outcome_free(&seen->with);
	calls_free(&seen->calls);
}

/* The note "#kernel: WHEN OPTION VALUE" or "#program: ...". */
static int noted(const struct outcome *outcome, const char *who, const char *when, const char *name)
{
	char *start = must_print("#%s: %s %s ", who, when, name);
	const char *at = strstr(outcome->notes, start);
	int value;

	if (!at)
		fail_msg("no note '%s' in\n%s", start, outcome->notes);
	value = atoi(at + strlen(start));
	free(start);
	return value;
}

static void assert_kernel(const struct seen *seen, const char *when, const char *name, int value)
{
	if (library_loads() && noted(&seen->with, "kernel", when, name) != value)
		fail_msg("%s %s is %d in the kernel, not %d", when, name,
			noted(&seen->with, "kernel", when, name), value);
}

static void assert_set_before(const struct seen *seen, const char *option, const char *before)
{
	size_t set = calls_find(&seen->calls, 0, "setsockopt", option);

	if (library_loads() && set >= calls_find(&seen->calls, 0, before, NULL))
		fail_msg("%s is not set before %s", option, before);
}

#define MANY                                                                                       \
	"@:tcp_nodelay=1@:so_keepalive=1@:tcp_keepidle=77@:tcp_user_timeout=30000@:so_priority=3"  \
	"@:ip_tos=8@:so_rcvbuf=100000+=1"

static void client_before_connect(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "client", NULL, "1:+many@role=client" MANY);
	assert_set_before(&seen, "TCP_NODELAY, [1]", "connect");
	assert_set_before(&seen, "SO_KEEPALIVE, [1]", "connect");
	assert_set_before(&seen, "TCP_KEEPIDLE, [77]", "connect");
	assert_set_before(&seen, "TCP_USER_TIMEOUT, [30000]", "connect");
	assert_set_before(&seen, "SO_PRIORITY, [3]", "connect");
	assert_set_before(&seen, "IP_TOS, [8]", "connect");
	assert_set_before(&seen, "SO_RCVBUF, [100000]", "connect");
	assert_kernel(&seen, "new", "tcp_keepidle", 7200);
	assert_kernel(&seen, "connected", "tcp_nodelay", 1);
	assert_kernel(&seen, "connected", "tcp_keepidle", 77);
	assert_kernel(&seen, "used", "tcp_keepidle", 77);
	/* Buffers are shown as the kernel has them. */
	assert_kernel(&seen, "connected", "so_rcvbuf", 200000);
	if (library_loads())
		assert_int_equal(noted(&seen.with, "program", "connected", "so_rcvbuf"), 200000);
	seen_free(&seen);
}

static void nonblocking_client(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "nonblocking", NULL, "1:+many@role=client" MANY);
	assert_set_before(&seen, "TCP_KEEPIDLE, [77]", "connect");
	assert_kernel(&seen, "connected", "tcp_keepidle", 77);
	seen_free(&seen);
}

static void server_once_on_the_listener(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "server", NULL,
		"1:+many@role=server@:listen_backlog=300@:tcp_nodelay=1@:so_keepalive=1"
		"@:tcp_keepidle=77@:so_priority=3+=1");
	assert_set_before(&seen, "TCP_NODELAY, [1]", "accept");
	assert_set_before(&seen, "TCP_KEEPIDLE, [77]", "accept");
	assert_kernel(&seen, "connected", "tcp_nodelay", 1);
	assert_kernel(&seen, "connected", "tcp_keepidle", 77);
	assert_kernel(&seen, "connected", "so_priority", 3);
	if (library_loads()) {
		/* Linux hands it to accepted sockets: a second call would be one too many. */
		assert_int_equal(
			calls_count(&seen.calls, 0, seen.calls.count, "setsockopt", "TCP_KEEPIDLE"),
			1);
		assert_int_equal(
			calls_count(&seen.calls, 0, seen.calls.count, "listen", "300)"), 1);
	}
	assert_int_equal(calls_count(&seen.calls, 0, seen.calls.count, "listen", NULL), 1);
	seen_free(&seen);
}

static void a_rule_for_clients_leaves_servers(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "server", NULL, "1:+many@role=client" MANY);
	assert_int_equal(calls_count(&seen.calls, 0, seen.calls.count, "setsockopt", NULL), 0);
	seen_free(&seen);
}

static void the_program_wins(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "client", "set", "1:+many@role=client" MANY);
	assert_kernel(&seen, "connected", "tcp_keepidle", 50);
	assert_kernel(&seen, "connected", "so_rcvbuf", 10000);
	assert_kernel(&seen, "connected", "tcp_user_timeout", 30000);
	seen_free(&seen);
}

static void force_wins_unseen(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "client", "set", "1:+many@role=client@:tcp_keepidle=^77@:so_keepalive=^0+=1");
	assert_kernel(&seen, "connected", "tcp_keepidle", 77);
	assert_kernel(&seen, "connected", "so_keepalive", 0);
	seen_free(&seen);
}

static void undone(void **state)
{
	struct seen seen;

	(void)state;
	see(&seen, "client", "set", "1:+many@role=client@:so_rcvbuf=^~@:so_linger=^~+=1");
	if (library_loads()) {
		assert_true(noted(&seen.with, "kernel", "connected", "so_rcvbuf") > 10000);
		assert_int_equal(seen.end, PEER_EOF);
	} else {
		assert_int_equal(seen.end, PEER_RESET);
	}
	seen_free(&seen);
}

static void veto_and_keep(void **state)
{
	static const char *const rules[] = {
		"1:+no@veto@role=any+many@role=client" MANY,
		"1:+many@role=any@:tcp_nodelay=1+back@role=any@:tcp_nodelay=-+=2",
		"1:+many@role=any@last@:coalesce=0+late@role=any@:tcp_nodelay=1+=2",
		"1:+other@program=other*@:tcp_nodelay=1+=1",
		"1:+port@role=client@port=1@:tcp_nodelay=1+=1",
		"1:+peer@peer=192.0.2.0/24@:tcp_nodelay=1+=1",
	};
	struct seen seen;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		see(&seen, "client", NULL, rules[i]);
		assert_int_equal(
			calls_count(&seen.calls, 0, seen.calls.count, "setsockopt", NULL), 0);
		seen_free(&seen);
	}
}

static void quickack_after_each_read(void **state)
{
	struct seen seen;
	size_t armed = 0, at = 0;

	(void)state;
	see(&seen, "client", NULL, "1:+ftp@role=client@:tcp_quickack=1@:coalesce=0+=1");
	while ((at = calls_find(&seen.calls, at, "recvfrom", "= 3")) < seen.calls.count) {
		at++;
		armed += strcmp(seen.calls.call[at].name, "setsockopt") == 0 &&
			 strstr(seen.calls.call[at].text, "TCP_QUICKACK, [1]");
	}
	assert_int_equal(armed, library_loads() ? 3 : 0);
	seen_free(&seen);
}

static void traffic_class_on_ipv6(void **state)
{
	struct outcome outcome;
	struct calls calls;
	enum peer_end end;

	(void)state;
	run_one("client", NULL, "1:+tos@role=client@:ip_tos=8+=1", NULL, "::1", &outcome, &calls,
		&end);
	if (library_loads())
		assert_true(calls_find(&calls, 0, "setsockopt", "IPV6_TCLASS, [8]") <
			    calls_find(&calls, 0, "connect", NULL));
	outcome_free(&outcome);
	calls_free(&calls);
}

static void refused_and_logged(void **state)
{
	char *path = calls_path(), *variable = must_print("SOCKFIX_LOG=%s:error", path), *log;
	struct outcome bare, with;
	struct calls calls;
	enum peer_end end;

	(void)state;
	unlink(path);
	run_one("client", NULL, NULL, NULL, NULL, &bare, &calls, &end);
	calls_free(&calls);
	run_one("client", NULL, "1:+bad@role=client@:tcp_congestion==nosuch@:so_priority=3+=1",
		variable, NULL, &with, &calls, &end);
	assert_same_outcome("a refused option", &bare, &with);
	if (library_loads()) {
		log = must_read_file(path);
		if (!strstr(log, "tcp_congestion") || strchr(log, '\n') != log + strlen(log) - 1)
			fail_msg("the log should be one line about tcp_congestion:\n%s", log);
		free(log);
		/* What was not refused is set. */
		assert_int_equal(noted(&with, "kernel", "connected", "so_priority"), 3);
	}
	unlink(path);
	free(path);
	free(variable);
	outcome_free(&bare);
	outcome_free(&with);
	calls_free(&calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_before_connect),
		cmocka_unit_test(nonblocking_client),
		cmocka_unit_test(server_once_on_the_listener),
		cmocka_unit_test(a_rule_for_clients_leaves_servers),
		cmocka_unit_test(the_program_wins),
		cmocka_unit_test(force_wins_unseen),
		cmocka_unit_test(undone),
		cmocka_unit_test(veto_and_keep),
		cmocka_unit_test(quickack_after_each_read),
		cmocka_unit_test(traffic_class_on_ipv6),
		cmocka_unit_test(refused_and_logged),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
