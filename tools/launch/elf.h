/* What an ELF file says about itself, as far as a preload depends on it. */
#ifndef SOCKFIX_ELF_H
#define SOCKFIX_ELF_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct elf_facts {
	uint8_t class, data; /* EI_CLASS, EI_DATA */
	uint16_t machine;    /* e_machine, where data is this machine's */
	/* Of files of this machine's byte order, of 64 and of 32 bits: */
	bool readable;		    /* the tables below could be read */
	char interpreter[PATH_MAX]; /* PT_INTERP, or "" */
	bool asan; /* is linked with AddressSanitizer's runtime library, which must come first */
	bool go;   /* has Go's build information, see debug/buildinfo in Go's library */
};

/* Reads the open file. Returns 0, -ENOEXEC when it is no ELF file (or cut off in its header), or
 * -errno. The file may be hostile: every offset is checked by pread() alone, nothing is mapped. */
int elf_read(int fd, struct elf_facts *facts);

/* The same of a file by its path, of a plain one: else NOT_REGULAR (rules/regular.h), and *status
 * says what it is; status may be NULL. */
int elf_look(const char *path, struct elf_facts *facts, struct stat *status);

/* Whether that is the loader of glibc or musl, by its name. */
bool elf_is_loader(const char *path);

#endif
