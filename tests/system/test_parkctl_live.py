#!/usr/bin/python3
"""parkctl against the real daemon, as an operator and an installer use it: every command helps, answers in JSON,
refuses wrong use with 2 and says what to do when it cannot; what a person does is recorded with name and reason;
a backup of the running daemon is whole and can be put back. Usage: test_parkctl_live.py BUILD"""

import getpass
import json
import os
import shutil
import re
import signal
import subprocess
import sys

from whole_site import TOP, Checks, Site, broken_alternation, wait_for

LIVE = [["status"], ["lots"], ["bays"], ["devices"], ["outbox", "list", "city"], ["watch"],
        ["bays", "out", "A-0001", "--reason", "x"], ["outbox", "retry", "city", "--all"], ["backup", "copy.db"]]  # fmt: skip


class Runner:
    def __init__(self, site):
        self.site = site

    def for_strangers(self):
        """The program where anybody may run it: the source tree can lie in a home folder."""
        folder = self.site.path("open")
        if not os.path.exists(folder):
            os.mkdir(folder)
            shutil.copy(f"{self.site.build}/parkctl", folder)
            os.chmod(folder, 0o755)
            os.chmod(self.site.dir, 0o711)
        return f"{folder}/parkctl"

    def __call__(self, *words, socket=True, stranger=False):
        """(exit code, standard output, standard error)"""
        command = [self.for_strangers() if stranger else f"{self.site.build}/parkctl", *words]
        if socket:
            command += ["--socket", self.site.path("control.sock")]
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if stranger else {}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=self.site.dir,
                              env={**os.environ, "LANG": "C", "LC_ALL": "C"}, **who)  # fmt: skip
        return done.returncode, done.stdout, done.stderr


def every_command(check, ctl):
    commands = ctl("--list-commands", socket=False)[1].split()
    helps = {c: ctl(c, "--help", socket=False) for c in commands}
    wrong = [c for c, (code, out, err) in helps.items()
             if code or err or not out.startswith(f"usage: parkctl {c} ") or "--json" not in out]  # fmt: skip
    check.that(f"each of {len(commands)} commands helps, and takes --json", not wrong, str(wrong))
    page = open(os.path.join(TOP, "daemon/ctl/parkctl.1"), encoding="utf-8").read().replace("\\-", "-")
    check.that("each has its place in the manual", not [c for c in commands if f"parkctl {c}" not in page])
    bad = [c for c in commands for words in (["--no-such-option"], ["--json", "--json=7"])
           if ctl(c, *words, socket=False)[0] != 2]  # fmt: skip
    bad += [w for w in ([], ["no-such-command"], ["--json"], ["status", "too", "much"]) if ctl(*w, socket=False)[0] != 2]
    check.that("wrong use is 2 everywhere", not bad, str(bad))


def not_running(check, ctl):
    wrong = []
    for words in LIVE:
        code, out, err = ctl(*words)
        if code != 1 or out or "systemctl start parkd" not in err or len(err.splitlines()) != 1:
            wrong.append((words, code, err))
    check.that("without a daemon each live command says how to start it", not wrong, str(wrong[:1]))


def live(site, check, ctl):
    wrong = []
    for words in (["status"], ["lots"], ["lots", "A"], ["bays"], ["bays", "--lot", "A", "--zone", "A1", "--state", "free"],
                  ["devices"], ["devices", "--trouble"], ["outbox", "list", "city"]):  # fmt: skip
        code, out, err = ctl(*words, "--json")
        plain, zh = ctl(*words), ctl(*words, "--lang", "zh")
        if code or err or not isinstance(json.loads(out), dict) or plain[0] or not plain[1] or zh[0]:
            wrong.append(words)
        if words != ["devices", "--trouble"] and not re.search("[\u4e00-\u9fff]", zh[1]):
            wrong.append(words + ["zh"])
        if re.search("[\u4e00-\u9fff]", plain[1]):
            wrong.append(words + ["en"])
    check.that("each shows a table, a Chinese table and JSON", not wrong, str(wrong))
    free = json.loads(ctl("bays", "--state", "free", "--json")[1])
    check.that("--state narrows the bays", {b["state"] for b in free["bays"]} <= {"free"} and
               free["count"] == len(free["bays"]) == site.lot()["free"])  # fmt: skip
    refused = [ctl("lots", "no-such"), ctl("bays", "--lot", "no-such"), ctl("bays", "--state", "parked"),
               ctl("outbox", "list", "no-such"), ctl("bays", "out", "no-such", "--reason", "x"),
               ctl("outbox", "retry", "city", "--seq", "1"), ctl("outbox", "drop", "city", "--all", "--reason", "x")]  # fmt: skip
    check.that("what is not there is refused with 1 and one line that says so",
               all(code == 1 and not out and len(err.splitlines()) == 1 for code, out, err in refused),
               " | ".join(err.strip() for _, _, err in refused))  # fmt: skip


def operator(site, check, ctl):
    before = len(site.journal())
    state = lambda bay: next(b for b in site.ctl_json("bays")["bays"] if b["bay"] == bay)
    was = state("A-0003")["state"]
    reason = 'pump "in" the way; 水泵'
    code, out, err = ctl("bays", "out", "A-0003", "--reason", reason)
    records = [b for _, b in site.journal()[before:]]
    act = next((b for b in records if b["type"] == "operator"), {})
    check.that("a bay goes out of service, and who and why is recorded before parkctl returns", code == 0 and
               state("A-0003")["state"] == "out_of_service" and act.get("actor") == getpass.getuser()
               and act.get("reason") == reason and act.get("subject") == "A-0003", f"{err} {act}")  # fmt: skip
    check.that("a second time is refused", ctl("bays", "out", "A-0003", "--reason", "again")[0] == 1)
    other = "free" if was == "occupied" else "occupied"
    site.sim("field", f"bay A-0003 {other}")
    wait_for("the sensor was read", lambda: any(
        r["event"] == "served" and r["bay"] == "A-0003" and r["state"] == other for r in site.truth()), 10)  # fmt: skip
    check.that("meanwhile its sensor says nothing to the world", state("A-0003")["state"] == "out_of_service")
    code, _, err = ctl("bays", "in", "A-0003")
    check.that("on return it is what the sensor says now", code == 0 and state("A-0003")["state"] == other, err)
    lot = site.lot()
    check.that("the sum holds", lot["free"] + lot["occupied"] + lot["unknown"] + lot["out_of_service"] == lot["capacity"])
    if os.getuid() == 0:
        os.chmod(site.dir, 0o711)
        code, _, err = ctl("bays", "out", "A-0003", "--reason", "x", stranger=True)
        check.that("another user is refused, in words", code == 1 and "not for you" in err, err.strip())


def watch(site, check):
    for options, form in ([], "text"), (["--json"], "json"):
        name = f"watch-{form}"
        site.start(name, f"{site.build}/parkctl", "watch", *options, "--socket", site.path("control.sock"))
        bay, turn = "A-0005", 0

        def seen():
            nonlocal turn
            turn += 1
            site.sim("field", f"bay {bay} " + ("free" if turn % 2 else "occupied"))
            return f"bay {bay}: " in site.log(name) or f'"bay":"{bay}"' in site.log(name)

        wait_for(f"watch tells of {bay}", seen, 10)
        site.stop(name, signal.SIGINT)
        lines = site.log(name).splitlines()
        good = all(re.match(r"\d\d:\d\d:\d\d  (bay|vacancy|device|bus|uplink) \S+: ", l) for l in lines)
        if options:
            good = all({"event", "data"} == set(json.loads(l)) for l in lines)
        check.that(f"watch tells each change as {form}", good and lines, lines[0])


def backup(site, check, ctl):
    site.sim("field", "rate 100")
    copy = site.path("copy.db")
    code, out, err = ctl("backup", copy)
    check.that("a backup of the running daemon", code == 0 and os.path.exists(copy), err)
    check.that("is readable by its owner only", os.stat(copy).st_mode & 0o77 == 0, oct(os.stat(copy).st_mode))
    code, out, err = ctl("audit", "--db", copy, socket=False)
    check.that("and proves itself", code == 0, out + err)
    check.that("a backup where none can be is refused", ctl("backup", "/proc/none.db")[0] == 1)
    kept = sorted(site.dir_files(".db"))
    site.sim("field", "rate 0")
    script = lambda *words: subprocess.run(
        [os.path.join(TOP, "scripts/backup"), *words, "--db", site.path("parkd.db")], capture_output=True, text=True,
        timeout=60, env={**os.environ, "PARKCTL": f"{site.build}/parkctl"})  # fmt: skip
    refused = script("restore", copy)
    check.that("it is not put back while parkd works", refused.returncode == 1 and "stop it first" in refused.stderr
               and sorted(site.dir_files(".db")) == kept, refused.stderr.strip())  # fmt: skip
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    lost = {(s, i) for s, i in site.journal_ids()}
    done = script("restore", copy)
    check.that("it is put back when parkd is stopped", done.returncode == 0, done.stderr.strip())
    kept_ids = {(s, i) for s, i in site.journal_ids()}
    site.start_parkd()
    wait_for("the gateway knows its bays", lambda: site.lot()["unknown"] == 0, 20)
    site.sim("field", "rate 100")
    wait_for("new records", lambda: site.ctl_json("status")["store"]["head"] > len(kept_ids) + 50, 20)
    site.settle()
    now = {(s, i) for s, i in site.journal_ids()}
    again = {i for _, i in now - kept_ids} & {i for _, i in lost - kept_ids}
    check.that("what is written from then on never has the id of a record that is lost", kept_ids <= now and
               not again, f"{len(lost - kept_ids)} lost, {len(now - kept_ids)} new")  # fmt: skip
    broken = broken_alternation(site.journal())
    check.that("each bay's changes follow each other", not broken, "; ".join(broken[:3]))
    check.that("the audit finds nothing", site.audit_is_clean())


def config(site, check, ctl):
    code, out, _ = ctl("check-config", site.path("parkd.conf"), socket=False)
    check.that("a good configuration is said to be good, with what it holds", code == 0 and "40 bays" in out, out.strip())
    with open(site.path("parkd.conf")) as f:
        text = f.read()
    with open(site.path("bad.conf"), "w") as f:
        f.write(text.replace("unit = 1;", "unit = 0;").replace('time', 'thyme') + "\nserver = { };\n")
    code, out, err = ctl("check-config", "bad.conf", socket=False)
    lines = out.splitlines()
    check.that("mistakes are told by file and line, all at once", code == 1 and len(lines) >= 2 and
               all(re.match(r"bad\.conf:\d+: ", l) for l in lines), out.strip())  # fmt: skip
    daemon = subprocess.run([f"{site.build}/parkd", "--check-config", "--config", "bad.conf"], cwd=site.dir,
                            capture_output=True, text=True, timeout=20)  # fmt: skip
    check.that("parkd --check-config tells the same", daemon.returncode == 1 and
               daemon.stderr.splitlines() == lines, daemon.stderr)  # fmt: skip
    code, out, _ = ctl("check-config", "--json", "bad.conf", socket=False)
    check.that("and as JSON", code == 1 and json.loads(out)["mistakes"] == lines and not json.loads(out)["good"])


def probe(site, check, ctl):
    maps = ["--maps", os.path.join(TOP, "config/devices")]
    port = re.search(r"line tcp1 tcp \S+ (\d+)", site.log("field")).group(1)
    code, out, err = ctl("probe", f"127.0.0.1:{port}", "--units", "1-4", "--response-ms", "100", *maps, socket=False)
    check.that("probe finds the units of a TCP host and their maps", code == 0 and "concentrator-words" in out, (out + err)[-300:])
    code, out, err = ctl("probe", site.path("line"), "--baud", "115200", "--format", "8N1", "--units", "1-3",
                         "--response-ms", "100", "--json", *maps, socket=False)  # fmt: skip
    check.that("and those of a serial line, as JSON", code == 0 and "procon-ld220" in
               str([json.loads(line) for line in out.splitlines()]), (out + err)[:300])  # fmt: skip
    code, out, err = ctl("probe", "127.0.0.1:1", "--units", "1-2", "--response-ms", "100", *maps, socket=False)
    check.that("a host that is not there is said", code == 1 and err.strip(), (out + err).strip())


def main():
    site, check = Site(sys.argv[1]), Checks()
    ctl = Runner(site)
    every_command(check, ctl)
    site.start_broker()
    site.start_city()
    site.start_field(
        "--tcp", "127.0.0.1:0", "--units", "2", "--bays", "18", "--pty", site.path("line"), "--pty-units", "2",
        "--pty-bays", "2", "--pty-map", "procon-ld220", "--seed", "11"
    )  # fmt: skip
    print("seed 11", flush=True)
    not_running(check, ctl)
    config(site, check, ctl)
    site.start_parkd()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    live(site, check, ctl)
    operator(site, check, ctl)
    watch(site, check)
    backup(site, check, ctl)
    site.start("watch", f"{site.build}/parkctl", "watch", "--socket", site.path("control.sock"))
    wait_for("watch is there", lambda: site.descriptors("watch") > 4, 10)
    check.that("parkd ends cleanly under a watcher", site.stop("parkd") == 0)
    code = site.processes["watch"].wait(10)
    check.that("the watcher is told that it has gone", code == 1 and "ended the stream" in site.log("watch"), site.log("watch"))
    probe(site, check, ctl)
    check.end()


main()
