/* What an ELF file says, of 64 or of 32 bits. The file may be hostile: elf_part.c bounds what is
 * read. Decides nothing; target.c does. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/base/text.h"
#include "tools/launch/elf.h"
#include "tools/launch/elf_part.h"

enum {
	GO_WINDOW = 64 * 1024, /* debug/buildinfo looks no further either */
	GO_STEP = 16,	       /* and only at multiples of this */
};
static const char go_magic[] = "\xff Go buildinf:";
static const char go_section[] = ".go.buildinfo";

static bool has_go_magic(int fd, uint64_t offset, uint64_t size)
{
	char block[4096 + GO_STEP];
	uint64_t end = size < GO_WINDOW ? size : GO_WINDOW;
	for (uint64_t at = 0; at < end; at += 4096) {
		if (offset > INT64_MAX - at)
			return false;
		ssize_t got = pread(fd, block, sizeof(block), (off_t)(offset + at));
		for (ssize_t i = 0; i < 4096 && i + (ssize_t)sizeof(go_magic) - 1 <= got;
			i += GO_STEP) {
			if (memcmp(block + i, go_magic, sizeof(go_magic) - 1) == 0)
				return true;
		}
	}
	return false;
}

static bool has_go_section(const struct elf_file *file)
{
	Elf64_Shdr names, section;
	char name[sizeof(go_section)];

	if (file->names >= file->sections || !elf_section(file, file->names, &names))
		return false;
	for (size_t i = 0; i < file->sections; i++) {
		if (!elf_section(file, i, &section))
			return false;
		if (elf_bytes(file->fd, name, sizeof(name), names.sh_offset + section.sh_name) &&
			memcmp(name, go_section, sizeof(name)) == 0)
			return true;
	}
	return false;
}

/* The place in the file of an address in memory; 0: none. */
static uint64_t place_of(const struct elf_file *file, uint64_t address)
{
	Elf64_Phdr segment;

	for (size_t i = 0; i < file->segments && elf_segment(file, i, &segment); i++)
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
			address - segment.p_vaddr < segment.p_filesz)
			return segment.p_offset + (address - segment.p_vaddr);
	return 0;
}

/* The next entry that is there. */
static bool next_entry(
	const struct elf_file *file, const Elf64_Phdr *dynamic, size_t number, Elf64_Dyn *entry)
{
	return number < ELF_MOST_PARTS && elf_dynamic(file, dynamic, number, entry) &&
	       entry->d_tag != DT_NULL;
}

/* Whether a library whose name starts so is asked for (DT_NEEDED). */
static bool has_needed(const struct elf_file *file, const Elf64_Phdr *dynamic, const char *start)
{
	uint64_t names = 0;
	Elf64_Dyn entry;
	char name[32];

	for (size_t i = 0; next_entry(file, dynamic, i, &entry); i++)
		if (entry.d_tag == DT_STRTAB)
			names = entry.d_un.d_ptr;
	names = names ? place_of(file, names) : 0;
	for (size_t i = 0; names && next_entry(file, dynamic, i, &entry); i++)
		if (entry.d_tag == DT_NEEDED &&
			elf_bytes(file->fd, name, sizeof(name), names + entry.d_un.d_val) &&
			strncmp(name, start, strlen(start)) == 0)
			return true;
	return false;
}

static bool read_interpreter(int fd, const Elf64_Phdr *segment, struct elf_facts *facts)
{
	const size_t size = segment->p_filesz;

	if (size == 0 || size >= sizeof(facts->interpreter) ||
		!elf_bytes(fd, facts->interpreter, size, segment->p_offset))
		return false;
	facts->interpreter[size] = '\0';
	return true;
}

static void read_segments(const struct elf_file *file, struct elf_facts *facts)
{
	bool data_seen = false, dynamic_seen = false; /* of each the first, as the loader does */

	for (size_t i = 0; i < file->segments; i++) {
		Elf64_Phdr segment;
		if (!elf_segment(file, i, &segment))
			return;
		if (segment.p_type == PT_INTERP) {
			if (!read_interpreter(file->fd, &segment, facts))
				return;
		} else if (segment.p_type == PT_DYNAMIC && !dynamic_seen) {
			dynamic_seen = true;
			facts->asan = has_needed(file, &segment, "libasan.so") ||
				      has_needed(file, &segment, "libclang_rt.asan");
		} else if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) && !data_seen) {
			data_seen = true;
			facts->go = has_go_magic(file->fd, segment.p_offset, segment.p_filesz);
		}
	}
	facts->readable = file->segments > 0;
}

int elf_read(int fd, struct elf_facts *facts)
{
	static const uint8_t own_data = __BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	struct elf_file file;
	Elf32_Ehdr header;
	ssize_t got;

	memset(facts, 0, sizeof(*facts));
	memset(&header, 0, sizeof(header));
	got = pread(fd, &header, sizeof(header), 0);
	if (got < 0)
		return -errno;
	/* e_machine lies at the same place in both classes. */
	if (got < (ssize_t)(EI_NIDENT + 4) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	facts->class = header.e_ident[EI_CLASS];
	facts->data = header.e_ident[EI_DATA];
	facts->machine = header.e_machine;
	if (facts->data != own_data)
		facts->machine = __builtin_bswap16(header.e_machine);
	if (facts->data != own_data || !elf_tables(fd, facts->class, &file))
		return 0;
	read_segments(&file, facts);
	facts->go = facts->readable && (facts->go || has_go_section(&file));
	return 0;
}

int elf_look(const char *path, struct elf_facts *facts, struct stat *status)
{
	struct stat own;
	const int fd = regular_open(AT_FDCWD, path, 0, status ? status : &own);
	const int error = fd < 0 ? fd : elf_read(fd, facts);

	if (fd >= 0)
		close(fd);
	return error;
}

bool elf_is_loader(const char *path)
{
	static const char *const start[] = {"ld-linux", "ld-musl-", "ld64.so", "ld-lsb"};
	const char *name = text_base_name(path);

	for (size_t i = 0; i < sizeof(start) / sizeof(*start); i++)
		if (strncmp(name, start[i], strlen(start[i])) == 0)
			return true;
	return strcmp(name, "ld.so.1") == 0;
}
