#!/usr/bin/env python3
"""report.py BUILD UNIT-TEST...: what of shim/ and rules/ the tests have reached, after a run of them
in a build of VARIANT=coverage.

Prints lines and branches a file and in all. Fails below 90 % of lines or 80 % of branches, where a
function that was never entered is not in tests/coverage/unreached, and where one that is listed
there was entered or is gone."""
import json
import os
import subprocess
import sys

FLOORS = {"lines": 90, "branches": 80}
OURS = ("shim/", "rules/")
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def profile(image, out, library):
    """Has the image write what its processes counted; the library is carried by true(1)."""
    env = dict(os.environ, SOCKFIX_COVERAGE_OUT=out)
    if library:
        env["LD_PRELOAD"] = image
    subprocess.run(["true"] if library else [image], env=env, stdout=subprocess.DEVNULL, check=True)
    return out


def export(build, units):
    images = [os.path.abspath(os.path.join(build, name)) for name in ("libsockfix.so", "sockfix")]
    images += [os.path.abspath(unit) for unit in units]
    folder = os.path.join(build, "coverage")
    raw = [profile(image, f"{folder}/{n}.profraw", n == 0) for n, image in enumerate(images)]
    merged = os.path.join(folder, "all.profdata")
    subprocess.run(["llvm-profdata", "merge", "-o", merged] + raw, check=True)
    objects = [word for image in images[1:] for word in ("-object", image)]
    got = subprocess.run(["llvm-cov", "export", "-instr-profile", merged, images[0]] + objects,
                         stdout=subprocess.PIPE, check=True)
    return json.loads(got.stdout)["data"][0]


def ours(path):
    name = os.path.relpath(path, ROOT)
    return name if name.startswith(OURS) else None


def show_files(data):
    total = {kind: [0, 0] for kind in FLOORS}
    for file in data["files"]:
        name = ours(file["filename"])
        if not name or not file["summary"]["lines"]["count"]:
            continue
        row = f"{name:30}"
        for kind in FLOORS:
            of = file["summary"][kind]
            total[kind][0] += of["covered"]
            total[kind][1] += of["count"]
            row += f"  {of['covered']:5} of {of['count']:5} {kind}"
        print(row)
    return total


def entered(data):
    """(file, function) -> whether any image entered it."""
    found = {}
    for function in data["functions"]:
        name = ours(function["filenames"][0])
        if name:
            key = (name, function["name"].split(":")[-1])
            found[key] = found.get(key, False) or function["count"] > 0
    return found


def explained():
    listed = {}
    with open(os.path.join(HERE, "unreached"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                file, function, reason = (part.strip() for part in line.split(":", 2))
                listed[file, function] = reason
    return listed


def main():
    data = export(sys.argv[1], sys.argv[2:])
    total = show_files(data)
    found, listed = entered(data), explained()
    bad = []
    for key in sorted(found):
        if not found[key] and key not in listed:
            bad.append(f"{key[0]}: {key[1]}: never entered, and tests/coverage/unreached has no reason")
    for key in sorted(listed):
        if found.get(key, True):
            bad.append(f"{key[0]}: {key[1]}: is listed as unreached, and is " +
                       ("reached" if key in found else "no function"))
    for kind, floor in FLOORS.items():
        reached, count = total[kind]
        print(f"{100 * reached / count:.1f} % of {count} {kind}")
        if reached * 100 < floor * count:
            bad.append(f"fewer than {floor} % of the {kind}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
