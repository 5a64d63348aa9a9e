"""An independent judge of FIWARE entities and DATEX II documents: the published schemas, and that every
attribute is one that they know (they forbid no others). Shares nothing with what it judges."""

import json
import os
import subprocess
import tempfile

import jsonschema

CAPTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "captures")
TYPES = ("OffStreetParking", "OnStreetParking", "ParkingSpot")


def _load(name):
    with open(os.path.join(CAPTURES, "fiware", name + ".json")) as f:
        return json.load(f)


SCHEMAS = {name: _load(name) for name in TYPES}
COMMON = _load("common-schema")
STORE = {s["$id"]: s for s in [COMMON, *SCHEMAS.values()]}


def _known(schema):
    """The names that a schema and what it refers to have."""
    names = {"type"}
    for part in schema["allOf"]:
        if "$ref" in part:
            part = COMMON["definitions"][part["$ref"].rsplit("/", 1)[1]]
        names |= set(part["properties"])
    return names


KNOWN = {name: _known(schema) for name, schema in SCHEMAS.items()}


def flat(entity):
    """Normalized, of either protocol, to key-values."""
    out = {}
    for key, value in entity.items():
        if isinstance(value, dict) and "type" in value:
            value = value["object"] if value["type"] == "Relationship" and "object" in value else value["value"]
        out[key] = value
    return out


def wrong_with(entity):
    """What is wrong with a normalized entity, as a list of sentences."""
    kind = entity.get("type")
    if kind not in SCHEMAS:
        return [f"type {kind} is none of ours"]
    entity = flat(entity)
    schema = SCHEMAS[kind]
    validator = jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=STORE),
        format_checker=jsonschema.FormatChecker())  # fmt: skip
    found = [f"{kind}: {error.message}" for error in validator.iter_errors(entity)]
    return found + [f"{kind}: attribute {key} is unknown" for key in entity if key not in KNOWN[kind]]


class Datex:
    """xmllint with the schemas of DATEX II 3.6."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="parkd-datex-")
        subprocess.run(["tar", "-C", self.dir.name, "-xJf",
                        os.path.join(CAPTURES, "datex", "schema-3.6.tar.xz")], check=True)  # fmt: skip

    def wrong_with(self, document):
        """What xmllint says, "" when the document (bytes) is valid."""
        done = subprocess.run(
            ["xmllint", "--noout", "--schema", os.path.join(self.dir.name, "DATEXII_3_D2Payload.xsd"), "-"],
            input=document, capture_output=True)  # fmt: skip
        return "" if done.returncode == 0 else done.stderr.decode()
