"""Persons run by run, against the slow implementation in Python that the function itself is held against."""

import json
import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, ROOT, Build, dbt, prepare

sys.path.insert(0, str(ROOT / "tests/duckdb"))
import identity_reference as reference  # noqa: E402  (it lies with the tests of the function)
from journey_reference import iso, microseconds  # noqa: E402

DAYS = [datetime(2026, 6, day) for day in (10, 11, 12, 13)]
GUARDRAILS = {
    "name": "Tight",
    "types": [
        {"type": "user_id", "unique": True},
        {"type": "email", "at_most": 3},
        {"type": "Gerät ✓"},
        {"type": "anonymous_id", "at_most": 2},
    ],
    "cluster_size": 7,
    "hub_links": 6,
    "blocked": [{"only": "0-"}, {"value": "null"}, {"value": "it's", "type": "anonymous_id"}],
    "salt": "tests ",
}
TYPES = [entry["type"] for entry in GUARDRAILS["types"]]
LINKS_PER_CALL = 15
VARIABLES = {
    "plg_guardrails": json.dumps(GUARDRAILS),
    "plg_links_per_call": LINKS_PER_CALL,
}
# In every second group somebody has it.
SHARED = ("anonymous_id", "reception")
MODELS = ["+plg_int_identity_resolved", "plg_ignored_identity_links"]
COLUMNS = ["left_type", "left_value", "right_type", "right_value", "first_seen", "last_seen"]


def is_crowd(group: int) -> bool:
    """Some groups know each other, so that there are components that are larger than any person, and than a call."""
    return group % 40 >= 30


def value(chance: random.Random, kind: str, group: int) -> str:
    """A value of a group of people; some values are everybody's, and few texts are rare in the world."""
    everybody = {
        "email": [f"support@g{group}.example", "null", "no address"],
        "anonymous_id": ["0000-0000", "it's", "reception", "kiosk", "null"],
    }
    if chance.random() < 0.1:
        return chance.choice(everybody.get(kind, ["null", "it's", "00"]))
    name = f"{chance.choice('abc' if is_crowd(group) else 'abcdefé')}{group}"
    if kind == "email":
        return chance.choice(["{}@x.example", " {}@X.example", "{}@x.Example "]).format(name.replace("é", "z"))
    return name


def links_of(chance: random.Random, day: datetime, groups: range) -> list[tuple]:
    links = []
    for group in groups:
        for _ in range(14 if is_crowd(group) else chance.choice([1, 2, 3, 5, 9])):
            other = group + 1 if chance.random() < (0.45 if is_crowd(group) else 0.05) else group
            kinds = [chance.choice(TYPES) if chance.random() < 0.97 else "unknown" for _ in range(2)]
            values = [value(chance, kind, place) for kind, place in zip(kinds, (group, other))]
            for side in range(2):
                if chance.random() < 0.08:
                    values[side] = None
            first = day - timedelta(hours=chance.randrange(1, 24))
            last = chance.choice([None, first, first + timedelta(hours=chance.randrange(60))])
            if chance.random() < 0.02:
                first = chance.choice([None, day + timedelta(days=9)])
            links.append((kinds[0], values[0], kinds[1], values[1], first, last))
    return links


def normal(kind: str | None, text: str | None) -> str | None:
    if text is None or kind != "email":
        return text
    return text.strip().lower() if "@" in text else None


def as_reference(links: list[tuple]) -> list[dict]:
    """The rows as the reference takes them: addresses in their normal form, and who is shared."""
    rows = []
    for left_type, left_value, right_type, right_value, first, last in links:
        row = {"first_seen": first, "last_seen": last}
        for side, kind, text in (("left", left_type, left_value), ("right", right_type, right_value)):
            text = normal(kind, text)
            shared = (kind, text) == SHARED or (kind == "email" and (text or "").startswith("support@"))
            row |= {f"{side}_type": kind, f"{side}_value": text, f"{side}_links": 0, f"{side}_shared": int(shared)}
        rows.append({name: stamp(entry) if isinstance(entry, datetime) else entry for name, entry in row.items()})
    return rows


def stamp(moment: datetime) -> int:
    return microseconds(f"{moment:%Y-%m-%dT%H:%M:%S}Z")


class Expected:
    """What the reference says after a run over all links, with the ledger of the runs before."""

    def __init__(self, links: list[tuple], ledger: list[dict], as_of: datetime):
        result = reference.resolve(as_reference(links), ledger, GUARDRAILS, stamp(as_of))
        self.ids = {(row["identifier_type"], row["identifier"]): row["canonical_id"] for row in result["identifiers"]}
        self.identities = sorted(tuple(row.values()) for row in result["identifiers"])
        self.minted = [row | {"minted_at": stamp(as_of)} for row in result["minted"]]
        self.absorbed = sorted((row["absorbed_by"], row["canonical_id"]) for row in result["absorbed"])
        columns = ["reason", "link_count", "left_type", "left_value", "right_type", "right_value", "limited_type"]
        audited = []
        for row in result["audit"]:
            ends = [(row[f"{side}_type"], row[f"{side}_value"]) for side in ("left", "right")]
            audited.append((*(row[column] for column in columns), *(self.ids.get(end) for end in ends)))
        self.audit = sorted(audited, key=repr)
        self.ignored = result["ignored"]


def query(database: Path, text: str) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text).fetchall()


def write_links(database: Path, links: list[tuple]) -> None:
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        connection.execute("delete from raw.identity_links")
        connection.executemany("insert into raw.identity_links values (?, ?, ?, ?, ?, ?)", links)


def run(database: Path, as_of: datetime, *arguments: str, command: str = "run", **variables) -> Build:
    values = json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}", **VARIABLES, **variables})
    return Build(database, dbt(database, command, "--select", *MODELS, "--vars", values, *arguments))


def finished(build: Build) -> Build:
    assert build.finished.returncode == 0, build.finished.stdout + build.finished.stderr
    return build


TIME = "strftime({}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def identities(database: Path) -> list[tuple]:
    times = ", ".join(TIME.format(column) for column in ("first_seen", "last_seen"))
    rows = f"select identifier_type, identifier, canonical_id, {times}, demoted from analytics.plg_identities"
    return sorted(query(database, rows))


def audit(database: Path) -> list[tuple]:
    return sorted(query(database, "from analytics.plg_identity_audit where reason <> 'absorbed'"), key=repr)


def absorbed(database: Path) -> list[tuple]:
    rows = "select canonical_id, other_canonical_id from analytics.plg_identity_audit where reason = 'absorbed'"
    return sorted(query(database, rows))


def ledger(database: Path) -> list[tuple]:
    times = TIME.format("minted_at")
    return sorted(query(database, f"select canonical_id, founder_type, founder_value, {times} from analytics.plg_identity_ledger"))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory):
    """The database after a run a day, with what each run left and what it should have."""
    database = prepare(tmp_path_factory.mktemp("identities") / "identities.duckdb")
    query(database, "insert into raw.shared_identifiers values ('anonymous_id', ' reception')")
    chance = random.Random(5)
    links, entries, days = [], [], []
    for number, day in enumerate(DAYS):
        if number == 2:
            # A third day that takes back what was wrong: some persons split.
            links = [link for link in links if chance.random() < 0.93]
        if number < 3:
            links += links_of(chance, day, range(0, 110) if number == 0 else range(60, 60 + 30 * number))
        chance.shuffle(links)
        write_links(database, links)
        finished(run(database, day))
        expected = Expected(links, entries, day)
        entries = entries + expected.minted
        days.append({
            "expected": expected,
            "identities": identities(database),
            "audit": audit(database),
            "absorbed": absorbed(database),
            "ledger": ledger(database),
            "updated": dict(query(database, "select identifier_type || ':' || identifier, updated_at from analytics.plg_identities")),
            "touched": query(database, "from analytics.plg_int_identity_touched"),
            "components": query(database, "select count(*) from analytics.plg_int_identity_fingerprints")[0][0],
            "passes": query(database, "select component, max(pass_number), max(call_rows) from analytics.plg_int_identity_passes group by 1"),
            "buckets": query(database, "select count(*), sum(row_count) from analytics.plg_int_identity_buckets group by bucket"),
            "ignored": dict(query(database, "from analytics.plg_ignored_identity_links")),
            "entries": entries,
        })
    return database, links, days


def test_every_run_gives_the_persons_of_the_reference(history):
    _, _, days = history
    for day in days:
        assert day["identities"] == day["expected"].identities


def test_every_run_audits_what_the_reference_audits(history):
    _, _, days = history
    for day in days:
        assert day["audit"] == day["expected"].audit
        assert day["absorbed"] == day["expected"].absorbed
    reasons = Counter(row[0] for row in days[1]["audit"])
    assert set(reasons) == {"blocked_value", "shared", "hub", "unique_type", "type_limit", "cluster_size"}
    assert any(day["absorbed"] for day in days)


def test_no_call_holds_more_than_it_may(history):
    _, _, days = history
    assert max(passes for day in days for _, passes, _ in day["passes"]) > 3
    assert all(rows <= LINKS_PER_CALL for day in days for _, _, rows in day["passes"])
    # A person is never taken apart, and has at most 7 identifiers, so 21 links.
    assert all(rows <= (LINKS_PER_CALL if groups > 1 else 28) for day in days for groups, rows in day["buckets"])
    assert len(days[0]["buckets"]) > 20


def test_the_ledger_only_gets_longer(history):
    _, _, days = history
    for before, day in zip(days, days[1:]):
        assert set(before["ledger"]) <= set(day["ledger"])
    for day in days:
        entries = [(row["canonical_id"], row["founder_type"], row["founder_value"], iso(row["minted_at"])) for row in day["entries"]]
        assert day["ledger"] == sorted(entries)
    assert len(days[0]["ledger"]) < len(days[1]["ledger"])


def test_a_run_resolves_what_has_changed_and_leaves_the_rest(history):
    _, _, days = history
    assert len(days[0]["touched"]) == days[0]["components"]
    for before, day, as_of in zip(days, days[1:3], DAYS[1:]):
        assert 0 < len(day["touched"]) < day["components"] / 2
        rows, rows_before = ({f"{row[0]}:{row[1]}": row for row in rows} for rows in (day["identities"], before["identities"]))
        unchanged = {key for key, row in rows.items() if rows_before.get(key) == row}
        assert 100 < len(unchanged) < len(rows)
        for key in rows:
            assert day["updated"][key] == (before["updated"][key] if key in unchanged else as_of)
    assert days[3]["touched"] == []


def test_people_split_where_links_are_taken_back(history):
    _, _, days = history
    before, after = (dict((row[:2], row[2]) for row in day["identities"]) for day in days[1:3])
    together = Counter(before[key] for key in after if key in before)
    apart = {canonical_id for canonical_id in together if len({after[key] for key in after if before.get(key) == canonical_id}) > 1}
    assert apart


def test_what_counts_nowhere_is_counted(history):
    _, links, days = history
    ignored, expected = days[-1]["ignored"], days[-1]["expected"].ignored
    no_address = [
        link for link in links if any(kind == "email" and text and "@" not in text for kind, text in (link[:2], link[2:4]))
    ]
    assert ignored["no_address"] == len(no_address) > 0
    # A row without address may have another reason in the reference, which does not know addresses.
    others = Expected([link for link in links if link not in no_address], [], DAYS[-1]).ignored
    assert {reason: ignored[reason] for reason in ignored if reason != "no_address"} == {
        reason: others[reason] for reason in ("no_identifier", "unknown_type", "no_timestamp", "after_as_of")
    }
    assert all(ignored.values()) and expected["ledger_duplicate"] == expected["ledger_incomplete"] == 0


def test_all_generated_tests_pass_on_the_history(refreshed):
    assert failures(run(refreshed, DAYS[-1], command="test")) == set()


@pytest.fixture(scope="module")
def refreshed(history, tmp_path_factory: pytest.TempPathFactory) -> Path:
    database, *_ = history
    copy = tmp_path_factory.mktemp("refreshed") / "refreshed.duckdb"
    copy.write_bytes(database.read_bytes())
    finished(run(copy, DAYS[-1], "--full-refresh"))
    return copy


def test_full_refresh_gives_the_same_persons(history, refreshed):
    _, _, days = history
    assert identities(refreshed) == days[-1]["identities"]
    assert audit(refreshed) == days[-1]["audit"] and absorbed(refreshed) == days[-1]["absorbed"]
    assert ledger(refreshed) == days[-1]["ledger"]
    touched = query(refreshed, "select count(*) from analytics.plg_int_identity_touched")
    assert touched == [(days[-1]["components"],)]


def test_a_run_that_stopped_before_its_end_is_made_up_for(history, tmp_path):
    database, links, days = history
    copy = tmp_path / "stopped.duckdb"
    copy.write_bytes(database.read_bytes())
    day = DAYS[-1] + timedelta(days=1)
    links = links + links_of(random.Random(6), day, range(20, 60))
    write_links(copy, links)
    finished(run(copy, day, "--exclude", "plg_int_identity_resolved", "plg_identity_audit"))
    finished(run(copy, day))
    expected = Expected(links, days[-1]["entries"], day)
    assert identities(copy) == expected.identities
    assert audit(copy) == expected.audit


BROKEN = {
    "every_identifier_is_mapped_once_plg_identities_ref_plg_stg_identity_links_":
        "delete from analytics.plg_identities where identifier = (select min(identifier) from analytics.plg_identities)",
    "unique_together_plg_identities_identifier_type__identifier":
        "insert into analytics.plg_identities select * replace ('x' as canonical_id) from analytics.plg_identities limit 1",
    "accepted_links_stay_within_a_person_plg_identities_ref_plg_identity_audit___ref_plg_int_identity_links_":
        "delete from analytics.plg_identity_audit where reason = 'unique_type'",
    "canonical_ids_are_of_one_component_plg_identities_ref_plg_int_identity_components_":
        "update analytics.plg_identities set canonical_id = (select min(canonical_id) from analytics.plg_identities)"
        " where canonical_id = (select max(canonical_id) from analytics.plg_identities)",
    "persons_keep_guardrails_plg_identities_":
        "update analytics.plg_identities set canonical_id = (select min(canonical_id) from analytics.plg_identities)"
        " where demoted is not null",
    "refused_links_part_persons_plg_identity_audit_":
        "update analytics.plg_identity_audit set other_canonical_id = canonical_id where reason = 'type_limit'",
    "relationships_plg_identities_canonical_id__canonical_id__ref_plg_identity_ledger_":
        "delete from analytics.plg_identity_ledger where canonical_id = (select min(canonical_id) from analytics.plg_identities)",
    "unique_plg_identity_ledger_canonical_id":
        "insert into analytics.plg_identity_ledger select * from analytics.plg_identity_ledger limit 1",
    "demotions_are_those_of_the_function_plg_int_identity_results_ref_plg_int_identity_identifiers_":
        "update analytics.plg_int_identity_identifiers set demoted = 'shared' where demoted = 'hub'",
    "calls_hold_no_more_than_plg_int_identity_buckets_":
        "update analytics.plg_int_identity_buckets set bucket = 'all'",
}


def test_whatever_is_broken_fails_a_build(refreshed, tmp_path):
    # After a full refresh the tables of the last run speak of all components.
    copy = tmp_path / "broken.duckdb"
    copy.write_bytes(refreshed.read_bytes())
    for breaks in BROKEN.values():
        query(copy, breaks)
    assert set(BROKEN) <= failures(run(copy, DAYS[-1], command="test"))


def failures(build: Build) -> set[str]:
    results = build.artifact("run_results.json")["results"]
    assert all(result["status"] in ("pass", "fail", "success") for result in results), build.finished.stdout
    return {result["unique_id"].split(".")[2] for result in results if result["status"] == "fail"}
