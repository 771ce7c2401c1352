/* Programs that use their sockets well, recorded: sockfix must say no, and what else it is. Their
 * servers are slow in ways that look like stalls, and their network loses packets. */
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
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/netns.h"
#include "tests/helper/recording.h"

/* A no with its bound, and not one finding of a habit, a connection or a send. */
static void assert_no(const struct recording *recording)
{
	assert_verdict(recording, "IT IS NOT THE SOCKETS");
	assert_no_findings(recording, "N", true);
	assert_no_findings(recording, "CSDREF", false);
	assert_non_null(strstr(recording->screen, "SOCKETS. No rule can win more than "));
	assert_true(finding_number(recording->report, "bound_ns") <
		    finding_number(recording->report, "split_ns.wall") / 2);
	assert_non_null(strstr(recording->screen, "\n  why not stalled "));
}

static void check_no(const char *where, const char *const *argv)
{
	struct recording recording = {.netns = where};

	recording_make(&recording, NULL, argv);
	assert_no(&recording);
	recording_free(&recording);
}

/* Networks of the test's own, in which every port is free, and words for nsenter(1). */
struct place {
	struct netns pair;
	char *near, *far, *folder;
};

static void place_make(struct place *place)
{
	netns_make(&place->pair);
	place->near = must_print("--net=/proc/%d/fd/%d", getpid(), place->pair.client);
	place->far = must_print("--net=/proc/%d/fd/%d", getpid(), place->pair.server);
	place->folder = capture_folder_new();
}

static void place_free(struct place *place)
{
	netns_free(&place->pair);
	free(place->near);
	free(place->far);
	capture_folder_free(place->folder);
}

/* A mailing list's personal copies: where the time is, in the program and the mail server. */
static void python_smtplib(void **state)
{
	struct recording recording;
	struct server server;
	struct place place;

	(void)state;
	place_make(&place);
	recording = (struct recording){.netns = place.near};
	server_start(&server, place.folder,
		PROGRAM("nsenter", place.near, "sh", "tests/real/clients/smtp_sink.sh", "2525"));
	recording_make(&recording, NULL,
		PROGRAM("/usr/bin/python3", "examples/bulk-mail/send.py", "2525", "text", "50", "5",
			"40"));
	assert_no(&recording);
	assert_non_null(strstr(recording.screen, "\n   = in the program "));
	assert_non_null(strstr(recording.screen, "one write a turn, "));
	assert_finding(&recording, "A03", "likely", "-");
	recording_free(&recording);
	server_end(&server);
	place_free(&place);
}

static void curl(void **state)
{
	struct talk *talk = talk_start(TALK_HTTP);
	struct talk_record record;
	char *url = must_print("http://127.0.0.1:%d/[1-30]", talk_port(talk));

	(void)state;
	check_no(NULL, PROGRAM("curl", "-sS", url));
	check_no(NULL, PROGRAM("curl", "-sS", "-d", "the=body&of=it", url));
	check_no(NULL,
		PROGRAM("curl", "-sS", "-H", "Expect: 100-continue", "-d", "the=body&of=it", url));
	talk_take(talk, &record);
	assert_int_equal(record.turns, 4 * 30);
	talk_record_free(&record);
	talk_stop(talk);
	free(url);
}

/* Nobody listens: a program that fails at once is no riddle, whatever it does then. */
static void check_refused(const char *where, const char *const *argv)
{
	struct recording recording = {.netns = where};

	client_run(recording_command(&recording, NULL, argv), false, &recording.program);
	assert_int_not_equal(recording.program.status, 0);
	recording_read(&recording);
	assert_verdict(&recording, "IT IS NOT THE SOCKETS");
	assert_non_null(strstr(recording.screen, "seen 100 % of its TCP bytes"));
	assert_no_findings(&recording, "NCSL", true);
	recording_free(&recording);
}

static void refused(void **state)
{
	struct place place;

	(void)state;
	place_make(&place);
	check_refused(place.near, PROGRAM("curl", "-sS", "http://127.0.0.1:80/"));
	check_refused(place.near, PROGRAM("redis-cli", "ping"));
	place_free(&place);
}

static void redis_start(struct server *server, const struct place *place, const char *where)
{
	server_start(server, place->folder,
		PROGRAM("nsenter", where, "redis-server", "--bind", "0.0.0.0", "--protected-mode",
			"no", "--save", "", "--dir", place->folder));
	server_wait(server, "Ready to accept connections");
}

static void redis_cli(void **state)
{
	struct server server;
	struct place place;

	(void)state;
	place_make(&place);
	redis_start(&server, &place, place.near);
	check_no(place.near, PROGRAM("redis-cli", "-r", "250", "set", "key", "value"));
	/* Blocking for as long as a delayed ACK lets one wait, give or take a tick of the server.
	 */
	check_no(place.near, PROGRAM("redis-cli", "-r", "25", "blpop", "none", "0.05"));
	server_end(&server);
	place_free(&place);
}

static void psql(void **state)
{
	struct server server;
	struct place place;

	(void)state;
	place_make(&place);
	server_start(&server, place.folder,
		PROGRAM("nsenter", place.near, "sh", "tests/real/clients/postgres.sh", place.folder,
			"5432"));
	server_wait(&server, "ready to accept connections");
	check_no(place.near, PROGRAM("psql", "-h", "127.0.0.1", "-U", "postgres", "-Xqf",
				     "tests/real/clients/psql.sql", "postgres"));
	server_end(&server);
	place_free(&place);
}

static void perl_mail_imapclient(void **state)
{
	struct server server;
	char *folder = capture_folder_new(), *imapd = build_path("imapd");

	(void)state;
	server_start(&server, folder, PROGRAM(imapd));
	check_no(NULL, PROGRAM("perl", "tests/real/clients/imap_client.pl", "127.0.0.1",
			       server.line, "100"));
	server_end(&server);
	free(imapd);
	capture_folder_free(folder);
}

/* Every 50th packet that comes in is lost, 2 % on both sides; not those that connect, which are
 * another finding. */
static void lose_packets(const char *where)
{
	struct client client;

	run_arm(PROGRAM("nsenter", where, "iptables", "-A", "INPUT", "-p", "tcp", "--tcp-flags",
			"SYN", "NONE", "-m", "statistic", "--mode", "nth", "--every", "50",
			"--packet", "20", "-j", "DROP"),
		BARE, &client);
	client_free(&client);
}

/* What waits for a packet that is sent again looks like any stall, and none is one of a habit. */
static void check_lossy(const char *where, const char *const *argv)
{
	struct recording recording = {.netns = where};
	const json_t *s09;

	recording_make(&recording, NULL, argv);
	/* One turn in 25 waits, give or take; from one in 20 on it is no spike. */
	assert_verdict(&recording, strstr(recording.screen, "  STALLED.") ? "STALLED" : "SPIKES");
	s09 = assert_finding(&recording, "S09", NULL, "system");
	assert_false(json_is_true(json_object_get(s09, "minor")));
	assert_non_null(strstr(recording.screen, "segments sent"));
	assert_non_null(strstr(recording.screen, "no rule mends this: packets are lost"));
	assert_no_findings(&recording, "N", true);
	assert_no_findings(&recording, "C", false);
	recording_free(&recording);
}

static void lossy_link(void **state)
{
	struct server imap, redis;
	struct place place;
	char *imapd = build_path("imapd");

	(void)state;
	place_make(&place);
	lose_packets(place.near);
	lose_packets(place.far);
	server_start(&imap, place.folder,
		PROGRAM("nsenter", place.far, imapd, "-a", NETNS_SERVER_ADDRESS));
	redis_start(&redis, &place, place.far);
	check_lossy(place.near, PROGRAM("perl", "tests/real/clients/imap_client.pl",
					NETNS_SERVER_ADDRESS, imap.line, "150"));
	check_lossy(place.near, PROGRAM("redis-cli", "-h", NETNS_SERVER_ADDRESS, "-r", "300", "set",
					"key", "value"));
	server_end(&imap);
	server_end(&redis);
	place_free(&place);
	free(imapd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_smtplib),
		cmocka_unit_test(curl),
		cmocka_unit_test(refused),
		cmocka_unit_test(redis_cli),
		cmocka_unit_test(psql),
		cmocka_unit_test(perl_mail_imapclient),
		cmocka_unit_test(lossy_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
