/* What of the HTML report and of the trace for Perfetto no real program can be made to show: bytes
 * that were made harmless before, and calls that signal handlers made. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

#include "tools/show/html.h"
#include "tools/show/perfetto.h"

static void assert_text(const char *text, const char *expected)
{
	char *written = NULL;
	size_t size;
	FILE *out = open_memstream(&written, &size);

	assert_non_null(out);
	html_text(out, text);
	fclose(out);
	assert_string_equal(written, expected);
	free(written);
}

static void markup_is_text(void **state)
{
	(void)state;
	assert_text("", "");
	assert_text("<a b=\"c\" d='e'>&amp;", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;");
	assert_text("a\033[1m\001\177b", "a?[1m??b");
	assert_text("\300\200 \377 \355\240\200 \364\220\200\200", "?? ? ??? ????");
	assert_text("\357\277\276\357\277\277\357\277\275", "??????\357\277\275");
	assert_text("\342\200\256 \303\244 \360\237\230\200", "??? \303\244 \360\237\230\200");
}

static void print_trace(FILE *out, const struct report *report)
{
	assert_true(perfetto_print(out, report));
}

/* In the order of their beginnings, the one around it first, whatever the order of their ends. */
static void assert_order(const char *text, const char *const part[])
{
	for (size_t i = 0; part[i]; i++) {
		const char *at = strstr(text, part[i]);

		if (!at)
			fail_msg("%s is not behind what comes before it:\n%s", part[i], text);
		text = at + 1;
	}
}

static void a_handler_s_calls_are_within(void **state)
{
	static const char *const order[] = {"\"ts\":1000001.", "\"name\":\"recv\"",
		"\"ts\":1001001.", "\"name\":\"send\"", "\"ts\":1003001.", "\"name\":\"send\"",
		"\"ts\":1010", NULL};
	struct found found = find_text("client 1 10.0.0.1:143\n1: @1.001s w2~1ms @1.003s w3~1ms\n"
				       "1: @1s r9~10ms w4 r2\n");
	char *text = printed(&found, print_trace);

	(void)state;
	assert_order(text, order);
	free(text);
	find_end(found);
}

/* A command of the longest kind, and what is no JSON. */
static void strings_are_escaped(void **state)
{
	struct found found = find_text("run wall=1s command='a\"b\\c</script>'\n"
				       "client 1 10.0.0.1:143\n1: w2 r6~1s\n");
	char *text = printed(&found, print_trace);

	(void)state;
	assert_non_null(strstr(text, "\"command\":\"a\\\"b\\\\c</script>\""));
	free(text);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_is_text),
		cmocka_unit_test(a_handler_s_calls_are_within),
		cmocka_unit_test(strings_are_escaped),
	};

	return cmocka_run_group_tests_name("show_pages", tests, NULL, NULL);
}
