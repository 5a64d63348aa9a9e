"""Cities' platforms that call a gateway: business objects in each platform's own envelope, signed with
openssl and plain arithmetic, so that nothing is shared with what they check. Keys are made anew each time."""

import base64
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import time
import urllib.parse

ACCOUNT, SECRET = "dev-1", "0123456789abcdef-shared"


class Key:
    """An RSA pair in two files, and its numbers."""

    def __init__(self, stem, bits):
        self.private, self.public = stem + ".key", stem + ".pub"
        run = lambda *c: subprocess.run(c, check=True, capture_output=True, text=True).stdout
        run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-out", self.private)
        os.chmod(self.private, 0o600)
        run("openssl", "pkey", "-in", self.private, "-pubout", "-out", self.public)
        text = run("openssl", "pkey", "-in", self.private, "-text", "-noout")
        self.n, self.d = self._number(text, "modulus:"), self._number(text, "privateExponent:")
        self.e, self.block = 65537, bits // 8

    @staticmethod
    def _number(text, name):
        lines = text[text.index("\n" + name) + len(name) + 1 :].split("\n")[1:]
        digits = ""
        for line in lines:
            if not line.startswith("    "):
                break
            digits += line.strip().replace(":", "")
        return int(digits, 16)

    def sign(self, digest, data):
        done = subprocess.run(["openssl", "dgst", "-" + digest, "-sign", self.private], input=data,
                              check=True, capture_output=True)  # fmt: skip
        return base64.b64encode(done.stdout).decode()

    def seal(self, data, private):
        """PKCS#1 v1.5 blocks: type 1 with the private key, type 2 with the public one."""
        out, step = b"", self.block - 11
        for at in range(0, len(data), step):
            piece = data[at : at + step]
            room = self.block - 3 - len(piece)
            padding = b"\xff" * room if private else bytes(b % 255 + 1 for b in os.urandom(room))
            block = b"\0" + (b"\1" if private else b"\2") + padding + b"\0" + piece
            number = pow(int.from_bytes(block, "big"), self.d if private else self.e, self.n)
            out += number.to_bytes(self.block, "big")
        return base64.b64encode(out).decode()


class Caller:
    """One platform. `path` is where it calls; `source` its address."""

    def __init__(self, site, port, name, bits):
        self.site, self.port, self.name, self.path = site, port, name, f"/platforms/{name}"
        self.own, self.platform = Key(site.path(name), bits), Key(site.path(name + "-platform"), bits)

    def uplink(self, code, extra=""):
        """Of parkd.conf."""
        return (f'{{ name = "{self.name}"; type = "{self.name}"; url = "http://127.0.0.1:9"; '
                f'account = "{ACCOUNT}"; {self.keys()} lots = ( {{ lot = "A"; code = "{code}"; }} ); '
                f'timeout_ms = 500; backoff_max_ms = 60000; calls = {{ {extra} }}; }}')  # fmt: skip

    def keys(self):
        return f'key_file = "{self.own.private}"; platform_key_file = "{self.platform.public}";'

    def send(self, sealed, source="127.0.0.1", method="POST", path=None, read=True):
        """(status, JSON) of a sealed call; None: no answer."""
        body, kind, query = sealed
        context = ssl.create_default_context(cafile=self.site.path("ca.pem"))
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=15, context=context,
                                           source_address=(source, 0))  # fmt: skip
        try:
            link.request(method, (path or self.path) + query, body, {"Content-Type": kind})
            if not read:
                return None
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            link.close()

    def call(self, business, **more):
        return self.send(self.seal(business, **more))


class Hefei(Caller):
    words = {"lot": "osStoreCode", "plate": "carPlate", "lane": "channel"}
    done = {"code": 8888, "msg": "success", "data": {}}

    def __init__(self, site, port):
        super().__init__(site, port, "hefei", 2048)

    def seal(self, business, at_s=None, key=None):
        data = base64.b64encode(json.dumps(business, ensure_ascii=False).encode()).decode()
        stamp = int((at_s or time.time()) * 1000)
        sign = (key or self.platform).sign("sha256", f"{ACCOUNT}{data}RSA2{stamp}".encode())
        envelope = {"access_id": ACCOUNT, "sign_type": "RSA2", "time_stamp": stamp, "data": data, "sign": sign}
        return json.dumps(envelope), "application/json; charset=utf-8", ""

    def payment(self, stay, order, number, fen, code):
        return {"callId": number, "osStoreCode": code, "orderId": stay, "payAmount": fen, "payType": 3}

    refusal = staticmethod(lambda why: {"code": 0, "msg": why, "data": {}})


class Hangzhou(Caller):
    words = {"lot": "parkingCode", "plate": "plateNo", "lane": "gateNo"}
    done = {"resultCode": 200, "msg": "success"}
    digest = "md5"

    def __init__(self, site, port, name="hangzhou"):
        super().__init__(site, port, name, 1024)

    def plain(self, business):
        return json.dumps({"data": business}, ensure_ascii=False).encode()

    def cipher(self, plain, key):
        return key.seal(plain, private=True)

    def seal(self, business, at_s=None, key=None):
        key = key or self.platform
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime((at_s or time.time()) + 8 * 3600))
        cipher = self.cipher(self.plain({**business, "uploadTime": stamp}), key)
        form = {"accessID": ACCOUNT, "cipher": cipher, "sign": key.sign(self.digest, cipher.encode())}
        return urllib.parse.urlencode(form), "application/x-www-form-urlencoded", ""

    def payment(self, stay, order, number, fen, code):
        return {"payStatus": 1, "billID": stay, "actualPay": fen, "orderCode": number, "parkingCode": code}

    refusal = staticmethod(lambda why: {"resultCode": 500, "msg": why})


class Qingdao(Hangzhou):
    digest = "sha1"

    def __init__(self, site, port):
        super().__init__(site, port, "qingdao")

    def plain(self, business):
        return json.dumps({"data": json.dumps(business, ensure_ascii=False)}).encode()

    def cipher(self, plain, key):
        return self.own.seal(plain, private=False)


class Xuzhou(Caller):
    words = {"lot": "parkCode", "plate": "plateNo", "lane": "deviceCode"}
    done = {"code": 0, "msg": "success"}

    def __init__(self, site, port):
        super().__init__(site, port, "xuzhou", 1024)

    def keys(self):
        with open(os.open(self.site.path("xuzhou-secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(SECRET + "\n")
        return f'secret_file = "{self.site.path("xuzhou-secret")}";'

    def seal(self, business, at_s=None, key=None):
        members = {**business, "appkey": ACCOUNT, "time": int((at_s or time.time()) * 1000)}
        body = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        secret = "another" if key else SECRET
        token = hashlib.md5((self.path + body + secret).encode()).hexdigest()
        return body.encode(), "application/json; charset=utf-8", "?token=" + token

    def payment(self, stay, order, number, fen, code):
        return {"billId": order, "orderNo": stay, "payStatus": 1, "payMoney": fen, "parkCode": code}

    refusal = staticmethod(lambda why: {"code": -1, "msg": why})


PLATFORMS = (Hefei, Hangzhou, Qingdao, Xuzhou)
