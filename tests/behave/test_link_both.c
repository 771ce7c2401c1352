/* Both ends of connections over a long way, each recorded where it is: what of a turn is the way,
 * whatever the clocks say, and what is held beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/helper/launch.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/stage.h"

static struct stage stage;
static struct link *link_of;

/* check.py NUMBER TEST: the parts add up; prints the verdict and what findings there are. */
static const char check_text[] =
	"import json, sys\n"
	"report = json.load(sys.stdin)\n"
	"for sum_ in report['connections'] + [report['all']]:\n"
	"	assert sum(sum_['parts_ns'].values()) == sum_['took_ns']\n"
	"parts = report['all']['parts_ns']\n"
	"print(report['verdict'], report['all']['turns'], *sorted('/'.join((f['code'], f['end'],\n"
	"	f['sure'])) for f in report['findings'] if not f['minor']))\n"
	"for test in sys.argv[1:]:\n"
	"	assert eval(test), (test, parts)\n";

/* play NAME HOW TURNS WRITES: NAME.s at the far end, NAME.c at the near one. $OTHER: before the
 * server's command. */
static const char *const play_text =
	"ADDRESS=" NETNS_SERVER_ADDRESS "\n"
	"play() { : >$1.port; nsenter $FAR $OTHER $SOCKFIX record -q -o $1.s -- "
	"$TALK serve $2 $ADDRESS 1 >>$1.port & until grep -q . $1.port; do sleep 0.01; done; "
	"nsenter $NEAR $SOCKFIX record -q -o $1.c -- $TALK ask $ADDRESS $(cat $1.port) 0 1 $3 $4; "
	"wait; }\n"
	"json() { a=$1; shift; $SOCKFIX report --format json $a.c $a.s | "
	"/usr/bin/python3 check.py \"$@\"; }\n";

static void begin(uint32_t round_us)
{
	const struct link_plan plan = {.round_us = round_us};
	char *talk = build_path("victims/dialogue"), *play;

	link_of = link_start(&plan);
	stage_begin(&stage);
	play = must_print("TALK=%s\nNEAR=--net=/proc/%d/fd/%d\nFAR=--net=/proc/%d/fd/%d\n%s", talk,
		getpid(), link_ends(link_of)->client, getpid(), link_ends(link_of)->server,
		play_text);
	capture_write(stage.folder, "check.py", check_text, 0644);
	capture_write(stage.folder, "play.sh", play, 0644);
	free(play);
	free(talk);
}

static void end(void)
{
	stage_end(&stage);
	link_stop(link_of);
}

#define PLAY(...) stage_shell(&stage, ". ./play.sh; " __VA_ARGS__)

/* A round trip takes so long at least: the way's part is no less, and the rest is nobody's. */
static void a_long_way(void **state)
{
	(void)state;
	begin(20000);
	PLAY("play far whole 20 1; json far "
	     "'parts[\"way\"] >= 20 * 20e6' 'parts[\"server\"] + parts[\"client\"] < parts[\"way\"]'; "
	     "$SOCKFIX report far.c far.s");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "IT IS NOT THE SOCKETS 20\n");
	expect_in(stage.capture.out, "Most of the turns' time is on the way there and back:\n");
	end();
}

/* The hold is a round trip and what the ACK was withheld for, and the one who holds would have held
 * for that round trip anyway. */
static void a_stall_over_a_long_way(void **state)
{
	const uint32_t round_us = *(const uint32_t *)*state;

	begin(round_us);
	PLAY("play stall whole 20 2; json stall 'parts[\"way\"] >= 20 * %u' "
	     "'parts[\"held_client\"] > 0 and parts[\"ack_server\"] > 0' "
	     "'parts[\"held_server\"] + parts[\"ack_client\"] == 0'",
		round_us * 1000);
	stage_expect(&stage, 0, "STALLED 20 N01/client/proven N11/server/proven\n", "");
	end();
}

static void an_answer_in_parts(void **state)
{
	(void)state;
	begin(5000);
	PLAY("play parts parts 20 1; json parts "
	     "'parts[\"held_server\"] > 0 and parts[\"ack_client\"] > 0' "
	     "'parts[\"held_client\"] + parts[\"ack_server\"] == 0'");
	stage_expect(&stage, 0, "STALLED 20 N02/server/proven N11/client/proven\n", "");
	end();
}

/* The far host began its time elsewhere. What is the way and what is not stays as it is. */
static void another_clock(void **state)
{
	(void)state;
	begin(20000);
	PLAY("OTHER='unshare -T --fork --monotonic 86400' play far slow 10 1; json far "
	     "'parts[\"way\"] >= 10 * 20e6' 'parts[\"server\"] >= 10 * 20e6' "
	     "'abs(report[\"clocks\"][\"server_ahead_ns\"]) < 1e9' "
	     "'report[\"clocks\"][\"give_or_take_ns\"] >= 10e6' 'report[\"clocks\"][\"steady\"]'");
	stage_expect(&stage, 0, "IT IS NOT THE SOCKETS 10\n", "");
	end();
}

/* Strangers see neither end's address, and one is the same everywhere. */
static void no_address_is_shown(void **state)
{
	(void)state;
	begin(500);
	PLAY("play hidden whole 5 1; $SOCKFIX report --anonymize --all hidden.c hidden.s; "
	     "$SOCKFIX report --anonymize --format json hidden.s hidden.c");
	stage_expect(&stage, 0, NULL, "");
	expect_not_in(stage.capture.out, "10.203.0.");
	expect_not_in(stage.capture.out, "hidden");
	expect_in(stage.capture.out, "\n  192.0.2.");
	end();
}

/* The far end sees another address and another port: by bytes and time it is the same, and what is
 * found is no longer proven. */
static void behind_a_nat(void **state)
{
	(void)state;
	begin(5000);
	PLAY("nsenter $NEAR iptables -t nat -A POSTROUTING -p tcp -j SNAT --to-source "
	     "10.203.0.9:61000-61099 && nsenter $FAR ip route add 10.203.0.9 dev link && "
	     "play nat whole 20 2; json nat 'report[\"translated\"]'; $SOCKFIX report nat.s nat.c");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, "STALLED 20 N01/client/likely N11/server/likely\n");
	expect_in(stage.capture.out, "\n  Their addresses differ: by their bytes, ports and times");
	end();
}

/* One with an address of the other end's own. */
static void another_connection(void **state)
{
	(void)state;
	begin(500);
	PLAY("play one whole 5 1; play two whole 5 1; $SOCKFIX report one.c two.s");
	assert_int_equal(stage.capture.status, 2);
	expect_in(stage.capture.err, "sockfix: no connection of one.c is in two.s: ");
	expect_in(stage.capture.err, "10.203.0.1:");
	end();
}

int main(void)
{
	static const uint32_t round_us[] = {500, 20000, 80000};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_way),
		cmocka_unit_test_prestate(a_stall_over_a_long_way, (void *)(uintptr_t)&round_us[0]),
		cmocka_unit_test_prestate(a_stall_over_a_long_way, (void *)(uintptr_t)&round_us[1]),
		cmocka_unit_test_prestate(a_stall_over_a_long_way, (void *)(uintptr_t)&round_us[2]),
		cmocka_unit_test(an_answer_in_parts),
		cmocka_unit_test(another_clock),
		cmocka_unit_test(no_address_is_shown),
		cmocka_unit_test(behind_a_nat),
		cmocka_unit_test(another_connection),
	};

	need_for_all("tun");
	return cmocka_run_group_tests_name("link_both", tests, NULL, NULL);
}
