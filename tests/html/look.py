#!/usr/bin/env python3
"""look.py: how `sockfix report --format html` looks, in a real browser.

Pages of an import that stalls, of many connections and threads, and of a program with a hostile
name are opened by headless Chromium, 400 and 1280 pixels wide, light and dark. A second page
(harness.html) holds each in a frame and writes down what it measured. It fails where the page is
wider than its window, where a text has less contrast than WCAG wants (4.5), where the dark one is
not dark, where anything was loaded or a script ran. Pictures and a print are left in $BUILD/html, to
be looked at. BUILD (build): where sockfix, imapd and bench/recording are.
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
SOCKFIX = os.path.join(BUILD, "sockfix")
WIDTHS = 400, 1280
SCHEMES = {"light": 1, "dark": 0}  # blink's preferredColorScheme
HOSTILE = ("</code></title><script>parent.ran = 1; window.ran = 1</script>"
           "<img src=http://192.0.2.1/x onerror='parent.ran = 1'><style>@import 'http://192.0.2.1'")

HARNESS = """<!DOCTYPE html><meta charset="utf-8">
<iframe id="f" width="%(width)d" height="600" style="border:0" src="%(page)s"></iframe>
<pre id="out"></pre><script>
function luminance(c) {
	const [r, g, b] = c.map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
	return .2126 * r + .7152 * g + .0722 * b;
}
function colour(text) {
	const n = text.match(/[0-9.]+/g).map(Number);
	return n.length > 3 && n[3] === 0 ? null : n.slice(0, 3);
}
function ground(node, view) {
	for (; node; node = node.parentElement) {
		const c = colour(view.getComputedStyle(node).backgroundColor);
		if (c) return c;
	}
	return [255, 255, 255];
}
function scrolls(node, view) {
	for (node = node.parentElement; node; node = node.parentElement)
		if (view.getComputedStyle(node).overflowX === 'auto') return true;
	return false;
}
window.onload = () => setTimeout(() => {
	const view = f.contentWindow, doc = f.contentDocument, root = doc.documentElement;
	const beyond = [], dim = [];
	for (const node of doc.body.querySelectorAll('*')) {
		const box = node.getBoundingClientRect();
		if (box.width && box.right > view.innerWidth + .5 && !scrolls(node, view))
			beyond.push(node.tagName + ' ' + (node.className.baseVal ?? node.className));
		const text = [...node.childNodes].some(n => n.nodeType === 3 && n.data.trim());
		if (!text || !box.width || ['title', 'desc'].includes(node.tagName)) continue;
		const look = view.getComputedStyle(node);
		const fore = colour(node.tagName === 'text' ? look.fill : look.color);
		const [a, b] = [luminance(fore), luminance(ground(node, view))].sort().reverse();
		const hi = Math.max(a, b), lo = Math.min(a, b);
		if ((hi + .05) / (lo + .05) < 4.5)
			dim.push(node.tagName + ' ' + look.color + ' ' + node.textContent.slice(0, 20));
	}
	out.textContent = 'MEASURED' + JSON.stringify({
		scroll: root.scrollWidth, inner: view.innerWidth, height: root.scrollHeight,
		elements: doc.querySelectorAll('*').length, beyond, dim,
		ground: luminance(ground(doc.body, view)), ran: !!(window.ran || view.ran),
		scripts: doc.scripts.length,
		loaded: view.performance.getEntriesByType('resource').map(e => e.name),
	}) + 'END';
}, 100);
</script>
"""


def fail(text):
    sys.exit("look.py: " + text)


def chromium():
    for name in "chromium", "chromium-browser", "google-chrome":
        if shutil.which(name):
            return name
    fail("no chromium: apt-get install chromium")


def browse(folder, scheme, *words):
    """What it prints. It has a profile of its own, and no network of its own accord."""
    command = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--no-first-run", "--disable-background-networking", "--disable-component-update",
               "--allow-file-access-from-files", f"--user-data-dir={folder}/profile",
               f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", *words]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    if done.returncode:
        fail(f"chromium ended with {done.returncode}: {done.stderr.decode()[-600:]}")
    return done.stdout.decode()


def record(folder, *command, **keywords):
    subprocess.run([SOCKFIX, "record", "-q", "-o", folder, "--", *command], check=True, **keywords)


def recordings(folder):
    """Folders of recordings by name."""
    runs = {name: os.path.join(folder, name) for name in ("import", "many", "hostile")}
    server = subprocess.Popen([os.path.join(BUILD, "imapd"), "-e"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    port = server.stdout.readline().decode().strip()
    client = ["python3", os.path.join(ROOT, "examples/imap/import.py"), "127.0.0.1", port,
              "--count", "40"]
    quiet = {"stdout": subprocess.DEVNULL}
    record(runs["import"], *client, **quiet)
    # Its own words reach the program behind --count: argparse takes the last one.
    record(runs["hostile"], "sh", "-c", "shift; exec \"$@\"", HOSTILE, HOSTILE, *client, **quiet)
    server.stdin.close()
    server.wait()
    os.mkdir(runs["many"])
    subprocess.run([os.path.join(BUILD, "bench/recording"), runs["many"], "60000", "40", "3"],
                   check=True)
    return runs


def check(name, page, folder, width, scheme):
    harness = os.path.join(folder, "harness.html")
    with open(harness, "w", encoding="utf-8") as file:
        file.write(HARNESS % {"width": width, "page": html.escape(os.path.basename(page))})
    log = os.path.join(folder, "net.json")
    out = browse(folder, scheme, "--virtual-time-budget=5000", "--window-size=1600,4000",
                 f"--log-net-log={log}", "--dump-dom", "file://" + harness)
    found = re.search(r"MEASURED(.*?)END", out, re.S)
    if not found:
        fail(f"{name}, {width}, {scheme}: nothing was measured")
    seen = json.loads(html.unescape(found.group(1)))
    with open(log, encoding="utf-8") as file:
        asked = set(re.findall(r'"url":"(https?://[^"]*192\.0\.2\.[^"]*)"', file.read()))
    wrong = [text for bad, text in (
        (seen["inner"] != width, f"the window is {seen['inner']} wide"),
        (seen["scroll"] > seen["inner"], f"it is {seen['scroll']} wide"),
        (seen["beyond"], f"beyond the right end: {seen['beyond'][:5]}"),
        (seen["dim"], f"too little contrast: {seen['dim'][:5]}"),
        ((seen["ground"] > .5) != (scheme == "light"), f"its ground is {seen['ground']:.2f}"),
        (seen["ran"] or seen["scripts"], "a script ran, or is there"),
        (seen["loaded"] or asked, f"it loaded {seen['loaded']} {asked}"),
        (seen["elements"] > 4000, f"{seen['elements']} elements"),
    ) if bad]
    if wrong:
        fail(f"{name}, {width} px, {scheme}: " + "; ".join(wrong))
    return seen["height"]


def main():
    shown = os.path.join(BUILD, "html")
    os.makedirs(shown, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, run in recordings(folder).items():
            page = os.path.join(folder, name + ".html")
            with open(page, "wb") as file:
                subprocess.run([SOCKFIX, "report", "--all", "--format", "html", run], stdout=file,
                               check=True)
            for width in WIDTHS:
                for scheme in SCHEMES:
                    height = check(name, page, folder, width, scheme)
                    picture = os.path.join(shown, f"{name}-{width}-{scheme}.png")
                    browse(folder, scheme, f"--window-size={width},{min(height, 8000)}",
                           f"--screenshot={picture}", "file://" + page)
                    print(f"  {name:8} {width:4} px {scheme:5} {height:5} px high  {picture}")
            browse(folder, "light", f"--print-to-pdf={shown}/{name}.pdf", "file://" + page)
            if os.path.getsize(f"{shown}/{name}.pdf") < 5000:
                fail(f"{name}: nothing was printed")


if __name__ == "__main__":
    main()
