/* `sockfix unit`: switches the library on for a service, by a drop-in of its unit. Never edits a
 * unit, restarts nothing unless asked, and refuses what would do nothing. */
#include "tools/cmd/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/unit/compose.h"
#include "tools/unit/drop_in.h"
#include "tools/unit/inside.h"

enum {
	FLAG_RECORD = 400,
	FLAG_PRINT,
	FLAG_USER,
	FLAG_REMOVE,
	FLAG_LIST,
	FLAG_RELOAD,
	FLAG_RESTART,
	FLAG_ROOT,
	FLAG_FORCE
};

/* ---- what is said ---- */

static void say_sentences(const struct judgement *judgement, const char *unit, bool refused)
{
	for (size_t i = 0; refused && i < judgement->refusals; i++)
		say("%s: %s", unit, judgement->refused[i]);
	for (size_t i = 0; !refused && i < judgement->notes; i++)
		say("%s: %s", unit, judgement->note[i]);
}

static void print_written(const struct unit_asked *asked, const struct unit *unit,
	const struct composed *composed, const struct judgement *judgement, const char *names)
{
	printf("unit     %s  %s%s\n", unit->name, unit->root, unit->path);
	printf("wrote    %s%s/" UNIT_OURS ".conf\n", asked->root, asked->folder);
	text_item(stdout, "rules", 9, asked->plan.line ? names : "none: it is only watched");
	if (*asked->directory)
		printf("records  into %s: sockfix report %s, any time\n", asked->directory,
			asked->directory);
	if (composed->kept)
		text_item(stdout, "keeps", 9, composed->kept);
	if (*judgement->fine) {
		char *fine = memory_print("%s of the unit %s no limit to it", judgement->fine,
			strchr(judgement->fine, ',') ? "are" : "is");

		text_item(stdout, "checked", 9, fine);
		free(fine);
	}
}

/* ---- what is done ---- */

static int write_files(struct unit_asked *asked, const struct unit *unit,
	const struct composed *composed, const struct judgement *judgement, const char *names)
{
	char path[PATH_MAX], *folder = inside(asked->root, asked->folder);
	int error = 0;

	if (drop_in_whose(folder, path) == DROP_IN_FOREIGN) {
		say("%s is not ours: %s; nothing is written", path, drop_in_why(path));
		free(folder);
		return EXIT_TROUBLE;
	}
	if (*asked->directory && !unit_record_make(asked, unit->name))
		error = -1;
	else if ((error = drop_in_write(folder, composed, path)) != 0)
		say("%s: %s; nothing was changed", path, strerror(-error));
	free(folder);
	if (error) {
		unit_record_undo(asked);
		return EXIT_TROUBLE;
	}
	print_written(asked, unit, composed, judgement, names);
	return unit_next(asked, unit->name, unit->template);
}

/* What stands in files of their own follows as comments. */
static void print_files(const struct unit_asked *asked, const struct composed *composed)
{
	fputs(composed->conf, stdout);
	if (composed->variables)
		printf("# and %s/" UNIT_OURS ".env:\n", asked->folder);
	for (const char *at = composed->variables; at && *at; at += strcspn(at, "\n") + 1)
		printf("# %.*s\n", (int)strcspn(at, "\n"), at);
	if (composed->rules)
		printf("# and %s/" UNIT_OURS ".rules:\n# %s", asked->folder, composed->rules);
}

static int act(struct unit_asked *asked, const struct unit *unit, const char *names)
{
	const struct judge_of judged = {
		unit, asked->library, *asked->directory ? asked->directory : NULL};
	const struct compose_of of = {
		unit, asked->library, asked->plan.line, names, judged.directory, asked->folder};
	struct judgement judgement = {.refusals = 0};
	struct composed composed;
	int status = EXIT_FOUND;

	judge(&judgement, &judged);
	compose(&composed, &of, &judgement);
	say_sentences(&judgement, unit->name, true);
	if (judgement.refusals && !asked->force)
		say("%s: nothing is written (--force writes it all the same)", unit->name);
	else {
		say_sentences(&judgement, unit->name, false);
		status = EXIT_FINE;
		if (asked->print)
			print_files(asked, &composed);
		else
			status = write_files(asked, unit, &composed, &judgement, names);
	}
	composed_free(&composed);
	judge_free(&judgement);
	return status;
}

static int prepare(struct unit_asked *asked)
{
	char *none[] = {NULL}, *names;
	struct unit unit;
	int status = EXIT_TROUBLE;

	unit_find(&unit, asked->root, asked->user, asked->name);
	asked->plan.command = none;
	asked->plan.watched = asked->record;
	asked->plan.keeps = true;
	if (unit_say_state(&unit, asked->name) && plan_prepare(&asked->plan) &&
		unit_find_library(asked) && unit_find_folder(asked, unit.name) &&
		(!asked->record || unit_record_choose(asked, unit.name))) {
		names = asked->plan.book ? rulebook_names(&asked->plan.book->set) : NULL;
		status = act(asked, &unit, names ? names : "");
		free(names);
	}
	unit_free(&unit);
	return status;
}

/* ---- the command line ---- */

static int read_options(
	const struct verb *verb, int argc, char **argv, struct unit_asked *asked, int *status)
{
	bool *const flag[] = {[FLAG_RECORD - FLAG_RECORD] = &asked->record,
		[FLAG_PRINT - FLAG_RECORD] = &asked->print,
		[FLAG_USER - FLAG_RECORD] = &asked->user,
		[FLAG_REMOVE - FLAG_RECORD] = &asked->remove,
		[FLAG_LIST - FLAG_RECORD] = &asked->list,
		[FLAG_RELOAD - FLAG_RECORD] = &asked->reload,
		[FLAG_RESTART - FLAG_RECORD] = &asked->restart,
		[FLAG_FORCE - FLAG_RECORD] = &asked->force};
	const char *value;

	for (;;) {
		const int letter = arguments_next(verb, argc, argv, &value, status);

		if (letter == ARGUMENTS_STOP || letter == ARGUMENTS_END)
			return letter;
		if (letter == FLAG_ROOT)
			asked->root = value;
		else if (letter >= FLAG_RECORD && letter <= FLAG_FORCE)
			*flag[letter - FLAG_RECORD] = true;
		else
			rulebook_request_add(&asked->plan.request, letter, value);
	}
}

/* "/" is this system. False: it is no folder, said. */
static bool take_root(struct unit_asked *asked)
{
	struct stat status;
	size_t length = strlen(asked->root);
	char *root;

	if (stat(*asked->root ? asked->root : "/", &status) != 0 || !S_ISDIR(status.st_mode)) {
		say("--root %s: it is not a folder", asked->root);
		return false;
	}
	while (length && asked->root[length - 1] == '/')
		length--;
	root = memory_print("%.*s", (int)length, asked->root);
	snprintf(asked->root_path, sizeof(asked->root_path), "%s", root);
	asked->root = asked->root_path;
	free(root);
	return true;
}

static int check(const struct verb *verb, int argc, char **argv, struct unit_asked *asked)
{
	const bool rules = asked->plan.request.count > 0;

	if (asked->list && (optind < argc || rules || asked->remove || asked->record))
		return arguments_misuse(verb, "--list goes with --root alone");
	if (!take_root(asked))
		return EXIT_TROUBLE;
	if (asked->list)
		return unit_list(asked->root);
	if (optind == argc)
		return arguments_misuse(verb, "the NAME of a unit is missing");
	if (optind + 1 < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind + 1]);
	if (asked->remove && (rules || asked->record || asked->print))
		return arguments_misuse(verb, "--remove goes with no rules and nothing to write");
	if (*asked->root && (asked->reload || asked->restart || asked->record || asked->user))
		return arguments_misuse(verb, "--root is for a system that does not run here: "
					      "no --reload, --restart, --record, --user");
	if (asked->print && (asked->reload || asked->restart))
		return arguments_misuse(verb, "--print writes nothing that could be loaded");
	asked->name = argv[optind];
	return asked->remove ? unit_remove(asked) : prepare(asked);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct unit_asked asked = {.root = ""};
	int status = EXIT_TROUBLE;

	if (rulebook_request_new(&asked.plan.request, argc) != 0)
		say("no memory for the rules");
	else if (read_options(verb, argc, argv, &asked, &status) == ARGUMENTS_END)
		status = check(verb, argc, argv, &asked);
	plan_free(&asked.plan);
	return status;
}

static const struct flag flag_table[] = {
	RULEBOOK_FLAGS,
	{"record", FLAG_RECORD, NULL,
		"record what the service does; rules only where you name some"},
	{"print", FLAG_PRINT, NULL, "print the drop-in, write nothing"},
	{"user", FLAG_USER, NULL, "a unit of your own manager (systemctl --user)"},
	{"reload", FLAG_RELOAD, NULL, "then systemctl daemon-reload"},
	{"restart", FLAG_RESTART, NULL, "the same, then systemctl restart NAME"},
	{"remove", FLAG_REMOVE, NULL, "take away what sockfix unit has written for NAME"},
	{"list", FLAG_LIST, NULL,
		"say what names libsockfix.so: units, drop-ins, crontabs, files of the login"},
	{"root", FLAG_ROOT, "DIR", "the system whose root is DIR, which does not run: an image"},
	{"force", FLAG_FORCE, NULL, "write also what would do nothing"},
};

const struct verb verb_unit = {
	.name = "unit",
	.group = "operate",
	.synopsis = "NAME " RULEBOOK_SYNOPSIS " [--with-system] [--record] [--print] [--user] "
		    "[--reload] [--restart] [--root DIR] [--force] | --remove NAME | --list",
	.summary = "switch the library on for a service of systemd, or off again",
	.detail =
		"  sockfix unit nginx                        the default, from its next start on\n"
		"  sockfix unit nginx -s tcp_nodelay=true --restart   an option, at once\n"
		"  sockfix unit nginx --record               watched, without rules\n"
		"  sockfix unit --remove nginx --restart     as it was\n"
		"  sockfix unit --list                       what names the library, and is it "
		"there?\n\n"
		"Writes /etc/systemd/system/NAME.service.d/" UNIT_OURS ".conf (with --user below "
		"~/.config/systemd/user), which sets LD_PRELOAD and SOCKFIX_RULES. The library "
		"alone, without rules, does nothing. What the unit has in LD_PRELOAD stays and "
		"stands before ours; what a file of EnvironmentFile= sets wins over Environment=, "
		"so a variable that is in one goes into a file of ours that is read after it. Long "
		"rules get a file, too. Rules come from where those of sockfix run come from, and "
		"are written out: a change of rule files holds once sockfix unit has been given "
		"again.\n\n"
		"First it looks whether the library would do anything there, in the files of the "
		"unit and in what they start, as the user of the service: a program that is "
		"setuid, static or Go; SystemCallFilter=, NoExecPaths=, RootDirectory=, RootImage=, "
		"ProtectHome=, PrivateTmp=, InaccessiblePaths=, UnsetEnvironment=; another drop-in "
		"that is read later. Each is said with its place, and nothing is written. "
		"DynamicUser=, MemoryDenyWriteExecute=, NoNewPrivileges=, ProtectSystem= and "
		"RestrictAddressFamilies= with AF_INET are no limit. A template (NAME@) is written "
		"for all its instances, an instance (NAME@x) for itself.\n\n"
		"With --record the service writes below /var/lib/sockfix, where a folder is made "
		"for it, until 16 MB are full; sockfix report DIR reads it any time.\n\n"
		"--list reads the units of the system and of this user, /etc/ld.so.preload, "
		"/etc/environment, crontabs, /etc/default, profile.d and their like. STATE is "
		"there; other (another version or build); gone; asked (by name alone, or by "
		"sockfix run).\n\n"
		"Exit status: 0; 1 where it would do nothing there, or there is nothing to remove "
		"or to list; 2 where nothing was done, and said why.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
