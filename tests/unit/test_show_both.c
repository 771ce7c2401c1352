/* Both ends on a screen and as JSON, of runs that are written as texts: what is said of stalls, of
 * who takes the time, of what cannot be told, and that no line is wider than the screen. */
#include "tests/unit/report_text.h"

#include <jansson.h>
#include <stdlib.h>

#include "tools/show/both.h"

/* A turn of 42,005 us at both ends: the second write is held for 40.4 ms. */
#define CLIENT                                                                                     \
	"client 1 10.0.0.1:143 proven=30\n"                                                        \
	"1: { w5 w6(proven) r5~41ms +1ms } x30 close\n"
#define SERVER                                                                                     \
	"server 1 143 peer_port=40001\n"                                                           \
	"1: { r5~50us r6~40400us w5 +1551us } x30 close\n"
/* One of 50,003 us: the server thinks for 40 ms. */
#define ASKS   "client 1 10.0.0.1:143\n1: { w11 r5~49ms +1ms } x30 close\n"
#define THINKS "server 1 143 peer_port=40001\n1: { r11~50us +48ms w5 +1950us } x30 close\n"

static const uint8_t own[16] = {[10] = 0xff, 0xff, 10, 0, 0, 5};

static struct found found[BOTH_SIDES];
static struct both *both;
static char *screen;
static bool all;
static uint64_t more; /* turns of 11 and 5 bytes that the server's counters have, and no event */

static int columns(int width)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", width);
	return setenv("COLUMNS", text, 1);
}

static void show(void)
{
	const struct report alone[BOTH_SIDES] = {report_of(&found[0]), report_of(&found[1])};
	const struct both_report report = {
		both, {&alone[both->swapped], &alone[!both->swapped]}, all};
	size_t size;
	FILE *out;

	free(screen);
	out = open_memstream(&screen, &size);
	assert_non_null(out);
	both_print(out, &report);
	fclose(out);
}

/* The texts' addresses are those of one connection between 10.0.0.5 and 10.0.0.1. */
static void take(const char *client, const char *server)
{
	struct run *run;

	found[0] = find_text(client);
	found[1] = find_text(server);
	run = found[0].run;
	for (size_t c = 0; c < run->process[0].connections; c++)
		memcpy(run->process[0].connection[c].local, own, 16);
	for (size_t c = 0; c < found[1].run->process[0].connections; c++) {
		memcpy(found[1].run->process[0].connection[c].peer, own, 16);
		memcpy(found[1].run->process[0].connection[c].local,
			run->process[0].connection[0].peer, 16);
	}
	found[1].run->process[0].connection[0].bytes_read += 11 * more;
	found[1].run->process[0].connection[0].bytes_written += 5 * more;
	both = both_take(found[0].run, found[1].run);
	columns(80);
	all = false;
	show();
}

static int tear_down(void **state)
{
	(void)state;
	both_free(both);
	find_end(found[0]);
	find_end(found[1]);
	free(screen);
	screen = NULL;
	return 0;
}

static void assert_says(const char *part)
{
	if (!strstr(screen, part))
		fail_msg("'%s' is not in:\n%s", part, screen);
}

static void assert_not_says(const char *part)
{
	if (strstr(screen, part))
		fail_msg("'%s' is in:\n%s", part, screen);
}

static void a_stall(void **state)
{
	(void)state;
	take(CLIENT, SERVER);
	assert_says("\n  1 connection in both (1 at the client, 1 at the server)   30 turns\n"
		    "  10.0.0.1:143\n");
	assert_says("\n  STALLED. 1.2 s of 1.3 s in turns (96 %) were held back.\n");
	assert_says(
		"The client's kernel held the last bytes of its requests: for 1.2 s of that the\n"
		"  server's kernel withheld the ACK that would have let them go.\n");
	assert_says("proven   N01   client  rule   requests in small writes, the\n");
	assert_says("last held back: 30 of 30\n");
	assert_says("proven   N11   server  rule   the same wait: requests that\n");
	assert_says("  the client alone  N01 ");
	assert_says("  the server alone  N11 likely ");
	assert_says("  next  on the client   sockfix run -s coalesce=auto -- COMMAND (ends 1.2 s)");
	assert_not_says("10.0.0.5:40001");
	assert_not_says("NAT");
	all = true;
	show();
	assert_says("\n  10.0.0.5:40001 -> 10.0.0.1:143   30 turns, 1.3 s\n");
}

static void a_server_that_thinks(void **state)
{
	(void)state;
	take(ASKS, THINKS);
	assert_says("IT IS NOT THE SOCKETS. Most of the turns' time is in the server: 1.4 s of\n");
	assert_says("Held back at either end: 0.0 s.\n");
	assert_says("  the client alone  nothing\n");
	assert_not_says("STALLED");
	assert_not_says("LOST");
}

/* The server's recording ends after a few turns. */
static void not_enough(void **state)
{
	(void)state;
	more = 26;
	take(ASKS, "server 1 143 peer_port=40001\n"
		   "1: { r11~50us +48ms w5 +1950us } x4 close\n");
	assert_says("\n  NOT SURE. ");
	assert_int_equal(both->sum.not_split, 26);
	/* Of those that are split. */
	assert_says("a turn, in the mean  49.");
	assert_says("server 48.0 ms\n");
	assert_says(" in turns cannot be split (26 turns): ");
	tear_down(NULL);
	/* Its counters do not have them either: bytes went past. */
	more = 0;
	take(ASKS, "server 1 143 peer_port=40001\n"
		   "1: { r11~50us +48ms w5 +1950us } x4 close\n");
	assert_int_equal(both->sum.not_split, 30);
	assert_says("(30 turns): bytes went past\n  the recording at one end.\n");
	assert_not_says("next");
}

/* Wider than the screen is nothing, whatever the screen. */
static void widths(void **state)
{
	static const int width[] = {60, 80, 132, 200};
	const struct {
		const char *client, *server;
	} table[] = {{CLIENT, SERVER}, {ASKS, THINKS}};

	(void)state;
	for (size_t t = 0; t < 2; t++)
		for (size_t w = 0; w < sizeof(width) / sizeof(*width); w++) {
			take(table[t].client, table[t].server);
			columns(width[w]);
			all = true;
			show();
			for (char *line = strtok(screen, "\n"); line; line = strtok(NULL, "\n"))
				if (strlen(line) > (size_t)width[w])
					fail_msg("%d: '%s'", width[w], line);
			tear_down(NULL);
		}
	take(CLIENT, SERVER);
}

/* A log of calls, which no kernel was asked for: both ends agree, and that is likely. */
static void no_kernel_was_asked(void **state)
{
	(void)state;
	take("client 1 10.0.0.1:143 opt.nodelay=-1\n1: { w5 w6 r5~41ms +1ms } x30 close\n", SERVER);
	assert_says("\n  STALLED. ");
	assert_says("  likely   N01   client  rule ");
	tear_down(NULL);
	/* And where it was asked it held nothing. */
	take("client 1 10.0.0.1:143\n1: { w5 w6 r5~41ms +1ms } x30 close\n", SERVER);
	assert_says("\n  IT IS NOT THE SOCKETS. ");
	assert_says("on the way, beyond what it\n");
}

/* The server's host slept for an hour, by its clock, between two turns. */
static void a_clock_that_jumps(void **state)
{
	(void)state;
	take(CLIENT, "server 1 143 peer_port=40001\n"
		     "1: { r5~50us r6~40400us w5 +1551us } x15 +3600s "
		     "{ r5~50us r6~40400us w5 +1551us } x15 close\n");
	assert_false(both->clocks.steady);
	assert_in_range(both->sum.not_split, 0, 1);
	assert_says("\n  One of their clocks stood still or jumped meanwhile: ");
	assert_says("\n  STALLED. ");
}

/* The server's host knows another time of day, and began its own elsewhere. */
static void clocks(void **state)
{
	struct run *run;

	(void)state;
	take(ASKS, THINKS);
	assert_true(both->clocks.known && both->clocks.steady);
	assert_in_range(both->clocks.give, 500000, 501000);
	assert_in_range(both->clocks.ahead + (int64_t)MS, 0, 2 * MS);
	assert_says("\n  their clocks agree, give or take 0.50 ms\n");
	both_free(both);
	run = found[1].run;
	run->started_wall += 3000 * S;
	both = both_take(found[0].run, run);
	assert_in_range(both->clocks.ahead, 3000 * S - MS, 3000 * S + MS);
	show();
	assert_says("\n  the server's clock is 3000.0 s ahead, give or take 0.50 ms\n");
	both_free(both);
	run->started_wall -= 6000 * S;
	both = both_take(found[0].run, run);
	show();
	assert_says("\n  the server's clock is 3000.0 s behind, give or take 0.50 ms\n");
	both_free(both);
	/* Its wall clock is right, and it booted later. */
	run->started_wall += 3000 * S;
	run->began += 500 * S;
	run->started_wall += 500 * S;
	both = both_take(found[0].run, run);
	assert_in_range(both->clocks.ahead + (int64_t)MS, 0, 2 * MS);
	both_free(both);
	run->started_wall = 0;
	both = both_take(found[0].run, run);
	assert_false(both->clocks.known);
	show();
	assert_not_says("clock");
}

/* Each has another stand-in than the other, and one is the same at both ends. */
static void strangers_see_no_address(void **state)
{
	struct run *run[2];

	(void)state;
	take(CLIENT, SERVER);
	run[0] = found[0].run;
	run[1] = found[1].run;
	runs_mask(run, 2);
	all = true;
	show();
	assert_not_says("10.0.0.");
	assert_says("  192.0.2.2:40001 -> 192.0.2.1:143   30 turns");
	assert_memory_equal(
		run[0]->process[0].connection[0].peer, run[1]->process[0].connection[0].local, 16);
	assert_memory_equal(
		run[0]->process[0].connection[0].local, run[1]->process[0].connection[0].peer, 16);
}

static void as_json(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *root, *schema = json_load_file("tools/show/both.schema.json", 0, NULL);
	const char *key;
	json_t *value;

	(void)state;
	take(CLIENT, SERVER);
	const struct report now[BOTH_SIDES] = {report_of(&found[0]), report_of(&found[1])};
	assert_true(both_print_json(out, &(struct both_report){both, {&now[0], &now[1]}, false}));
	fclose(out);
	root = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(root, "verdict")), "STALLED");
	/* The schema knows each member. */
	json_object_foreach(root, key, value)
		assert_non_null(json_object_get(json_object_get(schema, "properties"), key));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(root, "all"), "turns")), 30);
	json_decref(root);
	json_decref(schema);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_stall, tear_down),
		cmocka_unit_test_teardown(a_server_that_thinks, tear_down),
		cmocka_unit_test_teardown(not_enough, tear_down),
		cmocka_unit_test_teardown(widths, tear_down),
		cmocka_unit_test_teardown(no_kernel_was_asked, tear_down),
		cmocka_unit_test_teardown(a_clock_that_jumps, tear_down),
		cmocka_unit_test_teardown(clocks, tear_down),
		cmocka_unit_test_teardown(strangers_see_no_address, tear_down),
		cmocka_unit_test_teardown(as_json, tear_down),
	};

	return cmocka_run_group_tests_name("show_both", tests, NULL, NULL);
}
