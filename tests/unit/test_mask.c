/* A run for strangers: nothing of addresses, commands, rules and names is left in what is made of
 * it, and all figures are. */
#include "tests/unit/find_text.h"

#include <stdlib.h>

static void addresses_are_mapped_everywhere_alike(void **state)
{
	struct run *run = trace_text("client 1 10.0.0.1:143\nclient 2 10.0.0.7:25\n"
				     "client 3 10.0.0.1:25\nclient 4 127.0.0.1:80\n"
				     "client 5 [fd00::7]:443\nclient 6 [::1]:443\n"
				     "1: w9 r9~1ms close\n");

	(void)state;
	run_mask(run);
	struct fold *fold = fold_run(run);
	const struct trace_connection *connection = run->process[0].connection;
	char line[600] = "";
	for (size_t e = 0; e < fold->endpoints; e++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s|",
			fold->endpoint[e].text);
	assert_null(strstr(line, "10.0.0."));
	assert_null(strstr(line, "fd00"));
	assert_non_null(strstr(line, "127.0.0.1:80"));
	assert_non_null(strstr(line, "[::1]:443"));
	assert_non_null(strstr(line, "192.0.2."));
	assert_non_null(strstr(line, "[2001:db8::"));
	assert_memory_equal(connection[0].peer, connection[2].peer, 16);
	assert_memory_not_equal(connection[0].peer, connection[1].peer, 16);
	assert_int_equal(turn_at(&fold->flow[0], 0)->bytes_out, 9);
	fold_free(fold);
	run_free(run);
}

static void rules_that_findings_suggest_are_masked_too(void **state)
{
	struct run *run = trace_text("client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"
				     "1: { w100 w20(proven) r82~43ms probe } x50 close\n");

	(void)state;
	run_mask(run);
	struct fold *fold = fold_run(run);
	struct findings *findings = find_all(fold);
	assert_string_equal(findings->finding[0].code->name, "N01");
	assert_null(strstr(findings->finding[0].mend.match, "10.0.0.1"));
	assert_null(strstr(findings->finding[0].mend.name, "10-0-0-1"));
	findings_free(findings);
	fold_free(fold);
	run_free(run);
}

static const char *masked_command(const char *command)
{
	static char masked[100];
	struct run *run = trace_text("client 1 10.0.0.1:143\n1: w9 close\n");

	free(run->command);
	run->command = strdup(command);
	run_mask(run);
	snprintf(masked, sizeof(masked), "%s", run->command);
	run_free(run);
	return masked;
}

static void of_commands_the_program_is_left(void **state)
{
	(void)state;
	assert_string_equal(masked_command("/opt/acme/loader --db secret"), "loader ...");
	assert_string_equal(masked_command("loader"), "loader");
	assert_string_equal(masked_command("'/opt/acme corp/loader' x"), "COMMAND ...");
	assert_string_equal(masked_command(""), "");
}

static void rules_and_places_are_gone(void **state)
{
	struct run *run = trace_text("run rules=1:secret elsewhere=secret command=x\n"
				     "client 1 10.0.0.1:143\n1: w9 close\n");

	(void)state;
	run_mask(run);
	assert_string_equal(run->rules, "...");
	assert_string_equal(
		run->elsewhere, "The work is in another process, which was not recorded.");
	assert_string_equal(run->directory, "DIR");
	assert_string_equal(run->process[0].header.program, "");
	assert_string_equal(run->process[0].header.command, "");
	assert_string_equal(run->process[0].header.rules, "");
	run_free(run);
}

/* More addresses than the nets for documentation have. */
static void two_thousand_peers_stay_apart(void **state)
{
	struct run run = {.processes = 1};
	struct run_process process = {.connections = 2000};

	(void)state;
	process.connection = calloc(process.connections, sizeof(*process.connection));
	for (uint32_t i = 0; i < process.connections; i++) {
		uint8_t peer[16] = {[10] = 0xff,
			[11] = 0xff,
			[12] = 10,
			(uint8_t)(i >> 16),
			(uint8_t)(i >> 8),
			(uint8_t)i};
		memcpy(process.connection[i].peer, peer, 16);
	}
	run.process = &process;
	run_mask(&run);
	for (uint32_t i = 1; i < process.connections; i++)
		for (uint32_t j = 0; j < i; j++)
			assert_memory_not_equal(
				process.connection[i].peer, process.connection[j].peer, 16);
	free(process.connection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_mapped_everywhere_alike),
		cmocka_unit_test(rules_that_findings_suggest_are_masked_too),
		cmocka_unit_test(of_commands_the_program_is_left),
		cmocka_unit_test(rules_and_places_are_gone),
		cmocka_unit_test(two_thousand_peers_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
