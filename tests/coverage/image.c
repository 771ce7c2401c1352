/* Keeps what clang's counters count in a file that every process of one image shares: a process
 * that ends by _exit(), exec or SIGKILL has counted all the same, and nothing is written at its
 * end.
 *
 * In `make coverage` alone, in the library, the command and the unit tests. It must not disturb the
 * program it lives in: a file is opened, mapped and closed by raw system calls before main(), and
 * that is all. Not counted: what a process that cannot open the file does (another root folder, no
 * descriptor left, a sandbox from its start), and what runs before this constructor.
 *
 * With SOCKFIX_COVERAGE_OUT the image writes its profile there instead, and ends. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "shim/base/kernel.h"

/* The compiler's names: the runtime is not to write files by itself, counters are where they were
 * linked to plus the bias. */
int __llvm_profile_runtime;
extern intptr_t __llvm_profile_counter_bias;
char *__llvm_profile_begin_counters(void);
char *__llvm_profile_end_counters(void);
const char *__llvm_profile_begin_names(void);
const char *__llvm_profile_end_names(void);
void __llvm_profile_set_filename(const char *name);
int __llvm_profile_write_file(void);

/* COVERAGE_FOLDER/ and 16 digits: a number made of the names of the functions inside. */
static void image_name(char *name)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (const char *c = __llvm_profile_begin_names(); c < __llvm_profile_end_names(); c++)
		sum = (sum ^ (unsigned char)*c) * UINT64_C(1099511628211);
	strcpy(name, COVERAGE_FOLDER "/");
	name += strlen(name);
	for (int i = 0; i < 16; i++)
		name[i] = "0123456789abcdef"[sum >> 4 * i & 15];
	name[16] = '\0';
}

static char *map_shared(size_t size)
{
	char name[sizeof(COVERAGE_FOLDER) + 20];
	long map;

	image_name(name);
	/* any user's processes count in it, whatever the umask is */
	int fd = (int)kernel_call(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return NULL;
	kernel_call(SYS_fchmod, fd, 0666);
	map = kernel_call(SYS_ftruncate, fd, size);
	if (!map)
		map = kernel_call(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	kernel_call(SYS_close, fd);
	return map > 0 || map < -4095 ? (char *)map : NULL;
}

__attribute__((constructor(101))) static void image_begin(void)
{
	char *own = __llvm_profile_begin_counters();
	const size_t size = (size_t)(__llvm_profile_end_counters() - own);
	char *shared = map_shared(size);
	const char *out = getenv("SOCKFIX_COVERAGE_OUT");

	if (!shared)
		return;
	if (!out) {
		__llvm_profile_counter_bias = shared - own;
		return;
	}
	memcpy(own, shared, size);
	__llvm_profile_set_filename(out);
	kernel_call(SYS_exit_group, __llvm_profile_write_file() != 0);
}
