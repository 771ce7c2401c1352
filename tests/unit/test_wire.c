/* The one line into the victim: what goes in comes out, and no other text does any harm.
 *
 * Each decode gets its text and its room in allocations of their exact size, so that ASan sees one
 * byte too far in either. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/presets.h"
#include "rules/wire.h"
#include "tests/unit/rules_text.h"

struct decoded {
	char *text;
	void *room;
	struct ruleset set;
};

static int decode(const char *text, struct decoded *decoded)
{
	const size_t size = wire_room(text);

	decoded->text = strdup(text);
	decoded->room = malloc(size);
	assert_non_null(decoded->text);
	assert_non_null(decoded->room);
	memset(decoded->room, 0xa5, size);
	return wire_decode(decoded->text, decoded->room, size, &decoded->set);
}

static void decoded_free(struct decoded *decoded)
{
	free(decoded->text);
	free(decoded->room);
}

static char *encode(const struct ruleset *set)
{
	const size_t length = wire_encode(set, NULL, 0);
	char *line = malloc(length + 1);

	assert_non_null(line);
	assert_int_equal(wire_encode(set, line, length + 1), length);
	assert_int_equal(strlen(line), length);
	return line;
}

/* A line decodes, and its rules make the same line again. */
static void comes_back(const char *line)
{
	struct decoded decoded;
	char *again;

	assert_int_equal(decode(line, &decoded), 0);
	again = encode(&decoded.set);
	assert_string_equal(again, line);
	free(again);
	decoded_free(&decoded);
}

static void is_refused(const char *line)
{
	struct decoded decoded;

	if (decode(line, &decoded) != -EPROTO)
		fail_msg("taken: %s", line);
	assert_int_equal(decoded.set.count, 0);
	assert_null(decoded.set.rule);
	decoded_free(&decoded);
}

static const char full[] =
	"1:+default+leave_alone~5B1~5D@veto@program=sshd,a~2Ab@port=102,8000-8100"
	"+a-b_c@script=imap_import.py@args=~2A-jar~20x~2A@role=client@peer=10.0.0.0/8,::1/128,"
	"0.0.0.0/0,2001:db8::/32@local_port=1@peer_port=65535@user=0,4294967294@holdout=10"
	"@:tcp_nodelay=1@:so_rcvbuf=^~@:so_linger=~@:tcp_keepcnt=-@:tcp_congestion=^=bbr"
	"@:so_max_pacing_rate=9223372036854775807@:so_mark=4294967295@:coalesce=2"
	"@:coalesce_delay=5000@last+z@role=any@:tcp_nodelay=^0+=4";

static const char ten[] =
	"leave_alone = ( { program = \"sshd\"; }, { port = \"102,502\"; } );\n"
	"base: { match: { role = \"client\"; port = \"3306,5432\"; }; set: { tcp_keepidle = "
	"\"60s\"; }; };\n"
	"java: { match: { args = \"*-jar *bridge.jar*\"; peer = \"10.40.7.0/24, 2001:db8:7::/48\"; "
	"};\n"
	"  set: { tcp_nodelay = true; tcp_congestion = \"bbr\"; so_rcvbuf = \"auto\"; }; force = "
	"true; };\n"
	"canary: { match: { role = \"any\"; user = 0; }; holdout = 10; last = true;\n"
	"  set: { tcp_nodelay = \"keep\"; so_linger = \"off\"; so_max_pacing_rate = \"5Gbit\"; }; "
	"};\n";

static void the_default_alone_has_its_own_line(void **state)
{
	struct book *book = book_new();
	struct decoded decoded;
	char *line;

	(void)state;
	book_add_default(book);
	line = encode(&book->set);
	assert_string_equal(line, "1:default");
	assert_int_equal(decode(line, &decoded), 0);
	assert_int_equal(decoded.set.count, 1);
	assert_string_equal(decide(&decoded.set, client_to(143)), "coalesce=auto(default)");
	decoded_free(&decoded);
	free(line);
	book_free(book);
}

static void the_example_of_the_header_is_what_is_written(void **state)
{
	static const char imap[] =
		"imap: { match: { role = \"client\"; port = \"143,993\"; };"
		" set: { coalesce = \"auto\"; tcp_nodelay = true; }; force = true; };";
	struct book *book = book_new();
	struct decoded decoded;
	char *line;

	(void)state;
	book_add_default(book);
	assert_int_equal(book_add_text(book, "x", imap, sizeof(imap) - 1), 0);
	line = encode(&book->set);
	assert_string_equal(
		line, "1:+default+imap@role=client@port=143,993@:coalesce=^1@:tcp_nodelay=^1+=2");
	assert_int_equal(decode(line, &decoded), 0);
	assert_string_equal(decide(&decoded.set, client_to(143)),
		"tcp_nodelay=!true(imap) coalesce=!auto(imap)");
	assert_string_equal(decide(&decoded.set, client_to(144)), "coalesce=auto(default)");
	decoded_free(&decoded);
	free(line);
	book_free(book);
}

static void every_field_comes_back(void **state)
{
	struct decoded decoded;
	const struct rule *rule;

	(void)state;
	comes_back(full);
	assert_int_equal(decode(full, &decoded), 0);
	assert_int_equal(decoded.set.count, 4);
	rule = &decoded.set.rule[1];
	assert_string_equal(rule->name, "leave_alone[1]");
	assert_true(rule->veto);
	assert_string_equal(rule->match.program.glob[1], "a*b");
	rule = &decoded.set.rule[2];
	assert_string_equal(rule->name, "a-b_c");
	assert_string_equal(rule->file, "");
	assert_string_equal(rule->match.args.glob[0], "*-jar x*");
	assert_int_equal(rule->match.peer.count, 4);
	assert_int_equal(rule->match.user.uid[1], 4294967294);
	assert_int_equal(rule->holdout, 10);
	assert_true(rule->last);
	assert_int_equal(rule->settings, 9);
	assert_int_equal(rule->setting[3].value.kind, VALUE_KEEP);
	assert_string_equal(rule->setting[4].value.word, "bbr");
	assert_true(rule->setting[4].force);
	assert_false(rule->setting[5].force);
	decoded_free(&decoded);
}

static void no_rules_at_all_come_back(void **state)
{
	(void)state;
	comes_back("1:+=0");
}

static void a_book_decides_the_same_on_both_sides(void **state)
{
	struct book *book = book_of(ten);
	char *line = encode(&book->set);
	struct decoded decoded;

	(void)state;
	assert_int_equal(decode(line, &decoded), 0);
	for (unsigned port = 1; port < 65536; port += 7) {
		const struct subject client = client_to((uint16_t)port);
		char here[2000];

		snprintf(here, sizeof(here), "%s", decide(&book->set, client));
		assert_string_equal(decide(&decoded.set, client), here);
	}
	free(line);
	decoded_free(&decoded);
	book_free(book);
}

static void only_bytes_that_need_no_quoting(void **state)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/=@+~^-";
	char glob[256];
	struct book *book;
	struct decoded decoded;
	char *line;

	(void)state;
	for (int i = 0; i < 255; i++)
		glob[i] = (char)(i + 1);
	glob[255] = '\0';
	book = book_of(
		"a: { match: { program = \"x\"; }; set: { tcp_congestion = \"a+b=c~\"; }; };");
	book->set.rule[0].match.program.glob[0] = glob;
	line = encode(&book->set);
	assert_int_equal(strspn(line, plain), strlen(line));
	assert_int_equal(decode(line, &decoded), 0);
	assert_string_equal(decoded.set.rule[0].match.program.glob[0], glob);
	assert_string_equal(decoded.set.rule[0].setting[0].value.word, "a+b=c~");
	decoded_free(&decoded);
	free(line);
	book_free(book);
}

static void check_truncations(const char *line)
{
	for (size_t length = 0; length < strlen(line); length++) {
		char *cut = strndup(line, length);

		is_refused(cut);
		free(cut);
	}
}

static void every_truncation_is_refused(void **state)
{
	struct book *book = book_of(ten);
	char *line = encode(&book->set);

	(void)state;
	check_truncations("1:default");
	check_truncations("1:+=0");
	check_truncations("1:+default+=1");
	check_truncations(full);
	check_truncations(line);
	free(line);
	book_free(book);
}

static void a_count_of_two_digits_cannot_lose_one(void **state)
{
	char line[400] = "1:";

	(void)state;
	for (int i = 0; i < 12; i++)
		strcat(line, "+a@role=any@:tcp_nodelay=1");
	strcat(line, "+=12");
	comes_back(line);
	check_truncations(line);
}

static void every_preset_comes_back_and_no_part_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < preset_count; i++) {
		const struct preset *preset = &preset_table[i];
		struct book *book = book_new();
		char *line;

		assert_int_equal(book_add_text(book, preset->name, preset->text,
					 (size_t)(preset->end - preset->text)),
			0);
		line = encode(&book->set);
		comes_back(line);
		check_truncations(line);
		free(line);
		book_free(book);
	}
}

static void every_smaller_room_is_refused_or_enough(void **state)
{
	size_t enough = 0;

	(void)state;
	for (size_t size = 0; size <= wire_room(full); size++) {
		void *room = malloc(size ? size : 1);
		struct ruleset set;
		const int error = wire_decode(full, room, size, &set);

		assert_true(error == 0 || error == -ENOMEM);
		assert_true(!enough || error == 0);
		if (error)
			assert_null(set.rule);
		else if (!enough)
			enough = size;
		free(room);
	}
	assert_true(enough > 0);
}

static void strangers_are_refused(void **state)
{
	static const char *const line[] = {
		"",
		"1",
		"1:",
		"2:default",
		"1:default ",
		"1:Default",
		"1:default+=1",
		"default",
		":default",
		"1:+",
		"1:+=",
		"1:+=1",
		"1:+=-0",
		"1:+=0+",
		"1:+=0 ",
		"1:+=99999999999999999999",
		"1:x+=0",
		"1:+a+=2",
		"1:++=1",
		"1:+@role=any+=1",
		"1:+a@+=1",
		"1:+a@role+=1",
		"1:+a@role=+=1",
		"1:+a@role=all+=1",
		"1:+a@role=client,server+=1",
		"1:+a@role=any@role=any+=1",
		"1:+a@rolle=any+=1",
		"1:+a@veto=1+=1",
		"1:+a@last=+=1",
		"1:+a@holdout=+=1",
		"1:+a@holdout=101+=1",
		"1:+a@holdout=-1+=1",
		"1:+a@port=+=1",
		"1:+a@port=0+=1",
		"1:+a@port=65536+=1",
		"1:+a@port=1,+=1",
		"1:+a@port=,1+=1",
		"1:+a@port=1-+=1",
		"1:+a@port=-1+=1",
		"1:+a@port=2-1+=1",
		"1:+a@port=1-2-3+=1",
		"1:+a@port=x+=1",
		"1:+a@port=99999999999999999999999+=1",
		"1:+a@user=4294967296+=1",
		"1:+a@user=root+=1",
		"1:+a@peer=+=1",
		"1:+a@peer=10.0.0.1+=1",
		"1:+a@peer=10.0.0.1/+=1",
		"1:+a@peer=10.0.0.1/33+=1",
		"1:+a@peer=10.0.0.256/8+=1",
		"1:+a@peer=::1/129+=1",
		"1:+a@peer=:::/1+=1",
		"1:+a@peer=1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234/1+=1",
		"1:+a@program=+=1",
		"1:+a@program=a,,b+=1",
		"1:+a@program=a*+=1",
		"1:+a@program=a:b+=1",
		"1:+a@program=a b+=1",
		"1:+a@program=~+=1",
		"1:+a@program=~4+=1",
		"1:+a@program=~00+=1",
		"1:+a@program=~4g+=1",
		"1:+a@program=~2a+=1",
		"1:+a@:+=1",
		"1:+a@:tcp_nodelay+=1",
		"1:+a@:tcp_nodelay=+=1",
		"1:+a@:tcp_nodelay=^+=1",
		"1:+a@:tcp_nodelay=^^1+=1",
		"1:+a@:tcp_nodelay=2+=1",
		"1:+a@:tcp_nodelay=true+=1",
		"1:+a@:tcp_nodelay=~+=1",
		"1:+a@:tcp_nodelay==x+=1",
		"1:+a@:tcp_nodelays=1+=1",
		"1:+a@:TCP_NODELAY=1+=1",
		"1:+a@:coalesce=4+=1",
		"1:+a@:coalesce=auto+=1",
		"1:+a@:tcp_keepidle=0+=1",
		"1:+a@:tcp_keepidle=-5+=1",
		"1:+a@:so_mark=4294967296+=1",
		"1:+a@:so_max_pacing_rate=9223372036854775808+=1",
		"1:+a@:tcp_congestion=bbr+=1",
		"1:+a@:tcp_congestion==+=1",
		"1:+a@:tcp_congestion==1234567890123456+=1",
		"1:+a@:tcp_congestion==~41~41~41~41~41~41~41~41~41~41~41~41~41~41~41~41+=1",
		"1:+a@:tcp_congestion=~+=1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(line) / sizeof(*line); i++)
		is_refused(line[i]);
}

static void the_longest_word_is_taken(void **state)
{
	(void)state;
	comes_back("1:+a@role=any@:tcp_congestion==123456789012345+=1");
	comes_back(
		"1:+a@role=any@:tcp_congestion==~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B~2B+=1");
}

/* xorshift64: the same texts in every run. */
static uint64_t draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* What was taken must be sound: it is written again, and decides without a fault. */
static void try_text(const char *text)
{
	struct decoded decoded;
	const int error = decode(text, &decoded);

	if (error) {
		assert_int_equal(error, -EPROTO);
		assert_null(decoded.set.rule);
	} else {
		char *again = encode(&decoded.set);

		comes_back(again);
		decide(&decoded.set, client_to(143));
		decide(&decoded.set, server_on(502));
		free(again);
	}
	decoded_free(&decoded);
}

static void random_bytes_do_no_harm(void **state)
{
	uint64_t seed = 0x50c4f1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[200] = "1:+";
		const size_t length = 3 + draw(&seed) % 190;

		for (size_t i = round % 2 ? 3 : 0; i < length; i++)
			text[i] = (char)(draw(&seed) % 255 + 1);
		text[length] = '\0';
		try_text(text);
	}
}

static void random_pieces_of_the_grammar_do_no_harm(void **state)
{
	static const char *const piece[] = {"+", "@", "=", ",", ":", "-", "~", "^", "/", ".", "1",
		"65535", "a", "role", "any", "peer", "port", "program", "script", "args", "user",
		"veto", "last", "holdout", "tcp_nodelay", "coalesce", "tcp_congestion", "so_rcvbuf",
		"10.0.0.0/8", "::1/128", "default", "~2A", "@:", "+=1", "+=2", "@port=143",
		"@:tcp_nodelay=1", "@role=any"};
	uint64_t seed = 0x50c4f2;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		char text[800] = "1:+a";
		const int count = (int)(draw(&seed) % 24);

		for (int i = 0; i < count; i++)
			strcat(text, piece[draw(&seed) % (sizeof(piece) / sizeof(*piece))]);
		if (round % 3)
			strcat(text, "+=1");
		try_text(text);
	}
}

static void changed_bytes_do_no_harm(void **state)
{
	uint64_t seed = 0x50c4f3;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		char text[sizeof(full)];

		memcpy(text, full, sizeof(full));
		for (uint64_t i = draw(&seed) % 4 + 1; i; i--)
			text[draw(&seed) % (sizeof(full) - 1)] =
				round % 2 ? (char)(draw(&seed) % 255 + 1)
					  : full[draw(&seed) % (sizeof(full) - 1)];
		try_text(text);
	}
}

static void a_long_line_of_separators_does_no_harm(void **state)
{
	static const char what[] = "+@,=~:";

	(void)state;
	for (size_t i = 0; i < sizeof(what) - 1; i++) {
		char *text = malloc(100004);

		assert_non_null(text);
		memcpy(text, "1:+", 3);
		memset(text + 3, what[i], 100000);
		text[100003] = '\0';
		try_text(text);
		free(text);
	}
}

static void encoding_stops_at_the_rooms_end(void **state)
{
	struct book *book = book_of(ten);
	char *line = encode(&book->set);
	const size_t length = strlen(line);

	(void)state;
	for (size_t size = 1; size <= length; size++) {
		char *part = malloc(size);

		assert_non_null(part);
		assert_int_equal(wire_encode(&book->set, part, size), length);
		assert_int_equal(strlen(part), size - 1);
		assert_memory_equal(part, line, size - 1);
		free(part);
	}
	free(line);
	book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_alone_has_its_own_line),
		cmocka_unit_test(the_example_of_the_header_is_what_is_written),
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(no_rules_at_all_come_back),
		cmocka_unit_test(a_book_decides_the_same_on_both_sides),
		cmocka_unit_test(only_bytes_that_need_no_quoting),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_count_of_two_digits_cannot_lose_one),
		cmocka_unit_test(every_preset_comes_back_and_no_part_of_it),
		cmocka_unit_test(every_smaller_room_is_refused_or_enough),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(the_longest_word_is_taken),
		cmocka_unit_test(random_bytes_do_no_harm),
		cmocka_unit_test(random_pieces_of_the_grammar_do_no_harm),
		cmocka_unit_test(changed_bytes_do_no_harm),
		cmocka_unit_test(a_long_line_of_separators_does_no_harm),
		cmocka_unit_test(encoding_stops_at_the_rooms_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
