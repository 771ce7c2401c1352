#!/usr/bin/python3
"""table.py [NAME]...: real programs bare and under sockfix, a row each: what each said, made and
returned must be the same, and the time no longer than 1/0.95 of bare's. Prints the rows as they
come, then the table, and writes it to $BUILD/real.tsv. A NAME takes the rows that begin with it or
that are in the module of that name. Exit status: 1 where a row differs, fails or is too slow.

Everything runs in namespaces of its own: no port of the host is taken, and what is left of a row's
processes ends with the table. PAIRS= is the number of timed pairs of runs a row, for all rows.
"""
import importlib
import os
import pathlib
import sys
import time

import place
from row import Result

INSIDE = "SOCKFIX_REAL_INSIDE"
HEADS = ("program", "version", "under", "result", "ratio", "quartiles", "cpu", "pairs", "seconds",
         "compared")


def enter():
    """Begins anew where the network and the process numbers are its own."""
    if os.environ.get(INSIDE):
        return
    if os.geteuid() != 0:
        sys.exit("table.py needs root: for namespaces, and for servers that change their user")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh",
                          "-c", 'ip link set lo up && "$@"; exit $?', "sh", place.PYTHON,
                          os.path.abspath(__file__), *sys.argv[1:]])


def rows(names):
    found = []
    for path in sorted(pathlib.Path(__file__).with_name("rows").glob("*.py")):
        module = importlib.import_module(f"rows.{path.stem}")
        found += [row for row in module.ROWS
                  if not names or path.stem in names or row.name.startswith(tuple(names))]
    return found


def cells(result, seconds):
    def figure(value):
        return "-" if value is None else f"{value:.2f}"
    row = result.row
    ratio = figure(result.ratio) + (" SLOW" if result.slow else "")
    what = result.result + (f"; slow: {row.explained}" if result.slow and row.explained else "")
    spread = "..".join(map(figure, result.spread)) or "-"
    return (row.name, row.version(), row.under, what, ratio, spread, figure(result.cpu),
            str(result.pairs or "-"), f"{seconds:.0f}", row.compared)


def measured(row):
    begin = time.monotonic()
    try:
        result = row.measure()
    except Exception as fault:  # a row that is wrong itself must not end the others
        result = Result(row, f"failed: {type(fault).__name__}: {fault}")
    return result, cells(result, time.monotonic() - begin)


def print_table(table):
    """Aligned; what differs says how on a line of its own, for that is long."""
    heads = [head for head in HEADS if head not in ("quartiles", "seconds")]
    print()
    lines = [heads]
    for line in table:
        line = dict(zip(HEADS, line))
        lines.append([line[head].split(":")[0] if head == "result" else line[head] for head in heads])
    widths = [max(len(line[n]) for line in lines) for n in range(len(heads))]
    for line, full in zip(lines, [None, *table]):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if full and full[3] != "equal":
            print(f"    {full[3]}")


def main():
    enter()
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    wanted, table, bad = rows(sys.argv[1:]), [], []
    if not wanted:
        sys.exit(f"no row is called {' '.join(sys.argv[1:])}")
    for row in wanted:
        result, line = measured(row)
        table.append(line)
        print("\t".join(line[:9]), flush=True)
        if not result.good:
            bad.append(row.name)
    print_table(table)
    with open(f"{place.BUILD}/real.tsv", "w", encoding="utf-8") as file:
        file.writelines("\t".join(cell.replace("\t", " ") for cell in line) + "\n"
                        for line in (HEADS, *table))
    print(f"\n{len(table)} rows, {len(bad)} to look at{': ' if bad else ''}{', '.join(bad)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
