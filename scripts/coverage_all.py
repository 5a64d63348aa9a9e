"""Adds up gcov's branches of a whole build. Usage: coverage_all.py BUILD LEAST

Prints each file's share, then the areas that must be whole with what they lack, then everything. Lines of an
assert() are left out: their branches are for our own bugs, no test may take them."""
import collections
import json
import os
import re
import subprocess
import sys

build, least = sys.argv[1], float(sys.argv[2])

# What is asked of each, in percent: never less than what was measured last. Lacking branches are told.
AREAS = {
    "stays": (100, r"daemon/core/stays\w*\.c"),
    "money": (100, r"daemon/core/(money|wide)\.c"),
    "chain": (100, r"daemon/store/chain\.c"),
    "outbox": (100, r"daemon/uplink/(outbox\w*|marks)\.c"),
    "store": (100, r"daemon/store/\w+\.c"),
}


def objects():
    for folder in "daemon", "sensors":
        for path, _, names in os.walk(os.path.join(build, folder)):
            yield from (os.path.join(path, name) for name in names if name.endswith(".gcno"))


def asserted(name):
    """The numbers of the lines that an assert() stands on."""
    with open(name, encoding="utf-8") as file:
        source = file.read()
    lines = set()
    for found in re.finditer(r"\bassert\(", source):
        depth, at = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(source[at], 0)
            at += 1
        first = source.count("\n", 0, found.start()) + 1
        lines.update(range(first, first + source.count("\n", found.start(), at) + 1))
    return lines


def branches():
    """Of each file its lines' counts of branches, added up over the objects that hold it."""
    files = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    for note in sorted(objects()):
        done = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", note],
                              capture_output=True, text=True)  # fmt: skip
        for file in (file for text in done.stdout.splitlines() for file in json.loads(text)["files"]):
            name = os.path.relpath(file["file"])
            if not name.endswith(".c") or name.startswith((".", "tests")) or not os.path.exists(name):
                continue
            for line in file["lines"]:
                for i, branch in enumerate(b for b in line["branches"] if not b["throw"]):
                    files[name][line["line_number"]][i] += branch["count"]
    return files


def share(counts):
    return 100 * sum(1 for count in counts if count) / len(counts) if counts else 100


taken = {}  # of each file: line: counts
for name, lines in branches().items():
    skipped = asserted(name)
    taken[name] = {number: list(line.values()) for number, line in lines.items() if number not in skipped}


def counts_of(names):
    return [count for name in names for line in taken[name].values() for count in line]


def told(what, counts):
    print(f"{share(counts):5.1f} %  {what}: {sum(1 for count in counts if count)} of {len(counts)}")


for name in sorted(taken, key=lambda name: (share(counts_of([name])), name)):
    told(name, counts_of([name]))
print()
lacking = 0
for area, (asked, pattern) in AREAS.items():
    names = sorted(name for name in taken if re.fullmatch(pattern, name))
    told(area, counts_of(names))
    lacking += share(counts_of(names)) < asked
    for name in names:
        for number, counts in sorted(taken[name].items()):
            if 0 in counts:
                print(f"         {name}:{number}: {counts.count(0)} of {len(counts)} never taken")
whole = counts_of(taken)
told("all", whole)
sys.exit(lacking > 0 or share(whole) < least)
