/* Shortens commands in their middle, so that both ends stay. Knows nothing of what a command means:
 * only words, paths and quotes. */
#include "tools/show/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

#define GAP "..."

struct word {
	const char *text;
	size_t length;
};

/* Up to a blank that is in no quotes. */
static size_t word_length(const char *text)
{
	bool quoted = false;
	size_t length = 0;

	for (; text[length] && (quoted || text[length] != ' '); length++)
		if (text[length] == '\'')
			quoted = !quoted;
	return length;
}

/* Of a path its last part; what is quoted stays. */
static struct word file_name(struct word word)
{
	const char *slash = memrchr(word.text, '/', word.length);

	if (!strchr("/.~", *word.text) || memchr(word.text, '\'', word.length) || !slash ||
		slash + 1 == word.text + word.length)
		return word;
	return (struct word){slash + 1, word.length - (size_t)(slash + 1 - word.text)};
}

static struct word *split(const char *command, size_t *count)
{
	struct word *word = NULL;

	*count = 0;
	while (*(command += strspn(command, " "))) {
		word = memory_grow(word, *count, sizeof(*word));
		word[*count] = (struct word){command, word_length(command)};
		command += word[*count].length;
		word[*count] = file_name(word[*count]);
		++*count;
	}
	return word;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Characters of the middle left out, and none cut. */
static void cut_middle(char *out, size_t most, const char *text)
{
	const size_t length = strlen(text), room = most - strlen(GAP);
	size_t head = (room + 1) / 2, tail = length - room / 2;

	while (head && continues(text[head]))
		head--;
	while (tail < length && continues(text[tail]))
		tail++;
	snprintf(out, most + 1, "%.*s" GAP "%s", (int)head, text, text + tail);
}

/* Words from both ends as long as there is room, two of the beginning for one of the end. */
static void choose(const struct word *word, size_t count, size_t most, size_t *head, size_t *tail)
{
	size_t used = strlen(GAP);
	bool more = true;

	for (*head = *tail = 0; more && *head + *tail < count;) {
		const bool front = *head < 2 * (*tail + 1) && *head + *tail + 1 < count;
		const struct word *next = front ? &word[*head] : &word[count - 1 - *tail];

		more = used + next->length + 1 <= most;
		used += next->length + 1;
		if (more)
			++*(front ? head : tail);
	}
}

static char *add(char *at, char *end, struct word word, const char *gap)
{
	const int length =
		snprintf(at, (size_t)(end - at), "%s%.*s", gap, (int)word.length, word.text);

	return length < end - at ? at + length : end - 1;
}

/* The first `head` words and the last `tail`. */
static void join(
	char *out, size_t size, const struct word *word, size_t count, size_t head, size_t tail)
{
	char *at = out, *end = out + size;

	*out = '\0';
	for (size_t i = 0; i < head; i++)
		at = add(at, end, word[i], i ? " " : "");
	if (head + tail < count)
		at = add(at, end, (struct word){GAP, strlen(GAP)}, head ? " " : "");
	for (size_t i = count - tail; i < count; i++)
		at = add(at, end, word[i], at > out ? " " : "");
}

char *command_short(char *out, size_t most, const char *command)
{
	const size_t size = strlen(command) + 1;
	size_t count, head, tail;

	if (size <= most + 1)
		return strcpy(out, command);
	struct word *word = split(command, &count);
	char *names = memory_take(size, 1);

	join(names, size, word, count, count, 0);
	choose(word, count, most, &head, &tail);
	if (strlen(names) <= most)
		strcpy(out, names);
	else if (head && tail)
		join(out, most + 1, word, count, head, tail);
	else
		cut_middle(out, most, names);
	free(names);
	free(word);
	return out;
}
