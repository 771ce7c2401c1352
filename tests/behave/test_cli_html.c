/* `sockfix report --format html`: one page that an XML parser takes, whose figures and sentences
 * are those of the other formats, which loads nothing, runs nothing, and in which what somebody
 * chose to call things is text. How it looks is `make test-html`'s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

static struct stage stage;

/* check.py RUN [OPTION...]: the page of it, held against text, JSON, evidence and rules. Prints the
 * verdict and the table of findings. */
static const char check_text[] =
	"import html.parser, json, os, re, subprocess, sys\n"
	"import xml.etree.ElementTree as tree\n"
	"H, S = '{http://www.w3.org/1999/xhtml}', '{http://www.w3.org/2000/svg}'\n"
	"def sockfix(*words, columns='80'):\n"
	"	return subprocess.run([os.environ['SOCKFIX'], *words], capture_output=True,\n"
	"		env=dict(os.environ, COLUMNS=columns)).stdout.decode()\n"
	"run, options = sys.argv[1], sys.argv[2:]\n"
	"page = sockfix('report', '--format', 'html', *options, run)\n"
	"assert page == sockfix('report', '--format', 'html', *options, run, columns='177')\n"
	"text = sockfix('report', *options, run, columns='200')\n"
	"report = json.loads(sockfix('report', '--format', 'json', *options, run))\n"
	"root = tree.fromstring(page)\n"
	"class Open(html.parser.HTMLParser):\n"
	"	names = []\n"
	"	def handle_starttag(self, name, values): self.names.append(name)\n"
	"	def handle_endtag(self, name): assert self.names.pop() == name\n"
	"parser = Open()\n"
	"parser.feed(page)\n"
	"assert not parser.names\n"
	"def said(node): return ' '.join(''.join(node.itertext()).split())\n"
	"def part(id):\n"
	"	found = [n for n in root.iter() if n.get('id') == id]\n"
	"	assert len(found) == 1, (id, len(found))\n"
	"	return found[0]\n"
	"kinds = {n.tag.split('}')[1] for n in root.iter()}\n"
	"assert not kinds & {'script', 'iframe', 'object', 'embed', 'link', 'img', 'image', 'use',\n"
	"	'foreignObject', 'form', 'base', 'audio', 'video'}, kinds\n"
	"ids = [n.get('id') for n in root.iter() if n.get('id')]\n"
	"assert len(ids) == len(set(ids))\n"
	"for n in root.iter():\n"
	"	for name, value in n.attrib.items():\n"
	"		assert not name.startswith('on') and name not in ('src', 'srcset', 'style'), name\n"
	"		if name.endswith('href'): assert value[0] == '#' and value[1:] in ids, value\n"
	"		for url in re.findall(r'url\\(([^)]*)', value): assert url[1:] in ids, url\n"
	"style = ''.join(n.text for n in root.iter(H + 'style'))\n"
	"assert 'url(' not in style and '@import' not in style\n"
	"for n in root.iter(S + 'svg'):\n"
	"	assert n.get('aria-hidden') == 'true' or n.get('role') == 'img' and said(n[0])\n"
	"whole = ' '.join(text.split())\n"
	"assert said(root.find(H + 'body/' + H + 'header/' + H + 'p/' + H + 'code')) == \\\n"
	"	' '.join(report['run']['command'].split())\n"
	"for line in [*part('verdict'), *root.iter(H + 'div')]:\n"
	"	for p in [line] if line.tag == H + 'p' else line.findall(H + 'p'):\n"
	"		if line.get('class') in ('meaning', None) and line.tag != H + 'p': continue\n"
	"		assert said(p) in whole, said(p)\n"
	"verdict = said(part('verdict'))\n"
	"assert verdict.startswith(report['verdict'] + '.')\n"
	"legend = [said(n) for n in part('time').iter(H + 'li')]\n"
	"for line in legend:\n"
	"	letter, figure = line[0], re.search(r'([0-9.]+ m?s) \\(', line).group(1)\n"
	"	assert re.search(re.escape(letter) + r' [a-zA-Z, ]+ ' + re.escape(figure), whole), line\n"
	"bars = [n for n in part('time').iter(S + 'rect') if n.get('class') == 'edge']\n"
	"assert abs(sum(float(n.get('width')[:-1]) for n in bars) - 100) < .1\n"
	"shown = [f for f in report['findings'] if not f['code'].startswith('A')\n"
	"	and ('--all' in options or not f['minor'])]\n"
	"rows = [[said(c) for c in r.iter(H + 'td')] for r in part('findings').iter(H + 'tr')][1:]\n"
	"assert [r[3] for r in rows] == [f['code'] for f in shown]\n"
	"for row, f in zip(rows, shown):\n"
	"	assert row[2] == f['sure'] and row[4] == (f['peer'] or '-') and row[5] == f['what']\n"
	"	assert row[6] == f['fix'], row\n"
	"	assert re.search(re.escape('%s %s %s %s' % tuple(row[:4])), whole), row\n"
	"def pre(node): return ''.join(node.itertext())\n"
	"def wide(*words, columns='80'): return sockfix(*words, columns=columns).strip('\\n')\n"
	"for i, f in enumerate(shown):\n"
	"	evidence = pre(next(part('finding-%d' % (i + 1)).iter(H + 'pre'))).strip('\\n')\n"
	"	if [g['code'] for g in shown].index(f['code']) == i:\n"
	"		mine = wide('report', *[o for o in options if o == '--anonymize'], f['code'], run,\n"
	"			columns='60')\n"
	"		assert evidence == mine, (evidence, mine)\n"
	"if '--anonymize' not in options:\n"
	"	assert pre(next(part('rules').iter(H + 'pre'))).strip('\\n') == \\\n"
	"		wide('suggest', *[o for o in options if o == '--all'], run)\n"
	"	assert pre(next(part('next').iter(H + 'pre'))).strip('\\n') in \\\n"
	"		wide('report', *options, run, columns='60')\n"
	"def seconds(text): return {name.strip(): figure for name, figure in\n"
	"	re.findall(r'([a-zA-Z, ]+?) ([0-9.]+ s)(?:, |$)', text)}\n"
	"figure = next(part('timeline').iter(H + 'figcaption'))\n"
	"split = report['split_ns']\n"
	"assert abs(float(seconds(said(figure))['the whole run: stalled'\n"
	"	if 'the whole run: stalled' in seconds(said(figure)) else 'stalled'][:-2])\n"
	"	- split['stalled'] / 1e9) < .06 + split['stalled'] / 1e10, said(figure)\n"
	"lanes = [n for n in part('timeline').iter(H + 'figure') if n.get('class') == 'lane']\n"
	"assert len(lanes) >= min(12, report['run']['connections'])\n"
	"for table in part('times').iter(H + 'table'):\n"
	"	turns = [int(said(r[2]).replace(',', '')) for r in table.find(H + 'tbody')]\n"
	"	caption = said(table.find(H + 'caption'))\n"
	"	assert sum(turns) == int(re.search(r'([0-9,]+) turn', caption).group(1).replace(',', ''))\n"
	"	assert turns[0] and turns[-1]\n"
	"print(report['verdict'], [r[3] for r in rows], len(lanes), sum(1 for n in root.iter()) < 4000)\n";

static int group_set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	capture_write(stage.folder, "check.py", check_text, 0644);
	stage_shell(&stage,
		"$SOCKFIX record -q -o stall -- %s 60 2; "
		"$SOCKFIX record -q -o no -- %s 40 1",
		stage.client, stage.client);
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

static void check(const char *words, const char *expected)
{
	stage_shell(&stage, "export SOCKFIX; python3 check.py %s", words);
	stage_expect(&stage, 0, expected, "");
}

static void the_page_says_what_the_screen_says(void **state)
{
	(void)state;
	check("stall", "STALLED ['N01'] 1 True\n");
	check("no", "IT IS NOT THE SOCKETS [] 1 True\n");
}

static void all_has_minor_findings_too(void **state)
{
	(void)state;
	stage_shell(&stage, "export SOCKFIX; python3 check.py stall --all");
	assert_int_equal(stage.capture.status, 0);
	assert_memory_equal(stage.capture.out, "STALLED ['N01'", 14);
	stage_run(&stage, "report --format html --all --calls stall");
	expect_in(stage.capture.out, "<section id=\"calls\">");
	expect_in(stage.capture.out, "<section id=\"connections\">");
	stage_run(&stage, "report --format html stall");
	expect_not_in(stage.capture.out, "<section id=\"calls\">");
}

/* Records the client as a file with such a name, with an argument that has markup, quotes, an
 * entity, ends of a comment and of CDATA, control characters, bytes that are no UTF-8, a character
 * that is none and one that turns the direction of writing. */
static const char hostile_text[] =
	"import os, shutil, sys\n"
	"name = '<img src=x onerror=alert(1)>.pl'\n"
	"shutil.copy('client.pl', name)\n"
	"os.execvp(os.environ['SOCKFIX'], ['sockfix', 'record', '-q', '-o', 'hostile', '--',\n"
	"	'perl', name, sys.argv[1], '60', '2',\n"
	"	b'</code><script>alert(1)</script>&amp; --> ]]>',\n"
	"	b'</code><script>&amp;\\'\" x=\"y\\033[31m\\001\\377\\300\\200 \\357\\277\\276 \\342\\200\\256 "
	"\\303\\244'])\n";

static void names_are_text(void **state)
{
	(void)state;
	capture_write(stage.folder, "hostile.py", hostile_text, 0644);
	stage_shell(&stage, "export SOCKFIX; python3 hostile.py %s", stage.port);
	stage_expect(&stage, 0, "", "");
	check("hostile", "STALLED ['N01'] 1 True\n");
	stage_run(&stage, "report --format html hostile");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out,
		"&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp; --&gt; ]]&gt;");
	expect_in(stage.capture.out, "&lt;img src=x onerror=alert(1)&gt;.pl");
	expect_not_in(stage.capture.out, "<script");
	expect_not_in(stage.capture.out, "<img");
	expect_not_in(stage.capture.out, "\033");
	expect_not_in(stage.capture.out, "\001");
	expect_not_in(stage.capture.out, "\377");
	expect_not_in(stage.capture.out, "\357\277\276");
	expect_not_in(stage.capture.out, "\342\200\256");
}

/* What only a recording that was tampered with can have in it. */
static void rules_and_peers_are_text(void **state)
{
	(void)state;
	stage_shell(&stage,
		"cp -r stall tampered; python3 -c \"\n"
		"import json\n"
		"run = json.load(open('tampered/run.json'))\n"
		"for key in run:\n"
		"	if isinstance(run[key], str): run[key] = '<b onclick=x>&' + chr(34)\n"
		"run['rules'] = '1:n=<b>&'\n"
		"json.dump(run, open('tampered/run.json', 'w'))\"\n"
		"$SOCKFIX report --format html --all tampered >page; "
		"grep -c '<b on' page; grep -c '<b>&' page; xargs -0 python3 -c \"\n"
		"import sys, xml.etree.ElementTree as t; t.fromstring(open('page').read())\" </dev/null");
	stage_expect(&stage, 0, "0\n0\n", "");
}

static void for_strangers(void **state)
{
	(void)state;
	check("stall --anonymize", "STALLED ['N01'] 1 True\n");
	stage_run(&stage, "report --format html --anonymize stall");
	expect_not_in(stage.capture.out, "client.pl");
	expect_not_in(stage.capture.out, stage.folder);
}

static void fail_over_goes_with_it(void **state)
{
	(void)state;
	stage_run(&stage, "report --format html --fail-over 5 stall");
	assert_int_equal(stage.capture.status, 1);
	stage_run(&stage, "report --format html --fail-over 100 stall");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "</html>\n");
}

static void what_it_is_not_for(void **state)
{
	static const struct {
		const char *words, *sentence;
	} table[] = {
		{"--format html N01 stall",
			"a CODE goes with neither --format html nor --fail-over"},
		{"--format html stall no",
			"--format html is of one recording; of two there are text and json"},
		{"--format HTML stall", "--format takes text, json, html or perfetto, not 'HTML'"},
		{"--format html --limit 5 stall", "--limit is for --format perfetto"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char *said = must_print(
			"sockfix: report: %s; see sockfix report --help\n", table[i].sentence);
		stage_run(&stage, "report %s", table[i].words);
		stage_expect(&stage, 2, "", said);
		free(said);
	}
	stage_shell(&stage, "$SOCKFIX report --format html stall >/dev/full");
	assert_int_equal(stage.capture.status, 2);
}

static void of_a_run_without_connections(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -o nothing -- true; "
		"$SOCKFIX report --format html nothing >page; "
		"python3 -c \"\n"
		"import xml.etree.ElementTree as t; t.fromstring(open('page').read())\"; "
		"grep -o '<strong>[^<]*' page");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "<strong>");
}

/* README's picture is made of a screen like this: each line is there, in its place, and no more. */
static void a_picture_is_the_screen(void **state)
{
	char *picture = realpath("tools/packaging/picture/picture.py", NULL);

	(void)state;
	assert_non_null(picture);
	stage_shell(&stage,
		"$SOCKFIX report stall >screen; python3 %s 'a <title>' 'sockfix report' <screen >svg && "
		"python3 -c \"\n"
		"import os, xml.etree.ElementTree as tree\n"
		"root = tree.parse('svg').getroot()\n"
		"lines = [n for n in root.iter('{http://www.w3.org/2000/svg}text')][2:]\n"
		"drawn = [' ' * round((float(n.get('x')) - 22) / 8.4) + ''.join(n.itertext())\n"
		"	for n in lines]\n"
		"screen = [l for l in open('screen').read().split(chr(10)) if l.strip()]\n"
		"assert drawn == screen, (drawn, screen)\n"
		"assert os.path.getsize('svg') < 30000\"",
		picture);
	stage_expect(&stage, 0, "", "");
	stage_shell(&stage, "printf '%%081d' 1 | python3 %s a b", picture);
	stage_expect(&stage, 1, "", "picture.py: a line has 81 columns, of 80\n");
	free(picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_what_the_screen_says),
		cmocka_unit_test(all_has_minor_findings_too),
		cmocka_unit_test(names_are_text),
		cmocka_unit_test(rules_and_peers_are_text),
		cmocka_unit_test(for_strangers),
		cmocka_unit_test(fail_over_goes_with_it),
		cmocka_unit_test(what_it_is_not_for),
		cmocka_unit_test(of_a_run_without_connections),
		cmocka_unit_test(a_picture_is_the_screen),
	};

	return cmocka_run_group_tests_name("cli_html", tests, group_set_up, group_tear_down);
}
