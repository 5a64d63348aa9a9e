#!/usr/bin/python3
"""Nobody does what is not his: real users with real groups at the control socket, a token and TLS at the page, and
each who was turned away in the journal. Root is needed to be other users; otherwise those checks are left out.
Usage: test_access.py BUILD"""

import http.client
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys

from whole_site import Checks, Site, wait_for

TOKEN = "a-token-that-nobody-guesses"
# Groups that every Debian has stand in for those of the package.
GROUPS = {"viewers": "daemon", "attendants": "bin", "supervisors": "sys", "installers": "tty"}
# For each role what it may; what is not named here is refused.
COMMANDS = {
    "viewers": (["status"],),
    "attendants": (["bays", "out", "A-0001", "--reason", "cleaning"], ["bays", "in", "A-0001"]),
    "supervisors": (["POST", "/api/v1/outbox/city/retry"],),
    "installers": (["backup"],),
}


def build_site(build):
    site = Site(build)
    os.chmod(site.dir, 0o755)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", site.path("key.pem"),
                    "-out", site.path("cert.pem")], check=True, capture_output=True)  # fmt: skip
    for name, text in ("token", TOKEN), ("city-token", TOKEN):
        with open(site.path(name), "w") as file:
            file.write(text + "\n")
        os.chmod(site.path(name), 0o600)
    groups = "".join(f'{key} = "{name}"; ' for key, name in GROUPS.items())
    with open(site.path("parkd.conf"), "w") as file:
        file.write(f"""
site = {{ id = "access"; zone = "Asia/Shanghai"; }};
store = {{ path = "{site.path('parkd.db')}"; }};
serve = {{ listen = "127.0.0.1:{site.page_port}"; control = "{site.path('control.sock')}"; token_file = "token";
          cert_file = "cert.pem"; key_file = "key.pem"; {groups}}};
lots = ( {{ id = "A"; name = "A"; zones = ( {{ id = "A1"; bays = "A-0001..A-0004"; unsensed = true; }} ); }} );
uplinks = ( {{ name = "city"; type = "json"; url = "http://127.0.0.1:{site.city_port}/"; token_file = "city-token"; }} );
""")
    for program in "parkd", "parkctl":
        shutil.copy(f"{site.build}/{program}", site.path(program))
        os.chmod(site.path(program), 0o755)
    site.start("parkd", site.path("parkd"), "--config", site.path("parkd.conf"),
               ready=lambda: os.path.exists(site.path("control.sock")) and parkctl(site, [], "status")[0] == 0)  # fmt: skip
    return site


def parkctl(site, groups, *words, user=None):
    """Exit code and what was said; with POST the path is asked for as it is, where parkctl would look first."""
    who = {"user": user, "group": "nogroup", "extra_groups": groups} if user else {}
    socket = site.path("control.sock")
    command = [site.path("parkctl"), *words, "--socket", socket]
    if words[0] == "POST":
        command = ["curl", "-s", "--unix-socket", socket, "-H", "Content-Type: application/json", "-d", "{}", f"http://x{words[1]}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", **who)
    return done.returncode, (done.stderr or done.stdout).strip()


def refused(site):
    with sqlite3.connect(f"file:{site.path('parkd.db')}?mode=ro", uri=True) as db:
        bodies = [json.loads(row[0]) for row in db.execute("select body from journal order by seq")]
    return [b for b in bodies if b["type"] == "operator" and b["act"] == "refused"]


def roles(site, check):
    names = list(GROUPS)
    for n, role in enumerate(names):
        may, may_not = [], []
        for m, least in enumerate(names):
            for words in COMMANDS[least]:
                words = [*words, site.path(f"copy-{role}.db")] if words == ["backup"] else words
                code, said = parkctl(site, [GROUPS[role]], *words, user="nobody")
                # What is permitted may still find nothing to do; it is not refused for its role.
                (may if "needs the role" not in said else may_not).append(least)
                if words[0] == "status" and code != 0:
                    may_not.append(f"{least}: {said}")
        check.that(f"{role} may what is theirs, and nothing above", set(may) == set(names[: n + 1])
                   and set(may_not) == set(names[n + 1 :]), f"may {sorted(set(may))}, may not {sorted(set(may_not))}")  # fmt: skip
    code, said = parkctl(site, [], "status", user="nobody")
    check.that("who is in no group is told so", code == 1 and "not for you" in said and "parkd-viewer" in said, said)
    wait_for("the refusals are durable", lambda: len(refused(site)) >= 9, 10)
    records = refused(site)
    check.that("each refusal is a record with who, what, why", all(r["actor"] == "nobody" and r["subject"] and r["reason"]
               for r in records), f"{len(records)} records, as {json.dumps(records[-1])}")  # fmt: skip


def page(site, check):
    context = ssl.create_default_context(cafile=site.path("cert.pem"))

    def ask(token, path="/api/v1/lots", context=context):
        connection = http.client.HTTPSConnection("127.0.0.1", site.page_port, context=context, timeout=10)
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        body = answer.read()
        version = connection.sock.version() if connection.sock else None
        connection.close()
        return answer.status, dict(answer.getheaders()), body, version

    status, headers, body, version = ask(TOKEN)
    check.that("the page's API comes over TLS with the token", status == 200 and b'"lots"' in body, version)
    check.that("and sets no cookie", not any(name.lower() == "set-cookie" for name in headers))
    check.that("without the token it does not", ask(None)[0] == 401)
    check.that("the page's shell needs none", ask(None, "/")[0] == 200)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        old.set_ciphers("ALL:@SECLEVEL=0")
        ask(TOKEN, context=old)
        spoken = True
    except (ssl.SSLError, OSError):
        spoken = False
    check.that("TLS 1.1 is not spoken", not spoken)
    plain = http.client.HTTPConnection("127.0.0.1", site.page_port, timeout=10)
    try:
        plain.request("GET", "/")
        answered = plain.getresponse().status
    except (http.client.HTTPException, OSError):
        answered = None
    check.that("nothing is answered in the clear", answered in (None, 400), str(answered))
    codes = [ask(f"guess-{i}")[0] for i in range(8)]
    check.that("guesses are slowed down", codes[:5] == [401] * 5 and set(codes[5:]) == {429}, str(codes))
    check.that("and the right token from there has to wait, too", ask(TOKEN)[0] == 429)


def main():
    check = Checks()
    site = build_site(sys.argv[1])
    if os.getuid() == 0:
        roles(site, check)
    page(site, check)
    audit = subprocess.run([site.path("parkctl"), "audit", "--db", site.path("parkd.db")], capture_output=True, text=True)
    check.that("the journal proves itself with all that in it", audit.returncode == 0, audit.stdout.splitlines()[-1])
    check.that("parkd stops cleanly", site.stop("parkd") == 0)
    check.end()


main()
