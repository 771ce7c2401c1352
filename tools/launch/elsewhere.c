/* The table of programs that hide the work: another user's rights, another host, a container, a
 * service manager, a server that runs already. Names and sentences only; adding one is adding a
 * row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/launch/elsewhere.h"
#include "tools/base/harmless.h"
#include "tools/base/text.h"

struct mover {
	const char *name;
	const char *sentence; /* after "NAME " */
	/* Not NULL: the command line can be written anew, with `sockfix run --` before the first
	 * word that is neither an option, nor the value of one of these options, nor NAME=VALUE. */
	const char *with_value;
};

#define IMAGE                                                                                      \
	"starts the work in a container, where LD_PRELOAD does not follow: put sockfix into the "  \
	"image"
#define SERVER "has the work done by its server, which keeps its own environment: write "
#define UNIT                                                                                       \
	"asks systemd to start the work, which has its own environment: write "                    \
	"ExecStart=" SOCKFIX_PREFIX "/bin/sockfix run -- COMMAND in the unit"
#define BOX                                                                                        \
	"starts the work in a sandbox, where LD_PRELOAD does not follow: use a build outside of "  \
	"it"

static const struct mover mover_table[] = {
	{"sudo", "drops LD_PRELOAD: write ",
		" -u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --close-from "
		"--role --type --command-timeout --other-user --chdir --chroot "},
	{"doas", "drops LD_PRELOAD: write ", " -u -C "},
	{"pkexec", "drops LD_PRELOAD: write ", " --user "},
	{"su", "drops LD_PRELOAD: write su USER -c 'sockfix run -- COMMAND'", NULL},
	{"ssh", "has the work done on another host: write ssh HOST sockfix run -- COMMAND", NULL},
	{"docker", IMAGE " and write docker run IMAGE sockfix run -- COMMAND", NULL},
	{"podman", IMAGE " and write podman run IMAGE sockfix run -- COMMAND", NULL},
	{"nerdctl", IMAGE " and write nerdctl run IMAGE sockfix run -- COMMAND", NULL},
	{"kubectl", IMAGE " and let its command be sockfix run -- COMMAND", NULL},
	{"systemctl", UNIT, NULL},
	{"service", UNIT, NULL},
	{"systemd-run",
		"has the work done by systemd, which has its own environment: write systemd-run "
		"sockfix run -- COMMAND",
		NULL},
	{"supervisorctl",
		"has the work done by supervisord, which has its own environment: write command=" SOCKFIX_PREFIX
		"/bin/sockfix run -- COMMAND in the program's section",
		NULL},
	{"at", "drops LD_PRELOAD: write sockfix run -- COMMAND into the job", NULL},
	{"batch", "drops LD_PRELOAD: write sockfix run -- COMMAND into the job", NULL},
	{"crontab",
		"only edits the table, cron does the work: write sockfix run -- COMMAND into its "
		"line",
		NULL},
	{"screen", SERVER "screen sockfix run -- COMMAND", NULL},
	{"tmux", SERVER "tmux new-session sockfix run -- COMMAND", NULL},
	{"chroot",
		"takes the work where libsockfix.so is not: put sockfix there and write chroot DIR "
		"sockfix run -- COMMAND",
		NULL},
	{"nsenter",
		"enters another root, where libsockfix.so may not be: write nsenter ... sockfix "
		"run -- COMMAND",
		NULL},
	{"buildah", IMAGE " and write buildah run CONTAINER sockfix run -- COMMAND", NULL},
	{"podman-compose", IMAGE " and let the service's command be sockfix run -- COMMAND", NULL},
	{"docker-compose", IMAGE " and let the service's command be sockfix run -- COMMAND", NULL},
	{"lxc-attach", IMAGE " and write lxc-attach ... -- sockfix run -- COMMAND", NULL},
	{"machinectl", IMAGE " and write machinectl shell MACHINE sockfix run -- COMMAND", NULL},
	{"rsh", "has the work done on another host: write rsh HOST sockfix run -- COMMAND", NULL},
	{"mosh",
		"talks UDP, and the work is done on another host: write mosh HOST sockfix run -- "
		"COMMAND",
		NULL},
	{"flatpak", BOX, NULL},
	{"snap", BOX, NULL},
};

static const struct mover *find_mover(const char *name)
{
	for (size_t i = 0; i < sizeof(mover_table) / sizeof(*mover_table); i++) {
		if (strcmp(mover_table[i].name, name) == 0)
			return &mover_table[i];
	}
	return NULL;
}

static bool is_system_path(const char *path)
{
	static const char *const root[] = {"/usr/", "/bin/", "/sbin/", "/snap/", "/opt/"};
	for (size_t i = 0; i < sizeof(root) / sizeof(*root); i++) {
		if (strncmp(path, root[i], strlen(root[i])) == 0)
			return true;
	}
	return false;
}

/* Index of the word at which the command inside argv begins; argc when there is none. */
static size_t inner_command(const struct mover *mover, char *const argv[])
{
	size_t i = 1;
	for (; argv[i]; i++) {
		char spaced[64];
		if (strcmp(argv[i], "--") == 0)
			return i + 1;
		if (*argv[i] != '-') {
			if (!strchr(argv[i], '='))
				return i;
			continue;
		}
		int length = snprintf(spaced, sizeof(spaced), " %s ", argv[i]);
		if (length < (int)sizeof(spaced) && strstr(mover->with_value, spaced) &&
			argv[i + 1])
			i++;
	}
	return i;
}

static void add(struct line *line, const char *word)
{
	line_add_word(line, word, strlen(word));
}

void elsewhere_anew(char *const argv[], size_t command, char *why, size_t size)
{
	const size_t used = strlen(why);
	struct line line = {0};
	size_t i = 0;
	for (; i < command && argv[i]; i++)
		add(&line, i ? argv[i] : text_base_name(argv[i]));
	add(&line, "sockfix");
	add(&line, "run");
	add(&line, "--");
	if (!argv[i])
		add(&line, "COMMAND");
	for (; argv[i]; i++)
		add(&line, argv[i]);
	if (snprintf(why + used, size - used, "%s", line.text) >= (int)(size - used) - 1)
		memcpy(why + size - sizeof("...") - 1, "...", sizeof("..."));
	free(line.text);
}

bool elsewhere(char *const argv[], const char *path, char *why, size_t size)
{
	const char *name = text_base_name(argv[0]);
	const struct mover *mover = find_mover(name);
	if (!mover || (name != argv[0] && !is_system_path(path)))
		return false;
	snprintf(why, size, "%s %s", mover->name, mover->sentence);
	if (mover->with_value)
		elsewhere_anew(argv, inner_command(mover, argv), why, size);
	return true;
}
