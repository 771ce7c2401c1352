/* One check a function, in a table; each says at most a few sentences. */
#include "tools/unit/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/unit/filter.h"
#include "tools/unit/inside.h"
#include "tools/unit/sight.h"
#include "tools/unit/started.h"
#include "tools/unit/words.h"

#define AT(line) (line)->file, (line)->line, (line)->key, (line)->value
#define AT_FORM	 "%s:%u: %s=%s"

/* ---- what it sees ---- */

static void check_library(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *line = sight_hides(of->unit, of->library);

	if (line)
		judge_refuse(judgement,
			AT_FORM " hides %s from it: install sockfix (make install), or name the "
				"library in BindReadOnlyPaths=",
			AT(line), of->library);
	line = sight_forbids(of->unit, of->library);
	if (line)
		judge_refuse(judgement,
			AT_FORM " lets nothing in %s run: name that in ExecPaths=", AT(line),
			of->library);
}

/* The library inside of a root of its own: what the host has there is not seen. */
static void check_root(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *line = sight_root(of->unit);
	char *root, *path;

	if (!line || sight_binds(of->unit, of->library))
		return;
	root = inside(of->unit->root, line->value);
	path = inside(root, of->library);
	if (strcmp(line->key, "RootImage") == 0)
		judge_refuse(judgement,
			AT_FORM " is not looked into; with BindReadOnlyPaths=%s the library is "
				"there for certain",
			AT(line), of->library);
	else if (access(path, R_OK) != 0)
		judge_refuse(judgement,
			AT_FORM " has no %s: copy the library to that place there, or write "
				"BindReadOnlyPaths=%s",
			AT(line), of->library, of->library);
	free(path);
	free(root);
}

static void check_directory(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *line = of->directory ? sight_hides(of->unit, of->directory) : NULL;

	if (line)
		judge_refuse(judgement, AT_FORM " hides %s from it, where it is to record to",
			AT(line), of->directory);
	line = of->directory ? sight_root(of->unit) : NULL;
	if (line && !sight_binds(of->unit, of->directory))
		judge_refuse(judgement,
			AT_FORM " has no %s, where it is to record to: write BindPaths=%s",
			AT(line), of->directory, of->directory);
}

/* ---- what it may call ---- */

static void check_filter(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *line;
	const char *call = filter_stops(of->unit, of->directory != NULL, &line);
	const char *way = unit_last(of->unit, "SystemCallErrorNumber")
				  ? "the library would switch itself off at its first one"
				  : "systemd would end the service at its first one (SIGSYS)";

	if (call)
		judge_refuse(judgement,
			"%s:%u: SystemCallFilter= does not let %s through, which the library "
			"calls: %s; with @network-io%s it works",
			line->file, line->line, call, way,
			of->directory ? " and @file-system" : "");
}

static bool names_family(const char *value, const char *family)
{
	const char *at = value + (*value == '~');
	bool is = false;

	for (char *word; (word = words_next(&at)); free(word))
		is = is || strcmp(word, family) == 0;
	return is;
}

/* Whether sockets of that family can be made. */
static bool may_have(const struct unit *unit, const char *family)
{
	const struct unit_line *line = unit_each(unit, "RestrictAddressFamilies", 0);
	bool may = !line || *line->value == '~';

	for (; line;
		line = unit_each(unit, "RestrictAddressFamilies", (size_t)(line - unit->line) + 1))
		if (names_family(line->value, family))
			may = *line->value != '~';
	return may;
}

static void check_families(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *line = unit_last(of->unit, "RestrictAddressFamilies");

	if (line && !may_have(of->unit, "AF_INET") && !may_have(of->unit, "AF_INET6"))
		judge_note(judgement,
			AT_FORM " leaves it no TCP sockets but those that it is handed", AT(line));
}

/* ---- what else ---- */

static void check_template(struct judgement *judgement, const struct judge_of *of)
{
	if (of->unit->template)
		judge_note(judgement, "%s is a template: this holds for all its instances",
			of->unit->name);
}

static void check_selinux(struct judgement *judgement, const struct judge_of *of)
{
	if (!*of->unit->root && access("/sys/fs/selinux/enforce", F_OK) == 0)
		judge_note(judgement,
			"SELinux is on here: where its policy has a transition for this service "
			"without noatsecure, the loader ignores LD_PRELOAD; sockfix status says so "
			"once it runs");
}

/* ---- all ---- */

static void (*const check_table[])(struct judgement *, const struct judge_of *) = {check_template,
	check_root, check_library, check_directory, check_filter, check_families, started_judge,
	check_selinux};

/* What people ask about. */
static const char *const fine_table[] = {"User", "DynamicUser", "NoNewPrivileges", "ProtectSystem",
	"ProtectHome", "PrivateTmp", "MemoryDenyWriteExecute", "RestrictAddressFamilies",
	"SystemCallFilter", "RootDirectory"};

static bool is_said(const struct judgement *judgement, const char *key)
{
	char *part = memory_print("%s=", key);
	bool is = false;

	for (size_t i = 0; i < judgement->refusals; i++)
		is = is || strstr(judgement->refused[i], part);
	for (size_t i = 0; i < judgement->notes; i++)
		is = is || strstr(judgement->note[i], part);
	free(part);
	return is;
}

static void find_fine(struct judgement *judgement, const struct unit *unit)
{
	judgement->fine = memory_print("%s", "");
	for (size_t i = 0; i < sizeof(fine_table) / sizeof(*fine_table); i++) {
		const struct unit_line *line = unit_last(unit, fine_table[i]);
		char *more;

		if (!line || strcmp(line->value, "no") == 0 || strcmp(line->value, "false") == 0 ||
			is_said(judgement, fine_table[i]))
			continue;
		more = memory_print(
			"%s%s%s=", judgement->fine, *judgement->fine ? ", " : "", fine_table[i]);
		free(judgement->fine);
		judgement->fine = more;
	}
}

void judge(struct judgement *judgement, const struct judge_of *of)
{
	for (size_t i = 0; i < sizeof(check_table) / sizeof(*check_table); i++)
		check_table[i](judgement, of);
	find_fine(judgement, of->unit);
}
