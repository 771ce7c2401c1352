/* A library behind ours whose write() is chosen when the dynamic linker asks (STT_GNU_IFUNC), and
 * with -DPROGRAM a program that writes one line. */
#include <sys/syscall.h>
#include <unistd.h>

#ifdef PROGRAM
int main(void)
{
	return write(1, "a line\n", 7) != 7;
}
#else
static ssize_t chosen(int fd, const void *bytes, size_t length)
{
	syscall(SYS_write, fd, "chosen: ", 8);
	return syscall(SYS_write, fd, bytes, length);
}

__attribute__((used)) static void *choose(void)
{
	return (void *)chosen;
}

ssize_t write(int fd, const void *bytes, size_t length) __attribute__((ifunc("choose")));
#endif
