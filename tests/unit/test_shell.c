/* Texts of sh that set LD_PRELOAD anew or drop it, and those that only look so: real wrappers among
 * them. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tools/launch/shell.h"
#include "tools/launch/wrapper.h"

struct row {
	const char *text;
	int line; /* 0: it changes nothing */
};

static void look(const struct row *row, size_t rows, enum preload_change wanted)
{
	for (size_t i = 0; i < rows; i++) {
		int line = 0;
		const enum preload_change change =
			shell_look(row[i].text, strlen(row[i].text), &line);

		if (change != wanted || (row[i].line && line != row[i].line))
			fail_msg("%d in line %d, not %d in line %d:\n%s", change, line, wanted,
				row[i].line, row[i].text);
	}
}

#define LOOK(rows, wanted) look(rows, sizeof(rows) / sizeof(*(rows)), wanted)

static void set_anew(void **state)
{
	static const struct row rows[] = {
		/* jemalloc.sh, as its authors install it */
		{"#!/bin/sh\n\nprefix=/usr\nexec_prefix=/usr\nlibdir=${exec_prefix}/lib\n\n"
		 "LD_PRELOAD=${libdir}/libjemalloc.so.2\nexport LD_PRELOAD\nexec \"$@\"\n",
			7},
		{"export LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so.2", 1},
		{"\n\nLD_PRELOAD=/x.so exec \"$@\"", 3},
		{"A=1 \\\nLD_PRELOAD=/x.so B=2 \\\n prog", 1},
		{"if true; then LD_PRELOAD=/x.so prog; fi", 1},
		{"[ -f /x.so ] && export LD_PRELOAD=/x.so", 1},
		{"foo() { LD_PRELOAD=/x.so \"$@\"; }", 1},
		{"case $1 in\nstart) LD_PRELOAD=/x.so prog ;;\nesac", 2},
		{"for i in 1 2; do\n  LD_PRELOAD=/x.so prog $i &\ndone", 2},
		{"while read x; do :; done < /etc/passwd; LD_PRELOAD=/x.so p >/dev/null 2>&1", 1},
		{"exec 3>&1; ( LD_PRELOAD=/x.so; export LD_PRELOAD; prog )", 1},
		{"declare -x LD_PRELOAD=/x.so", 1},
		{"export A=1 \"LD_PRELOAD=/x.so\"", 1},
		{"setenv LD_PRELOAD /x.so", 1},
		{"exec env LD_PRELOAD=/x.so \"$@\"", 1},
		{"nice /usr/bin/env A=1 LD_PRELOAD='/x.so' prog", 1},
		{"env -S 'A=1 LD_PRELOAD=/x.so prog'", 1},
		{"sh -c \"LD_PRELOAD=/x.so prog\"", 1},
		{"\nbash -c 'export LD_PRELOAD=/x.so; prog'", 2},
		{"LIB=/x.so\nLD_PRELOAD=\"$LIB\" exec \"$@\"", 2},
		{"OLD=$LD_PRELOAD\nLD_PRELOAD=/x.so prog", 2},
		{"LD_PRELOAD=$LD_PRELOADED prog", 1},
		{"cat <<-'E F'\n\tLD_PRELOAD=/x.so p\n\tE F\nLD_PRELOAD=/y p", 4},
		{"x=$(cat <<E\nfoo\nE\n)\nexport A=1 LD_PRELOAD=/x.so", 5},
		{"echo \"two\nlines\" 'and\nthree'; LD_PRELOAD=/x.so p", 3},
	};

	(void)state;
	LOOK(rows, PRELOAD_SET);
}

static void dropped(void **state)
{
	static const struct row rows[] = {
		{"unset LD_PRELOAD\nexec \"$@\"", 1},
		{"A=1\nunset A LD_PRELOAD", 2},
		{"export -n LD_PRELOAD", 1},
		{"LD_PRELOAD= prog", 1},
		{"LD_PRELOAD=\"\" prog", 1},
		{"exec env -u LD_PRELOAD \"$@\"", 1},
		{"env -uLD_PRELOAD prog", 1},
		{"env --unset=LD_PRELOAD prog", 1},
		{"\nexec /usr/bin/env -i PATH=$PATH \"$@\"", 2},
		{"env - prog", 1},
		{"exec -c prog", 1},
	};

	(void)state;
	LOOK(rows, PRELOAD_DROPPED);
}

static void kept(void **state)
{
	static const struct row rows[] = {
		{"LD_PRELOAD=/x.so:$LD_PRELOAD exec \"$@\"", 0},
		{"LD_PRELOAD=\"/x.so${LD_PRELOAD:+:$LD_PRELOAD}\" exec \"$@\"", 0},
		{"export LD_PRELOAD=\"${LD_PRELOAD} /x.so\"", 0},
		{"export LD_PRELOAD=\"/x.so\"\":\"\"$LD_PRELOAD\"", 0},
		{"LD_PRELOAD+=:/x.so", 0},
		{"LD_PRELOAD=/opt/sockfix/libsockfix.so prog", 0},
		{"exec env LD_PRELOAD=\"/x.so:$LD_PRELOAD\" \"$@\"", 0},
		{"LD_PRELOAD=$(echo \"$LD_PRELOAD\" | sed s/a/b/)", 0},
		{"LD_PRELOAD=`echo $LD_PRELOAD | sed s/a/b/`", 0},
		/* fakeroot, heaptrack */
		{"LIB=/x.so\nif test -n \"$LD_PRELOAD\"; then\n  LIB=\"$LIB:$LD_PRELOAD\"\nfi\n"
		 "K=$K LD_LIBRARY_PATH=\"$P\" LD_PRELOAD=\"$LIB\" \"$@\"",
			0},
		{"gdb --quiet --eval-command=\"set environment LD_PRELOAD=$LIB\"", 0},
		{"# LD_PRELOAD=/x.so\necho \"LD_PRELOAD=/x.so\" # LD_PRELOAD=1", 0},
		{"cat <<EOF\nLD_PRELOAD=/x.so prog\nexport LD_PRELOAD=/x\nEOF\necho", 0},
		{"grep LD_PRELOAD=/x.so /etc/environment", 0},
		{"echo LD_PRELOAD=/x.so >>/etc/environment", 0},
		{"MY_LD_PRELOAD=/x.so prog\nLD_PRELOAD_32=/x.so prog", 0},
		{"echo 'never closed\nLD_PRELOAD=/x.so prog", 0},
		{"unset LD_PRELOADED; env -u LD_LIBRARY_PATH prog; env -C /tmp -S 'x -i'", 0},
		{"", 0},
		{"\\", 0},
		{"$(", 0},
		{"<<", 0},
		{"cat <<E", 0},
	};

	(void)state;
	LOOK(rows, PRELOAD_KEPT);
}

/* Words and nests beyond any script's; names that are looked for again and again. */
static void long_texts(void **state)
{
	static const char *const piece[] = {"a ", "x", "$(", "'", "\"", "<<E ", "\\", "{ ", "`",
		"LD_PRELOAD", "env ", "sh -c '", ";", "\n", "LD_PRELOAD=$A\n", "A=", "<<E\n"};
	static char text[1 << 20];
	static const char set[] = "\nA=$LD_PRELOAD";

	(void)state;
	for (size_t i = 0; i < sizeof(piece) / sizeof(*piece); i++) {
		const size_t size = strlen(piece[i]);
		int line;

		for (size_t at = 0; at + size < sizeof(text); at += size)
			memcpy(text + at, piece[i], size + 1);
		strcpy(text + sizeof(text) - sizeof(set), set);
		assert_int_equal(shell_look(text, sizeof(text) - 1, &line), PRELOAD_KEPT);
	}
}

static enum preload_change of_env(const char *a, const char *b, const char *c)
{
	char words[4][64] = {"/usr/bin/env"}, *argv[5] = {words[0], words[1], words[2], words[3]};

	strcpy(words[1], a);
	strcpy(words[2], b);
	strcpy(words[3], c);
	return wrapper_changes_preload(argv);
}

static void words_of_env(void **state)
{
	(void)state;
	assert_int_equal(of_env("LD_PRELOAD=/x.so", "prog", ""), PRELOAD_SET);
	assert_int_equal(of_env("A=1", "LD_PRELOAD=/x.so", "prog"), PRELOAD_SET);
	assert_int_equal(of_env("LD_PRELOAD=/x:/lib/libsockfix.so", "prog", ""), PRELOAD_KEPT);
	assert_int_equal(of_env("-u", "LD_PRELOAD", "prog"), PRELOAD_DROPPED);
	assert_int_equal(of_env("-u", "A", "prog"), PRELOAD_KEPT);
	assert_int_equal(of_env("-i", "prog", "x"), PRELOAD_DROPPED);
	assert_int_equal(of_env("-vi", "prog", "x"), PRELOAD_DROPPED);
	assert_int_equal(of_env("-C", "-i", "prog"), PRELOAD_KEPT);
	assert_int_equal(of_env("-Cdir", "prog", "-i"), PRELOAD_KEPT);
	assert_int_equal(of_env("-i", "LD_PRELOAD=/x.so", "prog"), PRELOAD_SET);
	assert_int_equal(of_env("-S", "LD_PRELOAD=/x.so prog", "x"), PRELOAD_SET);
	assert_int_equal(of_env("-vSLD_PRELOAD=/x.so prog", "x", "x"), PRELOAD_SET);
	assert_int_equal(of_env("--split-string=-i prog", "x", "x"), PRELOAD_DROPPED);
	assert_int_equal(of_env("prog", "LD_PRELOAD=/x.so", "-i"), PRELOAD_KEPT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_anew),
		cmocka_unit_test(dropped),
		cmocka_unit_test(kept),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(words_of_env),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
