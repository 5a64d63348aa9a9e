#!/usr/bin/python3
"""Rule 17: one allocation of the whole daemon fails, in its own code or in a library's, while it starts or works. It
goes on, or it ends at its one place (code 70) or with words (code 1); no signal ends it but in libraries while it starts:
libconfig does not look at what malloc() returns, libcrypto not at whether its locks are there, and glob() of the C
library frees twice. After each the next start works, and at the end the audit is clean and everybody has everything.
Usage: memory_whole.py BUILD [--quick] [--runs N] [--seed N] [--results FILE]"""

import argparse
import os
import random
import signal
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "system"))
from whole_site import Checks, Site  # noqa: E402

LIVES_S, MOST, LIBRARY, GLOB = 2.0, 60000, "library", "glob()"
WELL = (70, 1, 2, LIBRARY, GLOB)  # 2: the end of libconfig's scanner, with words


def one(site, nth):
    """How a daemon ends whose `nth` allocation fails: its code; None: it went on."""
    begin = os.path.exists(site.path("parkd.log")) and len(site.log("parkd"))
    shim = os.path.join(site.build, "failing_memory.so")
    site.start("parkd", "env", f"LD_PRELOAD={shim}", f"PARKD_FAIL_ALLOCATION={nth}", f"{site.build}/parkd", "--config",
               site.path("parkd.conf"))  # fmt: skip
    process = site.processes["parkd"]
    try:
        code = process.wait(LIVES_S)
        said = site.log("parkd")[begin:]
        if code == -signal.SIGSEGV and "bays in" not in said:
            code = LIBRARY
        if code == -signal.SIGABRT and said.strip() == "free(): double free detected in tcache 2":
            code = GLOB
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        code = None
    del site.processes["parkd"]
    return code


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--results")
    options = parser.parse_args()
    runs = options.runs or (25 if options.quick else 400)
    check, dice, site = Checks(), random.Random(options.seed), Site(options.build)
    print(f"seed {options.seed}, {runs} runs", flush=True)
    site.start_broker()
    site.subscribe()
    site.start_city()
    site.start_field("--tcp", "127.0.0.1:0", "--units", "2", "--changes-per-s", "100")
    ends = {}
    for _ in range(runs):
        nth = int(MOST ** dice.random())
        code = one(site, nth)
        ends[code] = ends.get(code, 0) + 1
        if code is not None and code not in WELL:
            check.that(f"allocation {nth} ends it well", False, f"code {code}: {site.log('parkd')[-300:]}")
    check.that("no signal ended it", not [c for c in ends if c is not None and c not in WELL], str(ends))
    check.that("some ended it, at the one place", ends.get(70, 0) > 0)
    site.start_parkd()
    site.settle()
    rows = site.journal()
    site.check_subscriber(check, rows)
    site.check_platform(check, rows)
    check.that("the audit finds nothing", site.audit_is_clean())
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.note("memory runs out in the daemon", "an allocation of the whole process, at random from its start on",
               runs, site.sums(rows), options.seed, options.results)  # fmt: skip
    check.end()


main()
