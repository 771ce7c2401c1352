/* Why a process has not the library, from what /proc and the files of units say. */
#include "tests/unit/unit.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/live/missing.h"
#include "tools/live/unit.h"
#include "tools/show/missing.h"

#define OURS	 "/usr/lib/sockfix/libsockfix.so"
#define GLIBC	 "/lib64/ld-linux-x86-64.so.2"
#define RULES	 "SOCKFIX_RULES=1:default\0"
#define BYTES(s) (s), sizeof(s) - 1

/* ---- its environment ---- */

static void the_environment(void **state)
{
	struct wish wish;

	(void)state;
	missing_wish(&wish, BYTES(""));
	assert_false(wish.meant);
	assert_null(wish.preload);
	missing_wish(&wish, BYTES("A=SOCKFIX_RULES=1\0XSOCKFIX_TRACE=/x\0SOCKFIX_OFF=1\0"
				  "LD_PRELOAD_X=" OURS));
	assert_false(wish.meant);
	assert_null(wish.preload);
	missing_wish(&wish, BYTES("SOCKFIX_RULES=\0SOCKFIX_TRACE=\0"));
	assert_false(wish.meant);
	missing_wish(&wish, BYTES("SOCKFIX_TRACE=/x\0SOCKFIX_RULES=\0LD_PRELOAD="));
	assert_true(wish.meant);
	assert_string_equal(wish.preload, "");
	assert_string_equal(wish.ours, "");
	missing_wish(&wish, BYTES(RULES "LD_PRELOAD=libj.so " OURS ":/y/z.so\0LD_PRELOAD=late.so"));
	assert_true(wish.meant);
	assert_string_equal(wish.preload, "libj.so " OURS ":/y/z.so");
	assert_string_equal(wish.ours, OURS);
	missing_wish(&wish, BYTES("LD_PRELOAD=/libsockfix.so/x.so:::"));
	assert_string_equal(wish.ours, "");
}

static void at_secure(void **state)
{
	const uint8_t class = sizeof(long) == 8 ? ELFCLASS64 : ELFCLASS32;
	const uint32_t narrow[] = {AT_PAGESZ, 4096, AT_SECURE, 0, AT_RANDOM, 1, AT_NULL, 0},
		       secure[] = {AT_SECURE, 1, AT_NULL, 0};
	const unsigned long yes[] = {AT_PAGESZ, 4096, AT_SECURE, 1, AT_NULL, 0};
	const unsigned long no[] = {AT_PAGESZ, AT_SECURE, AT_SECURE, 0, AT_SECURE, 1};

	(void)state;
	assert_true(missing_is_secure(class, yes, sizeof(yes)));
	assert_false(missing_is_secure(class, yes, 3 * sizeof(*yes)));
	assert_false(missing_is_secure(class, no, sizeof(no)));
	assert_false(missing_is_secure(class, no, 0));
	/* A process of 32 bits, whatever we have. */
	assert_false(missing_is_secure(ELFCLASS32, narrow, sizeof(narrow)));
	assert_true(missing_is_secure(ELFCLASS32, secure, sizeof(secure)));
}

/* ---- why ---- */

/* As this test is built. */
enum {
	OWN_CLASS = __ELF_NATIVE_CLASS == 64 ? ELFCLASS64 : ELFCLASS32,
	OTHER_CLASS = __ELF_NATIVE_CLASS == 64 ? ELFCLASS32 : ELFCLASS64
};

static const struct elf_facts usable = {.class = OWN_CLASS, .readable = true, .interpreter = GLIBC};

static char what[64];

static enum missing_why why(const char *environment, size_t length, const struct elf_facts *facts,
	bool loader, bool secure)
{
	struct wish wish;

	*what = '\0';
	missing_wish(&wish, environment, length);
	return missing_why(&wish, facts, loader, secure, what, sizeof(what));
}

static void what_became_of_its_preload(void **state)
{
	(void)state;
	assert_int_equal(why(BYTES("LD_PRELOAD=" OURS), &usable, false, false), MISSING_NOT);
	assert_int_equal(why(BYTES(RULES), &usable, false, false), MISSING_LOST);
	assert_int_equal(why(BYTES(RULES "LD_PRELOAD="), &usable, false, false), MISSING_LOST);
	assert_int_equal(
		why(BYTES(RULES "LD_PRELOAD=a b"), &usable, false, false), MISSING_OVERWRITTEN);
	assert_string_equal(what, "a b");
	assert_int_equal(
		why(BYTES(RULES "LD_PRELOAD=a " OURS), &usable, false, false), MISSING_REFUSED);
	assert_string_equal(what, OURS);
	assert_int_equal(
		why(BYTES(RULES "LD_PRELOAD=" OURS), &usable, false, true), MISSING_SECURE);
}

static void what_its_program_is(void **state)
{
	const struct elf_facts narrow = {.class = OTHER_CLASS},
			       alone = {.class = OWN_CLASS, .readable = true},
			       torn = {.class = OWN_CLASS},
			       other = {.class = OWN_CLASS,
				       .readable = true,
				       .interpreter = "/lib/ld-other.so"};

	(void)state;
	assert_int_equal(why(BYTES(RULES "LD_PRELOAD=" OURS), &narrow, false, true), MISSING_CLASS);
	assert_int_equal(why(BYTES(RULES), &alone, false, false), MISSING_STATIC);
	assert_int_equal(why(BYTES(RULES), &alone, true, false), MISSING_LOST);
	assert_int_equal(why(BYTES(RULES), &torn, false, false), MISSING_LOST);
	assert_int_equal(why(BYTES(RULES), &other, false, false), MISSING_LIBC);
	assert_string_equal(what, "/lib/ld-other.so");
	assert_int_equal(why(BYTES("A=1"), &alone, false, false), MISSING_NOT);
}

/* ---- units ---- */

static void expect_line(const char *text, enum unit_says says, const char *name)
{
	char line[200], *file = NULL;

	snprintf(line, sizeof(line), "%s", text);
	assert_int_equal(unit_line(line, &file), says);
	if (says == UNIT_FILE)
		assert_string_equal(file, name);
}

static void lines_of_units(void **state)
{
	(void)state;
	expect_line("Environment=A=1 LD_PRELOAD=" OURS "\n", UNIT_US, NULL);
	expect_line("  Environment = \"SOCKFIX_RULES=1:default\"\n", UNIT_US, NULL);
	expect_line("Environment=PATH=/opt/sockfix/bin", UNIT_NOTHING, NULL);
	expect_line("#Environment=LD_PRELOAD=" OURS, UNIT_NOTHING, NULL);
	expect_line(" ; Environment=LD_PRELOAD=" OURS, UNIT_NOTHING, NULL);
	expect_line("UnsetEnvironment=LD_PRELOAD=" OURS, UNIT_NOTHING, NULL);
	expect_line("ExecStart=/usr/bin/sockfix run -P safe -- server", UNIT_US, NULL);
	expect_line("ExecStart=-@sockfix record --exec server", UNIT_US, NULL);
	expect_line("ExecStart=/usr/bin/env A=1 /usr/bin/sockfix run server", UNIT_US, NULL);
	expect_line("ExecStart=/usr/bin/sockfix metrics", UNIT_NOTHING, NULL);
	expect_line("ExecStart=/usr/bin/sockfix", UNIT_NOTHING, NULL);
	expect_line("ExecStartPre=sockfix run x", UNIT_NOTHING, NULL);
	expect_line("ExecStart=", UNIT_NOTHING, NULL);
	expect_line("EnvironmentFile=-/etc/default/x \n", UNIT_FILE, "/etc/default/x");
	expect_line("EnvironmentFile=/etc/y", UNIT_FILE, "/etc/y");
	expect_line("[Service]\n", UNIT_NOTHING, NULL);
	expect_line("", UNIT_NOTHING, NULL);
	assert_true(unit_variable("LD_PRELOAD=" OURS "\n"));
	assert_true(unit_variable("  SOCKFIX_TRACE=/x\n"));
	assert_false(unit_variable(" #LD_PRELOAD=" OURS "\n"));
	assert_false(unit_variable("X=sockfix"));
}

static char root[] = "/tmp/sockfix-unit.XXXXXX";

static void put(const char *folder, const char *name, const char *text)
{
	char line[256], path[256];
	FILE *file;

	snprintf(line, sizeof(line), "mkdir -p %s%s", root, folder);
	assert_int_equal(system(line), 0);
	snprintf(path, sizeof(path), "%s%s/%s", root, folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* file: NULL: nothing names us. */
static void expect_file(const char *unit, const char *file)
{
	char path[256], whole[256];

	if (!file) {
		assert_false(unit_names_us(root, unit, path, sizeof(path)));
		return;
	}
	assert_true(unit_names_us(root, unit, path, sizeof(path)));
	snprintf(whole, sizeof(whole), "%s%s", root, file);
	assert_string_equal(path, whole);
}

static void files_of_units(void **state)
{
	char line[64];

	(void)state;
	assert_non_null(mkdtemp(root));
	expect_file("a.service", NULL);
	put("/usr/lib/systemd/system", "a.service", "[Service]\nExecStart=sockfix run x\n");
	put("/etc/systemd/system/b.service.d", "s.conf", "Environment=LD_PRELOAD=" OURS "\n");
	put("/etc/systemd/system/b.service.d", "z.conf", "Environment=A=1\n");
	put("/etc/systemd/system/c.service.d", "s.conf.old", "Environment=LD_PRELOAD=" OURS "\n");
	put("/run/systemd/system", "d@.service", "EnvironmentFile=-/etc/default/d\n");
	put("/etc/default", "d", "A=1\nLD_PRELOAD=" OURS "\n");
	expect_file("a.service", "/usr/lib/systemd/system/a.service");
	expect_file("b.service", "/etc/systemd/system/b.service.d/s.conf");
	expect_file("c.service", NULL);
	expect_file("d@x.service", "/run/systemd/system/d@.service");
	expect_file("d.service", NULL);
	expect_file("../a.service", NULL);
	expect_file("a", NULL);
	put("/etc/systemd/system/service.d", "all.conf", "Environment=SOCKFIX_RULES=1:default\n");
	expect_file("c.service", "/etc/systemd/system/service.d/all.conf");
	snprintf(line, sizeof(line), "rm -r %s", root);
	assert_int_equal(system(line), 0);
}

/* ---- what is said ---- */

static void expect_reason(enum missing_why given, const char *found, const char *text)
{
	struct missing missing = {.why = given, .who = {.unit = "a.service"}};
	char reason[512];

	snprintf(missing.what, sizeof(missing.what), "%s", found);
	missing_reason(&missing, reason, sizeof(reason));
	assert_string_equal(reason, text);
}

static void the_sentences(void **state)
{
	(void)state;
	expect_reason(
		MISSING_CLASS, GLIBC, "the library is built for programs of another word size");
	expect_reason(MISSING_LIBC, "/x.so",
		"it is loaded by /x.so, which is neither glibc's loader nor musl's");
	expect_reason(MISSING_OVERWRITTEN, "/x.so", "LD_PRELOAD was overwritten: it is /x.so");
	expect_reason(MISSING_UNIT, "/f.conf",
		"/f.conf names it, but it was started before that, or without its unit's "
		"environment: systemctl restart a.service");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment),
		cmocka_unit_test(at_secure),
		cmocka_unit_test(what_became_of_its_preload),
		cmocka_unit_test(what_its_program_is),
		cmocka_unit_test(lines_of_units),
		cmocka_unit_test(files_of_units),
		cmocka_unit_test(the_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
