/* No number makes a screen long: whatever is printed of a run is bounded by what was recorded, not
 * by what a number in it says. The numbers here are given to the screens, past the reader. */
#include "tests/unit/find_text.h"

#include "tools/show/report.h"

#define SHOWN_MOST 40000u

struct sink {
	size_t length;
};

/* Writes that fail end no screen: the test ends there and then. */
static ssize_t sink_write(void *cookie, const char *bytes, size_t length)
{
	struct sink *sink = cookie;

	(void)bytes;
	sink->length += length;
	if (sink->length > SHOWN_MOST)
		fail_msg("more than %u bytes on a screen", SHOWN_MOST);
	return (ssize_t)length;
}

static FILE *sink_open(struct sink *sink)
{
	FILE *out = fopencookie(sink, "w", (cookie_io_functions_t){.write = sink_write});

	sink->length = 0;
	assert_non_null(out);
	return out;
}

static void show(const struct found *found)
{
	const struct report report = {.run = found->run,
		.fold = found->fold,
		.findings = found->findings,
		.verdict = verdict_take(found->fold, found->findings),
		.directory = "",
		.all = true,
		.calls = true,
		.timeline = true,
		.verb = "report"};
	struct sink sink;
	FILE *out = sink_open(&sink);

	screen_print(out, &report);
	for (size_t i = 0; i < found->findings->count; i++)
		finding_print(out, &report, &found->findings->finding[i]);
	suggest_print(out, &report);
	fclose(out);
	out = sink_open(&sink);
	calls_print(out, &report);
	timeline_print(out, &report);
	fclose(out);
	assert_true(sink.length > 500);
	out = sink_open(&sink);
	assert_true(json_print(out, &report));
	fclose(out);
}

static struct found usual(void)
{
	return find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
			 "1: { w20 w2(proven) r82~44ms probe } x50 close\n");
}

static void seconds_of_any_size_keep_the_table_short(void **state)
{
	static const uint64_t lost[] = {0, 1, UINT64_C(1) << 53, UINT64_MAX};
	static const uint64_t wall[] = {1, 1000000, UINT64_C(1) << 62};

	(void)state;
	for (int i = 0; i < 4 * 4 * 3; i++) {
		struct found found = usual();
		struct finding *finding = &found.findings->finding[0];

		finding->lost_low = lost[i & 3];
		finding->lost_high = lost[i >> 2 & 3];
		finding->sure = finding->lost_low == finding->lost_high ? SURE_PROVEN : SURE_LIKELY;
		finding->minor = false;
		finding->hits = finding->of = UINT64_MAX;
		finding->saved_calls = finding->saved_segments = UINT64_MAX;
		finding->p5 = finding->p50 = finding->p95 = finding->max = UINT64_MAX;
		found.fold->split = (struct split){.wall = wall[i >> 4], .thinking = wall[i >> 4]};
		show(&found);
		find_end(found);
	}
}

static void counts_of_any_size_keep_the_screen_short(void **state)
{
	struct found found = usual();
	struct run *run = found.run;

	(void)state;
	run->refused = run->missing = run->confined = run->unseen = UINT64_MAX;
	run->damaged = run->unread = SIZE_MAX;
	run->unread_why = strdup("why");
	run->process[0].header.clock_cost = UINT32_MAX;
	run->process[0].connection[0].holds = UINT64_MAX;
	found.fold->bytes_kernel = found.fold->unasked = found.fold->bytes_unasked = UINT64_MAX;
	found.fold->coverage = 0;
	found.fold->endpoint[0].turns = found.fold->endpoint[0].wait_p50 = UINT64_MAX;
	found.fold->signature[0].count = found.fold->signature[0].wait = UINT64_MAX;
	found.findings->bound = found.findings->doubt = UINT64_MAX;
	show(&found);
	run->living = UINT64_MAX;
	show(&found);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_of_any_size_keep_the_table_short),
		cmocka_unit_test(counts_of_any_size_keep_the_screen_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
