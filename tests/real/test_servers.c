/* Real servers, bare and by `sockfix run --`: what they send must be the same, and a server that
 * writes an answer in two parts must not stall. As test_clients.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/must.h"
#include "tests/helper/talk_inside.h"

/* A keep-alive client of a server that runs under the library: GET, the whole answer, TURNS times.
 * Plain and blocking, with one write a request. */
static void get_all(int port, struct talk_record *record)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_addr = {htonl(INADDR_LOOPBACK)},
		.sin_port = htons((uint16_t)port)};
	struct talk_side side = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t used = 0;

	MUST(fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
	for (int turn = 0; turn < TURNS; turn++) {
		const char *request = "GET /file HTTP/1.1\r\nHost: test\r\n\r\n", *end;
		MUST(talk_write(fd, request, strlen(request)));
		do
			MUST(talk_read(fd, &side));
		while (!(end = strstr(side.bytes + used, "the end of the file\n")));
		used = (size_t)(end - side.bytes) + strlen("the end of the file\n");
	}
	talk_count(fd, &side);
	close(fd);
	*record = (struct talk_record){.bytes = side.bytes,
		.length = side.length,
		.connections = 1,
		.turns = TURNS,
		.segments = side.segments,
		.acks = side.acks};
}

static char *temporary_folder(void)
{
	char *folder = must_print("/tmp/sockfix-test-XXXXXX");

	MUST(mkdtemp(folder));
	return folder;
}

static void remove_folder(char *folder)
{
	struct client client;

	run_arm(PROGRAM("rm", "-rf", folder), BARE, &client);
	client_free(&client);
	free(folder);
}

static void serve_both(const char *folder, struct talk_record record[ARMS])
{
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		char port[16];
		int out;
		pid_t pid = client_start(
			PROGRAM("/usr/bin/python3", "tests/real/clients/http_server.py", folder),
			arm == MENDED, &out);
		client_line(out, port, sizeof(port));
		get_all(atoi(port), &record[arm]);
		client_end(pid);
		close(out);
	}
	assert_same_record(record);
}

/* A server that loses its CPU between two writes is late once, and then not joined: on a busy
 * machine the best of a few runs counts. */
static void python_http_server(void **state)
{
	struct talk_record record[ARMS];
	char *folder = temporary_folder();
	char *path = must_print("%s/file", folder);
	FILE *file = fopen(path, "w");
	unsigned segments = UINT32_MAX;

	(void)state;
	MUST(file && fprintf(file, "some text\nthe end of the file\n") > 0 && fclose(file) == 0);
	for (int tries = 0; tries < 3 && segments > TURNS + 10; tries++) {
		serve_both(folder, record);
		assert_in_range(record[BARE].acks, TURNS, UINT32_MAX);
		segments = record[MENDED].segments;
		for (enum arm arm = BARE; arm < ARMS; arm++)
			talk_record_free(&record[arm]);
	}
	assert_in_range(segments, TURNS, TURNS + 10);
	free(path);
	remove_folder(folder);
}

/* git's client behind a relay that records, and git daemon before it, all of them mended or not.
 * The daemon forks for each connection; the client writes to a dup of what it reads from. */
static void run_git(const char *script, struct session *session)
{
	char *folder = temporary_folder();
	int port = talk_free_port();
	struct talk *relay = talk_relay(port);
	char *daemon =
		must_print("exec git daemon --export-all --reuseaddr --listen=127.0.0.1 "
			   "--port=%d --base-path=%s --verbose --log-destination=stderr 2>&1",
			port, folder);
	struct client made;

	run_arm(PROGRAM("sh", "tests/real/clients/git_repository.sh", folder), BARE, &made);
	client_free(&made);
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		char line[256];
		int out;
		pid_t pid = client_start(PROGRAM("sh", "-c", daemon), arm == MENDED, &out);
		do /* the library says that it is on, and its stderr is the daemon's */
			client_line(out, line, sizeof(line));
		while (strncmp(line, "sockfix[", 8) == 0);
		assert_non_null(strstr(line, "Ready to rumble"));
		run_arm(PROGRAM("sh", script, text_of(talk_port(relay)), TURNS_TEXT), arm,
			&session->client[arm]);
		talk_take(relay, &session->record[arm]);
		client_end(pid);
		close(out);
	}
	assert_same_client(session->client);
	assert_same_record(session->record);
	talk_stop(relay);
	free(daemon);
	remove_folder(folder);
}

static void git_ls_remote(void **state)
{
	struct session session;

	(void)state;
	run_git("tests/real/clients/git_ls_remote.sh", &session);
	assert_int_equal(session.record[BARE].connections, TURNS);
	assert_same_bytes(session.record[BARE].back, session.record[BARE].back_length,
		session.record[MENDED].back, session.record[MENDED].back_length);
	assert_true(session.record[BARE].acks >= TURNS);
	session_free(&session);
}

/* How a pack is cut into frames is a matter of pipes inside the daemon, so what came back is judged
 * by the clone that it makes. */
static void git_clone(void **state)
{
	struct session session;

	(void)state;
	run_git("tests/real/clients/git_clone.sh", &session);
	assert_true(strlen(session.client[MENDED].out) > 30 * 40);
	session_free(&session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(python_http_server),
		cmocka_unit_test(git_ls_remote),
		cmocka_unit_test(git_clone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
