/* What COMMAND is, from ELF files and scripts that are made here byte by byte. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/launch/script.h"
#include "tools/launch/target.h"

/* As this test is built, so are its files; the other kind is of as many bits as this is not. */
#if __ELF_NATIVE_CLASS == 64
enum { OWN_CLASS = ELFCLASS64, OTHER_CLASS = ELFCLASS32 };
#define OWN_BITS   "64"
#define OTHER_BITS "32"
#else
enum { OWN_CLASS = ELFCLASS32, OTHER_CLASS = ELFCLASS64 };
#define OWN_BITS   "32"
#define OTHER_BITS "64"
#endif

/* /bin/sh is looked at, too, and is of this machine. */
#if defined(__x86_64__)
enum { OWN_MACHINE = EM_X86_64 };
#define OWN_NUMBER "62"
#elif defined(__i386__)
enum { OWN_MACHINE = EM_386 };
#define OWN_NUMBER "3"
#elif defined(__aarch64__)
enum { OWN_MACHINE = EM_AARCH64 };
#define OWN_NUMBER "183"
#endif

static const char go_magic[] = "\xff Go buildinf:\x08\x02";

/* Files are made in a folder of their own; the tests run there. */
static int make_folder(void **state)
{
	char *folder = strdup("/tmp/sockfix-target.XXXXXX");
	*state = folder;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	char line[128];
	snprintf(line, sizeof(line), "rm -rf %s", (char *)*state);
	free(*state);
	return chdir("/") == 0 ? system(line) : -1;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	unlink(name);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

struct recipe {
	const char *interpreter; /* NULL: no PT_INTERP */
	uint8_t class, data;	 /* 0: this machine's */
	uint16_t machine;	 /* 0: this one's */
	const char *data_bytes;	 /* what the data segment holds, at its byte 32 */
	const char *section;	 /* the name of its one section */
};

struct image {
	ElfW(Ehdr) header;
	ElfW(Phdr) segment[2];
	ElfW(Shdr) section[2];
	char interpreter[64], names[32], data[64];
};

static struct image bake(const struct recipe *recipe)
{
	struct image image = {0};
	image.header = (ElfW(Ehdr)){
		.e_ident = {0x7f, 'E', 'L', 'F', recipe->class ? recipe->class : OWN_CLASS,
			recipe->data ? recipe->data : ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = recipe->machine ? recipe->machine : OWN_MACHINE,
		.e_ehsize = sizeof(ElfW(Ehdr)),
		.e_phoff = offsetof(struct image, segment),
		.e_phentsize = sizeof(ElfW(Phdr)),
		.e_phnum = 2,
		.e_shoff = offsetof(struct image, section),
		.e_shentsize = sizeof(ElfW(Shdr)),
		.e_shnum = 2,
		.e_shstrndx = 1,
	};
	image.segment[0] = (ElfW(Phdr)){
		.p_type = recipe->interpreter ? PT_INTERP : PT_NULL,
		.p_offset = offsetof(struct image, interpreter),
		.p_filesz = recipe->interpreter ? strlen(recipe->interpreter) + 1 : 0,
	};
	image.segment[1] = (ElfW(Phdr)){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = offsetof(struct image, data),
		.p_filesz = sizeof(image.data),
	};
	image.section[0].sh_name = 4;
	image.section[1].sh_offset = offsetof(struct image, names);
	snprintf(image.interpreter, sizeof(image.interpreter), "%s",
		recipe->interpreter ? recipe->interpreter : "");
	snprintf(image.names + 4, sizeof(image.names) - 4, "%s",
		recipe->section ? recipe->section : ".text");
	if (recipe->data_bytes)
		memcpy(image.data + 32, recipe->data_bytes, strlen(recipe->data_bytes));
	return image;
}

static void write_elf(const char *name, const struct recipe *recipe)
{
	struct image image = bake(recipe);
	write_file(name, &image, sizeof(image));
}

static const struct elf_facts library = {
	.class = OWN_CLASS, .data = ELFDATA2LSB, .machine = OWN_MACHINE, .readable = true};
static struct target target;

static const char *look(const char *command)
{
	char *copy = strdup(command);
	char *argv[] = {copy, NULL};
	target_look(argv, &library, NULL, &target);
	free(copy);
	return target.why;
}

static const struct recipe usual = {.interpreter = "/lib64/ld-linux-x86-64.so.2"};

static void test_usable(void **state)
{
	(void)state;
	write_elf("glibc", &usual);
	assert_string_equal(look("./glibc"), "");
	assert_int_equal(target.kind, TARGET_USABLE);
	write_elf("musl", &(const struct recipe){.interpreter = "/lib/ld-musl-x86_64.so.1"});
	assert_string_equal(look("./musl"), "");
	/* The loader itself has no PT_INTERP and takes LD_PRELOAD for what it is told to load. */
	write_elf("ld-linux-x86-64.so.2", &(const struct recipe){0});
	assert_string_equal(look("./ld-linux-x86-64.so.2"), "");
}

static void test_static(void **state)
{
	(void)state;
	write_elf("static", &(const struct recipe){0});
	assert_string_equal(look("./static"),
		"./static is statically linked, no library can be preloaded into it: "
		"a dynamically linked build of it works, and while it runs sockfix mend -p PID");
	assert_int_equal(target.kind, TARGET_STATIC);
}

static void test_go(void **state)
{
	static const char sentence[] =
		"is a Go program, it makes its system calls without libc and no preloaded library "
		"sees them: while it runs sockfix look -p PID does, and sockfix mend -p PID mends it";
	(void)state;
	write_elf("go", &(const struct recipe){.data_bytes = go_magic});
	assert_string_equal(look("./go") + strlen("./go "), sentence);
	/* cgo: there is an interpreter, and still the runtime calls the kernel by itself. */
	write_elf("cgo", &(const struct recipe){
				 .interpreter = usual.interpreter, .section = ".go.buildinfo"});
	assert_string_equal(look("./cgo") + strlen("./cgo "), sentence);
	assert_int_equal(target.kind, TARGET_GO);
	/* The words in a text are no build information: those stand at multiples of 16. */
	struct image image = bake(&usual);
	memcpy(image.data + 33, go_magic, sizeof(go_magic) - 1);
	write_file("talks-of-go", &image, sizeof(image));
	assert_string_equal(look("./talks-of-go"), "");
}

static void test_other_machines(void **state)
{
	(void)state;
	write_elf("old", &(const struct recipe){.class = OTHER_CLASS, .machine = EM_386});
	assert_string_equal(look("./old"),
		"./old is a " OTHER_BITS "-bit program, libsockfix.so is built for " OWN_BITS
		" bits: a " OWN_BITS "-bit build of it works, with glibc a " OTHER_BITS
		"-bit library beside ours (sockfix help run), and while it runs sockfix mend -p "
		"PID");
	assert_int_equal(target.kind, TARGET_CLASS);
	write_elf("power", &(const struct recipe){.machine = EM_PPC64});
	assert_string_equal(look("./power"),
		"./power is built for another processor (ELF machine 21, libsockfix.so: " OWN_NUMBER
		"): "
		"a sockfix of that processor works");
	assert_int_equal(target.kind, TARGET_MACHINE);
	/* Big endian: e_machine is read in the file's own order. */
	write_elf("sparc", &(const struct recipe){
				   .data = ELFDATA2MSB, .machine = __builtin_bswap16(EM_SPARCV9)});
	assert_string_equal(look("./sparc"),
		"./sparc is built for another processor (ELF machine 43, libsockfix.so: " OWN_NUMBER
		"): "
		"a sockfix of that processor works");
}

/* Of the word size that this machine's programs have not: the same header, in its own widths. */
#if __ELF_NATIVE_CLASS == 64
#define OTHER(name) Elf32_##name
enum { OTHER_MACHINE = OWN_MACHINE == EM_AARCH64 ? EM_ARM : EM_386 };
#else
#define OTHER(name) Elf64_##name
enum { OTHER_MACHINE = OWN_MACHINE == EM_ARM ? EM_AARCH64 : EM_X86_64 };
#endif

struct other_image {
	OTHER(Ehdr) header;
	OTHER(Phdr) segment[3];
	OTHER(Dyn) dynamic[3];
	char interpreter[64], names[32], data[64];
};

/* What another class says about itself: interpreter, libraries, Go's words. */
static struct other_image bake_other(const char *interpreter, const char *needs, const char *bytes)
{
	struct other_image image = {
		.header = {.e_ident = {0x7f, 'E', 'L', 'F', OTHER_CLASS, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = OTHER_MACHINE,
			.e_ehsize = sizeof(OTHER(Ehdr)),
			.e_phoff = offsetof(struct other_image, segment),
			.e_phentsize = sizeof(OTHER(Phdr)),
			.e_phnum = 3},
		.dynamic = {{.d_tag = DT_NEEDED, .d_un.d_val = 1},
			{.d_tag = DT_STRTAB, .d_un.d_ptr = 0x1000}},
	};

	image.segment[0] = (OTHER(Phdr)){.p_type = interpreter ? PT_INTERP : PT_NULL,
		.p_offset = offsetof(struct other_image, interpreter),
		.p_filesz = interpreter ? (unsigned)strlen(interpreter) + 1 : 0};
	image.segment[1] = (OTHER(Phdr)){.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_vaddr = 0x1000,
		.p_offset = offsetof(struct other_image, names),
		.p_filesz = sizeof(image.names) + sizeof(image.data)};
	image.segment[2] = (OTHER(Phdr)){.p_type = PT_DYNAMIC,
		.p_offset = offsetof(struct other_image, dynamic),
		.p_filesz = sizeof(image.dynamic)};
	snprintf(
		image.interpreter, sizeof(image.interpreter), "%s", interpreter ? interpreter : "");
	snprintf(image.names + 1, sizeof(image.names) - 1, "%s", needs);
	if (bytes)
		memcpy(image.data, bytes, strlen(bytes)); /* 32 behind the segment's beginning */
	return image;
}

/* Loaders are links in this folder, as they are in a system's. */
static struct twin twin = {.facts = {.class = OTHER_CLASS,
				   .data = ELFDATA2LSB,
				   .machine = OTHER_MACHINE,
				   .readable = true},
	.path = "./twin.so"};

static void make_loaders(void)
{
	write_text("ld-linux-wide.so.2", "");
	write_text("ld-linux-narrow.so.2", "");
	write_text("ld-linux-own.so.2", "");
	assert_non_null(realpath("ld-linux-wide.so.2", twin.loader[0]));
	assert_non_null(realpath("ld-linux-narrow.so.2", twin.loader[1]));
}

static const char *look_mixed(
	const char *name, const char *interpreter, const char *needs, const char *bytes)
{
	const struct other_image image = bake_other(interpreter, needs, bytes);
	char *argv[] = {(char *)(uintptr_t)name, NULL};

	write_file(name, &image, sizeof(image));
	target_look(argv, &library, &twin, &target);
	return target.why;
}

/* With a library for each word size, what there is to say of one is said of the other. */
static void test_both_word_sizes(void **state)
{
	const struct recipe wide = {.interpreter = "./ld-linux-wide.so.2"},
			    own = {.interpreter = "./ld-linux-own.so.2"};
	const char narrow[] = "./ld-linux-narrow.so.2";
	char nice[] = "./nice", other[] = "./o", *way[] = {nice, other, NULL},
	     *alone[] = {nice, NULL};

	(void)state;
	make_loaders();
	assert_string_equal(look_mixed("./o", narrow, "libc.so.6", NULL), "");
	assert_true(target.twin && !target.apart);
	assert_non_null(strstr(look_mixed("./o", NULL, "", NULL), "is statically linked"));
	assert_int_equal(target.kind, TARGET_STATIC);
	look_mixed("./o", narrow, "", go_magic);
	assert_int_equal(target.kind, TARGET_GO);
	look_mixed("./o", "/lib/ld-uClibc.so.0", "", NULL);
	assert_int_equal(target.kind, TARGET_LIBC);
	assert_int_equal(setenv("ASAN_OPTIONS", "verify_asan_link_order=1", 1), 0);
	look_mixed("./o", narrow, "libasan.so.8", NULL);
	assert_int_equal(target.kind, TARGET_ASAN);
	unsetenv("ASAN_OPTIONS");
	/* $LIB is nothing to its loader, or another folder. */
	look_mixed("./o", "/lib/ld-musl-i386.so.1", "", NULL);
	assert_int_equal(target.kind, TARGET_CLASS);
	look_mixed("./o", "./ld-linux-own.so.2", "", NULL);
	assert_int_equal(target.kind, TARGET_CLASS);
	write_elf("nice", &own);
	target_look(alone, &library, &twin, &target);
	assert_int_equal(target.kind, TARGET_USABLE);
	assert_true(target.apart && !target.twin);
	/* A program of our class that starts one of the other, and one that cannot. */
	write_elf("nice", &wide);
	look_mixed("./o", narrow, "libc.so.6", NULL);
	target_look(way, &library, &twin, &target);
	assert_int_equal(target.kind, TARGET_USABLE);
	assert_true(target.twin && !target.apart);
	write_elf("nice", &own);
	target_look(way, &library, &twin, &target);
	assert_int_equal(target.kind, TARGET_CLASS);
	assert_non_null(strstr(target.why, "no word in LD_PRELOAD serves all programs"));
}

static void test_foreign_libc(void **state)
{
	(void)state;
	write_elf("bionic", &(const struct recipe){.interpreter = "/system/bin/linker64"});
	assert_string_equal(look("./bionic"), "./bionic is loaded by /system/bin/linker64, which "
					      "is neither glibc's loader nor musl's: "
					      "a build of it for one of these works");
	assert_int_equal(target.kind, TARGET_LIBC);
}

static void test_missing(void **state)
{
	(void)state;
	assert_string_equal(look("./nothing"), "");
	assert_int_equal(target.kind, TARGET_MISSING);
	assert_string_equal(look(""), "");
	assert_int_equal(target.kind, TARGET_MISSING);
	assert_string_equal(look("/tmp"), "");
	assert_int_equal(target.kind, TARGET_MISSING);
}

static void test_scripts(void **state)
{
	char here[PATH_MAX], text[2 * PATH_MAX];
	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	write_elf("static", &(const struct recipe){0});
	snprintf(text, sizeof(text), "#! %s/static -x y\n", here);
	write_text("direct", text);
	snprintf(text, sizeof(text),
		"./direct (run by %s/static) is statically linked, no library can be preloaded "
		"into it: "
		"a dynamically linked build of it works, and while it runs sockfix mend -p PID",
		here);
	assert_string_equal(look("./direct"), text);
	/* A script that is run by a script. */
	snprintf(text, sizeof(text), "#!%s/direct", here);
	write_text("chain", text);
	look("./chain");
	assert_int_equal(target.kind, TARGET_STATIC);
}

static void follow(const char *first_line, int answer, const char *path)
{
	char file[PATH_MAX] = "script";
	write_text("script", first_line);
	assert_int_equal(script_follow(file), answer);
	assert_string_equal(file, path);
}

static void test_script_lines(void **state)
{
	char here[PATH_MAX], found[2 * PATH_MAX], *old = strdup(getenv("PATH"));
	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	write_elf("prog", &usual);
	snprintf(found, sizeof(found), "%s/prog", here);
	setenv("PATH", here, 1);
	follow("#!/usr/bin/env prog\n", 0, found);
	follow("#!/usr/bin/env -S prog -u\n", 0, found);
	follow("#! /usr/bin/env -Sprog -u\n", 0, found);
	follow("#!/usr/bin/env -S -u NAME A=b prog\n", 0, found);
	follow("#!./prog\n", 0, "./prog");
	follow("#!./prog\r\n", -ENOENT, "./prog\r");
	follow("#!/usr/bin/env nothing\n", -ENOENT, "nothing");
	follow("#!/nothing/here\n", -ENOENT, "/nothing/here");
	follow("#!\n", -ENOENT, "");
	follow("#!./script\n", -ELOOP, "./script");
	setenv("PATH", old, 1);
	free(old);
	/* As execvp(3): a file that is nothing else is /bin/sh's. */
	char file[PATH_MAX] = "script";
	write_text("script", "echo hello\n");
	assert_int_equal(script_follow(file), 0);
	assert_string_equal(file, "/bin/sh");
	/* More than the kernel looks at is not looked at here. */
	memset(found, 'a', 400);
	memcpy(found, "#!/", 3);
	found[400] = '\0';
	write_text("script", found);
	snprintf(file, sizeof(file), "script");
	assert_int_equal(script_follow(file), -ENOENT);
	assert_int_equal(strlen(file), 254);
}

static void test_find(void **state)
{
	char path[PATH_MAX], *old = strdup(getenv("PATH"));
	(void)state;
	write_text("plain", "x");
	assert_int_equal(chmod("plain", 0644), 0);
	write_elf("tool", &usual);
	setenv("PATH", "/nowhere::/usr", 1);
	assert_int_equal(
		command_find("tool", path), 0); /* an empty entry is the working directory */
	assert_string_equal(path, "tool");
	assert_int_equal(command_find("plain", path), -EACCES);
	assert_int_equal(command_find("nothing", path), -ENOENT);
	assert_int_equal(command_find("./plain", path), -EACCES);
	setenv("PATH", "", 1);
	assert_int_equal(command_find("tool", path), 0);
	unsetenv("PATH");
	assert_int_equal(command_find("sh", path), 0);
	assert_string_equal(path, "/bin/sh");
	setenv("PATH", old, 1);
	free(old);
}

/* A file that lies must not do harm: every cut and every changed byte of the tables is tried, with
 * a sanitizer as the judge, and a good answer comes again at the end. */
static void test_hostile(void **state)
{
	static const unsigned char evil[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	const struct image image = bake(&(const struct recipe){.interpreter = usual.interpreter,
		.data_bytes = go_magic,
		.section = ".go.buildinfo"});
	const size_t tables = offsetof(struct image, interpreter);
	struct elf_facts facts;
	(void)state;
	for (size_t i = 0; i < sizeof(image); i++) {
		write_file("cut", &image, i);
		look("./cut");
	}
	int fd = open("lie", O_RDWR | O_CREAT, 0755);
	for (size_t i = 0; i < tables * sizeof(evil); i++) {
		struct image lie = image;
		((unsigned char *)&lie)[i / sizeof(evil)] = evil[i % sizeof(evil)];
		assert_int_equal(pwrite(fd, &lie, sizeof(lie), 0), sizeof(lie));
		int answer = elf_read(fd, &facts);
		assert_true(answer == 0 || answer == -ENOEXEC);
		assert_true(memchr(facts.interpreter, 0, sizeof(facts.interpreter)) != NULL);
	}
	assert_int_equal(pwrite(fd, &image, sizeof(image), 0), sizeof(image));
	assert_int_equal(elf_read(fd, &facts), 0);
	assert_true(facts.readable && facts.go);
	close(fd);
}

static const char *look_words(const char *const argv[])
{
	target_look((char *const *)(uintptr_t)argv, &library, NULL, &target);
	assert_int_equal(target.kind, TARGET_ELSEWHERE);
	return target.why;
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *note_of(const char *const argv[])
{
	target_look((char *const *)(uintptr_t)argv, &library, NULL, &target);
	assert_string_equal(target.why, "");
	assert_int_equal(target.kind, TARGET_USABLE);
	return target.note;
}

static void test_elsewhere(void **state)
{
	static const char *const programs[] = {"sudo", "doas", "su", "ssh", "docker", "kubectl",
		"systemctl", "crontab", "tmux", "at", "snap", "systemd-run", "pkexec",
		"supervisorctl", "buildah", "podman-compose"};
	char *old = strdup(getenv("PATH")), here[PATH_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		write_elf(programs[i], &usual);
	assert_non_null(getcwd(here, sizeof(here)));
	setenv("PATH", here, 1);
	assert_string_equal(look_words(WORDS("sudo", "-u", "x", "cmd")),
		"sudo drops LD_PRELOAD: write sudo -u x sockfix run -- cmd");
	assert_string_equal(look_words(WORDS("sudo", "-E", "A=b", "--user", "x", "cmd", "-u", "y")),
		"sudo drops LD_PRELOAD: write sudo -E A=b --user x sockfix run -- cmd -u y");
	assert_string_equal(look_words(WORDS("sudo", "-n", "--", "cmd")),
		"sudo drops LD_PRELOAD: write sudo -n -- sockfix run -- cmd");
	assert_string_equal(look_words(WORDS("sudo", "-i")),
		"sudo drops LD_PRELOAD: write sudo -i sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("sudo", "-u")),
		"sudo drops LD_PRELOAD: write sudo -u sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("doas", "-u", "x", "cmd")),
		"doas drops LD_PRELOAD: write doas -u x sockfix run -- cmd");
	assert_string_equal(look_words(WORDS("su", "x")),
		"su drops LD_PRELOAD: write su USER -c 'sockfix run -- COMMAND'");
	assert_string_equal(look_words(WORDS("ssh", "host", "cmd")),
		"ssh has the work done on another host: write ssh HOST sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("docker", "run", "image")),
		"docker starts the work in a container, where LD_PRELOAD does not follow: put "
		"sockfix into "
		"the image and write docker run IMAGE sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("kubectl", "run")),
		"kubectl starts the work in a container, where LD_PRELOAD does not follow: put "
		"sockfix into "
		"the image and let its command be sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("systemctl", "restart", "x")),
		"systemctl asks systemd to start the work, which has its own environment: write "
		"ExecStart=" SOCKFIX_PREFIX "/bin/sockfix run -- COMMAND in the unit");
	assert_string_equal(look_words(WORDS("systemd-run", "x")),
		"systemd-run has the work done by systemd, which has its own environment: write "
		"systemd-run "
		"sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("crontab", "-e")),
		"crontab only edits the table, cron does the work: write sockfix run -- COMMAND "
		"into its "
		"line");
	assert_string_equal(look_words(WORDS("supervisorctl", "start", "x")),
		"supervisorctl has the work done by supervisord, which has its own environment: write "
		"command=" SOCKFIX_PREFIX "/bin/sockfix run -- COMMAND in the program's section");
	assert_string_equal(look_words(WORDS("buildah", "run", "x")),
		"buildah starts the work in a container, where LD_PRELOAD does not follow: put sockfix "
		"into the image and write buildah run CONTAINER sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("podman-compose", "up")),
		"podman-compose starts the work in a container, where LD_PRELOAD does not follow: put "
		"sockfix into the image and let the service's command be sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("at", "now")),
		"at drops LD_PRELOAD: write sockfix run -- COMMAND into the job");
	assert_string_equal(look_words(WORDS("tmux")),
		"tmux has the work done by its server, which keeps its own environment: write tmux "
		"new-session sockfix run -- COMMAND");
	assert_string_equal(look_words(WORDS("snap")),
		"snap starts the work in a sandbox, where LD_PRELOAD does not follow: use a build "
		"outside of "
		"it");
	setenv("PATH", old, 1);
	free(old);
	/* Somebody's own ./at is no at. */
	assert_string_equal(look("./at"), "");
	assert_int_equal(target.kind, TARGET_USABLE);
}

/* env that puts another library there: what works is the same, with us behind it. */
static void test_env_sets_preload(void **state)
{
	char *old = strdup(getenv("PATH"));
	(void)state;
	write_elf("env", &usual);
	write_elf("nice", &usual);
	write_elf("prog", &usual);
	setenv("PATH", "", 1);
	assert_string_equal(look_words(WORDS("env", "A=1", "LD_PRELOAD=/x.so", "prog", "a b")),
		"env sets LD_PRELOAD anew, without the library: write env A=1 LD_PRELOAD=/x.so "
		"sockfix run -- prog 'a b'");
	assert_int_equal(target.kind, TARGET_ELSEWHERE);
	assert_string_equal(look_words(WORDS("nice", "./env", "LD_PRELOAD=/x.so", "nice", "prog")),
		"env sets LD_PRELOAD anew, without the library: write env LD_PRELOAD=/x.so "
		"sockfix run -- nice prog");
	assert_string_equal(look_words(WORDS("env", "-u", "LD_PRELOAD", "prog")),
		"env drops LD_PRELOAD there: write env [OPTION]... sockfix run -- COMMAND");
	assert_string_equal(
		note_of(WORDS("env", "LD_PRELOAD=/x.so:/usr/lib/libsockfix.so", "prog")), "");
	assert_string_equal(note_of(WORDS("env", "A=1", "prog")), "");
	setenv("PATH", old, 1);
	free(old);
}

/* The text that a shell will read: the script, the one it names, what stands behind -c. */
static void test_drops(void **state)
{
	static const char text[] = "#!/bin/sh\nA=1\nexport LD_PRELOAD=/x.so\nexec \"$@\"\n";
	static const char sets[] =
		" sets LD_PRELOAD anew, and what it starts then runs without the "
		"library: append \":$LD_PRELOAD\" to the value there";
	char said[2048];
	(void)state;
	write_text("start.sh", text);
	snprintf(said, sizeof(said), "./start.sh:3%s", sets);
	assert_string_equal(note_of(WORDS("./start.sh")), said);
	assert_string_equal(note_of(WORDS("timeout", "5", "./start.sh", "prog")), said);
	assert_string_equal(note_of(WORDS("/bin/sh", "-e", "./start.sh", "prog")), said);
	snprintf(said, sizeof(said), "sh -c%s", sets);
	assert_string_equal(note_of(WORDS("/bin/sh", "-ec", "LD_PRELOAD=/x.so prog")), said);
	assert_string_equal(note_of(WORDS("/bin/sh", "-c", "unset LD_PRELOAD; prog")),
		"sh -c drops LD_PRELOAD, and what it starts then runs without the library: write "
		"sockfix run -- before that command there");
	write_text("start.sh", "#!/usr/bin/perl\nLD_PRELOAD=/x.so prog\n");
	assert_string_equal(note_of(WORDS("./start.sh")), "");
	write_text("start.sh", "#!/usr/bin/env -S LD_PRELOAD=/x.so sh\n");
	snprintf(said, sizeof(said), "./start.sh:1%s", sets);
	assert_string_equal(note_of(WORDS("./start.sh")), said);
	/* What is no text, or no file, is no script of ours. */
	write_file("start.sh", "LD_PRELOAD=/x.so prog\n\0", 23);
	assert_string_equal(note_of(WORDS("./start.sh")), "");
	assert_int_equal(mkfifo("pipe", 0755), 0);
	assert_string_equal(note_of(WORDS("/bin/sh", "./pipe")), "");
	assert_string_equal(note_of(WORDS("/bin/sh")), "");
}

/* A command line that is longer than the sentence is cut, never written beyond it. */
static void test_elsewhere_long(void **state)
{
	char word[2000], *old = strdup(getenv("PATH"));
	(void)state;
	write_elf("sudo", &usual);
	setenv("PATH", "", 1);
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(strlen(look_words(WORDS("sudo", word, word))), sizeof(target.why) - 2);
	setenv("PATH", old, 1);
	free(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_go),
		cmocka_unit_test(test_other_machines),
		cmocka_unit_test(test_both_word_sizes),
		cmocka_unit_test(test_foreign_libc),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_script_lines),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_elsewhere_long),
		cmocka_unit_test(test_env_sets_preload),
		cmocka_unit_test(test_drops),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
