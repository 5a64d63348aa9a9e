"""A day of payments with planted faults, and what a reconciliation must find of them; all from one seed.

Writes the gateway's orders, WeChat trade bills of two days and the fund flow, an Alipay detail, and counted shifts.
"""
import datetime
import json
import random

DAY = datetime.date(2024, 3, 13)
FAULTS = ("amount", "duplicate", "duplicate_same_number", "duplicate_refunded", "foreign", "foreign_refunded", "lost",
          "late", "early", "back_office", "refund_unknown", "refund_missing", "refund_amount", "refund_late", "not_here",
          "twin", "fee", "flow", "coupon", "refund_well", "refund_failed")
HEADER = ("交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
          "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,"
          "费率,订单金额,申请退款金额,费率备注")
TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
ALIPAY = ("支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
          "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
          "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注")
FLOW = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"


def yuan(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fee_of(fen):
    return (fen * 6 + 500) // 1000


class Day:
    def __init__(self, seed, orders, faults):
        self.random = random.Random(seed)
        self.orders, self.lines, self.next_lines = [], {"wechat": [], "alipay": []}, {"wechat": [], "alipay": []}
        self.flows, self.planted, self.serial = {}, [], 0
        for _ in range(orders):
            self.plain()
        for _ in range(faults):
            self.plant(self.random.choice(FAULTS))
        self.cash()
        self.random.shuffle(self.orders)

    def at(self, hour_from=1, hour_to=22):
        second = self.random.randrange(hour_from * 3600, hour_to * 3600)
        return datetime.datetime.combine(DAY, datetime.time()) + datetime.timedelta(seconds=second)

    def number(self):
        self.serial += 1
        return f"GW20240313{self.serial:06d}"

    def order(self, channel, at, fen, **more):
        order = {"order_no": self.number(), "paid_at": at.isoformat() + "+08:00", "channel": channel, "payable_fen": fen,
                 "paid_fen": fen, "refund_fen": 0, "channel_txn": "", "status": "PAID", "operator": "", "shift": "",
                 "note": ""} | more
        self.orders.append(order)
        return order

    def line(self, channel, number, at, fen, txn=None, refund=0, coupon=0, fee_more=0, state="SUCCESS", next_day=False):
        self.serial += 1
        txn = txn or f"42{self.serial:026d}"
        settled = (refund or fen) - coupon
        line = {"order": number, "at": at, "fen": fen, "txn": txn, "refund": refund, "coupon": coupon, "state": state,
                "settled": settled, "fee": (fee_of(settled) + fee_more) * (-1 if refund else 1), "no": f"R{self.serial:012d}"}
        (self.next_lines if next_day else self.lines)[channel].append(line)
        if channel == "wechat" and not next_day and state == "SUCCESS":
            net = (-settled if refund else settled) - line["fee"]
            self.flows[txn] = self.flows.get(txn, 0) + net
        return txn

    def plain(self):
        channel, at, fen = self.random.choice(("wechat", "alipay")), self.at(), self.random.randrange(1, 30000)
        order = self.order(channel, at, fen)
        txn = self.line(channel, order["order_no"], at, fen)
        order["channel_txn"] = self.random.choice((txn, ""))

    def expect(self, cls, channel, order, other, here, there, state="OPEN"):
        self.planted.append((cls, channel, order, other, here, there, state))

    def plant(self, fault):
        getattr(self, "fault_" + fault)(self.random.choice(("wechat", "alipay")), self.at(), self.random.randrange(200, 20000))

    def fault_amount(self, channel, at, fen):
        order = self.order(channel, at, fen)
        there = fen + self.random.choice((-100, -1, 1, 250))
        self.line(channel, order["order_no"], at, there)
        self.expect("amount_mismatch", channel, order["order_no"], order["order_no"], fen, there)

    def fault_duplicate(self, channel, at, fen, suffix=None, refunded=False):
        order = self.order(channel, at, fen)
        suffix = self.random.choice(("R", "R2", "-1", "_b")) if suffix is None else suffix
        number = order["order_no"] + suffix
        self.line(channel, order["order_no"], at, fen)
        txn = self.line(channel, number, at + datetime.timedelta(seconds=14), fen)
        if refunded:
            self.line(channel, number, at + datetime.timedelta(seconds=900), 0, txn=txn, refund=fen)
        self.expect("duplicate_payment", channel, order["order_no"], number, None, fen, "AUTO_RESOLVED" if refunded else "OPEN")

    def fault_duplicate_same_number(self, channel, at, fen):
        self.fault_duplicate(channel, at, fen, suffix="")

    def fault_duplicate_refunded(self, channel, at, fen):
        self.fault_duplicate(channel, at, fen, refunded=True)

    def fault_foreign(self, channel, at, fen, refunded=False):
        number = "X" + self.number()
        txn = self.line(channel, number, at, fen)
        if refunded:
            self.line(channel, number, at + datetime.timedelta(seconds=60), 0, txn=txn, refund=fen)
        self.expect("channel_only", channel, "", number, None, fen, "AUTO_RESOLVED" if refunded else "OPEN")

    def fault_foreign_refunded(self, channel, at, fen):
        self.fault_foreign(channel, at, fen, True)

    def fault_lost(self, channel, at, fen):
        order = self.order(channel, at, fen)
        self.expect("gateway_only", channel, order["order_no"], "", fen, None)

    def fault_late(self, channel, at, fen):
        midnight = datetime.datetime.combine(DAY, datetime.time(23, 59, self.random.randrange(30, 60)))
        order = self.order("wechat", midnight, fen)
        self.line("wechat", order["order_no"], midnight.replace(day=14, hour=0, minute=0, second=3), fen, next_day=True)
        self.expect("late_next_day", "wechat", order["order_no"], order["order_no"], fen, fen, "AUTO_RESOLVED")

    def fault_early(self, channel, at, fen):
        """The gateway's clock is ahead: its order is of the next day, the money of this. No difference of today."""
        midnight = datetime.datetime(2024, 3, 14, 0, 0, self.random.randrange(20))
        order = self.order("wechat", midnight, fen)
        self.line("wechat", order["order_no"], datetime.datetime(2024, 3, 13, 23, 59, 59), fen)

    def fault_back_office(self, channel, at, fen):
        order = self.order(channel, at, fen)
        txn = self.line(channel, order["order_no"], at, fen)
        part = self.random.randrange(100, fen + 1)
        self.line(channel, order["order_no"], at + datetime.timedelta(seconds=300), 0, txn=txn, refund=part)
        self.expect("status_mismatch", channel, order["order_no"], order["order_no"], 0, part)

    def fault_refund_unknown(self, channel, at, fen):
        number = f"GW20240310{self.random.randrange(10**6):06d}"
        self.line(channel, number, at, 0, refund=fen)
        self.expect("refund_unknown", channel, "", number, None, fen)

    def fault_refund_missing(self, channel, at, fen):
        order = self.order(channel, at, fen, refund_fen=fen, status="REFUNDED")
        self.line(channel, order["order_no"], at, fen)
        self.expect("refund_missing", channel, order["order_no"], "", fen, None)

    def fault_refund_failed(self, channel, at, fen):
        order = self.order("wechat", at, fen, refund_fen=fen, status="REFUNDED")
        txn = self.line("wechat", order["order_no"], at, fen)
        self.line("wechat", order["order_no"], at, 0, txn=txn, refund=fen, state="FAIL")
        self.expect("refund_missing", "wechat", order["order_no"], "", fen, None)

    def fault_refund_amount(self, channel, at, fen):
        order = self.order(channel, at, fen, refund_fen=fen, status="REFUNDED")
        txn = self.line(channel, order["order_no"], at, fen)
        self.line(channel, order["order_no"], at, 0, txn=txn, refund=fen - 1)
        self.expect("amount_mismatch", channel, order["order_no"], order["order_no"], fen, fen - 1)

    def fault_refund_late(self, channel, at, fen):
        order = self.order("wechat", at, fen, refund_fen=fen, status="REFUNDED", refunded_at="2024-03-13T23:59:50+08:00")
        txn = self.line("wechat", order["order_no"], at, fen)
        self.line("wechat", order["order_no"], datetime.datetime(2024, 3, 14, 0, 1), 0, txn=txn, refund=fen, next_day=True)
        self.expect("late_next_day", "wechat", order["order_no"], order["order_no"], fen, fen, "AUTO_RESOLVED")

    def fault_refund_well(self, channel, at, fen):
        order = self.order(channel, at, fen, refund_fen=fen, status="REFUNDED")
        txn = self.line(channel, order["order_no"], at, fen)
        for part in (fen // 3, fen - fen // 3):
            self.line(channel, order["order_no"], at, 0, txn=txn, refund=part)

    def fault_not_here(self, channel, at, fen):
        order = self.order(channel, at, fen, status=self.random.choice(("CREATED", "VOID")), paid_fen=0)
        self.line(channel, order["order_no"], at, fen)
        self.expect("status_mismatch", channel, order["order_no"], order["order_no"], 0, fen)

    def fault_twin(self, channel, at, fen):
        stay = f"s{self.serial}"
        first = self.order(channel, at, fen, status="CREATED", paid_fen=0, stay=stay)
        second = self.order(channel, at, fen, stay=stay)
        for order in (first, second):
            self.line(channel, order["order_no"], at, fen)
        self.expect("duplicate_payment", channel, second["order_no"], first["order_no"], None, fen)

    def fault_fee(self, channel, at, fen):
        order = self.order("wechat", at, fen)
        self.line("wechat", order["order_no"], at, fen, fee_more=self.random.choice((1, 2, 30)))
        fee = self.lines["wechat"][-1]["fee"]
        self.expect("fee_difference", "wechat", "", order["order_no"], fee_of(fen), fee)

    def fault_flow(self, channel, at, fen):
        order = self.order("wechat", at, fen)
        txn = self.line("wechat", order["order_no"], at, fen)
        expected, there = self.flows[txn], self.flows[txn] - self.random.choice((1, 50))
        self.flows[txn] = there
        self.expect("settlement_difference", "wechat", "", txn, expected, there)

    def fault_coupon(self, channel, at, fen):
        order = self.order(channel, at, fen)
        self.line(channel, order["order_no"], at, fen, coupon=100)

    def cash(self):
        self.shifts = []
        for operator in ("A001", "A002", "A003"):
            total = 0
            for _ in range(self.random.randrange(1, 6)):
                fen = self.random.randrange(100, 3000, 100)
                total += fen
                self.order("cash", self.at(), fen, operator=operator, shift="day")
            apart = self.random.choice((0, 0, 300, -50))
            counted = total + apart + 20000 - 1000
            shift = {"operator": operator, "shift": "day", "float_fen": 20000, "dropped_fen": 1000}
            shift |= {"counted": {"100": counted // 100, "1": counted % 100}} if apart == 300 else {"counted_fen": counted}
            self.shifts.append(shift)
            if apart:
                self.expect("cash_over" if apart > 0 else "cash_short", "cash", operator, "day", total, total + apart)

    def wechat(self, lines, day):
        rows, sums = [], [0] * 6
        for l in sorted(lines, key=lambda l: l["at"]):
            amounts = ((0, l["settled"], 0, l["fee"], 0, l["refund"]) if l["refund"] else
                       (l["settled"], 0, 0, l["fee"], l["fen"], 0))
            sums = [a + b for a, b in zip(sums, amounts)]
            refund = (["50" + l["no"], l["no"]] if l["refund"] else ["0", "0"])
            rows.append([str(l["at"]), "wx01", "19", "0", "LOT01", l["txn"], l["order"], "oU", "NATIVE",
                         "REFUND" if l["refund"] else "SUCCESS", "OTHERS", "CNY", yuan(amounts[0]), yuan(l["coupon"]), *refund,
                         yuan(amounts[1]), "0.00", "ORIGINAL" if l["refund"] else "", l["state"] if l["refund"] else "",
                         "停车费", "", yuan(l["fee"]) + "000", "0.60%", yuan(amounts[4]), yuan(amounts[5]), ""])
        totals = [str(len(rows)), *(yuan(s) for s in sums[:3]), yuan(sums[3]) + "000", yuan(sums[4]), yuan(sums[5])]
        text = [HEADER, *(",".join("`" + c for c in r) for r in rows), TOTALS, ",".join("`" + c for c in totals)]
        return "\r\n".join(text) + "\r\n"

    def alipay(self):
        rows, sums = [], {"交易": [0, 0, 0], "退款": [0, 0, 0]}
        for l in sorted(self.lines["alipay"], key=lambda l: l["at"]):
            kind, sign = ("退款", -1) if l["refund"] else ("交易", 1)
            amount, settled = sign * (l["refund"] or l["fen"]), sign * l["settled"]
            sums[kind] = [sums[kind][0] + 1, sums[kind][1] + settled, sums[kind][2] + l["coupon"]]
            rows.append([l["txn"] + "\t", "\t" + l["order"] + "\t", kind, "停车费", str(l["at"]), str(l["at"]), "LOT01", "示例", "", "",
                         "*用户", yuan(amount), yuan(settled), "0.00", "0.00", "0.00", yuan(l["coupon"]), "0.00", "", "0.00", "0.00",
                         l["no"] if l["refund"] else "", yuan(-l["fee"]), "0.00", ""])
        paid, back = sums["交易"], sums["退款"]
        text = ["#支付宝业务明细查询", "#账号：[20880000000000000156]",
                "#起始日期：[2024年03月13日 00:00:00]   终止日期：[2024年03月14日 00:00:00]",
                "#-----------业务明细列表----------", ALIPAY, *(",".join(r) for r in rows), "#-----------业务明细列表结束---------",
                f"#交易合计：{paid[0]}笔，商家实收共{yuan(paid[1])}元，商家优惠共{yuan(paid[2])}元",
                f"#退款合计：{back[0]}笔，商家实收退款共{yuan(back[1])}元，商家优惠退款共{yuan(back[2])}元",
                "#导出时间：[2024年03月14日 09:13:25]"]
        return "\r\n".join(text) + "\r\n"

    def flow(self):
        rows, ins, outs, balance = [], [0, 0], [0, 0], 10**6
        moves = [(txn, net, "交易" if net >= 0 else "退款") for txn, net in self.flows.items()]
        for number, (txn, net, business) in enumerate(moves + [("w1", -5000, "提现"), ("t1", 700, "充值")]):
            balance += net
            side = ins if net >= 0 else outs
            side[0], side[1] = side[0] + 1, side[1] + abs(net)
            rows.append(["2024-03-13 12:00:00", txn, f"F{number}", business, business, "收入" if net >= 0 else "支出",
                         yuan(abs(net)), yuan(balance), "system", "", txn])
        totals = [str(len(rows)), str(ins[0]), yuan(ins[1]), str(outs[0]), yuan(outs[1])]
        text = [FLOW, *(",".join("`" + c for c in r) for r in rows), "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
                ",".join("`" + c for c in totals)]
        return "\r\n".join(text) + "\r\n"

    def files(self):
        return {
            "wechat_20240313.csv": self.wechat(self.lines["wechat"], DAY),
            "wechat_20240314.csv": self.wechat(self.next_lines["wechat"], DAY),
            "flow_20240313.csv": self.flow(),
            "alipay_20240313.csv": self.alipay(),
            "orders.jsonl": "".join(json.dumps(o) + "\n" for o in self.orders),
            "shifts.jsonl": "".join(json.dumps(s) + "\n" for s in self.shifts),
        }
