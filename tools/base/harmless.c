/* Text from traces, made fit for a terminal: names of programs and their arguments are whatever
 * somebody chose, and are printed on the screen of whoever reads the report. Pure; keeps what is
 * printable as it is. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"

static bool is_printable(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point > 0x10ffff)
		return false;
	if (point >= 0xd800 && point < 0xe000)
		return false;
	/* marks that change the direction of what follows, or break lines (Unicode TR 36) */
	return !(point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
		 (point >= 0x2066 && point <= 0x2069) || point == 0xfeff);
}

/* Bytes of the printable character at text: 1 to 4, or 0 (RFC 3629, shortest forms only). */
static size_t printable(const unsigned char *text, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (text[0] < 0x80)
		return is_printable(text[0]);
	size_t length = text[0] >= 0xf0 && text[0] < 0xf8   ? 4
			: text[0] >= 0xe0 && text[0] < 0xf0 ? 3
			: text[0] >= 0xc0 && text[0] < 0xe0 ? 2
							    : 0;
	if (!length || length > left)
		return 0;
	uint32_t point = text[0] & (0xffu >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3f);
	}
	return point >= least[length] && is_printable(point) ? length : 0;
}

void text_harmless(char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t length = printable((unsigned char *)text, left);
		if (!length) {
			*text = '?';
			length = 1;
		}
		text += length;
		left -= length;
	}
}

static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";

enum quoting { QUOTE_NONE, QUOTE_SINGLE, QUOTE_ESCAPES };

static enum quoting quoting_for(const char *word, size_t length)
{
	enum quoting quoting = length ? QUOTE_NONE : QUOTE_SINGLE;

	for (size_t i = 0; i < length;) {
		size_t step = printable((const unsigned char *)word + i, length - i);
		if (!step)
			return QUOTE_ESCAPES;
		if (step > 1 || !strchr(plain, word[i]))
			quoting = QUOTE_SINGLE;
		i += step;
	}
	return quoting;
}

/* At most 4 bytes for each of the word's. */
static size_t put_escaped(char *out, const char *word, size_t length)
{
	static const char digit[] = "0123456789abcdef";
	char *begin = out;

	for (size_t i = 0; i < length;) {
		size_t step = printable((const unsigned char *)word + i, length - i);
		if (!step) {
			unsigned char byte = (unsigned char)word[i++];
			*out++ = '\\';
			*out++ = 'x';
			*out++ = digit[byte >> 4];
			*out++ = digit[byte & 15];
			continue;
		}
		if (word[i] == '\\' || word[i] == '\'')
			*out++ = '\\';
		memcpy(out, word + i, step);
		out += step;
		i += step;
	}
	return (size_t)(out - begin);
}

static size_t put_single(char *out, const char *word, size_t length)
{
	char *begin = out;

	for (size_t i = 0; i < length; i++) {
		if (word[i] != '\'') {
			*out++ = word[i];
			continue;
		}
		memcpy(out, "'\\''", 4);
		out += 4;
	}
	return (size_t)(out - begin);
}

/* Where the next `more` bytes go. */
static char *line_room(struct line *line, size_t more)
{
	if (line->length + more > line->room) {
		char *longer = memory_take(2 * line->room + more, 1);
		if (line->length)
			memcpy(longer, line->text, line->length);
		free(line->text);
		line->text = longer;
		line->room = 2 * line->room + more;
	}
	return line->text + line->length;
}

void line_add_word(struct line *line, const char *word, size_t length)
{
	const enum quoting quoting = quoting_for(word, length);
	char *begin = line_room(line, 4 * length + sizeof(" $''")), *out = begin;

	if (line->length)
		*out++ = ' ';
	if (quoting == QUOTE_ESCAPES)
		*out++ = '$';
	if (quoting != QUOTE_NONE)
		*out++ = '\'';
	if (quoting == QUOTE_ESCAPES) {
		out += put_escaped(out, word, length);
	} else if (quoting == QUOTE_SINGLE) {
		out += put_single(out, word, length);
	} else {
		memcpy(out, word, length);
		out += length;
	}
	if (quoting != QUOTE_NONE)
		*out++ = '\'';
	*out = '\0';
	line->length += (size_t)(out - begin);
}
