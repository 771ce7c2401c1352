/* How the parts of time look: a colour each, and a hatching and a letter, so that neither black and
 * white print nor an eye for which two colours are one loses anything. */
#include "tools/show/html.h"

/* lines: drawn in a square of 8 by 8 over its ground. */
static const struct {
	const char *name, *lines;
} hatch_table[BAR_PARTS] = {
	[BAR_PROGRAM] = {"program", "M0 2.5h8M0 6.5h8"},
	[BAR_PEER] = {"peer", "M1 0l4 4l-4 4"},
	[BAR_DOUBT] = {"doubt", "M-2 6l8 -8M0 10l10 -10"},
	[BAR_STALLED] = {"stalled", "M0 0l8 8M8 0l-8 8"},
	[BAR_OTHER] = {"other", "M3 3h2v2h-2z"},
	[BAR_UNSEEN] = {"unseen", "M0 5q2 -4 4 0t4 0"},
};

const char *html_hatch(enum bar part)
{
	return hatch_table[part].name;
}

void html_hatches(FILE *out)
{
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\" "
	      "class=\"hatches\" aria-hidden=\"true\" focusable=\"false\"><defs>\n",
		out);
	for (int part = 0; part < BAR_PARTS; part++)
		fprintf(out,
			"<pattern id=\"h-%s\" width=\"8\" height=\"8\" "
			"patternUnits=\"userSpaceOnUse\" class=\"%s\">"
			"<rect width=\"8\" height=\"8\"/><path d=\"%s\"/></pattern>\n",
			hatch_table[part].name, hatch_table[part].name, hatch_table[part].lines);
	fputs("</defs></svg>\n", out);
}

void html_sign(FILE *out, enum bar part, char letter)
{
	const char markup[] = {letter, '\0'};

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"sign\" width=\"18\" "
		"height=\"18\" aria-hidden=\"true\" focusable=\"false\">"
		"<rect x=\"0.5\" y=\"0.5\" width=\"17\" height=\"17\" fill=\"url(#h-%s)\"/></svg>"
		"<code class=\"letter\">",
		hatch_table[part].name);
	html_text(out, markup);
	fputs("</code>", out);
}
