/* `sockfix status`: which processes have the library, and what it does there. Looks, and changes
 * nothing. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/everywhere.h"
#include "tools/cmd/process.h"
#include "tools/cmd/scope.h"
#include "tools/show/missing.h"
#include "tools/show/status.h"

enum { FLAG_FORMAT = 300 };

static int show_json(const struct status_list *list)
{
	if (status_show_json(stdout, list) == 0)
		return EXIT_FINE;
	say("no memory");
	return EXIT_TROUBLE;
}

/* "nginx" is nginx.service. */
static bool is_of(pid_t pid, const char *unit)
{
	const size_t length = strlen(unit);
	struct who who;

	return who_take(&who, pid) == 0 && strncmp(who.unit, unit, length) == 0 &&
	       (!who.unit[length] || strcmp(who.unit + length, ".service") == 0);
}

/* Leaves those of a unit alone. */
static void keep_of(struct wrapped_all *all, const char *unit)
{
	size_t kept = 0, without = 0;

	for (size_t i = 0; i < all->count; i++)
		if (is_of(all->process[i].pid, unit))
			all->process[kept++] = all->process[i];
	for (size_t i = 0; i < all->withouts; i++)
		if (is_of(all->without[i], unit))
			all->without[without++] = all->without[i];
	all->count = kept;
	all->withouts = without;
}

static int show_unit(const char *unit, bool json)
{
	struct wrapped_all all;
	const int error = wrapped_find(&all);
	size_t missings;
	struct missing *missing;

	keep_of(&all, unit);
	missing = missing_find(all.without, all.withouts, &missings);
	for (size_t i = 0; json && i < all.count; i++)
		wrapped_look_inside(&all.process[i]);
	if (json)
		show_json(&(struct status_list){.process = all.process,
			.count = all.count,
			.missing = missing,
			.missings = missings});
	else {
		status_show_list(stdout, all.process, all.count);
		missing_show(stdout, missing, missings);
	}
	if (!error && !all.count && !missings)
		say("no process of %s has the library, or should have it", unit);
	for (size_t i = 0; i < all.count; i++)
		inside_free(&all.process[i].inside);
	everywhere_end(&all);
	free(missing);
	return error ? EXIT_TROUBLE : all.count ? EXIT_FINE : EXIT_FOUND;
}

static int show_all(bool json)
{
	struct wrapped_all all;
	int status = everywhere_find(&all);
	size_t missings;
	struct missing *missing = missing_find(all.without, all.withouts, &missings);
	struct scope_row *scope;
	const size_t scopes = scope_rows_find(&scope);

	if (status == EXIT_FOUND && scopes)
		status = EXIT_FINE;
	for (size_t i = 0; json && i < all.count; i++)
		wrapped_look_inside(&all.process[i]);
	if (json && status != EXIT_TROUBLE) {
		if (show_json(&(struct status_list){
			    all.process, all.count, missing, missings, scope, scopes}) != EXIT_FINE)
			status = EXIT_TROUBLE;
	} else if (!json) {
		status_show_list(stdout, all.process, all.count);
		missing_show(stdout, missing, missings);
		scopes_show(stdout, scope, scopes);
	}
	for (size_t i = 0; i < all.count; i++)
		inside_free(&all.process[i].inside);
	everywhere_end(&all);
	free(missing);
	scope_rows_free(scope, scopes);
	return status;
}

/* False: it has not the library, and nothing says that it should. */
static bool show_missing(pid_t pid, bool json)
{
	struct missing missing;

	missing_look(pid, &missing);
	if (missing.why == MISSING_NOT)
		return false;
	if (json)
		show_json(&(struct status_list){.missing = &missing, .missings = 1});
	else
		missing_show(stdout, &missing, 1);
	return true;
}

static int show_one(pid_t pid, bool json)
{
	struct wrapped process;
	int status;

	wrapped_look(pid, &process);
	if (process.error == -ENOENT && show_missing(pid, json))
		return EXIT_FOUND;
	if (process.error)
		status_say_error(&process);
	if (process.error && process.error != -EPERM)
		return process.error == -ENOENT ? EXIT_FOUND : EXIT_TROUBLE;
	status = process.error ? EXIT_TROUBLE : EXIT_FINE;
	wrapped_look_inside(&process);
	if (!json)
		status_show_one(stdout, &process);
	else if (show_json(&(struct status_list){.process = &process, .count = 1}) != EXIT_FINE)
		status = EXIT_TROUBLE;
	inside_free(&process.inside);
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *value;
	bool json = false, all = false;
	int letter, status;
	pid_t pid;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		all = all || letter == 'a';
		if (letter != FLAG_FORMAT)
			continue;
		json = strcmp(value, "json") == 0;
		if (!json && strcmp(value, "text") != 0)
			return arguments_misuse(
				verb, "--format takes text or json, not '%s'", value);
	}
	if (optind == argc)
		return show_all(json);
	if (all)
		return arguments_misuse(verb, "--all goes with no PID and no UNIT");
	if (optind + 1 < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind + 1]);
	pid = process_number(argv[optind]);
	return pid ? show_one(pid, json) : show_unit(argv[optind], json);
}

static const struct flag flag_table[] = {
	{"format", FLAG_FORMAT, "text|json", "how to print it (default: text)"},
	{"all", 'a', NULL, "every process (as without a PID)"},
};

const struct verb verb_status = {
	.name = "status",
	.group = "operate",
	.synopsis = "[--format text|json] [PID | UNIT | --all]",
	.summary = "say which processes have the library, and whether it is on there",
	.detail =
		"  sockfix status           every process that has it\n"
		"  sockfix status 4711      one\n"
		"  sockfix status nginx     those of a unit of systemd\n\n"
		"STATE is one of: on; off (sockfix off); inert (it was given neither rules nor a "
		"recording, or these could not be used: said behind); resigned (a sandbox of the program's ended it, for good); other (of "
		"another version than this command); unknown (its memory may not be read). It is "
		"found in the memory of the process, and so also where its file was deleted or "
		"replaced, which is said, for then an older version is at work. Processes of other users are seen by root.\n\n"
		"Of one process also its rules by name, the connections that it has, how many "
		"writes were held, how many of them came late and what that cost, why connections "
		"are left as they are, and where it records to: read while it goes on, so that a "
		"busy one may be a few behind. Counts are since it began; those of the child of a "
		"fork go on from its parent's. --format json has them for every process.\n\n"
		"Processes that should have it and have not (dropped) are named, and why: SOCKFIX_RULES or "
		"SOCKFIX_TRACE is in their environment, or the files of their systemd unit name "
		"libsockfix.so or start sockfix run or record.\n\n"
		"Programs that sockfix scope and run have put on cgroups are named, too, with "
		"their rules and since when; root of the host may ask for them.\n\n"
		"Exit status: 0; 1 where that process has not the library, or none has and nothing "
		"is on a cgroup; 2 where "
		"that could not be told.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
