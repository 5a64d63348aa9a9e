"""An independent judge of FIWARE entities and DATEX II documents: the published schemas, and that every
attribute is one that they know (they forbid no others). Shares nothing with what it judges."""

import json
import os
import re
import subprocess
from xml.etree import ElementTree

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


TIME, COUNT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", r"\d+"

# The part of DATEX II 3.6 that a status publication of ours may use, as the programme's model names it: for each
# element its children in order (a regular expression over "prefix:name "), or a pattern of its text.
DATEX_CHILDREN = {
    "payload": r"com:publicationTime com:publicationCreator prk:headerInformation (prk:parkingStatusInformation )*",
    "publicationCreator": r"com:country com:nationalIdentifier ",
    "headerInformation": r"com:informationStatus ",
    "parkingStatusInformation prk:PlaceStatus": r"fac:reference fac:lastUpdated fac:openingStatus prk:occupancy "
    r"(prk:status )?",
    "parkingStatusInformation prk:SpaceStatus": r"fac:reference fac:lastUpdated prk:occupied "
    r"prk:measurementOrCalculationTime ",
    "occupancy group": r"prk:numberOfSpacesOverride (prk:numberOfVacantSpaces )?(prk:numberOfOccupiedSpaces )?"
    r"(prk:occupancy )?",
}
DATEX_TEXT = {
    "publicationTime": TIME, "lastUpdated": TIME, "measurementOrCalculationTime": TIME, "country": "[A-Z]{2}",
    "nationalIdentifier": ".{1,1024}", "informationStatus": "real|test", "openingStatus": "open|closed|unknown",
    "occupied": "true|false", "numberOfSpacesOverride": COUNT, "numberOfVacantSpaces": COUNT,
    "numberOfOccupiedSpaces": COUNT, "occupancy": r"\d+(\.\d+)?", "reference": "",
    "status": "full|fullAtEntrance|spacesAvailable|almostFull|unknown",
}  # fmt: skip
PREFIXES = {"d2Payload": "d2", "common": "com", "facilities": "fac", "parking": "prk"}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Datex:
    """The documented elements of DATEX II, their order and their values. With PARKD_DATEX_SCHEMA=DIR, the folder of
    the programme's XML schemas (https://datex2.eu, not shipped with parkd), xmllint judges too."""

    def __init__(self):
        self.schema = os.environ.get("PARKD_DATEX_SCHEMA")

    def wrong_with(self, document):
        """What is wrong with a document (bytes), "" when it is valid."""
        try:
            root = ElementTree.fromstring(document)
        except ElementTree.ParseError as why:
            return str(why)
        if root.get(XSI_TYPE) != "prk:ParkingStatusPublication" or root.get("modelBaseVersion") != "3":
            return "no ParkingStatusPublication of model 3"
        return self.wrong_in(root) or self.xmllint(document)

    def wrong_in(self, element):
        prefixed = self.prefixed(element)
        name, children = prefixed.split(":")[1], "".join(self.prefixed(child) + " " for child in element)
        kind = f"{name} {element.get(XSI_TYPE)}" if name == "parkingStatusInformation" else name
        kind = "occupancy group" if name == "occupancy" and len(element) else kind
        if kind in DATEX_CHILDREN:
            if not re.fullmatch(DATEX_CHILDREN[kind], children):
                return f"{prefixed}: {children}is not what it may hold"
        elif len(element) or not re.fullmatch(DATEX_TEXT.get(name, "-"), element.text or ""):
            return f"{prefixed}: {element.text!r} is no value of it"
        return next(filter(None, map(self.wrong_in, element)), "")

    @staticmethod
    def prefixed(element):
        space, name = element.tag[1:].split("}")
        return PREFIXES.get(space.rsplit("/", 1)[1], "?") + ":" + name

    def xmllint(self, document):
        if not self.schema:
            return ""
        done = subprocess.run(
            ["xmllint", "--noout", "--schema", os.path.join(self.schema, "DATEXII_3_D2Payload.xsd"), "-"],
            input=document, capture_output=True)  # fmt: skip
        return "" if done.returncode == 0 else done.stderr.decode()
