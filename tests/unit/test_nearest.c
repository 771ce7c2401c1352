/* How long a word may be to have a nearest one: names of options are no longer. */
#include "tests/unit/unit.h"

#include <string.h>

#include "rules/text/option_text.h"

#define LONGEST 63

/* Whether a word of that length, with one letter wrong, finds its name. */
static bool is_found(size_t length)
{
	char word[LONGEST + 2], right[LONGEST + 2];
	const char *const names[] = {right};

	memset(word, 'x', length);
	memset(right, 'x', length);
	word[length] = right[length] = '\0';
	word[length / 2] = 'y';
	return nearest_name(word, names, 1) != NULL;
}

static void words_of_63_bytes_are_compared(void **state)
{
	(void)state;
	assert_true(is_found(3));
	assert_true(is_found(LONGEST - 1));
	assert_true(is_found(LONGEST));
	assert_false(is_found(LONGEST + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_63_bytes_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
