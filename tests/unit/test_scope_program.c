/* Programs made from rules, played without a kernel: they set what rules_decide() says, and nothing
 * else. What the kernel makes of them: tests/behave/test_scope.c. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "rules/ip.h"
#include "tests/unit/helper/bpf_play.h"
#include "tests/unit/rules_text.h"
#include "tools/scope/program.h"
#include "tools/scope/takes.h"

enum {
	CONNECT = BPF_SOCK_OPS_TCP_CONNECT_CB,
	ACCEPT = BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB,
	LISTEN = BPF_SOCK_OPS_TCP_LISTEN_CB
};

#define ANY(set) "a: { match: { role = \"any\"; }; set: { " set " }; };\n"

/* ---- one event ---- */

static void set_event(struct bpf_play *play, unsigned op, const struct subject *subject)
{
	struct bpf_sock_ops *event = &play->event;
	static const uint8_t nobody[16];
	const uint8_t *peer = op == LISTEN ? nobody : subject->peer;

	memset(event, 0, sizeof(*event));
	event->op = op;
	event->family = ip_is_v4(subject->peer) ? AF_INET : AF_INET6;
	if (event->family == AF_INET)
		memcpy(&event->remote_ip4, peer + 12, 4);
	else
		memcpy(event->remote_ip6, peer, 16);
	event->local_port = subject->local_port;
	/* in the network's order, in the upper half (linux/bpf.h) */
	event->remote_port = op == LISTEN ? 0 : htonl(subject->peer_port);
}

static void play_set(struct bpf_play *play, const struct ruleset *set, unsigned op,
	const struct subject *subject)
{
	struct bpf_insn *insn;
	size_t count;

	assert_int_equal(program_make(set, &insn, &count), 0);
	set_event(play, op, subject);
	bpf_play(play, insn, count);
	assert_int_equal(play->result, 1);
	free(insn);
}

/* "6.1=1 1.9=1": level, name and the value, in their order. */
static const char *text_of_sets(const struct bpf_play *play)
{
	static char line[1000];
	size_t used = 0;

	line[0] = '\0';
	for (size_t i = 0; i < play->sets; i++) {
		uint32_t number;

		memcpy(&number, play->set[i].bytes, sizeof(number));
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%d.%d",
			used ? " " : "", play->set[i].level, play->set[i].name);
		used += (size_t)(play->set[i].name == TCP_CONGESTION
					 ? snprintf(line + used, sizeof(line) - used, "=%.*s",
						   (int)play->set[i].length,
						   (const char *)play->set[i].bytes)
					 : snprintf(line + used, sizeof(line) - used, "=%u",
						   number));
	}
	return line;
}

static const char *sets_of(const char *rules, unsigned op, struct subject subject)
{
	struct book *book = book_of(rules);
	static struct bpf_play play;

	play_set(&play, &book->set, op, &subject);
	book_free(book);
	return text_of_sets(&play);
}

static struct subject at(struct subject subject, const char *peer)
{
	set_peer(&subject, peer);
	return subject;
}

/* ---- single sentences ---- */

static void coalesce_becomes_nodelay(void **state)
{
	(void)state;
	for (int mode = COALESCE_AUTO; mode < COALESCE_COUNT; mode++) {
		char rules[200];

		snprintf(rules, sizeof(rules), ANY("coalesce = \"%s\"; %s"), coalesce_name[mode],
			mode == COALESCE_BUFFER ? "accept_loss = true;" : "");
		assert_string_equal(sets_of(rules, CONNECT, client_to(143)), "6.1=1");
		assert_string_equal(sets_of(rules, ACCEPT, server_on(143)), "6.1=1");
		assert_string_equal(sets_of(rules, LISTEN, server_on(143)), "");
	}
	assert_string_equal(sets_of(ANY("coalesce = \"auto\"; tcp_nodelay = \"keep\"; "
					"tcp_keepcnt = 3;"),
				    CONNECT, client_to(143)),
		"6.6=3");
	assert_string_equal(
		sets_of(ANY("coalesce = \"auto\"; tcp_nodelay = false; tcp_keepcnt = 3;"), CONNECT,
			client_to(143)),
		"6.6=3");
}

static void delicate_ports_are_left_alone(void **state)
{
	static const char by_range[] = "a: { match: { port = \"1-65535\"; }; set: { coalesce = "
				       "\"auto\"; }; };\n";
	static const char by_name[] = "a: { match: { port = \"502\"; }; set: { coalesce = "
				      "\"auto\"; }; };\n";
	static const uint16_t ports[] = {102, 502, 2404, 20000, 44818};

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		assert_string_equal(sets_of(by_range, CONNECT, client_to(ports[i])), "");
		assert_string_equal(sets_of(by_range, ACCEPT, server_on(ports[i])), "");
		assert_string_equal(
			sets_of(by_range, CONNECT, client_to((uint16_t)(ports[i] + 1))), "6.1=1");
	}
	assert_string_equal(sets_of(by_name, CONNECT, client_to(502)), "6.1=1");
	/* said in so many words it is set */
	assert_string_equal(sets_of(ANY("tcp_nodelay = true;"), CONNECT, client_to(502)), "6.1=1");
}

static void a_switch_that_is_off_is_the_programs(void **state)
{
	(void)state;
	assert_string_equal(
		sets_of(ANY("tcp_nodelay = false; tcp_keepcnt = 3;"), CONNECT, client_to(1)),
		"6.6=3");
	assert_string_equal(
		sets_of("a: { match: { role = \"any\"; }; set: { tcp_nodelay = false; };"
			" force = true; };",
			CONNECT, client_to(1)),
		"6.1=0");
}

static void service_has_two_numbers(void **state)
{
	const char *rules = ANY("ip_tos = 8;");

	(void)state;
	assert_string_equal(sets_of(rules, CONNECT, client_to(1)), "0.1=8");
	assert_string_equal(sets_of(rules, ACCEPT, at(server_on(1), "2001:db8::1")), "41.67=8");
	assert_string_equal(sets_of(rules, LISTEN, at(server_on(1), "2001:db8::1")), "41.67=8");
}

static void the_listener_gets_what_the_handshake_needs(void **state)
{
	static const char same[] = ANY("so_rcvbuf = 65536; tcp_nodelay = true; tcp_syncnt = 2;");
	static const char differs[] =
		ANY("so_rcvbuf = 65536;") "b: { match: { peer = \"10.0.0.0/8\"; }; set: { "
					  "so_rcvbuf = 4096; }; };\n";
	static const char spared[] =
		ANY("so_rcvbuf = 65536;") "leave_alone = ( { peer = \"10.0.0.0/8\"; } );\n";

	(void)state;
	assert_string_equal(sets_of(same, LISTEN, server_on(1)), "1.8=65536");
	assert_string_equal(sets_of(same, ACCEPT, server_on(1)), "6.1=1 1.8=65536");
	assert_string_equal(sets_of(same, CONNECT, client_to(1)), "6.1=1 1.8=65536 6.7=2");
	assert_string_equal(sets_of(differs, LISTEN, server_on(1)), "");
	assert_string_equal(sets_of(differs, ACCEPT, at(server_on(1), "10.1.1.1")), "1.8=4096");
	assert_string_equal(sets_of(differs, ACCEPT, server_on(1)), "1.8=65536");
	assert_string_equal(sets_of(spared, LISTEN, server_on(1)), "");
	assert_string_equal(sets_of(spared, ACCEPT, at(server_on(1), "10.1.1.1")), "");
}

static void words_and_rates(void **state)
{
	(void)state;
	assert_string_equal(
		sets_of(ANY("tcp_congestion = \"reno\";"), CONNECT, client_to(1)), "6.13=reno");
	assert_string_equal(sets_of(ANY("so_max_pacing_rate = 5000000;"), CONNECT, client_to(1)),
		"1.47=5000000");
}

static void other_events_and_families_are_let_be(void **state)
{
	struct book *book = book_of(ANY("tcp_nodelay = true;"));
	const struct subject subject = client_to(1);
	static struct bpf_play play;
	struct bpf_insn *insn;
	size_t count;

	(void)state;
	assert_int_equal(program_make(&book->set, &insn, &count), 0);
	for (unsigned op = 0; op < 32; op++) {
		set_event(&play, op, &subject);
		bpf_play(&play, insn, count);
		assert_int_equal(play.sets, op == CONNECT || op == ACCEPT);
	}
	set_event(&play, CONNECT, &subject);
	play.event.family = AF_UNIX;
	bpf_play(&play, insn, count);
	assert_int_equal(play.sets, 0);
	free(insn);
	book_free(book);
}

static void what_sets_nothing_is_no_program(void **state)
{
	static const char *const rules[] = {ANY("tcp_quickack = true;"), ANY("tcp_cork = true;"),
		ANY("so_linger = 0;"), ANY("so_rcvbuf = \"auto\";"), ANY("coalesce = \"off\";"),
		"leave_alone = ( { role = \"any\"; } );\n" ANY("tcp_keepcnt = 3;"),
		ANY("listen_backlog = 100;"), ANY("so_reuseaddr = true;"),
		ANY("tcp_nodelay = false;"), ANY("so_max_pacing_rate = \"40Gbit\";")};
	struct bpf_insn *insn;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		struct book *book = book_of(rules[i]);

		assert_int_equal(program_make(&book->set, &insn, &count), -ENODATA);
		assert_null(insn);
		book_free(book);
	}
}

static void too_many_rules_are_refused(void **state)
{
	enum { MANY = 8000 };
	static struct rule rule[MANY];
	struct book *book =
		book_of("a: { match: { port = \"1,3,5,7\"; }; set: { tcp_keepcnt = 3; }; };\n");
	struct ruleset set = {rule, MANY};
	struct bpf_insn *insn;
	size_t count;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		rule[i] = book->set.rule[0];
	assert_int_equal(program_make(&set, &insn, &count), -E2BIG);
	assert_null(insn);
	book_free(book);
}

/* ---- all of it, against rules_decide() ---- */

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

struct random_rules {
	struct rule rule[8];
	struct setting setting[8][3];
	struct network network[8][2];
	struct port_range range[8][3][2];
	struct ruleset set;
};

static const char *const peers[] = {"10.0.0.1", "10.0.1.1", "192.0.2.1", "2001:db8::1",
	"2001:db8::ffff:1", "::1", "255.255.255.255"};
enum { PEERS = sizeof(peers) / sizeof(*peers) };
static const uint16_t some_port[] = {1, 22, 102, 143, 502, 993, 40000, 65535};
enum { SOME = sizeof(some_port) / sizeof(*some_port) };

static struct ports random_ports(struct port_range range[2])
{
	const size_t count = 1 + draw(2);

	for (size_t i = 0; i < count; i++) {
		range[i].low = draw(4) ? some_port[draw(SOME)] : 0;
		range[i].high = draw(2) || range[i].low > 60000
					? range[i].low
					: (uint16_t)(range[i].low + draw(5000));
	}
	return (struct ports){range, count};
}

static struct networks random_networks(struct network network[2])
{
	static const uint8_t v4_bits[] = {96, 104, 120, 128, 119, 127},
			     v6_bits[] = {0, 32, 33, 64, 127, 128};
	const size_t count = 1 + draw(2);

	for (size_t i = 0; i < count; i++) {
		struct subject subject;

		set_peer(&subject, peers[draw(PEERS)]);
		memcpy(network[i].address, subject.peer, 16);
		network[i].bits = ip_is_v4(subject.peer) ? v4_bits[draw(6)] : v6_bits[draw(6)];
		/* as the readers of rules make them: no bit behind the prefix */
		for (unsigned bit = network[i].bits; bit < 128; bit++)
			network[i].address[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	}
	return (struct networks){network, count};
}

static struct setting random_setting(void)
{
	static const int ids[] = {OPTION_TCP_NODELAY, OPTION_COALESCE, OPTION_TCP_KEEPCNT,
		OPTION_IP_TOS, OPTION_TCP_SYNCNT, OPTION_TCP_QUICKACK};
	struct setting setting = {.option = (uint8_t)ids[draw(6)], .force = draw(3) == 0};
	const struct option *option = &option_table[setting.option];

	setting.value.kind = draw(5) ? VALUE_NUMBER : VALUE_KEEP;
	setting.value.number = option->low + draw((uint32_t)(option->high - option->low) + 1);
	return setting;
}

static void random_match(struct random_rules *rules, size_t i)
{
	struct match *match = &rules->rule[i].match;

	match->role = (enum role)(ROLE_CLIENT + draw(3));
	match->port = random_ports(rules->range[i][0]);
	match->local_port = random_ports(rules->range[i][1]);
	match->peer_port = random_ports(rules->range[i][2]);
	match->peer = random_networks(rules->network[i]);
	if (draw(2))
		match->named |= 1u << MATCH_ROLE;
	if (draw(2))
		match->named |= 1u << MATCH_PORT;
	if (draw(5) == 0)
		match->named |= 1u << MATCH_LOCAL_PORT;
	if (draw(5) == 0)
		match->named |= 1u << MATCH_PEER_PORT;
	if (draw(3) == 0)
		match->named |= 1u << MATCH_PEER;
}

static void random_rules(struct random_rules *rules)
{
	memset(rules, 0, sizeof(*rules));
	rules->set = (struct ruleset){rules->rule, 1 + draw(8)};
	for (size_t i = 0; i < rules->set.count; i++) {
		struct rule *rule = &rules->rule[i];

		random_match(rules, i);
		rule->veto = draw(8) == 0;
		rule->last = draw(6) == 0;
		rule->holdout = draw(5) ? 0 : (uint8_t)draw(101);
		rule->setting = rules->setting[i];
		rule->settings = rule->veto ? 0 : 1 + draw(3);
		for (size_t k = 0; k < rule->settings; k++)
			rules->setting[i][k] = random_setting();
	}
}

static struct subject random_subject(struct bpf_play *play, bool client)
{
	struct subject subject = client ? client_to(1) : server_on(1);

	set_peer(&subject, peers[draw(PEERS)]);
	subject.local_port = some_port[draw(SOME)];
	subject.peer_port = some_port[draw(SOME)];
	subject.port = client ? subject.peer_port : subject.local_port;
	play->cookie = draw(60000);
	subject.draw = (uint8_t)(play->cookie % 100 * 61 % 100);
	return subject;
}

static bool has_value(const struct decision *decision, int id)
{
	const bool off = option_table[id].type == TYPE_SWITCH && decision->value[id].number == 0 &&
			 !(decision->force & OPTION_BIT(id));

	return (decision->set & OPTION_BIT(id)) && !off;
}

/* The same, said by the decision. */
static const char *wanted(const struct ruleset *set, const struct subject *subject, bool client)
{
	static const int ids[] = {
		OPTION_TCP_NODELAY, OPTION_TCP_KEEPCNT, OPTION_IP_TOS, OPTION_TCP_SYNCNT};
	static char line[200];
	struct decision decision;
	const struct value *value = decision.value;

	rules_decide(set, subject, &decision);
	line[0] = '\0';
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		const int id = ids[i];
		const bool v6 = id == OPTION_IP_TOS && !ip_is_v4(subject->peer);
		int64_t number = value[id].number;

		if (id == OPTION_TCP_SYNCNT && !client)
			continue;
		if (id == OPTION_TCP_NODELAY && decision.rule[id] == NO_RULE &&
			(decision.set & OPTION_BIT(OPTION_COALESCE)) &&
			value[OPTION_COALESCE].number != COALESCE_OFF)
			number = 1;
		else if (!has_value(&decision, id))
			continue;
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%d.%d=%d",
			*line ? " " : "", v6 ? IPPROTO_IPV6 : option_table[id].level,
			v6 ? IPV6_TCLASS : option_table[id].optname, (int)number);
	}
	return line;
}

static void random_rules_say_the_same(void **state)
{
	enum { SETS = 3000, FLOWS = 20 };
	static struct random_rules rules;
	static struct bpf_play play;
	size_t made = 0, sets = 0;

	(void)state;
	for (seed = 1; seed <= SETS * 7919u; seed = (uint32_t)(++made * 7919u)) {
		struct bpf_insn *insn;
		size_t count;

		random_rules(&rules);
		if (program_make(&rules.set, &insn, &count) != 0)
			continue;
		for (int i = 0; i < FLOWS; i++) {
			const bool client = draw(2);
			const struct subject subject = random_subject(&play, client);

			set_event(&play, client ? CONNECT : ACCEPT, &subject);
			bpf_play(&play, insn, count);
			assert_string_equal(
				text_of_sets(&play), wanted(&rules.set, &subject, client));
			sets += play.sets;
		}
		free(insn);
	}
	assert_in_range(sets, SETS * FLOWS / 8, SETS * FLOWS * 4); /* it was about something */
}

/* ---- what is told ---- */

static char told[2000];

static void tell(const struct rule *rule, bool refused, const char *sentence)
{
	const size_t used = strlen(told);

	snprintf(told + used, sizeof(told) - used, "%s%s: %s\n", refused ? "! " : "", rule->name,
		sentence);
}

static int narrow(const char *text, const struct subject *process, size_t *left, bool *joins)
{
	struct takes_told to = {.tell = tell};
	struct book *book = book_of(text);
	struct ruleset set;
	int answer;

	told[0] = '\0';
	answer = takes_narrow(&book->set, process, &set, &to);
	*left = set.count;
	*joins = to.joins;
	free(set.rule);
	book_free(book);
	return answer;
}

static void a_process_is_asked_for(void **state)
{
	static const char rules[] =
		"a: { match: { program = \"x*\"; port = 1; }; set: { tcp_keepcnt = 3; }; };\n"
		"b: { match: { user = \"1\"; }; set: { coalesce = \"auto\"; }; };\n"
		"c: { match: { port = 1; }; set: { tcp_keepcnt = 4; }; };\n";
	static const char veto[] = "leave_alone = ( { script = \"x\"; } );\n";
	struct subject process = client_to(1);
	size_t left;
	bool joins;

	(void)state;
	assert_int_equal(narrow(rules, NULL, &left, &joins), 0);
	assert_int_equal(left, 1);
	assert_false(joins);
	assert_string_equal(told,
		"a: it asks for the program, which the kernel does not tell of a cgroup's "
		"connections: it is left out\n"
		"b: it asks for the user, which the kernel does not tell of a cgroup's "
		"connections: it is left out\n");
	process.program = process.argv0 = "xy";
	assert_int_equal(narrow(rules, &process, &left, &joins), 0);
	assert_int_equal(left, 2); /* not the other user's */
	assert_false(joins);
	process.uid = 1;
	assert_int_equal(narrow(rules, &process, &left, &joins), 0);
	assert_int_equal(left, 3);
	assert_true(joins);
	assert_string_equal(told, "");
	assert_int_equal(narrow(veto, NULL, &left, &joins), -EINVAL);
	assert_string_equal(told,
		"! leave_alone[1]: it asks for the script, which the kernel does not tell of a "
		"cgroup's connections: without this rule more would be set than you want\n");
	assert_int_equal(narrow(veto, &process, &left, &joins), 0);
	assert_int_equal(left, 0);
}

/* Each option is set, or there is a sentence why it is not. */
static void every_option_is_set_or_told(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		struct setting setting = {.option = (uint8_t)id,
			.value = {VALUE_NUMBER, option_table[id].high > 1000 ? 1000 : 1, "x"}};
		struct rule rule = {.name = "a",
			.match = {.named = 1u << MATCH_ROLE, .role = ROLE_ANY},
			.setting = &setting,
			.settings = 1};
		const struct ruleset set = {&rule, 1};
		struct bpf_insn *insn;
		size_t count;
		const int error = program_make(&set, &insn, &count);

		if (option_table[id].when & AT_WRITE) /* joining: one sentence for all of it */
			assert_int_equal(error, id == OPTION_COALESCE ? 0 : -ENODATA);
		else
			assert_int_equal(error, takes_not(&setting) ? -ENODATA : 0);
		free(insn);
	}
}

static void options_are_told(void **state)
{
	size_t left;
	bool joins;

	(void)state;
	narrow(ANY("tcp_quickack = true; tcp_cork = true; so_reuseport = true; so_rcvbuf = "
		   "\"auto\";"),
		NULL, &left, &joins);
	assert_string_equal(told,
		"! a: tcp_quickack cannot be set from outside of the program and is left out: the "
		"kernel forgets it, and takes it anew from the program alone\n"
		"! a: tcp_cork cannot be set from outside of the program and is left out: the "
		"kernel takes it from the program alone\n"
		"! a: so_reuseport cannot be set from outside of the program and is left out: it "
		"is due before bind(), of which the kernel does not tell\n"
		"! a: so_rcvbuf cannot be set from outside of the program and is left out: what "
		"the program sets cannot be undone\n");
	narrow("a: { match: { role = \"any\"; }; set: { tcp_keepcnt = 3; }; force = true; };", NULL,
		&left, &joins);
	assert_string_equal(told, "a: force holds for tcp_keepcnt until the connection is there: "
				  "what the program sets on it then wins\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coalesce_becomes_nodelay),
		cmocka_unit_test(delicate_ports_are_left_alone),
		cmocka_unit_test(a_switch_that_is_off_is_the_programs),
		cmocka_unit_test(service_has_two_numbers),
		cmocka_unit_test(the_listener_gets_what_the_handshake_needs),
		cmocka_unit_test(words_and_rates),
		cmocka_unit_test(other_events_and_families_are_let_be),
		cmocka_unit_test(what_sets_nothing_is_no_program),
		cmocka_unit_test(too_many_rules_are_refused),
		cmocka_unit_test(random_rules_say_the_same),
		cmocka_unit_test(a_process_is_asked_for),
		cmocka_unit_test(every_option_is_set_or_told),
		cmocka_unit_test(options_are_told),
	};

	return cmocka_run_group_tests_name("scope_program", tests, NULL, NULL);
}
