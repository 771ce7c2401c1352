/* `sockfix look --all` on a terminal: one screen, drawn anew each second, until q, Ctrl-C or the
 * end of -t; its last state stays. Must not judge. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/cmd/look.h"
#include "tools/cmd/terminal.h"
#include "tools/show/looked.h"

/* What is older than that counts half, a quarter .. */
#define FADE UINT64_C(5000000000)

struct live {
	uint64_t faded; /* ns of the looking */
	char *text;	/* of the last screen */
};

static void draw(struct live *live, const struct watch *watch)
{
	struct looked_all all = look_judge(watch->everyone);
	size_t width, height, size;
	FILE *out;

	terminal_size(&width, &height);
	free(live->text);
	live->text = NULL;
	out = open_memstream(&live->text, &size);
	if (out) {
		looked_print_live(out, watch, &all, width, height);
		fclose(out);
	}
	look_forget(&all);
	if (live->text)
		terminal_draw(live->text);
}

/* Ctrl-Z: the shell gets its screen, and we ours when it goes on. */
static void pause_here(void)
{
	terminal_end();
	raise(SIGSTOP);
	while (!terminal_is_ours()) /* bg */
		raise(SIGSTOP);
	terminal_begin();
}

static bool is_end(char key)
{
	return key == 'q' || key == 'Q' || key == 4 /* Ctrl-D */;
}

static bool wake(struct watch *watch, int why, void *context)
{
	struct live *live = context;

	if (why == WATCH_KEY)
		return !is_end(terminal_key());
	if (why == SIGTSTP)
		pause_here();
	everyone_settle(watch->everyone);
	draw(live, watch);
	if (watch->took - live->faded < FADE)
		return true;
	live->faded = watch->took;
	everyone_fade(watch->everyone);
	return true;
}

void look_live(struct watch *watch)
{
	struct live live = {.text = NULL};
	const struct watch_screen screen = {terminal_keys, wake, &live};

	watch->screen = &screen;
	terminal_begin();
	watch_run(watch);
	watch->screen = NULL;
	draw(&live, watch);
	terminal_end();
	if (live.text)
		fputs(live.text, stdout);
	free(live.text);
}
