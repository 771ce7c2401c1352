#!/usr/bin/python3
"""bench.py [TOPIC]...: measures sockfix against the bare program, side by side in one run, prints a
table a topic and writes $BUILD/bench.json. RUNS samples of each arm (7 at least, the default),
taken in turns: A B C A B C ... It asserts nothing; check.py does.
"""
import datetime
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import time

import bed
import topics

BUILD = os.environ.get("BUILD", "build")
RUNS = max(7, int(os.environ.get("RUNS", "7")))


def first_of(path, key=None):
    """The file's first line, or the value of the first line that begins with key."""
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            for line in file:
                if not key or line.startswith(key):
                    return line.split(":", 1)[-1].strip() if key else line.strip()
    except OSError:
        pass
    return "unknown"


def header():
    return {
        "machine": first_of("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "clocksource": first_of("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "congestion": first_of("/proc/sys/net/ipv4/tcp_congestion_control"),
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 2),
        "runs": RUNS,
    }


def raise_limit():
    """As many descriptors as we may have: root may have more than it was given."""
    with open("/proc/sys/fs/nr_open", encoding="ascii") as file:
        most = int(file.read())
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    except (ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cell(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def signed(value):
    return "-" if value is None else ("+" if value > 0 else "") + cell(value)


def print_list(rows, metrics):
    """A line an arm: time, its quartiles, how many times as fast as bare, what it adds; then other metrics."""
    main, *others = metrics
    of = {(row["arm"], row["metric"]): row for row in rows}
    for arm in dict.fromkeys(row["arm"] for row in rows):
        row = of[arm, main]
        spread = f"{cell(row['p25'])}..{cell(row['p75'])}"
        faster = f"{1 / row['ratio']:.2f}x" if row["ratio"] else "-"
        added = "" if arm == "bare" else signed(row["added"])
        rest = (of.get((arm, metric), {}).get("median") for metric in others)
        print(f"  {row['row']:<16} {arm:<13}{cell(row['median']):>9}  {spread:<17}{faster:>8}{added:>10}"
              + "".join(f"{cell(value):>11}" for value in rest), flush=True)


def print_line(rows, metric):
    """A line in all: bare, then what each other arm adds, each with half the width of its middle half."""
    name = rows[0]["row"]
    cells = []
    for row in (row for row in rows if row["metric"] == metric):
        half = (row["p75"] - row["p25"] if row["arm"] == "bare" else row["spread"]) / 2
        what = cell(row["median"]) if row["arm"] == "bare" else signed(row["added"])
        cells.append(f"{what + ' ±' + cell(half):>16}")
    print(f"  {name:<22}" + "".join(cells), flush=True)


def print_heads(topic, arms):
    print(f"\n{topic.name}: {topic.title}")
    if topic.wide:
        print(f"  {'':<22}" + "".join(f"{arm:>16}" for arm in arms))
    else:
        main, *others = topic.metrics
        print(f"  {'':<16} {'':<13}{main:>9}  {'p25..p75':<17}{'speed':>8}{'added':>10}"
              + "".join(f"{metric:>11}" for metric in others))


def run_topic(topic, stand):
    """The rows of one topic, printed as they come."""
    rows, heads = [], None
    for name, measure in topic.rows(stand):
        try:
            got = measure()
        except (bed.Failed, OSError, subprocess.SubprocessError) as failure:
            bed.note(f"{topic.name} {name}: left out: {failure}")
            continue
        if list(got) != heads and (topic.wide or not heads):
            heads = list(got)
            print_heads(topic, heads)
        new = bed.rows_of(name, got)
        rows += [{"topic": topic.name, **row} for row in new]
        if topic.wide:
            print_line(new, topic.metrics[0])
        else:
            print_list(new, topic.metrics)
    return rows


def main():
    names = [topic.name for topic in topics.ALL]
    asked = sys.argv[1:] or names
    for name in asked:
        if name not in names:
            sys.exit(f"bench.py: no topic is called {name}: there are {', '.join(names)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers are ended on the way
    raise_limit()
    head, began = header(), time.monotonic()
    print(", ".join(f"{key} {value}" for key, value in head.items()))
    stand, rows = bed.Bed(BUILD, RUNS), []
    for topic in topics.ALL:
        if topic.name in asked:
            rows += run_topic(topic, stand)
    head["seconds"] = round(time.monotonic() - began)
    for text in bed.NOTES:
        print(f"\nnote: {text}")
    with open(f"{BUILD}/bench.json", "w", encoding="utf-8") as file:
        json.dump({"head": head, "notes": bed.NOTES, "rows": rows}, file, indent=1)
        file.write("\n")
    print(f"\n{len(rows)} figures in {BUILD}/bench.json, {head['seconds']} s")


if __name__ == "__main__":
    main()
