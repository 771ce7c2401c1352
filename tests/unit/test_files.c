/* Which files are read: paths, directories, includes, and what is said of those that cannot be. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/rules_text.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/sockfix-load-XXXXXX");
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int drop_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

/* A rule that sets ip_tos to number for every flow, under that name. */
static void write_rule(const char *path, const char *name, int number)
{
	char text[200];

	snprintf(text, sizeof(text),
		"%s: { match: { role = \"any\"; }; set: { ip_tos = %d; }; };\n", name, number);
	write_file(path, text);
}

static const char *names_of(const struct book *book)
{
	static char names[1000];

	names[0] = '\0';
	for (size_t i = 0; i < book->set.count; i++)
		sprintf(names + strlen(names), "%s%s@%s:%d", i ? " " : "", book->set.rule[i].name,
			book->set.rule[i].file, book->set.rule[i].line);
	return names;
}

/* "FILE:LINE: sentence\n   hint\n" for each problem. */
static const char *problems_of(const struct book *book)
{
	static char text[4000];

	text[0] = '\0';
	for (size_t i = 0; i < book->problems; i++) {
		sprintf(text + strlen(text), "%s:", book->problem[i].file);
		show_problem(&book->problem[i], text, sizeof(text));
	}
	return text;
}

static void path_is(const char *path, const char *names, const char *problems)
{
	struct book *book = book_new();
	const int error = book_add_path(book, path);

	assert_string_equal(problems_of(book), problems);
	assert_string_equal(names_of(book), names);
	assert_int_equal(error, *problems ? -22 : 0);
	book_free(book);
}

static void files_that_cannot_be_read(void **state)
{
	(void)state;
	path_is("none.conf", "", "none.conf:0: cannot be read: No such file or directory\n");
	write_file("plain", "x");
	path_is("plain/a.conf", "", "plain/a.conf:0: cannot be read: Not a directory\n");
	write_file("unlike.conf", "x");
	assert_int_equal(mkdir("unlike.d", 0755), 0);
	assert_int_equal(symlink("../unlike.conf/x", "unlike.d/a.conf"), 0);
	path_is("unlike.d", "", "unlike.d/a.conf:0: cannot be read: Not a directory\n");
	assert_int_equal(symlink("loop.conf", "loop.conf"), 0);
	path_is("loop.conf", "",
		"loop.conf:0: cannot be read: Too many levels of symbolic links\n");
}

static void files_without_permission(void **state)
{
	const uid_t user = geteuid();

	(void)state;
	write_rule("secret.conf", "a", 1);
	assert_int_equal(mkdir("secret.d", 0700), 0);
	write_rule("secret.d/a.conf", "a", 1);
	assert_int_equal(chmod("secret.conf", 0), 0);
	assert_int_equal(chmod("secret.d", 0), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	if (user == 0)
		assert_int_equal(seteuid(65534), 0);
	path_is("secret.conf", "", "secret.conf:0: cannot be read: Permission denied\n");
	path_is("secret.d", "", "secret.d:0: the directory cannot be read\n");
	if (user == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod("secret.d", 0700), 0);
}

static void files_that_are_too_long(void **state)
{
	FILE *file = fopen("long.conf", "we");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 10 << 20; i++)
		fputc('\n', file);
	fclose(file);
	path_is("long.conf", "",
		"long.conf:0: the file is 10 MB long\n   a rule file has at most 1 MB\n");
	assert_int_equal(truncate("long.conf", (1 << 20) + 1), 0);
	path_is("long.conf", "",
		"long.conf:0: the file is 1048577 bytes long\n   a rule file has at most 1 MB\n");
	assert_int_equal(truncate("long.conf", 1 << 20), 0);
	path_is("long.conf", "",
		"long.conf:0: there is no rule in this file\n   NAME: { match: { ... }; set: { ... "
		"}; };\n");
}

/* Each would be waited for, or has no end. */
static void what_is_no_file(void **state)
{
	(void)state;
	assert_int_equal(mkdir("odd", 0755), 0);
	assert_int_equal(mkdir("odd/d", 0755), 0);
	assert_int_equal(mkdir("odd/e", 0755), 0);
	assert_int_equal(mkdir("odd/e/b.conf", 0755), 0);
	assert_int_equal(mkfifo("odd/fifo", 0644), 0);
	assert_int_equal(mkfifo("odd/d/a.conf", 0644), 0);
	path_is("odd/fifo", "",
		"odd/fifo:0: is a FIFO, not a file\n   save what it gives in a file\n");
	path_is("/dev/zero", "", "/dev/zero:0: is a device, not a file\n");
	path_is("odd/d", "",
		"odd/d/a.conf:0: is a FIFO, not a file\n   save what it gives in a file\n");
	path_is("odd/e", "", "odd/e/b.conf:0: is a directory, not a file\n");
	write_file("odd/fifo.conf", "\n@include \"fifo\"\n");
	path_is("odd/fifo.conf", "",
		"odd/fifo.conf:2: 'odd/fifo' is a FIFO, not a file\n   save what it gives in a "
		"file\n");
	write_file("odd/d.conf", "@include \"d\"\n");
	path_is("odd/d.conf", "",
		"odd/d.conf:1: 'odd/d/a.conf' is a FIFO, not a file\n   save what it gives in a "
		"file\n");
	write_file("odd/zero.conf", "@include \"/dev/zero\"\n");
	path_is("odd/zero.conf", "", "odd/zero.conf:1: '/dev/zero' is a device, not a file\n");
}

/* The kernel's own, which wait (/proc/kmsg), or are what else is told by the kernel: they say that
 * they are empty, and are believed. */
static void files_of_the_kernel(void **state)
{
	(void)state;
	path_is("/proc/self/mem", "",
		"/proc/self/mem:0: there is no rule in this file\n   NAME: { match: { ... }; set: "
		"{ ... }; };\n");
}

/* A FIFO among the files of the system is no mask. */
static void a_fifo_masks_nothing(void **state)
{
	const char *const directories[] = {"below", "above"};
	struct book *book = book_new();

	(void)state;
	assert_int_equal(mkdir("below", 0755), 0);
	assert_int_equal(mkdir("above", 0755), 0);
	write_rule("below/a.conf", "a", 1);
	assert_int_equal(mkfifo("above/b.conf", 0644), 0);
	assert_int_equal(book_add_directories(book, directories, 2), -22);
	assert_string_equal(names_of(book), "a@below/a.conf:1");
	assert_string_equal(problems_of(book),
		"above/b.conf:0: is a FIFO, not a file\n   save what it gives in a file\n");
	book_free(book);
}

/* Writes a file that includes another one so many times. */
static void write_includes(const char *path, const char *what, int times)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (int i = 0; i < times; i++)
		fprintf(file, "@include \"%s\"\n", what);
	fclose(file);
}

/* The last problem of a path, and how many there are. */
static size_t last_problem(const char *path, char *text, size_t size)
{
	struct book *book = book_new();
	const int error = book_add_path(book, path);
	const size_t problems = book->problems;

	assert_int_equal(error, -22);
	assert_int_equal(book->set.count, 0);
	text[0] = '\0';
	show_problem(&book->problem[problems - 1], text, size);
	book_free(book);
	return problems;
}

/* Eight deep they may ask for any number of files: whoever reads them all does not come back. */
static void files_that_multiply(void **state)
{
	char text[400], name[20];

	(void)state;
	assert_int_equal(mkdir("many", 0755), 0);
	assert_int_equal(chdir("many"), 0);
	for (int i = 0; i < 7; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		snprintf(text, sizeof(text), "n%d", i + 1);
		write_includes(name, text, 300);
	}
	write_rule("n7", "seven", 7);
	assert_int_equal(last_problem("n0", text, sizeof(text)), 1);
	assert_string_equal(text,
		"91: there are more than 1000 files to read, each include counted\n   do files "
		"include each other in a ring?\n");
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "%d.conf", i);
		write_includes(name, ".", 1);
	}
	last_problem(".", text, sizeof(text));
	assert_non_null(strstr(text, "there are more than 1000 files to read"));
	assert_int_equal(chdir(".."), 0);
}

static void files_that_are_too_long_together(void **state)
{
	char text[400];
	FILE *file = fopen("half.conf", "we");

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 400000; i++)
		fputc('\n', file);
	fputs("half: { match: { port = 1; }; set: { ip_tos = 1; }; };\n", file);
	fclose(file);
	write_includes("halves.conf", "half.conf", 2);
	path_is("halves.conf", "half@half.conf:400001 half@half.conf:400001", "");
	write_includes("halves.conf", "half.conf", 900);
	assert_int_equal(last_problem("halves.conf", text, sizeof(text)), 898);
	assert_string_equal(text, "0: with this file there is more than 1 MB to read\n   rule "
				  "files have at most 1 MB "
				  "together, each include counted\n");
}

static void a_directory_gives_its_files_in_byte_order(void **state)
{
	(void)state;
	assert_int_equal(mkdir("d", 0755), 0);
	path_is("d", "", "d:0: the directory has no rule file\n   rule files end in .conf\n");
	write_rule("d/9.conf", "nine", 9);
	write_rule("d/10.conf", "ten", 10);
	write_rule("d/b.conf", "b", 1);
	write_rule("d/B.conf", "B", 1);
	write_file("d/notes.txt", "{ nonsense");
	write_file("d/.hidden.conf", "{ nonsense");
	write_file("d/a.conf.bak", "{ nonsense");
	path_is("d", "ten@d/10.conf:1 nine@d/9.conf:1 B@d/B.conf:1 b@d/b.conf:1", "");
	path_is("d/", "ten@d/10.conf:1 nine@d/9.conf:1 B@d/B.conf:1 b@d/b.conf:1", "");
	write_file("d/b.conf", "b: { match: { prt = 1; }; set: { ip_tos = 1; }; };");
	write_file("d/9.conf", "\n9\n");
	path_is("d", "",
		"d/9.conf:2: syntax error\n   a name begins with a letter\n"
		"d/b.conf:1: b: 'prt' is not a matcher; did you mean port?\n");
}

static void a_book_counts_its_files(void **state)
{
	struct book *book = book_new();

	(void)state;
	assert_int_equal(mkdir("count", 0755), 0);
	write_rule("count/a.conf", "a", 1);
	write_rule("count/b.conf", "b", 1);
	assert_int_equal(book_add_path(book, "count"), 0);
	assert_int_equal(book_add_path(book, "count/a.conf"), 0);
	assert_int_equal(book->files, 3);
	book_free(book);
}

static void a_wrong_file_leaves_the_rules_before_it(void **state)
{
	struct book *book = book_new();

	(void)state;
	write_rule("good.conf", "good", 1);
	write_file("bad.conf", "ok: { match: { port = 1; }; set: { ip_tos = 1; }; };\nbad: { };\n");
	assert_int_equal(book_add_path(book, "good.conf"), 0);
	assert_int_equal(book_add_path(book, "bad.conf"), -22);
	assert_string_equal(names_of(book), "good@good.conf:1");
	assert_int_equal(book_add_path(book, "good.conf"), 0);
	assert_string_equal(names_of(book), "good@good.conf:1 good@good.conf:1");
	assert_int_equal(book->errors, 2);
	book_free(book);
}

static void includes_stand_where_they_are_written(void **state)
{
	char text[200], names[200];

	(void)state;
	assert_int_equal(mkdir("inc", 0755), 0);
	assert_int_equal(mkdir("inc/more", 0755), 0);
	write_rule("inc/one.conf", "one", 1);
	write_rule("inc/more/1.conf", "m1", 1);
	write_file("inc/more/2.conf", "@include \"../one.conf\"\n");
	write_file("inc/main.conf", "first: { match: { port = 1; }; set: { ip_tos = 1; }; };\n"
				    "  @include \"one.conf\"  # a rule\n"
				    "second: { match: { port = 2; }; set: { ip_tos = 2; }; };\n"
				    "@include \"more\"\n");
	/* relative to the file, not to where the tool runs */
	path_is("inc/main.conf",
		"first@inc/main.conf:1 one@inc/one.conf:1 second@inc/main.conf:3 "
		"m1@inc/more/1.conf:1 one@inc/more/../one.conf:1",
		"");
	assert_int_equal(chdir("inc"), 0);
	path_is("main.conf",
		"first@main.conf:1 one@one.conf:1 second@main.conf:3 m1@more/1.conf:1 "
		"one@more/../one.conf:1",
		"");
	assert_int_equal(chdir(".."), 0);
	write_file("inc/only.conf", "@include \"one.conf\"\n");
	path_is("inc/only.conf", "one@inc/one.conf:1", "");
	snprintf(text, sizeof(text), "@include \"%s/inc/one.conf\"\n", folder);
	write_file("inc/whole.conf", text);
	snprintf(names, sizeof(names), "one@%s/inc/one.conf:1", folder);
	path_is("inc/whole.conf", names, "");
}

static void problems_of_an_included_file_are_its_own(void **state)
{
	(void)state;
	assert_int_equal(mkdir("own", 0755), 0);
	write_file("own/bad.conf", "\nx: { match: { port = 1; }; set: { ip_tso = 1; }; };\n");
	write_file("own/main.conf", "a: { match: { port = 1; }; set: { ip_tos = 1; }; };\n"
				    "@include \"bad.conf\"\n"
				    "b: { match: { port = 0; }; set: { ip_tos = 1; }; };\n");
	path_is("own/main.conf", "",
		"own/bad.conf:2: x: 'ip_tso' is not an option; did you mean ip_tos?\n"
		"own/main.conf:3: b: port takes ports from 1 to 65535 and ranges such as "
		"8000-8100, not "
		"'0'\n");
}

static void includes_that_go_wrong(void **state)
{
	char name[40], text[60];

	(void)state;
	assert_int_equal(mkdir("wrong", 0755), 0);
	assert_int_equal(mkdir("wrong/empty", 0755), 0);
	write_file("wrong/missing.conf", "\n@include \"nix.conf\"\n");
	path_is("wrong/missing.conf", "",
		"wrong/missing.conf:2: 'wrong/nix.conf' cannot be read: No such file or "
		"directory\n");
	write_file("wrong/glob.conf", "@include \"conf.d/*.conf\"\n");
	path_is("wrong/glob.conf", "",
		"wrong/glob.conf:1: 'wrong/conf.d/*.conf' cannot be read: No such file or "
		"directory\n   an "
		"@include takes no pattern; name the directory, and its *.conf are taken\n");
	write_file("wrong/dir.conf", "@include \"empty\"\n");
	path_is("wrong/dir.conf", "",
		"wrong/dir.conf:1: the directory 'wrong/empty' has no rule file\n   rule files end "
		"in "
		".conf\n");
	write_file("wrong/self.conf", "@include \"self.conf\"\n");
	path_is("wrong/self.conf", "", "wrong/self.conf:1: 'wrong/self.conf' includes itself\n");
	write_file("wrong/ping.conf", "@include \"pong.conf\"\n");
	write_file("wrong/pong.conf", "\n@include \"./ping.conf\"\n");
	path_is("wrong/ping.conf", "", "wrong/pong.conf:2: 'wrong/./ping.conf' includes itself\n");
	write_file("wrong/bare.conf", "@include other.conf\n");
	path_is("wrong/bare.conf", "",
		"wrong/bare.conf:1: @include takes a file in quotes\n   @include \"FILE\"\n");
	write_file("wrong/none.conf", "@include \"\"\n");
	path_is("wrong/none.conf", "", "wrong/none.conf:1: @include names no file\n");
	write_file("wrong/inside.conf", "a: { match: { port = 1; };\n@include \"empty\"\n"
					"set: { ip_tos = 1; }; };\n");
	path_is("wrong/inside.conf", "",
		"wrong/inside.conf:2: an @include stands between rules, not inside of one\n");
	for (int i = 1; i <= 10; i++) {
		snprintf(name, sizeof(name), "wrong/%d.conf", i);
		snprintf(text, sizeof(text), "@include \"%d.conf\"\n", i + 1);
		write_file(name, text);
	}
	path_is("wrong/1.conf", "", "wrong/9.conf:1: files include each other more than 8 deep\n");
}

/* The order is that of the names, as in sysctl.d: not that of the directories. */
static void later_directories_replace_and_mask(void **state)
{
	const char *const directories[] = {"usr", "nowhere", "etc", "home"};
	struct book *book = book_new();

	(void)state;
	assert_int_equal(mkdir("usr", 0755), 0);
	assert_int_equal(mkdir("etc", 0755), 0);
	assert_int_equal(mkdir("home", 0755), 0);
	write_rule("usr/10.conf", "usr10", 1);
	write_rule("usr/20.conf", "usr20", 1);
	write_rule("usr/30.conf", "usr30", 1);
	write_rule("usr/40.conf", "usr40", 1);
	write_rule("etc/20.conf", "etc20", 1);
	write_file("etc/30.conf", "");
	assert_int_equal(symlink("/dev/null", "etc/40.conf"), 0);
	write_rule("etc/05.conf", "etc05", 1);
	write_rule("home/05.conf", "home05", 1);
	assert_int_equal(book_add_directories(book, directories, 4), 0);
	assert_string_equal(
		names_of(book), "home05@home/05.conf:1 usr10@usr/10.conf:1 etc20@etc/20.conf:1");
	assert_int_equal(book->problems, 0);
	book_free(book);

	/* what masks is nothing where such a folder is named by itself */
	book = book_new();
	assert_int_equal(book_add_path(book, "etc"), 0);
	assert_string_equal(names_of(book), "etc05@etc/05.conf:1 etc20@etc/20.conf:1");
	assert_int_equal(book->problems, 0);
	book_free(book);

	/* one wrong file costs its own rules only */
	write_file("etc/20.conf", "# nothing\n");
	book = book_new();
	assert_int_equal(book_add_directories(book, directories, 4), -22);
	assert_string_equal(names_of(book), "home05@home/05.conf:1 usr10@usr/10.conf:1");
	assert_string_equal(problems_of(book), "etc/20.conf:0: there is no rule in this file\n   "
					       "NAME: { match: { ... }; set: { ... }; };\n");
	book_free(book);

	book = book_new();
	assert_int_equal(book_add_directories(book, directories + 1, 1), 0);
	assert_int_equal(book->set.count, 0);
	book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(files_without_permission),
		cmocka_unit_test(files_that_are_too_long),
		cmocka_unit_test(a_directory_gives_its_files_in_byte_order),
		cmocka_unit_test(a_book_counts_its_files),
		cmocka_unit_test(a_wrong_file_leaves_the_rules_before_it),
		cmocka_unit_test(includes_stand_where_they_are_written),
		cmocka_unit_test(problems_of_an_included_file_are_its_own),
		cmocka_unit_test(includes_that_go_wrong),
		cmocka_unit_test(later_directories_replace_and_mask),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(files_of_the_kernel),
		cmocka_unit_test(a_fifo_masks_nothing),
		cmocka_unit_test(files_that_multiply),
		cmocka_unit_test(files_that_are_too_long_together),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
