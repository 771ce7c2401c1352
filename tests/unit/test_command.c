/* Commands that are too long for their place: what of them is left, and that both ends are. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/show/command.h"

static void what_is_left_of_a_command(void **state)
{
#define IMPORT "/usr/bin/python3 /opt/very/long/path/import.py --user x --folder INBOX --last"
	static const struct {
		const char *command;
		size_t most;
		const char *left;
	} row[] = {
		{"", 16, ""},
		{"prog x", 16, "prog x"},
		{IMPORT, 77, IMPORT},
		{IMPORT, 76, "python3 import.py --user x --folder INBOX --last"},
		{IMPORT, 48, "python3 import.py --user x --folder INBOX --last"},
		{IMPORT, 47, "python3 import.py --user x ... INBOX --last"},
		{IMPORT, 36, "python3 import.py --user ... --last"},
		{IMPORT, 28, "python3 import.py ... --last"},
		{IMPORT, 27, "python3 impo...INBOX --last"},
		/* what is no path stays: addresses, options, quoted words, a path's end */
		{"/bin/curl http://a.example/b/c.html --out=/tmp/d /srv/e/", 48,
			"curl http://a.example/b/c.html ... /srv/e/"},
		{"/bin/sh -c '/opt/a b/run && /opt/c/run' ./d/e ../f ~/g", 51,
			"sh -c '/opt/a b/run && /opt/c/run' e f g"},
		/* one long word, and characters of two bytes */
		{"abcdefghijklmnopqrstuvwxyz", 16, "abcdefg...uvwxyz"},
		{"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4",
			16, "\xc3\xa4\xc3\xb6\xc3\xbc...\xc3\xb6\xc3\xbc\xc3\xa4"},
	};
	char left[100];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		assert_string_equal(command_short(left, row[i].most, row[i].command), row[i].left);
}

/* Whatever the words are. */
static void none_is_longer_than_its_place(void **state)
{
	char command[200], *left = malloc(101); /* a sanitizer sees what is written behind */
	unsigned dice = 1;

	(void)state;
	assert_non_null(left);
	for (int round = 0; round < 20000; round++) {
		size_t length = 0;

		dice = dice * 1103515245u + 12345u;
		for (unsigned at = dice; length < (dice >> 8) % 199; at = at * 1103515245u + 7u)
			command[length++] = "ab/ '.~\xc3"[at >> 16 & 7];
		command[length] = '\0';
		for (size_t most = 16; most <= 100; most += 7)
			assert_true(strlen(command_short(left, most, command)) <= most);
	}
	free(left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_of_a_command),
		cmocka_unit_test(none_is_longer_than_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
