#!/usr/bin/python3
"""parkd-backup save: a copy that fails leaves nothing, one with faults in it is no backup and pushes no good one out,
and what a daemon that was killed left goes with the next. Usage: test_backup.py BUILD"""

import os
import stat
import subprocess
import sys

from whole_site import TOP, Checks, Site

SITE = 'site = { id = "backup"; zone = "Asia/Shanghai"; };\n'
LOTS = 'lots = ( { id = "A"; name = "A"; zones = ( { id = "A1"; bays = "A-0001..A-0100"; unsensed = true; } ); } );\n'


def database(site):
    """One that a daemon has made, and ended with."""
    with open(site.path("parkd.conf"), "w") as file:
        file.write(SITE + LOTS + f'store = {{ path = "{site.path("parkd.db")}"; }};\n'
                   f'serve = {{ listen = "127.0.0.1:{site.page_port}"; control = "{site.path("control.sock")}"; }};\n')  # fmt: skip
    site.start("parkd", f"{site.build}/parkd", "--config", site.path("parkd.conf"),
               ready=lambda: os.path.exists(site.path("control.sock")) and site.ctl_ok("status"))  # fmt: skip
    site.stop("parkd")


class Folder:
    def __init__(self, site):
        self.site, self.path = site, site.path("backups")
        os.mkdir(self.path)

    def save(self, parkctl=None, keep="14"):
        return subprocess.run([os.path.join(TOP, "scripts/backup"), "save", self.path, "--keep", keep, "--db", self.site.path("parkd.db")],
                              capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PARKCTL": parkctl or f"{self.site.build}/parkctl"})  # fmt: skip

    def holds(self):
        return sorted(os.listdir(self.path))

    def put(self, name, age_s):
        path = os.path.join(self.path, name)
        with open(path, "w") as file:
            file.write("x")
        os.utime(path, (os.stat(path).st_mtime - age_s,) * 2)


def that_fails(site, command):
    """A parkctl whose `command` fails after it has been done."""
    path = site.path(f"parkctl-without-{command}")
    with open(path, "w") as file:
        file.write(f'#!/bin/sh\n"{os.path.abspath(site.build)}/parkctl" "$@" || exit 1\n[ "$1" != {command} ]\n')
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return path


def main():
    check, site = Checks(), Site(sys.argv[1])
    database(site)
    folder = Folder(site)
    for n in (1, 2):
        folder.put(f"parkd-2026010{n}T000000Z.db", 0)
        folder.put(f"parkd-2026010{n}T000000Z.db-keys", 0)
    good = folder.holds()

    for n in (1, 2):
        if n == 2:
            folder.put("parkd-20260103T000000Z.db.unproved", 0)
        done = folder.save(that_fails(site, "audit"), keep="1")
        held = folder.holds()
        aside = [name for name in held if ".unproved" in name]
        check.that("a copy with faults in it is no backup, and says where it is", done.returncode == 1 and aside and
                   os.path.join(folder.path, aside[0]) in done.stderr, done.stderr.strip())  # fmt: skip
        check.that("its keys are with it, and only the newest is kept", len(aside) == 2 and aside[1] == aside[0] + "-keys"
                   and "20260103" not in aside[0], held)  # fmt: skip
        check.that("the good copies stay, with their keys", [n for n in held if n not in aside] == good, held)

    folder.put("parkd-20260104T000000Z.db.part", 3 * 3600)
    folder.put("parkd-20260104T000000Z.db.part-keys", 3 * 3600)
    folder.put("parkd-20260105T000000Z.db.part", 0)
    done = folder.save(keep="2")
    held = [name for name in folder.holds() if ".unproved" not in name]
    newest = os.path.basename(done.stdout.strip())
    check.that("a good one is said by its name", done.returncode == 0 and newest in held and newest + "-keys" in held, done.stderr)
    check.that("the oldest beyond those that are kept goes with its keys, and what was left of a backup long ago",
               held == sorted(["parkd-20260102T000000Z.db", "parkd-20260102T000000Z.db-keys", newest, newest + "-keys",
                               "parkd-20260105T000000Z.db.part"]), held)  # fmt: skip

    before = folder.holds()
    os.rename(site.path("parkd.db"), site.path("gone.db"))
    done = folder.save()
    check.that("one that fails leaves nothing", done.returncode == 1 and done.stderr.strip() and folder.holds() == before,
               done.stderr.strip())  # fmt: skip
    check.end()


main()
