/* Holds the decoded rules and interns decisions: flows carry a number, not a kilobyte.
 *
 * Lock-free: a place is claimed, filled and published; two threads may intern the same decision
 * twice. Never freed. */
#include "shim/settle/decisions.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "shim/base/log.h"
#include "shim/base/page.h"
#include "shim/base/regular.h"
#include "rules/wire.h"
#include "shim/settle/subject.h"

#define DECISIONS	128
#define RULES_FILE_SIZE (128u * 1024)

const char *decisions_text;

static struct ruleset rules;
static bool ask_for_peer, ask_for_local_port, ask_at_bind, undo_buffers, may_collect, may_watch;
static SELDOM struct decision decision[DECISIONS];
static _Atomic bool ready[DECISIONS];
static _Atomic int claimed;

/* The line in a file; a newline at its end is not part of it. It stays mapped, it is read once in a
 * process. Returns 0 or -errno. */
static int line_of_file(const char *path, const char **line)
{
	char *text = page_map(RULES_FILE_SIZE);
	long length = text ? regular_read(path, text, RULES_FILE_SIZE - 1) : -ENOMEM;

	if (length < 0) {
		if (text)
			page_unmap(text, RULES_FILE_SIZE);
		return (int)length;
	}
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	*line = text;
	return 0;
}

static bool is_at_bind(const struct setting *setting)
{
	return option_table[setting->option].when & AT_BIND;
}

static bool is_undone_buffer(const struct setting *setting)
{
	return option_table[setting->option].type == TYPE_BUFFER &&
	       setting->value.kind == VALUE_UNDO;
}

static bool is_buffer_mode(const struct setting *setting)
{
	return setting->option == OPTION_COALESCE && setting->value.number == COALESCE_BUFFER;
}

static bool is_watched_mode(const struct setting *setting)
{
	return setting->option == OPTION_COALESCE &&
	       (setting->value.number == COALESCE_ALWAYS ||
		       setting->value.number == COALESCE_BUFFER);
}

static bool any_setting(const struct ruleset *set, bool (*is)(const struct setting *))
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; k < set->rule[i].settings; k++)
			if (is(&set->rule[i].setting[k]))
				return true;
	return false;
}

int decisions_start(const char *text)
{
	static _Alignas(16) char few[512]; /* the default alone needs half of it */
	char *room;
	size_t size, whole;
	int error = text[0] == '@' ? line_of_file(text + 1, &text) : 0;

	if (error)
		return error;
	size = wire_room(text);
	whole = size + strlen(text) + 1;
	room = whole <= sizeof(few) ? few : page_map(whole);
	if (!room)
		return -ENOMEM;
	error = wire_decode(text, room, size, &rules);
	if (error)
		return error;
	/* The program may write over its own environment. */
	decisions_text = strcpy(room + size, text);
	ask_for_peer = rules_ask_for_peer(&rules);
	ask_for_local_port = rules_ask_for_local_port(&rules);
	ask_at_bind = any_setting(&rules, is_at_bind);
	undo_buffers = any_setting(&rules, is_undone_buffer);
	may_collect = any_setting(&rules, is_buffer_mode);
	may_watch = any_setting(&rules, is_watched_mode);
	subject_start(&rules);
	return 0;
}

bool decisions_ask_for_peer(void)
{
	return ask_for_peer;
}

bool decisions_ask_for_local_port(void)
{
	return ask_for_local_port;
}

bool decisions_ask_at_bind(void)
{
	return ask_at_bind;
}

bool decisions_undo_buffers(void)
{
	return undo_buffers;
}

bool decisions_may_collect(void)
{
	return may_collect;
}

bool decisions_may_watch(void)
{
	return may_watch;
}

struct subject decisions_subject(bool server)
{
	static _Atomic uint32_t draws;
	struct subject subject = subject_self();

	subject.role = server ? ROLE_SERVER : ROLE_CLIENT;
	/* 61 and 100 have no common factor: a hundred flows draw every number once, well mixed. */
	subject.draw = (uint8_t)(atomic_fetch_add(&draws, 1) % 100 * 61 % 100);
	return subject;
}

static int16_t find(const struct decision *wanted)
{
	int count = atomic_load(&claimed);

	for (int16_t i = 0; i < count && i < DECISIONS; i++)
		if (atomic_load_explicit(&ready[i], memory_order_acquire) &&
			memcmp(&decision[i], wanted, sizeof(*wanted)) == 0)
			return i;
	return -1;
}

static int16_t add(const struct decision *made)
{
	int place = atomic_fetch_add(&claimed, 1);

	if (place >= DECISIONS) {
		atomic_store(&claimed, DECISIONS);
		log_error(
			"more than %d different decisions: this flow is left as it is", DECISIONS);
		return -1;
	}
	memcpy(&decision[place], made, sizeof(*made));
	atomic_store_explicit(&ready[place], true, memory_order_release);
	return (int16_t)place;
}

int16_t decisions_make(const struct subject *subject)
{
	struct decision made;
	int16_t known;

	memset(&made, 0, sizeof(made)); /* padding, too: decisions are compared as bytes */
	rules_decide(&rules, subject, &made);
	if (made.veto != NO_RULE || !made.set)
		return -1;
	known = find(&made);
	return known >= 0 ? known : add(&made);
}

const struct decision *decision_at(int16_t number)
{
	return number < 0 ? NULL : &decision[number];
}

const char *decision_summary(int16_t number)
{
	static __thread char words[256];
	size_t used = 0;

	words[0] = '\0';
	for (int id = 0; number >= 0 && id < OPTION_COUNT && used < sizeof(words); id++)
		if (decision[number].set & OPTION_BIT(id))
			used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s (%s)",
				used ? ", " : "", option_table[id].name,
				rules.rule[decision[number].rule[id]].name);
	return words[0] ? words : "nothing";
}
