#!/usr/bin/env python3
"""picture.py TITLE COMMAND: a screen of text, from stdin, as an SVG of a terminal's window on stdout.

Each line is one <text> of fixed length, so that columns stand whatever the reader's font is. Light
and dark as the reader's system is; what has a colour has a letter, too.
"""
import re
import sys
from xml.sax.saxutils import escape, quoteattr

CELL, LINE, SIDE, TOP = 8.4, 19, 22, 58
COLUMNS = 80

STYLE = """
.frame{fill:#fff;stroke:#d0d7de}.head{fill:#f0f2f5}.dot{fill:#c4cad1}.name{fill:#57606a}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1b1f24;
white-space:pre}
.b{font-weight:700}.soft{fill:#57606a}.program{fill:#0969da}.peer{fill:#9a6700}.stalled{fill:#cf222e}
.doubt{fill:#8250df}
@media (prefers-color-scheme:dark){.frame{fill:#0d1117;stroke:#3d444d}.head{fill:#161b22}
.dot{fill:#3d444d}.name,.soft{fill:#9198a1}text{fill:#e6edf3}.program{fill:#79c0ff}
.peer{fill:#e3b341}.stalled{fill:#ff7b72}.doubt{fill:#d2a8ff}}
"""
LETTER = {"=": "program", ">": "peer", "#": "stalled", "?": "doubt", ".": "soft", "~": "soft"}


def span(text, look):
    return f'<tspan class="{look}">{escape(text)}</tspan>' if look else escape(text)


def looks(line):
    """Pieces of the line, each with its look or None."""
    if line.startswith("$ "):
        return [("$ ", "soft"), (line[2:], "b")]
    bar = re.fullmatch(r"( *\|)([=>#?.~]+)(\|)", line)
    if bar:
        cells = re.findall(r"((.)\2*)", bar[2])
        return [(bar[1], None), *((run, LETTER[cell]) for run, cell in cells), (bar[3], None)]
    verdict = re.fullmatch(r"( *)([A-Z][A-Z ]+[A-Z]\.)(.*)", line)
    if verdict:
        return [(verdict[1], None), (verdict[2], "b"), (verdict[3], None)]
    if re.match(r" +LOST +%RUN", line):
        return [(line, "soft")]
    return [(line, None)]


def draw_line(number, line):
    blank = len(line) - len(line.lstrip())
    length = (len(line) - blank) * CELL
    pieces = [(text, look) for text, look in looks(line) if text]
    if pieces and not pieces[0][0].strip():
        pieces.pop(0)
    elif pieces:
        pieces[0] = (pieces[0][0].lstrip(), pieces[0][1])
    return (f'<text x="{SIDE + blank * CELL:.1f}" y="{TOP + number * LINE}" '
            f'textLength="{length:.1f}" xml:space="preserve">'
            + "".join(span(*piece) for piece in pieces) + "</text>")


def draw(title, lines):
    width = round(2 * SIDE + COLUMNS * CELL)
    height = TOP + len(lines) * LINE
    said = " ".join(line.strip() for line in lines if re.match(r" *[A-Z ]+\. ", line))
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
           f'height="{height}" role="img" aria-label={quoteattr(title)}>')
    yield f"<title>{escape(title)}</title>\n<desc>{escape(said)}</desc>\n<style>{STYLE}</style>"
    yield f'<rect class="frame" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9"/>'
    yield f'<path class="head" d="M1 34V9q0 -8 8 -8H{width - 9}q8 0 8 8V34z"/>'
    yield "".join(f'<circle class="dot" cx="{x}" cy="17" r="6"/>' for x in (22, 42, 62))
    yield f'<text class="name" x="{width / 2:.0f}" y="22" text-anchor="middle">{escape(title)}</text>'
    for number, line in enumerate(lines):
        if line.strip():
            yield draw_line(number, line)
    yield "</svg>"


def main():
    title, command = sys.argv[1:]
    lines = ["$ " + command, ""] + sys.stdin.read().strip("\n").split("\n")
    longest = max(map(len, lines))
    if longest > COLUMNS:
        sys.exit(f"picture.py: a line has {longest} columns, of {COLUMNS}")
    print("\n".join(draw(title, lines)))


if __name__ == "__main__":
    main()
