"""Records to a city's platform that answers after a while, one signed request each: how many a second arrive and
keep arriving, over how many connections, and what one costs."""

import json
import os
import re
import subprocess
import time

from lot import PARKD, cpu_ns, mono_us, wait_for

RATE, ANSWER_MS, BAYS = 50, 200, 400
CODE = "HF001"


def make_key(lot):
    run = lambda *c: subprocess.run(c, check=True, capture_output=True, cwd=lot.dir)
    if not os.path.exists(lot.path("lot.key")):
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "lot.key")
        os.chmod(lot.path("lot.key"), 0o600)
        run("openssl", "pkey", "-in", "lot.key", "-pubout", "-out", "lot.pub")
    with open(lot.path("platforms.json"), "w") as f:
        json.dump({"hefei": [{"code": CODE, "account": "dev", "key": lot.path("lot.pub")}]}, f)


def configure(lot, with_uplink):
    """The written parkd.conf, with a stay for each bay; with or without the platform."""
    with open(lot.path("parkd.conf")) as f:
        text = f.read()
    text = re.sub(r'(lots = \(\s*\{ id = "A";)', r'\1 parking = { stays = "bays"; bay_settle_s = 0; };', text, count=1)
    assert "stays" in text, text[:600]
    if with_uplink:
        text = re.sub(r"uplinks = \(.*?\);\n", "", text, flags=re.S)
        text += (f'\nuplinks = ( {{ name = "city"; type = "hefei"; url = "http://127.0.0.1:{lot.city_port}"; lots = ( {{ '
                 f'lot = "A"; code = "{CODE}"; account = "dev"; key_file = "{lot.path("lot.key")}"; }} ); }} );\n')  # fmt: skip
    with open(lot.path("parkd.conf"), "w") as f:
        f.write(text)


def start_platform(lot, answer_ms):
    lot.start("platform", f"{lot.build}/parksim", "city", "--listen", f"127.0.0.1:{lot.city_port}", "--platforms",
              "platforms.json", "--control", "platform.ctl", ready="ready")  # fmt: skip
    lot.sim("platform", f"slow {answer_ms}")


def held(lot):
    """(records, connections, breaches) of the platform."""
    status = json.loads(lot.sim("platform", "platforms"))
    return (sum(one["entries"] + one["exits"] for one in status["lots"]), status["connections"], status["breaches_count"])


def stays(lot):
    """Records of stays that the gateway holds, read at rest."""
    return sum(body["type"] in ("stay_opened", "stay_closed") for _, body in lot.journal())


def start(lot, with_uplink):
    lot.stop("field")
    lot.start_field("--tcp", "127.0.0.1:0", "--ports", "1", "--units", "4", "--bays", "100", "--map",
                    "concentrator-words", "--changes-per-s", str(RATE), "--seed", "20261122", poll_ms=100, uplinks=())  # fmt: skip
    lot.sim("field", "rate 0")
    configure(lot, with_uplink)
    lot.start_parkd()
    wait_for(f"{BAYS} bays are known", lambda: lot.lot()["unknown"] == 0, 60)


def at_rate(lot, seconds):
    """What arrives of RATE records a second, and the gateway's processor time meanwhile."""
    wait_for("the platform holds what there was", lambda: lot.uplink("city")["pending"] == 0, 60)
    lot.sim("field", f"rate {RATE}")
    time.sleep(2)
    (before, opened, _), cpu, begin = held(lot), cpu_ns(lot.pid(PARKD)), mono_us()
    pending = lot.uplink("city")["pending"]
    time.sleep(seconds)
    (after, opened_since, _), busy, end = held(lot), cpu_ns(lot.pid(PARKD)) - cpu, mono_us()
    more = lot.uplink("city")["pending"] - pending
    return {"per_s": (after - before) / (end - begin) * 1e6, "more": more, "opened": opened_since - opened,
            "us": busy / 1000 / max(1, after - before)}  # fmt: skip


def alone(lot, seconds):
    """The same traffic without a platform: processor time of a record in µs."""
    start(lot, with_uplink=False)
    lot.sim("field", f"rate {RATE}")
    time.sleep(2)
    before, cpu = stays(lot), cpu_ns(lot.pid(PARKD))
    time.sleep(seconds)
    busy, count = cpu_ns(lot.pid(PARKD)) - cpu, stays(lot) - before
    lot.stop(PARKD)
    return busy / 1000 / max(1, count)


def most(lot):
    """How many a second drain when many wait."""
    lot.sim("platform", "reset")
    lot.sim("field", "rate 300")
    wait_for("many wait", lambda: lot.uplink("city")["pending"] > 1500, 60)
    lot.sim("field", "rate 0")
    lot.sim("platform", "ok")
    lot.sim("platform", f"slow {ANSWER_MS}")
    wait_for("it drains", lambda: lot.uplink("city")["pending"] < 1400, 60)
    before, begin = held(lot)[0], mono_us()
    wait_for("it drains", lambda: lot.uplink("city")["pending"] < 200, 120)
    return (held(lot)[0] - before) / (mono_us() - begin) * 1e6


def measure_platform(lot, table, quick):
    seconds = 6 if quick else 20
    make_key(lot)
    without = alone(lot, seconds)
    start_platform(lot, ANSWER_MS)
    start(lot, with_uplink=True)
    found = at_rate(lot, seconds)
    _, connections, breaches = held(lot)
    drains = most(lot)
    scene = f"a platform that answers after {ANSWER_MS} ms, a signed request a record"
    table.add(f"records/s to {scene}, offered / taken, over {seconds} s; connections, of them opened meanwhile",
              f"≥ {RATE}, 0", "—", f"{RATE} / {found['per_s']:.1f}; {connections}, {found['opened']}",
              found["per_s"] > RATE * 0.93 and found["more"] < RATE and found["opened"] == 0 and not breaches)  # fmt: skip
    table.add(f"records/s that drain from a backlog to {scene}", f"≥ {RATE}", "—", f"{drains:.0f}", drains >= RATE)
    table.add("processor µs a record to the platform (RSA-2048), beside what it costs without one", "—", f"{without:.0f}",
              f"{found['us'] - without:.0f}", None)  # fmt: skip
    lot.stop(PARKD)
    lot.stop("platform")
    lot.stop("field")
