#!/usr/bin/python3
"""What parkd says in NGSI-v2, NGSI-LD and DATEX II (the golden files of test_uplink_ngsi) is valid by the
published schemas and names no attribute that they do not know; and the judge sees what is wrong.

Usage: test_ngsi_schemas.py [BUILD]
"""

import copy
import json
import os

from ngsi import Datex, flat, wrong_with
from whole_site import TOP, Checks

GOLDEN = os.path.join(TOP, "tests", "unit", "ngsi")
FORBIDDEN = set("<>\"'=;()")


def read(name):
    with open(os.path.join(GOLDEN, name), "rb") as f:
        return f.read()


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def main():
    check = Checks()
    v2, ld = json.loads(read("v2.json")), json.loads(read("ld.json"))
    check.that("NGSI-v2: an append of entities", set(v2) == {"actionType", "entities"})
    for name, entities in (("NGSI-v2", v2["entities"]), ("NGSI-LD", ld)):
        kinds = {e["type"] for e in entities}
        check.that(f"{name}: all three types are there", len(kinds) == 3, " ".join(sorted(kinds)))
        for entity in entities:
            wrong = wrong_with(entity)
            check.that(f"{name}: {entity['id']} is valid, every attribute known", not wrong, "; ".join(wrong))
    for name, entities in (("NGSI-v2", json.loads(read("v2-lanes.json"))["entities"]),
                           ("NGSI-LD", json.loads(read("ld-lanes.json")))):  # fmt: skip
        wrong = [w for e in entities for w in wrong_with(e)]
        counted = [flat(e) for e in entities if e["type"] != "ParkingSpot"]
        check.that(f"{name}: lots counted at their lanes are valid, and say so", not wrong and len(counted) == 2 and
                   all("balancing" in e["occupancyDetectionType"] for e in counted), "; ".join(wrong))  # fmt: skip
    wrong = Datex().wrong_with(read("status-lanes.xml"))
    check.that("DATEX II: lots counted at their lanes are valid", not wrong, wrong[:300])
    bad = [t for t in texts(v2["entities"]) if FORBIDDEN & set(t)]
    check.that("NGSI-v2: no text holds what Orion refuses", not bad, str(bad))
    check.that("both protocols say the same", sorted(map(json.dumps, map(plain, v2["entities"])))
               == sorted(map(json.dumps, map(plain, ld))))  # fmt: skip

    spot = next(e for e in ld if e["type"] == "ParkingSpot")
    for what, key, value in (
        ("a status of no model", "status", {"type": "Property", "value": "out_of_service"}),
        ("a misspelt attribute", "refParkingsite", spot["refParkingSite"]),
        ("a category that is no list", "category", {"type": "Property", "value": "offStreet"}),
        ("no location", "location", None),
    ):
        broken = copy.deepcopy(spot)
        broken[key] = value
        if value is None:
            del broken[key]
        check.that(f"the judge sees {what}", wrong_with(broken))

    datex, document = Datex(), read("status.xml")
    wrong = datex.wrong_with(document)
    check.that("DATEX II: the publication is valid", not wrong, wrong[:300])
    for what, old, new in (
        ("elements in another order", b"<prk:occupancy><prk:numberOfSpacesOverride>3</prk:numberOfSpacesOverride>",
         b"<prk:occupancy>"),
        ("a bay neither occupied nor not", b"<prk:occupied>true<", b"<prk:occupied>unknown<"),
        ("no time of publication", b"com:publicationTime", b"com:publishedTime"),
        ("a country of three letters", b">CN<", b">CHN<"),
    ):  # fmt: skip
        broken = document.replace(old, new)
        if what.startswith("elements"):
            broken = broken.replace(b"</prk:occupancy></prk:occupancy>",
                                    b"</prk:occupancy><prk:numberOfSpacesOverride>3</prk:numberOfSpacesOverride>"
                                    b"</prk:occupancy>", 1)  # fmt: skip
        check.that(f"the judge sees {what}", broken != document and datex.wrong_with(broken))
    check.end()


def plain(entity):
    """Key-values without what the protocols must say differently."""
    entity = flat(entity)
    entity.pop("name")
    return dict(sorted(entity.items()))


main()
