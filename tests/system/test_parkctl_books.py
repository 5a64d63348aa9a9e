#!/usr/bin/python3
"""The books of a site, asked for in every form that parkctl has: tables in both languages, JSON, CSV in two charsets and
pages hold the same rows and sums; what cannot be shown or written is said with the next step, ends with 1 or 2, and no
report is silently another one than was asked for. Usage: test_parkctl_books.py BUILD"""

import contextlib
import csv
import datetime
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys

from test_acts import Control, build_site
from whole_site import TOP, Checks, wait_for

CHINA = datetime.timezone(datetime.timedelta(hours=8))
TODAY = datetime.datetime.now(CHINA).date()
LISTS = ("shift", "arrears", "openings", "corrections", "differences", "lanes", "check")
BILLS = os.path.join(TOP, "tests/captures/bills")


def at(**off):
    return (datetime.datetime.now(CHINA) + datetime.timedelta(**off)).isoformat(timespec="seconds")


class Desk:
    def __init__(self, site):
        self.site, self.db = site, site.path("parkd.db")

    def __call__(self, *words, db=None, language="C", text=True):
        done = subprocess.run([f"{self.site.build}/parkctl", words[0], "--db", db or self.db, *words[1:]], capture_output=True,
                              timeout=60, cwd=self.site.dir, env={**os.environ, "LC_ALL": language, "TZ": "Asia/Shanghai"})  # fmt: skip
        out = done.stdout.decode() if text else done.stdout
        return done.returncode, out, done.stderr.decode()

    def json(self, *words):
        return json.loads(self(words[0], "--json", *words[1:])[1])


def live(site):
    """A day of two lots: shifts, money by several channels, what is owed, corrections, differences, openings."""
    control, numbers = Control(site.path("control.sock")), iter(range(10000, 99999))

    def act(path, body):
        code, answer = control("/api/v1/" + path, body)
        assert code == 200, f"{path} {body}: {code} {answer}"
        return answer

    shift = act("shifts/open", {"cashier": "Li", "float_fen": 10000, "lot": "A"})["shift"]
    for lot, channel, minutes in ("A", "wechat", 40), ("A", "cash", 50), ("B", "alipay", 60), ("A", None, 70), ("A", None, 80):
        plate = f"皖A{next(numbers)}"
        stay = act("stays/open", {"lot": lot, "plate": plate, "reason": 'said "hello", left', "entered": at(minutes=-minutes)})["stay"]
        act(f"stays/{stay}/amend", {"reason": "misread", "plate": f"皖A{next(numbers)}", "class": "nev"})
        if channel:
            act(f"stays/{stay}/pay", {"amount_fen": 500, "channel": channel, "transaction": "t" + stay, **({"shift": shift} if channel == "cash" else {})})
        act(f"stays/{stay}/close", {"outcome": "released" if minutes < 80 else "void", "reason": "by hand"})
    for n, more in enumerate(({"here_fen": 500}, {"there_fen": 700, "order": 'O"1'}, {"here_fen": 500, "there_fen": 499})):
        found = ("gateway_only", "channel_only", "amount_mismatch")[n]
        act(f"differences/D-{n}/note", {"found": found, "state": "open", "day": str(TODAY), "payer": "wechat", "at_risk_fen": 100 * n,
                                        "since": at(hours=-n), **more})  # fmt: skip
    act("differences/D-2/close", {"reason": "credited"})
    act(f"shifts/{shift}/close", {"counted_fen": 10400, "denominations": "100x1,1x4", "witness": "Wu", "reason": "one short"})
    act("lists/%E7%9A%96A20001/add", {"list": "pass"})
    act("stays/open", {"lot": "A", "plate": "皖A55555", "reason": "seen"})
    return act("stays/open", {"lot": "B", "plate": "皖A66666", "reason": "seen"})["stay"]


def lists(desk, check):
    for name in LISTS:
        options = ["--day", str(TODAY)]
        whole = desk.json("report", name, *options)
        codes, wrong = set(), []
        for language, word in ("C", "Count"), ("zh_CN.UTF-8", "笔数"):
            code, out, err = desk("report", name, *options, language=language)
            last = out.splitlines()[-1] if out else ""
            if err or f": {whole['count']}" not in last or len(out.splitlines()) != whole["count"] + 2:
                wrong.append((language, out, err))
            codes.add(code)
        code, out, err = desk("report", name, "--csv", *options)
        rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
        if [{k: "" if v is None else str(v) for k, v in r.items()} for r in whole["rows"]] != rows:
            wrong.append(("csv", out, err))
        gbk = desk("report", name, "--csv", "--gbk", *options, text=False)[1]
        if gbk.decode("gbk") != out.lstrip("\ufeff"):
            wrong.append(("gbk", gbk))
        page = desk.site.path("page.html")
        code, out, err = desk("report", name, "--html", page, *options)
        with open(page) as file:
            text = file.read()
        if out or err or text.count("<tr>") != whole["count"] + 1:
            wrong.append(("page", out, err))
        sums = {k: sum(r[k] for r in whole["rows"] if r[k] is not None) for k in whole["sums"]}
        check.that(f"{name}: every form has the {whole['count']} rows and the sums", not wrong and sums == whole["sums"] and
                   codes == {1 if name == "check" and whole["count"] else 0}, str(wrong)[:500])  # fmt: skip
    check.that("these lists are not empty", all(desk.json("report", n, "--day", str(TODAY))["count"] for n in
               ("shift", "corrections", "differences", "check")))  # fmt: skip
    only = desk.json("report", "corrections", "--lot", "B")["rows"]
    check.that("--lot leaves out the other lot, on a page too", {r["lot"] for r in only} == {"B"} and
               desk("report", "corrections", "--lot", "B", "--html", desk.site.path("page.html"))[0] == 0 and
               "Lot B" in open(desk.site.path("page.html")).read(), str(only)[:200])  # fmt: skip
    states = {s: {r["difference"] for r in desk.json("reconcile", "list", "--state", s)["rows"]} for s in ("open", "resolved", "auto_resolved")}
    check.that("differences are chosen by their state", states == {"open": {"D-0", "D-1"}, "resolved": {"D-2"}, "auto_resolved": set()}, str(states))


def figures(desk, check):
    day, month = ["--day", str(TODAY)], ["--month", str(TODAY)[:7]]
    for kind, period in ("day", day), ("lot", day), ("month", month):
        wrong = []
        for language, words in ("C", ("Entries", "Receivable", "provisional")), ("zh_CN.UTF-8", ("驶入", "应收", "暂估")):
            code, out, err = desk("report", kind, *period, language=language)
            if code or err or not all(w in out for w in words):
                wrong.append((language, out[:200], err))
            page = desk.site.path("page.html")
            code, out, err = desk("report", kind, *period, "--html", page, language=language)
            with open(page) as file:
                text = file.read()
            if code or out or err or not all(w in text for w in words[:2]) or "http" in text.replace("http://www.w3.org/2000/svg", ""):
                wrong.append((language, "page", out, err))
        code, out, err = desk("report", kind, "--csv", *period)
        entries = [r for r in csv.reader(io.StringIO(out.lstrip("\ufeff"))) if "entries" in r[:4]]
        gbk = desk("report", kind, "--csv", "--gbk", *period, text=False)[1].decode("gbk")
        if code or not entries or len(gbk.splitlines()) != len(out.splitlines()):
            wrong.append(("csv", code, out[:300], err))
        check.that(f"report {kind}: tables, pages and CSV in two languages and charsets tell the same", not wrong, str(wrong)[:600])
    whole = desk.json("report", "day", *day)
    check.that("it has the site and each lot", [f["lot"] for f in whole["figures"]] == ["", "A", "B"], str([f["lot"] for f in whole["figures"]]))
    only = desk.json("report", "day", "--lot", "B", *day)["figures"]
    check.that("or one lot, with the same figures", len(only) == 1 and all(only[0][k] == whole["figures"][2][k] for k in
               ("lot", "volumes", "money", "channels", "balances", "checks")))  # fmt: skip
    fees = desk.json("report", "day", "--fees", "wechat=0.6,alipay=1", *day)["figures"][0]["channels"]
    check.that("the channels' fees are counted when they are said", fees["channel_fee"]["wechat"] == 3 and fees["channel_fee"]["alipay"] == 5 and
               fees["channel_fee"]["cash"] in (0, None), str(fees["channel_fee"]))  # fmt: skip
    empty = desk.json("report", "day", "--day", "2031-01-01")["figures"][0]["volumes"]
    check.that("of a day to come there is nothing yet", not empty["entries"]["total"], str(empty["entries"]))


def ranks(desk, check):
    month, copy = ["--month", str(TODAY)[:7]], desk.site.path("copy.db")
    code, out, err = desk("report", "rank", *month)
    rows = out.splitlines()
    check.that("lots are ranked", code == 0 and rows[0].startswith("Rank") and [r.split()[:2] for r in rows[1:]] == [["1", "A"], ["2", "B"]] or
               [r.split()[:2] for r in rows[1:]] == [["1", "B"], ["2", "A"]], out + err)  # fmt: skip
    check.that("in Chinese, too", "名次" in desk("report", "rank", *month, language="zh_CN.UTF-8")[1].splitlines()[0])
    check.that("without a database's name where there is one", "Database" not in rows[0])
    code, out, err = desk("backup", copy, "--json")
    check.that("a copy of the books is made without the gateway", code == 0 and json.loads(out) == {"done": True}, err)
    code, out, err = desk("report", "rank", "--db", copy, *month)
    rows = out.splitlines()
    check.that("several sites are ranked together, each lot with its database", code == 0 and "Database" in rows[0] and len(rows) == 5 and
               sum("copy.db" in r for r in rows) == 2, out + err)  # fmt: skip
    marks = [r.split()[3] for r in rows[1:]]
    check.that("equal lots have equal marks, better ones stand above", marks[0] == marks[1] and marks[2] == marks[3] and
               marks == sorted(marks, key=lambda m: -1 if m == "-" else float(m), reverse=True), str(marks))  # fmt: skip
    both = desk.json("report", "rank", "--db", copy, *month)["figures"]
    check.that("as JSON and CSV they are whole", sorted(f["lot"] for f in both) == ["A", "A", "B", "B"] and
               "entries" in desk("report", "rank", "--csv", *month)[1])  # fmt: skip
    code, out, err = desk("report", "rank", "--db", "none.db", *month)
    check.that("a database that is not there is said, and nothing is ranked", code == 1 and not out and "none.db" in err, err)
    many = [w for _ in range(32) for w in ("--db", copy)]
    code, _, err = desk("report", "rank", *many)
    check.that("more than fit are refused", code == 2 and "at most 32 databases" in err, err)


def many_lots(desk, check):
    """Of a city with more lots than stand beside each other on a page each form has every one."""
    copy, names = desk.site.path("city.db"), [f"L{n:02}" for n in range(1, 31)]
    desk("backup", copy)
    with contextlib.closing(sqlite3.connect(copy)) as db, db:
        for name in names:
            db.execute("INSERT INTO journal(seq, at_ms, kind, body, hash) SELECT (SELECT max(seq) + 1 FROM journal), at_ms, kind, "
                       "replace(body, '\"lot\":\"A\"', '\"lot\":\"' || ? || '\"'), hash FROM journal WHERE kind = 'stay_opened' AND "
                       "body LIKE '%\"lot\":\"A\"%' ORDER BY at_ms DESC LIMIT 1", (name,))  # fmt: skip
    wanted, page = ["A", "B"] + names, desk.site.path("city.html")
    for report in ("day", "--day", str(TODAY)), ("rank", "--month", str(TODAY)[:7]):
        ask = lambda *form: desk("report", report[0], *form, *report[1:], db=copy)[1]
        lots = [figures["lot"] for figures in json.loads(ask("--json"))["figures"]]
        check.that(f"{report[0]}: JSON has every lot", sorted(lots)[-len(wanted):] == wanted, str(lots))
        rows = {row[0] for row in csv.reader(io.StringIO(ask("--csv")[1:])) if row}
        check.that(f"{report[0]}: CSV has every lot", set(wanted) <= rows, str(rows))
        check.that(f"{report[0]}: so has the table", set(wanted) <= set(ask().split()))
    desk("report", "day", "--html", page, "--day", str(TODAY), db=copy)
    with open(page) as f:
        heads = re.findall("<th>([^<]+)</th>", f.read())
    check.that("the page has every lot in each section, the site once", all(heads.count(lot) == heads.count("Site") for lot in wanted), heads)


def refusals(desk, check):
    conf = desk.site.path("wrong.conf")
    with open(conf, "w") as file:
        file.write('report = { cut = "25:00"; };\n')
    wrong = []
    for words, code, said in (
        (("report",), 2, "say which report"), (("report", "day", "month"), 2, "say which report"), (("report", "year"), 2, '"year" is no report'),
        (("report", "day", "--day", "2024-02-30"), 1, '--day "2024-02-30" is no day'), (("report", "month", "--month", "2024-13"), 1, "is no month"),
        (("report", "month", "--month", "2024-03-and-more"), 1, "is no month"), (("report", "day", "--month", "2024-3"), 1, "is no month"),
        (("report", "day", "--cut", "noon"), 1, '--cut "noon" is no time'), (("report", "day", "--cut", "24:00"), 1, "is no time"),
        (("report", "day", "--timezone", "Mars/Base"), 1, "Mars/Base"), (("report", "day", "--fees", "barter=1"), 1, "barter=1"),
        (("report", "day", "--config", "none.conf"), 1, "none.conf"), (("report", "day", "--config", conf), 1, "25:00"),
        (("report", "day", "--lot", "K"), 1, 'nothing is known of a lot "K"; parkctl lots lists them'),
        (("report", "day", "--html", "/none/page.html"), 1, 'cannot write "/none/page.html"'),
        (("report", "day", "--html", "/dev/full"), 1, 'cannot write "/dev/full"'),
        (("report", "shift", "--html", "/none/page.html"), 1, 'cannot write "/none/page.html"'),
        (("report", "corrections", "--html", "/dev/full"), 1, 'cannot write "/dev/full"'),
        (("report", "arrears", "--day", "soon"), 1, "is no day"), (("report", "check", "--timezone", "x"), 1, "time zone x"),
        (("report", "close", "--day", "soon"), 1, '--day "soon" is no day'), (("report", "close", "--cut", "x"), 1, "is no time"),
        (("reconcile", "list", "--state", "lost"), 2, "--state is open, resolved or auto_resolved"),
        (("reconcile", "list", "all"), 2, '"all" is too much'), (("reconcile", "list", "--html", "/none/x"), 1, "cannot write"),
        (("stay", "show", "S-none"), 1, 'there is no stay "S-none"; parkctl stay list shows them'),
        (("stay", "export", "S-none"), 1, 'there is no stay "S-none"; list them with: parkctl stay list'),
        (("orders", "a", "b"), 2, '"b" is too much'), (("audit", "all"), 2, "name the file with --db"),
        (("uplink", "check", "--socket"), 2, "--socket needs a value"),
    ):  # fmt: skip
        got, out, err = desk(*words)
        if got != code or said not in err or (code == 2 and out):
            wrong.append((words, got, out[:80], err))
    check.that("each wrong wish is said", not wrong, str(wrong)[:600])
    wrong = []
    for words in ("report", "day"), ("report", "rank"), ("report", "shift"), ("report", "close"), ("stay", "list"), ("stay", "show", "S"), \
            ("stay", "export", "S"), ("stay", "orphans"), ("orders",), ("audit",), ("reconcile", "list"), ("backup", "copy2.db"):  # fmt: skip
        code, out, err = desk(*words, db="none.db")
        if code != 1 or "none.db" not in err or "copy2.db" in os.listdir(desk.site.dir):
            wrong.append((words, code, out, err))
    check.that("without a database each command says which is missing", not wrong, str(wrong)[:500])


def stays(desk, check, present):
    rows = desk.json("stay", "list")["stays"]
    check.that("all stays are listed", len(rows) == 7 and {r["state"] for r in rows} >= {"released", "void"}, str([r["state"] for r in rows]))
    for options, of in (("--lot", "B"), lambda r: r["lot"] == "B"), (("--state", "void"), lambda r: r["state"] == "void"), \
            (("--plate", "皖A66666"), lambda r: r["stay"] == present), (("--lot", "K"), lambda r: False):  # fmt: skip
        some = desk.json("stay", "list", *options)["stays"]
        table = desk("stay", "list", *options)[1].splitlines()
        check.that(f"{' '.join(options)} narrows them, as a table too", some == [r for r in rows if of(r)] and len(table) == len(some) + 1, str(some)[:200])
    for language, word in ("C", "Owes"), ("zh_CN.UTF-8", "欠费"):
        check.that(f"the table's words are those of {language}", word in desk("stay", "list", language=language)[1].splitlines()[0])
    code, out, err = desk("stay", "show", present)
    check.that("one stay is shown record by record", code == 0 and "stay_opened" in out, out + err)
    records = desk.json("stay", "show", present)["records"]
    check.that("as JSON, too", "stay_opened" in {r["type"] for r in records}, str(records)[:200])
    code, out, _ = desk("stay", "orphans")
    check.that("without orphans the list is its head", code == 0 and len(out.splitlines()) == 1 and desk.json("stay", "orphans", "--lot", "A") ==
               {"pairs": [], "count": 0}, out)  # fmt: skip


def closing(desk, check):
    site, into = desk.site, desk.site.path("into")
    socket = ["--socket", site.path("control.sock")]
    code, _, err = desk("report", "close", "--into", into, *socket)
    check.that("a folder that is not there is said", code == 1 and f'cannot write "{into}/report-' in err, err)
    os.mkdir(into)
    old, young, strange = ("report-2020-01-01-1.json", f"report-{TODAY}-1.html", "report-soon.txt", )
    for name in old, young, strange, "notes.txt", "report-2020-13-45-1.json":
        open(os.path.join(into, name), "w").close()
    yesterday, before = TODAY - datetime.timedelta(days=1), TODAY - datetime.timedelta(days=2)
    code, out, err = desk("report", "close", "--day", str(yesterday), "--into", into, *socket)
    check.that("a closed day is told as that", code == 0 and (f"{yesterday}: closed already" in out or f"{yesterday}: closed, " in out), out + err)
    code, out, err = desk("report", "close", "--day", str(yesterday), "--json", *socket)
    check.that("as JSON nothing is told of what changed nothing", code == 0 and not out, out + err)
    code, out, err = desk("report", "close", "--day", str(before), *socket)
    check.that("days are closed in their order", code == 1 and "days are closed in their order" in err, err)
    for keep in "0", "-3", "many", "999999999":
        desk("report", "close", "--into", into, "--keep", keep, *socket)
    check.that("what is no number of days removes nothing", {old, young, strange} <= set(os.listdir(into)))
    code, out, err = desk("report", "close", "--into", into, "--keep", "30", "--fees", "wechat=0.6", *socket)
    left = set(os.listdir(into))
    check.that("files of reports are kept for so many days, others for ever", code == 0 and old not in left and
               {young, strange, "notes.txt", "report-2020-13-45-1.json"} <= left, f"{out}{err}{left}")  # fmt: skip
    day = desk.json("report", "day", "--day", str(yesterday))
    check.that("a closed day says its number and who closed it", day["state"] in ("closed", "changed") and day["number"] >= 1 and day["closed_by"], str(day)[:300])
    for language, word in ("C", "No."), ("zh_CN.UTF-8", "编号"):
        desk("report", "day", "--day", str(yesterday), "--html", site.path("page.html"), language=language)
        check.that(f"on its page, too ({language})", word in open(site.path("page.html")).read())


def reconciling(desk, check):
    orders, shifts = os.path.join(BILLS, "gateway_orders_20240313.jsonl"), desk.site.path("shifts.jsonl")
    with open(shifts, "w") as file:
        file.write(json.dumps({"date": "2024-03-13", "operator": "Li", "shift": "day", "counted_fen": 100, "float_fen": 0}) + "\n")
    names = ("wechat_tradebill_ALL_20240313.csv", "wechat_fundflow_BASIC_20240313.csv", "alipay_trade_detail_20240313.gbk.csv")
    bills = [w for n in names for w in ("--bill", os.path.join(BILLS, n))]
    run = lambda *more, **other: plain(desk, "reconcile", "--day", "2024-03-13", "--at", "2024-03-16T09:00:00+08:00", *bills, *more, **other)
    whole = json.loads(run("--json", "--orders", orders)[1])
    code, out, err = run("--orders", orders)
    shown = [r for r in out.splitlines() if r.startswith(("wechat", "alipay")) and ("OPEN" in r or "RESOLVED" in r)]
    count = sum(len(whole[c]["classes"]) for c in ("wechat", "alipay"))
    check.that("a reconciliation as tables has each difference", code == 1 and len(shown) == count > 0, f"{len(shown)} of {count}: {out[:300]}{err}")
    zh = run("--orders", orders, "--shifts", shifts, language="zh_CN.UTF-8")[1]
    check.that("in Chinese, with the counted shifts", "微信" in zh and "Li" in zh, zh[:200])
    for words, said in (("--orders", "none.jsonl"), "none.jsonl"), (("--orders", orders, "--shifts", "none.jsonl"), "none.jsonl"), \
            (("--orders", orders, "--columns", "none.conf"), "none.conf"), (("--orders", orders, "--bill", "none.csv"), "none.csv"), \
            (("--db", "none.db"), "none.db"), (("--orders", orders, "more.csv"), "more.csv"):  # fmt: skip
        code, out, err = run(*words)
        check.that(f"{words[-2]} {words[-1]}: what is not there is said, and nothing is shown", code == 1 and not out and said in err, err)
    code, _, err = plain(desk, "reconcile", "--day", "2024-03-13", *bills, "--orders", orders, "--at", "soon")
    check.that("a time is one", code == 1 and "--at: a time is such as" in err, err)
    code, _, err = plain(desk, "reconcile", "--day", "2024-03-13", *(w for _ in range(65) for w in ("--bill", "x")))
    check.that("more statements than fit are refused", code == 2 and "at most 64 statements" in err, err)


def plain(desk, *words, language="C"):
    done = subprocess.run([f"{desk.site.build}/parkctl", *words], capture_output=True, text=True, timeout=60, cwd=desk.site.dir,
                          env={**os.environ, "LC_ALL": language})  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def main():
    check, site = Checks(), build_site(sys.argv[1])
    desk, present = Desk(site), live(site)
    wait_for("all of it is in the file", lambda: len(site.journal()) == Control(site.path("control.sock"))("/api/v1/status")[1]["store"]["head"], 20)
    lists(desk, check)
    figures(desk, check)
    ranks(desk, check)
    many_lots(desk, check)
    refusals(desk, check)
    stays(desk, check, present)
    closing(desk, check)
    reconciling(desk, check)
    found = json.loads(desk("audit", "--json")[1])
    check.that("the audit finds nothing, in each form", found["breaches"] == 0 and found["done"] and "NOT OK" not in desk("audit")[1] and
               "规则 13" in desk("audit", language="zh_CN.UTF-8")[1], str([f for f in found["findings"] if not f["good"]]))  # fmt: skip
    shutil.copy(site.path("copy.db"), site.path("broken.db"))
    check.that("parkd ends cleanly", site.stop("parkd") == 0)
    check.end()


main()
