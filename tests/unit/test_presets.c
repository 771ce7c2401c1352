/* The presets that travel in the command: each loads, has its head, and decides what it promises.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "rules/presets.h"
#include "tests/unit/rules_text.h"

static const struct preset *preset_by_name(const char *name)
{
	for (size_t i = 0; i < preset_count; i++)
		if (!strcmp(preset_table[i].name, name))
			return &preset_table[i];
	fail_msg("no preset %s", name);
	return NULL;
}

static struct book *book_of_preset(const char *name)
{
	const struct preset *preset = preset_by_name(name);
	char *text = strndup(preset->text, (size_t)(preset->end - preset->text));
	struct book *book = book_of(text);

	free(text);
	return book;
}

static void decides(const char *name, struct subject subject, const char *expected)
{
	struct book *book = book_of_preset(name);

	assert_string_equal(decide(&book->set, subject), expected);
	book_free(book);
}

static void all_are_there_in_byte_order(void **state)
{
	static const char *const name[] = {"burst-server", "db-client", "default", "ftp-control",
		"ftp-data", "git-daemon", "hands-off", "http-post", "http-server", "imap-upload",
		"metrics", "nntp-post", "plc", "queue-rpc", "rsync-daemon", "safe", "smtp-submit"};

	(void)state;
	assert_int_equal(preset_count, sizeof(name) / sizeof(*name));
	for (size_t i = 0; i < preset_count; i++)
		assert_string_equal(preset_table[i].name, name[i]);
}

static void each_says_for_whom_why_and_when_not(void **state)
{
	static const char *const head[] = {
		"\n# For whom  ", "\n# Why       ", "\n# Evidence  ", "\n# Not for   "};

	(void)state;
	for (size_t i = 0; i < preset_count; i++) {
		const struct preset *preset = &preset_table[i];
		char *text = strndup(preset->text, (size_t)(preset->end - preset->text)), first[60];
		const char *at = text;

		snprintf(first, sizeof(first), "# %s: ", preset->name);
		assert_memory_equal(text, first, strlen(first));
		assert_true(strcspn(text, "\n") <= 100);
		for (size_t j = 0; j < 4; j++) {
			at = strstr(at, head[j]);
			assert_non_null(at);
		}
		free(text);
	}
}

/* Rules of a preset carry its name, so that reports say which one it was. */
static void rules_are_named_after_their_preset(void **state)
{
	(void)state;
	for (size_t i = 0; i < preset_count; i++) {
		struct book *book = book_of_preset(preset_table[i].name);

		assert_true(book->set.count > 0);
		assert_int_equal(book->errors, 0);
		for (size_t j = 0; j < book->set.count; j++)
			if (!book->set.rule[j].veto)
				assert_memory_equal(book->set.rule[j].name, preset_table[i].name,
					strlen(preset_table[i].name));
		book_free(book);
	}
}

static void default_is_the_default_rule(void **state)
{
	static const uint16_t port[] = {1, 21, 143, 102, 502, 2404, 20000, 44818, 65535};
	struct book *preset = book_of_preset("default"), *built_in = book_new();

	(void)state;
	book_add_default(built_in);
	for (size_t i = 0; i < sizeof(port) / sizeof(*port); i++) {
		const struct subject subject[] = {client_to(port[i]), server_on(port[i])};

		for (int j = 0; j < 2; j++) {
			char expected[100];

			snprintf(expected, sizeof(expected), "%s",
				decide(&built_in->set, subject[j]));
			assert_string_equal(decide(&preset->set, subject[j]), expected);
		}
	}
	assert_string_equal(decide(&preset->set, client_to(143)), "coalesce=auto(default)");
	book_free(preset);
	book_free(built_in);
}

static void safe_is_nodelay_for_clients(void **state)
{
	(void)state;
	decides("safe", client_to(502), "tcp_nodelay=true(safe)");
	decides("safe", server_on(80), "");
}

static void clients_by_port(void **state)
{
	static const struct {
		const char *name;
		uint16_t port[7];
		const char *expected;
	} row[] = {
		{"imap-upload", {143, 993}, "coalesce=auto(imap-upload)"},
		{"smtp-submit", {25, 465, 587}, "coalesce=auto(smtp-submit)"},
		{"nntp-post", {119, 563}, "coalesce=auto(nntp-post)"},
		{"http-post", {80, 443, 8080}, "coalesce=auto(http-post)"},
		{"ftp-control", {21},
			"tcp_nodelay=true(ftp-control) tcp_quickack=true(ftp-control)"},
		{"queue-rpc", {11300, 11211, 6379, 5672, 61613, 1883}, "coalesce=auto(queue-rpc)"},
		{"db-client", {3306, 5432, 1433},
			"tcp_nodelay=true(db-client) so_keepalive=true(db-client) "
			"tcp_keepidle=60s(db-client) "
			"tcp_keepintvl=10s(db-client) tcp_keepcnt=6(db-client)"},
		{"metrics", {2003, 2004, 8125, 514, 601},
			"coalesce=always(metrics) coalesce_delay=5ms(metrics)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		for (int j = 0; row[i].port[j]; j++) {
			decides(row[i].name, client_to(row[i].port[j]), row[i].expected);
			decides(row[i].name, server_on(row[i].port[j]), "");
		}
		decides(row[i].name, client_to(12), "");
	}
}

static void ftp_data_both_ways(void **state)
{
	struct subject active = server_on(40001);

	(void)state;
	decides("ftp-data", client_to(50123), "coalesce=always(ftp-data-passive)");
	decides("ftp-data", client_to(21), "");
	decides("ftp-data", client_to(2404), "");
	decides("ftp-data", active, "");
	active.peer_port = 20;
	decides("ftp-data", active, "coalesce=always(ftp-data-active)");
}

static void daemons_on_both_sides(void **state)
{
	static const char git[] = "tcp_nodelay=true(git-daemon) coalesce=off(git-daemon)";
	static const char rsync[] = "tcp_nodelay=true(rsync-daemon) coalesce=off(rsync-daemon)";

	(void)state;
	decides("git-daemon", client_to(9418), git);
	decides("git-daemon", server_on(9418), git);
	decides("git-daemon", client_to(22), "");
	decides("rsync-daemon", client_to(873), rsync);
	decides("rsync-daemon", server_on(873), rsync);
}

static void servers(void **state)
{
	(void)state;
	decides("http-server", server_on(8000),
		"listen_backlog=1024(http-server) coalesce=auto(http-server)");
	decides("http-server", client_to(8000), "");
	decides("burst-server", server_on(9999), "listen_backlog=1024(burst-server)");
	decides("burst-server", client_to(9999), "");
}

static void vetoes(void **state)
{
	static const uint16_t plc[] = {102, 502, 2404, 20000, 44818};
	struct subject subject = client_to(22);

	(void)state;
	for (size_t i = 0; i < sizeof(plc) / sizeof(*plc); i++) {
		decides("plc", client_to(plc[i]), "veto(leave_alone[1])");
		decides("plc", server_on(plc[i]), "veto(leave_alone[1])");
	}
	decides("plc", client_to(503), "");
	decides("hands-off", client_to(6000), "veto(leave_alone[2])");
	decides("hands-off", client_to(6064), "");
	subject.program = "ssh";
	decides("hands-off", subject, "veto(leave_alone[1])");
	subject.program = "sshfs";
	decides("hands-off", subject, "");
}

static void a_veto_reaches_other_presets_and_settings(void **state)
{
	struct book *book = book_of_preset("plc");
	const struct preset *safe = preset_by_name("safe");

	(void)state;
	assert_int_equal(
		book_add_text(book, "safe", safe->text, (size_t)(safe->end - safe->text)), 0);
	assert_int_equal(book_add_setting(book, "tcp_nodelay=true"), 0);
	assert_string_equal(decide(&book->set, client_to(502)), "veto(leave_alone[1])");
	assert_string_equal(decide(&book->set, client_to(503)), "tcp_nodelay=true(command-line)");
	book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_there_in_byte_order),
		cmocka_unit_test(each_says_for_whom_why_and_when_not),
		cmocka_unit_test(rules_are_named_after_their_preset),
		cmocka_unit_test(default_is_the_default_rule),
		cmocka_unit_test(safe_is_nodelay_for_clients),
		cmocka_unit_test(clients_by_port),
		cmocka_unit_test(ftp_data_both_ways),
		cmocka_unit_test(daemons_on_both_sides),
		cmocka_unit_test(servers),
		cmocka_unit_test(vetoes),
		cmocka_unit_test(a_veto_reaches_other_presets_and_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
