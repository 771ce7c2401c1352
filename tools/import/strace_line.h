/* One line of an strace log, taken apart: strace(1), its src/ for what is printed where. */
#ifndef SOCKFIX_STRACE_LINE_H
#define SOCKFIX_STRACE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is kept of a line: its begin and, behind a cut, its end. The middle of one that is longer is
 * payload, or a list nobody reads to its end. */
#define LINE_HEAD ((size_t)12 << 10)
#define LINE_TAIL ((size_t)4 << 10)
#define LINE_ROOM (LINE_HEAD + LINE_TAIL + 1)

enum line_kind {
	LINE_NOTHING,	 /* nothing of strace's, or what tells nothing */
	LINE_CALL,	 /* name(args) = result */
	LINE_UNFINISHED, /* name(args <unfinished ...> */
	LINE_RESUMED,	 /* <... name resumed> args) = result */
	LINE_SIGNAL,	 /* --- SIGCHLD {...} --- */
	LINE_EXITED,	 /* +++ exited with 0 +++: result is the status */
	LINE_KILLED /* +++ killed by SIGKILL +++: result is the signal, 0 where it is unknown */
};

enum line_clock {
	CLOCK_MISSING,
	CLOCK_SINCE, /* -r: since the line before */
	CLOCK_DAY,   /* -t, -tt: the time of day */
	CLOCK_EPOCH  /* -ttt: since 1970 */
};

#define LINE_NAME 32

struct log_line {
	enum line_kind kind;
	int32_t tid; /* 0: none is there */
	enum line_clock clock;
	uint64_t time; /* ns, by that clock */
	bool fine;     /* not in whole seconds */
	char name[LINE_NAME];
	char *args;    /* between the brackets, as far as they are there; terminated; in the text */
	bool answered; /* it has a result that is a number */
	int64_t result;	  /* that number */
	int error;	  /* errno, 0: none; of a name that is not known EIO */
	bool again;	  /* it was interrupted, and goes on by itself (ERESTART...) */
	const char *rest; /* what is printed behind it: "(flags O_RDWR|O_NONBLOCK)"; "": nothing */
	const char *note; /* what -y and -yy say of a result that is a descriptor; or NULL */
	int64_t took;	  /* ns, -T; -1: it is not there */
};

/* text: terminated, length bytes, which are changed. False: it is none of strace's. */
bool line_parse(char *text, size_t length, struct log_line *line);

#endif
