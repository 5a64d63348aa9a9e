#!/usr/bin/python3
"""With fresh keys, every signature, cipher and token that a city's platform is sent equals what openssl and node
make of the same bytes, opens on the other side, and each request is one that the published protocol allows.

Usage: test_city_crypto.py [BUILD]
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import city_receivers

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build").resolve()
NOW = int(time.time() * 1000)
counts = {True: 0, False: 0}

NODE = """
const crypto = require("crypto"), fs = require("fs");
const jobs = JSON.parse(fs.readFileSync(0));
console.log(JSON.stringify(jobs.map(job => {
  const key = fs.readFileSync(job.key, "utf8"), bytes = Buffer.from(job.bytes, "base64");
  if (job.digest) return crypto.createSign(job.digest).update(bytes).sign(key, "base64");
  const out = [];
  for (let i = 0; i < bytes.length || i === 0; i += 117)
    out.push(crypto.privateEncrypt({key, padding: crypto.constants.RSA_PKCS1_PADDING}, bytes.subarray(i, i + 117)));
  return Buffer.concat(out).toString("base64");
})));
"""


def check(what, good):
    counts[bool(good)] += 1
    if not good:
        print("FAILED", what)


def make_keys(folder):
    for name, bits in (("lot-2048", 2048), ("lot-1024", 1024), ("platform-1024", 1024)):
        subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}",
                        "-out", f"{folder}/{name}.pem"], check=True)
    subprocess.run(["openssl", "pkey", "-in", f"{folder}/platform-1024.pem", "-pubout", "-out",
                    f"{folder}/platform-1024.pub"], check=True)


class Request:
    def __init__(self, text):
        lines = text.split("\n")
        self.platform, self.name = lines[0].split(": ", 1)
        self.refused = lines[1].startswith("refused")
        if self.refused:
            return
        self.method, self.target = lines[1].split(" ")
        self.plain = next((x[6:] for x in lines if x.startswith("plain ")), None)
        self.body = next((x[5:] for x in lines if x.startswith("body ")), None)


def requests(folder):
    out = subprocess.run([BUILD / "test_city_golden", folder, str(NOW)], cwd=TOP, check=True, capture_output=True, text=True)
    return [Request(part) for part in re.split(r"^== ", out.stdout, flags=re.M) if part]


def openssl_sign(key, digest, message):
    signed = subprocess.run(["openssl", "dgst", "-" + digest, "-sign", key], input=message, check=True,
                            capture_output=True)
    return base64.b64encode(signed.stdout).decode()


def openssl_seal(key, plain):
    """Type-1 blocks. rsautl is the one command that takes 117 bytes."""
    sealed = [subprocess.run(["openssl", "rsautl", "-sign", "-inkey", key], input=plain[i:i + 117], check=True,
                             capture_output=True).stdout for i in range(0, len(plain), 117)]
    return base64.b64encode(b"".join(sealed)).decode()


def deterministic(folder, all_requests):
    """Byte for byte: RSA2 of Hefei, cipher and MD5withRSA of Hangzhou."""
    jobs, expected = [], []
    for r in all_requests:
        if r.refused or r.platform not in ("hefei", "hangzhou"):
            continue
        if r.platform == "hefei":
            e = json.loads(r.body)
            check(f"{r.name}: data is the Base64 of the plaintext",
                  base64.b64encode(r.plain.encode()).decode() == e["data"])
            signed = (e["access_id"] + e["data"] + e["sign_type"] + str(e["time_stamp"])).encode()
            key, digest, sign = f"{folder}/lot-2048.pem", "sha256", e["sign"]
        else:
            form = dict(urllib.parse.parse_qsl(r.body, strict_parsing=True))
            key, digest, sign = f"{folder}/lot-1024.pem", "md5", form["sign"]
            signed = form["cipher"].encode()
            check(f"{r.name}: the cipher is openssl's", openssl_seal(key, r.plain.encode()) == form["cipher"])
            jobs.append({"key": key, "bytes": base64.b64encode(r.plain.encode()).decode()})
            expected.append((r, form["cipher"]))
        check(f"{r.platform} {r.name}: the signature is openssl's", openssl_sign(key, digest, signed) == sign)
        jobs.append({"key": key, "bytes": base64.b64encode(signed).decode(), "digest": "RSA-" + digest.upper()})
        expected.append((r, sign))
    made = json.loads(subprocess.run(["node", "-e", NODE], input=json.dumps(jobs), check=True, capture_output=True,
                                     text=True).stdout)
    for (r, ours), theirs in zip(expected, made):
        check(f"{r.platform} {r.name}: node makes the same", ours == theirs)
    print(f"{len(made)} signatures and ciphers compared with openssl and node")


def receivers(folder):
    lots = {"340100A", "340100B"}
    small = city_receivers.Key(f"{folder}/lot-1024.pem", True)
    platform = city_receivers.Key(f"{folder}/platform-1024.pem", True)
    return {"hefei": city_receivers.Hefei(lots, city_receivers.Key(f"{folder}/lot-2048.pem", True), "dev+1",
                                          lambda: NOW),
            "hangzhou": city_receivers.Hangzhou(lots, small, "dev+1", platform),
            "qingdao": city_receivers.Qingdao(lots, small, "dev+1", platform),
            "xuzhou": city_receivers.Xuzhou(lots, "dev+1", "s3cret")}


def allowed(folder, all_requests):
    """Each is taken by a strict receiver. The records are several ends of the same stay, which no lot has: a
    receiver is begun anew, with the entry, for each of them."""
    for r in all_requests:
        if r.refused:
            check(f"{r.platform} {r.name}: only what cannot be said is refused", "void" in r.name)
            continue
        judge = receivers(folder)[r.platform]
        for before in all_requests:
            if before.platform == r.platform and not before.refused and needed(before, r):
                judge.take(before.method, before.target, before.body)
        answer = judge.take(r.method, r.target, r.body)
        check(f"{r.platform} {r.name}: {answer} {judge.violations}", not judge.violations)


def needed(before, r):
    if "1 of 2" in before.name and "2 of 2" in r.name and before.name.split(",")[0] == r.name.split(",")[0]:
        return True
    if r.name.startswith("entry") or r.name.startswith("bay taken") or before is r:
        return False
    street = "street" in r.name
    if r.name.startswith("bay left"):
        return before.name.startswith("bay taken")
    return before.name.startswith("entry on the street" if street else "entry, ")


def changed(r):
    """One byte of what is signed is another."""
    at = r.body.index("cipher=") + 60 if "cipher=" in r.body else len(r.body) // 2
    return r.body[:at] + ("A" if r.body[at] != "A" else "B") + r.body[at + 1:]


def spoiled(folder, all_requests):
    """The receivers can fail: one change in the bytes is a breach."""
    for r in all_requests:
        if r.refused or r.body is None:
            continue
        judge = receivers(folder)[r.platform]
        judge.take(r.method, r.target, changed(r))
        check(f"{r.platform} {r.name}: a changed byte is noticed", judge.violations)


class Simulator:
    """parksim's platform, with the lots registered."""

    def __init__(self, folder):
        public = {}
        for bits in ("1024", "2048"):
            public[bits] = f"{folder}/lot-{bits}.pub"
            subprocess.run(["openssl", "pkey", "-in", f"{folder}/lot-{bits}.pem", "-pubout", "-out", public[bits]],
                           check=True)
        registered = {name: [{"code": code, "account": "dev+1", "secret": "s3cret",
                              "key": public["2048" if name == "hefei" else "1024"],
                              "platform_key": f"{folder}/platform-1024.pem"} for code in ("340100A", "340100B")]
                      for name in ("hefei", "hangzhou", "qingdao", "xuzhou")}
        pathlib.Path(folder, "platforms.json").write_text(json.dumps(registered))
        self.process = subprocess.Popen([BUILD / "parksim", "city", "--listen", "127.0.0.1:0", "--platforms",
                                         f"{folder}/platforms.json"], stdout=subprocess.PIPE, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().split()[3]

    def take(self, r, body=None):
        kind = "application/json" if r.platform in ("hefei", "xuzhou") else "application/x-www-form-urlencoded"
        request = urllib.request.Request(self.url + r.target, (body or r.body).encode(), {"Content-Type": kind})
        return json.load(urllib.request.urlopen(request, timeout=10))

    def breaches(self):
        return json.load(urllib.request.urlopen(self.url + "/platforms", timeout=10))

    def close(self):
        self.process.terminate()
        self.process.wait(10)


def good(answer):
    return answer.get("code") in (0, 8888, 4002) or answer.get("resultCode") == 200


def simulated(folder, all_requests):
    """parksim takes the same: once as new, once more as the same; and notices a changed byte."""
    seen = set()
    for name in ("hefei", "hangzhou", "qingdao", "xuzhou"):
        simulator = Simulator(folder)
        try:
            for r in all_requests:
                # One exit of the stay and one picture a stay: others are another body under the same key.
                again = ("by a pass", "unpaid") + (("void",) if name != "xuzhou" else ())
                first = (name, r.name.split(",")[0] in again, r.refused) == (name, False, False)
                if r.platform != name or not first:
                    continue
                seen.add(name)
                check(f"parksim {name} {r.name}: {simulator.take(r)}", good(simulator.take(r)))
            status = simulator.breaches()
            check(f"parksim {name}: {status['breaches']}", status["breaches_count"] == 0)
            lot = next(x for x in status["lots"] if x["platform"] == name and x["code"] == "340100A")
            check(f"parksim {name} holds {lot}", lot["entries"] == 2 and lot["exits"] == 1)
            for r in all_requests:
                if r.platform == name and not r.refused:
                    check(f"parksim {name} {r.name}: a changed byte is noticed",
                          not good(simulator.take(r, changed(r))))
        finally:
            simulator.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_keys(folder)
        all_requests = requests(folder)
        deterministic(folder, all_requests)
        allowed(folder, all_requests)
        spoiled(folder, all_requests)
        simulated(folder, all_requests)
    print(f"{counts[True]} passed, {counts[False]} failed")
    sys.exit(1 if counts[False] or not counts[True] else 0)


main()
