/* The findings: as a table, each with a link to its evidence, and the evidence as `report CODE`
 * prints it, beside what the code means. */
#include "tools/show/html.h"

#include "tools/show/table.h"

static void print_cell(FILE *out, const char *head, const char *class, const char *text)
{
	fprintf(out, "<td data-head=\"%s\"%s%s%s>", head, class ? " class=\"" : "",
		class ? class : "", class ? "\"" : "");
	html_text(out, text);
	fputs("</td>\n", out);
}

static void print_row(FILE *out, const struct report *report, size_t number)
{
	const struct finding *finding = &report->findings->finding[number];
	char lost[TABLE_CELL], share[TABLE_CELL];

	table_lost(lost, finding);
	table_share(share, finding, report->verdict.whole);
	fputs("<tr>\n", out);
	print_cell(out, "LOST", "figure", lost);
	print_cell(out, "%RUN", "figure", share);
	print_cell(out, "SURE", NULL, sure_name(finding->sure));
	fprintf(out, "<td data-head=\"CODE\"><a href=\"#finding-%zu\">%s</a></td>\n", number + 1,
		finding->code->name);
	print_cell(out, "PEER", "peer-name", finding_peer(report, finding));
	print_cell(out, "WHAT", "what", finding->what);
	print_cell(out, "FIX", NULL, fix_name(finding->fix));
	fputs("</tr>\n", out);
}

void html_table(FILE *out, const struct report *report)
{
	struct captured captured;
	size_t shown = 0;

	fputs("<section id=\"findings\">\n<h2>Findings</h2>\n", out);
	for (size_t i = 0; i < report->findings->count; i++) {
		if (!table_shows(report, &report->findings->finding[i]))
			continue;
		if (shown++ == 0)
			fputs("<table>\n<thead><tr><th scope=\"col\" class=\"figure\">LOST</th>"
			      "<th scope=\"col\" class=\"figure\">%RUN</th>"
			      "<th scope=\"col\">SURE</th><th scope=\"col\">CODE</th>"
			      "<th scope=\"col\">PEER</th><th scope=\"col\">WHAT</th>"
			      "<th scope=\"col\">FIX</th></tr></thead>\n<tbody>\n",
				out);
		print_row(out, report, i);
	}
	fputs(shown ? "</tbody>\n</table>\n" : "<p>None that costs anything.</p>\n", out);
	captured_begin(&captured, HTML_FLOW);
	table_print_notes(captured.file, report, shown);
	captured_as_lines(out, &captured, NULL);
	fputs("</section>\n", out);
}

static void print_folded(FILE *out, const char *summary, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "<details><summary>%s</summary>\n", summary);
	html_element(out, "p", NULL, text);
	fputs("</details>\n", out);
}

/* What `sockfix explain CODE` says of it, for who has no sockfix at hand. */
static void print_meaning(FILE *out, const struct code *code)
{
	fputs("<div class=\"meaning\">\n<h4>What happens</h4>\n", out);
	html_element(out, "p", NULL, code->mechanism);
	fputs("\n<h4>What mends it</h4>\n", out);
	html_element(out, "p", NULL, code->remedy);
	fputc('\n', out);
	print_folded(out, "How it is told", code->proof);
	print_folded(out, "To the program's author", code->author);
	fputs("</div>\n", out);
}

static void print_finding(FILE *out, const struct report *report, size_t number)
{
	const struct finding *finding = &report->findings->finding[number];
	struct captured captured;

	fprintf(out, "<article id=\"finding-%zu\">\n<h3>%s ", number + 1, finding->code->name);
	html_text(out, finding->code->title);
	fputs("</h3>\n<div class=\"two\">\n", out);
	captured_begin(&captured, HTML_NARROW);
	finding_print(captured.file, report, finding);
	captured_as_is(out, &captured, "the evidence");
	print_meaning(out, finding->code);
	fputs("</div>\n</article>\n", out);
}

void html_findings(FILE *out, const struct report *report)
{
	size_t shown = 0;

	for (size_t i = 0; i < report->findings->count; i++) {
		if (!table_shows(report, &report->findings->finding[i]))
			continue;
		if (shown++ == 0)
			fputs("<section id=\"evidence\">\n<h2>The evidence</h2>\n", out);
		print_finding(out, report, i);
	}
	if (shown)
		fputs("</section>\n", out);
}
