/* Lines of JSON, by jansson. Must not touch a process. */
#include "tools/live/undo.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"

enum { LINE = 1024, HEX = 2 * sizeof(((struct option_state *)0)->bytes) + 1 };

/* ---- bytes as text ---- */

static void put_hex(char out[HEX], const struct option_state *state)
{
	for (uint32_t i = 0; i < state->length; i++)
		snprintf(out + 2 * i, 3, "%02x", state->bytes[i]);
	out[2 * state->length] = '\0';
}

static bool take_hex(const char *text, struct option_state *state)
{
	const size_t length = strlen(text);

	if (!length || length % 2 || length >= HEX || strspn(text, "0123456789abcdef") != length)
		return false;
	state->length = (uint32_t)length / 2;
	for (uint32_t i = 0; i < state->length; i++)
		if (sscanf(text + 2 * i, "%2hhx", &state->bytes[i]) != 1)
			return false;
	return true;
}

/* ---- lines ---- */

static json_t *state_pack(const struct option_state *state)
{
	char hex[HEX];

	put_hex(hex, state);
	return json_pack("{s:s, s:i}", "bytes", hex, "beside", state->beside);
}

int undo_write(FILE *out, const struct undo *undo)
{
	char cookie[20];
	json_t *line;
	int result;

	snprintf(cookie, sizeof(cookie), "%" PRIx64, undo->cookie);
	line = json_pack("{s:i, s:I, s:s, s:i, s:b, s:s, s:s, s:o, s:o}", "pid", (int)undo->pid,
		"started", (json_int_t)undo->started, "cookie", cookie, "fd", undo->fd, "ipv6",
		undo->v6, "option", option_table[undo->option].name, "peer", undo->peer, "was",
		state_pack(&undo->was), "set", state_pack(&undo->left));
	result = line ? json_dumpf(line, out, JSON_COMPACT) : -1;
	json_decref(line);
	errno = 0;
	return result == 0 && fputc('\n', out) != EOF && fflush(out) == 0 ? 0
	       : errno							  ? -errno
									  : -ENOMEM;
}

static bool state_unpack(json_t *from, struct option_state *state)
{
	const char *hex;

	return json_unpack(from, "{s:s, s:i}", "bytes", &hex, "beside", &state->beside) == 0 &&
	       take_hex(hex, state);
}

static bool unpack(json_t *line, struct undo *undo)
{
	const char *cookie, *option, *peer;
	json_t *was, *set;
	json_int_t started;
	char *end;
	int pid, v6, id;

	if (json_unpack(line, "{s:i, s:I, s:s, s:i, s:b, s:s, s:s, s:o, s:o}", "pid", &pid,
		    "started", &started, "cookie", &cookie, "fd", &undo->fd, "ipv6", &v6, "option",
		    &option, "peer", &peer, "was", &was, "set", &set) != 0)
		return false;
	id = option_by_name(option);
	undo->pid = pid;
	undo->started = (uint64_t)started;
	undo->cookie = strtoull(cookie, &end, 16);
	undo->v6 = v6 != 0;
	undo->option = (uint8_t)id;
	snprintf(undo->peer, sizeof(undo->peer), "%s", peer);
	text_harmless(undo->peer);
	return pid > 0 && undo->fd >= 0 && *cookie && !*end && id >= 0 && touch_takes(id) &&
	       state_unpack(was, &undo->was) && state_unpack(set, &undo->left);
}

static bool is_same(const struct undo *a, const struct undo *b)
{
	return a->pid == b->pid && a->started == b->started && a->cookie == b->cookie &&
	       a->option == b->option;
}

/* What was set twice had its own value before the first time. */
static void add(struct undo **list, size_t *count, const struct undo *undo)
{
	for (size_t i = 0; i < *count; i++) {
		struct undo *known = &(*list)[i];

		if (!is_same(known, undo))
			continue;
		known->left = undo->left;
		known->fd = undo->fd;
		return;
	}
	*list = memory_grow(*list, *count, sizeof(**list));
	(*list)[(*count)++] = *undo;
}

int undo_read(FILE *in, struct undo **undo, size_t *count, int *line)
{
	char text[LINE];

	*undo = NULL;
	*count = 0;
	for (*line = 1; fgets(text, sizeof(text), in); ++*line) {
		struct undo one = {.pid = 0};
		json_t *json;
		bool is_ours;

		/* A last line that is cut off was not written before its option was to be set. */
		if (!strchr(text, '\n') && feof(in))
			break;
		json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
		is_ours = json && unpack(json, &one);
		json_decref(json);
		if (is_ours) {
			add(undo, count, &one);
		} else {
			free(*undo);
			*undo = NULL;
			return -EINVAL;
		}
	}
	return ferror(in) ? -EIO : 0;
}
