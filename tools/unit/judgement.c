/* Keeps sentences. */
#include "tools/unit/judgement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/base/memory.h"

static char *print_list(const char *format, va_list list) __attribute__((format(printf, 1, 0)));
static char *print_list(const char *format, va_list list)
{
	char *text;

	return vasprintf(&text, format, list) < 0 ? memory_print("no memory") : text;
}

void judge_refuse(struct judgement *judgement, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (judgement->refusals < JUDGE_SENTENCES)
		judgement->refused[judgement->refusals++] = print_list(format, list);
	va_end(list);
}

void judge_note(struct judgement *judgement, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (judgement->notes < JUDGE_SENTENCES)
		judgement->note[judgement->notes++] = print_list(format, list);
	va_end(list);
}

void judge_free(struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->refusals; i++)
		free(judgement->refused[i]);
	for (size_t i = 0; i < judgement->notes; i++)
		free(judgement->note[i]);
	free(judgement->both);
	free(judgement->fine);
}
