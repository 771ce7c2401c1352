/* Words on a screen: the one place that knows how wide a screen is, whether it has colours and
 * how a sentence to the user begins. Knows nothing of rules, programs or verbs, and never fails:
 * a stream that cannot be written is main.c's to notice. */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include "rules/text/option_text.h"
#include "tools/base/text.h"

enum { USUAL = 80, NARROWEST = 60, WIDEST = 200, SENTENCES = 4096, GAP = 3 };

static bool beside;

void say_beside_connection(void)
{
	int domain;
	socklen_t size = sizeof(domain);

	beside = getsockopt(STDERR_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
		 (domain == AF_INET || domain == AF_INET6);
}

/* The descriptor is COMMAND's no more than stderr is: closed again at once. */
static void tell_syslog(const char *sentence)
{
	openlog("sockfix", LOG_PID, LOG_DAEMON);
	syslog(LOG_WARNING, "%s", sentence);
	closelog();
}

void say(const char *format, ...)
{
	char line[8192];
	int start = snprintf(line, sizeof(line), "sockfix: ");
	va_list list;
	va_start(list, format);
	int length = vsnprintf(line + start, sizeof(line) - (size_t)start - 1, format, list);
	va_end(list);
	if (length < 0)
		return;
	if (beside) {
		tell_syslog(line + start);
		return;
	}
	/* COMMAND may share stderr with others: one write keeps the line whole. */
	size_t end = strlen(line);
	line[end] = '\n';
	fflush(stderr);
	if (write(STDERR_FILENO, line, end + 1) < 0)
		return;
}

void say_unknown(const char *word, const char *thing, const char *const *name, size_t count,
	const char *rest)
{
	const char *near = nearest_name(word, name, count);
	if (near)
		say("'%s' is not %s; did you mean '%s'?", word, thing, near);
	else
		say("'%s' is not %s; %s", word, thing, rest);
}

static size_t fixed_width;

void text_fix_width(size_t columns)
{
	fixed_width = columns;
}

size_t text_width(FILE *out)
{
	if (fixed_width)
		return fixed_width;
	const char *columns = getenv("COLUMNS");
	long width = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize window;
	if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &window) == 0)
		width = window.ws_col;
	if (width <= 0)
		return USUAL;
	return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : (size_t)width;
}

static int has_colour(FILE *out)
{
	const char *no = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	if ((no && *no) || !terminal || strcmp(terminal, "dumb") == 0)
		return 0;
	return isatty(fileno(out));
}

const char *text_bold(FILE *out)
{
	return has_colour(out) ? "\033[1m" : "";
}

const char *text_plain(FILE *out)
{
	return has_colour(out) ? "\033[0m" : "";
}

/* A word, and the unit behind it where it is a figure: "43.8 ms". */
static size_t word_length(const char *word)
{
	static const char *const unit[] = {"s", "ms", "us", "B", "kB", "MB", "GB", "%"};
	const size_t length = strcspn(word, " \n");
	const char *next = word + length + 1;
	if (!length || word[length] != ' ' || word[length - 1] < '0' || word[length - 1] > '9')
		return length;
	for (size_t i = 0; i < sizeof(unit) / sizeof(*unit); i++) {
		const size_t more = strlen(unit[i]);
		if (strncmp(next, unit[i], more) == 0 && !isalnum((unsigned char)next[more]))
			return length + 1 + strcspn(next, " \n");
	}
	return length;
}

/* Words from that column on, each line but the first from column indent on. */
static void fold(FILE *out, size_t column, size_t indent, const char *text)
{
	const size_t width = text_width(out);
	bool first = true;
	for (const char *word = text + strspn(text, " \n"); *word;) {
		const size_t length = word_length(word);
		size_t gap = first && column <= indent ? indent - column : 1;
		if (column > indent && column + gap + length > width) {
			fputc('\n', out);
			column = 0;
			gap = indent;
		}
		fprintf(out, "%*s%.*s", (int)gap, "", (int)length, word);
		column += gap + length;
		first = false;
		word += length;
		word += strspn(word, " \n");
	}
	fputc('\n', out);
}

void text_item(FILE *out, const char *left, size_t indent, const char *text)
{
	size_t column = strlen(left);
	if (indent + 20 > text_width(out))
		indent = 8;
	fputs(left, out);
	if (column >= indent && column > 0) {
		fputc('\n', out);
		column = 0;
	}
	fold(out, column, indent, text);
}

void text_wrap(FILE *out, size_t indent, const char *text)
{
	text_item(out, "", indent, text);
}

void text_sentences(FILE *out, size_t column, const char *format, ...)
{
	char text[SENTENCES];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	fold(out, column, 2, text);
}

void text_piece(FILE *out, size_t *column, size_t indent, const char *piece)
{
	const size_t length = strlen(piece);
	if (*column && *column + GAP + length > text_width(out)) {
		fputc('\n', out);
		*column = 0;
	}
	const size_t gap = *column ? GAP : indent;
	fprintf(out, "%*s%s", (int)gap, "", piece);
	*column += gap + length;
}

const char *text_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
