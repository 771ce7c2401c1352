/* Recordings of real programs are whole: as far as a program came that is killed, and of each call
 * of many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/recording.h"
#include "tests/helper/trace.h"

#define PYTHON "/usr/bin/python3"
#define KILLED "tests/real/clients/imap_killed.py"

/* What 40 mails cost is there, although nobody closed the connection or the recording. */
static void assert_stalled(struct recording *recording)
{
	const json_t *n01;

	recording_read(recording);
	assert_verdict(recording, "STALLED");
	n01 = assert_finding(recording, "N01", "proven", "rule");
	assert_in_range(finding_number(n01, "hits"), 30, 40);
	assert_true(finding_number(n01, "lost_ns.low") > 0);
}

static void program_killed(void **state)
{
	struct recording recording = {0};
	struct server server;
	char *folder = capture_folder_new(), *imapd = build_path("imapd");

	(void)state;
	server_start(&server, folder, PROGRAM(imapd));
	client_run(recording_command(&recording, NULL, PROGRAM(PYTHON, KILLED, server.line, "40")),
		false, &recording.program);
	assert_true(WIFSIGNALED(recording.program.status));
	assert_int_equal(WTERMSIG(recording.program.status), SIGKILL);
	assert_stalled(&recording);
	assert_non_null(strstr(recording.screen, "It was ended by signal 9 (Killed)."));
	recording_free(&recording);
	server_end(&server);
	free(imapd);
	capture_folder_free(folder);
}

/* The only folder in that one. */
static char *folder_below(const char *parent)
{
	DIR *folder = opendir(parent);
	struct dirent *entry;
	char *path = NULL;

	MUST(folder);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.') {
			MUST(!path);
			path = must_print("%s/%s", parent, entry->d_name);
		}
	closedir(folder);
	MUST(path);
	return path;
}

/* Nobody is left to put the recording away: it stays where it was made. */
static void record_killed(void **state)
{
	struct recording recording = {0};
	struct server server, killed;
	char *folder = capture_folder_new(), *imapd = build_path("imapd"), *variable, rest;
	char *runtime = must_print("%s/runtime", folder);

	(void)state;
	MUST(mkdir(runtime, 0711) == 0);
	variable = must_print("XDG_RUNTIME_DIR=%s", runtime);
	server_start(&server, folder, PROGRAM(imapd));
	const char *const *whole = recording_command(
		&recording, NULL, PROGRAM(PYTHON, KILLED, server.line, "40", "parent"));
	const char *argv[CLIENT_ARGUMENTS] = {"env", variable};
	for (size_t i = 0; whole[i]; i++)
		argv[i + 2] = whole[i];
	killed.pid = client_start(argv, false, &killed.out);
	assert_int_equal(read(killed.out, &rest, 1), 0);
	client_end(killed.pid);
	assert_int_not_equal(access(recording.run, F_OK), 0);
	free(recording.run);
	recording.run = folder_below(runtime);
	assert_stalled(&recording);
	recording_free(&recording);
	server_end(&server);
	close(killed.out);
	free(variable);
	free(runtime);
	free(imapd);
	capture_folder_free(folder);
}

/* As a service manager does, or a hand on Ctrl-C: the signals go on when the program is gone. Who
 * sends them is none of the run's, which would not be over else. */
static void signals_while_it_is_put_away(void **state)
{
	struct recording recording = {0};

	(void)state;
	client_run(recording_command(&recording, NULL,
			   PROGRAM("sh", "-c",
				   "trap '' TERM; record=$PPID; (exec env -u LD_PRELOAD -u "
				   "SOCKFIX_TRACE sh -c 'while kill -TERM $0; do :; done' $record) "
				   "2>/dev/null & exit 0")),
		false, &recording.program);
	recording_read(&recording);
	assert_int_equal(finding_number(recording.report, "run.status"), 0);
	recording_free(&recording);
}

/* The column "calls" of `strace -c`, in the row of that system call. */
static unsigned long counted(const char *table, const char *call)
{
	char *ending = must_print(" %s\n", call), *row = strstr(table, ending), *end;
	unsigned long count;

	MUST(row);
	while (row > table && row[-1] != '\n')
		row--;
	for (int column = 0; column < 3; column++) {
		row += strspn(row, " ");
		row += strcspn(row, " ");
	}
	count = strtoul(row, &end, 10);
	MUST(end > row);
	free(ending);
	return count;
}

#define QUESTIONS (64 * 30)

static void as_many_as_strace_counts(void **state)
{
	struct recording recording = {0};
	struct talk_record record;
	struct talk *talk = talk_start(TALK_LINES);
	struct trace trace[TRACES];
	char *folder = capture_folder_new(), *file = must_print("%s/strace", folder), *table;
	const json_t *peer;

	(void)state;
	recording_make(&recording, NULL,
		PROGRAM("strace", "-f", "-c", "-e", "trace=sendto,recvfrom,connect", "-o", file,
			PYTHON, "tests/real/clients/threads.py", text_of(talk_port(talk))));
	talk_take(talk, &record);
	assert_int_equal(record.turns, QUESTIONS);
	table = must_read_file(file);
	assert_int_equal(counted(table, "sendto"), QUESTIONS);
	assert_int_equal(traces_read(recording.run, trace), 1);
	assert_int_equal(trace_lost(trace), 0);
	assert_int_equal(trace_counts(trace, TRACE_SEND), counted(table, "sendto"));
	assert_int_equal(trace_counts(trace, TRACE_RECV), counted(table, "recvfrom"));
	assert_int_equal(trace_counts(trace, TRACE_CONNECT), counted(table, "connect"));
	assert_int_equal(trace_events(trace, TRACE_SEND, 0), QUESTIONS);

	peer = json_array_get(json_object_get(recording.report, "endpoints"), 0);
	assert_int_equal(finding_number(peer, "connections"), 64);
	assert_int_equal(finding_number(peer, "turns"), QUESTIONS);
	traces_free(trace, 1);
	talk_record_free(&record);
	talk_stop(talk);
	recording_free(&recording);
	free(table);
	free(file);
	capture_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_killed),
		cmocka_unit_test(record_killed),
		cmocka_unit_test(signals_while_it_is_put_away),
		cmocka_unit_test(as_many_as_strace_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
