/* The same conversation in all the forms in which captures are kept: the calls are the same. And
 * files that end in the middle, of which what came before counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/helper/packets_text.h"
#include "tools/packets/file.h"
#include "tools/packets/talks.h"

#define WORDS "c:S s:S c:A { c:100 +40s:A +0.05c:20 +1s:300 }x5 c:F s:F c:A"

struct form {
	const char *name;
	bool big, nanoseconds, next; /* next: pcapng */
	unsigned snap;		     /* 0: all that was kept */
	unsigned link;		     /* 101; 1 puts an Ethernet header in front */
};

static const struct form form_table[] = {
	{"little, us", false, false, false, 0, 101},
	{"big, us", true, false, false, 0, 101},
	{"little, ns", false, true, false, 0, 101},
	{"big, ns", true, true, false, 0, 101},
	{"pcapng", false, false, true, 0, 101},
	{"pcapng, big", true, false, true, 0, 101},
	{"Ethernet", false, true, false, 0, 1},
	{"Ethernet, 64 bytes", true, false, false, 64, 1},
};
enum { FORMS = sizeof(form_table) / sizeof(*form_table) };

struct writer {
	const struct form *form;
	FILE *file;
	unsigned packets;
};

static void put(struct writer *writer, unsigned size, uint32_t value)
{
	for (unsigned i = 0; i < size; i++)
		fputc((int)(value >> 8 * (writer->form->big ? size - 1 - i : i) & 255),
			writer->file);
}

static void put_head(struct writer *writer)
{
	const struct form *form = writer->form;

	if (!form->next) {
		put(writer, 4, form->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
		put(writer, 2, 2), put(writer, 2, 4);
		put(writer, 4, 0), put(writer, 4, 0);
		put(writer, 4, 65535), put(writer, 4, form->link);
		return;
	}
	put(writer, 4, 0x0a0d0d0a), put(writer, 4, 28), put(writer, 4, 0x1a2b3c4d);
	put(writer, 2, 1), put(writer, 2, 0);
	put(writer, 4, UINT32_MAX), put(writer, 4, UINT32_MAX), put(writer, 4, 28);
	put(writer, 4, 1), put(writer, 4, 20), put(writer, 2, form->link), put(writer, 2, 0);
	put(writer, 4, 0), put(writer, 4, 20);
}

static void put_record(struct writer *writer, uint64_t time, unsigned kept, unsigned length)
{
	const bool ns = writer->form->nanoseconds;

	if (!writer->form->next) {
		put(writer, 4, (uint32_t)(time / 1000000000));
		put(writer, 4, (uint32_t)(time % 1000000000 / (ns ? 1 : 1000)));
		put(writer, 4, kept), put(writer, 4, length);
		return;
	}
	put(writer, 4, 6), put(writer, 4, 32 + (kept + 3) / 4 * 4), put(writer, 4, 0);
	put(writer, 4, (uint32_t)(time / 1000 >> 32)), put(writer, 4, (uint32_t)(time / 1000));
	put(writer, 4, kept), put(writer, 4, length);
}

static void put_packet(void *context, const struct packet *packet)
{
	static const unsigned char ethernet[14] = {[12] = 8};
	struct writer *writer = context;
	const unsigned front = writer->form->link == 1 ? sizeof(ethernet) : 0;
	unsigned kept = front + (unsigned)packet->kept;

	if (writer->form->snap && kept > writer->form->snap)
		kept = writer->form->snap;
	put_record(writer, packet->time, kept, front + (unsigned)packet->length);
	fwrite(ethernet, 1, front, writer->file);
	fwrite(packet->bytes, 1, kept - front, writer->file);
	if (writer->form->next) {
		for (unsigned i = kept; i % 4; i++)
			fputc(0, writer->file);
		put(writer, 4, 32 + (kept + 3) / 4 * 4);
	}
	writer->packets++;
}

static char *write_form(const struct form *form, size_t *size)
{
	char *bytes;
	struct writer writer = {form, open_memstream(&bytes, size), 0};

	assert_non_null(writer.file);
	put_head(&writer);
	packets_text(WORDS, put_packet, &writer);
	fclose(writer.file);
	return bytes;
}

/* ---- and read ---- */

struct told {
	char text[1024];
	int result; /* of packet_file_next(), the last */
	bool opened;
	struct talks_sums sums;
};

static void *take_begin(void *context, uint64_t time)
{
	(void)time;
	return context;
}

static void take_event(void *context, void *line, const struct trace_event *event, uint64_t took)
{
	struct told *told = context;
	const size_t used = strlen(told->text);

	(void)line;
	snprintf(told->text + used, sizeof(told->text) - used, "%u:%u%s~%u ", event->call,
		event->done, event->flags ? "*" : "", (unsigned)((took + 500000) / 1000000));
}

static void take_end(void *context, void *line, const struct trace_connection *is)
{
	(void)context;
	(void)line;
	(void)is;
}

static void read_form(char *bytes, size_t size, struct told *told)
{
	const struct talk_taker taker = {told, take_begin, take_event, take_end};
	char why[PACKET_FILE_WHY] = "";
	struct packet_file *file;
	struct talks *talks = talks_begin(&taker, 0);
	struct packet packet;

	memset(told, 0, sizeof(*told));
	file = packet_file_open(fmemopen(bytes, size, "r"), why);
	told->opened = file != NULL;
	while (file && (told->result = packet_file_next(file, &packet, why)) == 1)
		talks_take(talks, &packet);
	assert_true((told->opened && !told->result) == !*why);
	if (file)
		packet_file_close(file);
	told->sums = talks_end(talks);
}

static void all_forms_tell_the_same(void **state)
{
	struct told first = {.text = ""}, told;

	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		size_t size;
		char *bytes = write_form(&form_table[i], &size);

		read_form(bytes, size, &told);
		free(bytes);
		assert_true(told.opened);
		assert_int_equal(told.result, 0);
		assert_int_equal(told.sums.segments, told.sums.packets);
		if (!i) {
			first = told;
			assert_non_null(strstr(told.text, "*"));
		}
		if (strcmp(told.text, first.text) != 0)
			fail_msg("%s:\n  is  %s\n  not %s", form_table[i].name, told.text,
				first.text);
	}
}

static void a_file_may_end_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i += 4) {
		struct told whole, told;
		size_t size;
		char *bytes = write_form(&form_table[i], &size);

		read_form(bytes, size, &whole);
		for (size_t cut = 1; cut < size; cut += 7) {
			char *copy = malloc(cut);

			assert_non_null(copy);
			memcpy(copy, bytes, cut);
			read_form(copy, cut, &told);
			free(copy);
			assert_true(told.sums.packets <= whole.sums.packets);
			assert_in_range(told.sums.talks, 0, 1);
			/* what came before is told as it was: all but the last call or so */
			assert_true(strlen(told.text) < 24 ||
				    memcmp(told.text, whole.text, strlen(told.text) - 24) == 0);
		}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms_tell_the_same),
		cmocka_unit_test(a_file_may_end_anywhere),
	};
	const char *why;

	if (packet_file_is_read(&why))
		return cmocka_run_group_tests(tests, NULL, NULL);
	print_message("%s\n", why);
	return 0;
}
