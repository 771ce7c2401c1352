/* Each unit that a rule file may write, by the number that it stands for. */
#include "tests/unit/unit.h"

#include "rules/text/option_text.h"

static const struct {
	int option;
	const char *text;
	int64_t number;
} row[] = {
	{OPTION_TCP_USER_TIMEOUT, "2h", 7200000},
	{OPTION_TCP_USER_TIMEOUT, "3min", 180000},
	{OPTION_TCP_USER_TIMEOUT, "4s", 4000},
	{OPTION_TCP_USER_TIMEOUT, "5ms", 5},
	{OPTION_TCP_USER_TIMEOUT, "6000us", 6},
	{OPTION_TCP_KEEPIDLE, "2h", 7200},
	{OPTION_TCP_KEEPIDLE, "3min", 180},
	{OPTION_TCP_KEEPIDLE, "4s", 4},
	{OPTION_TCP_KEEPIDLE, "5000ms", 5},
	{OPTION_SO_BUSY_POLL, "1s", 1000000},
	{OPTION_SO_BUSY_POLL, "3ms", 3000},
	{OPTION_SO_BUSY_POLL, "4us", 4},
	{OPTION_TCP_NOTSENT_LOWAT, "1GiB", 1 << 30},
	{OPTION_TCP_NOTSENT_LOWAT, "1GB", 1 << 30},
	{OPTION_TCP_NOTSENT_LOWAT, "1G", 1 << 30},
	{OPTION_TCP_NOTSENT_LOWAT, "3MiB", 3 << 20},
	{OPTION_TCP_NOTSENT_LOWAT, "3MB", 3 << 20},
	{OPTION_TCP_NOTSENT_LOWAT, "3M", 3 << 20},
	{OPTION_TCP_NOTSENT_LOWAT, "5KiB", 5 << 10},
	{OPTION_TCP_NOTSENT_LOWAT, "5KB", 5 << 10},
	{OPTION_TCP_NOTSENT_LOWAT, "5K", 5 << 10},
	{OPTION_TCP_NOTSENT_LOWAT, "7B", 7},
	{OPTION_SO_MAX_PACING_RATE, "2Gbit", 250000000},
	{OPTION_SO_MAX_PACING_RATE, "2Mbit", 250000},
	{OPTION_SO_MAX_PACING_RATE, "2kbit", 250},
	{OPTION_SO_MAX_PACING_RATE, "2GB", 2000000000},
	{OPTION_SO_MAX_PACING_RATE, "2MB", 2000000},
	{OPTION_SO_MAX_PACING_RATE, "2kB", 2000},
};

static void each_stands_for_its_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct value value;
		char why[200] = "";

		option_parse(row[i].option, row[i].text, &value, why, sizeof(why));
		assert_string_equal(why, "");
		assert_int_equal(value.number, row[i].number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stands_for_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
