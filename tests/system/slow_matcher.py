"""A second opinion on reconciliation: reads the same files another way and compares everything with everything.

It knows nothing of how parkctl works: statements by the csv module and Decimal, matching by nested loops. It returns
the differences as a sorted list of (class, channel, order, channel order, amount here, amount there, state).
"""
import csv
import datetime
import json
from decimal import Decimal

EDGE_S = 600
CHINA = datetime.timezone(datetime.timedelta(hours=8))


def fen(text):
    value = Decimal(text.strip().strip("`") or "0") * 100
    assert value == int(value)
    return int(value)


def table(text):
    rows = [[cell.strip().lstrip("`").strip() for cell in row] for row in csv.reader(text.splitlines())]
    return [row for row in rows if row and any(row)]


def read_wechat(text):
    rows = table(text)
    header, lines = rows[0], []
    for row in rows[1:]:
        if row[0] in ("总交易单数",):
            break
        cells = dict(zip(header, row))
        refund = cells["交易状态"] != "SUCCESS"
        if refund and cells["退款状态"] not in ("SUCCESS", "PROCESSING", ""):
            continue
        lines.append({
            "refund": refund, "order": cells["商户订单号"], "txn": cells["微信订单号"],
            "fen": abs(fen(cells["申请退款金额" if refund else "订单金额"])),
            "settled": abs(fen(cells["退款金额" if refund else "应结订单金额"])),
            "fee": abs(Decimal(cells["手续费"])) * 100, "rate": Decimal(cells["费率"].rstrip("%")) / 100,
            "at": datetime.datetime.fromisoformat(cells["交易时间"]),
        })
    return "wechat", lines


def read_alipay(text):
    rows = [row for row in table(text) if not row[0].startswith("#")]
    lines = []
    for row in rows[1:]:
        cells = dict(zip(rows[0], row))
        lines.append({
            "refund": cells["业务类型"] == "退款", "order": cells["商户订单号"], "txn": cells["支付宝交易号"],
            "fen": abs(fen(cells["订单金额（元）"])), "settled": abs(fen(cells["商家实收（元）"])),
            "fee": abs(Decimal(cells["服务费（元）"])) * 100, "rate": None,
            "at": datetime.datetime.fromisoformat(cells["完成时间"]),
        })
    return "alipay", lines


def read_flows(text):
    rows, moved = table(text), {}
    for row in rows[1:]:
        if row[0] == "资金流水总笔数":
            break
        cells = dict(zip(rows[0], row))
        if cells["业务类型"] not in ("交易", "退款", "扣除交易手续费", "返还交易手续费"):
            continue
        sign = 1 if cells["收支类型"] == "收入" else -1
        txn = cells["微信支付业务单号"]
        moved[txn] = moved.get(txn, 0) + sign * fen(cells["收支金额(元)"])
    return moved


def local(text):
    return datetime.datetime.fromisoformat(text).astimezone(CHINA).replace(tzinfo=None)


def match(day, statements, orders_text, flows=None, shifts=None):
    """statements: {(channel, day): lines}; day: datetime.date."""
    orders = [json.loads(line) for line in orders_text.splitlines() if line.strip()]
    found = []
    for channel in sorted({channel for channel, _ in statements}):
        found += match_channel(day, channel, {d: l for (c, d), l in statements.items() if c == channel},
                               [o for o in orders if o["channel"] == channel], orders)
        if channel == "wechat" and flows is not None:
            found += settle(day, statements[channel, day], flows)
    return sorted(found + cash(day, orders, shifts), key=str)


def paid(order):
    return order["status"] in ("PAID", "REFUNDED")


def match_channel(day, channel, by_day, orders, all_orders):
    found = []
    known = {order["order_no"]: order for order in orders}
    everything = [dict(line, day=d) for d, lines in sorted(by_day.items()) for line in lines]
    payments = sorted((l for l in everything if not l["refund"]), key=lambda l: l["at"])
    refunds = [l for l in everything if l["refund"]]
    after, before = any(d > day for d in by_day), any(d < day for d in by_day)

    def near(at):
        start = datetime.datetime.combine(day, datetime.time())
        seconds = (at - start).total_seconds()
        return (not after and 86400 - EDGE_S <= seconds) or (not before and seconds < EDGE_S)

    # Which payment stands for which order.
    standing = {}
    for number, order in known.items():
        mine = [p for p in payments if p["order"] == number]
        named = [p for p in mine if p["txn"] == order.get("channel_txn")]
        if paid(order) and mine:
            standing[number] = (named or mine)[-1 if named else 0]
    stands = [id(p) for p in standing.values()]
    idle = [p for p in payments if id(p) not in stands]
    # Refunds of idle payments belong to them.
    credit, left = {}, []
    for refund in refunds:
        owner = next((p for p in idle if p["txn"] == refund["txn"]), None)
        if owner:
            credit[id(owner)] = credit.get(id(owner), 0) + refund["fen"]
        else:
            left.append(refund)
    for payment in idle:
        if payment["day"] != day:
            continue
        order, number = known.get(payment["order"]), payment["order"]
        if order and paid(order):
            cls, ours = "duplicate_payment", number
        elif order:
            twins = [o for o in all_orders if paid(o) and o is not order and o.get("stay")
                     and o["stay"] == order.get("stay") and o["payable_fen"] == order["payable_fen"]]
            cls, ours = ("duplicate_payment", twins[0]["order_no"]) if twins else ("status_mismatch", number)
        else:
            bases = [b for b in known if paid(known[b]) and number.startswith(b) and 0 < len(number) - len(b) <= 4
                     and not number[len(b)].isdigit()]
            cls, ours = ("duplicate_payment", bases[0]) if bases else ("channel_only", "")
        state = "AUTO_RESOLVED" if credit.get(id(payment), 0) >= payment["fen"] else "OPEN"
        found.append((cls, channel, ours, number, 0 if cls == "status_mismatch" else None, payment["fen"], state))
    for number, order in known.items():
        if not paid(order):
            continue
        at = local(order["paid_at"])
        line = standing.get(number)
        if at.date() == day and not line:
            late = near(at)
            found.append(("late_next_day" if late else "gateway_only", channel, number, "", order["paid_fen"], None, "OPEN"))
        elif at.date() == day and line["fen"] != order["paid_fen"]:
            found.append(("amount_mismatch", channel, number, number, order["paid_fen"], line["fen"], "OPEN"))
        elif at.date() == day and line["day"] != day:
            found.append(("late_next_day", channel, number, number, order["paid_fen"], line["fen"], "AUTO_RESOLVED"))
        mine = [r for r in left if r["order"] == number]
        today = sum(r["fen"] for r in mine if r["day"] == day)
        total = sum(r["fen"] for r in mine)
        ours, timed = order.get("refund_fen", 0), bool(order.get("refunded_at"))
        due_at = local(order["refunded_at"]) if timed else at
        here = number if mine else ""
        if at.date() == day and not line and not mine:
            continue
        if today and not ours:
            found.append(("status_mismatch", channel, number, here, 0, total, "OPEN"))
        elif due_at.date() == day or (not timed and today > ours):
            if ours == today:
                pass
            elif ours == total:
                found.append(("late_next_day", channel, number, here, ours, total, "AUTO_RESOLVED"))
            elif not total:
                late = timed and near(due_at)
                found.append(("late_next_day" if late else "refund_missing", channel, number, here, ours, None, "OPEN"))
            else:
                found.append(("amount_mismatch", channel, number, here, ours, total, "OPEN"))
    for refund in left:
        if refund["order"] not in known and refund["day"] == day:
            found.append(("refund_unknown", channel, "", refund["order"], None, refund["fen"], "OPEN"))
        elif refund["order"] in known and not paid(known[refund["order"]]) and refund["day"] == day:
            pass  # told with its payment
    for line in by_day[day]:
        if line["rate"] is None:
            continue
        due = line["settled"] * line["rate"]
        if abs(line["fee"] - due) > (1 if line["refund"] else Decimal("0.5")):
            due = int(due + Decimal("0.5"))
            found.append(("fee_difference", channel, "", line["order"], due, int(line["fee"]), "OPEN"))
    return found


def settle(day, lines, moved):
    expected, names = {}, {}
    for line in lines:
        net = (line["settled"] - line["fee"]) * (-1 if line["refund"] else 1)
        expected[line["txn"]] = expected.get(line["txn"], 0) + net
        names[line["txn"]] = line["order"]
    return [("settlement_difference", "wechat", "", txn, int(expected.get(txn, 0)), moved.get(txn, 0), "OPEN")
            for txn in expected.keys() | moved.keys() if expected.get(txn, 0) != moved.get(txn, 0)]


def cash(day, orders, shifts):
    if shifts is None:
        return []
    system, counted = {}, {}
    for order in orders:
        if order["channel"] == "cash" and paid(order) and local(order["paid_at"]).date() == day:
            key = order["operator"], order["shift"]
            system[key] = system.get(key, 0) + order["paid_fen"] - order["refund_fen"]
    for line in shifts.splitlines():
        shift = json.loads(line)
        key = shift["operator"], shift["shift"]
        held = shift.get("counted_fen")
        if held is None:
            held = sum(int(worth) * pieces for worth, pieces in shift["counted"].items())
        counted[key] = counted.get(key, 0) + held + shift.get("dropped_fen", 0) - shift.get("float_fen", 0)
    found = []
    for key in system.keys() | counted.keys():
        apart = counted.get(key, 0) - system.get(key, 0)
        if apart:
            cls = "cash_over" if apart > 0 else "cash_short"
            found.append((cls, "cash", key[0], key[1], system.get(key, 0), counted.get(key), "OPEN"))
    return found
