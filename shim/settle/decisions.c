/* Holds the decoded rules and interns decisions: flows carry a number, not a kilobyte.
 *
 * Lock-free: a place is claimed, filled and published; two threads may intern the same decision
 * twice. Never freed, for rules may change while others read them. */
#include "shim/settle/decisions.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/base/page.h"
#include "shim/base/regular.h"
#include "rules/wire.h"
#include "shim/pure/lot.h"
#include "shim/settle/kept.h"
#include "shim/settle/subject.h"

#define DECISIONS	128 /* of one set of rules */
#define RULES_FILE_SIZE (WIRE_MOST + 4096u)

const char *_Atomic decisions_text;

/* One set of rules. Who reads it may be in the middle when another one comes, so it stays. */
struct in_force {
	struct in_force *before; /* the set that was made before */
	struct ruleset rules;
	const char *text;
	int first;	  /* its decisions have this number or a higher one */
	_Atomic int made; /* and are so many */
	bool ask_for_peer, ask_for_local_port, ask_at_bind, undo_buffers, may_watch, draws;
};

static struct in_force none, *made_last = &none;
static struct in_force *_Atomic in_force = &none;

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

static bool leaves_out_some(const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->rule[i].holdout)
			return true;
	return false;
}

/* ---- sets ---- */

/* A connection that collects goes on with it under new rules until it is used next. */
static _Atomic bool ever_collects;

static void look_through(struct in_force *set)
{
	const struct ruleset *rules = &set->rules;

	set->ask_for_peer = rules_ask_for_peer(rules);
	set->ask_for_local_port = rules_ask_for_local_port(rules);
	set->ask_at_bind = any_setting(rules, is_at_bind);
	set->undo_buffers = any_setting(rules, is_undone_buffer);
	if (any_setting(rules, is_buffer_mode))
		atomic_store(&ever_collects, true);
	set->may_watch = any_setting(rules, is_watched_mode);
	set->draws = leaves_out_some(rules);
}

/* What so many bytes behind a set are room for. */
static struct in_force *set_room(size_t size)
{
	/* the default alone needs half of it */
	static _Alignas(16) char few[sizeof(struct in_force) + 512];
	static bool taken;

	if (taken || sizeof(struct in_force) + size > sizeof(few))
		return page_map(sizeof(struct in_force) + size);
	taken = true;
	return (struct in_force *)(void *)few;
}

static int set_make(const char *text, struct in_force **made)
{
	const size_t size = wire_room(text);
	struct in_force *set = set_room(size + strlen(text) + 1);
	char *room = (char *)(set + 1);
	int error = set ? wire_decode(text, room, size, &set->rules) : -ENOMEM;

	if (error)
		return error;
	/* The program may write over its own environment. */
	set->text = strcpy(room + size, text);
	set->before = made_last;
	set->first = kept_end();
	look_through(set);
	*made = made_last = set;
	return 0;
}

/* Rules that come again have their old set: they may do so for ever. */
static struct in_force *set_known(const char *text)
{
	struct in_force *set = made_last;

	while (set != &none && strcmp(set->text, text) != 0)
		set = set->before;
	return set == &none ? NULL : set;
}

int decisions_change(const char *text)
{
	struct in_force *set = set_known(text);
	int error = set ? 0 : set_make(text, &set);

	if (error)
		return error;
	subject_start(&set->rules);
	atomic_store(&in_force, set);
	atomic_store(&decisions_text, set->text);
	return 0;
}

/* The line in a file; a newline at its end is not part of it. */
static int start_from_file(const char *path)
{
	char *text = page_map(RULES_FILE_SIZE);
	long length = text ? regular_read(path, text, RULES_FILE_SIZE - 1) : -ENOMEM;

	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length >= 0)
		length = decisions_change(text);
	if (text)
		page_unmap(text, RULES_FILE_SIZE);
	return (int)length;
}

int decisions_start(const char *text)
{
	return text[0] == '@' ? start_from_file(text + 1) : decisions_change(text);
}

void decisions_say(void)
{
	const struct ruleset *rules = &atomic_load(&in_force)->rules;
	char names[256] = "";
	size_t used = 0;

	if (!log_wants(LOG_INFO))
		return;
	for (size_t i = 0; i < rules->count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : " ",
			rules->rule[i].name);
	log_info("on: rules%s%s; %zu rule%s", names, used < sizeof(names) ? "" : "...",
		rules->count, rules->count == 1 ? "" : "s");
}

bool decisions_ask_for_peer(void)
{
	return atomic_load(&in_force)->ask_for_peer;
}

bool decisions_ask_for_local_port(void)
{
	return atomic_load(&in_force)->ask_for_local_port;
}

bool decisions_ask_at_bind(void)
{
	return atomic_load(&in_force)->ask_at_bind;
}

bool decisions_undo_buffers(void)
{
	return atomic_load(&in_force)->undo_buffers;
}

bool decisions_may_collect(void)
{
	return atomic_load_explicit(&ever_collects, memory_order_relaxed);
}

bool decisions_may_watch(void)
{
	return atomic_load(&in_force)->may_watch;
}

/* Where this process begins to draw: a program that is started for each connection must not draw
 * the same number each time, nor must the children of a server, which have its random bytes. */
static uint32_t draw_first(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM); /* of any alignment */
	uint64_t seed = 0;

	if (random)
		memcpy(&seed, random, sizeof(seed));
	return (uint32_t)(lot_draw(seed + ((uint64_t)kernel_call(SYS_getpid) << 20)) % 100);
}

struct subject decisions_subject(bool server)
{
	static _Atomic uint32_t draws;
	struct subject subject = subject_self();
	uint32_t turn;

	subject.role = server ? ROLE_SERVER : ROLE_CLIENT;
	if (!atomic_load(&in_force)->draws)
		return subject;
	/* 61 and 100 have no common factor: a hundred flows draw every number once, well mixed. */
	turn = atomic_fetch_add(&draws, 1) % 100;
	subject.draw = (uint8_t)((draw_first() + turn * 61) % 100);
	return subject;
}

static int16_t find(const struct in_force *by, const struct decision *wanted)
{
	const int end = kept_end();

	for (int i = by->first; i < end; i++) {
		const struct kept *kept = kept_at(i);

		if (kept && atomic_load_explicit(&kept->ready, memory_order_acquire) &&
			kept->by == by && memcmp(&kept->decision, wanted, sizeof(*wanted)) == 0)
			return (int16_t)i;
	}
	return -1;
}

static int16_t add(struct in_force *by, const struct decision *made)
{
	int number = -1;
	struct kept *kept = atomic_fetch_add(&by->made, 1) < DECISIONS ? kept_new(&number) : NULL;

	if (!kept) {
		atomic_store(&by->made, DECISIONS);
		log_error(
			"more than %d different decisions: this flow is left as it is", DECISIONS);
		return -1;
	}
	memcpy(&kept->decision, made, sizeof(*made));
	kept->by = by;
	atomic_store_explicit(&kept->ready, true, memory_order_release);
	return (int16_t)number;
}

int16_t decisions_make(const struct subject *subject)
{
	struct in_force *by = atomic_load(&in_force);
	struct decision made;
	int16_t known;

	memset(&made, 0, sizeof(made)); /* padding, too: decisions are compared as bytes */
	rules_decide(&by->rules, subject, &made);
	if (made.veto != NO_RULE || !made.set)
		return -1;
	known = find(by, &made);
	return known >= 0 ? known : add(by, &made);
}

bool decisions_arm(const struct subject *subject, const char **rule, bool *bare)
{
	const struct in_force *by = atomic_load(&in_force);
	const int arm = by->draws ? rules_arm(&by->rules, subject) : NO_RULE;

	if (arm == NO_RULE)
		return false;
	*rule = by->rules.rule[arm].name;
	*bare = by->rules.rule[arm].holdout > subject->draw;
	return true;
}

const struct decision *decision_at(int16_t number)
{
	return number < 0 ? NULL : &kept_at(number)->decision;
}

static const char *rule_of(const struct kept *kept, int id)
{
	const struct in_force *by = kept->by;

	return by->rules.rule[kept->decision.rule[id]].name;
}

const char *decision_summary(int16_t number)
{
	static __thread char words[256];
	const struct kept *kept = number < 0 ? NULL : kept_at(number);
	size_t used = 0;

	words[0] = '\0';
	for (int id = 0; kept && id < OPTION_COUNT && used < sizeof(words); id++)
		if (kept->decision.set & OPTION_BIT(id))
			used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s (%s)",
				used ? ", " : "", option_table[id].name, rule_of(kept, id));
	return words[0] ? words : "nothing";
}
