/* Real clients, each run bare and by `sockfix run --` against a recording peer.
 *
 * In both runs the peer must have got the same bytes and the program must have said and returned
 * the same. Where the bare program stalls, its stalls are shown by what they cost in ACKs (talk.h),
 * and that they are gone by the number of segments; never by a clock. */
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

/* A program that stalls in `stalls` turns, told the port and TURNS. */
static void check_client(enum talk_kind kind, const char *interpreter, const char *script,
	unsigned stalls, unsigned segments)
{
	struct session session;
	struct talk *talk = talk_start(kind);

	run_both_until(PROGRAM(interpreter, script, text_of(talk_port(talk)), TURNS_TEXT), talk,
		&session, segments, UINT32_MAX);
	assert_mended(session.record, stalls, segments);
	session_free(&session);
	talk_stop(talk);
}

/* Nothing in this file tells anything if `run` does not load the library. */
static void the_library_is_loaded(void **state)
{
	struct client client;
	const char *const *program =
		PROGRAM("sh", "-c", "grep -q libsockfix.so /proc/self/maps && echo loaded; :");

	(void)state;
	client_run(program, false, &client);
	assert_string_equal(client.out, "");
	client_free(&client);
	client_run(program, true, &client);
	assert_string_equal(client.out, "loaded\n");
	client_free(&client);
}

static void python_imaplib(void **state)
{
	(void)state;
	check_client(TALK_IMAP, "/usr/bin/python3", "tests/real/clients/imap_append.py", TURNS,
		2 * TURNS + 10);
}

/* A thread reads while another writes, five writes and then two: when the reader gets in between,
 * holding ends for a while. So the bound is a segment for each write. */
static void ruby_net_imap(void **state)
{
	(void)state;
	check_client(
		TALK_IMAP, "ruby", "tests/real/clients/imap_append.rb", 2 * TURNS, 7 * TURNS + 10);
}

/* Three commands of one write, then a body of 43. */
static void ruby_net_smtp(void **state)
{
	(void)state;
	check_client(TALK_SMTP, "ruby", "tests/real/clients/smtp_send.rb", TURNS, 10 * TURNS);
}

static void perl_net_smtp(void **state)
{
	(void)state;
	check_client(TALK_SMTP, "perl", "tests/real/clients/smtp_send.pl", TURNS, 10 * TURNS);
}

static void perl_http_tiny(void **state)
{
	(void)state;
	check_client(TALK_HTTP, "perl", "tests/real/clients/http_post.pl", TURNS, TURNS + 10);
}

static void node_net_socket(void **state)
{
	(void)state;
	check_client(TALK_LINES, "node", "tests/real/clients/lines.js", TURNS, TURNS + 10);
}

static void java_output_stream(void **state)
{
	(void)state;
	check_client(TALK_LINES, "java", "tests/real/clients/Lines.java", TURNS, TURNS + 10);
}

/* curl writes a request at once, sets TCP_NODELAY itself, and waits for "100 Continue" when it was
 * told to: there is nothing to mend and nothing may change. */
static void check_curl(const char *header, unsigned answers)
{
	struct session session;
	struct talk *talk = talk_start(TALK_HTTP);
	char *url = must_print("http://127.0.0.1:%d/[1-%d]", talk_port(talk), TURNS);

	run_both(PROGRAM("curl", "-sS", "-H", header, "-d", "the=body&of=it", url), talk, &session);
	assert_int_equal(session.record[BARE].turns, answers);
	assert_int_equal(session.record[BARE].segments, session.record[MENDED].segments);
	session_free(&session);
	talk_stop(talk);
	free(url);
}

static void curl_post(void **state)
{
	(void)state;
	check_curl("Expect:", TURNS);
}

static void curl_post_100_continue(void **state)
{
	(void)state;
	check_curl("Expect: 100-continue", 2 * TURNS);
}

/* The calls between the two marks, from a file of strace. */
static unsigned calls_between_marks(const char *path)
{
	char *text = must_read_file(path), *rest = NULL;
	unsigned calls = 0;
	bool inside = false;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (strstr(line, "/mark-end"))
			inside = false;
		calls += inside;
		if (strstr(line, "/mark-begin"))
			inside = true;
	}
	free(text);
	unlink(path);
	return calls;
}

/* strace must not stop the program between two writes, or they come too late for one another: it
 * leaves the sends alone, which are as many in both arms, for they are the program's own. */
static unsigned append_200_mails(
	struct talk *talk, enum arm arm, struct client *client, struct talk_record *record)
{
	char path[] = "/tmp/sockfix-calls-XXXXXX";
	int fd = mkstemp(path);

	MUST(fd >= 0);
	close(fd);
	run_arm(PROGRAM("strace", "-f", "--seccomp-bpf", "-e", "trace=!sendto,sendmsg", "-o", path,
			"/usr/bin/python3", "tests/real/clients/imap_append.py",
			text_of(talk_port(talk)), "200"),
		arm, client);
	talk_take(talk, record);
	return calls_between_marks(path);
}

/* The main promise: two segments a mail, hardly a call more, no thread and no descriptor. On a
 * machine that is too busy to run the program's two writes one after the other, the library says
 * so and holds no more, as it should: then the run is made again. */
static void python_imaplib_200_mails(void **state)
{
	struct session session;
	struct talk *talk = talk_start(TALK_IMAP);
	unsigned calls[ARMS];

	(void)state;
	calls[BARE] = append_200_mails(talk, BARE, &session.client[BARE], &session.record[BARE]);
	for (int tries = 0;; tries++) {
		calls[MENDED] = append_200_mails(
			talk, MENDED, &session.client[MENDED], &session.record[MENDED]);
		if (!strstr(session.client[MENDED].err, "came too late") || tries == 5)
			break;
		client_free(&session.client[MENDED]);
		talk_record_free(&session.record[MENDED]);
	}
	assert_same_client(session.client);
	assert_same_record(session.record);
	assert_mended(session.record, 200, 2 * 200 + 10);
	assert_non_null(strstr(session.client[MENDED].out, "\n1 ["));
	print_message("  calls besides send: bare %u, mended %u\n", calls[BARE], calls[MENDED]);
	assert_in_range(calls[BARE], 2 * 200, 20 * 200);
	assert_in_range(calls[MENDED], 0, calls[BARE] + calls[BARE] / 20);
	session_free(&session);
	talk_stop(talk);
}

static unsigned lines_of(const struct talk_record *record)
{
	unsigned lines = 0;

	for (size_t i = 0; i < record->length; i++)
		lines += record->bytes[i] == '\n';
	return lines;
}

/* It writes a line to one socket whenever it has read one from the other, and any read may be a
 * wait: so each line goes out at once, and the most that may be is a segment for each. */
static void fetchmail_two_sockets(void **state)
{
	struct client client[ARMS];
	struct talk_record from[ARMS], to[ARMS];
	struct talk *pop3 = talk_start(TALK_POP3), *smtp = talk_start(TALK_SMTP);

	(void)state;
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		run_arm(PROGRAM("sh", "tests/real/clients/fetchmail.sh", text_of(talk_port(pop3)),
				text_of(talk_port(smtp))),
			arm, &client[arm]);
		talk_take(pop3, &from[arm]);
		talk_take(smtp, &to[arm]);
	}
	assert_same_client(client);
	assert_same_record(from);
	assert_same_record(to);
	assert_mended(to, TALK_MAILS, lines_of(&to[MENDED]));
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		client_free(&client[arm]);
		talk_record_free(&from[arm]);
		talk_record_free(&to[arm]);
	}
	talk_stop(pop3);
	talk_stop(smtp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_library_is_loaded),
		cmocka_unit_test(python_imaplib),
		cmocka_unit_test(python_imaplib_200_mails),
		cmocka_unit_test(ruby_net_imap),
		cmocka_unit_test(ruby_net_smtp),
		cmocka_unit_test(perl_net_smtp),
		cmocka_unit_test(perl_http_tiny),
		cmocka_unit_test(node_net_socket),
		cmocka_unit_test(java_output_stream),
		cmocka_unit_test(fetchmail_two_sockets),
		cmocka_unit_test(curl_post),
		cmocka_unit_test(curl_post_100_continue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
