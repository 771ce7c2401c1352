/* Captures on the command line: what is told of one, by report, suggest, import and diff, of either
 * end; and one exact sentence for each that cannot be read, or not to its end. The captures are
 * written here, of a client that stalls thirty times for 40 ms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/helper/capture.h"
#include "tests/helper/must.h"

enum { TURNS = 30, CLIENT, SERVER };

static struct capture capture;
static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	return 0;
}

/* ---- a capture ---- */

struct writer {
	FILE *file;
	uint64_t time; /* us */
	uint32_t next[2];
	unsigned kept, protocol;
};

static void put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static void put_head(struct writer *writer)
{
	const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};

	MUST(fwrite(head, sizeof(head), 1, writer->file) == 1);
}

/* Of a client, 10.0.0.1:50000, and a server, 10.0.0.2:143; after so many us. */
static void put(struct writer *writer, unsigned after, int from, unsigned length, unsigned flags)
{
	const unsigned size = 54 + length, kept = writer->kept < size ? writer->kept : size;
	unsigned char bytes[1600] = {[12] = 8, [14] = 0x45};
	uint32_t head[4];

	put16(bytes + 16, 40 + length);
	bytes[23] = (unsigned char)writer->protocol;
	put32(bytes + 26, from == CLIENT ? 0x0a000001 : 0x0a000002);
	put32(bytes + 30, from == CLIENT ? 0x0a000002 : 0x0a000001);
	put16(bytes + 34, from == CLIENT ? 50000 : 143);
	put16(bytes + 36, from == CLIENT ? 143 : 50000);
	put32(bytes + 38, writer->next[from == SERVER]);
	put32(bytes + 42, writer->next[from == CLIENT]);
	bytes[46] = 0x50;
	bytes[47] = (unsigned char)flags;
	put16(bytes + 48, 60000);
	writer->next[from == SERVER] += length + ((flags & 3) != 0);
	writer->time += after;
	head[0] = (uint32_t)(writer->time / 1000000);
	head[1] = (uint32_t)(writer->time % 1000000);
	head[2] = kept;
	head[3] = size;
	MUST(fwrite(head, sizeof(head), 1, writer->file) == 1);
	MUST(fwrite(bytes, 1, kept, writer->file) == kept);
}

enum { FIN = 17, SYN = 2, SYN_ACK = 18, PSH = 24, ACK = 16 };

static void put_stalls(struct writer *writer)
{
	put(writer, 10, CLIENT, 0, SYN);
	put(writer, 10, SERVER, 0, SYN_ACK);
	put(writer, 10, CLIENT, 0, ACK);
	for (int i = 0; i < TURNS; i++) {
		put(writer, 300, CLIENT, 120, PSH);
		put(writer, 40000 + (unsigned)i % 4 * 500, SERVER, 0, ACK);
		put(writer, 20, CLIENT, 2, PSH);
		put(writer, 500, SERVER, 30, PSH);
	}
	put(writer, 100, CLIENT, 0, FIN);
	put(writer, 100, SERVER, 0, FIN);
	put(writer, 100, CLIENT, 0, ACK);
}

/* kept: bytes of each packet; cut: bytes that are missing at the file's end. */
static void write_capture(const char *name, unsigned kept, unsigned protocol, long cut)
{
	char *path = must_print("%s/%s", folder, name);
	struct writer writer = {.file = fopen(path, "w+"),
		.time = 1700000000000000,
		.kept = kept,
		.protocol = protocol};

	MUST(writer.file);
	put_head(&writer);
	put_stalls(&writer);
	MUST(fflush(writer.file) == 0 &&
		ftruncate(fileno(writer.file), ftell(writer.file) - cut) == 0);
	fclose(writer.file);
	free(path);
}

/* ---- what is told of it ---- */

static json_t *ask(const char *line)
{
	json_error_t error;
	json_t *root;

	capture_sockfix(&capture, line);
	if (capture.status != 0)
		fail_msg("sockfix %s: %d: %s", line, capture.status, capture.err);
	root = json_loads(capture.out, 0, &error);
	assert_non_null(root);
	return root;
}

static void assert_stalled(json_t *root, const char *code)
{
	const json_t *one = json_array_get(json_object_get(root, "findings"), 0);
	long long lost;

	assert_non_null(one);
	assert_string_equal(json_string_value(json_object_get(root, "verdict")), "STALLED");
	assert_string_equal(json_string_value(json_object_get(one, "code")), code);
	assert_string_equal(json_string_value(json_object_get(one, "sure")), "likely");
	assert_int_equal(json_integer_value(json_object_get(one, "hits")), TURNS);
	lost = json_integer_value(json_object_get(json_object_get(one, "lost_ns"), "high"));
	assert_in_range(lost / 1000000, 40 * TURNS - TURNS, 42 * TURNS + TURNS);
	json_decref(root);
}

static void a_capture_is_reported(void **state)
{
	(void)state;
	write_capture("it.pcap", 1600, 6, 0);
	assert_stalled(ask("report --format json --from it.pcap"), "N01");
	capture_sockfix(&capture, "report --end server --from it.pcap");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "port 143 imap (server)"));
	assert_non_null(strstr(capture.out, "N11"));
	assert_non_null(strstr(capture.out, "servers' segments"));
	capture_sockfix(&capture, "suggest --from it.pcap");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "peer = \"10.0.0.2\"; port = 143;"));
	capture_sockfix(&capture, "report --anonymize --from it.pcap");
	assert_null(strstr(capture.out, "10.0.0.2"));
	assert_null(strstr(capture.out, "it.pcap:"));
}

static void a_capture_is_imported(void **state)
{
	(void)state;
	write_capture("it.pcap", 64, 6, 0);
	capture_sockfix(&capture, "import -o run it.pcap");
	assert_int_equal(capture.status, 0);
	assert_stalled(ask("report --format json run"), "N01");
	capture_sockfix(&capture, "report --calls run");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "write"));
	capture_sockfix(&capture, "diff run run");
	assert_int_equal(capture.status, 0);
}

/* It is read as far as it goes. */
static void what_is_missing_is_said(void **state)
{
	(void)state;
	write_capture("cut.pcap", 1600, 6, 7);
	capture_sockfix(&capture, "report --from cut.pcap");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "cut off or damaged after 125 packets"));
	write_capture("short.pcap", 48, 6, 0);
	capture_sockfix(&capture, "report --from short.pcap");
	assert_int_equal(capture.status, 2);
	assert_string_equal(capture.err,
		"sockfix: short.pcap: no TCP connection is in its 126 packets; they are cut off in "
		"front of what TCP says: next time tcpdump -s 128\n");
}

static void what_is_none_is_refused(void **state)
{
	(void)state;
	write_capture("udp.pcap", 1600, 17, 0);
	capture_sockfix(&capture, "report --from udp.pcap");
	assert_int_equal(capture.status, 2);
	assert_string_equal(
		capture.err, "sockfix: udp.pcap: no TCP connection is in its 126 packets\n");
	capture_write(folder, "head", "\xd4\xc3\xb2\xa1", 0644);
	capture_sockfix(&capture, "report --from head");
	assert_int_equal(capture.status, 2);
	assert_non_null(strstr(capture.err, "sockfix: head: truncated dump file"));
	capture_sockfix(&capture, "report --end both --from udp.pcap");
	assert_int_equal(capture.status, 2);
	assert_non_null(strstr(capture.err, "--end takes client or server, not 'both'"));
	capture_sockfix(&capture, "report --end server");
	assert_int_equal(capture.status, 2);
	assert_non_null(strstr(capture.err, "--end is for a capture: --from FILE"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_capture_is_reported),
		TEST(a_capture_is_imported),
		TEST(what_is_missing_is_said),
		TEST(what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
