"""Persons as docs/semantics.md ("Identity") tells, slowly: sets of identifiers that are made anew with every link."""

import hashlib
from collections import Counter

from journey_reference import iso


class Settings:
    def __init__(self, document):
        self.types = [entry["type"] for entry in document["types"]]
        self.unique = [entry["type"] for entry in document["types"] if entry.get("unique")]
        self.at_most = {entry["type"]: entry["at_most"] for entry in document["types"] if "at_most" in entry}
        self.cluster_size = document.get("cluster_size", float("inf"))
        self.hub_links = document.get("hub_links", float("inf"))
        self.blocked = document.get("blocked", [])
        self.salt = document.get("salt", "")

    def strength(self, identifier):
        """Identifiers in the order of priority, and those of one type by their bytes."""
        kind, value = identifier
        return self.types.index(kind), value.encode()

    def blocks(self, identifier):
        kind, value = identifier
        for entry in self.blocked:
            if entry.get("type", kind) == kind:
                if "value" in entry and entry["value"] == value:
                    return True
                if "only" in entry and not value.strip(entry["only"]):
                    return True
        return False

    def broken(self, person):
        """The guardrail that a person breaks, and the type that it has too many of."""

        count = Counter(kind for kind, _ in person)
        for kind in self.types:
            if kind in self.unique and count[kind] > 1:
                return "unique_type", kind
        for kind in self.types:
            if count[kind] > self.at_most.get(kind, float("inf")):
                return "type_limit", kind
        return ("cluster_size", None) if len(person) > self.cluster_size else None


def read(links, settings, as_of):
    """The identifiers with what is known of each, the links by their two ends, and what is ignored."""
    known, pairs = {}, {}
    ignored = dict.fromkeys(["no_identifier", "unknown_type", "no_timestamp", "after_as_of"], 0)
    for link in links:
        first, last = link["first_seen"], link["last_seen"]
        sides = [side for side in ("left", "right") if link[f"{side}_value"] is not None]
        typed = [side for side in sides if link[f"{side}_type"] in settings.types]
        if not sides:
            ignored["no_identifier"] += 1
        elif sides != typed:
            ignored["unknown_type"] += 1
        elif first is None:
            ignored["no_timestamp"] += 1
        elif first > as_of:
            ignored["after_as_of"] += 1
        if first is None or first > as_of:
            continue
        last = first if last is None else max(first, min(last, as_of))
        ends = []
        for side in typed:
            identifier = (link[f"{side}_type"], link[f"{side}_value"])
            facts = known.setdefault(identifier, {"first": [], "last": [], "links": [0], "shared": False})
            facts["first"].append(first)
            facts["last"].append(last)
            facts["links"].append(link[f"{side}_links"] or 0)
            facts["shared"] |= link[f"{side}_shared"] == 1
            ends.append(identifier)
        if len(set(ends)) == 2:
            pair = tuple(sorted(ends, key=settings.strength))
            pairs[pair] = min(first, pairs.get(pair, first))
    return known, pairs, ignored


def demotion(identifier, facts, own_links, settings):
    if settings.blocks(identifier):
        return "blocked_value"
    if facts["shared"]:
        return "shared"
    return "hub" if max(own_links, *facts["links"]) > settings.hub_links else None


def grow(known, pairs, demoted, settings):
    """The persons, and the links that were refused."""
    person_of = {identifier: {identifier} for identifier in known}
    refused = []

    def order(pair):
        stronger, weaker = pair
        return settings.types.index(weaker[0]), pairs[pair], settings.strength(stronger), settings.strength(weaker)

    for pair in sorted(pairs, key=order):
        if any(demoted[end] for end in pair):
            continue
        one, other = (person_of[end] for end in pair)
        if one is other:
            continue
        if broken := settings.broken(one | other):
            refused.append((pair, *broken))
        else:
            person_of |= dict.fromkeys(one | other, one | other)
    persons = []
    for identifier, person in person_of.items():
        if identifier == min(person, key=settings.strength):
            persons.append(person)
    return persons, refused


def read_ledger(ledger):
    """The rows of the ledger that count, the oldest first."""
    complete = [row for row in ledger if None not in row.values()]
    ids = {}
    for row in complete:
        ids.setdefault(row["canonical_id"], []).append(row)
    # Of contradictory rows the oldest stands; the tests have none of one time.
    rows = [min(same, key=lambda row: row["minted_at"]) for same in ids.values()]
    rows.sort(key=lambda row: (row["minted_at"], row["canonical_id"].encode()))
    return rows, {"ledger_incomplete": len(ledger) - len(complete), "ledger_duplicate": len(complete) - len(rows)}


def resolve(links, ledger, document, as_of):
    settings = Settings(document)
    known, pairs, ignored = read(links, settings, as_of)
    identifiers = sorted(known, key=settings.strength)
    own_links = Counter(end for pair in pairs for end in pair)
    demoted = {
        identifier: demotion(identifier, known[identifier], own_links[identifier], settings) for identifier in identifiers
    }
    persons, refused = grow(known, pairs, demoted, settings)
    rows, counts = read_ledger(ledger)
    founded = {}
    for place, row in enumerate(rows):
        founded.setdefault((row["founder_type"], row["founder_value"]), []).append(place)

    ids, minted, absorbed = {}, [], []
    for person in persons:
        of_person = sorted(place for identifier in person for place in founded.get(identifier, []))
        if of_person:
            canonical_id = rows[of_person[0]]["canonical_id"]
            absorbed += [(place, canonical_id) for place in of_person[1:]]
        else:
            strongest = min(settings.types.index(kind) for kind, _ in person)
            candidates = [identifier for identifier in person if identifier[0] == settings.types[strongest]]
            kind, value = min(candidates, key=lambda identifier: (min(known[identifier]["first"]), identifier[1].encode()))
            canonical_id = hashlib.sha256(f"{settings.salt}{kind}:{value}".encode()).hexdigest()[:32]
            minted.append((kind, value, canonical_id))
        ids |= dict.fromkeys(person, canonical_id)
    minted.sort(key=lambda row: settings.strength(row[:2]))
    absorbed.sort()

    def entry(reason, count, left, right=(None, None), limited=None):
        return {
            "reason": reason,
            "link_count": count,
            "left_type": left[0],
            "left_value": left[1],
            "right_type": right[0],
            "right_value": right[1],
            "limited_type": limited,
        }

    return {
        "identifiers": [
            {
                "identifier_type": identifier[0],
                "identifier": identifier[1],
                "canonical_id": ids[identifier],
                "first_seen": iso(min(known[identifier]["first"])),
                "last_seen": iso(max(known[identifier]["last"])),
                "demoted": demoted[identifier],
            }
            for identifier in identifiers
        ],
        "minted": [
            {"canonical_id": canonical_id, "founder_type": kind, "founder_value": value, "minted_at": iso(as_of)}
            for kind, value, canonical_id in minted
        ],
        "absorbed": [
            {"canonical_id": rows[place]["canonical_id"], "absorbed_by": canonical_id} for place, canonical_id in absorbed
        ],
        "audit": [
            entry(demoted[identifier], own_links[identifier], identifier)
            for identifier in identifiers
            if demoted[identifier]
        ]
        + [entry(reason, 1, *pair, limited) for pair, reason, limited in refused],
        "ignored": ignored | counts,
    }


def components(links, settings):
    """The sets of identifiers that links connect, guardrails aside: what a run may look at apart from the rest."""
    neighbours = {}
    for link in links:
        ends = [
            (link[f"{side}_type"], link[f"{side}_value"])
            for side in ("left", "right")
            if link[f"{side}_value"] is not None and link[f"{side}_type"] in settings.types
        ]
        for end in ends:
            neighbours.setdefault(end, set()).update(ends)
    found, seen = [], set()
    for start in neighbours:
        if start in seen:
            continue
        reached, waiting = {start}, [start]
        while waiting:
            for neighbour in neighbours[waiting.pop()] - reached:
                reached.add(neighbour)
                waiting.append(neighbour)
        seen |= reached
        found.append(reached)
    return found
