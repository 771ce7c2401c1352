/* Starts a random program and its peer for each mode, waits for them, and compares what they say.
 * The modes run at the same time: a mode that sleeps costs nothing, and the load makes threads and
 * processes meet in other orders. */
#include "game.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/trace.h"

#define HANG_MS	    30000 /* a net against hangs; nothing is measured with it */
#define TRACE_ROOM  (64 << 20)
#define HIDDEN_FROM 200 /* descriptors of ours that a child must not find at its own numbers */

const char *const arm_name[ARM_COUNT] = {"bare", "off", "auto", "always", "buffer", "record"};

static const struct {
	enum mode mode;
	/* NULL: the mode's, where always and buffer let go after 50 ms only: what must go sooner is
	 * seen. With these they do after 1 ms, and what their thread does meets all else. */
	const char *rules;
} arm_row[ARM_COUNT] = {
	{MODE_BARE, NULL},
	{MODE_OFF, NULL},
	{MODE_AUTO, NULL},
	{MODE_ALWAYS, "1:+t@role=any@:coalesce=2+=1"},
	{MODE_BUFFER, "1:+t@role=any@:coalesce=3@:accept_loss=1+=1"},
	{MODE_AUTO, NULL},
};

struct arm {
	pid_t program, peer;
	int log, err, record; /* memfds */
	char *traces;	      /* directory; NULL: not recorded */
	int status, peer_status;
	char *log_text, *err_text, *record_text;
};

static int hidden_file(void)
{
	int file = memfd_create("random", MFD_CLOEXEC), moved;

	MUST(file >= 0);
	moved = fcntl(file, F_DUPFD_CLOEXEC, HIDDEN_FROM);
	MUST(moved >= 0 && close(file) == 0);
	return moved;
}

_Noreturn static void arm_exec(const struct game *game, const struct arm *arm, enum arm_kind kind,
	const struct stand *stand, int orders, pid_t parent)
{
	char *text = list_text(&game->list), *path = build_path("random/program");
	struct launch launch = {.program = path,
		.mode = arm_row[kind].mode,
		.library = game->library,
		.rules = game->seed % 2 ? arm_row[kind].rules : NULL,
		.page = fcntl(orders, F_DUPFD_CLOEXEC, HIDDEN_FROM)};
	int ends[3] = {open("/dev/null", O_RDONLY | O_CLOEXEC), arm->log, arm->err};

	launch.argument[0] = must_print("%llu", (unsigned long long)game->seed);
	launch.argument[1] = text;
	launch.variable[0] =
		must_print("RANDOM_PORTS=%d %d %d", stand->port[0], stand->port[1], stand->port[2]);
	if (arm->traces)
		launch.variable[1] = must_print("SOCKFIX_TRACE=%s", arm->traces);
	launch.variable[arm->traces ? 2 : 1] = game->variable[kind];
	ends[0] = fcntl(ends[0], F_DUPFD_CLOEXEC, HIDDEN_FROM);
	launch_exec(&launch, ends, parent);
}

static void proof_start(const struct game *game, struct arm *arm, enum arm_kind kind)
{
	struct stand stand;
	pid_t parent = getpid();
	int orders[2];

	arm->log = hidden_file();
	arm->err = hidden_file();
	arm->record = hidden_file();
	arm->traces = kind == ARM_RECORD ? traces_new("/tmp", TRACE_ROOM) : NULL;
	stand_open(&stand);
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, orders) == 0);
	arm->program = fork();
	MUST(arm->program >= 0);
	if (arm->program == 0)
		arm_exec(game, arm, kind, &stand, orders[1], parent);
	close(orders[1]);
	arm->peer = fork();
	MUST(arm->peer >= 0);
	if (arm->peer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		peer_serve(&stand, orders[0], arm->record);
	}
	close(orders[0]);
	stand_close(&stand);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Its status; -1 where it had to be killed, with all that it started. */
static int wait_until(pid_t pid, int64_t deadline, bool group)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), status, ended;
	int64_t left = deadline - now_ms();

	MUST(fd >= 0);
	ended = poll(&(struct pollfd){fd, POLLIN, 0}, 1, left > 0 ? (int)left : 0);
	if (ended == 0)
		kill(group ? -pid : pid, SIGKILL);
	MUST(waitpid(pid, &status, 0) == pid);
	close(fd);
	return ended == 0 ? -1 : status;
}

static char *text_of(int file)
{
	off_t length = lseek(file, 0, SEEK_END);
	char *text = must_realloc(NULL, (size_t)length + 1);

	MUST(pread(file, text, (size_t)length, 0) == length);
	text[length] = 0;
	close(file);
	return text;
}

static void arm_finish(struct arm *arm, int64_t deadline)
{
	arm->status = wait_until(arm->program, deadline, true);
	/* The peer ends by itself, some time after the last process of the program. */
	arm->peer_status = wait_until(arm->peer, deadline + MUST_SECONDS * 1000, false);
	arm->log_text = text_of(arm->log);
	arm->err_text = text_of(arm->err);
	arm->record_text = text_of(arm->record);
}

/* ---- comparing ---- */

/* The first line that differs, in *bare and *with; false where none does. What is collected in user
 * space may change the lines that say so. */
static bool differ(const char **bare, const char **with, bool buffered)
{
	while (**bare || **with) {
		size_t one = strcspn(*bare, "\n"), two = strcspn(*with, "\n");
		bool loose = buffered && **bare == '~' && **with == '~';

		if (!loose && (one != two || memcmp(*bare, *with, one) != 0))
			return true;
		*bare += one + ((*bare)[one] != 0);
		*with += two + ((*with)[two] != 0);
	}
	return false;
}

/* The line in which the step stands that this line belongs to. */
static const char *step_line(const char *log, const char *line)
{
	while (line > log && (line[-1] != '\n' || *line == ' ' || *line == '~'))
		line--;
	return line;
}

#define LINE(text) (int)strcspn(text, "\n"), (text)

static char *fault_of(const struct arm *bare, const struct arm *arm, enum arm_kind kind)
{
	const char *one = bare->log_text, *two = arm->log_text, *head;

	if (arm->status == -1 || arm->peer_status == -1)
		return must_print(
			"hangs after:\n%s", two + (strlen(two) > 400 ? strlen(two) - 400 : 0));
	if (arm->peer_status != 0)
		return must_print("the peer failed: %#x", (unsigned)arm->peer_status);
	if (differ(&one, &two, kind == ARM_BUFFER)) {
		head = step_line(bare->log_text, one);
		return must_print("answers differ in step %.*s\n  bare: %.*s\n  %s: %.*s",
			LINE(head), LINE(one), arm_name[kind], LINE(two));
	}
	if (arm->status != bare->status || !strstr(arm->log_text, "\nend\n"))
		return must_print("status %#x, bare %#x: %s", (unsigned)arm->status,
			(unsigned)bare->status, arm->err_text);
	if (*arm->record_text)
		return must_print("bytes: %s", arm->record_text);
	if (*arm->err_text || strstr(arm->log_text, "WRONG"))
		return must_print("it says: %s%s", arm->err_text,
			strstr(arm->log_text, "WRONG") ? " WRONG bytes" : "");
	return NULL;
}

static uint64_t holds_of(const char *directory)
{
	struct trace trace[TRACES];
	size_t count = traces_read(directory, trace);
	uint64_t holds = 0;

	for (size_t i = 0; i < count; i++) {
		const struct trace_connection *c;

		for (uint32_t number = 1; (c = trace_connection(&trace[i], number)); number++)
			holds += c->holds;
	}
	traces_free(trace, count);
	return holds;
}

static void arm_free(struct arm *arm)
{
	free(arm->log_text);
	free(arm->err_text);
	free(arm->record_text);
	if (arm->traces)
		traces_remove(arm->traces);
}

bool game_play(struct game *game)
{
	struct arm arm[ARM_COUNT] = {{0}};
	unsigned arms = game->arms | 1u << ARM_BARE;
	int64_t deadline = now_ms() + HANG_MS;

	game_free(game);
	for (int i = 0; i < ARM_COUNT; i++)
		if (arms & 1u << i)
			proof_start(game, &arm[i], i);
	for (int i = 0; i < ARM_COUNT; i++) {
		if (!(arms & 1u << i))
			continue;
		arm_finish(&arm[i], deadline);
		if (!game->fault && (game->fault = fault_of(&arm[ARM_BARE], &arm[i], i)))
			game->faulty = i;
	}
	/* A call that fails may leave a file that is none. */
	if (arm[ARM_RECORD].traces && library_loads() && !game->library)
		game->holds = holds_of(arm[ARM_RECORD].traces);
	game->log = strdup(arm[ARM_BARE].log_text);
	for (int i = 0; i < ARM_COUNT; i++)
		arm_free(&arm[i]);
	return !game->fault;
}

void game_free(struct game *game)
{
	free(game->fault);
	free(game->log);
	game->fault = game->log = NULL;
	game->holds = 0;
}
