/* What a recording may say of a connection at most: the bound itself is damage, one less is not. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/read/file.h"

static size_t damage_of(const char *key, uint64_t number)
{
	char text[200];

	snprintf(text, sizeof(text), "client 1 10.0.0.1:80 %s=%llu\n1: w20 r30\n", key,
		(unsigned long long)number);
	struct run *run = trace_text(text);
	const size_t damaged = run->process[0].damaged;
	run_free(run);
	return damaged;
}

static void kernels_counters_end_before_their_bound(void **state)
{
	static const struct {
		const char *key;
		uint64_t bound;
	} row[] = {
		{"tcp.bytes_sent", BYTES_MOST},
		{"tcp.bytes_acked", BYTES_MOST},
		{"tcp.bytes_received", BYTES_MOST},
		{"tcp.busy_us", TIME_LONG / 1000},
		{"tcp.rwnd_limited_us", TIME_LONG / 1000},
		{"tcp.sndbuf_limited_us", TIME_LONG / 1000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		assert_int_equal(damage_of(row[i].key, row[i].bound - 1), 0);
		assert_int_equal(damage_of(row[i].key, row[i].bound), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_counters_end_before_their_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
