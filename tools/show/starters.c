/* The table of starters: adding one is adding a row here, and one in tests/real/starters, which
 * runs the lines with the real program. */
#include <stdio.h>
#include <string.h>

#include "tools/base/text.h"
#include "tools/show/starters.h"

#define SOCKFIX SOCKFIX_PREFIX "/bin/sockfix"
#define FOLDER	SOCKFIX_LIBDIR "/sockfix"
#define LIBRARY FOLDER "/libsockfix.so"

static const struct starter starter_table[] = {
	{"cron", " crontab anacron ",
		"cron gives its jobs an environment of its own, with PATH=/usr/bin:/bin, where what is "
		"in /usr/local/bin is not found; and a % is a newline there.",
		"in the crontab (crontab -e)", "17 3 * * * " SOCKFIX " run -- COMMAND\n",
		"A line LD_PRELOAD=... above the jobs reaches all of them, their shells too; without "
		"SOCKFIX_RULES=1:default beside it they are inert. Write \\% for a %, also in the "
		"words behind run."},
	{"at", " batch atd ",
		"at is setuid, so that the loader takes LD_PRELOAD out of the environment that it "
		"keeps for the job; and the job is read by sh.",
		"as the job", "echo '" SOCKFIX " run -- COMMAND' | at now\n",
		"sockfix run -- at ... says so and runs it as it is. With both variables in front of "
		"at the job has SOCKFIX_RULES alone, and sockfix status says that LD_PRELOAD was "
		"lost."},
	{"supervisord", " supervisor supervisorctl ",
		"Programs get the environment that supervisord itself was started with, and what "
		"environment= adds.",
		"in /etc/supervisor/conf.d/NAME.conf, for supervisorctl update",
		"[program:NAME]\ncommand=" SOCKFIX " run -- COMMAND\n",
		"In environment= values stand in quotes and commas between them, and everywhere a % is "
		"written %%. Both variables there do, too; with LD_PRELOAD alone the program is "
		"inert."},
	{"xinetd", " inetd ",
		"A server is started for each connection, which it finds at its descriptors 0, 1 and "
		"2, with the environment of xinetd.",
		"in the service's file below /etc/xinetd.d",
		"server = " SOCKFIX "\nserver_args = run -- COMMAND\n",
		"What sockfix run has to say goes to syslog there, for stderr is the connection; "
		"record wants -q. env += LD_PRELOAD=" LIBRARY
		" SOCKFIX_RULES=1:default does, too, and "
		"server stays as it is; with LD_PRELOAD alone it is inert."},
	{"sudo", " doas visudo ",
		"sudo is setuid and makes the environment anew (env_reset in sudoers): LD_PRELOAD does "
		"not get through.",
		"where sudo is called", "sudo -u USER " SOCKFIX " run -- COMMAND\n",
		"sockfix run -- sudo ... says so and runs it as it is. sudo -E keeps SOCKFIX_RULES and "
		"not LD_PRELOAD: sockfix status says that it was lost."},
	{"su", " runuser ",
		"su is setuid, so that the loader drops LD_PRELOAD where it is not root who calls it; "
		"and su - makes the environment anew, for root, too.",
		"where su is called", "su - USER -c '" SOCKFIX " run -- COMMAND'\n",
		"sockfix run -- su ... says so and runs it as it is. Both variables in front of su get "
		"through where root calls it without the -."},
	{"env", " ", "env -i starts its command without any variable, LD_PRELOAD included.",
		"where env is called", "env -i PATH=/usr/bin:/bin " SOCKFIX " run -- COMMAND\n",
		"sockfix run -- env -i ... says so and runs it as it is; where a script does it, its "
		"line is named. What env -i starts is then as if sockfix were not there, and sockfix "
		"status cannot know better."},
	{"tmux", " screen byobu ",
		"What runs in a window is started by tmux's server, with the environment that the "
		"server was first started with.",
		"where tmux is called", "tmux new-session -d " SOCKFIX " run -- COMMAND\n",
		"sockfix run -- tmux ... says so and runs it as it is. Both variables in front of tmux "
		"reach a server that it starts then, and every shell in it; one that runs already "
		"never."},
	{"java", " jvm wrapper ",
		"A JVM is often started by a script that sets LD_PRELOAD anew, for jemalloc, or drops "
		"it.",
		"in the script, in front of java", "exec " SOCKFIX " run -- COMMAND\n",
		"sockfix run -- SCRIPT names the line that does so; sockfix status says of the JVM "
		"that LD_PRELOAD was overwritten or lost."},
	{"gunicorn", " ",
		"Its workers are forks of a master that must have the library itself. What --env and "
		"raw_env set is set when the master runs already.",
		"where it is started: ExecStart= of its unit",
		SOCKFIX " run -- gunicorn ARGUMENTS\n",
		"--env LD_PRELOAD=... loads nothing. kill -HUP makes new workers of the same master: "
		"restart it."},
	{"uwsgi", " ",
		"Its workers are forks of a master that must have the library itself. What --env and "
		"env = set is set when the master runs already.",
		"where it is started: ExecStart= of its unit", SOCKFIX " run -- uwsgi ARGUMENTS\n",
		"--env LD_PRELOAD=... loads nothing; only what the workers start gets it."},
	{"php-fpm", " fpm php ",
		"Its workers are forks of a master that must have the library itself. clear_env takes "
		"variables from scripts, not the library from a worker.",
		"where it is started: ExecStart= of its unit",
		SOCKFIX " run -- php-fpm --nodaemonize ARGUMENTS\n",
		"env[LD_PRELOAD] = ... in a pool loads nothing. It writes over its environment, and so "
		"sockfix status cannot tell whether one that has not the library should have it."},
	{"podman", " docker container nerdctl ",
		"A container has files and an environment of its own. The library needs nothing there "
		"but a libc, glibc or musl.",
		"where podman or docker run is called",
		"podman run -v " FOLDER ":" FOLDER ":ro -e LD_PRELOAD=" LIBRARY
		" -e SOCKFIX_RULES=1:default IMAGE COMMAND\n",
		"sockfix run -- podman ... says that it does not reach into the container, and runs it "
		"as it is. -e LD_PRELOAD without -v names a file that is not there; without "
		"SOCKFIX_RULES it is inert. sockfix run -n prints SOCKFIX_RULES for rules of yours."},
	{"podman-build", " containerfile dockerfile docker-build ",
		"An image gets the library and both variables, and every container of it has them.",
		"in the Containerfile, behind the last RUN",
		"COPY libsockfix.so " LIBRARY "\nENV LD_PRELOAD=" LIBRARY
		" SOCKFIX_RULES=1:default\n",
		"In front of a RUN it reaches the commands of the build, too. ARG in the place of ENV "
		"reaches no container."},
	{"init-container", " pod k8s kubernetes ",
		"A container that runs first copies command and library to a volume; the command, "
		"which is static, then starts what is in an image of any libc.",
		"the first line once, the second where the container is started",
		"podman run --rm -v sockfix:/target SOCKFIX_IMAGE\n"
		"podman run -v sockfix:/sockfix:ro IMAGE /sockfix/sockfix run -- COMMAND\n",
		"SOCKFIX_IMAGE is what make image makes: it copies both into /target and ends. A "
		"command that is not static (make STATIC=0) wants libraries of its own in each "
		"image."},
};

const struct starter *starter(size_t index)
{
	return index < sizeof(starter_table) / sizeof(*starter_table) ? &starter_table[index]
								      : NULL;
}

static void print_lines(const char *lines)
{
	while (*lines) {
		const size_t length = strcspn(lines, "\n");

		printf("  %.*s\n", (int)length, lines);
		lines += length + (lines[length] != '\0');
	}
}

static void explain(const struct starter *row)
{
	printf("%s%s%s\n", text_bold(stdout), row->name, text_plain(stdout));
	text_wrap(stdout, 2, row->problem);
	printf("\n%s\n", row->place);
	print_lines(row->lines);
	puts("");
	text_wrap(stdout, 0, row->otherwise);
	puts("\nwhether it worked: sockfix status PID");
}

static void explain_all(void)
{
	for (size_t i = 0; starter(i); i++)
		text_item(stdout, starter(i)->name, 16, starter(i)->problem);
	puts("\nthe lines for one of them: sockfix explain cron");
}

bool starters_explain(const char *word)
{
	char spaced[80];

	if (strcmp(word, "starters") == 0) {
		explain_all();
		return true;
	}
	snprintf(spaced, sizeof(spaced), " %s ", word);
	for (size_t i = 0; starter(i); i++)
		if (strcmp(starter(i)->name, word) == 0 || strstr(starter(i)->also, spaced)) {
			explain(starter(i));
			return true;
		}
	return false;
}
