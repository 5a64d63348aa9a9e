#!/usr/bin/python3
"""The Debian packages: built without a complaint of lintian, whole, and the same bytes each time; installed, upgraded,
removed and purged in a bare root they put everything in its place and leave nothing behind.
Usage: test_deb.py BUILD [--long [--root FOLDER]]
  --long   builds twice in different folders and compares, and goes through a package's life in a bare Debian (minutes;
           --root: a fresh debootstrap is there already). Without it: one build, lintian, the contents."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from whole_site import TOP, Checks

NEEDED = ("dpkg-buildpackage", "dh", "lintian")
CONTENTS = {
    "parkd": ("usr/sbin/parkd", "usr/sbin/parkd-backup", "usr/bin/parkctl", "lib/systemd/system/parkd.service",
              "lib/systemd/system/parkd-report.service", "lib/systemd/system/parkd-report.timer",
              "usr/lib/sysusers.d/parkd.conf", "usr/lib/tmpfiles.d/parkd.conf", "lib/udev/rules.d/60-parkd-serial.rules",
              "usr/share/bash-completion/completions/parkctl", "usr/share/parkd/network-only.conf",
              "usr/share/doc/parkd/copyright"),
    "parksim": ("usr/bin/parksim",),
}  # fmt: skip
CONFIGURED = ("etc/parkd/parkd.conf", "etc/parkd/devices/procon-ld120.conf")
USERS = ("parkd", "parkd-viewer", "parkd-attendant", "parkd-supervisor", "parkd-installer")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def build(out, tmp=None):
    done = run(f"{TOP}/scripts/deb", "--lintian", "--out", out, env={**os.environ, **({"TMPDIR": tmp} if tmp else {})})
    said = [l for l in done.stdout.splitlines() if re.match(r"[EW]: ", l)]
    sums = dict(reversed(l.split()) for l in done.stdout.splitlines() if re.match(r"[0-9a-f]{64}  ", l))
    good = done.returncode == 0
    return good, [] if good else said or done.stderr.splitlines()[-3:], sums


def package(out, name):
    return next(os.path.join(out, f) for f in os.listdir(out) if re.match(rf"{name}_[^_]*_[a-z0-9]+\.deb$", f))


def pages(name):
    """The manual pages of the tree that belong into a package."""
    listed = run("git", "-C", TOP, "ls-files", "*.[1578]").stdout.split() or glob.glob(f"{TOP}/**/*.[1578]", recursive=True)
    names = [os.path.basename(page) for page in listed]
    return [f"usr/share/man/man{n[-1]}/{n}.gz" for n in names if n.startswith("parksim") == (name == "parksim")]


def contents(check, out):
    for name, files in CONTENTS.items():
        deb = package(out, name)
        listed = {line.split()[5][2:] for line in run("dpkg-deb", "-c", deb).stdout.splitlines()}
        missing = [f for f in (*files, *pages(name)) if f not in listed]
        check.that(f"{name} holds what it should", not missing, str(missing) if missing else f"{os.path.getsize(deb) >> 10} KB")
    deb = package(out, "parkd")
    conffiles = run("dpkg-deb", "-I", deb, "conffiles").stdout.split()
    check.that("an administrator's changes are kept by dpkg", all(f"/{f}" in conffiles for f in CONFIGURED), f"{len(conffiles)} conffiles")
    depends = run("dpkg-deb", "-f", deb, "Depends").stdout
    check.that("the libraries are named by themselves", all(n in depends for n in ("libmodbus5", "libmosquitto1", "libsqlite3-0")))
    check.that("and none that it does not use", "gnutls" not in depends, depends.strip())


class Root:
    """A bare Debian below a folder."""

    def __init__(self, ready):
        self.made = tempfile.mkdtemp(prefix="parkd-root-")
        self.path = f"{self.made}/root"
        if ready:
            subprocess.run(["cp", "-a", ready, self.path], check=True)
        else:
            subprocess.run(["debootstrap", "--variant=minbase", "bookworm", self.path], check=True, capture_output=True)
        subprocess.run(["mount", "-t", "proc", "proc", f"{self.path}/proc"], check=True)

    def __call__(self, *command):
        return run("chroot", self.path, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *command)

    def has(self, path):
        return os.path.lexists(f"{self.path}/{path}")

    def install(self, deb):
        shutil.copy(deb, f"{self.path}/var/tmp/")
        return self("apt-get", "install", "-y", "-qq", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends",
                    "--reinstall", f"/var/tmp/{os.path.basename(deb)}")  # fmt: skip

    def close(self):
        subprocess.run(["umount", f"{self.path}/proc"], check=False)
        shutil.rmtree(self.made)


def newer(deb, folder):
    """The same package with the next version, as the one after this."""
    tree = f"{folder}/newer"
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    with open(f"{tree}/DEBIAN/control") as file:
        control = file.read()
    with open(f"{tree}/DEBIAN/control", "w") as file:
        file.write(re.sub(r"^Version: (.*)$", r"Version: \1+1", control, flags=re.M))
    with open(f"{tree}/etc/parkd/devices/procon-ld120.conf", "a") as file:
        file.write("# of the next version\n")
    made = f"{folder}/newer.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", tree, made], check=True, capture_output=True)
    return made


def life(check, out, folder, ready):
    root = Root(ready)
    try:
        root("apt-get", "update", "-qq")
        installed = [root.install(package(out, name)) for name in ("parkd", "parksim")]
        check.that("the packages install in a bare Debian", all(d.returncode == 0 for d in installed),
                   "".join(d.stderr[-300:] for d in installed if d.returncode))  # fmt: skip
        names = root("getent", "passwd", "parkd").stdout + root("getent", "group", *USERS).stdout
        check.that("user and groups are made", all(re.search(rf"^{n}:", names, re.M) for n in USERS), names.replace("\n", " "))
        stat = lambda path: root("stat", "-c", "%U:%G %a", path).stdout.strip()
        modes = {p: stat(p) for p in ("/etc/parkd", "/etc/parkd/parkd.conf", "/etc/parkd/secrets", "/var/lib/parkd")}
        check.that("the daemon alone reads its configuration and its journal", modes == {
            "/etc/parkd": "root:parkd 750", "/etc/parkd/parkd.conf": "root:parkd 640",
            "/etc/parkd/secrets": "root:parkd 750", "/var/lib/parkd": "parkd:parkd 700"}, str(modes))  # fmt: skip
        good = root("runuser", "-u", "parkd", "--", "parkd", "--check-config")
        check.that("its user finds the sample good", good.returncode == 0, (good.stdout + good.stderr).strip())
        enabled = [u for u in ("multi-user.target.wants/parkd.service", "timers.target.wants/parkd-report.timer")
                   if root.has(f"etc/systemd/system/{u}")]  # fmt: skip
        check.that("nothing is started or enabled", not enabled, str(enabled))
        for path, text in ("etc/parkd/parkd.conf", "# ours\n"), ("var/lib/parkd/parkd.db", "journal"):
            with open(f"{root.path}/{path}", "a") as file:
                file.write(text)
        upgraded = root.install(newer(package(out, "parkd"), folder))
        text = open(f"{root.path}/etc/parkd/parkd.conf").read()
        check.that("an upgrade keeps what the administrator wrote", upgraded.returncode == 0 and "# ours" in text, upgraded.stderr[-300:])
        check.that("with its owner and mode", stat("/etc/parkd/parkd.conf") == "root:parkd 640", stat("/etc/parkd/parkd.conf"))
        check.that("and brings what is new", "next version" in open(f"{root.path}/etc/parkd/devices/procon-ld120.conf").read())
        check.that("removed, the programs are gone, the journal and the configuration are not",
                   root("apt-get", "remove", "-y", "-qq", "parkd", "parksim").returncode == 0 and not root.has("usr/sbin/parkd")
                   and not root.has("lib/systemd/system/parkd.service") and root.has("var/lib/parkd/parkd.db")
                   and root.has("etc/parkd/parkd.conf"))  # fmt: skip
        again = root.install(package(out, "parkd"))
        check.that("installed again it goes on with them", again.returncode == 0
                   and "# ours" in open(f"{root.path}/etc/parkd/parkd.conf").read())  # fmt: skip
        purged = root("apt-get", "purge", "-y", "-qq", "parkd", "parksim")
        left = run("find", *(f"{root.path}/{p}" for p in ("etc", "usr", "var/lib", "lib")), "-name", "*park*",
                   "-not", "-path", "*/var/lib/dpkg/*", "-not", "-path", "*/apt/*").stdout.replace(root.path, "").split()  # fmt: skip
        check.that("purged, nothing is left of it", purged.returncode == 0 and not left, str(left))
    finally:
        root.close()


def main():
    check, long = Checks(), "--long" in sys.argv
    ready = sys.argv[sys.argv.index("--root") + 1] if "--root" in sys.argv else None
    missing = [n for n in NEEDED if not shutil.which(n)]
    if missing:
        print(f"skipped: {' '.join(missing)} missing; scripts/setup deb installs them")
        check.end()
    folder = tempfile.mkdtemp(prefix="parkd-deb-test-")
    try:
        out = f"{folder}/out"
        good, said, sums = build(out)
        check.that("the packages are built, and lintian finds neither error nor warning", good, "; ".join(said))
        contents(check, out)
        if long:
            elsewhere = f"{folder}/another/and/longer/place"
            os.makedirs(elsewhere)
            _, said, again = build(f"{folder}/again", elsewhere)
            check.that("built again in another place they are the same bytes", sums and sums == again,
                       " ".join(f"{n}:{s[:12]}" for n, s in sums.items()))  # fmt: skip
        if long and (os.getuid() != 0 or not (ready or shutil.which("debootstrap"))):
            print("skipped: a package's life in a bare root needs root and debootstrap")
        elif long:
            life(check, out, folder, ready)
    finally:
        shutil.rmtree(folder)
    check.end()


main()
