"""Persons through DuckDB against a slow implementation in Python, and what must hold of them from run to run."""

import json
import random
import re
from collections import Counter

import duckdb
import identity_reference as reference
import pytest
from identity_cases import DAY, LINK, START, answers
from journey_reference import microseconds

TYPES = ["user_id", "sso_subject", "email", "Gerät ✓", "anonymous_id"]
VALUES = ["a", "b", "c", "d", "e", "0", "-1", "", "00-0", "\uff5e", "\U0001f600"]
CASES = 4_000
HISTORIES = 250
STEPS = 5


def maybe(chance, share, value, otherwise=None):
    return value if chance.random() < share else otherwise


def random_settings(chance, guardrails=True):
    types = [{"type": name} for name in chance.sample(TYPES, chance.randint(2, len(TYPES)))]
    document = {"name": "m", "types": types}
    if maybe(chance, 0.3, True):
        document["salt"] = chance.choice(["s", "ü "])
    if not guardrails:
        return document
    for entry in types:
        entry |= chance.choice([{}, {"unique": True}, {"unique": False}, {"at_most": 1}, {"at_most": 2}, {"at_most": 3}])
    document |= maybe(chance, 0.5, {"cluster_size": chance.randint(1, 9)}, {})
    document |= maybe(chance, 0.5, {"hub_links": chance.randint(1, 6)}, {})
    blocked = [{"value": "a"}, {"value": "-1"}, {"only": "0-"}, {"only": ""}, {"value": "b", "type": types[0]["type"]}]
    document |= maybe(chance, 0.7, {"blocked": chance.sample(blocked, chance.randint(0, 3))}, {})
    return document


def random_link(chance, document, values, odd):
    """A link of a few identifiers; the share `odd` of everything is missing, unknown or of another kind."""
    types = [entry["type"] for entry in document["types"]]
    link = {}
    for side in ("left", "right"):
        unknown = chance.choice([None, "unknown"])
        link[f"{side}_type"] = maybe(chance, 1 - odd, chance.choice(types), unknown)
        link[f"{side}_value"] = maybe(chance, 1 - odd, chance.choice(values))
        link[f"{side}_links"] = maybe(chance, odd, chance.choice([0, 3, 1_001, None]), 0)
        link[f"{side}_shared"] = maybe(chance, odd / 2, chance.choice([1, 2]), chance.choice([0, None]))
    # Few different times, so that many are the same.
    link["first_seen"] = maybe(chance, 1 - odd, START + chance.randint(0, 6) * DAY // 2)
    link["last_seen"] = maybe(chance, 0.5, START + chance.randint(-2, 20) * DAY // 2)
    return link


def random_ledger(chance, document, values):
    types = [entry["type"] for entry in document["types"]]
    rows = []
    for _ in range(chance.choice([0, 0, 2, 10])):
        row = {
            "canonical_id": chance.choice(["p1", "p2", "p3", "é", "P", "p10", "p11"]),
            "founder_type": chance.choice([*types, "unknown"]),
            "founder_value": chance.choice(values),
            "minted_at": START - chance.randint(0, 5) * DAY,
        }
        if not any((row["canonical_id"], row["minted_at"]) == (other["canonical_id"], other["minted_at"]) for other in rows):
            rows.append(row)
    return [{name: maybe(chance, 0.98, value) for name, value in row.items()} for row in rows]


@pytest.fixture(scope="module")
def cases():
    chance = random.Random(20260131)
    cases = []
    for _ in range(CASES):
        document = random_settings(chance)
        values = chance.sample(VALUES, chance.randint(2, len(VALUES)))
        odd = chance.choice([0, 0, 0.03, 0.2])
        links = [random_link(chance, document, values, odd) for _ in range(chance.choice([0, 3, 8, 15, 40]))]
        as_of = START + chance.randint(1, 12) * DAY // 2
        cases.append((links, random_ledger(chance, document, values), document, as_of))
    return cases


def test_persons_are_those_of_the_slow_one(connection, tmp_path, cases):
    got = answers(connection, tmp_path, cases)
    assert len(got) == CASES
    reasons, ignored, absorbed = Counter(), Counter(), 0
    for case, ours in zip(cases, got):
        assert ours == reference.resolve(*case), json.dumps(case)
        reasons.update(row["reason"] for row in ours["audit"])
        ignored.update({name for name, count in ours["ignored"].items() if count})
        absorbed += len(ours["absorbed"])
    # The cases say something: whatever can happen does, often.
    assert min(reasons[name] for name in reason_names()) > 500, reasons
    assert min(ignored[name] for name in got[0]["ignored"]) > 50, ignored
    assert absorbed > 200


def reason_names():
    return ["blocked_value", "shared", "hub", "unique_type", "type_limit", "cluster_size"]


def test_neither_order_nor_direction_nor_repetition_matters(connection, tmp_path, cases):
    chance = random.Random(3)

    def turned(link):
        other = {"left": "right", "right": "left"}
        swapped = {f"{other[side]}{rest}": link[f"{side}{rest}"] for side in other for rest in ("_type", "_value", "_links", "_shared")}
        return link | swapped if chance.random() < 0.5 else link

    def mixed(links, ledger, document, as_of):
        twice = [turned(link) for link in links] + chance.sample(links, len(links) // 2)
        return chance.sample(twice, len(twice)), chance.sample(ledger, len(ledger)), document, as_of

    def lasting(result):
        return {name: rows for name, rows in result.items() if name != "ignored"}

    plain, other = answers(connection, tmp_path, cases), answers(connection, tmp_path, [mixed(*case) for case in cases])
    assert list(map(lasting, other)) == list(map(lasting, plain))


def persons(result):
    """The identifiers of every id."""
    found = {}
    for row in result["identifiers"]:
        found.setdefault(row["canonical_id"], set()).add((row["identifier_type"], row["identifier"]))
    return found


def ends(link):
    return [(link[f"{side}_type"], link[f"{side}_value"]) for side in ("left", "right")]


def test_nobody_is_lost_no_limit_is_passed_and_every_refusal_is_audited(connection, tmp_path, cases):
    for (links, ledger, document, as_of), result in zip(cases, answers(connection, tmp_path, cases)):
        settings = reference.Settings(document)
        known, _, _ = reference.read(links, settings, as_of)
        listed = [(row["identifier_type"], row["identifier"]) for row in result["identifiers"]]
        assert len(listed) == len(set(listed)) and set(listed) == set(known)
        ids = dict(zip(listed, (row["canonical_id"] for row in result["identifiers"])))
        assert not any(settings.broken(person) for person in persons(result).values() if len(person) > 1)
        singles = {(row["left_type"], row["left_value"]) for row in result["audit"] if row["right_type"] is None}
        refused = [
            frozenset([(row["left_type"], row["left_value"]), (row["right_type"], row["right_value"])])
            for row in result["audit"]
            if row["right_type"] is not None
        ]
        assert singles == {end for end, row in zip(listed, result["identifiers"]) if row["demoted"]}
        assert len(refused) == len(set(refused))
        for link in links:
            left, right = ends(link)
            if left in known and right in known and left != right and link["first_seen"] is not None and link["first_seen"] <= as_of:
                held = ids[left] == ids[right]
                assert held != (left in singles or right in singles or frozenset([left, right]) in refused)


class History:
    """Links that come and go, run by run, with what a warehouse stores: links, ledger, and the id of each identifier."""

    def __init__(self, chance, guardrails=True):
        self.document = random_settings(chance, guardrails)
        self.settings = reference.Settings(self.document)
        # Values of several people, so that there are several components.
        values = [f"{value}{number}" for number in range(3) for value in chance.sample(VALUES, 5)]
        self.all = [self.link(chance, values) for _ in range(chance.choice([10, 25, 40]))]
        self.links, self.ledger, self.stored, self.calls = [], [], {}, 0

    def link(self, chance, values):
        end = chance.choice(values)
        # Mostly within one group of values.
        group = values if chance.random() < 0.1 else [value for value in values if value[-1] == end[-1]]
        return random_link(chance, self.document, [end], 0) | {
            "right_type": chance.choice(self.settings.types),
            "right_value": chance.choice(group),
        }

    def change(self, step, chance, splits):
        """The cases of a run: the components that new and removed links touch, each with all its links."""
        removed = chance.sample(self.links, len(self.links) // 6) if splits and step % 2 else []
        size = -(-len(self.all) // STEPS)
        new = self.all[step * size : (step + 1) * size]
        changed = {end for link in new + removed for end in ends(link)}
        # What a removed link was part of is touched as a whole.
        old = reference.components(self.links, self.settings)
        changed |= {end for component in old if component & changed for end in component}
        for link in removed:
            self.links.remove(link)
        self.links += new
        self.as_of = START + (20 + step) * DAY
        touched = [component for component in reference.components(self.links, self.settings) if component & changed]
        self.stored = {end: row for end, row in self.stored.items() if end not in changed}
        return [self.case(component) for component in touched]

    def case(self, component):
        links = [link for link in self.links if ends(link)[0] in component]
        ledger = [row for row in self.ledger if (row["founder_type"], row["founder_value"]) in component]
        return links, ledger, self.document, self.as_of

    def store(self, results):
        self.before = list(self.ledger)
        for result in results:
            self.ledger += [row | {"minted_at": microseconds(row["minted_at"])} for row in result["minted"]]
            for row in result["identifiers"]:
                end = (row["identifier_type"], row["identifier"])
                assert end not in self.stored
                self.stored[end] = row


def run(connection, folder, histories, chance, splits):
    """Takes every history one run further, step by step."""
    for step in range(STEPS):
        cases = [history.change(step, chance, splits) for history in histories]
        results = iter(answers(connection, folder, [case for each in cases for case in each]))
        for history, each in zip(histories, cases):
            history.store([next(results) for _ in each])
        yield step


def by_end(result):
    return {(row["identifier_type"], row["identifier"]): row for row in result["identifiers"]}


@pytest.mark.parametrize("splits", [False, True], ids=["growing", "splitting"])
def test_increments_and_partitions_give_what_a_full_run_gives(connection, tmp_path, splits):
    chance = random.Random(11)
    histories = [History(chance) for _ in range(HISTORIES)]
    for _ in run(connection, tmp_path, histories, chance, splits):

        def full(ledger):
            # A run over everything may see any order, and the whole ledger.
            cases = [
                (chance.sample(h.links, len(h.links)), chance.sample(ledger(h), len(ledger(h))), h.document, h.as_of)
                for h in histories
            ]
            return answers(connection, tmp_path, cases)

        for history, again in zip(histories, full(lambda history: history.ledger)):
            assert by_end(again) == history.stored
            assert again["minted"] == []
        for history, fresh in zip(histories, full(lambda history: history.before)):
            assert by_end(fresh) == history.stored
            minted = {row["canonical_id"] for row in history.ledger[len(history.before) :]}
            assert {row["canonical_id"] for row in fresh["minted"]} == minted

        parts = []
        for history in histories:
            found = reference.components(history.links, history.settings)
            chance.shuffle(found)
            groups = [set().union(*found[start::3]) for start in range(3)]
            parts.append([history.case(group) for group in groups])
        results = iter(answers(connection, tmp_path, [case for each in parts for case in each]))
        for history, each in zip(histories, parts):
            together = {}
            for _ in each:
                together |= by_end(next(results))
            assert together == history.stored


def test_an_id_stays_with_its_founder_and_never_goes_to_somebody_else(connection, tmp_path):
    chance = random.Random(12)
    histories = [History(chance) for _ in range(HISTORIES)]
    earlier = [{} for _ in histories]
    kept = moved = 0
    for _ in run(connection, tmp_path, histories, chance, splits=True):
        for number, history in enumerate(histories):
            founders = {row["canonical_id"]: (row["founder_type"], row["founder_value"]) for row in history.ledger}
            assert len(founders) == len(history.ledger)
            ids = {end: row["canonical_id"] for end, row in history.stored.items()}
            for canonical_id in set(ids.values()):
                # Whoever has an id has the identifier that it was given for, now and in every run before.
                assert ids[founders[canonical_id]] == canonical_id
                kept += canonical_id in earlier[number].values()
            # Two persons never change places.
            became = {(old, ids[end]) for end, old in earlier[number].items() if end in ids}
            moved += sum(1 for old, new in became if old != new)
            for old, new in became:
                if old != new and (new, old) in became:
                    # The one has taken a part of the other, and the other a part of the one: both are still there.
                    assert ids[founders[old]] == old and ids[founders[new]] == new
            earlier[number] = ids
    assert kept > 1_000 and moved > 100


@pytest.mark.parametrize("grows", [True, False], ids=["adding only merges", "removing only splits"])
def test_without_guardrails_links_merge_and_their_absence_splits(connection, tmp_path, grows):
    chance = random.Random(13)
    cases = []
    for _ in range(HISTORIES):
        history = History(chance, guardrails=False)
        fewer = chance.sample(history.all, chance.randint(1, len(history.all)))
        cases += [(links, [], history.document, START + 20 * DAY) for links in (fewer, history.all)]
    results = [persons(result) for result in answers(connection, tmp_path, cases)]
    merged = 0
    for few, many in zip(results[::2], results[1::2]):
        if grows:
            assert all(any(person <= other for other in many.values()) for person in few.values())
        else:
            left = set().union(*few.values())
            assert all(
                not (person & left) or set().union(*(other for other in few.values() if other & person)) == person & left
                for person in many.values()
            )
        merged += len(many) < len(few)
    assert merged > 20


def test_a_split_leaves_the_id_with_the_founder(connection, tmp_path, documents):
    settings = json.loads(documents["@guardrails"])

    def link(left, right, day):
        return dict.fromkeys(LINK) | {
            "left_type": left[0],
            "left_value": left[1],
            "right_type": right[0],
            "right_value": right[1],
            "first_seen": START + day * DAY,
        }

    user, address, device = ("user_id", "u"), ("email", "a@example.com"), ("anonymous_id", "d")
    first, second = link(user, address, 1), link(address, device, 2)
    at = START + 30 * DAY

    def ids(links, ledger):
        [result] = answers(connection, tmp_path, [(links, ledger, settings, at)])
        rows = [row | {"minted_at": microseconds(row["minted_at"])} for row in result["minted"]]
        return {end: row["canonical_id"] for end, row in by_end(result).items()}, ledger + rows

    together, ledger = ids([first, second], [])
    assert len(set(together.values())) == 1
    apart, ledger = ids([first | {"right_type": None, "right_value": None}, second], ledger)
    assert apart[user] == together[user]
    assert apart[address] == apart[device] != together[device]
    again, ledger = ids([first, second], ledger)
    assert set(again.values()) == set(together.values()) and len(ledger) == 2


def test_a_personal_value_stands_in_no_error_and_no_code(message, connection, tmp_path, documents):
    value = "ann@example.com"
    link = "{'left_type': 'email', 'left_value': '%s', 'right_type': 'user_id', 'right_value': 'u', 'first_seen': TIMESTAMP " \
           "'2026-01-01', 'last_seen': NULL}" % value
    broken = json.dumps({"name": "m", "types": [{"type": value}], "blocked": [{"value": value, "only": value}]})
    refusal = message("SELECT plg_identity_resolve([%s], [], ?, TIMESTAMP '2026-02-01')" % link, [broken])
    assert refusal == "plg.identity_resolve: settings.blocked[0].only: must not stand beside value"
    many = [dict.fromkeys(LINK) | {
        "left_type": "email", "left_value": value, "right_type": "user_id", "right_value": user, "first_seen": START,
    } for user in ("u", "v")]
    [result] = answers(connection, tmp_path, [(many, [], json.loads(documents["@guardrails"]), START)])
    assert {row["reason"] for row in result["audit"]} <= set(reason_names())
    assert all(value not in row["canonical_id"] for row in result["identifiers"])


def damaged(document, wrong):
    """The document with each of its values in turn replaced."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        copy = document.copy()
        for instead in [wrong] if not isinstance(value, (dict, list)) else [wrong, *damaged(value, wrong)]:
            copy[key] = instead
            yield copy.copy()


@pytest.mark.parametrize("wrong", ["%s", ["%s"], {"type": "%s"}, {"%s": 1}], ids=["text", "list", "object", "field"])
def test_no_error_tells_a_value_of_the_settings_or_the_links(connection, documents, wrong):
    value = "ann@example.com"
    wrong = json.loads(json.dumps(wrong) % value)
    whole = json.loads(documents["@guardrails"]) | {"salt": "s"}
    whole["types"][0]["at_most"] = 1
    del whole["types"][0]["unique"]
    messages = set()
    for document in damaged(whole, wrong):
        query = f"""
            SELECT plg_identity_resolve([{{'left_type': 'email', 'left_value': '{value}', 'right_type': 'user_id', 'right_value': 'u',
            'first_seen': TIMESTAMP '2026-01-01', 'last_seen': NULL}}], [], $1, TIMESTAMP '2026-02-01').ignored
        """
        try:
            connection.execute(query, [json.dumps(document)]).fetchall()
        except duckdb.InvalidInputException as error:
            messages.add(str(error))
    assert len(messages) > 10
    # A field that the settings do not have is named by its path; that is no value.
    told = [message for message in messages if value in message]
    assert all(re.search(rf"settings[^:]*{value}: is not a field of this object", message) for message in told)
    assert not told or wrong == {value: 1}


def test_the_id_is_what_the_warehouse_computes_itself(connection, value, documents):
    links = "[{'left_type': 'email', 'left_value': 'é@example.com', 'right_type': NULL, 'right_value': NULL, " \
            "'first_seen': TIMESTAMP '2026-01-01', 'last_seen': NULL}]"
    query = f"SELECT plg_identity_resolve({links}, NULL, ?, TIMESTAMP '2026-02-01').minted[1].canonical_id"
    assert value(query, [documents["@guardrails"]]) == value("SELECT left(sha256('email:é@example.com'), 32)")
