/* Options as people write them: each text gives one number, or one exact sentence. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "rules/text/option_text.h"

struct good {
	const char *name, *text;
	enum value_kind kind;
	int64_t number;
	const char *printed;
};

static const struct good good[] = {
	{"tcp_nodelay", "true", VALUE_NUMBER, 1, "true"},
	{"tcp_nodelay", "False", VALUE_NUMBER, 0, "false"},
	{"tcp_nodelay", "yes", VALUE_NUMBER, 1, "true"},
	{"tcp_nodelay", "no", VALUE_NUMBER, 0, "false"},
	{"tcp_nodelay", "on", VALUE_NUMBER, 1, "true"},
	{"tcp_nodelay", "off", VALUE_NUMBER, 0, "false"},
	{"tcp_nodelay", "1", VALUE_NUMBER, 1, "true"},
	{"tcp_nodelay", "0", VALUE_NUMBER, 0, "false"},
	{"tcp_nodelay", "keep", VALUE_KEEP, 0, "keep"},
	{"tcp_keepidle", "60s", VALUE_NUMBER, 60, "60s"},
	{"tcp_keepidle", "60", VALUE_NUMBER, 60, "60s"},
	{"tcp_keepidle", "60 s", VALUE_NUMBER, 60, "60s"},
	{"tcp_keepidle", "1min", VALUE_NUMBER, 60, "60s"},
	{"tcp_keepidle", "2h", VALUE_NUMBER, 7200, "7200s"},
	{"tcp_keepidle", "2000ms", VALUE_NUMBER, 2, "2s"},
	{"tcp_keepidle", "32767", VALUE_NUMBER, 32767, "32767s"},
	{"tcp_user_timeout", "30s", VALUE_NUMBER, 30000, "30s"},
	{"tcp_user_timeout", "30ms", VALUE_NUMBER, 30, "30ms"},
	{"tcp_user_timeout", "30", VALUE_NUMBER, 30, "30ms"},
	{"tcp_user_timeout", "0", VALUE_NUMBER, 0, "0ms"},
	{"so_rcvtimeo", "1500ms", VALUE_NUMBER, 1500, "1500ms"},
	{"so_busy_poll", "50us", VALUE_NUMBER, 50, "50us"},
	{"so_busy_poll", "1s", VALUE_NUMBER, 1000000, "1s"},
	{"coalesce_delay", "5ms", VALUE_NUMBER, 5000, "5ms"},
	{"coalesce_delay", "500us", VALUE_NUMBER, 500, "500us"},
	{"coalesce_limit", "64K", VALUE_NUMBER, 65536, "65536B"},
	{"coalesce_limit", "100B", VALUE_NUMBER, 100, "100B"},
	{"so_sndbuf", "64K", VALUE_NUMBER, 65536, "65536"},
	{"so_sndbuf", "64KB", VALUE_NUMBER, 65536, "65536"},
	{"so_sndbuf", "64KiB", VALUE_NUMBER, 65536, "65536"},
	{"so_sndbuf", "1M", VALUE_NUMBER, 1048576, "1048576"},
	{"so_sndbuf", "0x10000", VALUE_NUMBER, 65536, "65536"},
	{"so_sndbuf", "auto", VALUE_UNDO, 0, "auto"},
	{"so_rcvbuf", "auto", VALUE_UNDO, 0, "auto"},
	{"so_linger", "off", VALUE_UNDO, 0, "off"},
	{"so_linger", "5s", VALUE_NUMBER, 5, "5s"},
	{"so_linger", "0", VALUE_NUMBER, 0, "0s"},
	{"so_max_pacing_rate", "5Gbit", VALUE_NUMBER, 625000000, "5Gbit"},
	{"so_max_pacing_rate", "5gbit/s", VALUE_NUMBER, 625000000, "5Gbit"},
	{"so_max_pacing_rate", "40Mbit", VALUE_NUMBER, 5000000, "40Mbit"},
	{"so_max_pacing_rate", "625MB", VALUE_NUMBER, 625000000, "5Gbit"},
	{"so_max_pacing_rate", "625MB/s", VALUE_NUMBER, 625000000, "5Gbit"},
	{"so_max_pacing_rate", "5000000000", VALUE_NUMBER, 5000000000, "40Gbit"},
	{"so_max_pacing_rate", "1", VALUE_NUMBER, 1, "1"},
	{"so_max_pacing_rate", "9223372036854775807", VALUE_NUMBER, INT64_MAX,
		"9223372036854775807"},
	{"ip_tos", "0x08", VALUE_NUMBER, 8, "8"},
	{"so_mark", "4294967295", VALUE_NUMBER, 4294967295, "4294967295"},
	{"listen_backlog", "1024", VALUE_NUMBER, 1024, "1024"},
	{"coalesce", "off", VALUE_NUMBER, COALESCE_OFF, "off"},
	{"coalesce", "auto", VALUE_NUMBER, COALESCE_AUTO, "auto"},
	{"coalesce", "always", VALUE_NUMBER, COALESCE_ALWAYS, "always"},
	{"coalesce", "buffer", VALUE_NUMBER, COALESCE_BUFFER, "buffer"},
	{"coalesce", "keep", VALUE_KEEP, 0, "keep"},
};

static void texts_become_numbers_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		const int id = option_by_name(good[i].name);
		struct value value, again;
		char why[200] = "", printed[40];

		assert_int_equal(option_parse(id, good[i].text, &value, why, sizeof(why)), 0);
		assert_string_equal(why, "");
		assert_int_equal(value.kind, good[i].kind);
		assert_int_equal(value.number, good[i].number);
		option_print(id, &value, printed, sizeof(printed));
		assert_string_equal(printed, good[i].printed);
		assert_int_equal(option_parse(id, printed, &again, why, sizeof(why)), 0);
		assert_int_equal(again.kind, value.kind);
		assert_int_equal(again.number, value.number);
	}
}

static void words_keep_their_bytes(void **state)
{
	struct value value;
	char why[200], printed[40];

	(void)state;
	assert_int_equal(option_parse(OPTION_TCP_CONGESTION, "bbr", &value, why, sizeof(why)), 0);
	assert_int_equal(value.kind, VALUE_WORD);
	assert_string_equal(value.word, "bbr");
	option_print(OPTION_TCP_CONGESTION, &value, printed, sizeof(printed));
	assert_string_equal(printed, "bbr");
	assert_int_equal(
		option_parse(OPTION_SO_BINDTODEVICE, "123456789012345", &value, why, sizeof(why)),
		0);
	assert_string_equal(value.word, "123456789012345");
}

struct bad {
	const char *name, *text, *why;
};

static const struct bad bad[] = {
	{"tcp_nodelay", "maybe", "tcp_nodelay takes true or false, not \"maybe\""},
	{"tcp_nodelay", "2", "tcp_nodelay takes true or false, not \"2\""},
	{"tcp_nodelay", "", "tcp_nodelay takes true or false, not \"\""},
	{"tcp_nodelay", "auto", "tcp_nodelay takes true or false, not \"auto\""},
	{"tcp_keepidle", "40000", "tcp_keepidle 40000 is out of range: 1 to 32767 s"},
	{"tcp_keepidle", "10h", "tcp_keepidle 10h is out of range: 1 to 32767 s"},
	{"tcp_keepidle", "0", "tcp_keepidle 0 is out of range: 1 to 32767 s"},
	{"tcp_keepidle", "-5", "tcp_keepidle -5 is out of range: 1 to 32767 s"},
	{"tcp_keepidle", "500ms", "tcp_keepidle counts whole seconds, and 500ms is none"},
	{"tcp_user_timeout", "1500us",
		"tcp_user_timeout counts whole milliseconds, and 1500us is none"},
	{"tcp_keepidle", "60 minutes",
		"tcp_keepidle takes a time such as \"60s\", not \"60 minutes\"; did you mean "
		"\"60min\"?"},
	{"tcp_keepidle", "5Mbps", "tcp_keepidle takes a time such as \"60s\", not \"5Mbps\""},
	{"so_max_pacing_rate", "5Mbps",
		"so_max_pacing_rate takes a rate such as \"5Gbit\", \"40Mbit\" or \"625MB\", not "
		"\"5Mbps\"; did you mean \"5Mbit\"?"},
	{"so_max_pacing_rate", "200Mb",
		"so_max_pacing_rate \"200Mb\": bits or bytes? \"200Mbit\" or \"200MB\""},
	{"so_max_pacing_rate", "7kb/s",
		"so_max_pacing_rate \"7kb/s\": bits or bytes? \"7kbit\" or \"7kB\""},
	{"ip_tos", "AF41", "ip_tos takes a number, not \"AF41\"; AF41 is 136"},
	{"ip_tos", "ef", "ip_tos takes a number, not \"ef\"; ef is 184"},
	{"ip_tos", "cs6", "ip_tos takes a number, not \"cs6\"; cs6 is 192"},
	{"ip_tos", "AF51", "ip_tos takes a number, not \"AF51\""},
	{"tcp_keepcnt", "AF41", "tcp_keepcnt takes a number, not \"AF41\""},
	{"tcp_keepidle", "60x", "tcp_keepidle takes a time such as \"60s\", not \"60x\""},
	{"tcp_keepidle", "", "tcp_keepidle takes a time such as \"60s\", not \"\""},
	{"tcp_keepidle", "s", "tcp_keepidle takes a time such as \"60s\", not \"s\""},
	{"tcp_keepidle", "off", "tcp_keepidle takes a time such as \"60s\", not \"off\""},
	{"tcp_keepidle", "64K", "tcp_keepidle takes a time such as \"60s\", not \"64K\""},
	{"tcp_keepidle", "99999999999999999999h",
		"tcp_keepidle 99999999999999999999h is out of range: 1 to 32767 s"},
	{"tcp_user_timeout", "x",
		"tcp_user_timeout takes a time such as \"30s\" or \"500ms\", not \"x\""},
	{"so_rcvtimeo", "x", "so_rcvtimeo takes a time such as \"30s\", not \"x\""},
	{"tcp_keepcnt", "200", "tcp_keepcnt 200 is out of range: 1 to 127"},
	{"tcp_keepcnt", "5s", "tcp_keepcnt is a plain number, without a unit, not \"5s\""},
	{"tcp_keepcnt", "five", "tcp_keepcnt takes a number, not \"five\""},
	{"tcp_keepcnt", "+5", "tcp_keepcnt takes a number, not \"+5\""},
	{"tcp_keepcnt", "5 5", "tcp_keepcnt is a plain number, without a unit, not \"5 5\""},
	{"ip_tos", "0x100", "ip_tos 0x100 is out of range: 0 to 255"},
	{"ip_tos", "0x", "ip_tos is a plain number, without a unit, not \"0x\""},
	{"listen_backlog", "1K", "listen_backlog is a plain number, without a unit, not \"1K\""},
	{"so_sndbuf", "1K", "so_sndbuf 1K is out of range: 2304 to 1073741823 bytes"},
	{"so_sndbuf", "2G", "so_sndbuf 2G is out of range: 2304 to 1073741823 bytes"},
	{"so_sndbuf", "off", "so_sndbuf takes a size such as \"64K\", or \"auto\", not \"off\""},
	{"so_sndbuf", "64Kbit",
		"so_sndbuf takes a size such as \"64K\", or \"auto\", not \"64Kbit\""},
	{"tcp_maxseg", "x", "tcp_maxseg takes a size such as \"64K\", not \"x\""},
	{"so_linger", "auto", "so_linger takes a time such as \"5s\", or \"off\", not \"auto\""},
	{"so_max_pacing_rate", "0", "so_max_pacing_rate 0 is out of range: at least 1 bytes/s"},
	{"so_max_pacing_rate", "5G",
		"so_max_pacing_rate takes a rate such as \"5Gbit\", \"40Mbit\" or \"625MB\", not "
		"\"5G\""},
	{"so_max_pacing_rate", "2.5Gbit",
		"so_max_pacing_rate takes a rate such as \"5Gbit\", \"40Mbit\" or \"625MB\", not "
		"\"2.5Gbit\""},
	{"so_max_pacing_rate", "99999999999Gbit",
		"so_max_pacing_rate 99999999999Gbit is out of range: at least 1 bytes/s"},
	{"coalesce_delay", "5000",
		"coalesce_delay wants a unit: a time such as \"5ms\" or \"500us\""},
	{"coalesce_delay", "1s", "coalesce_delay 1s is out of range: 100 to 100000 us"},
	{"coalesce_limit", "4096", "coalesce_limit wants a unit: a size such as \"64K\""},
	{"tcp_congestion", "", "tcp_congestion takes a name of 1 to 15 bytes, not \"\""},
	{"tcp_congestion", "1234567890123456",
		"tcp_congestion takes a name of 1 to 15 bytes, not \"1234567890123456\""},
	{"tcp_congestion", "b br", "tcp_congestion takes a name without spaces, not \"b br\""},
	{"so_bindtodevice", "../x", "so_bindtodevice takes a name without spaces, not \"../x\""},
	{"coalesce", "alway", "coalesce has no mode \"alway\"; did you mean \"always\"?"},
	{"coalesce", "Auto", "coalesce has no mode \"Auto\"; did you mean \"auto\"?"},
	{"coalesce", "cork", "coalesce takes \"off\", \"auto\" or \"always\", not \"cork\""},
	{"coalesce", "1", "coalesce takes \"off\", \"auto\" or \"always\", not \"1\""},
};

static void bad_texts_get_their_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct value value;
		char why[200] = "";

		assert_true(option_parse(option_by_name(bad[i].name), bad[i].text, &value, why,
				    sizeof(why)) < 0);
		assert_string_equal(why, bad[i].why);
	}
}

static void bytes_above_ascii_are_no_digits(void **state)
{
	struct value value;
	char why[200];

	(void)state;
	assert_true(option_parse(OPTION_TCP_KEEPCNT, "\xc2\xb2", &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "tcp_keepcnt takes a number, not \"\xc2\xb2\"");
	assert_true(option_parse(OPTION_TCP_KEEPCNT, "0x\xff", &value, why, sizeof(why)) < 0);
}

static void bare_numbers_and_switches(void **state)
{
	struct value value;
	char why[200] = "";

	(void)state;
	assert_int_equal(option_from_number(OPTION_TCP_NODELAY, 1, &value, why, sizeof(why)), 0);
	assert_int_equal(value.number, 1);
	assert_int_equal(option_from_bool(OPTION_TCP_NODELAY, false, &value, why, sizeof(why)), 0);
	assert_int_equal(value.number, 0);
	assert_int_equal(option_from_number(OPTION_TCP_KEEPIDLE, 60, &value, why, sizeof(why)), 0);
	assert_int_equal(value.number, 60);

	assert_true(option_from_number(OPTION_TCP_KEEPCNT, 128, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "tcp_keepcnt 128 is out of range: 1 to 127");
	assert_true(option_from_number(OPTION_TCP_KEEPCNT, -1, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "tcp_keepcnt -1 is out of range: 1 to 127");
	assert_true(option_from_number(OPTION_COALESCE, 1, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "coalesce takes \"off\", \"auto\" or \"always\", not a number");
	assert_true(option_from_number(OPTION_TCP_CONGESTION, 1, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "tcp_congestion takes a name in quotes, not a number");
	assert_true(option_from_number(OPTION_COALESCE_DELAY, 5, &value, why, sizeof(why)) < 0);
	assert_string_equal(
		why, "coalesce_delay wants a unit: a time such as \"5ms\" or \"500us\"");
	assert_true(option_from_bool(OPTION_SO_LINGER, false, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "so_linger takes a time such as \"5s\", or \"off\", not false");
	assert_true(option_from_bool(OPTION_COALESCE, true, &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "coalesce takes \"off\", \"auto\" or \"always\", not true");
}

static void a_short_room_cuts_the_sentence(void **state)
{
	struct value value;
	char why[8];

	(void)state;
	assert_true(option_parse(OPTION_TCP_KEEPCNT, "200", &value, why, sizeof(why)) < 0);
	assert_string_equal(why, "tcp_kee");
}

static void limits_of_every_option_are_taken(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option *option = &option_table[id];
		const int64_t edge[] = {option->low, option->high};

		if (option->type == TYPE_WORD || option->type == TYPE_MODE)
			continue;
		for (int i = 0; i < 2; i++) {
			const struct value value = {.kind = VALUE_NUMBER, .number = edge[i]};
			struct value again;
			char text[40], why[200];

			option_print(id, &value, text, sizeof(text));
			assert_int_equal(option_parse(id, text, &again, why, sizeof(why)), 0);
			assert_int_equal(again.number, edge[i]);
		}
	}
}

static void typing_errors_find_their_option(void **state)
{
	static const char *const row[][2] = {
		{"tcp_nodlay", "tcp_nodelay"},
		{"tcp_nodelya", "tcp_nodelay"},
		{"TCP_NODELAY", "tcp_nodelay"},
		{"tcp-nodelay", "tcp_nodelay"},
		{"nodelay", "tcp_nodelay"},
		{"coalesce_dealy", "coalesce_delay"},
		{"coalece", "coalesce"},
		{"so_sendbuf", "so_sndbuf"},
		{"sndbuf", "so_sndbuf"},
		{"backlog", "listen_backlog"},
		{"keepalive", "so_keepalive"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_string_equal(nearest_option(row[i][0]), row[i][1]);
}

static void strangers_find_none(void **state)
{
	static const char *const names[] = {"client", "server", "any"};
	char longer[200];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_null(nearest_option("turbo"));
	assert_null(nearest_option(""));
	assert_null(nearest_option(longer));
	assert_null(nearest_name("listener", names, 3));
	assert_string_equal(nearest_name("cleint", names, 3), "client");
	assert_string_equal(nearest_name("sever", names, 3), "server");
}

static void the_distance_allows_a_third(void **state)
{
	static const char *const names[] = {"abcdef"};

	(void)state;
	assert_non_null(nearest_name("abcxyf", names, 1));
	assert_null(nearest_name("abwxyf", names, 1));
	/* a swap counts once */
	assert_non_null(nearest_name("bacdfe", names, 1));
	assert_null(nearest_name("badcfe", names, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_numbers_and_read_back),
		cmocka_unit_test(words_keep_their_bytes),
		cmocka_unit_test(bad_texts_get_their_sentence),
		cmocka_unit_test(bytes_above_ascii_are_no_digits),
		cmocka_unit_test(bare_numbers_and_switches),
		cmocka_unit_test(a_short_room_cuts_the_sentence),
		cmocka_unit_test(limits_of_every_option_are_taken),
		cmocka_unit_test(typing_errors_find_their_option),
		cmocka_unit_test(strangers_find_none),
		cmocka_unit_test(the_distance_allows_a_third),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
