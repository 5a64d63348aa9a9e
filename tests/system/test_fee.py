#!/usr/bin/env python3
"""Rule: parkctl prices every worked stay as worked out, says what it cannot price, and never stops at a line.

Usage: tests/system/test_fee.py BUILD
"""
import json
import os
import subprocess
import sys

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
passed = failed = 0


def check(name, good, what=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {name}: {what}")


def parkctl(*arguments, text=None, zone=None):
    environment = dict(os.environ, LC_ALL="C", **({"TZ": zone} if zone else {}))
    return subprocess.run(
        [f"{build}/parkctl", *arguments], input=text, capture_output=True, text=True, env=environment, timeout=60
    )


def stay(**changes):
    line = {
        "id": "x",
        "tariff": "liyang-road",
        "entry": "2024-03-13T09:00:00+08:00",
        "exit": "2024-03-13T10:01:00+08:00",
        "vehicle": "small",
    }
    return {key: value for key, value in (line | changes).items() if value is not None}


def price(**changes):
    return json.loads(parkctl("fee", "--batch", "-", text=json.dumps(stay(**changes))).stdout)


with open("tests/captures/tariffs.jsonl", encoding="utf-8") as lines:
    wanted = [json.loads(line) for line in lines]
for zone in (None, "America/New_York"):
    result = parkctl("fee", "--batch", "tests/captures/tariffs.jsonl", zone=zone)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    check("exit status", result.returncode == 0, result.stderr)
    check("as many answers as lines", len(answers) == len(wanted), len(answers))
    for line, answer in zip(wanted, answers):
        want = {"id": line["id"], "fee": line["fee_fen"], "currency": line.get("currency", "CNY")}
        check(line["id"], answer == want, f"{answer} is not {want}")

refused = ["no json", "[1]", "{}", "7", '"' + "x" * 2_000_000 + '"']
refused += [json.dumps(stay(**change)) for change in (
    {"tariff": "none"}, {"tariff": "../liyang-road"}, {"tariff": 7}, {"exit": "soon"}, {"entry": "soon"},
    {"exit": "2024-03-13T08:00:00+08:00"}, {"vehicle": "tram"}, {"history": 7}, {"history": [7]},
    {"history": ["x"]}, {"calendar": {"holidays": ["2024-02-30"]}}, {"calendar": {"workdays": 1}},
    {"payments": [{}]}, {"passes": [{}]}, {"coupons": [{"percent": 101}]}, {"clock_step_s": 10**12},
    {"coupons": [{"fen": 1}] * 5}, {"passes": [["2024-03-13T08:00:00Z", "2024-03-13T07:00:00Z"]]},
    {"entry": None}, {"exit": "2199-03-13T08:00:00+08:00"},
)]
result = parkctl("fee", "--batch", "-", text="\n".join(refused + ["", json.dumps(stay())]) + "\n")
answers = [json.loads(line) for line in result.stdout.splitlines()]
check("exit status 1 when a line is refused", result.returncode == 1)
check("an answer for each", len(answers) == len(refused) + 1, len(answers))
for line, answer in zip(refused, answers):
    check("refused", set(answer) == {"id", "error"} and answer["error"], f"{line[:80]}: {answer}")
check("the line behind them is priced", answers[-1] == {"id": "x", "fee": 800, "currency": "CNY"}, answers[-1])

at = "2024-03-13T09:40:00+08:00"
check("a payment in full settles the stay until the leave time is over",
      price(payments=[{"at": at, "fen": 500}], exit="2024-03-13T09:55:00+08:00")["fee"] == 500)
check("a pass", price(passes=[["2024-03-13T09:00:00+08:00", "2024-03-14T00:00:00+08:00"]])["fee"] == 0)
check("an amount coupon", price(coupons=[{"fen": 300}])["fee"] == 500)
check("a time coupon", price(coupons=[{"minutes": 60}])["fee"] == 500)
check("the first stay of the day",
      price(tariff="changzhou-damiaonong", vehicle="nev", history=[{"entry": "2024-03-13T07:00:00+08:00"}])["fee"] == 150)
check("the first stay of another day",
      price(tariff="changzhou-damiaonong", vehicle="nev", history=[["2024-03-12T23:00:00+08:00"]])["fee"] == 0)
check("a make-up workday of the shipped calendar",
      price(tariff="shenzhen-road-1", entry="2024-10-12T09:00:00+08:00", exit="2024-10-12T09:30:00+08:00")["fee"] == 300)
check("a date of the line wins over the shipped calendar",
      price(tariff="shenzhen-road-1", entry="2024-10-12T10:00:00+08:00", exit="2024-10-12T10:30:00+08:00",
            calendar={"holidays": ["2024-10-12"]})["fee"] == 120)

one = ["fee", "wuxi-hospital", "--entry", "2024-03-13T20:30:00+08:00"]
quote = parkctl(*one, "--at", "2024-03-13T22:00:00+08:00", "--json")
answer = json.loads(quote.stdout)
check("a quote", answer["fee"] == 100 and answer["valid_until"] == "2024-03-13T22:30:01+08:00", quote.stdout)
check("a trace in both languages", all(note["en"] and note["zh"] for note in answer["trace"]))
check("Chinese", "应收：1.00" in parkctl(*one, "--at", "2024-03-13T22:00:00+08:00", "--lang", "zh").stdout)
for wrong in (["fee"], ["fee", "x"], one, ["fee", "x", "--at", "soon"], ["tariff"], ["tariff", "table"],
              one + ["--exit", "2024-03-14T00:00:00Z", "--vehicle", "tram"]):
    check("wrong use", parkctl(*wrong).returncode == 2, wrong)
check("no such file", parkctl("fee", "--batch", "/none").returncode == 1)
check("no such rules", parkctl("tariff", "check", "--rules", "/none").returncode == 1)

result = parkctl("tariff", "check")
check("all shipped files are sound", result.returncode == 0 and "0 mistakes" in result.stdout, result.stdout)
table = parkctl("tariff", "table", "jp-20min-100").stdout
check("a table", "1:00" in table and "300 JPY" in table, table)
check("a curve", parkctl("tariff", "table", "jp-20min-100", "--svg").stdout.startswith("<svg "))
check("words", "1.00 each 180 min" in parkctl("tariff", "explain", "rugao-ninghai88").stdout)

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
