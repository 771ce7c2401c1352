/* What calls answer is what they answer without the library: results, errno, signals.
 *
 * The victims talk to themselves over one connection and print each answer; errno is 1234 before
 * each call, so a success that touches it differs. */
#include "tests/helper/answers.h"

static const struct answers rows[] = {
	ANSWERS("calls that succeed leave errno alone", "errors", "success"),
	ANSWERS("a full socket that must not block: partial writes, then EAGAIN", "errors",
		"would-block"),
	ANSWERS("a blocking write larger than every buffer is whole", "errors", "blocking-big"),
	ANSWERS("after a reset: ECONNRESET once, then EPIPE and its signal", "errors",
		"broken-pipe"),
	ANSWERS("after a reset: ECONNRESET from read, then its end", "errors", "reset-read"),
	ANSWERS("SIGPIPE without a handler ends the program", "errors", "pipe-kills"),
	ANSWERS("buffers that are not mapped: EFAULT, or what came before", "errors",
		"bad-buffers"),
	ANSWERS("descriptors that are closed, negative, a file, a path", "errors",
		"bad-descriptors"),
	ANSWERS("the limits of writev and of lengths", "errors", "limits"),
	ANSWERS("a length below 0, or beyond memory: EFAULT, and nothing is sent", "errors",
		"lengths"),
	ANSWERS("addresses that are bad, short, odd or refused", "errors_args", "addresses"),
	ANSWERS("control data of impossible lengths", "errors_args", "control"),
	ANSWERS("options with bad values, lengths and names", "errors_args", "options"),
	ANSWERS("poll, select, sleeps and fcntl with bad arguments, a write held", "errors_args",
		"waiting"),
	ANSWERS("a signal interrupts what blocks, a write held", "errors_args", "interrupted"),
};

int main(void)
{
	return answers_main("errno", rows, sizeof(rows) / sizeof(*rows));
}
