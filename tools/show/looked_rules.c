/* The rules of what `sockfix look` found, as a file. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/show/looked.h"
#include "tools/show/report.h"

enum { WIDTH = 80 };

/* A rule that was found, and at whom. */
struct found {
	const struct looked *looked;
	const struct sampled_finding *finding;
};

struct list {
	struct found *of;
	size_t count;
};

static bool has_name(const struct list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->of[i].finding->mend.name, name) == 0)
			return true;
	return false;
}

/* One of a name: that of a code and a peer, and so the same. */
static void add(struct list *list, const struct looked *looked)
{
	for (size_t i = 0; looked->observed && i < looked->sampled.loud; i++) {
		const struct sampled_finding *finding = &looked->sampled.finding[i];

		if (!*finding->mend.set || has_name(list, finding->mend.name))
			continue;
		list->of = memory_grow(list->of, list->count, sizeof(*list->of));
		list->of[list->count++] = (struct found){looked, finding};
	}
}

static struct list list_of(const struct looked_all *all)
{
	struct list list = {.count = 0};

	for (size_t i = 0; i < all->count; i++)
		add(&list, &all->process[i]);
	add(&list, &all->nameless);
	return list;
}

bool looked_has_rules(const struct looked_all *all)
{
	struct list list = list_of(all);

	free(list.of);
	return list.count > 0;
}

static void print_rule(FILE *out, const struct found *found)
{
	const struct who *who = &found->looked->observed->who;
	const struct sampled_finding *finding = found->finding;
	char share[SHARE_TEXT];

	if (who->pid)
		fprintf(out, "\n# %d %s\n", (int)who->pid, who->name);
	else
		fprintf(out, "\n# without a name\n");
	fprintf(out, "# %s, %s: %s of the time\n# %s\n", finding->code->name,
		sure_name(finding->sure), share_text(share, &finding->share), finding->what);
	mend_print(out, &finding->mend, 0, WIDTH);
}

void looked_print_rules(FILE *out, const struct looked_all *all)
{
	struct list list = list_of(all);

	fprintf(out, "# of what sockfix " SOCKFIX_VERSION " look saw\n");
	for (size_t i = list.count; i-- > 0;)
		print_rule(out, &list.of[i]);
	free(list.of);
}
