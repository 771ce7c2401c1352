/* Packets become segments, whatever stands in front of them and wherever they are cut off; and
 * segments become the calls of one end (tools/packets). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/helper/packets_text.h"
#include "tools/packets/talks.h"

/* ---- packets ---- */

static const struct framing {
	int link, tags;
} framing_table[] = {{0, 0}, {1, 0}, {1, 1}, {1, 2}, {1, 4}, {12, 0}, {14, 0}, {101, 0}, {108, 0},
	{113, 0}, {276, 0}, {228, 0}};
enum { FRAMINGS = sizeof(framing_table) / sizeof(*framing_table) };

static void assert_is_ours(const struct segment *segment, int family)
{
	assert_int_equal(segment->family, family);
	assert_int_equal(segment->from_port, 50000);
	assert_int_equal(segment->to_port, 80);
	assert_int_equal(segment->seq, 1000);
	assert_int_equal(segment->ack, 2000);
	assert_int_equal(segment->flags, SEGMENT_SYN);
	assert_int_equal(segment->window, 4096);
	assert_int_equal(segment->from[15], 1);
	assert_int_equal(segment->to[15], 2);
}

static void all_framings_are_read(void **state)
{
	unsigned char bytes[256];
	struct segment segment;

	(void)state;
	for (size_t i = 0; i < FRAMINGS; i++)
		for (int family = 4; family <= 6; family += 2) {
			const struct framing *framing = &framing_table[i];
			const size_t kept =
				packet_make(bytes, framing->link, family, framing->tags, 300);
			const struct packet packet = {5, bytes, kept, kept + 300, framing->link};

			assert_int_equal(packet_segment(&packet, &segment), 0);
			assert_is_ours(&segment, family);
			assert_int_equal(segment.length, 300);
			assert_int_equal(segment.mss, 1460);
			assert_int_equal(segment.scale, 0);
			assert_true(segment.stamped && !segment.cut);
			assert_int_equal(segment.stamp, 7);
		}
}

/* The packet in a room of its own length: a look behind it is seen by the sanitizer. */
static int segment_of(
	const unsigned char *bytes, size_t kept, size_t length, int link, struct segment *segment)
{
	unsigned char *copy = malloc(kept ? kept : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes, kept);
	result = packet_segment(&(const struct packet){5, copy, kept, length, link}, segment);
	free(copy);
	return result;
}

static void a_packet_may_be_cut_off_anywhere(void **state)
{
	unsigned char bytes[256];
	struct segment segment;

	(void)state;
	for (size_t i = 0; i < FRAMINGS; i++) {
		const int link = framing_table[i].link;
		const size_t whole = packet_make(bytes, link, 4, framing_table[i].tags, 0);

		for (size_t kept = 0; kept <= whole; kept++) {
			/* TCP's header has 40 bytes here, 16 of them up to the window */
			const bool enough = kept + 24 >= whole;

			assert_int_equal(segment_of(bytes, kept, whole, link, &segment),
				enough ? 0 : -EBADMSG);
			if (enough)
				assert_is_ours(&segment, 4);
			assert_int_equal(enough && segment.cut, enough && kept < whole);
		}
	}
}

/* What was sent is what IP says, not what was kept, and not the padding of a short frame. */
static void lengths_are_those_of_ip(void **state)
{
	unsigned char bytes[256];
	struct segment segment;
	const size_t kept = packet_make(bytes, 1, 4, 0, 0);

	(void)state;
	assert_int_equal(segment_of(bytes, kept, kept + 6, 1, &segment), 0);
	assert_int_equal(segment.length, 0);
	/* TSO: longer than the field can tell */
	bytes[14 + 2] = bytes[14 + 3] = 0;
	assert_int_equal(segment_of(bytes, kept, kept + 65600, 1, &segment), 0);
	assert_int_equal(segment.length, 65600);
}

struct change {
	size_t at;
	unsigned char value;
	int result;
};

static void what_is_no_segment_is_told(void **state)
{
	/* of Ethernet and IPv4, TCP's header from 34 on */
	static const struct change change_table[] = {
		{12, 0x07, -ENOMSG},  /* another type */
		{14, 0x55, -ENOMSG},  /* neither 4 nor 6 */
		{14, 0x44, -EBADMSG}, /* a header of 16 bytes */
		{14, 0x4f, -EBADMSG}, /* one that has no end */
		{23, 17, -ENOMSG},    /* UDP */
		{20, 0x20, 0},	      /* the first fragment */
		{21, 0x10, -ENOMSG},  /* and another */
		{46, 0x40, -EBADMSG}, /* 16 bytes of TCP */
		{46, 0xf0, -EBADMSG}, /* more than there are */
	};
	unsigned char bytes[256];
	struct segment segment;

	(void)state;
	for (size_t i = 0; i < sizeof(change_table) / sizeof(*change_table); i++) {
		const size_t kept = packet_make(bytes, 1, 4, 0, 0);

		bytes[change_table[i].at] = change_table[i].value;
		assert_int_equal(
			segment_of(bytes, kept, kept, 1, &segment), change_table[i].result);
	}
	const size_t kept = packet_make(bytes, 1, 4, 0, 0);
	assert_int_equal(segment_of(bytes, kept, kept, 127, &segment), -EPROTONOSUPPORT);
}

/* ---- conversations ---- */

struct told {
	char text[4096];
	uint64_t last;
	struct trace_connection is;
	unsigned begun, ended;
};

static void say(struct told *told, const char *format, ...)
{
	const size_t used = strlen(told->text);
	va_list args;

	va_start(args, format);
	vsnprintf(told->text + used, sizeof(told->text) - used, format, args);
	va_end(args);
}

static void *take_begin(void *context, uint64_t time)
{
	struct told *told = context;

	assert_true(time > 0);
	if (told->begun++)
		say(told, "| ");
	told->last = 0;
	return told;
}

static void take_event(void *context, void *line, const struct trace_event *event, uint64_t took)
{
	struct told *told = context;
	const unsigned ms = (unsigned)((took + 500000) / 1000000);

	assert_ptr_equal(line, told);
	assert_true(event->start > told->last); /* else they have no order */
	told->last = event->start + took;
	switch (event->call) {
	case TRACE_CONNECT:
		say(told, event->error ? "connect!%u" : "connect", event->error);
		break;
	case TRACE_WRITE:
		say(told, "w%u", event->done);
		break;
	case TRACE_READ:
		say(told, event->error ? "r!" : "r%u", event->done);
		break;
	case TRACE_PROBE:
		say(told, "(%u ms ago, %u again)", event->done, event->asked);
		break;
	default:
		assert_int_equal(event->call, TRACE_CLOSE);
		say(told, "close");
	}
	say(told, event->flags & EVENT_PROVEN ? "*" : "");
	if (ms)
		say(told, "~%u", ms);
	say(told, " ");
}

static void take_end(void *context, void *line, const struct trace_connection *is)
{
	struct told *told = context;

	assert_ptr_equal(line, told);
	told->is = *is;
	told->ended++;
}

static void take_packet(void *context, const struct packet *packet)
{
	talks_take(context, packet);
}

static struct talks_sums tell(const char *packets, int end, struct told *told)
{
	const struct talk_taker taker = {told, take_begin, take_event, take_end};
	struct talks *talks = talks_begin(&taker, end);
	struct talks_sums sums;

	memset(told, 0, sizeof(*told));
	packets_text(packets, take_packet, talks);
	sums = talks_end(talks);
	assert_int_equal(told->begun, told->ended);
	if (*told->text)
		told->text[strlen(told->text) - 1] = '\0';
	return sums;
}

#define HELLO "c:S s:S c:A "

static const struct story {
	const char *packets, *client, *server;
} story_table[] = {
	/* an exchange, and its end */
	{HELLO "c:100 +5s:200 c:A c:F s:F c:A", "connect w100 r200~5 close", "r100 w200 r0 close"},
	/* the peer's end first */
	{HELLO "c:100 s:200 s:F c:A c:F s:A", "connect w100 r200 r0 close", "r100 w200 close"},
	/* held, and let go by a bare ACK */
	{HELLO "{ c:10 +40s:A +0.05c:20 +1s:5 }x2 c:A",
		"connect w10 w20* r5~41 (1 ms ago, 0 again) w10 w20* r5~41 (1 ms ago, 0 again)",
		"r10 r20*~40 w5 r10 r20*~40 w5"},
	/* a server's */
	{HELLO "{ c:10 +1s:100 +40c:A +0.05s:20 }x2 c:10",
		"connect w10 r100~1 r20*~40 w10 r100~1 r20*~40 w10",
		"r10 w100 w20* r10~40 (0 ms ago, 0 again) w100 w20* r10~40 "
		"(0 ms ago, 0 again)"},
	/* the ACK came long before: the program's own pause */
	{HELLO "c:10 +40s:A +3c:20 +1s:5", "connect w10 w20 r5~1", "r10 r20~43 w5"},
	/* the ACK came with data: nobody waited for it */
	{HELLO "c:10 +40s:5 +0.05c:20", "connect w10 r5~40 w20", "r10 w5 r20"},
	/* at once: too short to be called a hold */
	{HELLO "c:10 +2s:A +0.05c:20 s:5", "connect w10 w20 r5", "r10 r20~2 w5"},
	/* full segments wait for nothing */
	{HELLO "c:1448 +40s:A +0.05c:20 s:5", "connect w1448 w20 r5", "r1448 r20~40 w5"},
	/* a small one behind a small one that is under way: TCP_NODELAY */
	{HELLO "c:10 +10c:20 +30s:A +0.05c:20 s:5", "connect w10 w20 w20 r5",
		"r10 r20~10 r20~30 w5"},
	/* one write of many segments */
	{HELLO "c:1448- c:1448- c:1448- c:100 s:A +1s:5", "connect w4444 r5~1", "r4444 w5"},
	{HELLO "c:1448- s:A +300c:100 s:5", "connect w1548~300 r5", "r1448 r100~300 w5"},
	{HELLO "c:1448- +300c:1448- c:100 s:5", "connect w2996~300 r5", "r1448 r1548~300 w5"},
	/* sent again; and twice in the capture is not sent again */
	{HELLO "c:10 +200c:10! s:5 c:A", "connect w10 r5~200 (200 ms ago, 1 again)", "r10 w5"},
	/* SYNs */
	{"c:S +1000c:S!", "connect!110~1000", ""},
	{"c:S s:R", "connect!111", ""},
	/* resets */
	{HELLO "c:10 s:R", "connect w10 r!", "r10 close"},
	{HELLO "c:10 s:5 c:R", "connect w10 r5 close", "r10 w5 r!"},
	/* not of this connection: no host would take it */
	{HELLO "c:10 s:5 s:X c:X s:Y c:Y c:10 s:5", "connect w10 r5 w10 r5", "r10 w5 r10 w5"},
	/* it waits for room, not for an ACK */
	{HELLO "s:W { c:10 +40s:W +0.05c:95 +1s:5 }x3",
		"connect w10 w95 r5~1 w10 w95 r5~1 w10 w95 r5~1",
		"r10 r95~40 w5 r10 r95~40 w5 r10 r95~40 w5"},
	/* begun before the capture: the lower port serves */
	{"c:10 +1s:5 c:10 s:5", "w10 r5~1 w10 r5", "r10 w5 r10 w5"},
	/* keepalives, and probes of a closed window, are no words */
	{HELLO "c:10 s:5 c:A +9000c:K s:A c:10 s:Z +200c:K s:A s:5", "connect w10 r5 w10 r5~200",
		"r10 w5 r10~9000 w5"},
	/* the ports again */
	{HELLO "c:10 s:5 c:F s:F c:A c:S s:S c:A c:7", "connect w10 r5 close | connect w7",
		"r10 w5 r0 close | r7"},
	/* a segment was not captured */
	{HELLO "c:10 c:30~ c:10 s:5", "connect w10 w10 r5", "r20 w5"},
};

static void calls_are_those_of_the_end(void **state)
{
	struct told told;

	(void)state;
	for (size_t i = 0; i < sizeof(story_table) / sizeof(*story_table); i++) {
		const struct story *story = &story_table[i];

		tell(story->packets, 0, &told);
		if (strcmp(told.text, story->client) != 0)
			fail_msg("%s:\n  is  %s\n  not %s", story->packets, told.text,
				story->client);
		tell(story->packets, 1, &told);
		if (strcmp(told.text, story->server) != 0)
			fail_msg("%s:\n  is  %s\n  not %s", story->packets, told.text,
				story->server);
	}
}

static void an_account_is_given(void **state)
{
	struct told told;
	struct talks_sums sums;

	(void)state;
	sums = tell("c:S +1000c:S! +1s:S +1c:A c:10 +200c:10! c:30~ c:10 s:500 c:F s:F", 0, &told);
	assert_int_equal(told.is.role, ROLE_OF_CLIENT);
	assert_int_equal(told.is.family, 4);
	assert_int_equal(told.is.port, 80);
	assert_int_equal(told.is.peer_port, 80);
	assert_int_equal(told.is.local_port, 50000);
	assert_int_equal(told.is.peer[15], 2);
	assert_int_equal(told.is.writes, 2);
	assert_int_equal(told.is.bytes_written, 20);
	assert_int_equal(told.is.bytes_read, 500);
	assert_int_equal(told.is.unsent, 30); /* sent, and not captured */
	assert_int_equal(told.is.at_connect.total_retrans, 1);
	assert_int_equal(told.is.at_close.total_retrans, 2);
	assert_int_equal(told.is.at_close.snd_mss, 1448);
	assert_true(told.is.closed && told.is.connected > told.is.connecting + 1000000000);
	assert_int_equal(sums.syns_again, 1);
	assert_int_equal(sums.missed, 30);
	assert_int_equal(sums.talks, 1);
	/* the client's first words were dropped, for nobody has them until they come again */
	assert_int_equal(sums.dropped, 1);
	sums = tell(HELLO "c:10 s:5 c:10 +200c:10! s:5", 0, &told);
	assert_int_equal(sums.dropped, 0);
}

static void what_is_by_chance_is_not_believed(void **state)
{
	struct told told;

	(void)state;
	tell(HELLO "{ c:10 +40s:A +0.05c:20 +1s:5 }x9", 0, &told);
	assert_int_equal(told.is.wired, WIRED);
	assert_int_equal(told.is.proven, 9);
	/* its own pauses, of which some end when the ACK comes */
	tell(HELLO "{ c:10 +40s:A +9c:20 +1s:5 }x9 { c:10 +40s:A +0.05c:20 +1s:5 }x4", 0, &told);
	assert_int_equal(told.is.wired & WIRED_NOT_OURS, WIRED_NOT_OURS);
	assert_int_equal(told.is.proven, 0);
	tell(HELLO "c:10 c:10 { c:10 +40s:A +0.05c:20 +1s:5 }x4", 0, &told);
	assert_int_equal(told.is.wired & WIRED_NOT_OURS, WIRED_NOT_OURS);
	assert_int_equal(told.is.options.nodelay, 1);
}

/* Of these there is no 'no'. */
static void what_is_missing_is_counted(void **state)
{
	struct told told;
	struct talks_sums sums = tell(HELLO "c:10 s:5 c:10 s:5", 0, &told);

	(void)state;
	assert_int_equal(sums.one_sided + sums.without_acks + sums.steps, 0);
	sums = tell("c:S c:A c:10 s:5~ c:10 s:5~ c:10", 0, &told);
	assert_int_equal(sums.one_sided, 1);
	assert_int_equal(sums.missed, 10);
	sums = tell("{ c:10 +1s:5 }x12", 0, &told);
	assert_int_equal(sums.without_acks, 1);
	sums = tell("{ c:10 +1s:5 }x12 c:A", 0, &told);
	assert_int_equal(sums.without_acks, 0);
	sums = tell(HELLO "c:10 +-3000s:5 c:10 s:5", 0, &told);
	assert_int_equal(sums.steps, 1);
	sums = tell(HELLO "c:10 +-0.5s:5 c:10 s:5", 0, &told);
	assert_int_equal(sums.steps, 0);
}

static void windows_and_keepalives_are_told(void **state)
{
	struct told told;

	(void)state;
	tell(HELLO "c:1448 s:Z +500s:A c:1448 s:A", 0, &told);
	assert_int_equal(told.is.at_close.rwnd_limited_us, 0); /* nothing is under way */
	tell(HELLO "c:1448 c:1448 +1s:Z", 0, &told);
	assert_true(told.is.at_close.busy_us >= 1000);
	tell(HELLO "c:10 s:5 c:A +9000c:K s:A", 0, &told);
	assert_int_equal(told.is.options.keepalive, 1);
	/* one with a byte that was there before */
	tell(HELLO "c:10 s:5 c:A +9000c:1! s:A", 0, &told);
	assert_int_equal(told.is.options.keepalive, 1);
	assert_int_equal(told.is.at_close.total_retrans, 0);
}

static void what_was_captured_twice_counts_once(void **state)
{
	struct told told;
	struct talks_sums sums;
	unsigned char bytes[256];
	const struct talk_taker taker = {&told, take_begin, take_event, take_end};
	struct talks *talks = talks_begin(&taker, 0);
	const size_t kept = packet_make(bytes, 101, 4, 0, 0);
	struct packet packet = {UINT64_C(1700000000000000000), bytes, kept, kept, 101};

	(void)state;
	memset(&told, 0, sizeof(told));
	for (int i = 0; i < 3; i++, packet.time += 50000)
		talks_take(talks, &packet);
	sums = talks_end(talks);
	assert_int_equal(sums.segments, 3);
	assert_int_equal(sums.syns_again, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_framings_are_read),
		cmocka_unit_test(a_packet_may_be_cut_off_anywhere),
		cmocka_unit_test(lengths_are_those_of_ip),
		cmocka_unit_test(what_is_no_segment_is_told),
		cmocka_unit_test(calls_are_those_of_the_end),
		cmocka_unit_test(an_account_is_given),
		cmocka_unit_test(what_is_by_chance_is_not_believed),
		cmocka_unit_test(what_is_missing_is_counted),
		cmocka_unit_test(windows_and_keepalives_are_told),
		cmocka_unit_test(what_was_captured_twice_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
