"""Contacts, accounts, duplicates and people of a small company, by hand: every case of the semantics once, run by run."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, Build, dbt, prepare

FIRST = datetime(2026, 3, 10, 12)
SECOND = FIRST + timedelta(days=1)
MODELS = "+plg_users +plg_duplicate_workspaces +plg_duplicate_blocks +plg_contact_match_rate"

WITH_OVERVIEW = MODELS + " +plg_workspace_overview"

EARLY, LATE = "2026-01-01", "2026-02-01"
USERS = [
    ("ada", "ada@acme.com", EARLY), ("bob", "bob+trial@acme.com", EARLY), ("cyd_1", "cyd@acme.com", EARLY),
    ("cyd_2", "Cyd@acme.com", LATE), ("dan", "dan@acme.com", EARLY), ("team", "info@acme.com", EARLY),
    ("eve", "eve.e@gmail.com", EARLY), ("fay", None, EARLY), ("gus", "gus at acme", EARLY), ("hal", "hal@initech.com", EARLY),
    # More than a call may get.
    *((f"many_{number}", "many@acme.com", EARLY) for number in range(5)),
    ("kim", "kim@initech.com", EARLY), ("lea", "lea@initech.com", EARLY), ("max", "max@initech.com", EARLY),
    ("max_again", "max@gmail.com", LATE), ("ned", "ned@gmail.com", EARLY), ("ned_again", None, None),
    ("oda", "oda@gmail.com", EARLY), ("pia", "pia@school.example", EARLY),
]
CONTACTS = [
    ("c_ada", " ADA@acme.com", "acme", EARLY), ("c_bob", "bob@acme.com", "acme", EARLY), ("c_cyd", "cyd@acme.com", "initech", EARLY),
    ("c_dan_1", "dan@acme.com", "acme", EARLY), ("c_dan_2", "dan@acme.com", "acme", EARLY), ("c_team", "info@acme.com", "acme", EARLY),
    ("c_eve_1", "eve.e+1@gmail.com", None, EARLY), ("c_eve_2", "evee@gmail.com", None, EARLY), ("c_fay", None, "acme", EARLY),
    ("c_ian", "ian@initech.com", "initech", EARLY), ("c_many", "many@acme.com", "acme", EARLY),
]
MATCHES = {
    "user": {
        "ada": ("c_ada", "exact"), "bob": ("c_bob", "alias"), "cyd_1": ("c_cyd", "duplicate"), "cyd_2": ("c_cyd", "exact"),
        "dan": (None, "tie"), "team": (None, "shared_inbox"), "eve": (None, "alias_collision"), "fay": (None, "no_email"),
        "gus": (None, "no_email"), "hal": (None, "unmatched"), **{f"many_{n}": (None, "too_many") for n in range(5)},
        "kim": (None, "unmatched"), "lea": (None, "unmatched"), "max": (None, "unmatched"), "max_again": (None, "unmatched"),
        "ned": (None, "unmatched"), "ned_again": (None, "no_email"), "oda": (None, "unmatched"), "pia": (None, "unmatched"),
    },
    "contact": {
        "c_ada": ("ada", "exact"), "c_bob": ("bob", "alias"), "c_cyd": ("cyd_2", "exact"), "c_dan_1": (None, "tie"),
        "c_dan_2": (None, "tie"), "c_team": (None, "shared_inbox"), "c_eve_1": (None, "alias_collision"),
        "c_eve_2": (None, "alias_collision"), "c_fay": (None, "no_email"), "c_ian": (None, "unmatched"),
        "c_many": (None, "too_many"),
    },
}
OWNERS = [
    ("acme", "acme.com"), ("initech", "Initech.com"), ("acme", "both.com"), ("acme_uk", "both.com"), ("acme", "venture.com"),
    ("initech", "venture.com"), ("google", "gmail.com"), ("school", "school.example"),
]
# Workspace, type, its domains, its members, its account by which signal, and the conflicts.
WORKSPACES = [
    ("billing", "prod", [("initech.com", "acme.com", None)], [], ("acme", "billing_domain"), [("sso_domain", "initech", "disagrees")]),
    ("sso", "prod", [("ACME.com", "bill@gmail.com", None)], [], ("acme", "sso_domain"), []),
    ("contacts", "prod", [(None, "x y", None)], ["ada", "team"], ("acme", "crm_contact"), []),
    ("majority", "prod", [], ["kim", "lea", "hal", "eve", "oda"], ("initech", "user_domain"), []),
    # Three of four at Initech, but two of them are one person: two people are too few.
    ("people", "prod", [], ["kim", "max", "max_again"], (None, None), []),
    ("free_mail", "prod", [], ["eve", "oda", "ned"], (None, None), []),
    ("ambiguous", "prod", [(None, "both.com", None)], [], (None, None), [
        ("billing_domain", "acme", "ambiguous"), ("billing_domain", "acme_uk", "ambiguous"),
    ]),
    ("pinned", "prod", [(None, "acme.com", None)], [], ("initech", "pin"), [("billing_domain", "acme", "disagrees")]),
    ("domain_pin", "prod", [(None, "books@Venture.com", None)], [], ("initech", "billing_domain"), []),
    ("linked", "prod", [], [], ("acme_uk", "crm_contact"), []),
    # An exception with a domain that is none is not one for the workspace.
    ("no_domain", "prod", [], [], (None, None), []),
    # The same person made a workspace twice, under two ids.
    ("twice_1", "prod", [], ["ned"], (None, None), []),
    ("twice_2", "prod", [], ["ned_again"], (None, None), []),
    ("main", "prod", [("acme.com", None, "tax-1")], [], ("acme", "sso_domain"), []),
    ("main_dev", "dev", [("acme.com", None, "tax-1")], [], ("acme", "sso_domain"), []),
    ("payer", None, [(None, None, "tax-1")], [], (None, None), []),
    # The admin is there as a device; the user who is active is the same person.
    ("device", "prod", [], ["oda"], (None, None), []),
    ("seen", "prod", [], [], (None, None), []),
    # No free mail is what one's own list says is a school.
    ("school", "prod", [("school.example", None, None)], ["pia"], ("school", "sso_domain"), []),
]
EXCEPTIONS = [
    ("pinned", "pin", None, "initech"), (None, "pin", "venture.com", "initech"), ("linked", "link", None, "acme_uk"),
    ("no_domain", "pin", "no domain", "acme"),
]
DUPLICATES = {
    ("main", "main_dev"): ("environment", "same_sso_domain, same_billing_entity", 3),
    ("main", "payer"): ("duplicate", "same_billing_entity", 1),
    ("main_dev", "payer"): ("environment", "same_billing_entity", 1),
    ("main", "sso"): ("duplicate", "same_sso_domain", 2),
    ("main_dev", "sso"): ("environment", "same_sso_domain", 2),
    ("twice_1", "twice_2"): ("duplicate", "user_overlap", 1),
    # One person of two in the one is all of the other, under another id.
    ("people", "sso"): ("duplicate", "user_overlap", 1),
}


# Here one person may have several user ids.
GUARDRAILS = {"name": "Several ids", "types": [{"type": "user_id", "at_most": 5}, {"type": "email"}, {"type": "anonymous_id"}]}


def variables(as_of: datetime, **others) -> str:
    shared = {"plg_contact_block_size": 5, "plg_guardrails": json.dumps(GUARDRAILS)}
    return json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}", **shared, **others})


def run(database: Path, as_of: datetime, *arguments: str, command: str = "run", models: str = MODELS, **others):
    # Of the tests those of the package of which all models are there; the project's own are about the sample.
    if command != "run":
        arguments += "--indirect-selection", "cautious", "--exclude", "package:plg_integration_tests"
    return dbt(database, command, "--select", *models.split(), "--vars", variables(as_of, **others), *arguments)


def query(database: Path, text: str, **parameters) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text, parameters).fetchall()


def fill(database: Path) -> None:
    with duckdb.connect(database) as connection:
        tables = [name for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall()]
        for table in tables:
            connection.execute(f"delete from raw.{table}")

        def rows(table: str, columns: str, values: list[tuple]) -> None:
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"insert into raw.{table} ({columns}) values ({marks})", values)

        rows("users", "user_id, email, updated_at", USERS)
        rows("crm_contacts", "contact_id, email, account_id, updated_at", CONTACTS)
        rows("accounts", "account_id, domain", OWNERS[:1])
        rows("account_domains", "account_id, domain", OWNERS)
        rows("account_exceptions", "workspace_id, exception, domain, account_id", EXCEPTIONS)
        rows("email_domains", "domain, kind", [("School.example", "school")])
        rows("workspaces", "workspace_id, type, account_id", [
            (name, kind, {"billing": "initech", "sso": "acme"}.get(name)) for name, kind, *_ in WORKSPACES
        ])
        rows("workspace_domains", "workspace_id, sso_domain, billing_domain, billing_entity", [
            (name, *domains) for name, _, lists, *_ in WORKSPACES for domains in lists
        ])
        # Whose own the workspaces are that were made twice.
        rows("memberships", "workspace_id, user_id, is_workspace_admin", [
            (name, user, name.startswith("twice")) for name, _, _, members, *_ in WORKSPACES for user in members
        ] + [("device", "d-oda", True)])
        rows("identity_links", "left_type, left_value, right_type, right_value, first_seen", [
            ("user_id", "max", "user_id", "max_again", LATE), ("user_id", "ned", "anonymous_id", "d-ned", EARLY),
            ("anonymous_id", "d-ned", "user_id", "ned_again", LATE), ("user_id", "oda", "anonymous_id", "d-oda", EARLY),
        ])
        days = [
            # More days in one workspace than in the other; the same number; days long ago; and none.
            ("hal", None, "majority", 1), ("hal", None, "majority", 3), ("hal", None, "billing", 2), ("max", None, "people", 1),
            ("max_again", None, "sso", 1), ("kim", None, "people", 40), ("kim", None, "people", 41), ("kim", None, "majority", 2),
            (None, "d-ned", "seen", 1), (None, "d-nobody", "seen", 1),
        ]
        rows("events", "event, user_id, anonymous_id, workspace_id, occurred_at", [
            ("core_feature_used", user, device, workspace, FIRST - timedelta(days=ago)) for user, device, workspace, ago in days
        ])


def matches(database: Path) -> dict[str, dict[str, tuple]]:
    found = {"user": {}, "contact": {}}
    for matched_from, user, contact, status in query(database, "select matched_from, user_id, contact_id, status from analytics.plg_contacts"):
        one, other = (user, contact) if matched_from == "user" else (contact, user)
        assert one not in found[matched_from]
        found[matched_from][one] = (other, status)
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = prepare(tmp_path_factory.mktemp("accounts") / "accounts.duckdb")
    fill(database)
    finished = run(database, FIRST, models=WITH_OVERVIEW)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


@pytest.fixture
def copied(first: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copied.duckdb"
    copy.write_bytes(first.read_bytes())
    return copy


def test_users_and_contacts_are_matched_in_both_directions_and_what_is_not_clear_is_reported(first):
    assert matches(first) == MATCHES


def test_match_rates_count_whom_nobody_counted_twice(first):
    found = query(first, "from analytics.plg_contact_match_rate order by matched_from")
    statuses = {side: [status for _, status in of_side.values()] for side, of_side in MATCHES.items()}
    order = [
        "exact", "alias", "duplicate", "several", "tie", "alias_collision", "shared_inbox", "unmatched", "no_email", "too_many",
    ]
    for side, as_of, members, matched, rate, *counts in found:
        assert counts == [statuses[side].count(status) for status in order] and sum(counts) == members
        assert as_of == FIRST and matched == 3 and rate == 3 / len(MATCHES[side])


def test_every_workspace_has_its_account_by_the_strongest_signal(first):
    found = query(first, "select workspace_id, account_id, signal from analytics.plg_workspace_accounts")
    assert {name: rest for name, *rest in found} == {name: list(row[0]) for name, _, _, _, *row in WORKSPACES}


def test_signals_that_disagree_are_flagged_with_what_they_say(first):
    conflicts = {name: [] for name, *_ in WORKSPACES}
    rows = "select workspace_id, signal, account_id, reason from analytics.plg_workspace_account_conflicts order by conflict_number"
    for name, *conflict in query(first, rows):
        conflicts[name].append(tuple(conflict))
    assert conflicts == {name: expected for name, *_, expected in WORKSPACES}
    flags = query(first, "select workspace_id, conflicts, is_ambiguous, differs_from_declared from analytics.plg_workspace_accounts")
    for name, count, is_ambiguous, differs in flags:
        assert (count, is_ambiguous) == (len(conflicts[name]), name == "ambiguous"), name
        assert differs == {"billing": True, "sso": False}.get(name), name


def test_what_says_nothing_about_an_account_is_counted(first):
    columns = "ignored_signals, ignored_users, ignored_domains, ignored_exceptions, free_mail"
    found = dict((name, rest) for name, *rest in query(first, f"select workspace_id, {columns} from analytics.plg_workspace_accounts"))
    assert found["contacts"] == [1, 0, 0, 0, 0] and found["no_domain"] == [0, 0, 0, 1, 0]
    assert found["sso"] == [0, 0, 0, 0, 2] and found["free_mail"] == [0, 1, 0, 0, 3]
    assert found["school"] == [0, 0, 0, 0, 0]


def test_duplicates_are_found_once_with_their_reasons_and_sandboxes_apart(first):
    found = query(first, "select workspace_a, workspace_b, kind, reasons, blocks from analytics.plg_duplicate_workspaces")
    assert {(a, b): tuple(rest) for a, b, *rest in found} == DUPLICATES and len(found) == len(DUPLICATES)


def test_people_have_one_row_with_all_that_their_ids_know(first):
    columns = "user_id, user_ids, primary_email, emails, account_id, home_workspace_id, active_days_28d, workspaces, contact_id"
    found = {user: rest for user, *rest in query(first, f"select {columns} from analytics.plg_users")}
    # Two ids, an address at work and a private one that is newer; as many days in two workspaces, of which the smaller id has none.
    assert found["max"] == [2, "max@initech.com", 2, None, "people", 1, 2, None]
    assert found["hal"] == [1, "hal@initech.com", 1, "initech", "majority", 2, 2, None]
    # Days of long ago count nowhere.
    assert found["kim"] == [1, "kim@initech.com", 1, "initech", "majority", 1, 2, None]
    assert found["ada"][-1] == "c_ada" and found["cyd_1"][-1] == found["cyd_2"][-1] == "c_cyd"
    # By its device the person is in a workspace that no user id of it is in.
    assert found["ned"] == [2, "ned@gmail.com", 1, None, "free_mail", 0, 4, None]
    assert found["d-oda"][0] == 2 and "oda" not in found and "max_again" not in found
    assert len(found) == len(USERS) - 2


def test_an_admin_under_another_id_is_seen(first):
    device = "select user_ids, is_workspace_admin from analytics.plg_workspace_people where workspace_id = 'device'"
    assert query(first, device) == [(2, True)]
    overview = "select workspace_id, people, admins, has_admin from analytics.plg_workspace_overview where has_admin order by all"
    assert query(first, overview) == [("device", 1, 1, True), ("twice_1", 1, 1, True), ("twice_2", 1, 1, True)]
    admins = "select user_id from analytics.plg_users where is_workspace_admin order by all"
    assert query(first, admins) == [("d-oda",), ("ned",)]


INCREMENTAL = {
    "plg_int_emails": "email_text", "plg_int_contact_results": "block_key", "plg_contacts": "match_key",
    "plg_int_workspace_account_results": "workspace_id", "plg_workspace_accounts": "workspace_id",
    "plg_int_duplicate_results": "block_key", "plg_duplicate_workspaces": "pair_key", "plg_users": "person_id",
}


def contents(database: Path) -> dict[str, list[tuple]]:
    """All rows but for when they changed."""
    tables = {}
    for table in INCREMENTAL:
        columns = {name for name, *_ in query(database, f"describe analytics.{table}")}
        others = "exclude (updated_at)" if "updated_at" in columns else ""
        tables[table] = sorted(query(database, f"select * {others} from analytics.{table}"), key=repr)
    return tables


def changed(database: Path, table: str) -> set[str]:
    rows = query(database, f"select {INCREMENTAL[table]} from analytics.{table} where updated_at = $second", second=SECOND)
    return {key for (key,) in rows}


def test_a_run_without_changes_changes_and_computes_nothing(copied):
    before = contents(copied)
    finished = run(copied, SECOND)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert contents(copied) == before
    for table in INCREMENTAL.keys() - {"plg_int_emails"}:
        assert changed(copied, table) == set(), table


def test_a_run_computes_what_changes_touch_and_is_what_a_full_refresh_gives(copied):
    query(copied, "update raw.crm_contacts set email = 'HAL@initech.com' where contact_id = 'c_ian'")
    query(copied, "delete from raw.crm_contacts where contact_id = 'c_bob'")
    query(copied, "delete from raw.workspaces where workspace_id in ('main', 'linked')")
    query(copied, "delete from raw.workspace_domains where workspace_id = 'main'")
    query(copied, "delete from raw.users where user_id = 'many_4'")
    query(copied, "insert into raw.memberships (workspace_id, user_id) values ('people', 'lea')")
    finished = run(copied, SECOND)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    found = matches(copied)
    expected = {side: dict(of_side) for side, of_side in MATCHES.items()}
    expected["user"] |= {"hal": ("c_ian", "exact"), "bob": (None, "unmatched")}
    expected["contact"]["c_ian"] = ("hal", "exact")
    del expected["contact"]["c_bob"], expected["user"]["many_4"]
    # With five of them a call may get them all.
    expected["user"] |= {f"many_{number}": (None, "tie") for number in range(4)}
    expected["contact"]["c_many"] = (None, "tie")
    assert found == expected
    assert changed(copied, "plg_int_contact_results") == {"hal@initech.com", "bob@acme.com", "many@acme.com"}
    assert changed(copied, "plg_contacts") == {
        "user:bob", "user:hal", "contact:c_ian", "contact:c_many", *(f"user:many_{number}" for number in range(4))
    }
    # Hal's contact is one of Initech's, and Hal is in two workspaces; Max's workspace has three people of Initech's.
    assert changed(copied, "plg_int_workspace_account_results") == {"billing", "majority", "people"}
    assert changed(copied, "plg_workspace_accounts") == {"billing", "majority", "people"}
    accounts = dict(query(copied, "select workspace_id, account_id from analytics.plg_workspace_accounts"))
    assert accounts["people"] == "initech" and accounts.keys() == {name for name, *_ in WORKSPACES} - {"main", "linked"}
    assert {pair[:2] for pair in query(copied, "select workspace_a, workspace_b from analytics.plg_duplicate_workspaces")} >= {
        ("main_dev", "payer"), ("main_dev", "sso"), ("twice_1", "twice_2")
    }
    kept = contents(copied)
    finished = run(copied, SECOND, "--full-refresh")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert contents(copied) == kept


@pytest.fixture(scope="module")
def other_settings(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same company with another list and other settings, run after the first run and not from the beginning."""
    copy = tmp_path_factory.mktemp("settings") / "settings.duckdb"
    copy.write_bytes(first.read_bytes())
    query(copy, "update raw.email_domains set kind = 'personal'")
    settings = {
        "plg_contact_matching": {"alias": False}, "plg_account_mapping": {"min_users": 2}, "plg_gtm_grain": "account",
        "plg_duplicate_block_workspaces": 3,
    }
    finished = run(copy, SECOND, **settings)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    kept = contents(copy)
    finished = run(copy, SECOND, "--full-refresh", **settings)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert contents(copy) == kept
    return copy


def test_another_list_and_other_settings_compute_everything_anew(other_settings):
    assert matches(other_settings)["user"]["bob"] == (None, "unmatched")
    accounts = dict(query(other_settings, "select workspace_id, account_id from analytics.plg_workspace_accounts"))
    assert accounts["people"] == "initech" and accounts["school"] is None


def test_sales_acts_on_accounts_where_it_is_told_to(first, other_settings):
    rows = "select workspace_id, account_id, gtm_grain, gtm_id from analytics.plg_workspace_accounts"
    assert all(row[2:] == ("workspace", row[0]) for row in query(first, rows))
    grains = {grain: set() for grain in ("account", "workspace")}
    for name, account, grain, gtm_id in query(other_settings, rows):
        assert (grain, gtm_id) == (("account", account) if account else ("workspace", name))
        grains[grain].add(name)
    assert "billing" in grains["account"] and "seen" in grains["workspace"]


def test_a_block_that_is_too_large_is_reported_and_not_compared(other_settings):
    blocks = "select block_kind, workspaces, is_compared, pairs_left_out from analytics.plg_duplicate_blocks"
    found = query(other_settings, blocks)
    assert all(is_compared == (size <= 3) == (left_out is not None) for _, size, is_compared, left_out in found)
    assert any(kind == "account" and not is_compared for kind, _, is_compared, _ in found)
    pairs = query(other_settings, "select workspace_a, workspace_b, reasons from analytics.plg_duplicate_workspaces")
    # Of the block of the payer three are left, and all about them is known there.
    assert ("main", "main_dev", "same_sso_domain, same_billing_entity") in pairs
    assert ("main", "sso") not in {pair[:2] for pair in pairs}


BREAKS = {
    "row_count_is_plg_contacts": "delete from analytics.plg_contacts where match_key = 'user:fay'",
    "account_is_owner_plg_workspace_accounts": "update analytics.plg_workspace_accounts set account_id = 'acme', signal = 'billing_domain', confidence = 1 where workspace_id = 'ambiguous'",
    "pairs_are_reasoned_plg_duplicate_workspaces_": "insert into analytics.plg_duplicate_workspaces by name select 'turned' as pair_key, workspace_b as workspace_a, workspace_a as workspace_b, * exclude (pair_key, workspace_a, workspace_b) from analytics.plg_duplicate_workspaces limit 1",
    "workspace_has_known_admin_plg_workspace_overview": "update analytics.plg_workspace_overview set has_admin = false where workspace_id = 'device'",
    "admins_are_known_plg_workspace_people": "update analytics.plg_workspace_people set is_workspace_admin = false where workspace_id = 'device'",
    "people_have_all_ids_plg_users": "update analytics.plg_users set user_ids = 1 where user_id = 'max'",
    "any_known_plg_stg_account_exceptions": "insert into raw.account_exceptions values (null, 'pin', null, 'acme')",
    "accepted_values_plg_stg_account_exceptions_exception_kind": "insert into raw.account_exceptions values ('billing', 'merge', null, 'acme')",
    "all_known_together_plg_int_emails": "update analytics.plg_int_emails set email_kind = null where email = 'ada@acme.com'",
    "unique_together_plg_stg_email_domains": "insert into raw.email_domains values ('school.example', 'work')",
}


PROBLEMS = {
    "the match is not the same from both sides": "update analytics.plg_contacts set status = 'unmatched', user_id = null where match_key = 'contact:c_ada'",
    "matched with several": "update analytics.plg_contacts set contact_id = 'c_ada', status = 'exact' where match_key = 'user:hal'",
    "guessed": "update analytics.plg_contacts set user_id = 'dan' where match_key = 'contact:c_dan_1'",
    "a duplicate of nobody": "update analytics.plg_contacts set contact_id = 'c_ian' where match_key = 'user:cyd_1'",
}


def statuses(database: Path, finished) -> dict[str, str]:
    results = Build(database, finished).artifact("run_results.json")["results"]
    return {result["unique_id"].split(".")[2]: result["status"] for result in results if result["unique_id"].startswith("test.")}


def test_all_tests_pass_and_every_failure_is_found_by_one(copied):
    before = statuses(copied, run(copied, FIRST, command="test", models=WITH_OVERVIEW))
    # The admin that is a device is no user, and that is found.
    failed = [name for name, status in before.items() if status != "pass"]
    assert len(failed) == 1 and "relationships_plg_stg_memberships_user_id" in failed[0]
    for statement in (BREAKS | PROBLEMS).values():
        query(copied, statement)
    after = statuses(copied, run(copied, FIRST, "--store-failures", command="test", models=WITH_OVERVIEW))
    found = [name for name, status in after.items() if status == "fail" and before[name] == "pass"]
    assert [name for name in BREAKS if not any(test.startswith(name) for test in found)] == []
    problems = query(copied, "select distinct problem from analytics_dbt_test__audit.matches_agree_plg_contacts_")
    assert {problem for (problem,) in problems} == PROBLEMS.keys()


def test_without_these_tables_and_columns_nothing_is_known_and_everything_works(copied):
    optional = ("entitlements", "opportunities", "sales_activities", "exclusions", "shared_identifiers", "signups")
    without = {"plg_sources": {
        table: {} for table in optional
    } | {"events": {"optional": ["anonymous_id", "workspace_id", "count"]}, "users": {"optional": ["role"]}}}
    query(copied, "delete from raw.memberships where user_id = 'd-oda'")
    finished = run(copied, SECOND, "--full-refresh", command="build", **without)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert query(copied, "select distinct matched_from, status from analytics.plg_contacts") == [("user", "no_email")]
    assert query(copied, "select count(*) from analytics.plg_workspace_accounts where account_id is not null") == [(0,)]
    assert query(copied, "select count(*), count(primary_email) from analytics.plg_users") == [(len(USERS) - 2, 0)]
