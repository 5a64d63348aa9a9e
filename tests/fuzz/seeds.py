#!/usr/bin/env python3
"""Makes corpora of the fuzz targets from the tree's own samples and variations of them, the same each time: a cut, a
doubled or a lost line, a digit at its limit, a byte out of place. Usage: tests/fuzz/seeds.py [TARGET…]"""

import glob
import hashlib
import json
import os
import random
import re
import struct
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEAST, LONGEST = 110, 4096
NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483648", b"9223372036854775808", b"1e400", b"0.5")


def read(pattern):
    out = []
    for path in sorted(glob.glob(os.path.join(TOP, pattern))):
        with open(path, "rb") as f:
            out.append(f.read())
    return out


def varied(dice, sample):
    lines = sample.split(b"\n")
    how = dice.randrange(7)
    at = dice.randrange(len(lines))
    if how == 0:
        return sample[: dice.randrange(len(sample) + 1)]
    if how == 1:
        return b"\n".join(lines[:at] + lines[at + 1 :])
    if how == 2:
        return b"\n".join(lines[: at + 1] + lines[at:])
    found = list(re.finditer(rb"-?\d+(\.\d+)?", sample))
    if how in (3, 4) and found:
        which = dice.choice(found)
        return sample[: which.start()] + dice.choice(NUMBERS) + sample[which.end() :]
    words = list(re.finditer(rb"\"[^\"\n]*\"", sample))
    if how == 5 and words:
        which = dice.choice(words)
        return sample[: which.start()] + dice.choice((b'""', b'"\xff"', b'"' + b"A" * 300 + b'"', b"true", b"[]")) + sample[which.end() :]
    place = dice.randrange(max(1, len(sample)))
    return sample[:place] + bytes([dice.randrange(256)]) + sample[place + 1 :]


def configs():
    return read("tests/config/*.conf") + read("config/examples/*.conf")


def tariffs():
    return read("config/tariffs/*.conf")


def calendars():
    return read("config/calendars/*.conf")


def device_maps():
    return read("config/devices/*.conf") + read("tests/config/maps/*/*.conf")


def column_maps():
    statements = [s for s in read("tests/captures/bills/*.csv") if len(s) < 1500]
    return [m + b"\n---\n" + s for m in read("config/statements/*.conf") for s in statements] + read("config/statements/*.conf")


NAMES = "json", "ngsi-v2", "ngsi-ld", "datex", "hefei", "hangzhou", "xuzhou"  # adapters that answer


def answers():
    ids = [f"{0xABC0 + i:032x}" for i in range(4)]
    bodies = ["", "[]", "null", "<html>", '{"results":[]}', '{"error":"no"}']
    for word in "accepted", "duplicate", "refused", "retry", "perhaps":
        bodies.append(json.dumps({"results": [{"id": i, "status": word, "reason": "no bay"} for i in ids]}))
    for error in {"type": "https://uri.etsi.org/ngsi-ld/errors/BadRequestData"}, {"status": 503}, {}:
        bodies.append(json.dumps({"success": ["urn:ngsi-ld:ParkingSpot:A:A-002"],
                                  "errors": [{"entityId": "urn:ngsi-ld:ParkingSpot:A:A-001", "error": error}]}))  # fmt: skip
    return [f"{name} {status} {count}\n{body}".encode()
            for name in NAMES for status in (200, 207, 400, 503)
            for count in (0, 3) for body in bodies[(status + count) % 3 :: 3]]  # fmt: skip


def record_reads():
    """The platform's message is the canonical record with its number and id before it."""
    with open(os.path.join(TOP, "tests/unit/json/records.json"), encoding="utf-8") as f:
        records = json.load(f)["records"]
    return [json.dumps({k: v for k, v in record.items() if k not in ("seq", "id")}, separators=(",", ":"),
                       ensure_ascii=False).encode() for record in records]  # fmt: skip


WORDS = {
    "reason": "wrong plate", "lot": "A", "place": "A", "until": "2026-11-22T18:00:00+08:00", "for_s": 3600,
    "plate": "皖A12345", "stay": "S1", "class": "small", "entered": "2026-11-22T08:00:00+08:00", "bay": "A-001",
    "outcome": "released", "amount_fen": 500, "channel": "cash", "transaction": "T1", "shift": "H1", "coupon": "C1",
    "kind": "time", "value": 1800, "issuer": "shop", "list": "pass", "group": "g", "bays": 1,
    "from": "2026-11-22T00:00:00Z", "cashier": "li", "float_fen": 0, "counted_fen": 100, "denominations": "1x100",
    "witness": "wu", "inside": 7, "deny": True, "sure": True, "ticket": "T-1", "zone": "UTC", "fees": "wechat=0.6",
    "through": 42, "digest": "d" * 64, "sums": "1,2",
}  # fmt: skip


def acts():
    with open(os.path.join(TOP, "daemon/serve/acts.c"), encoding="utf-8") as f:
        text = f.read()
    keys = dict(re.findall(r'\[WORD_(\w+)\] =\s*\w+\(\s*"(\w+)"', text))
    rows = re.split(r"\[ACT_\w+\] =", text)[1:]
    out = []
    for act, row in enumerate(rows):
        words = [keys[w] for w in re.findall(r"G\(WORD_(\w+)\)", row)]
        for some in words, words[:1], words[::-1], words + ["reason", "deny"]:
            out.append(bytes([act]) + json.dumps({k: WORDS[k] for k in some}, ensure_ascii=False).encode())
    return list(dict.fromkeys(out))


def orders():
    """Each act of the schema with its words, with one fewer, with one too many."""
    with open(os.path.join(TOP, "daemon/uplink/json/command.schema.json"), encoding="utf-8") as f:
        schema = json.load(f)
    always = {"actor": "li", "reason": "asked", "not_after": "2026-11-22T18:00:00+08:00"}
    words = {**WORDS, **always, "lane": "A-out", "order": "O1"}
    out = []
    for rule in schema["allOf"]:
        act, known = rule["if"]["properties"]["act"]["const"], rule["then"]["propertyNames"]["enum"]
        own = {w: words[w] for w in known if w not in always and w != "act"}
        for some in own, dict(list(own.items())[:1]), {**own, "nonce": 1}, {**own, "reason": "a\nb"}:
            out.append(b"c-1\n" + json.dumps({"act": act, **always, **some}, ensure_ascii=False).encode())
        out += [b"\n" + out[-1], b"a" * 64 + out[-1][3:], out[-4].replace(b"+08:00", b"Z")]
    return out


def plates():
    texts = ["皖A12345", "皖AD12345", "粤B·88888", "京A1234警", "苏A-1234O", "ＡＢ１２３", "_无_", "noPlate", "W?123", "粤Z1234港",
             "HH AB 1234", "", "0DQO8B2Z", "使123456", "a" * 40]  # fmt: skip
    return [f"{a}\n{b}".encode() for a in texts for b in texts]


def downlinks():
    texts = ["3:23642A49563B52B0", "23642a49563b52b0", "3:", "0:00", "256:00", "3:0", "3:zz", "upload_h", "3:" + "00" * 51, "3:" + "00" * 52]
    return [bytes([port, how]) + struct.pack("<i", value) + text.encode()
            for port in (0, 3, 223) for how in (0, 3) for value in (0, 24, -1, 2147483647) for text in texts]  # fmt: skip


def requests():
    with open(os.path.join(TOP, "daemon/serve/api.c"), encoding="utf-8") as f:
        routes = re.findall(r'\{"(GET|POST)", "([^"]+)"', f.read())
    with open(os.path.join(TOP, "daemon/serve/acts.c"), encoding="utf-8") as f:
        routes += [("POST", a + b) for a, b in re.findall(r'"(/api/v1/[^"]*)", (?:"([^"]*)"|NULL)', f.read())]
    out = []
    for method, path in routes:
        body = json.dumps({k: WORDS[k] for k in ("reason", "amount_fen", "channel")}) if method == "POST" else ""
        for subject in "A-1", "city", "%2e%2e", "A" * 70:
            head = f"{method} {path.replace('*', subject)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            if body:
                head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            out.append(b"\0" + head.encode() + b"\r\n" + body.encode())
    return out + [b"\1" + r[1:] for r in out[::5]]


def calls(words, payments, wrapped=lambda business: business, common=None):
    """Business objects that the target signs, "s…", and what is not signed: path, token, body."""
    lot, plate, lane, moment = words
    base = {lot: "340100A", "callId": "C-1", **(common or {})}
    orders = [{**base, "operation": "list", "listType": kind, "status": status, plate: "皖A12345", "validStartDate": moment,
               "validEndDate": moment, "reason": "r"} for kind in ("pass", "exempt", "blocked", "locked") for status in (1, 0, "1")]  # fmt: skip
    orders += [{**base, "operation": "lock", "status": status, plate: car} for status in (1, 0) for car in ("皖AD12345", "_无_")]
    orders += [{**base, "operation": "open", lane: name, "actor": "desk", "reason": "r"} for name in ("A-in", "出口1", "A-out")]
    orders += [{**base, "operation": "tariff", "notice": "from 1 March"}, {**base, lot: "340100C", "operation": "open"}]
    orders += [{**(common or {}), **payment} for payment in payments]
    text = lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    signed = ["s" + text(wrapped(order)) for order in orders]
    envelopes = ["{}", "[]", "", "cipher=AA%3D&sign=AA%3D", "accessID=a&cipher=%4&sign=x", '{"cipher":"AA==","sign":"AA=="}',
                 text({"access_id": "dev+1", "sign_type": "RSA2", "time_stamp": 1795316530000, "data": "e30=", "sign": "AA=="}),
                 *(text(order) for order in orders[:6])]  # fmt: skip
    unsigned = [f"{path}\n{token}\n{body}" for path in ("/platforms/city", "/", "") for token in ("", "0" * 32)
                for body in envelopes]  # fmt: skip
    return [seed.encode() for seed in signed + unsigned[::2]]


STAY = "0R7S1JYC1V00000ABCDE"


def call_hefei():
    paid = [{"callId": "P1", "osStoreCode": "340100B", "orderId": STAY, "payAmount": fen, "payType": kind}
            for fen in (900, "900", -1) for kind in (0, 3, -1)]  # fmt: skip
    return calls(("osStoreCode", "carPlate", "channel", 1795316530000), paid)


def of_hangzhou(wrapped):
    paid = [{"payStatus": status, "billID": STAY, "actualPay": fen, "orderCode": "HZ1", "parkingCode": "340100A"}
            for status in (1, "1", 0) for fen in (700, "700", 1 << 40)]  # fmt: skip
    moment = "2026-11-22 11:02:10"
    return calls(("parkingCode", "plateNo", "gateNo", moment), paid, wrapped, {"uploadTime": moment})


def call_hangzhou():
    return of_hangzhou(lambda business: {"data": business})


def call_qingdao():
    return of_hangzhou(lambda business: {"data": json.dumps(business, ensure_ascii=False)})


def call_xuzhou():
    paid = [{"billId": "B1", "orderNo": STAY, "payStatus": status, "payMoney": fen, "parkCode": "340100B", "plateNo": "皖A12345"}
            for status in (1, 0) for fen in (600, -1, 1 << 40)]  # fmt: skip
    return calls(("parkCode", "plateNo", "deviceCode", "2026-11-22 11:02:10"), paid,
                 common={"appkey": "dev+1", "time": 1795316530000})  # fmt: skip


def camera_paths():
    """Of cameras' own addresses, with a word or with none, whole, cut and with more behind them."""
    lanes, words = ("in", "out", "in2", "", "a" * 64, "%2e%2e", "入口"), ("", "word", "words", "wor", "w%6frd", "/", "word/")
    behind = "", "/upark/plate", "/NotificationInfo/TollgateInfo", "/NotificationInfo/KeepAlive", "//", "?a=1"
    return [f"/cameras/{lane}/{word}{more}".encode() for lane in lanes for word in words for more in behind] + \
        [path.encode() for path in ("", "/", "/cameras", "/cameras/", "cameras/in", "/NotificationInfo/TollgateInfo", "/" * 200)]


TARGETS = {
    "camera_path": camera_paths,
    "config": configs, "tariff": tariffs, "calendar": calendars, "device_map": device_maps, "column_map": column_maps,
    "answers": answers, "record_read": record_reads, "acts": acts, "plate": plates, "downlinks": downlinks,
    "http": requests, "order": orders, "call_hefei": call_hefei, "call_hangzhou": call_hangzhou, "call_qingdao": call_qingdao,
    "call_xuzhou": call_xuzhou,
}  # fmt: skip


def main():
    for name in sys.argv[1:] or TARGETS:
        dice = random.Random(name)
        samples = [s for s in TARGETS[name]() if len(s) <= LONGEST]
        seeds = samples if len(samples) <= LEAST else dice.sample(samples, LEAST - 40)
        seeds = list(dict.fromkeys(seeds))
        while len(seeds) < LEAST:
            seed = varied(dice, dice.choice(samples))
            if len(seed) <= LONGEST and seed not in seeds:
                seeds.append(seed)
        folder = os.path.join(TOP, "tests", "fuzz", "corpus", name)
        os.makedirs(folder, exist_ok=True)
        for old in os.listdir(folder):
            os.remove(os.path.join(folder, old))
        for seed in seeds:
            with open(os.path.join(folder, hashlib.sha256(seed).hexdigest()[:16]), "wb") as f:
                f.write(seed)
        print(f"{name}: {len(seeds)} seeds of {len(samples)} samples, {sum(map(len, seeds)) // 1024} KiB")


main()
