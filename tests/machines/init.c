/* The first program of a machine that qemu plays: loads the modules in /modules in the order of
 * their names, enters the disk and runs /run there by sh, then turns the machine off. What is said
 * goes to the console, the last line is "machine: " and the status. Static, and all that the first
 * root has beside the modules. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(const char *what)
{
	printf("machine: %s\n", what);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	pause();
}

static void need(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		end("not started");
	}
}

static void load_modules(void)
{
	struct dirent **entry;
	int count = scandir("/modules", &entry, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char path[300];
		int fd;

		if (entry[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/modules/%s", entry[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		need(fd, path);
		need((int)syscall(SYS_finit_module, fd, "", 0), path);
		close(fd);
	}
}

static void enter_disk(void)
{
	mkdir("/disk", 0755);
	for (int tries = 0; access("/dev/vda", F_OK) != 0 && tries < 1000; tries++)
		usleep(10000);
	need(mount("/dev/vda", "/disk", "ext4", 0, NULL), "/dev/vda");
	need(chdir("/disk"), "/disk");
	need(mount(".", "/", NULL, MS_MOVE, NULL), "moving /disk");
	need(chroot("."), "chroot");
	need(mount("dev", "/dev", "devtmpfs", 0, NULL), "/dev");
	need(symlink("/proc/self/fd", "/dev/fd"), "/dev/fd");
	need(mount("proc", "/proc", "proc", 0, NULL), "/proc");
	need(mount("sys", "/sys", "sysfs", 0, NULL), "/sys");
}

int main(void)
{
	char *const words[] = {"sh", "/run.sh", NULL};
	char *const names[] = {
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/root", NULL};
	char text[32];
	int status = 0;
	pid_t child, ended;

	mkdir("/dev", 0755);
	need(mount("dev", "/dev", "devtmpfs", 0, NULL), "/dev");
	load_modules();
	enter_disk();
	child = fork();
	if (child == 0) {
		setsid();
		execve("/bin/sh", words, names);
		_exit(127);
	}
	do
		ended = wait(&status);
	while (ended != child);
	snprintf(text, sizeof(text), "status %d",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	end(text);
}
