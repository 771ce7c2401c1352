/* `sockfix env`: both variables, as the one who sets the environment of a program wants them
 * written. Prints, and changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shim/env.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/cmd/arguments.h"
#include "tools/cmd/plan.h"
#include "tools/launch/launch.h"

enum { FLAG_FORMAT = 400 };

/* A line in these forms holds what no one of them takes for its own (rules/wire.h). */
struct printed {
	const char *library, *line, *names;
};

/* Pasted into a file or evaluated twice, the library is there once, behind what was there. */
static void print_sh(const struct printed *of)
{
	printf("case \":${LD_PRELOAD-}:\" in *\":%s:\"*) ;;\n"
	       "*) LD_PRELOAD=\"${LD_PRELOAD:+$LD_PRELOAD:}%s\" ;; esac\n" ENV_RULES "='%s'\n"
	       "export LD_PRELOAD " ENV_RULES "\n",
		of->library, of->library, of->line);
}

static void print_systemd(const struct printed *of)
{
	printf("# rules: %s. sockfix unit NAME writes this, keeps a unit's own LD_PRELOAD, and "
	       "checks.\n[Service]\nEnvironment=LD_PRELOAD=",
		of->names);
	for (const char *at = of->library; *at; at++)
		printf(*at == '%' ? "%%%%" : "%c", *at);
	printf("\nEnvironment=" ENV_RULES "=%s\n", of->line);
}

static void print_docker(const struct printed *of)
{
	printf("# docker run --env-file THIS-FILE -v %s:%s:ro IMAGE\n"
	       "LD_PRELOAD=%s\n" ENV_RULES "=%s\n",
		of->library, of->library, of->library, of->line);
}

static void print_cron(const struct printed *of)
{
	printf("LD_PRELOAD=%s\n" ENV_RULES "=%s\n", of->library, of->line);
}

/* In single quotes YAML reads nothing, and a rule's line has none. '$(' is Kubernetes' own, and it
 * has not that either. The image: tools/packaging/Containerfile. */
static void print_k8s(const struct printed *of)
{
	printf("# Parts of a pod's spec. YOUR-SOCKFIX-IMAGE is what make image makes.\n"
	       "# Rules: %s\n"
	       "initContainers:\n"
	       "- name: sockfix\n"
	       "  image: YOUR-SOCKFIX-IMAGE\n"
	       "  command: [/bin/copy.sh, /target]\n"
	       "  volumeMounts:\n"
	       "  - {name: sockfix, mountPath: /target}\n"
	       "containers:\n"
	       "- name: YOUR-CONTAINER\n"
	       "  env:\n"
	       "  - {name: LD_PRELOAD, value: /sockfix/libsockfix.so}\n"
	       "  - {name: " ENV_RULES ", value: '%s'}\n"
	       "  volumeMounts:\n"
	       "  - {name: sockfix, mountPath: /sockfix, readOnly: true}\n"
	       "volumes:\n"
	       "- {name: sockfix, emptyDir: {}}\n",
		of->names, of->line);
}

/* What a path may not hold there, for it would be read as something else; and how long NAME=VALUE
 * may be: Debian's cron cuts a line (MAX_ENVSTR), docker refuses one (Go's bufio.Scanner). */
static const struct format {
	const char *name, *refuses;
	size_t most;
	void (*print)(const struct printed *);
} format_table[] = {
	{"sh", "\"\\`'*?[]", LAUNCH_LINE_MAX, print_sh},
	{"systemd", "\"\\'", LAUNCH_LINE_MAX, print_systemd},
	{"docker", "", 65535, print_docker},
	{"k8s", "", LAUNCH_LINE_MAX, print_k8s},
	{"cron", "\"'", 998, print_cron},
};
enum { FORMATS = sizeof(format_table) / sizeof(*format_table) };

static const struct format *format_named(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(format_table[i].name, name) == 0)
			return &format_table[i];
	return NULL;
}

static int print(struct plan *plan, const struct format *format)
{
	char library[PATH_MAX], *none[] = {NULL}, *names;

	plan->command = none;
	plan->keeps = true;
	if (!plan_prepare(plan) || launch_library(library) != 0)
		return EXIT_TROUBLE;
	if (sizeof(ENV_RULES) + strlen(plan->line) > format->most) {
		say(ENV_RULES "= and the rules are %zu bytes, more than the %zu that a line may "
			      "have there: sockfix run and sockfix unit keep them in a file",
			sizeof(ENV_RULES) + strlen(plan->line), format->most);
		return EXIT_TROUBLE;
	}
	if (sizeof("LD_PRELOAD") + strlen(library) > format->most) {
		say("the path %s is too long for this format", library);
		return EXIT_TROUBLE;
	}
	if (library[strcspn(library, format->refuses)]) {
		say("%s cannot stand in this format: no character of %s may be in its path",
			library, format->refuses);
		return EXIT_TROUBLE;
	}
	names = rulebook_names(&plan->book->set);
	for (char *c = names; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
	format->print(&(struct printed){library, plan->line, names});
	free(names);
	return EXIT_FINE;
}

static int read_options(const struct verb *verb, int argc, char **argv, struct plan *plan)
{
	const struct format *format = &format_table[0];
	const char *value;
	int letter, status = EXIT_TROUBLE;

	while ((letter = arguments_next(verb, argc, argv, &value, &status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return status;
		if (letter != FLAG_FORMAT) {
			rulebook_request_add(&plan->request, letter, value);
			continue;
		}
		format = format_named(value);
		if (!format)
			return arguments_misuse(verb,
				"--format takes sh, systemd, docker, k8s or cron, not '%s'", value);
	}
	if (optind < argc)
		return arguments_misuse(verb, "'%s' is one word too many", argv[optind]);
	return print(plan, format);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct plan plan = {.alone = false};
	int status = EXIT_TROUBLE;

	if (rulebook_request_new(&plan.request, argc) != 0)
		say("no memory for the rules");
	else
		status = read_options(verb, argc, argv, &plan);
	plan_free(&plan);
	return status;
}

static const struct flag flag_table[] = {
	RULEBOOK_FLAGS,
	{"format", FLAG_FORMAT, "FORMAT", "sh (default), systemd, docker, k8s or cron"},
};

const struct verb verb_env = {
	.name = "env",
	.group = "operate",
	.synopsis = RULEBOOK_SYNOPSIS " [--with-system] [--format sh|systemd|docker|k8s|cron]",
	.summary = "print the variables that switch the library on, to paste",
	.detail =
		"  eval \"$(sockfix env)\"                      what this shell starts from now on\n"
		"  sockfix env -P safe --format cron          two lines for a crontab\n"
		"  sockfix env --format docker >sockfix.env   and the line that uses it\n"
		"  sockfix env --format k8s                   parts of a pod's spec\n\n"
		"LD_PRELOAD names the library, SOCKFIX_RULES what it is to do: without rules it "
		"does nothing. The rules come from where those of sockfix run come from, and are "
		"written out in one line that needs no quotes in any of these. In sh what is in "
		"LD_PRELOAD already stays before ours. For a service sockfix unit is better: it "
		"keeps what the unit has, and checks.\n\n"
		"Programs that drop the environment (sudo, su -, env -i) drop this: there it is "
		"sudo -u USER sockfix run -- COMMAND.\n\n"
		"Exit status: 0; 2 where nothing was printed, and said why.",
	.flag = flag_table,
	.flags = sizeof(flag_table) / sizeof(*flag_table),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
