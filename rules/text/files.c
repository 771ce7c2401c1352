/* Which files are read, and in which order: paths, directories, includes.
 *
 * Names only: what a file says is load.c's, its bytes are source.c's. A file counts as a whole:
 * when it or one that it includes has an error, none of its rules is kept. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "rules/text/parts.h"

#define DEEPEST_INCLUDE 8
#define MOST_FILES	1000 /* files that include others eight deep may ask for any number */

static void source_include(
	struct book *book, const struct source *source, const struct token *include);

struct names {
	char **name;
	size_t count;
};

static bool ends_in_conf(const char *name)
{
	const size_t length = strlen(name);

	return *name != '.' && length > 5 && !strcmp(name + length - 5, ".conf");
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The *.conf of a directory in byte order. Returns 0 or -errno. */
static int list_directory(struct book *book, const char *path, struct names *names)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;

	*names = (struct names){0};
	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		if (!ends_in_conf(entry->d_name))
			continue;
		names->name = book_grow(book, names->name, names->count, sizeof(*names->name));
		names->name[names->count++] = book_text(book, entry->d_name, strlen(entry->d_name));
	}
	closedir(directory);
	if (names->count)
		qsort(names->name, names->count, sizeof(*names->name), by_bytes);
	return 0;
}

static const char *join(struct book *book, const char *directory, size_t length, const char *name)
{
	const bool slash = length && directory[length - 1] != '/';
	const size_t size = length + strlen(name) + 2;
	char *path = book_take(book, size, 1);

	snprintf(path, size, "%.*s%s%s", (int)length, directory, slash ? "/" : "", name);
	return path;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A file of no bytes, or a link to /dev/null. */
static bool is_empty(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	return S_ISREG(status.st_mode) ? status.st_size == 0
				       : S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/* Says so once. */
static bool is_one_too_many(struct book *book, const char *path, struct place place)
{
	const struct source whole = {.name = path};

	if (!place.source)
		place = (struct place){&whole, 0};
	if (++book->asked == MOST_FILES + 1)
		problem_add(book, PROBLEM_ERROR, place, "do files include each other in a ring?",
			"there are more than %d files to read, each include counted", MOST_FILES);
	return book->asked > MOST_FILES;
}

static void load_file(
	struct book *book, const char *path, const struct source *parent, struct place place)
{
	struct source *source = book_take(book, 1, sizeof(*source));

	source->name = path;
	source->parent = parent;
	if (source_read(book, path, source, place) < 0)
		return;
	for (const struct source *outer = parent; outer; outer = outer->parent)
		if (outer->inode == source->inode && outer->device == source->device) {
			problem_add(
				book, PROBLEM_ERROR, place, NULL, "'%.200s' includes itself", path);
			return;
		}
	if (source_scan(book, source) == 0)
		source_load(book, source, source_include);
}

/* The sentence about a directory, at the line that includes it or at the directory itself. */
static void refuse_directory(
	struct book *book, const char *path, struct place place, const char *hint, const char *what)
{
	const struct source whole = {.name = path};

	if (place.source)
		problem_add(
			book, PROBLEM_ERROR, place, hint, "the directory '%.200s' %s", path, what);
	else
		problem_add(book, PROBLEM_ERROR, (struct place){&whole, 0}, hint,
			"the directory %s", what);
}

/* place is the line that includes, or has no source. */
static void load_path(
	struct book *book, const char *path, const struct source *parent, struct place place)
{
	struct names names;
	int error;

	if (is_one_too_many(book, path, place))
		return;
	if (!is_directory(path)) {
		load_file(book, path, parent, place);
		return;
	}
	error = list_directory(book, path, &names);
	if (error)
		refuse_directory(book, path, place, NULL, "cannot be read");
	else if (!names.count)
		refuse_directory(book, path, place, "rule files end in .conf", "has no rule file");
	for (size_t i = 0; !error && i < names.count; i++) {
		const char *name = join(book, path, strlen(path), names.name[i]);

		/* it masks that name where folders are read together */
		if (!is_empty(name) && !is_one_too_many(book, name, place))
			load_file(book, name, parent, place);
	}
}

/* Takes back the rules that were added since `rules` when there were errors since `errors`. */
static int settle(struct book *book, size_t rules, size_t errors)
{
	if (book->errors == errors)
		return 0;
	book->set.count = rules;
	return -EINVAL;
}

int book_add_path(struct book *book, const char *path)
{
	const size_t rules = book->set.count, errors = book->errors;

	load_path(book, book_text(book, path, strlen(path)), NULL, (struct place){0});
	return settle(book, rules, errors);
}

int book_add_text(struct book *book, const char *name, const char *text, size_t length)
{
	const size_t rules = book->set.count, errors = book->errors;
	struct source *source = book_take(book, 1, sizeof(*source));

	source->name = book_text(book, name, strlen(name));
	if (source_take(book, text, length, source) == 0 && source_scan(book, source) == 0)
		source_load(book, source, source_include);
	return settle(book, rules, errors);
}

static void source_include(
	struct book *book, const struct source *source, const struct token *include)
{
	const struct place place = {source, include->line};
	const char *slash = strrchr(source->name, '/');
	char *name = book_text(book, include->at, include->length);
	int depth = 0;

	for (const struct source *outer = source; outer; outer = outer->parent)
		depth++;
	if (!source->inode) {
		problem_add(
			book, PROBLEM_ERROR, place, NULL, "only a file can include another one");
		return;
	}
	if (!*name || depth > DEEPEST_INCLUDE) {
		problem_add(book, PROBLEM_ERROR, place, NULL,
			*name ? "files include each other more than %d deep"
			      : "@include names no file",
			DEEPEST_INCLUDE);
		return;
	}
	if (*name != '/' && slash)
		load_path(book, join(book, source->name, (size_t)(slash - source->name) + 1, name),
			source, place);
	else
		load_path(book, name, source, place);
}

/* A *.conf in one of several directories; a higher rank replaces the same name in a lower one. */
struct drop_in {
	const char *name;
	size_t rank;
};

struct drop_ins {
	struct drop_in *entry;
	size_t count;
};

static int by_name_then_rank(const void *a, const void *b)
{
	const struct drop_in *one = a, *other = b;
	const int order = strcmp(one->name, other->name);

	return order ? order : (one->rank > other->rank) - (one->rank < other->rank);
}

static void gather_drop_ins(
	struct book *book, const char *path, size_t rank, struct drop_ins *drop_ins)
{
	struct names names;
	const int error = list_directory(book, path, &names);

	if (error && error != -ENOENT && error != -ENOTDIR)
		refuse_directory(book, book_text(book, path, strlen(path)), (struct place){0}, NULL,
			"cannot be read");
	for (size_t i = 0; !error && i < names.count; i++) {
		drop_ins->entry =
			book_grow(book, drop_ins->entry, drop_ins->count, sizeof(*drop_ins->entry));
		drop_ins->entry[drop_ins->count++] = (struct drop_in){names.name[i], rank};
	}
}

static void load_drop_in(struct book *book, const char *directory, const char *name)
{
	const char *path = join(book, directory, strlen(directory), name);
	const size_t rules = book->set.count, errors = book->errors;

	if (is_empty(path))
		return;
	load_path(book, path, NULL, (struct place){0});
	settle(book, rules, errors);
}

int book_add_directories(struct book *book, const char *const *directory, size_t count)
{
	const size_t errors = book->errors;
	struct drop_ins all = {0};

	for (size_t i = 0; i < count; i++)
		gather_drop_ins(book, directory[i], i, &all);
	if (all.count)
		qsort(all.entry, all.count, sizeof(*all.entry), by_name_then_rank);
	for (size_t i = 0; i < all.count; i++) {
		const struct drop_in *this = &all.entry[i];
		const bool replaced =
			i + 1 < all.count && strcmp(this->name, all.entry[i + 1].name) == 0;

		if (!replaced)
			load_drop_in(book, directory[this->rank], this->name);
	}
	return book->errors == errors ? 0 : -EINVAL;
}
