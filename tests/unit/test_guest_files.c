/* Which files of other users are taken for a run's: by name, owner, first words, clock and size. */
#include "tests/unit/unit.h"
#include "tests/helper/trace_header.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/read/guests.h"

#define ODD	"no program of a run makes a file of that name"
#define FULL	"its user's are more than the run may take (--limit)"
#define ASTRAY	"it is of a process that began before this run"
#define NAME	"1-0123456789abcdef.trace"
#define SECOND	UINT64_C(1000000000)
#define BEGAN	(1000 * SECOND)
#define NOBODYS 65534

static struct guests guests;
static int file;

static int set_up(void **state)
{
	(void)state;
	guests = (struct guests){.owner = 0, .began = BEGAN, .room = 1 << 20};
	file = memfd_create("trace", MFD_CLOEXEC);
	return file < 0;
}

static int tear_down(void **state)
{
	(void)state;
	return close(file);
}

static void write_header(const char *magic, uint64_t process_started)
{
	struct trace_header header = {.process_started = process_started,
		.started = process_started,
		.blocks = 1,
		.capacity = 1};

	trace_header_fill(&header);
	memcpy(header.magic, magic, sizeof(header.magic));
	assert_int_equal(pwrite(file, &header, sizeof(header), 0), sizeof(header));
	assert_int_equal(ftruncate(file, TRACE_BLOCK), 0);
}

static const char *ask(const char *name, uid_t uid, off_t size)
{
	const struct stat status = {.st_mode = S_IFREG | 0600, .st_uid = uid, .st_size = size};

	return guest_refuse(&guests, name, file, &status);
}

static void expect(const char *is, const char *wanted)
{
	if (wanted)
		assert_string_equal(is ? is : "(taken)", wanted);
	else
		assert_null(is);
}

static void names(void **state)
{
	static const struct {
		const char *name, *why;
	} row[] = {
		{NAME, NULL},
		{"4194304-fedcba9876543210.trace", NULL},
		{"-0123456789abcdef.trace", ODD},
		{"1-0123456789abcde.trace", ODD},
		{"1-0123456789abcdef0.trace", ODD},
		{"1-0123456789ABCDEF.trace", ODD},
		{"1-0123456789abcdef.trace ", ODD},
		{"1-0123456789abcdef.trac", ODD},
		{"1-0123456789abcdef", ODD},
		{"12345678901-0123456789abcdef.trace", ODD},
		{"-1-0123456789abcdef.trace", ODD},
		{"x\n1-0123456789abcdef.trace", ODD},
		{".trace", ODD},
		{"", ODD},
		{"run.json", ODD},
		{"pool", ODD},
		{"budget", ODD},
		{"budget-", ODD},
		{"budget-65534", NULL},
		{"budget-065534", ODD},
		{"budget-65534.12", ODD},
		{"budget-7", ODD},
		{"budget-4294967295", ODD},
	};

	(void)state;
	write_header(TRACE_MAGIC, BEGAN);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		expect(ask(row[i].name, NOBODYS, TRACE_BLOCK), row[i].why);
}

static void what_a_trace_begins_with(void **state)
{
	(void)state;
	expect(ask(NAME, NOBODYS, 0), "empty, 0 bytes");
	write_header("SOCKFIXB", BEGAN);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), "not a trace of sockfix");
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(pwrite(file, TRACE_MAGIC, 8, 0), 8);
	expect(ask(NAME, NOBODYS, 8), "cut off at 8 of 4096 bytes");
	write_header(TRACE_MAGIC, BEGAN);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), NULL);
	assert_int_equal(pwrite(file, "\4", 1, 8), 1);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), "written by trace format 4; this sockfix reads 3");
	assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
}

static void clocks(void **state)
{
	(void)state;
	write_header(TRACE_MAGIC, BEGAN - SECOND);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), NULL);
	write_header(TRACE_MAGIC, BEGAN - SECOND - 1);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), ASTRAY);
	write_header(TRACE_MAGIC, UINT64_MAX);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), NULL);
	write_header(TRACE_MAGIC, 0);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), NULL);
	guests.began = 0;
	write_header(TRACE_MAGIC, 1);
	expect(ask(NAME, NOBODYS, TRACE_BLOCK), NULL);
}

static void room(void **state)
{
	(void)state;
	write_header(TRACE_MAGIC, BEGAN);
	expect(ask(NAME, NOBODYS, (1 << 20) + 1), FULL);
	expect(ask(NAME, NOBODYS, INT64_MAX), FULL);
	expect(ask(NAME, NOBODYS, 512 << 10), NULL);
	expect(ask(NAME, NOBODYS, (512 << 10) + 1), FULL);
	/* the smallest is not nothing, so that there cannot be any number */
	for (int i = 0; i < 32; i++)
		expect(ask(NAME, NOBODYS, 8), NULL);
	expect(ask(NAME, NOBODYS, 8), FULL);
}

/* What one has filled is nobody else's, and they are not any number either. */
static void room_of_each_user(void **state)
{
	enum { OTHERS = 15 };

	(void)state;
	write_header(TRACE_MAGIC, BEGAN);
	expect(ask(NAME, NOBODYS, 1 << 20), NULL);
	expect(ask(NAME, NOBODYS, 8), FULL);
	for (uid_t uid = 1; uid <= OTHERS; uid++)
		expect(ask(NAME, uid, 1 << 20), NULL);
	expect(ask(NAME, 1, 8), FULL);
	expect(ask(NAME, OTHERS + 1, 8), "there are too many users");
}

static void budgets(void **state)
{
	(void)state;
	expect(ask("budget-7", 7, sizeof(struct trace_budget) - 1), "it is no budget of a run");
	expect(ask("budget-7", 7, TRACE_BLOCK + 1), "it is no budget of a run");
	guests.room = 0;
	for (int i = 0; i < 1024; i++)
		expect(ask("budget-7", 7, TRACE_BLOCK), NULL);
	expect(ask("budget-7", 7, TRACE_BLOCK), "there are too many");
}

static void who_is_a_guest(void **state)
{
	struct stat status = {.st_uid = 1000};

	(void)state;
	assert_true(guest_is(&guests, &status));
	guests.owner = 1000;
	assert_false(guest_is(&guests, &status));
	status.st_uid = 0; /* may do all anyway, as who copied it there */
	assert_false(guest_is(&guests, &status));
	status.st_uid = 1001;
	assert_true(guest_is(&guests, &status));
	guests.owner = (uid_t)-1;
	assert_false(guest_is(&guests, &status));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),
		TEST(what_a_trace_begins_with),
		TEST(clocks),
		TEST(room),
		TEST(room_of_each_user),
		TEST(budgets),
		TEST(who_is_a_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
