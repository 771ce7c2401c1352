/* What a victim is started with: its arguments, its environment, and which library, if any.
 *
 * BUILD (default "build") says where victims and the library are. With SOCKFIX_TEST_BARE=1 no
 * library is ever loaded: every behaviour test must then still pass, which shows that it tells
 * nothing but what is true of the plain program. */
#ifndef TEST_LAUNCH_H
#define TEST_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "page.h"

enum mode { MODE_BARE, MODE_OFF, MODE_AUTO, MODE_ALWAYS, MODE_BUFFER, MODE_COUNT };
extern const char *const mode_name[MODE_COUNT];

/* Whether bytes wait in the kernel under that mode. */
static inline bool mode_holds(enum mode mode)
{
	return mode == MODE_AUTO || mode == MODE_ALWAYS;
}

/* False when SOCKFIX_TEST_BARE=1: claims about what the library does cannot be made then. */
bool library_loads(void);

/* Absolute path of a file in the build folder; the caller frees it. */
char *build_path(const char *name);

#define LAUNCH_ARGUMENTS 8
#define LAUNCH_VARIABLES 8

struct launch {
	const char *program; /* a victim's name, or a path, or "PATH:name" to look in $PATH */
	const char *argument[LAUNCH_ARGUMENTS]; /* after argv[0]; NULL ends */
	const char *variable[LAUNCH_VARIABLES]; /* NAME=VALUE, last, so they win; NULL ends */
	enum mode mode;
	const char *rules;   /* instead of the mode's, unless bare; "": SOCKFIX_RULES is not set */
	const char *library; /* ours, another build of it; NULL: the one that is installed */
	const char *preload; /* loaded before ours, in both arms; may be NULL */
	const char *after;   /* the same, after ours */
	const char *address; /* of the peer; NULL: 127.0.0.1 */
	int port;	     /* of the peer */
	int train;	     /* turns, at most; the harness gives 0 where nothing is learnt */
	int netns;	     /* descriptor of the network namespace to run in; 0: this one */
	uid_t uid;	     /* to run as; 0: as the test does */
	const char *trace;   /* file for strace -f -o; NULL: no strace */
	const char *calls;   /* what strace looks at (-e trace=); NULL: everything */
	const char *inject;  /* what strace makes of calls (-e inject=); NULL: nothing */
	int page;	     /* descriptor of the page, from page_make(); 0: none */
};

/* The page that a peer and a victim will share. The caller closes *fd once the victim runs. */
struct page *page_make(int *fd);

/* In a fresh child: becomes the victim, with ends[] as its descriptors 0, 1 and 2. */
_Noreturn void launch_exec(const struct launch *launch, const int ends[3], pid_t parent);

#endif
