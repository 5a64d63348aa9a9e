"""A whole site on loopback for system tests: broker, simulated field and city, parkd, a subscriber.

Everything lives in one temporary folder and on free ports; every process is ended by its own id. Waits
are on conditions with a bound, never on time alone. Python, because it shares nothing with what it checks.
"""

import atexit
import datetime
import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import termios
import threading
import time
import urllib.error
import urllib.request

from plates import resolver

# A job in the background of a shell ignores SIGINT, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def kill(process, seconds=20):
    """Ends it without a chance to tidy up, and returns its exit code. In a build that counts branches its counts are
    written before (tests/fault/kept_counts.c)."""
    if os.environ.get("PARKD_COUNTS") and os.path.basename(process.args[0]) == "parkd":
        process.send_signal(signal.SIGPWR)
        try:
            return process.wait(5)
        except subprocess.TimeoutExpired:
            pass
    process.send_signal(signal.SIGKILL)
    return process.wait(seconds)


def wait_for(what, condition, seconds):
    """The first true value of condition(), or an end of the test that says what never came."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.05)


class Checks:
    """Counts sentences that hold; prints each; ends with "N passed, N failed"."""

    def __init__(self):
        self.passed = self.failed = 0

    def that(self, sentence, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok      {sentence}" + (f": {detail}" if detail else ""))
        else:
            self.failed += 1
            print(f"FAILED  {sentence}" + (f": {detail}" if detail else ""))
        sys.stdout.flush()

    def note(self, fault, how, runs, sums, seed=None, path=os.environ.get("PARKD_RESULTS")):
        """A row of the table of proved faults (scripts/fault-table); `sums`: acknowledged, lost, doubled."""
        if not path:
            return
        row = {"fault": fault, "how": how, "control": "", "runs": runs, "acknowledged": sums[0], "lost": sums[1],
               "doubled": sums[2], "date": datetime.date.today().isoformat(), "seed": seed}  # fmt: skip
        with open(path, "a") as f:
            print(json.dumps(row, separators=(",", ":")), file=f)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


class Site:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.dir = tempfile.mkdtemp(prefix="parkd-test-")
        self.processes = {}
        self.logs = {}
        self.broker_port = free_port()
        self.city_port = free_port()
        self.page_port = free_port()
        self.token = "test-token-0123456789"
        atexit.register(self.close)

    def path(self, name):
        return os.path.join(self.dir, name)

    # Processes -----------------------------------------------------------------------------

    def start(self, name, *command, ready=None, seconds=20):
        log = open(self.path(name + ".log"), "ab")
        begin = log.tell()  # before the process shares the descriptor, and moves it
        self.processes[name] = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=self.dir
        )
        log.close()
        if ready:
            wait_for(f"{name} is ready", lambda: self._ready(name, ready, begin), seconds)

    def _ready(self, name, ready, begin):
        if self.processes[name].poll() is not None:
            raise AssertionError(f"{name} ended: {self.log(name)[-2000:]}")
        return ready() if callable(ready) else ready in self.log(name)[begin:]

    def log(self, name):
        with open(self.path(name + ".log"), errors="replace") as f:
            return f.read()

    def stop(self, name, number=signal.SIGTERM, seconds=20):
        """Ends a process and returns its exit code; one that does not end stays for close() to kill."""
        process = self.processes.get(name)
        if not process:
            return None
        if number == signal.SIGKILL:
            code = kill(process, seconds)
        else:
            process.send_signal(number)
            code = process.wait(seconds)
        del self.processes[name]
        return code

    def kill(self, name):
        code = self.stop(name, signal.SIGKILL)
        self.free_lines()
        return code

    def free_lines(self):
        """The last close of a serial line ends that it is one program's alone. Of a pseudo-terminal parksim has the other
        end open, so that this is done for it; root alone would not notice the difference."""
        for entry in os.scandir(self.dir):
            if os.path.realpath(entry.path).startswith("/dev/pts/"):
                line = os.open(entry.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
                fcntl.ioctl(line, termios.TIOCNXCL)
                os.close(line)

    def close(self):
        for name, process in list(self.processes.items())[::-1]:
            try:
                self.stop(name)
            except subprocess.TimeoutExpired:
                print(f"{name} did not end when told to; it is killed")
                process.kill()
                process.wait()
        keep = os.environ.get("PARKD_TEST_KEEP")
        if keep:
            print(f"kept: {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    # Broker and subscriber ------------------------------------------------------------------

    def start_broker(self):
        with open(self.path("broker.conf"), "w") as f:
            f.write(
                f"listener {self.broker_port} 127.0.0.1\nallow_anonymous true\n"
                "max_queued_messages 0\nmax_inflight_messages 200\nset_tcp_nodelay true\n"
                # The subscriber's session must outlive a restart, or its silence would look like loss.
                f"persistence true\npersistence_location {self.dir}/\nuser root\n"
            )
        self.start("broker", "mosquitto", "-c", self.path("broker.conf"), ready=self.broker_answers)

    def broker_answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.broker_port)) == 0

    def subscribe(self, topic="parking/+/records"):
        """Writes "unix-time topic payload" lines to subscriber.log."""
        self.start(
            "subscriber", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker_port), "-i", "witness", "-c",
            "-q", "1", "-t", topic, "-F", "%U %t %p"
        )  # fmt: skip

    def received(self):
        rows = []
        for line in self.log("subscriber").splitlines():
            parts = line.split(" ", 2)
            if len(parts) == 3 and parts[2].startswith("{"):
                rows.append((float(parts[0]), parts[1], json.loads(parts[2])))
        return rows

    # City -----------------------------------------------------------------------------------

    def make_certificates(self):
        if os.path.exists(self.path("city.pem")):
            return
        run = lambda *c: subprocess.run(c, check=True, capture_output=True, cwd=self.dir)
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
            "-keyout", "city.key", "-out", "city.csr")  # fmt: skip
        with open(self.path("city.ext"), "w") as f:
            f.write("subjectAltName=IP:127.0.0.1\n")
        run("openssl", "x509", "-req", "-in", "city.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "city.ext", "-out", "city.pem")  # fmt: skip

    def start_city(self):
        self.make_certificates()
        token = self.path("token")
        if not os.path.exists(token):
            with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
                f.write(self.token + "\n")
        self.start(
            "city", f"{self.build}/parksim", "city", "--listen", f"127.0.0.1:{self.city_port}",
            "--cert", "city.pem", "--key", "city.key", "--token-file", "token",
            "--state", "city.jsonl", "--control", "city.ctl", ready="ready", seconds=120
        )  # it reads again what it holds  # fmt: skip

    def city_rows(self):
        """What the city has accepted, record by record."""
        with open(self.path("city.jsonl")) as f:
            return [json.loads(line) for line in f]

    # Field ----------------------------------------------------------------------------------

    def start_field(self, *options, extra="", uplinks=True):
        """Starts the field and writes parkd.conf to match it, with the broker's and the city's uplink or
        with those of `extra`."""
        with open(self.path("extra.conf"), "w") as f:
            f.write(extra)
        if uplinks:
            options += (
                "--config-mqtt", f"mqtt://127.0.0.1:{self.broker_port}",
                "--config-city", f"https://127.0.0.1:{self.city_port}",
                "--config-token-file", self.path("token"), "--config-ca-file", self.path("ca.pem")
            )  # fmt: skip
        self.start(
            "field", f"{self.build}/parksim", "field", *options,
            "--truth", "truth.jsonl", "--control", "field.ctl", "--write-config", "parkd.conf",
            "--config-store", self.path("parkd.db"), "--config-control", self.path("control.sock"),
            "--config-listen", f"127.0.0.1:{self.page_port}",
            "--config-maps", os.path.join(TOP, "config", "devices"),
            "--config-extra", "extra.conf", ready="ready"
        )  # fmt: skip

    def write_config(self, buses, uplinks="", listen=True, lot=""):
        """parkd.conf by hand: one lot `lot` ("A-0001..A-0040") on `buses`."""
        serve = f'listen = "127.0.0.1:{self.page_port}"; ' if listen else ""
        with open(self.path("parkd.conf"), "w") as f:
            f.write(
                'site = { id = "test"; zone = "Asia/Shanghai"; };\n'
                f'store = {{ path = "{self.path("parkd.db")}"; }};\n'
                f'serve = {{ {serve}control = "{self.path("control.sock")}"; }};\n'
                f'device_maps = "{os.path.join(TOP, "config", "devices")}";\n'
                f'lots = ( {{ id = "A"; zones = ( {{ id = "A1"; bays = "{lot}"; }} ); }} );\n'
                f"buses = ( {buses} );\nuplinks = ( {uplinks} );\n"
            )

    def sim(self, part, command):
        done = subprocess.run(
            [f"{self.build}/parksim", "ctl", self.path(part + ".ctl"), command],
            capture_output=True, text=True, timeout=20
        )  # fmt: skip
        if done.returncode or done.stdout.startswith("error"):
            raise AssertionError(f"parksim {part}: {command}: {done.stdout}{done.stderr}")
        return done.stdout

    def truth(self):
        with open(self.path("truth.jsonl")) as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    # parkd ----------------------------------------------------------------------------------

    def start_parkd(self, *options):
        self.start(
            "parkd", f"{self.build}/parkd", "--config", self.path("parkd.conf"), *options,
            ready=lambda: os.path.exists(self.path("control.sock")) and self.ctl_ok("status")
        )  # fmt: skip

    def ctl(self, *words, ok=(0,)):
        done = subprocess.run(
            [f"{self.build}/parkctl", words[0], "--socket", self.path("control.sock"), *words[1:]],
            capture_output=True, text=True, timeout=60
        )  # fmt: skip
        if done.returncode not in ok:
            raise AssertionError(f"parkctl {' '.join(words)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def get(self, path):
        """The body of the page's answer, of whatever status."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.page_port}{path}", timeout=10) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            return error.read()

    def ctl_code(self, *words):
        try:
            self.ctl(*words)
            return 0
        except AssertionError as error:
            return int(str(error).split(": ")[1])

    def ctl_ok(self, *words):
        try:
            self.ctl(*words)
            return True
        except AssertionError:
            return False

    def ctl_json(self, *words):
        return json.loads(self.ctl(words[0], "--json", *words[1:]))

    def audit_is_clean(self):
        done = subprocess.run([f"{self.build}/parkctl", "audit", "--db", self.path("parkd.db")],
                              capture_output=True, text=True, timeout=120)  # fmt: skip
        if done.returncode:
            print(done.stdout + done.stderr)
        return done.returncode == 0

    def journal(self):
        """[(seq, id-less body)] as the file holds them, read by another SQLite client."""
        db = sqlite3.connect(f"file:{self.path('parkd.db')}?mode=ro", uri=True)
        try:
            show = resolver(db, self.path("parkd.db"))
            return [(seq, json.loads(show(body))) for seq, body in
                    db.execute("SELECT seq, body FROM journal ORDER BY seq")]  # fmt: skip
        finally:
            db.close()

    def journal_ids(self):
        """[(seq, id)]; the id is the first half of the hash, as store.h says."""
        db = sqlite3.connect(f"file:{self.path('parkd.db')}?mode=ro", uri=True)
        try:
            return [(seq, hash[:16].hex()) for seq, hash in db.execute("SELECT seq, hash FROM journal ORDER BY seq")]
        finally:
            db.close()

    def dir_files(self, ending):
        return [name for name in os.listdir(self.dir) if name.endswith(ending)]

    def uplink(self, name):
        for uplink in self.ctl_json("status")["uplinks"]:
            if uplink["name"] == name:
                return uplink
        raise AssertionError(f"no uplink {name}")

    def pid(self, name):
        return self.processes[name].pid

    def descriptors(self, name):
        return len(os.listdir(f"/proc/{self.pid(name)}/fd"))

    def resident_kb(self, name, what="VmRSS"):
        """All of it, with the libraries' pages; or "RssAnon", what is its own."""
        with open(f"/proc/{self.pid(name)}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith(what))

    # What must hold at the end, whatever was broken meanwhile --------------------------------

    def lot(self, name="A"):
        return next(l for l in self.ctl_json("lots")["lots"] if l["lot"] == name)

    def settle(self, seconds=60):
        """No car moves any more; waits until the gateway knows the truth and everybody has it."""
        self.sim("field", "rate 0")
        total = lambda key: sum(l[key] for l in self.ctl_json("lots")["lots"])
        wait_for("every device answers", lambda: all(
            d["state"] == "online" for d in self.ctl_json("devices")["devices"]), seconds)  # fmt: skip
        wait_for("every bay is shown as it is", self.shows_the_truth, seconds)

        def delivered():
            status = self.ctl_json("status")
            return status["store"]["waiting"] == 0 and all(u["pending"] == 0 for u in status["uplinks"])

        wait_for("everything is delivered", delivered, seconds)

    def shows_the_truth(self):
        """Each bay's newest state was served, and is what parkd shows."""
        self.sim("field", "status")  # the truth log is written before the answer
        changed, served = {}, {}
        for row in self.truth():
            if row["event"] in ("change", "served"):
                (changed if row["event"] == "change" else served)[row["bay"]] = row["state"]
        shown = {b["bay"]: b["state"] for b in self.ctl_json("bays")["bays"]}
        return shown == served and all(served.get(bay) == state for bay, state in changed.items())

    def check_subscriber(self, check, rows):
        """Rules 14, 15: `rows`, the journal, is what came over MQTT, each id with one content."""
        contents, seqs = {}, {}
        for _, _, body in self.received():
            contents.setdefault(body["id"], []).append(body)
            seqs.setdefault(body["seq"], set()).add(body["id"])
        repeats = sum(len(same) - 1 for same in contents.values())
        check.that("every record reached the subscriber, and no other", sorted(seqs) == [s for s, _ in rows],
                   f"{len(seqs)} of {len(rows)}, QoS 1 repeats {repeats}")  # fmt: skip
        two = [i for i, same in contents.items() if any(b != same[0] for b in same)]
        two += [str(s) for s, ids in seqs.items() if len(ids) > 1]
        check.that("no id came with two contents, no number with two ids", not two, " ".join(two[:3]))
        told = {b[0]["seq"]: b[0] for b in contents.values()}
        wrong = [s for s, body in rows if s in told and
                 {k: v for k, v in told[s].items() if k not in ("seq", "id")} != body]  # fmt: skip
        check.that("what was told is what is in the journal", not wrong, str(wrong[:3]))

    def sums(self, rows):
        """(acknowledged, lost, doubled): of `rows` how many, how many the subscriber or the platform never had, how many
        came a second time to the platform, or with another content to the subscriber."""
        told, different = {}, 0
        for _, _, body in self.received():
            different += told.setdefault(body["seq"], body) != body
        records = [r["record"] for r in self.city_rows() if "record" in r]
        due, held = {s for s, _ in rows}, {r["seq"] for r in records}
        return len(rows), len(due - (held & set(told))), different + len(records) - len({r["id"] for r in records})

    def check_platform(self, check, rows, except_seqs=()):
        """Rule 14: the platform holds each record of the journal once (but for those refused)."""
        records = [r["record"] for r in self.city_rows() if "record" in r]
        ids = {r["id"] for r in records}
        due = [s for s, _ in rows if s not in except_seqs]
        check.that("the platform holds each record once", len(records) == len(ids) and
                   sorted(r["seq"] for r in records) == due,
                   f"{len(records)} rows, {len(ids)} ids, {len(due)} due")  # fmt: skip
        status = json.loads(self.sim("city", "status"))
        check.that("the platform saw no violation of the protocol", not status["violations"],
                   str(status["first_violations"])[:300])  # fmt: skip


class Relay:
    """A stretch of network in front of a port: it can swallow what is on its way, and break off."""

    def __init__(self, to_port):
        self.to_port, self.swallows, self.pairs = to_port, False, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            near, _ = self.socket.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.to_port), 5)
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(a, b), daemon=True).start()

    def _carry(self, source, target):
        try:
            while data := source.recv(65536):
                if not self.swallows:
                    target.sendall(data)
        except OSError:
            pass
        for s in source, target:  # wakes the other direction
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Breaks off all connections. What was swallowed is lost."""
        pairs, self.pairs = self.pairs, []
        for s in sum(pairs, ()):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.swallows = False


def broken_alternation(rows):
    """Rule 4: of each bay, a change begins where the one before it ended. The breaches, as words."""
    last, found = {}, []
    for seq, body in rows:
        if body["type"] == "bay_changed":
            was = last.get(body["bay"], "unknown")
            if body["from"] != was or body["to"] == was:
                found.append(f"{seq}: {body['bay']} {body['from']}→{body['to']} after {was}")
            last[body["bay"]] = body["to"]
    return found


def invented(truth, rows, slack_ms=100):
    """Rule 1: each change that a reading made has a served state of its own that is not younger. (That a
    served state has no change of its own is allowed here: its reader may have been killed.)"""
    served, found = {}, []
    for row in truth:
        if row["event"] == "served":
            served.setdefault(row["bay"], []).append((row["state"], row["utc_ms"]))
    place = dict.fromkeys(served, 0)
    for seq, body in rows:
        if body["type"] != "bay_changed" or body["to"] not in ("free", "occupied"):
            continue
        bay, at = body["bay"], utc_ms(body["at"])
        if body["from"] in ("unknown", "out_of_service"):  # the same state may be told again after these
            place[bay] = max(0, place.get(bay, 0) - 1)
        states = served.get(bay, [])
        i = place.get(bay, 0)
        while i < len(states) and states[i][0] != body["to"]:
            i += 1
        if i == len(states) or states[i][1] > at + slack_ms:
            found.append(f"{seq}: {bay} {body['to']} at {body['at']}")
        else:
            place[bay] = i + 1
    return found


def utc_ms(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000 + 0.5)


def sensed_sequences(changes):
    """{bay: [state, …]} of (bay, state) pairs in order: what each sensor said, one entry a change.
    Unknown is not something that a sensor says."""
    sequences = {}
    for bay, state in changes:
        if state not in ("free", "occupied"):
            continue
        sequence = sequences.setdefault(bay, [])
        if not sequence or sequence[-1] != state:
            sequence.append(state)
    return sequences


def differences(truth, other):
    """The first few bays whose sequences differ, as words."""
    found = []
    for bay in sorted(set(truth) | set(other)):
        if truth.get(bay, []) != other.get(bay, []):
            found.append(f"{bay}: truth {truth.get(bay, [])[-6:]} other {other.get(bay, [])[-6:]}")
    return found
