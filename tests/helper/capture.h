/* Runs a command and keeps what it printed: for tests of the command line. */
#ifndef SOCKFIX_CAPTURE_H
#define SOCKFIX_CAPTURE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct capture {
	const char *const
		*env;	  /* "NAME=VALUE" sets, "NAME" unsets; ends in NULL. NULL: unchanged */
	const char *dir;  /* where it runs; NULL: here */
	uid_t uid;	  /* as whom (the gid is the same number); 0: unchanged */
	uint16_t columns; /* of capture_terminal()'s terminal; 0: 80 */

	/* The answer, owned by the struct until capture_free() or the next run. */
	int status; /* exit status; 128 + N after signal N */
	char *out, *err;
	size_t out_size; /* out and err end in NUL beyond their size */
};

/* For .env: nothing in the caller's environment changes what the command answers. */
extern const char *const capture_clean[];

/* Runs argv[0], found by execvp(3), with stdin at /dev/null. Fails the test when it cannot be
 * started; a command that is still there after two minutes dies by SIGALRM (142). */
void capture_run(struct capture *capture, const char *const argv[]);

/* The same for the command in the build folder (BUILD, default "build"), with arguments from a text
 * that is split at spaces. */
void capture_sockfix(struct capture *capture, const char *line);

/* All at once: runs the command, in an environment without any of ours, which must end with 0; what
 * it printed, which the caller frees. */
char *capture_text(const char *line);

/* The same with a terminal at stdout; TERM is what env says. */
void capture_terminal(struct capture *capture, const char *const argv[]);

/* A folder below /var/tmp that everybody may read, and its end with all that is in it. */
char *capture_folder_new(void);
void capture_folder_free(char *folder);

/* Writes a file in it, with this mode. */
void capture_write(const char *folder, const char *name, const char *text, mode_t mode);

void capture_free(struct capture *capture);

#endif
