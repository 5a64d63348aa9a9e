"""Strict receivers of the cities' protocols, written from their descriptions alone: an independent judge of
what the gateway sends. Python's library and the openssl command; nothing of ours.

A receiver takes whole requests, answers as the platform would, and keeps every breach in `violations`.
`serve()` puts them behind HTTP.
"""
import base64
import datetime
import hashlib
import http.server
import json
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse

KEY = re.compile(r"[0-9A-Za-z_-]{1,32}\Z")
TIME = "%Y-%m-%d %H:%M:%S"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Breach(Exception):
    """What the platform refuses; `code` as it would answer."""

    def __init__(self, what, code=None):
        super().__init__(what)
        self.code = code


# ---- RSA, from the numbers of the key ----


class Key:
    def __init__(self, path, private):
        self.path, self.private = path, private
        text = subprocess.run(["openssl", "pkey", "-in", path, "-noout", "-text"] + ([] if private else ["-pubin"]),
                              check=True, capture_output=True, text=True).stdout

        def number(name):
            digits = re.search(name + r":\s*\n((?:\s+[0-9a-f:]+\n)+)", text, re.I).group(1)
            return int(re.sub(r"[^0-9a-f]", "", digits), 16)

        self.n = number("modulus")
        self.d = number("privateExponent") if private else None
        self.size = (self.n.bit_length() + 7) // 8

    def public_open(self, cipher):
        return b"".join(self._unpad(pow(c, 65537, self.n), 1) for c in self._blocks(cipher))

    def private_open(self, cipher):
        return b"".join(self._unpad(pow(c, self.d, self.n), 2) for c in self._blocks(cipher))

    def _blocks(self, cipher):
        if not cipher or len(cipher) % self.size:
            raise Breach("the cipher is no whole number of blocks")
        return [int.from_bytes(cipher[i:i + self.size], "big") for i in range(0, len(cipher), self.size)]

    def _unpad(self, number, kind):
        block = number.to_bytes(self.size, "big")
        end = block.find(b"\0", 2)
        if block[:2] != bytes([0, kind]) or end < 10 or (kind == 1 and block[2:end].strip(b"\xff")):
            raise Breach(f"a block is no PKCS#1 v1.5 of type {kind}")
        return block[end + 1:]

    def verifies(self, digest, message, signature):
        with tempfile.TemporaryDirectory() as folder:
            public = self.path
            if self.private:
                public = folder + "/public"
                subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout", "-out", public], check=True)
            open(folder + "/message", "wb").write(message)
            open(folder + "/signature", "wb").write(signature)
            return subprocess.run(["openssl", "dgst", "-" + digest, "-verify", public, "-signature",
                                   folder + "/signature", folder + "/message"], capture_output=True).returncode == 0


def base64_strict(text, what):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = None
    if raw is None or base64.b64encode(raw).decode() != text:
        raise Breach(what + " is no Base64 of the standard alphabet")
    return raw


# ---- what fields may be ----


def is_int(low, high):
    return lambda v: type(v) is int and low <= v <= high


def one_of(*values):
    return lambda v: type(v) in (int, str) and v in values


def is_key(v):
    return type(v) is str and KEY.match(v) is not None


def is_text(v):
    return type(v) is str and v != ""


def any_text(v):
    return type(v) is str


def is_time(v):
    try:
        return type(v) is str and datetime.datetime.strptime(v, TIME).strftime(TIME) == v
    except ValueError:
        return False


def is_date(v):
    return type(v) is str and re.match(r"\d{4}-\d\d-\d\d\Z", v) is not None


money = is_int(0, 1_000_000_000)
count = is_int(0, 1_000_000)
millis = is_int(1_500_000_000_000, 4_000_000_000_000)


def jpeg_of(limit):
    def check(v):
        raw = base64_strict(v, "the picture") if type(v) is str else b""
        return raw[:2] == b"\xff\xd8" and len(raw) <= limit
    return check


def local(text):
    return datetime.datetime.strptime(text, TIME).replace(tzinfo=CHINA).timestamp() * 1000


def check_fields(data, required, optional):
    if type(data) is not dict:
        raise Breach("the business data is no object")
    for name, rule in required.items():
        if name not in data:
            raise Breach(f"{name} is missing")
    for name, value in data.items():
        rule = required.get(name) or optional.get(name)
        if not rule:
            raise Breach(f"{name} is not known")
        if not rule(value):
            raise Breach(f"{name} may not be {value!r:.60}")


def unique_object(text, what):
    def pairs(members):
        if len({name for name, _ in members}) != len(members):
            raise Breach(what + " names a member twice")
        return dict(members)
    try:
        return json.loads(text, object_pairs_hook=pairs)
    except ValueError:
        raise Breach(what + " is no JSON") from None


class Receiver:
    """`volatile`: fields of an attempt, not of the fact."""

    volatile = ("uploadTime", "totalBerthNum", "openBerthNum", "freeBerthNum", "time")

    def __init__(self):
        self.held, self.violations, self.counts, self.beats = {}, [], {}, []
        self.inside, self.lock = {}, threading.Lock()
        self.entries, self.exits = {}, {}
        self.now_ms = lambda: int(time.time() * 1000)

    def once(self, kind, key, fields):
        """True when it is new. The same key with another body is a breach."""
        fields = {k: v for k, v in fields.items() if k not in self.volatile}
        known = self.held.setdefault((kind, key), fields)
        if known is fields:
            return True
        if known != fields:
            self.violations.append(f"{kind} {key}: another body under the same key")
        return False

    def take(self, method, target, body):
        with self.lock:
            try:
                if method != "POST":
                    raise Breach("only POST")
                return self.receive(target, body)
            except Breach as breach:
                self.violations.append(f"{target}: {breach}")
                return self.refusal(breach)


# ---- Hefei ----


class Hefei(Receiver):
    BASE = "/os-park/ospark/open/api/v2/"
    VEHICLE = {"osStoreCode": is_text, "carPlate": is_text, "carPlateColor": is_int(1, 6), "orderId": is_key}
    OPERATIONS = {
        "uploadHeartbeat": ({"osStoreCode": is_text, "uploadTime": millis}, {}),
        "uploadSurplus": ({"osStoreCode": is_text, "total": count, "surplus": count}, {}),
        "uploadDriveIn": ({**VEHICLE, "inTime": millis, "inChannel": is_text}, {}),
        "uploadDriveOut": ({**VEHICLE, "inTime": millis, "outTime": millis, "duration": is_int(0, 10**9),
                            "parkType": is_int(1, 3), "billingAmount": money, "payAmount": money,
                            "payType": one_of(-1, 0, 1, 2, 3), "inChannel": is_text, "outChannel": is_text},
                           {"cardRecordId": is_int(0, 2**63), "parkDiscountTime": is_int(0, 10**9)}),
        "uploadImage": ({**VEHICLE, "content": is_text, "source": is_int(1, 4), "imageType": is_int(1, 2)}, {}),
        "uploadCheckRecord": ({"osStoreCode": is_text, "checkDate": is_date, "driveInNum": count,
                               "driveOutNum": count}, {}),
        "uploadUID": ({"osStoreCode": is_text, "checkDate": is_date, "type": is_int(0, 1)}, {}),
    }
    volatile = ()

    def __init__(self, lots, key, access_id, now_ms=None):
        super().__init__()
        self.lots, self.key, self.access_id = lots, key, access_id
        self.now_ms = now_ms or self.now_ms

    def refusal(self, breach):
        return {"code": breach.code or 1002, "msg": str(breach), "data": None, "error": None}

    def receive(self, target, body):
        envelope = unique_object(body, "the body")
        check_fields(envelope, {"access_id": is_text, "sign_type": one_of("RSA2"), "time_stamp": millis,
                                "data": is_text, "sign": is_text}, {})
        if envelope["access_id"] != self.access_id:
            raise Breach("access_id is not registered", 1012)
        signed = envelope["access_id"] + envelope["data"] + "RSA2" + str(envelope["time_stamp"])
        if not self.key.verifies("sha256", signed.encode(), base64_strict(envelope["sign"], "sign")):
            raise Breach("the signature is wrong", 1013)
        if abs(envelope["time_stamp"] - self.now_ms()) > 300_000:
            raise Breach("the request has expired", 1006)
        data = unique_object(base64_strict(envelope["data"], "data").decode("utf-8"), "data")
        name = target[len(self.BASE):] if target.startswith(self.BASE) else ""
        if name not in self.OPERATIONS:
            raise Breach("no such operation", 1004)
        check_fields(data, *self.OPERATIONS[name])
        if data["osStoreCode"] not in self.lots:
            raise Breach("the lot does not exist", 4007)
        fresh, answer = getattr(self, name)(data)
        return {"code": 8888 if fresh else 4002, "msg": "success", "data": answer, "error": None}

    def uploadHeartbeat(self, data):
        self.beats.append((self.now_ms(), data["osStoreCode"]))
        return True, json.dumps({"serverTime": self.now_ms()})  # as a text, as in the documentation's example

    def uploadSurplus(self, data):
        if data["surplus"] > data["total"]:
            raise Breach("more surplus than there is")
        self.counts[data["osStoreCode"]] = (data["total"], data["surplus"])
        return True, {}

    def uploadDriveIn(self, data):
        self.entries[data["orderId"]] = data
        return self.once("in", data["orderId"], data), {}

    def uploadDriveOut(self, data):
        entry = self.entries.get(data["orderId"])
        if not entry:
            raise Breach("an exit before its entry")
        if data["duration"] != (data["outTime"] - data["inTime"]) // 1000:
            raise Breach("the duration is not from in to out, in seconds")
        if data["outTime"] < data["inTime"]:
            raise Breach("it left before it came")
        if data["parkType"] != 1 and "parkDiscountTime" not in data:
            raise Breach("parkDiscountTime is missing with this parkType")
        if data["payType"] == 1 and data["payAmount"]:
            raise Breach("free, and paid")
        self.exits[data["orderId"]] = data
        return self.once("out", data["orderId"], data), {}

    def uploadImage(self, data):
        if data["orderId"] not in self.entries:
            raise Breach("a picture before its record")
        if data["imageType"] == 2 and not jpeg_of(300 * 1024)(data["content"]):
            raise Breach("no JPEG of at most 300 K")
        return self.once("image", (data["orderId"], data["source"]), data), {}

    def of_day(self, held, field, data):
        return [key for key, value in held.items() if value["osStoreCode"] == data["osStoreCode"] and
                datetime.datetime.fromtimestamp(value[field] / 1000, CHINA).strftime("%Y-%m-%d") == data["checkDate"]]

    def uploadCheckRecord(self, data):
        ins, outs = self.of_day(self.entries, "inTime", data), self.of_day(self.exits, "outTime", data)
        return True, {"driveInFlag": int(len(ins) != data["driveInNum"]),
                      "driveOutFlag": int(len(outs) != data["driveOutNum"])}

    def uploadUID(self, data):
        held, field = ((self.entries, "inTime"), (self.exits, "outTime"))[data["type"]]
        return True, {"order_id_list": self.of_day(held, field, data)}


# ---- Hangzhou and Qingdao ----


class Hangzhou(Receiver):
    PREFIX, DIGEST = "/api/v2/cp/", "md5"
    BERTHS = {"totalBerthNum": count, "openBerthNum": count, "freeBerthNum": count}
    VEHICLE = {"plateNo": is_text, "plateColor": is_int(1, 5)}
    IN = {"uid": is_key, "arriveID": is_key, **VEHICLE, "carType": is_int(1, 3), "parkingCode": is_text,
          "entryNum": is_text, **BERTHS, "arriveTime": is_time, "parkingType": is_int(1, 4), "uploadTime": is_time}
    OUT = {**{k: v for k, v in IN.items() if k != "arriveID"}, "endID": is_key, "endTime": is_time, "outNum": is_text}
    OPT = {"gateNo": is_text, "operatorCode": is_text}
    PHOTO = {"parkingCode": is_text, "uid": is_key, "photoID": is_key, "time": is_time, "type": is_int(1, 2),
             "name": is_text, "uploadTime": is_time}
    OPERATIONS = {
        "uploadCarInData": (IN, OPT),
        "uploadCarOutData": (OUT, OPT),
        "uploadParkingState": ({"parkingCode": is_text, **BERTHS, "uploadTime": is_time}, {}),
        "uploadHeartbeat": ({"parkingCode": is_text, "uploadTime": is_time}, {}),
        "uploadPhoto": ({**PHOTO, "file": jpeg_of(512 * 1024)}, {}),
        "uploadPayRecord": ({"billID": is_key, "uid": is_key, "plateNo": is_text, "parkingCode": is_text,
                             "chargeFee": money, "shouldPay": money, "actualPay": money, "billTime": is_time,
                             "dealTime": is_time, "paidType": is_int(1, 10),
                             "payType": is_int(101, 104), "billWay": is_int(0, 1), "uploadTime": is_time}, {}),
        "applyPayment": ({"parkingCode": is_text, "uid": is_key, **VEHICLE, "arriveTime": is_time, "endTime": is_time,
                          "billID": is_key, "billTime": is_time, "shouldPay": money, "payStatus": one_of(0),
                          "carStock": one_of(1)}, {}),
    }

    def __init__(self, lots, key, access_id, platform_key=None):
        super().__init__()
        self.lots, self.key, self.access_id, self.platform_key = lots, key, access_id, platform_key

    def refusal(self, breach):
        return {"resultCode": breach.code or 500, "msg": str(breach)}

    def open(self, cipher):
        return self.key.public_open(cipher)

    def business(self, plain):
        return plain["data"]

    def operation(self, target):
        if target == "/api/v2/tcjg/uploadHeartbeat":
            return "uploadHeartbeat"
        name = target[len(self.PREFIX):] if target.startswith(self.PREFIX) else ""
        return None if name == "uploadHeartbeat" else name

    def form(self, body):
        try:
            pairs = urllib.parse.parse_qsl(body, strict_parsing=True, keep_blank_values=True)
        except ValueError:
            raise Breach("the body is no form") from None
        form = dict(pairs)
        if len(form) != len(pairs):
            raise Breach("a form field stands twice")
        return form

    def receive(self, target, body):
        form, name = self.form(body), self.operation(target)
        if name not in self.OPERATIONS:
            raise Breach("no such operation")
        asked = {"accessID", "cipher", "sign"} | self.asides(name)
        if set(form) != asked:
            raise Breach(f"the form has {sorted(form)}, not {sorted(asked)}")
        if form["accessID"] != self.access_id:
            raise Breach("accessID is not registered")
        if not self.key.verifies(self.DIGEST, form["cipher"].encode(), base64_strict(form["sign"], "sign")):
            raise Breach("the signature is wrong")
        raw = self.open(base64_strict(form["cipher"], "cipher"))
        plain = unique_object(raw.decode("utf-8"), "the plaintext")
        if type(plain) is not dict or set(plain) != {"data"}:
            raise Breach('the plaintext is not {"data":…}')
        data = self.business(plain)
        check_fields(data, *self.OPERATIONS[name])
        if data["parkingCode"] not in self.lots:
            raise Breach("the lot does not exist")
        if "freeBerthNum" in data:
            if not data["freeBerthNum"] <= data["openBerthNum"] <= data["totalBerthNum"]:
                raise Breach("free ≤ open ≤ total does not hold")
            self.counts[data["parkingCode"]] = (data["totalBerthNum"], data["openBerthNum"], data["freeBerthNum"])
        getattr(self, "take_" + name)(data)
        return {"resultCode": 200, "msg": "success"}

    def asides(self, name):
        return set()

    def belongs(self, data):
        if data["uid"] not in self.entries:
            raise Breach("told of a uid before its entry")

    def take_uploadCarInData(self, data):
        self.entries[data["uid"]] = data
        self.once("in", data["uid"], data)

    def take_uploadCarOutData(self, data):
        self.belongs(data)
        if data["arriveTime"] > data["endTime"]:
            raise Breach("it left before it came")
        self.exits[data["uid"]] = data
        self.once("out", data["uid"], data)

    def take_uploadParkingState(self, data):
        pass

    def take_uploadHeartbeat(self, data):
        self.beats.append((time.time(), data["parkingCode"]))

    def take_uploadPhoto(self, data):
        self.belongs(data)
        self.once("photo", data["photoID"], data)

    def take_uploadPayRecord(self, data):
        self.belongs(data)
        self.once("pay", data["billID"], data)

    def take_applyPayment(self, data):
        self.belongs(data)
        if data["uid"] not in self.exits:
            raise Breach("a bill of arrears before the exit")
        self.once("bill", data["billID"], data)


class Qingdao(Hangzhou):
    PREFIX, DIGEST = "/", "sha1"
    OPERATIONS = {
        **{name: Hangzhou.OPERATIONS[name] for name in ("uploadCarInData", "uploadParkingState", "uploadHeartbeat")},
        "uploadCarOutData": ({**Hangzhou.OUT, "chargeFee": money, "shouldPay": money}, Hangzhou.OPT),
        "uploadPhoto": (Hangzhou.PHOTO, {}),
    }

    def operation(self, target):
        return target[1:]

    def asides(self, name):
        return {"file"} if name == "uploadPhoto" else set()

    def open(self, cipher):
        return self.platform_key.private_open(cipher)

    def business(self, plain):
        if type(plain["data"]) is not str:
            raise Breach("data is no text")
        return unique_object(plain["data"], "data")

    def form(self, body):
        form = super().form(body)
        if "file" in form and not jpeg_of(512 * 1024)(form["file"]):
            raise Breach("no JPEG of at most 512 K")
        return form


# ---- Xuzhou ----


class Xuzhou(Receiver):
    COMMON = {"appkey": is_text, "time": millis, "parkCode": is_text}
    COLOUR = {"plateColor": is_int(0, 5)}
    OPERATIONS = {
        "/api/outer/postOuterCarPassInData": (
            {**COMMON, **COLOUR, "actTime": is_time, "actType": one_of(1), "orderNo": is_key, "deviceCode": is_text,
             "plateNo": is_text, "picUrl": any_text}, {"imageId": is_key}),
        "/api/outer/postOuterCarPrePassOutData": (
            {**COMMON, "plateNo": is_text, "orderNo": is_key, "billId": is_key, "enterTime": is_time,
             "costTime": is_time, "parkPeriodTime": count, "payStatus": is_int(0, 1), "totalCost": money,
             "freeMoney": money, "preMoney": money, "payMoney": money}, {}),
        "/api/outer/postOuterCarPassOutData": (
            {**COMMON, **COLOUR, "actTime": is_time, "actType": one_of(2), "plateNo": is_text},
            {"picUrl": is_text, "imageId": is_key, "deviceCode": is_text, "district": is_text, "parkName": is_text}),
        "/api/outer/postParkDevice": ({**COMMON, "postType": is_int(1, 2)}, {"deviceSN": is_text, "deviceIp": is_text}),
        "/api/outer/postPlaceData": ({**COMMON, "createTime": is_time, "totalPlaceCount": count},
                                     {"reducePlaceCount": count}),
        "/api/outer/postPic": ({"appkey": is_text, "time": millis, "imageId": is_key, "parkType": is_int(1, 2),
                                "file": jpeg_of(3 * 1024 * 1024)},
                               {"picTime": is_time, "type": is_int(0, 1), "name": is_text}),
        "/api/upload/payBillInfo": ({**COMMON, "carNo": is_text, "entryTime": is_time, "amount": money,
                                     "payAmount": money, "discount": money, "payType": is_int(1, 4),
                                     "payTime": is_time}, {}),
        "/api/outer/postModifyCarNo": ({**COMMON, "oldPlateNo": is_text, "plateNo": is_text}, {}),
        "/api/inner/postInnerCarPassInData": (
            {**COMMON, "actTime": is_time, "actType": one_of(1), "orderNo": is_key, "berthNo": is_text,
             "plateNo": is_text}, {**COLOUR, "picUrl": is_text, "imageId": is_key}),
        "/api/inner/postInnerCarPassOutData": (
            {**COMMON, "actTime": is_time, "actType": one_of(2), "berthNo": is_text, "plateNo": is_text}, {}),
        "/api/pos/orderClose": ({**COMMON, "actTime": is_time, "type": is_int(1, 3), "orderNo": is_key,
                                 "thirdOrderNo": is_key}, {}),
        "/api/exce/orderExceHandle": ({**COMMON, "type": is_int(1, 3), "thirdOrderNo": is_key,
                                       "desc": lambda v: is_text(v) and len(v) <= 100}, {}),
    }
    PICTURES = ("/api/outer/postPic",)

    def __init__(self, lots, appkey, secret, berths_in_order=True):
        """Without `berths_in_order` the next car of a berth may be told before the last one's exit: a stay waits
        for no other."""
        super().__init__()
        self.lots, self.appkey, self.secret, self.berths_in_order = lots, appkey, secret, berths_in_order
        self.berths, self.closed = {}, set()

    def refusal(self, breach):
        return {"code": -1, "msg": str(breach), "data": None}

    def receive(self, target, body):
        uri, _, query = target.partition("?")
        if uri not in self.OPERATIONS:
            raise Breach("no such operation")
        data = unique_object(body, "the body")
        canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        token = hashlib.md5((uri + canonical + self.secret).encode()).hexdigest()
        if query != "token=" + token:
            raise Breach("the token is wrong")
        check_fields(data, *self.OPERATIONS[uri])
        if data["appkey"] != self.appkey:
            raise Breach("the appkey is not registered")
        if "parkCode" in data and data["parkCode"] not in self.lots:
            raise Breach("the lot does not exist")
        answer = getattr(self, "take_" + uri.rsplit("/", 1)[1])(data)
        return {"code": 0, "msg": "success", "data": answer or {}}

    def entered(self, data):
        if data["orderNo"] not in self.entries:
            raise Breach("told of an order before its entry")

    def take_postOuterCarPassInData(self, data):
        self.entries[data["orderNo"]] = data
        if self.once("in", data["orderNo"], data):
            self.inside.setdefault((data["parkCode"], data["plateNo"]), []).append(data["orderNo"])

    def take_postOuterCarPassOutData(self, data):
        if not data.get("picUrl") and not data.get("imageId"):
            raise Breach("neither picUrl nor imageId")
        key = (data["parkCode"], data["plateNo"], data["actTime"], data.get("imageId"))
        if not self.once("out", key, data):
            return
        if not self.inside.get((data["parkCode"], data["plateNo"])):
            raise Breach("an exit before its entry")
        self.inside[data["parkCode"], data["plateNo"]].pop(0)

    def take_postInnerCarPassInData(self, data):
        self.entries[data["orderNo"]] = data
        if not self.once("in", data["orderNo"], data):
            return {"IsWhiteCar": 0}
        inside = self.berths.setdefault((data["parkCode"], data["berthNo"]), [])
        if inside and self.berths_in_order:
            raise Breach("the berth is taken already")
        inside.append(data["orderNo"])
        return {"IsWhiteCar": 0}

    def take_postInnerCarPassOutData(self, data):
        if not self.once("out", (data["parkCode"], data["berthNo"], data["actTime"]), data):
            return
        inside = self.berths.get((data["parkCode"], data["berthNo"]))
        if not inside:
            raise Breach("an exit before its entry")
        inside.pop(0)

    def take_orderClose(self, data):
        self.entered(data)
        self.once("close", data["orderNo"], data)
        self.closed.add(data["orderNo"])

    def take_postOuterCarPrePassOutData(self, data):
        self.entered(data)
        if data["parkPeriodTime"] != (local(data["costTime"]) - local(data["enterTime"])) // 60000:
            raise Breach("parkPeriodTime is not the minutes from entry to bill")
        if data["totalCost"] - data["freeMoney"] - data["preMoney"] != data["payMoney"]:
            raise Breach("totalCost − freeMoney − preMoney is not payMoney")
        self.once("bill", data["billId"], data)

    def take_postParkDevice(self, data):
        if not data.get("deviceSN") and not data.get("deviceIp"):
            raise Breach("neither deviceSN nor deviceIp")

    def take_postPlaceData(self, data):
        if data.get("reducePlaceCount", 0) > data["totalPlaceCount"]:
            raise Breach("more remain than there are")
        self.counts[data["parkCode"]] = (data["totalPlaceCount"], data.get("reducePlaceCount"))

    def take_postPic(self, data):
        self.once("picture", data["imageId"], data)

    def take_payBillInfo(self, data):
        key = (data["parkCode"], data["carNo"], data["entryTime"], data["payTime"], data["payType"])  # it has no other
        self.once("pay", key, data)

    def take_postModifyCarNo(self, data):
        if data["oldPlateNo"] == data["plateNo"]:
            raise Breach("the plate does not change")
        if self.once("plate", (data["parkCode"], data["oldPlateNo"], data["plateNo"]), data):
            before = self.inside.get((data["parkCode"], data["oldPlateNo"]))
            if before is None:
                raise Breach("a correction of a plate that was never inside")
            if before:  # else it has left
                self.inside.setdefault((data["parkCode"], data["plateNo"]), []).append(before.pop(0))

    def take_orderExceHandle(self, data):
        if data["thirdOrderNo"] not in self.entries:
            raise Breach("a correction of an order that is not known")
        if data["type"] == 1 and data["thirdOrderNo"] in self.closed:
            raise Breach("after the exit only exit data may change")
        self.once("correction", (data["thirdOrderNo"], data["type"], data["desc"]), data)


def serve(receiver):
    """An HTTP server on a free port of the loopback, on a thread; its port is `server_port`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
            answer = json.dumps(receiver.take("POST", self.path, body), ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def date_time_string(self, timestamp=None):
            return super().date_time_string(receiver.now_ms() / 1000)  # one clock for all that a platform says

        def log_message(self, *args):
            pass

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 128  # what finds no room arrives seconds later, long after the gateway gave it up

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
