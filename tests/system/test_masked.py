#!/usr/bin/python3
"""Rule 20: who may only look sees plates in part: on the page, in its API and events, in metrics; the log has none, nor
what is refused. People of the lot see them whole. Usage: test_masked.py BUILD"""

import http.client
import json
import re
import socket
import sys
import threading
import urllib.parse

from lane_site import CAMERA_PLAN, LaneSite
from whole_site import Checks, wait_for

CAR, GONE = "皖A12345", "皖AGONE07"
PATHS = ("/", "/metrics", "/readyz", "/api/v1", "/api/v1/status", "/api/v1/lots", "/api/v1/lots/A", "/api/v1/bays", "/api/v1/lanes",
         "/api/v1/stays?state=open", "/api/v1/cameras", "/api/v1/devices", "/api/v1/uplinks", "/api/v1/strangers")  # fmt: skip


def forms(plate):
    """As it would stand in a text, and in a path."""
    return plate, plate[1:], urllib.parse.quote(plate), json.dumps(plate)[1:-1]


class Viewer:
    """Somebody at the page, who keeps all that he is shown."""

    def __init__(self, site):
        self.site, self.shown, self.events = site, {}, b""
        self.stream = socket.create_connection(("127.0.0.1", site.page_port))
        self.stream.sendall(b"GET /api/v1/events?snapshot=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while data := self.stream.recv(65536):
            self.events += data

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.page_port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        self.shown[path] = self.shown.get(path, "") + answer.read().decode()
        connection.close()
        return answer.status

    def look(self):
        return [self.get(path) for path in PATHS]


def main():
    check, site = Checks(), LaneSite(sys.argv[1], "tcp", plan=CAMERA_PLAN)
    try:
        site.start_lanes()
        site.wait_closed("in")
        viewer = Viewer(site)
        site.car("in", CAR)
        site.wait_passage("in", 1)
        site.car("out", CAR)
        site.wait_state("out", "WAIT_PAY", seconds=30)
        codes = viewer.look()
        asked = viewer.get("/api/v1/quote/" + urllib.parse.quote(CAR))
        site.ctl("list", "add", GONE, "--list", "blocked", "--reason", "a test")
        check.that("everything is shown that he may see, and no more", set(codes) == {200} and asked == 403, f"{codes} {asked}")
        check.that("people of the lot see the plate whole", CAR in site.ctl("lanes", "--json") and GONE in site.ctl("list", "show"))
        masked = re.compile(r'"plate":"皖\*+5"')
        for path in "/api/v1/stays?state=open", "/api/v1/lanes":
            check.that(f"{path} shows it in part", masked.search(viewer.shown[path]), viewer.shown[path][:200])
        wait_for("the lanes' events", lambda: b"WAIT_PAY" in viewer.events, 10)
        found = [(where, form) for where, text in (*viewer.shown.items(), ("the log", site.log("parkd")),
                 ("events", viewer.events.decode())) for plate in (CAR, GONE) for form in forms(plate) if form in text]  # fmt: skip
        check.that("nowhere else does it stand", not found, str(found))
        acts = [b for b in site.records("operator") if b["act"] == "refused"]
        check.that("nor in what is recorded of a refusal", acts and not any(f in json.dumps(acts, ensure_ascii=False)
                   for f in forms(CAR)), str(acts))  # fmt: skip
    finally:
        site.close()
    check.end()


main()
