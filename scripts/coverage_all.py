"""Adds up gcov's branches of a whole build. Usage: coverage_all.py BUILD LEAST

Lines with assert() are left out: their branches are for our own bugs, no test may take them."""
import collections
import json
import os
import subprocess
import sys

build, least = sys.argv[1], float(sys.argv[2])
files = collections.defaultdict(lambda: collections.defaultdict(dict))
asserts = {}


def objects():
    for folder in "daemon", "sensors":
        for path, _, names in os.walk(os.path.join(build, folder)):
            yield from (os.path.join(path, name) for name in names if name.endswith(".gcno"))


def take(line, name):
    branches = [b["count"] for b in line["branches"] if not b["throw"]]
    old = files[name][line["line_number"]]
    for i, count in enumerate(branches):
        old[i] = old.get(i, 0) + count


for note in sorted(objects()):
    done = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout", note], capture_output=True,
                          text=True)  # fmt: skip
    for text in done.stdout.splitlines():
        for file in json.loads(text)["files"]:
            name = os.path.relpath(file["file"])
            if name.endswith(".c") and not name.startswith((".", "tests")):
                for line in file["lines"]:
                    take(line, name)
taken = total = 0
shares = []
for name, lines in files.items():
    with open(name, encoding="utf-8") as source:
        asserts = {number for number, text in enumerate(source, 1) if "assert(" in text}
    counts = [c for number, line in lines.items() if number not in asserts for c in line.values()]
    hit = sum(1 for count in counts if count)
    taken, total = taken + hit, total + len(counts)
    shares.append((100 * hit / len(counts) if counts else 100, name, hit, len(counts)))
for share, name, hit, count in sorted(shares):
    print(f"{share:5.1f} %  {name}: {hit} of {count}")
print(f"{100 * taken / total:.1f} % of {total} branches")
sys.exit(100 * taken / total < least)
