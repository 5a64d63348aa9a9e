"""Applies each line of a list of mutants to a copy of the tree, builds the tests, and wants one to fail."""
import subprocess
import sys

tree, listing, word = sys.argv[1:4]
build = "../build"
with open(listing, encoding="utf-8") as lines:  # "# tests: a, b 1 2", the quickest first
    tests = [test.split() for line in lines if line.startswith("# tests:") for test in line[8:].split(",")]


def make():
    command = ["make", "-s", "-C", tree, f"BUILD={build}", "OPT=-O1 -Wno-unused -Wno-empty-body", "-j2"]
    result = subprocess.run(command + [f"{build}/{test[0]}" for test in tests], capture_output=True, text=True)
    return result.returncode == 0, result.stderr


def caught_by():
    for test in tests:
        try:
            result = subprocess.run([f"{build}/{test[0]}", *test[1:]], cwd=tree, capture_output=True, timeout=30)
        except subprocess.TimeoutExpired:
            return f"{test[0]} (never ends)"
        if result.returncode != 0:
            return test[0]
    return None


good, why = make()
if not good or caught_by():
    print(why, "the tree itself does not pass; mend it first", sep="\n")
    sys.exit(1)

passed = failed = 0
with open(listing, encoding="utf-8") as lines:
    mutants = [line.rstrip("\n") for line in lines if line.strip() and not line.startswith("#") and word in line]
for number, line in enumerate(mutants, 1):
    file, old, new = (part.replace("\\n", "\n") for part in line.split("\t"))
    path = f"{tree}/daemon/core/{file}"
    with open(path, encoding="utf-8") as source:
        text = source.read()
    verdict = None
    if text.count(old) < 1:
        verdict = "NOT FOUND: the list is out of date"
    else:
        with open(path, "w", encoding="utf-8") as source:
            source.write(text.replace(old, new, 1))
        good, why = make()
        if not good:
            verdict = "DOES NOT COMPILE: " + why.strip().splitlines()[0]
        by = caught_by() if good else None
        with open(path, "w", encoding="utf-8") as source:
            source.write(text)
        if good and not by:
            verdict = "UNNOTICED"
    passed, failed = passed + (not verdict), failed + bool(verdict)
    print(f"{number:3} {verdict or by}: {file}: {old.splitlines()[0]} -> {new.splitlines()[0] if new else ''}", flush=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
