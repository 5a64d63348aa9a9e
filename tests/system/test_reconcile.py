#!/usr/bin/env python3
"""Rule: a reconciliation finds every difference once, in its class and to the fen, invents none, and refuses a broken file whole.

Usage: tests/system/test_reconcile.py BUILD [SEED…]
"""
import datetime
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile

import day_of_money
import slow_matcher

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
here = os.path.dirname(os.path.abspath(__file__))
os.chdir(os.path.join(here, "..", ".."))
samples = "tests/captures/bills"
passed = failed = 0
work = tempfile.TemporaryDirectory()


def check(name, good, what=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {name}: {what}")


def sample(name):
    with open(f"{samples}/{name}", "rb") as file:
        return file.read()


def parkctl(bills, orders, *arguments, day="2024-03-13", shifts=None):
    """bills: {name: bytes}. The exit status, the JSON (None when refused) and standard error."""
    folder = tempfile.mkdtemp(dir=work.name)
    command = [f"{build}/parkctl", "reconcile", "--json", "--at", "2024-03-16T09:00:00+08:00", "--day", day]
    for name, content in {**bills, "orders": orders, **({"shifts": shifts} if shifts is not None else {})}.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        command += ["--" + (name if name in ("orders", "shifts") else "bill"), os.path.join(folder, name)]
    result = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, env={"LC_ALL": "C"})
    error = result.stderr.replace(folder + "/", "")
    return result.returncode, json.loads(result.stdout) if result.stdout else None, error


def keys(found):
    """The differences of an answer as the second opinion tells them."""
    out = []
    for channel in ("wechat", "alipay", "cash"):
        for d in found.get(channel, {}).get("classes", []):
            if channel == "cash":
                out.append((d["cls"], channel, d["operator"], d["shift"], d["gateway_fen"], d.get("counted_fen"), d["state"]))
            else:
                other = d["channel_txn"] if d["cls"] == "settlement_difference" else d.get("channel_order", "")
                out.append((d["cls"], channel, d.get("order", ""), other, d.get("gateway_fen"), d.get("channel_fen"), d["state"]))
    return sorted(out, key=str)


WECHAT, NEXT = sample("wechat_tradebill_ALL_20240313.csv"), sample("wechat_tradebill_ALL_20240314.csv")
FLOW, EMPTY = sample("wechat_fundflow_BASIC_20240313.csv"), sample("wechat_tradebill_empty_20240315.csv")
GBK, UTF8 = sample("alipay_trade_detail_20240313.gbk.csv"), sample("alipay_trade_detail_20240313.utf8.csv")
SUMMARY, ORDERS = sample("alipay_trade_summary_20240313.utf8.csv"), sample("gateway_orders_20240313.jsonl")
EXPECTED = json.loads(sample("expected_20240313.json"))
ALL = {"w13.csv": WECHAT, "w14.csv": NEXT, "flow.csv": FLOW, "a.csv": GBK, "sum.csv": SUMMARY}


def as_expected(name, bills, orders=ORDERS, channels=("wechat", "alipay"), coupons=True):
    """What the answer says must be what the sample expects: all of it, and nothing else."""
    status, found, error = parkctl(bills, orders)
    if found is None:
        return check(name, False, error)
    for channel in channels:
        want = EXPECTED[channel]
        strip = [{k: v for k, v in d.items() if k != "note"} for d in want["classes"]]
        got = [{k: d.get(k) for k in w} for w, d in zip(strip, sorted(
            found[channel]["classes"], key=lambda d: [w["cls"] for w in strip].index(d["cls"]) if d["cls"] in
            [w["cls"] for w in strip] else 99))]
        check(f"{name}: {channel} differences", got == strip and len(found[channel]["classes"]) == len(strip),
              found[channel]["classes"])
        check(f"{name}: {channel} matched", found[channel]["matched"] == want["matched"], found[channel]["matched"])
        coupon = [{k: v for k, v in c.items() if k != "note"} for c in want["coupon"]]
        check(f"{name}: {channel} coupons", found[channel]["coupon"] == coupon or not coupons, found[channel]["coupon"])
    check(f"{name}: exit status", status == 1, status)
    check(f"{name}: at risk", found["at_risk_fen"] == 3000, found["at_risk_fen"])
    return found


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def lines_of(text):
    return text.decode().splitlines()


def joined(lines, end="\r\n"):
    return (end.join(lines) + end).encode()


def shuffled(text, rows, separator, seed=7):
    """Columns in another order: the same for the header and the rows."""
    order = list(range(len(text[rows[0]].split(","))))
    random.Random(seed).shuffle(order)
    for row in rows:
        tick = text[row].startswith("`")
        cells = text[row][1:].split(",`") if tick else text[row].split(separator)
        mixed = [cells[i] for i in order]
        text[row] = "`" + ",`".join(mixed) if tick else separator.join(mixed)
    return text


def old_layout(text):
    """The 27 columns as the 24 of before."""
    old = {"特约商户号": "子商户号", "订单金额": "总金额", "代金券金额": "代金券或立减优惠金额", "充值券退款金额": "代金券或立减优惠退款金额"}
    rows = lines_of(text)
    header = rows[0].split(",")
    keep = [i for i, name in enumerate(header) if name not in ("应结订单金额", "申请退款金额", "费率备注")]
    keep.sort(key=lambda i: header.index("应结订单金额") if header[i] == "订单金额" else i)
    out = [",".join(old.get(header[i], header[i]) for i in keep)]
    for row in rows[1:-2]:
        cells = row[1:].split(",`")
        out.append("`" + ",`".join(cells[i] for i in keep))
    total = rows[-1][1:].split(",`")
    out.append("总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额")
    out.append("`" + ",`".join([total[0], total[5], total[2], total[3], total[4]]))
    return joined(out, "\n")


# The sample, and the same in every form that a channel or a person may give it.
found = as_expected("sample", ALL)
check("sample: shifts", [{k: s[k] for k in EXPECTED["cash"]["shifts"][0]} for s in found["cash"]["shifts"]] ==
      EXPECTED["cash"]["shifts"], found["cash"])
for channel, expected in (("wechat", 6559), ("alipay", 2187)):
    s = found[channel]["settlement"]
    check(f"sample: {channel} settles", s["proved"] and s["expected_fen"] == s["moved_fen"] == expected, s)
wechat, alipay = lines_of(WECHAT), lines_of(UTF8)
csv_orders = "order_no,paid_at,channel,payable_fen,paid_fen,refund_fen,channel_txn,status,operator,shift\n" + "".join(
    ",".join(str(o[k]) for k in ("order_no", "paid_at", "channel", "payable_fen", "paid_fen", "refund_fen", "channel_txn",
                                 "status", "operator", "shift")) + "\n" for o in map(json.loads, ORDERS.splitlines()))
as_expected("UTF-8 detail", {**ALL, "a.csv": UTF8})
as_expected("byte order mark", {**ALL, "w13.csv": b"\xef\xbb\xbf" + WECHAT, "a.csv": b"\xef\xbb\xbf" + UTF8})
as_expected("LF", {name: text.replace(b"\r\n", b"\n") for name, text in ALL.items()})
as_expected("no line end at the end", {name: text.rstrip(b"\r\n") for name, text in ALL.items()})
as_expected("columns shuffled", {**ALL, "w13.csv": joined(shuffled(list(wechat), range(0, len(wechat) - 2), ",")),
                                 "a.csv": joined(shuffled(list(alipay), [4, 5, 6, 7, 8, 9], ","))})
as_expected("totals shuffled", {**ALL, "w13.csv": joined(shuffled(list(wechat), range(len(wechat) - 2, len(wechat)), ","))})
as_expected("no back-quotes", {**ALL, "w13.csv": WECHAT.replace(b"`", b"")})
as_expected("quoted cells", {**ALL, "w13.csv": joined(['"' + r.replace("`", "").replace(",", '","') + '"' for r in wechat])})
as_expected("a comma in the goods", {**ALL, "w13.csv": WECHAT.replace("停车费".encode(), "停车费,\"A\"区".encode())})
as_expected("a column more", {**ALL, "w13.csv": joined([r + (",新" if n == 0 else ",`x" if n < len(wechat) - 2 else "")
                                                        for n, r in enumerate(wechat)])})
as_expected("ASCII brackets", {**ALL, "a.csv": UTF8.replace("（".encode(), b"(").replace("）".encode(), b")")})
as_expected("GBK in the zip", {**ALL, "a.csv": zipped({"20880000000000000156_20240313_业务明细.csv": GBK})})
as_expected("two files in the zip", {**{k: v for k, v in ALL.items() if k != "sum.csv"}, "a.csv": zipped({
    "明细.csv": GBK, "汇总.csv": SUMMARY.decode().encode("gbk")})})
as_expected("the same file twice", {**ALL, "again.csv": WECHAT, "again2.csv": zipped({"x.csv": WECHAT})})
as_expected("the same rows in another encoding", {**ALL, "again.csv": UTF8})
as_expected("the same summary in another encoding", {**ALL, "a.csv": zipped({
    "支付宝/业务明细.csv": GBK, "支付宝/汇总.csv": SUMMARY.decode().encode("gbk")})})
as_expected("blank lines between the rows", {**ALL, "w13.csv": WECHAT.replace(b"\r\n", b"\r\n\r\n")})
as_expected("other order of files", dict(reversed(ALL.items())))
as_expected("orders as CSV", ALL, csv_orders)
as_expected("fees with the other sign", {**ALL, "a.csv": UTF8.replace(b",-0.04,", b",0.04,").replace(b",0.13,0.00,", b",-0.13,0.00,")})
as_expected("24 columns", {"w13.csv": old_layout(WECHAT), "w14.csv": old_layout(NEXT), "a.csv": GBK}, coupons=False)
status, found, _ = parkctl({"w.csv": sample("wechat_tradebill_old24col_20141110.csv")}, json.dumps({
    "order_no": "GW20141110000001", "paid_at": "2014-11-10T16:33:45+08:00", "channel": "wechat", "payable_fen": 600,
    "paid_fen": 600, "refund_fen": 0, "status": "PAID"}), day="2014-11-10")
check("old sample", status == 0 and found["wechat"]["matched"] == ["GW20141110000001"], found)

# Days without a bill are ordinary, and late money waits for its bill.
status, found, _ = parkctl({"w20240315.csv": EMPTY}, ORDERS, day="2024-03-15")
check("an empty day", status == 0 and found["wechat"]["matched"] == [] and found["at_risk_fen"] == 0, found)
for name, answer in (("a.json", b'{"code":"40004","sub_code":"isp.bill_not_exist"}'), ("a.xml", b"<xml>\n<c>BILL_NOT_EXIST</c>\n</xml>")):
    status, found, error = parkctl({"w13.csv": WECHAT, "w14.csv": NEXT, name: answer}, ORDERS)
    check("no bill that day", found and [d["cls"] for d in found["alipay"]["classes"]] == ["gateway_only"] * 3 + ["late_next_day"], error)
status, found, _ = parkctl({"w13.csv": WECHAT}, ORDERS)
late = {d["order"]: d for d in found["wechat"]["classes"] if d["cls"] in ("late_next_day", "gateway_only")}
check("late until its bill comes", late["GW20240313080007"]["cls"] == "late_next_day" and late["GW20240313080007"]["state"] == "OPEN"
      and late["GW20240313080007"]["age_days"] == 3 and late["GW20240313080008"]["cls"] == "gateway_only", late)
check("orders without a statement", found["unchecked"] == {"orders": 4, "fen": 4700}, found["unchecked"])
first, second = parkctl(ALL, ORDERS), parkctl(ALL, ORDERS)
check("twice the same answer", [{**f[1], "statements": 0} for f in (first, second)][0] == {**second[1], "statements": 0})

# Any other channel by a column map.
MAP = """id = "union"; channel = "unionpay"; money = "fen"; time_format = "YYYY/MM/DD hh:mm"; totals_word = "sum";
columns = { time = "when"; order = "our no"; transaction = "their no"; kind = "type"; amount = "amount (fen)"; fee = "fee"; };
words = { payment = ( "pay", "PAY" ); refund = ( "back" ); };
"""
UNION = ("their no;our no;type;when;amount (fen);fee\nu1;N1;pay;2024/03/13 10:00;1200;7\nu2;N2;PAY;2024/03/13 11:00;500;3\n"
         "u3;N2;back;2024/03/13 12:00;-500;-3\nsum;;;;1200;7\n")
UNION_ORDERS = "".join(json.dumps({"order_no": n, "paid_at": "2024-03-13T10:00:00+08:00", "channel": "unionpay", "payable_fen": f,
                                   "paid_fen": f, "refund_fen": r, "status": "REFUNDED" if r else "PAID"}) + "\n"
                       for n, f, r in (("N1", 1300, 0), ("N2", 500, 500)))
map_path = os.path.join(work.name, "union.conf")
with open(map_path, "w", encoding="utf-8") as file:
    file.write(MAP)
status, found, error = parkctl({"u.csv": UNION}, UNION_ORDERS, "--columns", map_path)
check("a column map", found and found["unionpay"]["matched"] == ["N2"] and found["unionpay"]["settlement"]["expected_fen"] == 1193
      and [(d["cls"], d["gateway_fen"], d["channel_fen"]) for d in found["unionpay"]["classes"]] == [("amount_mismatch", 1300, 1200)],
      error or found)
for change, words in ((("1200;7\n", "1201;7\n"), "the rows come to"), (("sum;;;;1200;7\n", ""), "cut off"), (("/13 10:00", "/13 10.00"), "no time"),
                      ((";PAY;", ";paid;"), "does not know")):
    status, found, error = parkctl({"u.csv": UNION.replace(*change, 1)}, UNION_ORDERS, "--columns", map_path)
    check(f"a column map: {words}", found is None and words in error and "u.csv:" in error, error)
for change, words in ((('money = "fen"', 'money = "cent"'), "yuan, fen"), (("kind =", "kinds ="), "kinds"), (("id =", "ident ="), "ident"),
                      (("refund = ", "refund_failed = "), "words.refund")):
    with open(map_path, "w", encoding="utf-8") as file:
        file.write(MAP.replace(*change, 1))
    status, found, error = parkctl({"u.csv": UNION}, UNION_ORDERS, "--columns", map_path)
    check(f"a wrong column map: {words}", found is None and words in error and "union.conf:" in error, error)

shipped = "流水号,商户订单号,交易类型,交易时间,交易金额,清算金额,手续费\nu1,N1,消费,2024-03-13 10:00:00,13.00,13.00,0.05\n合计,,,,13.00,13.00,0.05\n"
status, found, error = parkctl({"u.csv": shipped.encode("gbk")}, UNION_ORDERS.splitlines()[0], "--columns", "config/statements/unionpay-qr.conf")
check("the shipped column map", found and found["unionpay"]["matched"] == ["N1"], error)

# Broken files: refused whole, with the line and what is wrong.
def w13(change):
    return {**ALL, "w13.csv": change}


def detail(change):
    return {**ALL, "a.csv": change}


foreign = zipped({"readme.txt": b"hello\n"})
bomb = zipped({"a.csv": b"\n" * 300_000_000})
nest = zipped({"inner.zip": zipped({"a.csv": GBK})})
damaged = bytearray(zipped({"a.csv": GBK}))
damaged[len(damaged) // 3] ^= 0xFF
broken = {
    "total off by a fen": (w13(WECHAT.replace(b",`81.00,", b",`81.01,")), "w13.csv:13: total \"订单总金额\" is 81.01, the rows come to 81.00"),
    "fee total off by its last digit": (w13(WECHAT.replace(b"`0.41000", b"`0.41001")), "w13.csv:13: total \"手续费总金额\""),
    "count off": (w13(WECHAT.replace(b"`10,`79", b"`9,`79")), "w13.csv:13: total \"总交易单数\""),
    "row off by a fen": (w13(WECHAT.replace(b"`7.00,`0.00,`0,`0", b"`7.01,`0.00,`0,`0")), "w13.csv:13: total"),
    "row left out": (w13(joined(wechat[:3] + wechat[4:])), "w13.csv:12: total"),
    "row doubled": (w13(joined(wechat[:3] + wechat[2:])), "w13.csv:14: total"),
    "cut in a row": (w13(WECHAT[:2000]), "cut off"),
    "cut behind a row": (w13(joined(wechat[:6])), "w13.csv:6: the file ends without its totals"),
    "cut behind the header of totals": (w13(joined(wechat[:-1])), "w13.csv:12: the file ends without its totals"),
    "cut in the totals": (w13(WECHAT[:-12]), "w13.csv:13:"),
    "column missing": (w13(WECHAT.replace("商户订单号,用户标识".encode(), "订单,用户标识".encode())), "w13.csv:1: column \"商户订单号\" of wechat-trade is missing"),
    "column twice": (w13(WECHAT.replace("商户号,特约".encode(), "货币种类,特约".encode())), "w13.csv:1: column \"货币种类\" stands twice"),
    "unknown header": (w13(b"a,b,c\n1,2,3\n"), "w13.csv:1: this is the header of no statement"),
    "empty file": (w13(b""), "w13.csv:1: the file is empty"),
    "blank file": (w13(b"\r\n\r\n"), "w13.csv:2: the file is empty"),
    "other currency": (w13(WECHAT.replace(b"`CNY", b"`USD", 1)), "w13.csv:2: currency \"USD\""),
    "row of another day": (w13(WECHAT.replace(b"`2024-03-13 12:01:33", b"`2024-03-12 12:01:33")), "w13.csv:8: the row is of 2024-03-12"),
    "statement of another day": (w13(WECHAT.replace(b"`2024-03-13 ", b"`2024-03-10 ")), "w13.csv:1: the statement is of 2024-03-10"),
    "only the next day": ({"w14.csv": NEXT}, "w14.csv:1: of wechat there is no trade bill of 2024-03-13"),
    "only the fund flow": ({"flow.csv": FLOW}, "flow.csv:1: of wechat there is no trade bill"),
    "unknown state": (w13(WECHAT.replace(b"`REFUND,", b"`REFOUND,", 1)), "w13.csv:6: \"交易状态\" is \"REFOUND\""),
    "unknown state of a refund": (w13(WECHAT.replace(b"`ORIGINAL,`SUCCESS", b"`ORIGINAL,`MAYBE", 1)), "w13.csv:6: \"退款状态\" is \"MAYBE\""),
    "no amount": (w13(WECHAT.replace(b"`7.00,", b"`7.0O,", 1)), "w13.csv:2:"),
    "a part of a fen": (w13(WECHAT.replace(b"`7.00,", b"`7.001,", 1)), "w13.csv:2: \"应结订单金额\" is \"7.001\""),
    "an amount with an exponent": (w13(WECHAT.replace(b"`7.00,", b"`7e0,", 1)), "w13.csv:2: \"应结订单金额\" is \"7e0\", no amount"),
    "an amount in full-width digits": (w13(WECHAT.replace(b"`7.00,", "`７.００,".encode(), 1)), "w13.csv:2: \"应结订单金额\" is"),
    "an amount below zero": (w13(WECHAT.replace(b"`7.00,", b"`-7.00,", 1)), "w13.csv:13: total \"应结订单总金额\""),
    "an amount of thousands": (w13(WECHAT.replace(b"`7.00,", b"`1,007.00,", 1)), "w13.csv:13: total \"应结订单总金额\""),
    "an amount beyond all": (w13(WECHAT.replace(b"`7.00,", b"`99999999999999999999.00,", 1)), "w13.csv:2: \"应结订单金额\" is"),
    "an amount that is empty": (w13(WECHAT.replace(b"`7.00,", b"`,", 1)), "w13.csv:2: \"应结订单金额\" is \"\""),
    "a second header": (w13(joined(wechat[:4] + [wechat[0]] + wechat[4:])), "w13.csv:5: \"交易状态\" is \"交易状态\""),
    "commas behind the rows": (w13(joined([r + "," for r in wechat])), "w13.csv:2: 27 cells under 28 headers"),
    "line ends of another age": (w13(WECHAT.replace(b"\r\n", b"\r")), "w13.csv:1: the row has more than 64 cells"),
    "UTF-16": (w13(WECHAT.decode().encode("utf-16")), "w13.csv:1: a byte is zero"),
    "two byte order marks": (w13(b"\xef\xbb\xbf" * 2 + WECHAT), "w13.csv:1: column"),
    "GBK cut in a character": (detail(GBK[:GBK.index("停车费".encode("gbk")) + 3]), "a.csv:6: these bytes are neither UTF-8 nor GBK"),
    "GBK cut in a row": (detail(GBK[:len(GBK) // 2]), "a.csv:7:"),
    "no time": (w13(WECHAT.replace(b"13 08:12:05", b"13 25:12:05")), "w13.csv:2: \"2024-03-13 25:12:05\" is no time"),
    "no rate": (w13(WECHAT.replace(b"`0.60%", b"`0.6", 1)), "w13.csv:2:"),
    "order number empty": (w13(WECHAT.replace(b"`GW20240313080001,", b"`,", 1)), "w13.csv:2: \"商户订单号\" is empty"),
    "zero byte": (w13(WECHAT.replace(b"NATIVE", b"NAT\0VE", 1)), "w13.csv:2: a byte is zero"),
    "UTF-8 damage": (w13(WECHAT.replace("停车费".encode(), "停车费".encode()[:-1], 1)), "w13.csv:2: these bytes are not UTF-8"),
    "GBK damage": (detail(GBK.replace("停车费".encode("gbk"), b"\xcd\xa3\xff\xff", 1)), "a.csv:6: these bytes are neither UTF-8 nor GBK"),
    "row behind the totals": (w13(WECHAT + wechat[1].encode() + b"\r\n"), "w13.csv:14: a row behind the totals"),
    "two statements in one file": (w13(WECHAT + NEXT), "w13.csv:14: a row behind the totals"),
    "cell too many": (w13(joined(wechat[:2] + [wechat[2] + ",`x"] + wechat[3:])), "w13.csv:3: 28 cells under 27 headers"),
    "quote without end": (w13(joined([wechat[0], '"' + wechat[1].replace("`", "")] + wechat[2:])), "w13.csv:"),
    "row without end": (w13(WECHAT + b"x" * 70000), "w13.csv:14: the row is longer than 64 kB"),
    "detail without totals": (detail(joined(alipay[:-3])), "a.csv:11: the file ends without its totals"),
    "detail without its end": (detail(joined(alipay[:10] + alipay[11:])), "cut off"),
    "detail cut in its totals": (detail(joined(alipay[:-2] + [alipay[-2][:-3]])), "a.csv:13: the totals are cut off"),
    "detail off by a fen": (detail(UTF8.replace("共44.00元".encode(), "共44.01元".encode())), "a.csv:12: total \"#交易合计/商家实收\" is 44.01"),
    "detail's refunds off": (detail(UTF8.replace("：1笔".encode(), "：2笔".encode())), "a.csv:13: total \"#退款合计/\""),
    "detail of two days": (detail(UTF8.replace("03月14日 00:00:00]".encode(), "03月15日 00:00:00]".encode(), 1)), "a.csv:3: the statement is not of one whole day"),
    "detail's row of another day": (detail(UTF8.replace(b",2024-03-13 08:50:04", b",2024-03-12 08:50:04")), "a.csv:6: the row is of 2024-03-12"),
    "summary off by a fen": ({**ALL, "sum.csv": SUMMARY.replace("合计,,4,1,25.00".encode(), "合计,,4,1,25.01".encode())}, "sum.csv:7: the total is 25.01"),
    "summary without its total": ({**ALL, "sum.csv": joined(lines_of(SUMMARY)[:6])}, "sum.csv:6: the file ends without its totals"),
    "fund flow off by a fen": ({**ALL, "flow.csv": FLOW.replace(b"`13.41", b"`13.42")}, "flow.csv:21: total \"支出金额\" is 13.42"),
    "a changed statement of the same day": ({**ALL, "new.csv": joined(wechat[:1] + wechat[2:-1] + ["`9,`72.00,`13.00,`0.00,`0.37000,`74.00,`13.00"])}, "stand in w13.csv of the same day"),
    "archive of something else": ({**ALL, "a.csv": foreign}, "a.csv: readme.txt:1: this is the header of no statement"),
    "archive in an archive": ({**ALL, "a.csv": nest}, "a.csv: inner.zip:"),
    "damaged archive": (detail(bytes(damaged)), "a.csv"),
    "cut archive": (detail(zipped({"a.csv": GBK})[:-30]), "a.csv: no whole zip archive"),
    "empty archive": (detail(zipped({})), "a.csv: "),
    "archive of many": (detail(zipped({f"{n}.csv": GBK for n in range(40)})), "a.csv: the archive holds 40 files"),
    "archive that unpacks to 300 MB": (detail(bomb), "a.csv: a.csv:"),
    "missing file": ({}, "--bill"),
}
for name, (bills, words) in broken.items():
    if not bills:
        continue
    status, found, error = parkctl(bills, ORDERS)
    check(f"broken: {name}", status == 1 and found is None and words in error and error.count("\n") == 1, error or found)
print(f"{len(broken) - 1} broken statements")

order = json.loads(ORDERS.splitlines()[0])
for name, lines, words in (
        ("twice", [order, order], "stands twice"), ("status", [order | {"status": "PAYED"}], "orders:1: status \"PAYED\""),
        ("time", [order | {"paid_at": "soon"}], "orders:1: \"paid_at\""), ("below zero", [order | {"paid_fen": -1}], "\"paid_fen\""),
        ("no number", [order | {"order_no": ""}], "\"order_no\" is missing"), ("too much back", [order | {"refund_fen": 701}], "more than was paid"),
        ("no object", [7], "orders:1: this is no object"), ("decimal", [order | {"paid_fen": 7.5}], "\"paid_fen\" is missing")):
    status, found, error = parkctl(ALL, "\n".join(map(json.dumps, lines)) if lines != [7] else '{"a":1}7')
    check(f"orders: {name}", status == 1 and found is None and (words in error or name == "no object"), error)
for name, line, words in (("unequal", {"operator": "A", "shift": "d", "counted": {"100": 3}, "counted_fen": 200}, "comes to 300"),
                          ("no pieces", {"operator": "A", "shift": "d", "counted": {"x": 3}}, "no list of denominations"),
                          ("nothing", {"operator": "A", "shift": "d"}, "\"counted_fen\" is missing")):
    status, found, error = parkctl(ALL, ORDERS, shifts=json.dumps(line))
    check(f"shifts: {name}", status == 1 and found is None and words in error, error)
for arguments in ([], ["--day", "2024-02-30"], ["--day", "2024-03-13"]):
    result = subprocess.run([f"{build}/parkctl", "reconcile", "--orders", "x", *arguments], capture_output=True, text=True)
    check(f"wrong use {arguments}", result.returncode == 2, result)

# A generated day with planted faults: each found in its class, none invented, and a second opinion agrees.
seeds = [int(s) for s in sys.argv[2:]] or [random.SystemRandom().randrange(10**6) for _ in range(12)]
for seed in seeds:
    day = day_of_money.Day(seed, orders=60, faults=random.Random(seed).randrange(0, 40))
    files = day.files()
    bills = {name: text for name, text in files.items() if name.endswith(".csv")}
    bills["alipay_20240313.csv"] = zipped({"a.csv": files["alipay_20240313.csv"].encode("gbk")})
    status, found, error = parkctl(bills, files["orders.jsonl"], shifts=files["shifts.jsonl"])
    if found is None:
        check(f"seed {seed}", False, error)
        continue
    got, planted = keys(found), sorted(day.planted, key=str)
    check(f"seed {seed}: what was planted", got == planted, f"not found {[p for p in planted if p not in got]}, invented "
          f"{[g for g in got if g not in planted]}")
    statements = {("wechat", day_of_money.DAY): slow_matcher.read_wechat(files["wechat_20240313.csv"])[1],
                  ("wechat", datetime.date(2024, 3, 14)): slow_matcher.read_wechat(files["wechat_20240314.csv"])[1],
                  ("alipay", day_of_money.DAY): slow_matcher.read_alipay(files["alipay_20240313.csv"])[1]}
    second = slow_matcher.match(day_of_money.DAY, statements, files["orders.jsonl"],
                                slow_matcher.read_flows(files["flow_20240313.csv"]), files["shifts.jsonl"])
    check(f"seed {seed}: second opinion", got == second, f"{[p for p in second if p not in got]} {[g for g in got if g not in second]}")
    risk = sum(0 if state != "OPEN" else abs(a - b) if a is not None and b is not None else a if b is None else b
               for _, _, _, _, a, b, state in day.planted)
    check(f"seed {seed}: money at risk", found["at_risk_fen"] == risk, f"{found['at_risk_fen']} is not {risk}")
    check(f"seed {seed}: sums", sum(s["at_risk_fen"] for s in found["sums"].values()) == found["at_risk_fen"])
    check(f"seed {seed}: exit status", status == any(p[6] == "OPEN" for p in day.planted), status)
print("seeds", *seeds)

# A large file: a row at a time, memory that follows what is kept.
row = wechat[1].replace("`GW20240313080001", "`{0}").replace("4200002100202403130000000001", "42{0}")
count = 200_000
big = "\r\n".join([wechat[0], *(row.format(f"BIG{n:08d}") for n in range(count)), wechat[-2],
                   f"`{count},`{count * 7}.00,`0.00,`0.00,`{count * 4 / 100:.2f}000,`{count * 7}.00,`0.00"]) + "\r\n"
with open(os.path.join(work.name, "big.csv"), "w", encoding="utf-8") as file:
    file.write(big)
limit = "" if "asan" in build else "ulimit -v 262144;"  # of address space, in kB
started = time.monotonic()
result = subprocess.run(["bash", "-c", f"{limit} exec {build}/parkctl reconcile --json --day 2024-03-13 --bill {work.name}/big.csv "
                         f"--orders {samples}/gateway_orders_20240313.jsonl"], capture_output=True, text=True)
took = time.monotonic() - started
found = json.loads(result.stdout) if result.stdout else None
check("a large statement", found and found["sums"]["channel_only"]["count"] == count, result.stderr)
print(f"{count} rows, {len(big) >> 20} MB: {took:.2f} s with the answer, within 256 MB of address space")

work.cleanup()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
