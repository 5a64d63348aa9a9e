#!/usr/bin/python3
"""Runs a program under the restrictions of systemd/parkd.service where no systemd runs, so that the system tests can be
run inside them: each test takes the folder that `sandbox.py --folder BUILD` makes instead of BUILD. Root is needed.
Usage: sandbox.py --folder BUILD | sandbox.py [--unit NAME --into FOLDER] PROGRAM ARGUMENT…
  --unit NAME    another unit's restrictions than parkd.service's; --into FOLDER: where it may write

Equal to the unit, and read from its file where it names them: the filter of system calls (without the calls of
@clock, @privileged, @resources and of other architectures), families of addresses, namespaces, memory that is written and then run,
realtime, SUID bits, personality, no new rights, no capability, umask, limit of descriptors, the whole file system
read-only but for the site's folder, private /tmp, no home folders, /proc of one's own processes only, private IPC
and host name, no device but the harmless ones, no network where the unit has none.

Not equal: the user stays root, though without any capability (the tests' files are root's); pseudo-terminals stand for
serial lines, so /dev/pts is there where the unit allows ttyS, ttyUSB, ttyACM and ttyAMA by cgroup; MemoryMax, TasksMax
and the watchdog are the service manager's; ProtectControlGroups and ProtectKernelTunables follow from read-only.
"""

import ctypes
import errno
import os
import re
import resource
import subprocess
import sys

import seccomp
from seccomp import EQ, GT, LT, MASKED_EQ, NE, Arg

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NAMESPACES = {"ns": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
                  "pid": 0x20000000, "net": 0x40000000}  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
SYS_MOUNT_SETATTR, SYS_CAPSET, AT_RECURSIVE, ATTR_RDONLY = 442, {"x86_64": 126, "aarch64": 91}[os.uname().machine], 0x8000, 1
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP = 38, 24
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000


def done(code, what):
    if code != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def unit_values(key):
    name = sys.argv[2] if sys.argv[1] == "--unit" else "parkd.service"
    with open(f"{TOP}/systemd/{name}") as file:
        return re.findall(rf"^{key}=(.*)$", file.read(), re.M)


# The file system ------------------------------------------------------------------------------------------------


def mount(source, target, kind, flags, options=""):
    done(LIBC.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()), f"mount {target}")


def read_only(path, on, recursive):
    class Attributes(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]

    change = Attributes(ATTR_RDONLY if on else 0, 0 if on else ATTR_RDONLY, 0, 0)
    done(LIBC.syscall(SYS_MOUNT_SETATTR, -100, path.encode(), AT_RECURSIVE if recursive else 0, ctypes.byref(change),
                      ctypes.sizeof(change)), f"mount_setattr {path}")  # fmt: skip


def keep(paths, over, flags):
    """Puts an empty file system over a folder in which only `paths` are still there."""
    handles = {path: os.open(path, os.O_PATH) for path in paths if os.path.exists(path)}
    mount("tmpfs", over, "tmpfs", flags, "mode=0755,size=16m")
    for path, handle in handles.items():
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            os.makedirs(path, exist_ok=True)
        else:
            open(path, "w").close()
        mount(f"/proc/self/fd/{handle}", path, "", MS_BIND | MS_REC)
        os.close(handle)


def own_file_system(writable):
    flags = NEW_NAMESPACES["ns"] | NEW_NAMESPACES["ipc"] | NEW_NAMESPACES["uts"]
    if unit_values("PrivateNetwork") == ["yes"]:
        flags |= NEW_NAMESPACES["net"]
    done(LIBC.unshare(flags), "unshare")
    mount("", "/", "", MS_REC | MS_PRIVATE)
    inside_tmp = [p for p in (TOP, writable) if p.startswith("/tmp/")]
    keep(inside_tmp, "/tmp", MS_NOSUID | MS_NODEV)
    mount(writable, writable, "", MS_BIND | MS_REC)
    keep([f"/dev/{name}" for name in DEVICES], "/dev", MS_NOSUID | MS_NOEXEC)
    for home in "/home", "/root", "/run/user":
        if os.path.isdir(home) and not TOP.startswith(home + "/"):
            mount("tmpfs", home, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0000,size=4k")
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=invisible,subset=pid")
    read_only("/", True, True)
    read_only(writable, False, True)
    read_only("/tmp", False, False)


# System calls ---------------------------------------------------------------------------------------------------


def members(name):
    """The system calls behind one word of SystemCallFilter=."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in text.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*(members(word) for word in words)) if words else set()


def allowed_calls():
    calls = members("@default")  # comes with every list of what is allowed
    for value in unit_values("SystemCallFilter"):
        listed = set().union(*(members(word) for word in value.lstrip("~").split()))
        calls = calls - listed if value.startswith("~") else calls | listed
    if unit_values("ProtectClock") == ["yes"]:
        calls -= members("@clock")
    return calls


def load_calls(calls):
    refuse = seccomp.ERRNO(getattr(errno, unit_values("SystemCallErrorNumber")[0]))
    filter = seccomp.SyscallFilter(defaction=refuse)
    for name in sorted(calls):
        try:
            filter.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, ValueError):
            pass  # not a call of this machine
    filter.load()


def load_arguments():
    filter, no = seccomp.SyscallFilter(defaction=seccomp.ALLOW), seccomp.ERRNO(errno.EPERM)
    families = sorted(FAMILIES[name] for name in unit_values("RestrictAddressFamilies")[0].split())
    for family in range(families[0], families[-1]):
        if family not in families:
            filter.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, EQ, family))
    filter.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, GT, families[-1]))
    filter.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", Arg(0, LT, families[0]))
    for call in "mprotect", "pkey_mprotect":
        filter.add_rule(no, call, Arg(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
    filter.add_rule(no, "mmap", Arg(2, MASKED_EQ, PROT_WRITE | PROT_EXEC, PROT_WRITE | PROT_EXEC))
    filter.add_rule(no, "shmat", Arg(2, MASKED_EQ, SHM_EXEC, SHM_EXEC))
    for flag in NEW_NAMESPACES.values():
        filter.add_rule(no, "clone", Arg(0, MASKED_EQ, flag, flag))
    filter.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags are in memory; systemd does the same
    for call in "unshare", "setns":
        filter.add_rule(no, call)
    filter.add_rule(no, "sched_setscheduler", Arg(1, GT, 0))
    for call, place in ("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2):
        for bit in 0o4000, 0o2000:
            filter.add_rule(no, call, Arg(place, MASKED_EQ, bit, bit))
    filter.add_rule(no, "personality", Arg(0, NE, 0))
    filter.load()


def enter(writable):
    calls = allowed_calls()
    own_file_system(writable)
    os.umask(int(unit_values("UMask")[0], 8))
    for limit in map(int, unit_values("LimitNOFILE")):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    os.setgroups([])
    for number in range(64):
        LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    done(LIBC.syscall(SYS_CAPSET, header, none), "capset")
    done(LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    load_arguments()
    load_calls(calls)


def make_folder(build):
    """A folder like the build's, in which parkd is started through this."""
    build = os.path.abspath(build)
    folder = f"{build}/sandboxed"
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(build):
        link = f"{folder}/{name}"
        if name not in ("sandboxed", "parkd") and not os.path.lexists(link):
            os.symlink(f"{build}/{name}", link)
    with open(f"{folder}/parkd", "w") as file:
        file.write(f'#!/bin/sh\nexec /usr/bin/python3 {HERE}/sandbox.py {build}/parkd "$@"\n')
    os.chmod(f"{folder}/parkd", 0o755)
    print(folder)


def main():
    if sys.argv[1] == "--folder":
        make_folder(sys.argv[2])
        return
    if sys.argv[1] == "--unit":
        enter(sys.argv[4])
        os.execv(sys.argv[5], sys.argv[5:])
    program = sys.argv[1:]
    place = program.index("--config") + 1 if "--config" in program else 0
    # A test's site keeps everything beside its configuration; without one nothing is written.
    enter(os.path.dirname(os.path.abspath(program[place])) if place else "/var/lib")
    os.execv(program[0], program)


main()
