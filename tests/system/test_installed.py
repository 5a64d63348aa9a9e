#!/usr/bin/python3
"""What `make install` puts down is whole: the installed parkd runs with the installed sample, the unit starts what
is there and lets it do what it does, and nothing that an installer wrote is overwritten.
Usage: test_installed.py BUILD"""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

from whole_site import TOP, Checks, free_port, wait_for

# What the daemon asks of the kernel that hardening is likely to forbid: opening the control socket to all, who
# are then known by their groups, threads, and durable writes.
NEEDED = {"chmod", "getsockopt", "clone3", "fdatasync", "fsync", "mmap"}


def install(build, prefix, destination):
    environment = {**os.environ, "DESTDIR": destination, "PREFIX": prefix, "BUILD": build}
    subprocess.run([f"{TOP}/scripts/install"], check=True, env=environment)


def members(name):
    """The system calls behind one word of SystemCallFilter=."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in text.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*(members(word) for word in words)) if words else set()


def allowed_calls(unit):
    calls = set()
    for value in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        listed = set().union(*(members(word) for word in value.lstrip("~").split()))
        calls = calls - listed if value.startswith("~") else calls | listed
    return calls


def check_unit(checks, destination, unit_path):
    with open(f"{destination}{unit_path}") as file:
        unit = file.read()
    program = re.search(r"^ExecStart=(\S+)", unit, re.M).group(1)
    checks.that(f"the unit {unit_path} starts what is installed", os.access(destination + program, os.X_OK), program)
    checks.that("no place of the unit is left open", not re.search(r"@[A-Z]+@", unit))
    missing = NEEDED - allowed_calls(unit)
    checks.that("the unit allows what the daemon asks of the kernel", not missing, " ".join(sorted(missing)))


def check_layout(checks, build, folder):
    for prefix, units in (("/usr", "/lib"), ("/usr/local", "/etc"), ("/opt/parkd", "/etc")):
        destination = f"{folder}/{prefix.replace('/', '_')}"
        install(build, prefix, destination)
        check_unit(checks, destination, f"{units}/systemd/system/parkd.service")
        sample = f"{destination}/etc/parkd/parkd.conf"
        good = subprocess.run([f"{destination}{prefix}/sbin/parkd", "--check-config", "--config", sample])
        checks.that(f"with PREFIX={prefix} the installed sample is good", good.returncode == 0)
        tool = f"{destination}{prefix}/sbin/parkd-backup"
        helped = subprocess.run([tool, "--help"], capture_output=True, text=True)
        checks.that("the tool that messages send to is there", helped.returncode == 0 and "restore" in helped.stdout)
    return destination


def check_kept(checks, build, destination):
    sample = f"{destination}/etc/parkd/parkd.conf"
    with open(sample, "a") as file:
        file.write("# written by the installer\n")
    install(build, "/opt/parkd", destination)
    with open(sample) as file:
        checks.that("a configuration that is there is kept", "written by the installer" in file.read())


def check_readable(checks, destination):
    """The sample belongs to root; the daemon reads it through its group, which systemd-tmpfiles gives to it."""
    mode = stat.S_IMODE(os.stat(f"{destination}/etc/parkd/parkd.conf").st_mode)
    with open(f"{destination}/etc/tmpfiles.d/parkd.conf") as file:
        given = re.search(r"^z /etc/parkd/parkd\.conf 0640 root parkd ", file.read(), re.M)
    checks.that("the daemon's group, and nobody else, may read the configuration", mode == 0o640 and given, oct(mode))


def check_run(checks, destination, folder):
    """With the folders of this machine replaced by our own, and nothing asked outside of loopback."""
    sample, control = f"{destination}/etc/parkd/parkd.conf", f"{folder}/control"
    with open(sample) as file:
        text = file.read()
    text = text.replace("/var/lib/parkd", folder).replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}")
    text = re.sub(r"192\.168\.\d+\.\d+", "127.0.0.1", text)
    text = text.replace("#: control    = \"/run/parkd/control.sock\"", f"control = \"{control}\"")
    with open(sample, "w") as file:
        file.write(text)
    with open(f"{folder}/log", "w") as log:
        parkd = subprocess.Popen([f"{destination}/opt/parkd/sbin/parkd", "--config", sample], stderr=log)
    try:
        status = [f"{destination}/opt/parkd/bin/parkctl", "status", "--socket", control]
        answers = wait_for("parkctl status", lambda: subprocess.run(status, capture_output=True).returncode == 0, 20)
        checks.that("the installed parkd runs with the installed sample", answers)
    finally:
        parkd.send_signal(signal.SIGTERM)
        checks.that("and stops cleanly", parkd.wait(20) == 0)


def main():
    checks, folder = Checks(), tempfile.mkdtemp(prefix="parkd-test-")
    build = os.path.abspath(sys.argv[1])
    try:
        destination = check_layout(checks, build, folder)
        check_readable(checks, destination)
        check_kept(checks, build, destination)
        check_run(checks, destination, folder)
    finally:
        shutil.rmtree(folder)
    checks.end()


main()
