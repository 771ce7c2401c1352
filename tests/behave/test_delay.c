/* How long `always` and `buffer` hold at most, by the times that the deadline's thread asks the
 * kernel for and by how many of them go by; and that holding ends where the kernel, or a sandbox,
 * refuses what lets go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/counted.h"

#define TURNS	   20
#define TRIES	   4
#define TURNS_TEXT "20"

/* What the thread does by itself: it has another number than the first call, which is main's. */
static bool is_of_thread(const struct calls *calls, size_t at)
{
	return calls->call[at].process != calls->call[0].process;
}

/* A wait of the thread's for the next tick: FUTEX_WAIT, while nobody stops it. */
static bool is_tick(const struct calls *calls, size_t at)
{
	const struct call *call = &calls->call[at];

	return is_of_thread(calls, at) && strcmp(call->name, "futex") == 0 &&
	       strstr(call->text, "FUTEX_WAIT_PRIVATE, 0, {");
}

static bool is_push(const struct calls *calls, size_t at)
{
	const struct call *call = &calls->call[at];

	return is_of_thread(calls, at) &&
	       ((strcmp(call->name, "setsockopt") == 0 && strstr(call->text, "TCP_CORK, [0]")) ||
		       (strcmp(call->name, "sendmsg") == 0));
}

/* Every tick is that long, and none begins a third time before something was sent or begun to be
 * held. The second write of a turn may be let go by the thread, too, and a push that comes between
 * a mark and its write is made again. Returns whether there were enough of both to tell: on a busy
 * machine the thread may come when the turns are over. */
static bool assert_ticks(const struct calls *calls, const char *tick)
{
	unsigned pushed = 0, since = 0, ticks = 0;

	for (size_t i = 0; i < calls->count; i++) {
		if (strcmp(calls->call[i].name, "futex") != 0)
			since = 0;
		pushed += is_push(calls, i);
		if (!is_tick(calls, i))
			continue;
		if (!strstr(calls->call[i].text, tick))
			fail_msg("a tick is not %s: %s", tick, calls->call[i].text);
		ticks++;
		assert_in_range(++since, 1, 2);
	}
	return pushed >= TURNS && ticks >= TURNS / 2;
}

struct delay {
	const char *sentence, *rules, *tick;
	enum mode mode;
};

static const struct delay delays[] = {
	{"always, as it comes", "1:+t@role=any@:coalesce=2+=1", "{tv_sec=0, tv_nsec=1000000}",
		MODE_ALWAYS},
	{"always, 100us", "1:+t@role=any@:coalesce=2@:coalesce_delay=100+=1",
		"{tv_sec=0, tv_nsec=40000}", MODE_ALWAYS},
	{"always, 20ms", "1:+t@role=any@:coalesce=2@:coalesce_delay=20000+=1",
		"{tv_sec=0, tv_nsec=8000000}", MODE_ALWAYS},
	{"always, 100ms", "1:+t@role=any@:coalesce=2@:coalesce_delay=100000+=1",
		"{tv_sec=0, tv_nsec=40000000}", MODE_ALWAYS},
	{"buffer, as it comes", "1:+t@role=any@:coalesce=3@:accept_loss=1+=1",
		"{tv_sec=0, tv_nsec=1000000}", MODE_BUFFER},
	{"buffer, 20ms", "1:+t@role=any@:coalesce=3@:coalesce_delay=20000@:accept_loss=1+=1",
		"{tv_sec=0, tv_nsec=8000000}", MODE_BUFFER},
};

/* Two ticks of two fifths of it: so it is a maximum. */
static void a_tick_is_two_fifths_of_the_delay(void **state)
{
	const struct delay *delay = *state;
	bool enough = false;

	for (int i = 0; i < TRIES && !enough; i++) {
		struct counted c = {.program = "delay",
			.argument = {"compute", TURNS_TEXT},
			.mode = delay->mode,
			.rules = delay->rules,
			.watch = "write,sendto,sendmsg,futex,setsockopt,getpgid"};

		counted_play(&c);
		enough = !library_loads() || assert_ticks(&c.with_calls, delay->tick);
		counted_free(&c);
	}
	assert_true(enough);
}

/* ---- refused ---- */

#define TICK "1:+t@role=any@:coalesce=2@:coalesce_delay=100000+=1"

struct refusal {
	const char *sentence, *inject;
	enum mode mode;
	unsigned holds;	  /* at most */
	unsigned refused; /* calls, at most */
};

/* The first setsockopt() of all is the TCP_NODELAY that holding wants: without it nothing is held
 * at all. When it was taken, what lets go may still be refused: one write has been held by then.
 * EPERM and ENOSYS are a sandbox's: it is let go once more and TCP_NODELAY is given back, if that
 * can be done. */
static const struct refusal refusals[] = {
	{"all, ENOPROTOOPT [auto]", "setsockopt:error=ENOPROTOOPT", MODE_AUTO, 0, TURNS},
	{"all, ENOPROTOOPT [always]", "setsockopt:error=ENOPROTOOPT", MODE_ALWAYS, 0, TURNS},
	{"all, EPERM [auto]", "setsockopt:error=EPERM", MODE_AUTO, 0, TURNS},
	{"all, EPERM [always]", "setsockopt:error=EPERM", MODE_ALWAYS, 0, TURNS},
	{"all but the first, ENOPROTOOPT [always]", "setsockopt:error=ENOPROTOOPT:when=2+",
		MODE_ALWAYS, 2, 2},
	{"all but the first, EPERM [always]", "setsockopt:error=EPERM:when=2+", MODE_ALWAYS, 2, 3},
	{"all but the first, EINVAL [always]", "setsockopt:error=EINVAL:when=2+", MODE_ALWAYS, 2,
		2},
	{"all but the first, ENOSYS [always]", "setsockopt:error=ENOSYS:when=2+", MODE_ALWAYS, 2,
		3},
};

/* By writes with MSG_MORE, which the program makes none of. */
static void nothing_is_held_where_nothing_lets_go(void **state)
{
	const struct refusal *refusal = *state;
	struct counted c = {.program = "delay",
		.argument = {"compute", TURNS_TEXT},
		.mode = refusal->mode,
		.log = "stderr:error",
		.watch = "write,sendto,setsockopt",
		.inject = refusal->inject};
	const struct calls *calls = &c.with_calls;

	if (refusal->mode == MODE_ALWAYS)
		c.rules = TICK;
	counted_play(&c);
	if (library_loads()) {
		assert_in_range(calls_count(calls, 0, calls->count, "setsockopt", "INJECTED"), 1,
			refusal->refused);
		assert_in_range(calls_count(calls, 0, calls->count, "sendto", "MSG_MORE"), 0,
			refusal->holds);
	}
	counted_free(&c);
}

int main(void)
{
	enum {
		DELAYS = sizeof(delays) / sizeof(*delays),
		REFUSALS = sizeof(refusals) / sizeof(*refusals)
	};
	static struct CMUnitTest tests[DELAYS + REFUSALS];

	for (size_t i = 0; i < DELAYS; i++)
		tests[i] =
			(struct CMUnitTest){delays[i].sentence, a_tick_is_two_fifths_of_the_delay,
				NULL, NULL, (void *)(uintptr_t)&delays[i]};
	for (size_t i = 0; i < REFUSALS; i++)
		tests[DELAYS + i] = (struct CMUnitTest){refusals[i].sentence,
			nothing_is_held_where_nothing_lets_go, NULL, NULL,
			(void *)(uintptr_t)&refusals[i]};
	return _cmocka_run_group_tests("delay", tests, DELAYS + REFUSALS, NULL, NULL);
}
