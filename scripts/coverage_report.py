"""Reads gcov's JSON of one file from standard input; tells each branch that was never taken.

An assertion's branch is for our own bugs, no test may take it: lines with assert() are left out."""
import json
import sys

name = sys.argv[1]
with open(name, encoding="utf-8") as source:
    asserts = {number for number, text in enumerate(source, 1) if "assert(" in text}
taken = total = 0
for text in sys.stdin:
    for file in json.loads(text)["files"]:
        if not file["file"].endswith(name):
            continue
        for line in file["lines"]:
            if line["line_number"] in asserts:
                continue
            counts = [branch["count"] for branch in line["branches"] if not branch["throw"]]
            total += len(counts)
            taken += sum(1 for count in counts if count)
            if 0 in counts or (line["count"] == 0 and not line["unexecuted_block"]):
                print(f"{name}:{line['line_number']}: {counts.count(0)} of {len(counts)} branches never taken")
print(f"{name}: {taken} of {total} branches")
sys.exit(taken != total)
