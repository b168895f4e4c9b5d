"""A company's identifiers, with everything that goes wrong in them, in calls as a warehouse makes them."""

import json
import random
from collections import Counter, defaultdict

import identity_reference as reference
import pytest
from identity_cases import DAY, START, answers
from journey_reference import microseconds

PEOPLE = 16_000
LINKS_PER_CALL = 10_000
FIRST_RUN, SECOND_RUN = START + 45 * DAY, START + 90 * DAY


@pytest.fixture(scope="module")
def settings(documents):
    """The shipped guardrails with limits that a graph of this size reaches."""
    document = json.loads(documents["@guardrails"]) | {"cluster_size": 40, "hub_links": 150}
    for entry in document["types"]:
        if entry["type"] == "anonymous_id":
            # The shipped limits of the types leave nobody who could reach the size.
            del entry["at_most"]
    return document


class Company:
    """Links of people, mostly of one person each."""

    def __init__(self):
        self.chance = random.Random(20260201)
        self.links = []
        people = [self.person(number) for number in range(PEOPLE)]
        for one, other in zip(people, people[1:]):
            if self.chance.random() < 0.04:
                # A family's address or device.
                self.link(self.chance.choice(one), self.chance.choice([end for end in other if end[0] in ("email", "anonymous_id")]))
        for kiosk in range(8):
            device = ("anonymous_id", f"kiosk-{kiosk}")
            for person in self.chance.sample(people, 150 + 100 * kiosk):
                self.link(device, person[0])
        for robot in range(6):
            visits = [("anonymous_id", f"robot-{robot}-{visit}") for visit in range(300)]
            for one, other in zip(visits, visits[1:]):
                self.link(one, other)
        nobody = [("user_id", "null"), ("anonymous_id", "00000000-0000"), ("email", "anonymous"), ("crm_contact_id", "-1")]
        inboxes = [("email", f"info@{number}.example") for number in range(40)]
        for person in self.chance.sample(people, PEOPLE // 10):
            self.link(self.chance.choice(nobody if self.chance.random() < 0.5 else inboxes), self.chance.choice(person))
        self.chance.shuffle(self.links)

    def person(self, number):
        """The identifiers of somebody, the strongest first; each is linked with one before it."""
        chance = self.chance
        kinds = {"user_id": 0.85, "sso_subject": 0.2, "billing_id": 0.2, "crm_contact_id": 0.4}
        ends = [(kind, f"{kind[0]}{number}") for kind, share in kinds.items() if chance.random() < share]
        addresses = chance.choice([1, 1, 2, 3]) if chance.random() < 0.99 else 8
        ends += [("email", f"name.{number}.{place}@example.com") for place in range(addresses)]
        ends += [("anonymous_id", f"d{number:x}-{place}") for place in range(chance.randint(1, 4))]
        for place, end in enumerate(ends[1:], start=1):
            for other in {chance.choice(ends[:place]) for _ in range(chance.choice([1, 1, 2]))}:
                self.link(other, end)
        return ends

    def link(self, one, other):
        left, right = self.chance.sample([one, other], 2)
        first = START + self.chance.randrange(80 * 24) * DAY // 24
        self.links.append(
            {
                "left_type": left[0],
                "left_value": left[1],
                "right_type": right[0],
                "right_value": right[1],
                "first_seen": first,
                "last_seen": self.chance.choice([None, first + DAY]),
                "left_links": 0,
                "right_links": 0,
                "left_shared": float(left[1].startswith("info@")),
                "right_shared": float(right[1].startswith("info@")),
            }
        )


def numbered(links, document):
    """The links with the number of each side's links in all, and those of hubs without their side, as docs/semantics.md says."""
    neighbours = defaultdict(set)
    for link in links:
        left, right = ends(link)
        neighbours[left].add(right)
        neighbours[right].add(left)
    rows = []
    for link in links:
        link = link | {f"{side}_links": len(neighbours[end]) for side, end in zip(("left", "right"), ends(link))}
        hubs = [side for side in ("left", "right") if link[f"{side}_links"] > document["hub_links"]]
        for hub in hubs:
            other = {"left": "right", "right": "left"}[hub]
            rows.append(link | {f"{other}_type": None, f"{other}_value": None})
            link = link | {f"{hub}_type": None, f"{hub}_value": None}
        if len(hubs) < 2:
            rows.append(link)
    return rows


def ends(link):
    return [(link[f"{side}_type"], link[f"{side}_value"]) for side in ("left", "right")]


def calls(links, ledger, document):
    """Whole components, as many as fit into a call; one that is larger has a call for itself."""
    component_of = {}
    for number, component in enumerate(reference.components(links, reference.Settings(document))):
        component_of |= dict.fromkeys(component, number)
    of_component = defaultdict(list)
    for link in links:
        of_component[next(component_of[end] for end in ends(link) if end in component_of)].append(link)
    cases, call = [], []
    for part in of_component.values():
        if len(call) + len(part) > LINKS_PER_CALL:
            cases.append(call)
            call = []
        call = call + part
    cases.append(call)
    known = [{end for link in case for end in ends(link)} for case in cases]
    entries = [[row for row in ledger if (row["founder_type"], row["founder_value"]) in inside] for inside in known]
    return list(zip(cases, entries))


def as_set(rows):
    found = {tuple(row.values()) for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_company_is_resolved_as_the_slow_implementation_does_and_call_by_call(connection, tmp_path, settings):
    links = Company().links
    assert len(links) > 100_000
    [first] = answers(connection, tmp_path, [(links, [], settings, FIRST_RUN)])
    ledger = [row | {"minted_at": microseconds(row["minted_at"])} for row in first["minted"]]
    assert len(ledger) > 1_000
    case = links, ledger, settings, SECOND_RUN
    [whole] = answers(connection, tmp_path, [case])
    assert whole == reference.resolve(*case)

    reasons = Counter(row["reason"] for row in whole["audit"])
    assert {"hub": 7, "blocked_value": 4, "shared": 40}.items() <= reasons.items(), reasons
    assert min(reasons[reason] for reason in ("unique_type", "type_limit", "cluster_size")) > 30, reasons
    assert len(whole["absorbed"]) > 1_000

    # Hubs as numbers, whole components by the thousand.
    parts = calls(numbered(links, settings), ledger, settings)
    assert len(parts) > 5
    results = answers(connection, tmp_path, [(*part, settings, SECOND_RUN) for part in parts])
    together = {name: [row for result in results for row in result[name]] for name in ("identifiers", "minted", "absorbed", "audit")}
    for name in ("identifiers", "minted", "absorbed"):
        assert as_set(together[name]) == as_set(whole[name])
    # What a hub's row counts are the links of its call.
    for result in (together, whole):
        result["audit"] = [row | {"link_count": None} for row in result["audit"]]
    assert as_set(together["audit"]) == as_set(whole["audit"])
