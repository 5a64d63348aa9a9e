#!/usr/bin/python3
"""Differences with a channel's statement are records: the same file twice changes nothing, late money closes itself with the next
day's bill, a person closes one with a reason, and all of it is still so after a restart. Usage: test_differences.py BUILD"""

import csv
import datetime
import io
import json
import os
import re
import subprocess
import sys

from day_of_money import HEADER, TOTALS, yuan
from lane_site import LaneSite
from whole_site import Checks, wait_for

CHINA = datetime.timezone(datetime.timedelta(hours=8))
TODAY = datetime.datetime.now(CHINA).date()
TOMORROW = TODAY + datetime.timedelta(days=1)


def bill(day, lines):
    """A WeChat trade bill: (order, transaction, fen, refund fen) a line."""
    rows, sums = [], [0] * 6
    for order, transaction, fen, refund in lines:
        amounts = (0, refund, 0, 0, 0, refund) if refund else (fen, 0, 0, 0, fen, 0)
        sums = [a + b for a, b in zip(sums, amounts)]
        back = ["50" + transaction, "R" + transaction] if refund else ["0", "0"]
        rows.append([f"{day} 12:00:00", "wx01", "19", "0", "LOT01", transaction, order, "oU", "NATIVE", "REFUND" if refund else
                     "SUCCESS", "OTHERS", "CNY", yuan(amounts[0]), "0.00", *back, yuan(amounts[1]), "0.00", "ORIGINAL" if refund else
                     "", "SUCCESS" if refund else "", "停车费", "", "0.00000", "0.00%", yuan(amounts[4]), yuan(amounts[5]), ""])
    totals = [str(len(rows)), *(yuan(s) for s in sums[:3]), yuan(sums[3]) + "000", yuan(sums[4]), yuan(sums[5])]
    return "\r\n".join([HEADER, *(",".join("`" + c for c in r) for r in rows), TOTALS, ",".join("`" + c for c in totals)]) + "\r\n"


class Desk:
    """The operator's desk: statements on the disk, and what parkctl says of them."""

    def __init__(self, site):
        self.site, self.db = site, site.path("parkd.db")

    def write(self, day, lines):
        path = self.site.path(f"wechat_{day}.csv".replace("-", ""))
        with open(path, "w") as file:
            file.write(bill(day, lines))
        return path

    def reconcile(self, day, *bills, records=True):
        socket = ["--socket", self.site.path("control.sock")] if records else []
        words = [word for path in bills for word in ("--bill", path)]
        done = subprocess.run([f"{self.site.build}/parkctl", "reconcile", "--json", "--day", str(day), "--db", self.db, *socket, *words],
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        if not done.stdout:
            raise AssertionError(done.stderr)
        return done.returncode, json.loads(done.stdout)

    def rows(self, *words):
        return json.loads(self.site.ctl("reconcile", "--json", "list", "--db", self.db, *words))

    def records(self):
        return [body for _, body in self.site.journal() if body["type"] == "difference"]


def pay_five(site):
    """Five stays, each with its order paid over WeChat; the orders' numbers."""
    for i in range(5):
        site.ctl("stay", "open", "--lot", "A", "--plate", f"皖A1234{i}", "--reason", "seen")
        stay = next(s for s in site.stays() if s["plate"] == f"皖A1234{i}")
        site.ctl("pay", stay["stay"], "--amount", "5.00", "--channel", "wechat", "--transaction", f"t{i}")
    return [p["order"] or p["payment"] for p in site.records("payment")]


def first_run(desk, check, orders):
    today = desk.write(TODAY, [(orders[0], "t0", 500, 0), (orders[1], "t1", 499, 0), (orders[4], "t4", 500, 0),
                               (orders[4] + "R", "t5", 500, 0), ("X1", "t6", 700, 0)])  # fmt: skip
    code, found = desk.reconcile(TODAY, today, records=False)
    check.that("with a database alone nothing is recorded", code == 1 and not desk.records() and "recorded" not in found)
    code, found = desk.reconcile(TODAY, today)
    classes = sorted(d["class"] for d in desk.records())
    missing = classes.count("gateway_only") + classes.count("late_next_day")  # late within ten minutes of midnight
    check.that("each difference is a record", missing == 2 and [c for c in classes if c not in ("gateway_only", "late_next_day")] ==
               ["amount_mismatch", "channel_only", "duplicate_payment"], str(classes))  # fmt: skip
    check.that("it says how many", found["recorded"] == {"new": 5, "changed": 0, "same": 0}, str(found["recorded"]))
    rows = desk.rows("--state", "open")
    check.that("all are open, and their risk adds up", rows["count"] == 5 and rows["sums"]["at_risk_fen"] == 2 * 500 + 1 + 700 + 500
               == sum(r["at_risk_fen"] for r in rows["rows"]) == found["at_risk_fen"], str(rows["sums"]))  # fmt: skip
    code, found = desk.reconcile(TODAY, today)
    check.that("the same file again changes nothing", code == 1 and len(desk.records()) == 5 and
               found["recorded"] == {"new": 0, "changed": 0, "same": 5}, str(found["recorded"]))  # fmt: skip
    return today


def closing(desk, check, today):
    site, foreign = desk.site, next(r for r in desk.rows()["rows"] if r["class"] == "channel_only")
    done = subprocess.run([f"{site.build}/parkctl", "reconcile", "close", foreign["difference"], "--socket", site.path("control.sock")],
                          capture_output=True, text=True)  # fmt: skip
    check.that("none is closed without a reason", done.returncode == 2 and "--reason" in done.stderr, done.stderr)
    check.that("nor one that is not there", site.ctl_code("reconcile", "close", "D0", "--reason", "x") == 1)
    site.ctl("reconcile", "close", foreign["difference"], "--reason", "another tenant's money, sent back by bank")
    row = next(r for r in desk.rows("--state", "resolved")["rows"])
    check.that("a closed one says who, why, and risks nothing", row["difference"] == foreign["difference"] and row["actor"] and
               row["reason"] == "another tenant's money, sent back by bank" and row["at_risk_fen"] == 0, str(row))  # fmt: skip
    check.that("it is closed once", site.ctl_code("reconcile", "close", foreign["difference"], "--reason", "x") == 1)
    code, found = desk.reconcile(TODAY, today)
    shown = next(d for d in found["wechat"]["classes"] if d["cls"] == "channel_only")
    check.that("and stays closed when it is found again", found["recorded"]["new"] + found["recorded"]["changed"] == 0 and
               shown["state"] == "RESOLVED" and shown["at_risk_fen"] == 0, str(found["recorded"]))  # fmt: skip


def next_day(desk, check, orders, today):
    bills = desk.write(TOMORROW, [(orders[2], "t2", 500, 0), (orders[3], "t3", 450, 0), (orders[4] + "R", "t5", 0, 500)])
    _, found = desk.reconcile(TOMORROW, bills)
    by_order = {r["order"]: r for r in desk.rows()["rows"] if r["class"] != "duplicate_payment"}
    check.that("late money closes itself with the next day's bill", by_order[orders[2]]["state"] == "auto_resolved" and
               by_order[orders[2]]["class"] == "late_next_day" and by_order[orders[2]]["channel_fen"] == 500, str(by_order[orders[2]]))  # fmt: skip
    check.that("late money of another amount does not", by_order[orders[3]]["state"] == "open" and
               by_order[orders[3]]["class"] == "amount_mismatch" and by_order[orders[3]]["at_risk_fen"] == 50, str(by_order[orders[3]]))  # fmt: skip
    double = next(r for r in desk.rows()["rows"] if r["class"] == "duplicate_payment")
    check.that("a double payment closes when the channel has refunded it", double["state"] == "auto_resolved", str(double))
    back = next(r for r in desk.rows()["rows"] if r["class"] == "refund_unknown")
    check.that("and that refund is no difference of its own", back["state"] == "auto_resolved", str(back))
    before = len(desk.records())
    for day, path in (TOMORROW, bills), (TODAY, today), (TOMORROW, bills):
        desk.reconcile(day, path)
    check.that("each day's bill again changes nothing", len(desk.records()) == before, str(desk.records()[before:]))
    desk.reconcile(TODAY, today, bills)
    check.that("nor do both at once", len(desk.records()) == before, str(desk.records()[before:]))


def forms(desk, check):
    rows, page = desk.rows(), desk.site.path("differences.html")
    sheet = list(csv.DictReader(io.StringIO(desk.site.ctl("reconcile", "list", "--csv", "--db", desk.db).lstrip("\ufeff"))))
    check.that("CSV holds the same", [r["difference"] for r in sheet] == [r["difference"] for r in rows["rows"]] and
               sum(int(r["at_risk_fen"]) for r in sheet) == rows["sums"]["at_risk_fen"])  # fmt: skip
    for language, risk in ("en", "At risk"), ("zh", "风险金额"):
        desk.site.ctl("reconcile", "list", "--html", page, "--lang", language, "--db", desk.db)
        with open(page) as file:
            text = file.read()
        check.that(f"the page ({language}) holds the same", risk in text and text.count("<tr>") == rows["count"] + 1 and
                   f">{yuan(rows['sums']['at_risk_fen'])}</td>" in text.split("<tfoot>")[1] and "http" not in text)  # fmt: skip


def evidence(desk, check):
    """A dispute: one stay's records, each provable by anyone."""
    stay = desk.site.records("payment")[0]["stay"]
    bundle = json.loads(desk.site.ctl_db("stay", "export", stay))
    proved = [r["kind"] for r in bundle["records"] if r["hash"] and r["before"] and r["body"]["type"] == r["kind"]]
    check.that("a stay's export holds its records with their hashes", bundle["stay"] == stay and {"stay_opened", "payment"} <= set(proved)
               and len(proved) == len(bundle["records"]), str(proved))  # fmt: skip


def restart(desk, check):
    site, still_open = desk.site, desk.rows("--state", "open")["rows"]
    site.stop("parkd")
    check.that("the audit proves it", site.audit_is_clean())
    site.start_parkd()
    resolved = desk.rows("--state", "resolved")["rows"][0]["difference"]
    check.that("after a restart a closed one is closed", site.ctl_code("reconcile", "close", resolved, "--reason", "x") == 1)
    site.ctl("reconcile", "close", next(r for r in still_open if r["at_risk_fen"] == 50)["difference"], "--reason", "credited")
    check.that("and an open one can be closed", len(desk.rows("--state", "open")["rows"]) == len(still_open) - 1)
    site.stop("parkd")
    done = subprocess.run([f"{site.build}/parkctl", "audit", "--db", desk.db], capture_output=True, text=True)
    line = re.search(r"differences: (.*)", done.stdout)
    check.that("the audit counts them", done.returncode == 0 and line and line[1].startswith("1 open with 1 fen at risk, 2 resolved by "
               "a person, 3 by a later bill"), line and line[1])  # fmt: skip


def main():
    check, site = Checks(), LaneSite(os.path.abspath(sys.argv[1]))
    site.start_lanes()
    wait_for("all bays are known", lambda: site.lot()["unknown"] == 0, 20)
    desk, orders = Desk(site), pay_five(site)
    today = first_run(desk, check, orders)
    closing(desk, check, today)
    next_day(desk, check, orders, today)
    forms(desk, check)
    evidence(desk, check)
    restart(desk, check)
    check.end()


main()
