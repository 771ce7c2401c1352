/* The run's time by its slices: they add up to the run whatever their number, they lie where it
 * was, and what was not recorded is not taken for nothing. And the stretches that lost most. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

#include "tools/find/timeline.h"

/* One thread: 10 s of program, 45 stalls of 44 ms from 10 s on, a peer that thinks for 5 s, a name
 * of 2 s, and more stalls from 25 s on. */
static const char usual[] = "run wall=31s\n"
			    "client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
			    "1: connect~1ms @10s { w20 w2(proven) r82~44ms probe } x45\n"
			    "1: @15s w20 r82~5s\n0: @21s getaddrinfo~2s\n"
			    "1: @25s { w20 w2(proven) r82~44ms probe } x22 @30s close~1ms\n";

static uint64_t sum_of(const struct slice *slice)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < SLICE_KINDS; kind++)
		sum += slice->ns[kind];
	return sum;
}

/* Every slice is as long as it is, and all of them are the run, kind by kind. */
static void assert_adds_up(const struct found *found, size_t slices)
{
	const struct split *split = &found->fold->split;
	struct timeline timeline;
	struct slice all = {0};

	timeline_take(&timeline, found->fold, found->findings, slices);
	assert_int_equal(timeline.slices, slices);
	assert_int_equal(timeline_at(&timeline, 0), 0);
	assert_int_equal(timeline_at(&timeline, slices), split->wall);
	for (size_t i = 0; i < slices; i++) {
		assert_int_equal(sum_of(&timeline.slice[i]),
			timeline_at(&timeline, i + 1) - timeline_at(&timeline, i));
		for (int kind = 0; kind < SLICE_KINDS; kind++)
			all.ns[kind] += timeline.slice[i].ns[kind];
	}
	assert_int_equal(sum_of(&timeline.all), split->wall);
	assert_memory_equal(all.ns, timeline.all.ns, sizeof(all.ns));
	assert_int_equal(all.ns[SLICE_PROGRAM], split->program);
	assert_int_equal(all.ns[SLICE_OTHER], split->other);
	assert_int_equal(all.ns[SLICE_UNSEEN], split->unseen);
	assert_int_equal(
		all.ns[SLICE_STALLED] + all.ns[SLICE_PEER], split->stalled + split->thinking);
	timeline_free(&timeline);
}

static void slices_add_up_to_the_run(void **state)
{
	static const size_t slices[] = {1, 2, 3, 7, 31, 51, 100, 172, 1000};
	static const char *const text[] = {usual, "run wall=1s\n", "run wall=50ns\n",
		"client 1 10.0.0.1:143\n1: { w20 w2(proven) r82~44ms } x50\n"
		"thread 9\n1: @1s { w20 again r9~5ms +3ms } x200\n"
		"process pid=8 at=3s\nclient 1 10.0.0.2:25\n1: connect~2s w9 r9~3s\n"};

	(void)state;
	for (size_t t = 0; t < sizeof(text) / sizeof(*text); t++) {
		struct found found = find_text(text[t]);
		for (size_t i = 0; i < sizeof(slices) / sizeof(*slices); i++)
			assert_adds_up(&found, slices[i]);
		found.run->process[0].header.full = 1;
		fold_free(found.fold);
		findings_free(found.findings);
		found.fold = fold_run(found.run);
		found.findings = find_all(found.fold);
		for (size_t i = 0; i < sizeof(slices) / sizeof(*slices); i++)
			assert_adds_up(&found, slices[i]);
		find_end(found);
	}
}

static void each_in_its_slice(void **state)
{
	struct found found = find_text(usual);
	struct timeline timeline;

	(void)state;
	timeline_take(&timeline, found.fold, found.findings, 31);
	assert_int_equal(timeline.slice[9].ns[SLICE_PROGRAM], S);
	assert_true(timeline.slice[10].ns[SLICE_STALLED] > 950 * MS);
	assert_true(timeline.slice[11].ns[SLICE_STALLED] > 900 * MS);
	assert_int_equal(timeline.slice[12].ns[SLICE_STALLED], 0);
	assert_int_equal(timeline.slice[16].ns[SLICE_PEER], S);
	assert_int_equal(timeline.slice[22].ns[SLICE_OTHER], S);
	assert_int_equal(timeline.slice[0].ns[SLICE_OTHER], MS);
	assert_int_equal(timeline.all.ns[SLICE_STALLED], found.fold->split.stalled);
	assert_false(timeline.all.full);
	timeline_free(&timeline);
	find_end(found);
}

/* While another thread is at work the run does not stand still. */
static void a_stall_beside_work_is_not_in_the_picture(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\nclient 2 10.0.0.2:80\n"
			  "1: { w20 w2(proven) r82~44ms probe } x45 w20 r82~3s\n"
			  "thread 9\n2: @0s { w9 r9 +10ms } x100\n");
	struct timeline timeline;

	(void)state;
	timeline_take(&timeline, found.fold, found.findings, 2);
	assert_near(timeline.all.ns[SLICE_PROGRAM], S);
	assert_true(timeline.all.ns[SLICE_STALLED] > 900 * MS);
	assert_true(timeline.all.ns[SLICE_STALLED] + 900 * MS < found.fold->split.stalled);
	timeline_free(&timeline);
	char *text = printed(&found, timeline_print);
	assert_non_null(
		strstr(text, "\n  Of 2.0 s that are stalled 1.0 s are not in the picture: "));
	free(text);
	find_end(found);
}

/* From its last event to its end, whatever others were seen to do meanwhile. */
static void a_full_recording_is_unknown_from_there_on(void **state)
{
	struct found found = find_text(
		"run wall=10s\nprocess pid=7\nclient 1 10.0.0.1:143\n1: w9 r9~1ms @8s close\n"
		"process pid=8\nclient 1 10.0.0.1:143\n1: { w9 r9~1s } x4 close\n");
	struct timeline timeline;

	(void)state;
	found.run->process[1].header.full = 1;
	found.run->process[1].ended += S * 2;
	timeline_take(&timeline, found.fold, found.findings, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(timeline.slice[i].full, i >= 4 && i <= 6);
	assert_true(timeline.all.full);
	timeline_free(&timeline);
	char *text = printed(&found, timeline_print);
	assert_non_null(strstr(text,
		"  stalled        |                    ???????????                    | 0.0 s\n"));
	assert_non_null(strstr(text,
		"  peer thinking  |####################:??????????                    | 4.0 s\n"));
	assert_non_null(strstr(text,
		"  not recorded   |                    ???????????                    | 2.0 s\n"));
	assert_non_null(strstr(text, ", .\n  less, ? not known, for the recording was full.\n"));
	free(text);
	find_end(found);
}

static void the_stretches_that_lost_most(void **state)
{
	struct found found = find_text(usual);
	size_t count;
	struct lost *lost = timeline_lost(found.fold, found.findings, &count);

	(void)state;
	assert_int_equal(count, 3);
	assert_string_equal(lost[0].code->name, "D02");
	assert_string_equal(lost[1].code->name, "N01");
	assert_string_equal(found.fold->endpoint[lost[1].endpoint].text, "10.0.0.1:143 imap");
	assert_int_equal(lost[1].times + lost[2].times, finding_of(&found, "N01")->hits);
	assert_int_equal(lost[1].ns + lost[2].ns, finding_of(&found, "N01")->lost_high);
	assert_in_range(lost[1].begin - found.run->began, 10 * S, 10 * S + 200 * MS);
	assert_in_range(lost[1].end - found.run->began, 11 * S + 800 * MS, 12 * S);
	assert_in_range(lost[2].begin - found.run->began, 25 * S, 25 * S + 200 * MS);
	free(lost);
	find_end(found);
}

/* Two connections that stall at once lose the time once; another endpoint is another habit; and a
 * connect of which the SYN was lost is no stall, but one wants to know when it was. */
static void stretches_are_of_one_habit_at_one_endpoint(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\nclient 2 10.0.0.1:143 "
			  "tcp.min_rtt_us=50\nclient 3 10.0.0.2:25 syn.total_retrans=1\n"
			  "1: { w20 w2(proven) r82~44ms probe } x45\n"
			  "thread 8\n2: @0s { w20 w2(proven) r82~44ms probe } x45\n"
			  "thread 9\n3: @3s connect~1020ms { w9 r9~1ms } x5\n");
	size_t count;
	struct lost *lost = timeline_lost(found.fold, found.findings, &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_string_equal(lost[0].code->name, "N01");
	assert_int_equal(lost[0].times, finding_of(&found, "N01")->hits);
	assert_int_equal(lost[0].ns, finding_of(&found, "N01")->lost_high);
	assert_true(lost[0].ns < 2 * S);
	assert_string_equal(lost[1].code->name, "C01");
	assert_string_equal(found.fold->endpoint[lost[1].endpoint].text, "10.0.0.2:25 smtp");
	assert_int_equal(lost[1].end - found.run->began, 3 * S + US + 1020 * MS);
	free(lost);
	find_end(found);
}

/* Look-ups are of no endpoint. */
static void look_ups_that_timed_out_are_stretches_too(void **state)
{
	struct found found = find_text("run wall=60s\nclient 1 10.0.0.1:143\n"
				       "0: @2s getaddrinfo~5s @9s getaddrinfo~10ms\n"
				       "0: @40s getaddrinfo~5s\n1: connect w9 r9~1ms close\n");
	size_t count;
	struct lost *lost = timeline_lost(found.fold, found.findings, &count);

	(void)state;
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(lost[i].code->name, "D02");
		assert_int_equal(lost[i].endpoint, UINT32_MAX);
		assert_int_equal(lost[i].times, 1);
		assert_int_equal(lost[i].ns, 5 * S);
		assert_int_equal(lost[i].begin - found.run->began, (i ? 40 : 2) * S + US);
	}
	free(lost);
	find_end(found);
}

/* On 60 columns 31 are the run's: here a second each. */
static void the_picture(void **state)
{
	struct found found = find_text(usual);
	char *text;

	(void)state;
	setenv("COLUMNS", "60", 1);
	text = printed(&found, timeline_print);
	setenv("COLUMNS", "80", 1);
	assert_string_equal(text,
		"  stalled        |          ##             #     | 2.9 s\n"
		"  peer thinking  |          ..   #####.    .     | 5.0 s\n"
		"  connect, names |.                    ##.      .| 2.0 s\n"
		"  program        |##########..###.    #. ##.#####| 21.1 s\n"
		"                  |0 s      |10 s     |20 s\n"
		"                  09:10:00               09:10:31\n"
		"  Each column is 1.0 s: # three quarters of that, + half, :\n"
		"  a quarter, . less.\n\n"
		"     FROM s      TO s     LOST  TIMES  CODE  PEER\n"
		"     21.000    23.000    2.0 s      1  D02   -\n"
		"     10.000    11.980    2.0 s     45  N01\n    10.0.0.1:143 imap\n"
		"     25.000    25.968    1.0 s     22  N01\n    10.0.0.1:143 imap\n");
	free(text);
	find_end(found);
}

/* A picture of that many columns, and no line is longer. */
static void assert_wide(const char *text, size_t width)
{
	assert_int_equal(strcspn(text + strcspn(text, "|") + 1, "|"), width - 29);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= width);
}

/* Its width is the screen's, from 60 to 200 columns; on a narrow one stretches have no clock. */
static void as_wide_as_the_screen(void **state)
{
	static const struct {
		const char *columns;
		size_t width;
	} table[] = {{"20", 60}, {"80", 80}, {"200", 200}, {"500", 200}};
	struct found found = find_text(usual);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const bool clock = table[i].width > 60;
		setenv("COLUMNS", table[i].columns, 1);
		char *text = printed(&found, timeline_print);
		assert_wide(text, table[i].width);
		assert_int_equal(strstr(text, "  CLOCK  ") != NULL, clock);
		assert_int_equal(strstr(text, "  09:10:10    2.0 s ") != NULL, clock);
		free(text);
	}
	setenv("COLUMNS", "80", 1);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slices_add_up_to_the_run),
		cmocka_unit_test(each_in_its_slice),
		cmocka_unit_test(a_stall_beside_work_is_not_in_the_picture),
		cmocka_unit_test(a_full_recording_is_unknown_from_there_on),
		cmocka_unit_test(the_stretches_that_lost_most),
		cmocka_unit_test(stretches_are_of_one_habit_at_one_endpoint),
		cmocka_unit_test(look_ups_that_timed_out_are_stretches_too),
		cmocka_unit_test(the_picture),
		cmocka_unit_test(as_wide_as_the_screen),
	};

	setenv("TZ", "UTC", 1);
	setenv("COLUMNS", "80", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
