/* `sockfix look` on a terminal: a screen that is drawn again and again, no larger than the terminal
 * is now, and a terminal that is as it was however the command ends. */
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/looking.h"
#include "tests/helper/must.h"

#define BEGIN "\033[?1049h\033[?25l\033[?7l"
#define END   "\033[?7h\033[?25h\033[?1049l"
#define HOME  "\033[H"

static int ours;

/* The command on a terminal of its own. */
struct seat {
	pid_t pid;
	int terminal, inside; /* our side, and theirs, held open so that it can be asked */
	struct termios before;
	char *text; /* all that came */
	size_t size;
};

static void become(struct seat *seat, const char *time)
{
	char *command = build_path("sockfix");

	setsid();
	ioctl(seat->inside, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(seat->inside, fd);
	setenv("TERM", "xterm", 1);
	if (time)
		execl(command, "sockfix", "look", "-t", time, (char *)NULL);
	else
		execl(command, "sockfix", "look", (char *)NULL);
	_exit(99);
}

static void resize(const struct seat *seat, unsigned short rows, unsigned short columns)
{
	const struct winsize size = {.ws_row = rows, .ws_col = columns};

	assert_int_equal(ioctl(seat->terminal, TIOCSWINSZ, &size), 0);
}

static void sit_down(struct seat *seat, const char *time)
{
	*seat = (struct seat){.text = NULL};
	assert_int_equal(openpty(&seat->terminal, &seat->inside, NULL, NULL, NULL), 0);
	fcntl(seat->terminal, F_SETFD, FD_CLOEXEC);
	resize(seat, 24, 80);
	assert_int_equal(tcgetattr(seat->inside, &seat->before), 0);
	seat->pid = fork();
	assert_true(seat->pid >= 0);
	if (seat->pid == 0)
		become(seat, time);
}

/* Takes what comes within a moment. False: nothing. */
static bool hear(struct seat *seat, int ms)
{
	struct pollfd at = {.fd = seat->terminal, .events = POLLIN};
	ssize_t got;

	if (poll(&at, 1, ms) <= 0)
		return false;
	seat->text = must_realloc(seat->text, seat->size + 4097);
	got = read(seat->terminal, seat->text + seat->size, 4096);
	seat->size += got > 0 ? (size_t)got : 0;
	seat->text[seat->size] = '\0';
	return got > 0;
}

/* Waits until `what` stands behind that place; returns where it ends. */
static size_t wait_for(struct seat *seat, size_t from, const char *what)
{
	const char *found;

	for (int i = 0; i < MUST_SECONDS * 10; i++) {
		hear(seat, 100);
		found = seat->size > from ? strstr(seat->text + from, what) : NULL;
		if (found)
			return (size_t)(found - seat->text) + strlen(what);
	}
	fail_msg("'%s' did not come", what);
	return 0;
}

static void expect_as_it_was(const struct seat *seat)
{
	struct termios now;

	assert_int_equal(tcgetattr(seat->inside, &now), 0);
	assert_int_equal(now.c_lflag, seat->before.c_lflag);
	assert_int_equal(now.c_iflag, seat->before.c_iflag);
	assert_int_equal(now.c_oflag, seat->before.c_oflag);
}

/* It ends by itself, with the screen before it as text. */
static void stand_up(struct seat *seat)
{
	const char *after;
	int status;

	wait_for(seat, 0, END);
	MUST(waitpid(seat->pid, &status, 0) == seat->pid);
	while (hear(seat, 0))
		;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	expect_as_it_was(seat);
	after = strstr(seat->text, END) + strlen(END);
	for (const char *next; (next = strstr(after, END));)
		after = next + strlen(END);
	assert_int_equal(strncmp(after, "sockfix look   ", 15), 0);
	assert_null(strchr(after, '\033'));
	assert_non_null(strstr(after, " of "));
	close(seat->terminal);
	close(seat->inside);
	free(seat->text);
}

/* The lines of the screen that begins there: none is longer than `columns`. Returns how many. */
static int measure(const struct seat *seat, size_t from, size_t columns)
{
	const char *at = seat->text + from;
	int lines = 0;

	for (;; lines++) {
		size_t length = strcspn(at, "\033\r");

		if (length > columns)
			fail_msg("%zu columns: %.*s", length, (int)length, at);
		at += length;
		assert_int_equal(strncmp(at, "\033[K", 3), 0);
		at += 3;
		if (*at != '\r')
			return lines + 1;
		at += 2;
	}
}

/* ---- while it is looked at ---- */

static void a_screen_that_fits(void **state)
{
	struct launch launch = {.program = "turns", .argument = {"100000", "2", "100"}};
	struct stalled stalled;
	struct seat seat;
	char *row;
	size_t at;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	row = must_print("N01  %7d turns", (int)stalled.pid);
	sit_down(&seat, NULL);
	wait_for(&seat, 0, BEGIN HOME);
	at = wait_for(&seat, 0, row); /* others may stall here, too, but a terminal has 24 lines */
	at = wait_for(&seat, at, HOME);
	wait_for(&seat, at, "\033[J");
	assert_true(measure(&seat, at, 80) <= 24);
	resize(&seat, 6, 30);
	for (int i = 0; i < 2; i++) /* one may have been under way */
		at = wait_for(&seat, at, HOME);
	wait_for(&seat, at, "\033[J");
	assert_true(measure(&seat, at, 30) <= 6);
	MUST(write(seat.terminal, "xq", 2) == 2);
	stand_up(&seat);
	free(row);
	stalled_end(&stalled);
}

/* What opens while somebody watches is what one watches for. */
static void what_begins_later(void **state)
{
	struct launch launch = {.program = "turns", .argument = {"100000", "2", "100"}};
	struct stalled stalled;
	struct seat seat;
	size_t at;
	char *row;

	(void)state;
	sit_down(&seat, NULL);
	at = wait_for(&seat, 0, BEGIN HOME);
	for (int i = 0; i < 3; i++)
		at = wait_for(&seat, at, HOME);
	stalled_start(&stalled, &launch, 0);
	row = must_print("N01  %7d turns", (int)stalled.pid);
	wait_for(&seat, at, row);
	MUST(write(seat.terminal, "q", 1) == 1);
	stand_up(&seat);
	free(row);
	stalled_end(&stalled);
}

/* ---- its ends ---- */

static void it_ends_by_itself(void **state)
{
	struct seat seat;

	(void)state;
	sit_down(&seat, "0.7");
	stand_up(&seat);
}

static void signals_end_it(void **state)
{
	static const int which[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct seat seat;

	(void)state;
	for (size_t i = 0; i < sizeof(which) / sizeof(*which); i++) {
		sit_down(&seat, NULL);
		wait_for(&seat, 0, "\033[J");
		assert_int_equal(kill(seat.pid, which[i]), 0);
		stand_up(&seat);
	}
	sit_down(&seat, NULL);
	wait_for(&seat, 0, "\033[J");
	MUST(write(seat.terminal, "\003", 1) == 1);
	stand_up(&seat);
}

/* Ctrl-Z gives the shell its terminal, fg takes it again. */
static void it_is_stopped(void **state)
{
	struct seat seat;
	int status;
	size_t at;

	(void)state;
	sit_down(&seat, NULL);
	at = wait_for(&seat, 0, "\033[J");
	MUST(write(seat.terminal, "\032", 1) == 1);
	at = wait_for(&seat, at, END);
	MUST(waitpid(seat.pid, &status, WUNTRACED) == seat.pid);
	assert_true(WIFSTOPPED(status));
	expect_as_it_was(&seat);
	assert_int_equal(kill(seat.pid, SIGCONT), 0);
	at = wait_for(&seat, at, BEGIN HOME);
	wait_for(&seat, at, "\033[J");
	MUST(write(seat.terminal, "q", 1) == 1);
	stand_up(&seat);
}

/* ---- no screen ---- */

static void where_nothing_can_be_drawn(void **state)
{
	static const char *const dumb[] = {"TERM=dumb", "COLUMNS", NULL};
	char *command = build_path("sockfix");
	const char *argv[] = {command, "look", "-t", "0.3", NULL, NULL, NULL};

	(void)state;
	looking.env = dumb;
	capture_terminal(&looking, argv);
	assert_null(strchr(looking.out, '\033'));
	assert_non_null(strstr(looking.out, "sampled: at most 100 looks a second"));
	looking.env = (const char *const[]){"TERM=xterm", "COLUMNS", NULL};
	argv[4] = "--format";
	argv[5] = "json";
	capture_terminal(&looking, argv);
	assert_int_equal(*looking.out, '{');
	free(command);
}

/* Where no process has a TCP socket there is nothing to draw: one is ours. */
static int begin(void **state)
{
	ours = socket(AF_INET, SOCK_STREAM, 0);
	if (ours < 0 || listen(ours, 1) != 0)
		return -1;
	return looking_begin(state);
}

static int end(void **state)
{
	close(ours);
	return looking_end(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, looking_set_up, looking_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_screen_that_fits),
		TEST(what_begins_later),
		TEST(it_ends_by_itself),
		TEST(signals_end_it),
		TEST(it_is_stopped),
		TEST(where_nothing_can_be_drawn),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
