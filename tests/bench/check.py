#!/usr/bin/python3
"""check.py [-v] BENCH.JSON FLOORS: whether the figures are as good as the floors say. One line a
violation, and then exit status 1; with -v one for each figure that is held against a floor. That none
is, is a violation, too. A line of FLOORS:

    TOPIC ROW ARM METRIC OP VALUE  # reason

ROW may hold * and ?. ARM is an arm, or ARM/OTHER: against that one in place of bare. METRIC is one
of bench.json's, or its .ratio, .speed (how many times as fast) or .added; OP is <= or >=. Those
three are the better of two: that of the medians, and that of the least samples; for what else the
machine does makes one of them worse, and seldom both. A line that no row of a measured topic fits
is a violation, too.

A row that was measured against itself has an arm 'again'. Its medians are of neighbours in time
already, and least samples are not asked. Nothing is asserted where the middle half of what bare
differs from itself is wider than the distance that the floor asks: that is said, and is no
violation.
"""
import fnmatch
import json
import operator
import sys

OPS = {"<=": operator.le, ">=": operator.ge}
VERDICTS = {True: "pass  ", False: "FAIL  ", None: "skip  "}


def figure(rows, topic, row, arm, metric):
    """None: there is no such figure."""
    arm, _, other = arm.partition("/")
    metric, _, part = metric.partition(".")
    got = rows.get((topic, row, arm, metric))
    base = rows.get((topic, row, other or "bare", metric))
    if not got or (part and not (base and base["least"])):
        return None
    if not part:
        return got["median"]
    paired = (topic, row, "again", metric) in rows
    if part == "added":
        middle = got["median"] - base["median"] if other else got["added"]
        return middle if paired else min(middle, got["least"] - base["least"])
    middle = got["median"] / base["median"] if other else got["ratio"]
    ratio = middle if paired else min(middle, got["least"] / base["least"])
    return 1 / ratio if part == "speed" else ratio


def distance(bare, part, value):
    """How far from bare a floor is, in the metric's unit; None: it is not about that."""
    return {"added": lambda: abs(value), "ratio": lambda: abs(value - 1) * bare,
            "speed": lambda: abs(1 / value - 1) * bare}.get(part, lambda: None)()


def too_wide(rows, topic, row, metric, value):
    """A sentence, where bare differs from itself by more than that floor asks; else None."""
    metric, _, part = metric.partition(".")
    again = rows.get((topic, row, "again", metric))
    if not again or not part:
        return None
    asked = distance(rows[topic, row, "bare", metric]["median"], part, value)
    if asked is None or again["spread"] < asked:
        return None
    return (f"{topic} {row} {metric}.{part}: not asserted: bare differs from itself by {again['spread']:.3g},"
            f" and {asked:.3g} is asked")


def check_line(rows, words):
    """(Whether it is as it should be, or None, where that cannot be told; a sentence), for each row
    that the line is about."""
    topic, pattern, arm, metric, op, value = words
    names = dict.fromkeys(key[1] for key in rows if key[0] == topic)
    if not names:
        return
    found = False
    for row in fnmatch.filter(names, pattern):
        got = figure(rows, topic, row, arm, metric)
        if got is None:
            continue
        found = True
        wide = too_wide(rows, topic, row, metric, float(value))
        if wide:
            yield None, wide
            continue
        yield (OPS[op](got, float(value)),
               f"{topic} {row} {arm} {metric}: {got:.4g}, to be {op} {value}")
    if not found:
        yield False, f"{topic} {pattern} {arm} {metric}: not measured"


def main():
    *options, figures, floors = sys.argv[1:]
    with open(figures, encoding="utf-8") as file:
        rows = {(row["topic"], row["row"], row["arm"], row["metric"]): row
                for row in json.load(file)["rows"]}
    held = wrong = 0
    with open(floors, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text, _, reason = line.partition("#")
            words = text.split()
            if not words:
                continue
            if len(words) != 6 or words[4] not in OPS or not reason.strip():
                sys.exit(f"{floors}:{number}: wants TOPIC ROW ARM METRIC OP VALUE  # reason")
            for good, sentence in check_line(rows, words):
                verdict = VERDICTS[good] if options == ["-v"] else ""
                if verdict or not good:
                    print(f"{verdict}{sentence}  # {reason.strip()}")
                held, wrong = held + (good is not None), wrong + (good is False)
    sys.exit(wrong > 0 if held else f"{figures}: no figure that {floors} is about")


if __name__ == "__main__":
    main()
