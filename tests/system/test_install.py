#!/usr/bin/python3
"""make install puts what parkd(8) and the unit name where they look for it, never over an administrator's
configuration; the sample is good where it lies; the unit is sound and gives the daemon little; the programs are
hardened as the Makefile says. Usage: test_install.py BUILD"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from whole_site import TOP, Checks

# Tenths, without a list of addresses, which only the site knows: with serial lines, and with the drop-in for none.
EXPOSURE_MOST, EXPOSURE_MOST_NETWORK, EXPOSURE_MOST_REPORT = 15, 12, 5

EXPECTED = {
    "usr/sbin/parkd": 0o755, "usr/bin/parkctl": 0o755, "usr/bin/parksim": 0o755,
    "usr/share/man/man8/parkd.8": 0o644, "usr/share/man/man1/parkctl.1": 0o644,
    "usr/share/man/man1/parksim.1": 0o644, "usr/share/man/man5/parkd.conf.5": 0o644,
    "usr/share/bash-completion/completions/parkctl": 0o644, "usr/sbin/parkd-backup": 0o755,
    "usr/share/parkd/parkd.conf": 0o644, "usr/share/parkd/examples/demo.conf": 0o644,
    "etc/parkd/parkd.conf": 0o640, "etc/parkd/devices/procon-ld120.conf": 0o644,
    "lib/systemd/system/parkd-report.service": 0o644, "lib/systemd/system/parkd-report.timer": 0o644,
    "lib/systemd/system/parkd.service": 0o644, "usr/lib/sysusers.d/parkd.conf": 0o644,
    "usr/lib/tmpfiles.d/parkd.conf": 0o644, "usr/share/parkd/network-only.conf": 0o644, "lib/udev/rules.d/60-parkd-serial.rules": 0o644,
}  # fmt: skip

UNITS = "parkd.service", "parkd-report.service", "parkd-report.timer"


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **more)


def install(build, root, prefix="/usr"):
    done = run("make", "install", f"BUILD={build}", f"DESTDIR={root}", f"PREFIX={prefix}", cwd=TOP)
    assert done.returncode == 0, done.stdout + done.stderr


def files(check, build, root):
    install(build, root)
    path = lambda name: os.path.join(root, name)
    missing = [n for n, mode in EXPECTED.items() if not os.path.isfile(path(n)) or os.stat(path(n)).st_mode & 0o777 != mode]
    check.that(f"each of {len(EXPECTED)} files is there, with its mode", not missing, str(missing))
    maps = sorted(os.listdir(os.path.join(TOP, "config/devices")))
    check.that("so is every device map", sorted(os.listdir(path("etc/parkd/devices"))) == maps)
    schemas = os.listdir(path("usr/share/parkd/json"))
    for name in schemas:
        with open(path(f"usr/share/parkd/json/{name}")) as f:
            json.load(f)
    check.that("so are the schemas of our protocol", len(schemas) >= 3, str(schemas))
    with open(path("etc/parkd/parkd.conf"), "a") as f:
        f.write("# an administrator's line\n")
    os.remove(path("etc/parkd/devices/procon-ld120.conf"))
    install(build, root)
    with open(path("etc/parkd/parkd.conf")) as f:
        check.that("a second install leaves the configuration alone", "administrator's" in f.read())
    check.that("and brings back what is ours", os.path.exists(path("etc/parkd/devices/procon-ld120.conf")))
    for name in "examples", ".":
        folder = path(f"usr/share/parkd/{name}")
        for conf in [f for f in os.listdir(folder) if f.endswith(".conf")]:
            text = open(os.path.join(folder, conf)).read()
            check.that(f"{conf}: no mark of the build stays in it", "@PREFIX@" not in text)


def sample(check, root):
    for command in (["usr/sbin/parkd", "--check-config", "--config"], ["usr/bin/parkctl", "check-config"]):
        done = run(os.path.join(root, command[0]), *command[1:], os.path.join(root, "etc/parkd/parkd.conf"))
        check.that(f"{os.path.basename(command[0])}: the installed sample is good with the installed maps",
                   done.returncode == 0, (done.stdout + done.stderr).strip())  # fmt: skip
    probe = run(os.path.join(root, "usr/bin/parkctl"), "probe", "127.0.0.1:1", "--units", "1-1", "--maps",
                os.path.join(root, "etc/parkd/devices"))  # fmt: skip
    check.that("parkctl reads the installed maps", "does not accept" in probe.stderr, probe.stderr.strip())
    versions = {run(os.path.join(root, p), "--version").stdout.split()[-1] for p in ("usr/sbin/parkd", "usr/bin/parkctl")}
    check.that("the programs are of one version", len(versions) == 1, str(versions))
    completion = run("bash", "-c", f"source {root}/usr/share/bash-completion/completions/parkctl && complete -p parkctl",
                     env={**os.environ, "PATH": f"{root}/usr/bin:{os.environ['PATH']}"})  # fmt: skip
    check.that("bash takes the completion", completion.returncode == 0 and "parkctl" in completion.stdout, completion.stderr)


def agreement(check, root):
    """What three files have to say alike."""
    path = lambda name: os.path.join(root, name)
    text = open(path("usr/share/parkd/parkd.conf")).read()
    keys = run(path("usr/bin/parkctl"), "check-config", "--list-keys", "--json").stdout.splitlines()
    defaults = {k["key"]: k.get("default") for k in map(json.loads, keys)}
    socket = next(d for k, d in defaults.items() if k.endswith("serve.control"))
    helped = run(path("usr/bin/parkctl"), "status", "--help").stdout
    check.that("daemon, parkctl and the sample name one control socket", socket in helped and socket in text
               and re.search(re.escape(socket) + r'(?![\w.])', helped), str(socket))  # fmt: skip
    unit = open(path("lib/systemd/system/parkd.service")).read()
    check.that("which is in the unit's runtime directory", socket.startswith("/run/parkd/") and "RuntimeDirectory=parkd" in unit)
    store = next(d for k, d in defaults.items() if k.endswith("store.path"))
    check.that("and the database in its state directory", store.startswith("/var/lib/parkd/") and "StateDirectory=parkd" in unit)
    users = open(path("usr/lib/sysusers.d/parkd.conf")).read()
    check.that("the unit's user is made", re.search(r"^u parkd ", users, re.M) and "User=parkd" in unit)


def unit(check, root):
    installed = os.path.join(root, "lib/systemd/system")
    works = run("systemd-analyze", "verify", "--man=no", "/dev/null")
    folder = os.path.join(root, "verify")
    os.mkdir(folder)
    for name in UNITS:
        copy = os.path.join(folder, name)
        with open(os.path.join(installed, name)) as f:
            text = f.read()
        with open(copy, "w") as f:
            f.write(re.sub(r"=(/usr/s?bin/park)", rf"={root}\1", text))
    for name in UNITS:
        done = run("systemd-analyze", "verify", "--man=no", os.path.join(folder, name))
        said = [l for l in (done.stdout + done.stderr).splitlines() if "parkd" in l]
        marks = re.findall(r"@[A-Z]+@", open(os.path.join(installed, name)).read())
        check.that(f"systemd finds nothing wrong in {name}", not said + marks,
                   "; ".join(said + marks) or f"exit {done.returncode}, of nothing {works.returncode}")  # fmt: skip
    exposure(check, root, "with serial lines", EXPOSURE_MOST)
    dropin = os.path.join(root, "etc/systemd/system/parkd.service.d")
    os.makedirs(dropin)
    shutil.copy(os.path.join(root, "usr/share/parkd/network-only.conf"), dropin)
    exposure(check, root, "over the network only", EXPOSURE_MOST_NETWORK)
    exposure(check, root, "of the night", EXPOSURE_MOST_REPORT, "parkd-report.service")


def exposure(check, root, which, most, name="parkd.service"):
    done = run("systemd-analyze", "security", "--offline=true", f"--root={root}", f"--threshold={most}", "--no-pager", name)
    overall = re.search(r"exposure level.*?: ([\d.]+)", done.stdout)
    check.that(f"the unit gives little {which}: exposure of at most {most / 10}", done.returncode == 0 and overall,
               overall.group(1) if overall else done.stderr)  # fmt: skip


def hardening(check, root):
    for program in "usr/sbin/parkd", "usr/bin/parkctl", "usr/bin/parksim":
        said = run("readelf", "-W", "-h", "-d", "-l", "-s", os.path.join(root, program)).stdout
        check.that(f"{os.path.basename(program)}: PIE, full RELRO, no executable stack, stack protector, fortified",
                   "DYN (Position-Independent" in said and "BIND_NOW" in said and "GNU_RELRO" in said
                   and re.search(r"GNU_STACK.* RW ", said) and "__stack_chk_fail" in said and "_chk@" in said)  # fmt: skip


def main():
    check, build = Checks(), os.path.abspath(sys.argv[1])
    root = tempfile.mkdtemp(prefix="parkd-install-")
    try:
        files(check, build, root)
        sample(check, root)
        agreement(check, root)
        unit(check, root)
        hardening(check, root)
        other = os.path.join(root, "local")
        install(build, other, "/usr/local")
        text = open(os.path.join(other, "etc/systemd/system/parkd.service")).read()
        check.that("with another PREFIX the unit starts what was installed", "ExecStart=/usr/local/sbin/parkd" in text
                   and os.path.exists(os.path.join(other, "usr/local/sbin/parkd")))  # fmt: skip
    finally:
        shutil.rmtree(root)
    check.end()


main()
