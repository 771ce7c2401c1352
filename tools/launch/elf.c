/* Reads ELF headers by pread(), a struct at a time: a file that lies about its offsets gets short
 * reads, never a fault. Decides nothing; target.c does. Layouts: elf(5). */
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/launch/elf.h"

enum {
	MOST_HEADERS = 4096,   /* bound of the work on a hostile file */
	GO_WINDOW = 64 * 1024, /* debug/buildinfo looks no further either */
	GO_STEP = 16,	       /* and only at multiples of this */
};
static const char go_magic[] = "\xff Go buildinf:";
static const char go_section[] = ".go.buildinfo";

static bool read_at(int fd, void *out, size_t size, uint64_t offset)
{
	if (offset > (uint64_t)INT64_MAX - size)
		return false;
	return pread(fd, out, size, (off_t)offset) == (ssize_t)size;
}

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

static bool has_go_section(int fd, const ElfW(Ehdr) *header)
{
	ElfW(Shdr) names, section;
	char name[sizeof(go_section)];
	size_t count = header->e_shnum < MOST_HEADERS ? header->e_shnum : MOST_HEADERS;
	uint64_t table = header->e_shoff;
	if (header->e_shentsize != sizeof(section) || header->e_shstrndx >= header->e_shnum ||
		!read_at(fd, &names, sizeof(names), table + header->e_shstrndx * sizeof(section)))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!read_at(fd, &section, sizeof(section), table + i * sizeof(section)))
			return false;
		if (read_at(fd, name, sizeof(name), names.sh_offset + section.sh_name) &&
			memcmp(name, go_section, sizeof(name)) == 0)
			return true;
	}
	return false;
}

/* The place in the file of an address in memory; 0: none. */
static uint64_t place_of(int fd, const ElfW(Ehdr) *header, uint64_t address)
{
	size_t count = header->e_phnum < MOST_HEADERS ? header->e_phnum : MOST_HEADERS;
	for (size_t i = 0; i < count; i++) {
		ElfW(Phdr) segment;
		if (!read_at(fd, &segment, sizeof(segment), header->e_phoff + i * sizeof(segment)))
			return 0;
		if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
			address - segment.p_vaddr < segment.p_filesz)
			return segment.p_offset + (address - segment.p_vaddr);
	}
	return 0;
}

/* Whether a library whose name starts so is asked for (DT_NEEDED). */
static bool has_needed(
	int fd, const ElfW(Ehdr) *header, const ElfW(Phdr) *dynamic, const char *start)
{
	uint64_t names = 0;
	char name[32];
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < MOST_HEADERS && i * sizeof(ElfW(Dyn)) < dynamic->p_filesz;
			i++) {
			ElfW(Dyn) entry;
			if (!read_at(fd, &entry, sizeof(entry),
				    dynamic->p_offset + i * sizeof(entry)) ||
				entry.d_tag == DT_NULL)
				break;
			if (pass == 0 && entry.d_tag == DT_STRTAB)
				names = place_of(fd, header, entry.d_un.d_ptr);
			if (pass == 1 && entry.d_tag == DT_NEEDED && names &&
				read_at(fd, name, sizeof(name), names + entry.d_un.d_val) &&
				strncmp(name, start, strlen(start)) == 0)
				return true;
		}
	}
	return false;
}

static void read_segments(int fd, const ElfW(Ehdr) *header, struct elf_facts *facts)
{
	bool data_seen = false;
	if (header->e_phentsize != sizeof(ElfW(Phdr)))
		return;
	size_t count = header->e_phnum < MOST_HEADERS ? header->e_phnum : MOST_HEADERS;
	for (size_t i = 0; i < count; i++) {
		ElfW(Phdr) segment;
		if (!read_at(fd, &segment, sizeof(segment), header->e_phoff + i * sizeof(segment)))
			return;
		if (segment.p_type == PT_INTERP) {
			size_t size = segment.p_filesz;
			if (size == 0 || size >= sizeof(facts->interpreter) ||
				!read_at(fd, facts->interpreter, size, segment.p_offset))
				return;
			facts->interpreter[size] = '\0';
		} else if (segment.p_type == PT_DYNAMIC) {
			facts->asan = has_needed(fd, header, &segment, "libasan.so") ||
				      has_needed(fd, header, &segment, "libclang_rt.asan");
		} else if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) && !data_seen) {
			data_seen = true;
			facts->go = has_go_magic(fd, segment.p_offset, segment.p_filesz);
		}
	}
	facts->readable = count > 0;
}

int elf_read(int fd, struct elf_facts *facts)
{
	ElfW(Ehdr) header;
	memset(facts, 0, sizeof(*facts));
	memset(&header, 0, sizeof(header));
	ssize_t got = pread(fd, &header, sizeof(header), 0);
	if (got < 0)
		return -errno;
	/* e_machine lies at the same place in both classes. */
	if (got < (ssize_t)(EI_NIDENT + 4) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	facts->class = header.e_ident[EI_CLASS];
	facts->data = header.e_ident[EI_DATA];
	facts->machine = header.e_machine;
	const uint8_t own_data = __BYTE_ORDER == __LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
	const uint8_t own_class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	if (facts->data != own_data)
		facts->machine = __builtin_bswap16(header.e_machine);
	if (facts->data != own_data || facts->class != own_class || got < (ssize_t)sizeof(header))
		return 0;
	read_segments(fd, &header, facts);
	facts->go = facts->readable && (facts->go || has_go_section(fd, &header));
	return 0;
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
