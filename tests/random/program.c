/* Plays the steps of a seed that are named: program SEED LIST. A program like others, a bit odd: it
 * knows nothing of sockfix. What calls answer is noted where it is determined.
 *
 * program SEED LIST NEXT WORLD: goes on at the NEXT step of the list, after exec(), with the world
 * that is written in descriptor WORLD. program child ...: see child_main(). */
#include "world.h"

static void (*const play[STEP_KINDS])(struct step *step) = {
#define STEP(name, weight) play_##name,
#include "kinds.h"
#undef STEP
};

static char **words;
static size_t position;

/* The same program, from the next step on. */
void exec_again(struct step *step);

void exec_again(struct step *step)
{
	char next[24], from[24];
	char *argv[] = {words[0], words[1], words[2], next, from, NULL};
	int file = (int)RAW3(SYS_memfd_create, "world", 0, 0);

	NEED(file >= 0 && RAW3(SYS_write, file, &world, sizeof(world)) == (long)sizeof(world));
	snprintf(next, sizeof(next), "%zu", position + 1);
	snprintf(from, sizeof(from), "%d", file);
	switch (step_draw(step, 8)) {
	case 0:
		execve(self, argv, environ);
		break;
	case 1:
		execv(self, argv);
		break;
	case 2:
		execvp(self, argv);
		break;
	case 3:
		execvpe(self, argv, environ);
		break;
	case 4:
		execl(self, argv[0], argv[1], argv[2], next, from, NULL);
		break;
	case 5:
		execle(self, argv[0], argv[1], argv[2], next, from, NULL, environ);
		break;
	case 6:
		syscall(SYS_execve, self, argv, environ);
		break;
	default:
		execveat(AT_FDCWD, self, argv, environ, 0);
		break;
	}
	die("exec");
}

static void world_begin(char **argv)
{
	char *port = getenv("RANDOM_PORTS");

	NEED(port && dup2(1, NOTES_FD) == NOTES_FD);
	world.seed = strtoull(argv[1], NULL, 10);
	for (int i = 0; i < PEER_PORTS; i++)
		world.port[i] = (uint16_t)strtoul(port, &port, 10);
}

static void world_again(char **argv)
{
	int file = atoi(argv[4]);

	NEED(raw(SYS_pread64, file, (long)&world, sizeof(world), 0, 0, 0) == (long)sizeof(world));
	RAW3(SYS_close, file, 0, 0);
	position = strtoul(argv[3], NULL, 10);
	for (int i = 0; i < LINKS; i++)
		if (world.link[i].open && !world.link[i].unseen)
			note("  inherits %d with TCP_NODELAY %d", world.link[i].fd,
				nodelay_left(world.link[i].fd));
}

/* The ways to end; what is held or collected must still arrive. */
static void leave(void)
{
	world_end();
	note_unless_buffered("  %d broken pipes", (int)broken_pipes);
	note("end");
	switch (mix(world.seed) % 8) {
	case 0:
		exit(0);
	case 1:
		_exit(0);
	case 2:
		syscall(SYS_exit_group, 0);
		break;
	case 3:
		_Exit(3);
	case 4:
		quick_exit(4);
	case 5:
		abort();
	default:
		break;
	}
}

static void broken_pipe(int number)
{
	(void)number;
	broken_pipes++;
}

int main(int argc, char **argv)
{
	struct list list;
	struct step step;

	self = realpath("/proc/self/exe", NULL);
	NEED(self && argc > 2);
	if (strcmp(argv[1], "child") == 0)
		return child_main(argv + 2);
	words = argv;
	signal(SIGPIPE, broken_pipe);
	NEED(list_read(argv[2], &list));
	if (argc > 4)
		world_again(argv);
	else
		world_begin(argv);
	for (; position < list.count; position++) {
		step_make(world.seed, list.index[position], &step);
		note("%u %s %u", step.index, step_name[step.kind], step.link);
		play[step.kind](&step);
	}
	leave();
	return 0;
}
