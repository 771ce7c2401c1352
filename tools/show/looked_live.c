/* The screen that `sockfix look --all` draws anew each second: a line for each finding, the worst
 * first, as many as there is room for. Lines are cut off where the screen ends. */
#include <stdarg.h>
#include <string.h>

#include "tools/base/plural.h"
#include "tools/base/units.h"
#include "tools/show/looked.h"
#include "tools/show/report.h"

/* first lines, the head of the table, last lines: what is there without a row */
enum { AROUND = 8, LINE = 1024, PEER = 24 };
enum { WIDE = 110, NARROW_COMMAND = 20, WIDE_COMMAND = 36 };

struct sheet {
	FILE *out;
	size_t width, left; /* left: lines */
};

/* Columns are counted by characters; the command has no wide ones but in words of the user. */
static size_t fitting(const char *text, size_t width)
{
	size_t at = 0, columns = 0;

	for (; text[at]; at++) {
		columns += ((unsigned char)text[at] & 0xc0) != 0x80;
		if (columns > width)
			break;
	}
	return at;
}

__attribute__((format(printf, 2, 3))) static void line(struct sheet *sheet, const char *format, ...)
{
	char text[LINE];
	size_t length;
	va_list list;

	if (!sheet->left)
		return;
	sheet->left--;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	length = fitting(text, sheet->width);
	while (length && text[length - 1] == ' ')
		length--;
	fprintf(sheet->out, "%.*s\n", (int)length, text);
}

static void print_head(struct sheet *sheet, const struct watch *watch, const struct looked_all *all)
{
	char time[UNITS], count[UNITS];
	const struct observed *any = &watch->everyone->nameless.observed;

	line(sheet, "sockfix look   %.1f %% of a processor%s",
		units_percent(watch->cost, watch->took), watch->screen ? "   q ends" : "");
	line(sheet, "%s", "");
	line(sheet, "  %s. %zu of %s process%s with TCP sockets%s, in the last %s",
		verdict_name(looked_word(all)), all->found, units_count(count, all->count),
		all->count == 1 ? "" : "es",
		all->found			       ? ""
		: looked_word(all) == VERDICT_NOT_SURE ? ": no stall seen, not enough for a 'no'"
						       : ": no stall seen",
		units_seconds(time, looked_ns(any)));
	line(sheet, "%s", "");
}

/* Without the folder of its program, which says little and takes much room. */
static const char *command_of(const struct who *who)
{
	const size_t length = strcspn(who->command, " ");
	const char *at = who->command + length;

	if (!who->pid)
		return "without a name";
	while (at > who->command && at[-1] != '/')
		at--;
	return *at && at < who->command + length ? at : who->command;
}

static int command_width(const struct sheet *sheet)
{
	return sheet->width < WIDE ? NARROW_COMMAND : WIDE_COMMAND;
}

static void print_row(
	struct sheet *sheet, const struct looked *looked, const struct sampled_finding *finding)
{
	const struct who *who = &looked->observed->who;
	const char *command = command_of(who);
	const int width = command_width(sheet);
	char share[UNITS], pid[16] = "-";

	if (who->pid)
		snprintf(pid, sizeof(pid), "%d", (int)who->pid);
	snprintf(share, sizeof(share), "%.0f-%.0f", finding->share.low * 100,
		finding->share.high * 100);
	line(sheet, "  %6s  %-8s %s  %7s %-*.*s  %-*s  %s", share, sure_name(finding->sure),
		finding->code->name, pid, width, (int)fitting(command, (size_t)width), command,
		PEER, finding->peer, finding->what);
}

static size_t rows_of(const struct looked_all *all)
{
	size_t rows = all->nameless.sampled.loud;

	for (size_t i = 0; i < all->found; i++)
		rows += all->process[i].sampled.loud;
	return rows;
}

static void print_rows(struct sheet *sheet, const struct looked *looked, size_t *room)
{
	for (size_t i = 0; i < looked->sampled.loud && *room; i++, --*room)
		print_row(sheet, looked, &looked->sampled.finding[i]);
}

/* Where not all fit the last line says how many do not. */
static void print_table(struct sheet *sheet, const struct looked_all *all)
{
	const size_t rows = rows_of(all);
	size_t room = sheet->left > AROUND - 4 ? sheet->left - (AROUND - 4) : 1;
	const bool fits = rows <= room;
	const size_t shown = fits ? rows : room > 1 ? room - 1 : 1;

	if (!rows)
		return;
	line(sheet, "  %6s  %-8s %s %7s %-*s  %-*s  %s", "%TIME", "SURE", "CODE", "PID",
		command_width(sheet), "COMMAND", PEER, "PEER", "WHAT");
	room = shown;
	for (size_t i = 0; i < all->found; i++)
		print_rows(sheet, &all->process[i], &room);
	print_rows(sheet, &all->nameless, &room);
	if (!fits)
		line(sheet, "  and %zu more", rows - shown);
}

static void print_rest(struct sheet *sheet, const struct looked_all *all)
{
	const size_t others = all->count - all->found;
	char count[UNITS];

	line(sheet, "%s", "");
	if (all->found && others)
		line(sheet, "  %s other%s: no stall seen (%zu of them moved bytes)",
			units_count(count, others), plural(others), looked_busy(all, all->found));
	if (all->found)
		line(sheet, "  next  sockfix look -p %d", (int)all->process[0].observed->who.pid);
}

void looked_print_live(FILE *out, const struct watch *watch, const struct looked_all *all,
	size_t width, size_t height)
{
	struct sheet sheet = {out, width, height};

	print_head(&sheet, watch, all);
	print_table(&sheet, all);
	print_rest(&sheet, all);
}
