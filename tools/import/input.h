/* A file that is read from its begin to its end, once, whatever its size; or stdin. What is packed
 * (gzip, xz, zstd, bzip2) is unpacked by the program that made it, found in PATH: nothing more to
 * link or to install, and what a hostile file does to it, it does in a process of its own. */
#ifndef SOCKFIX_INPUT_H
#define SOCKFIX_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define INPUT_ROOM ((size_t)64 << 10)

struct input {
	const char *name; /* as it was given; "-" is stdin */
	int fd;
	pid_t unpacker;	  /* 0: none */
	const char *tool; /* its name */
	uint64_t changed; /* ns since 1970: when the file was written last; 0: no file */
	uint64_t taken;	  /* bytes so far, unpacked */
	size_t at, end;	  /* of bytes: what was read and not taken */
	int error;	  /* errno of a read that failed; 0 */
	unsigned char bytes[INPUT_ROOM];
};

/* Opens it, unpacks it where it must be, and has its first bytes read. 0; or -errno and why, a
 * sentence that names the file. */
int input_open(struct input *input, const char *name, char *why, size_t size);
/* More bytes behind those that are there, or from the room's begin on where none are. False: there
 * is no more, or input->error, or no room. */
bool input_more(struct input *input);
/* Takes that many bytes of what follows; out NULL: passes over them. How many there were: fewer
 * only at the end. */
size_t input_take(struct input *input, void *out, size_t length);
/* All is read that is wanted. False: its unpacker could not unpack it to its end. */
bool input_ended(struct input *input);
/* Whatever was done with it before. */
void input_close(struct input *input);

#endif
