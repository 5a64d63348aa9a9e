#!/usr/bin/python3
"""What is sent over JSON is what the shipped schemas say, and the schemas refuse what they should.

Usage: test_schemas.py [BUILD]
"""
import copy
import json
import pathlib
import sys

import jsonschema

TOP = pathlib.Path(__file__).resolve().parents[2]
SCHEMAS = {p.name: json.loads(p.read_text()) for p in (TOP / "daemon/uplink/json").glob("*.json")}
GOLDEN = TOP / "tests/unit/json"
counts = {True: 0, False: 0}


def check(what, good):
    counts[bool(good)] += 1
    if not good:
        print("FAILED", what)


def valid(name, document):
    schema = SCHEMAS[name + ".schema.json"]
    resolver = jsonschema.RefResolver("", schema, store=SCHEMAS)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    errors = [error.message for error in validator.iter_errors(document)]
    return not errors, errors


def changed(document, path, value):
    """A copy in which the member at `path` is `value`, or is gone when that is None."""
    document = copy.deepcopy(document)
    at = document
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return document


for name, schema in SCHEMAS.items():
    jsonschema.Draft202012Validator.check_schema(schema)
    check(name + " is a schema", True)

golden = {name: json.loads((GOLDEN / (name + ".json")).read_text())
          for name in ("vacancy", "records", "record")}
for name, document in golden.items():
    good, errors = valid(name, document)
    check(f"what is sent as {name} is as its schema says: {errors}", good)

kinds = {record["type"] for record in golden["records"]["records"]}
named = {rule["if"]["properties"]["type"]["const"]
         for rule in SCHEMAS["record.schema.json"]["allOf"]}
check(f"every kind of record has its rule: {kinds ^ named}", kinds == named)

rules = {rule["if"]["properties"]["type"]["const"]: rule["then"]
         for rule in SCHEMAS["record.schema.json"]["allOf"]}
for record in golden["records"]["records"]:
    rule = rules[record["type"]]
    for member in record:
        known = member in rule["properties"] or member in SCHEMAS["record.schema.json"]["properties"]
        check(f"{member} of a {record['type']} is described", known)
        if member in rule["required"] or member in SCHEMAS["record.schema.json"]["required"]:
            check(f"a {record['type']} without {member} is refused",
                  not valid("record", changed(record, [member], None))[0])
BAD = [
    ("records", ["records", 0, "id"], "ABC"),
    ("records", ["records", 0, "seq"], 0),
    ("records", ["records", 1, "to"], "taken"),
    ("records", ["records", 0, "at"], "2026-11-22 03:02:06"),
    ("records", ["records"], []),
    ("vacancy", ["free"], -1),
    ("vacancy", ["free"], 1.5),
    ("vacancy", ["quality"], "excellent"),
    ("vacancy", ["zones", 0, "capacity"], None),
    ("vacancy", ["as_of"], None),
]
for name, path, value in BAD:
    check(f"{name} with {path} = {value!r} is refused",
          not valid(name, changed(golden[name], path, value))[0])

result = {"id": golden["record"]["id"], "status": "refused", "reason": "no such bay"}
check("an answer is as its schema says", valid("results", {"results": [result]})[0])
check("an answer with another status is refused",
      not valid("results", {"results": [dict(result, status="ok")]})[0])

order = {"act": "open", "lane": "A-out", "actor": "li", "reason": "asked", "not_after": "2026-11-22T03:02:06Z"}
paid = dict(order, act="paid", stay="S1", amount_fen=200, channel="wechat", transaction="t-1")
del paid["lane"]
check("an order to open is as its schema says", valid("command", order)[0])
check("a payment is as its schema says", valid("command", paid)[0])
for what, document in (("without an actor", changed(order, ["actor"], None)), ("with a plate", dict(order, plate="x")),
                       ("with what is not known", dict(order, nonce=1)), ("to explode", dict(order, act="explode")),
                       ("to pay for nothing", changed(paid, ["stay"], None)), ("to pay nothing", dict(paid, amount_fen=0))):
    check(f"an order {what} is refused", not valid("command", document)[0])
reply = {"id": "1", "verdict": "refused", "again": False, "reason": "too late", "at": "2026-11-22T03:02:06.123Z"}
check("a reply is as its schema says", valid("reply", reply)[0])
check("a refusal without a reason is none", not valid("reply", changed(reply, ["reason"], None))[0])

print(f"{counts[True]} passed, {counts[False]} failed")
sys.exit(counts[False] > 0)
