#!/usr/bin/python3
"""parkd by itself: its options, and starts that cannot be. Whichever part cannot begin (store, page, control socket,
cameras, platforms' calls, pictures, a device's line), the start ends with 1 and one line that names it, and nothing is
left behind; a reload that cannot be goes back, and ends in words when there is no way back. Usage: test_parkd_start.py BUILD"""

import os
import shutil
import signal
import socket
import subprocess
import sys

from whole_site import Checks, Site, free_port, wait_for


class Start:
    """One configuration, of which a test changes a part."""

    def __init__(self, site):
        self.site = site
        self.parts = {
            "store": f'path = "{site.path("parkd.db")}";',
            "serve": f'control = "{site.path("control.sock")}"; listen = "127.0.0.1:{site.page_port}";',
            "lots": '( { id = "A"; zones = ( { id = "A1"; bays = "A-1..A-4"; unsensed = true; } ); } )',
            "lanes": '( { id = "in"; lot = "A"; direction = "in"; } )', "rest": "",
        }  # fmt: skip

    def write(self, name="parkd.conf", **changes):
        parts = {**self.parts, **changes}
        with open(self.site.path(name), "w") as file:
            file.write(f'site = {{ id = "start"; zone = "Asia/Shanghai"; }};\nstore = {{ {parts["store"]} }};\nserve = {{ {parts["serve"]} }};\n'
                       f'lots = {parts["lots"]};\nlanes = {parts["lanes"]};\n{parts["rest"]}\n')  # fmt: skip
        return self.site.path(name)

    def __call__(self, *words):
        done = subprocess.run([f"{self.site.build}/parkd", *words], capture_output=True, text=True, timeout=60, cwd=self.site.dir)
        return done.returncode, done.stdout, done.stderr


def options(start, check):
    code, out, err = start("--help")
    check.that("help tells every option and what ends it", code == 0 and not err and all(o in out for o in
               ("--config", "--check-config", "--debug", "--help", "--version", "Exit: 0")), out + err)  # fmt: skip
    check.that("so does its letter", start("-h") == (code, out, err))
    check.that("a version is one line", start("-V")[1].startswith("parkd ") and start("--version")[0] == 0)
    for words, said in (("--no-such",), "Try: parkd --help"), (("--config",), "Try: parkd --help"), (("x.conf",), '"x.conf" is no option; a file is given with'):
        code, out, err = start(*words)
        check.that(f"{' '.join(words)}: wrong use is 2, in words", code == 2 and not out and said in err, err)
    path = start.write()
    code, out, err = start("-t", "-c", path)
    check.that("a good configuration is told with what it holds", code == 0 and "good: 1 lots, 4 bays, 0 buses, 0 uplinks" in out and not err, out + err)
    code, out, err = start("--check-config", "--config", start.write("bad.conf", lots="( )"))
    check.that("a bad one with its mistakes", code == 1 and not out and "bad.conf:4: " in err, err)
    code, _, err = start("--config", "none.conf")
    check.that("one that is not there is one line", code == 1 and len(err.splitlines()) == 1 and "none.conf" in err, err)


def cannot(start, check, what, said, **changes):
    """Refused, named, and nothing is left: the same site starts at once without that part."""
    code, out, err = start("--config", start.write(**changes))
    lines = [line for line in err.splitlines() if "start: " in line]
    check.that(f"{what}: the start is refused in one line", code == 1 and len(lines) == 1 and all(s in lines[0] for s in said), f"{code} {err[-300:]}")
    check.that(f"{what}: no socket stays behind", not os.path.exists(start.site.path("control.sock")))


def refusals(start, check):
    site = start.site
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        control = f'control = "{site.path("control.sock")}";'
        place = f'listen = "127.0.0.1:{site.page_port}";'
        cannot(start, check, "a store nowhere", ["none/parkd.db"], store=f'path = "{site.path("none/parkd.db")}";')
        cannot(start, check, "a page whose port is taken", ["cannot listen on", str(port)], serve=f'{control} listen = "127.0.0.1:{port}";')
        cannot(start, check, "a control socket nowhere", ["control socket", "does its directory exist?"], serve=f'control = "{site.path("none/c.sock")}"; {place}')
        cannot(start, check, "a control socket in a file's place", ["is no socket"], serve=f'control = "{start.write("file")}"; {place}')
        cameras = 'cameras = ( { id = "c"; lane = "in"; family = "vzenith"; from = [ "127.0.0.1" ]; } );'
        cannot(start, check, "cameras whose port is taken", ["camera_listen", str(port)], rest=f'{cameras} camera_listen = "127.0.0.1:{port}";')
        for name in "cert.pem", "key.pem":
            with open(os.open(site.path(name), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write("no certificate\n")
        token = site.path("token")
        with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("0123456789abcdef0123\n")
        tls = 'token_file = "token"; cert_file = "cert.pem"; key_file = "key.pem";'
        cannot(start, check, "a certificate that is none", ["cert.pem holds no PEM text"], serve=f"{control} {place} {tls}")
        for name in "cert.pem", "key.pem":
            with open(site.path(name), "w") as file:
                file.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        cannot(start, check, "a certificate that is broken", ["no server; look at certificate, key"], serve=f"{control} {place} {tls}")
        city = ('uplinks = ( { name = "xz"; type = "xuzhou"; url = "http://127.0.0.1:1"; account = "a"; secret_file = "token"; '
                'lots = ( { lot = "A"; code = "1"; } ); calls = { path = "/calls"; }; } );')  # fmt: skip
        cannot(start, check, "calls whose port is taken", ["calls: ", str(port)], rest=f'{city} calls = {{ listen = "127.0.0.1:{port}"; }};')
        cannot(start, check, "calls with a certificate that is none", ["calls: "],
               rest=f'{city} calls = {{ listen = "127.0.0.1:{free_port()}"; cert_file = "cert.pem"; key_file = "key.pem"; }};')  # fmt: skip


def reloads(start, check):
    site = start.site
    start.write()
    site.start_parkd()
    check.that("after all these the site starts", site.ctl_json("status")["bays"] == 4)
    before = site.ctl_json("status")["started"]
    start.write(lots="( )")
    os.kill(site.pid("parkd"), signal.SIGHUP)
    wait_for("the mistakes are told", lambda: "nothing is changed; correct the mistakes above" in site.log("parkd"), 20)
    check.that("mistakes change nothing", site.ctl_json("status")["started"] == before)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        start.write(serve=f'control = "{site.path("control.sock")}"; listen = "127.0.0.1:{taken.getsockname()[1]}";')
        os.kill(site.pid("parkd"), signal.SIGHUP)
        wait_for("it goes back", lambda: "going on with the configuration from before" in site.log("parkd"), 20)
    wait_for("the site is there again", lambda: site.ctl_ok("status"), 20)
    shutil.copy(site.path("parkd.db"), site.path("kept.db"))
    start.write(store=f'path = "{site.path("none/parkd.db")}";')
    for name in "parkd.db", "parkd.db-wal", "parkd.db-shm":
        if os.path.exists(site.path(name)):
            os.unlink(site.path(name))
    os.mkdir(site.path("parkd.db"))  # nor can the store of before be opened any more
    os.kill(site.pid("parkd"), signal.SIGHUP)
    code = site.processes.pop("parkd").wait(30)
    check.that("where there is no way back it ends, and says both reasons", code == 1 and "going on with the configuration from before" in site.log("parkd")
               and "the configuration from before fails too" in site.log("parkd"), site.log("parkd")[-400:])  # fmt: skip


def main():
    check, site = Checks(), Site(sys.argv[1])
    start = Start(site)
    options(start, check)
    refusals(start, check)
    reloads(start, check)
    check.end()


main()
