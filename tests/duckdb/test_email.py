"""E-mail addresses against plain SQL, and the built-in lists against the packages that they come from."""

import os
import random
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT
from sql import text

# Unicode's White_Space, the zero-width space and the byte order mark.
BLANKS = "".join(map(chr, [*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]))
BEYOND = r"[^\x00-\x{9f}" + "".join(f"\\x{{{ord(blank):x}}}" for blank in BLANKS if ord(blank) > 0x9F) + "]"
LABEL = rf"(?:[a-z0-9]|{BEYOND})(?:(?:[a-z0-9-]|{BEYOND})*(?:[a-z0-9]|{BEYOND}))?"
ADDRESS = rf"(?:[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]|{BEYOND})+@{LABEL}(?:\.{LABEL})+"

# What an address is, in SQL: from `given`, of which `email` is the column.
NORMAL = f"""
    SELECT email, CASE WHEN regexp_full_match(lowered, {text(ADDRESS)})
            AND strlen(split_part(lowered, '@', 1)) <= 64 AND strlen(split_part(lowered, '@', 2)) <= 253
            AND list_bool_and([strlen(label) <= 63 FOR label IN string_split(split_part(lowered, '@', 2), '.')])
            AND NOT regexp_matches(lowered, '[.][0-9]+$')
        THEN lowered END AS normal
    FROM (SELECT email, lower(trim(email, {text(BLANKS)})) AS lowered FROM given)
"""


def lists():
    """The lists of `tools.toml` by name: what it says of them, and the domains that the build keeps in the cache."""
    cache = Path(os.environ.get("PLG_CACHE", Path.home() / ".cache/plg-udfs"))
    for name, entry in tomllib.loads((ROOT / "tools.toml").read_text())["lists"].items():
        file = cache / "lists" / f"{entry['package']}-{entry['version']}-{entry['sha256'][:12]}.txt"
        yield name, entry, file.read_text().split()


LISTS = {name: (entry, domains) for name, entry, domains in lists()}


@pytest.fixture
def given(connection):
    """10,000 texts, of which many are addresses, in the table `given`."""
    choose = random.Random(5)
    pieces = ["a", "Z", "7", ".", ".", "-", "+", "jane", "Info", "sales", "no-reply", "_", "x" * 30, "é", "ΟΔΟΣ", "İ", "日本", "\U0001f600"]
    pieces += [" ", "\u00a0", "\u200b", "\t", "\x7f", "\x85", ",", '"', "@"]
    domains = ["gmail.com", "GoogleMail.com", "acme.com", "mail.acme.co.uk", "Müller.DE", "mailinator.com", "a.1", "-b.co", "b-.co", "b", ""]
    emails = []
    for _ in range(10_000):
        local = "".join(choose.choice(pieces[:18] if choose.random() < 0.9 else pieces) for _ in range(choose.randrange(1, 5)))
        domain = choose.choice(domains) if choose.random() < 0.8 else "".join(choose.choices(pieces, k=4))
        around = ["".join(choose.choices(BLANKS, k=choose.randrange(3))) if choose.random() < 0.3 else "" for _ in "<>"]
        emails.append((around[0] + local + "@" * (choose.random() < 0.97) + domain + around[1],))
    connection.execute("CREATE TABLE given (email VARCHAR)")
    rows = ", ".join("(" + text(email) + ")" for (email,) in emails)
    connection.execute(f"INSERT INTO given VALUES {rows}")
    connection.execute(f"CREATE TABLE normal AS {NORMAL}")
    assert connection.execute("SELECT count(normal) > 3500, count(*) - count(normal) > 1000 FROM normal").fetchone() == (True, True)
    return connection


def differing(connection, got, expected):
    """The rows of `normal` in which two expressions differ."""
    return connection.execute(f"SELECT email, {got}, {expected} FROM normal WHERE {got} IS DISTINCT FROM {expected} LIMIT 5").fetchall()


def test_addresses_are_those_of_a_regular_expression(given):
    assert differing(given, "plg_normalize_email(email, NULL)", "normal") == []
    assert differing(given, "plg_email_domain(email)", "split_part(normal, '@', 2)") == []


def test_aliases_are_removed_as_by_replacing(given):
    untagged = "regexp_replace(normal, '^([^+@]*[^+@.][^+@]*)[+][^@]*@', '\\1@')"
    assert differing(given, "plg_normalize_email(email, 'tags')", untagged) == []

    def undotted(address):
        local = f"split_part({address}, '@', 1)"
        kept = f"CASE WHEN replace({local}, '.', '') = '' THEN {local} ELSE replace({local}, '.', '') END"
        return f"CASE WHEN split_part(normal, '@', 2) IN ('gmail.com', 'googlemail.com') THEN {kept} || '@gmail.com' ELSE {address} END"

    assert differing(given, "plg_normalize_email(email, 'dots')", undotted("normal")) == []
    assert differing(given, "plg_normalize_email(email, 'tags_and_dots')", undotted(untagged)) == []


def test_kinds_are_those_of_joins_with_the_lists(given):
    given.execute("CREATE TABLE lists (kind VARCHAR, listed VARCHAR)")
    for kind, name in [("disposable", "disposable"), ("personal", "free")]:
        rows = ", ".join(f"('{kind}', {text(domain)})" for domain in LISTS[name][1])
        given.execute(f"INSERT INTO lists VALUES {rows}")
    # Roles that occur here; after tags, dots, hyphens and underscores are gone.
    role = "regexp_replace(regexp_replace(split_part(normal, '@', 1), '(.)[+].*$', '\\1'), '[._-]', '', 'g') IN ('info', 'sales', 'noreply')"
    domain = "split_part(normal, '@', 2)"
    expected = f"""CASE
        WHEN normal IS NULL THEN NULL
        WHEN {domain} IN (SELECT listed FROM lists WHERE kind = 'disposable') THEN 'disposable'
        WHEN {domain} IN (SELECT listed FROM lists WHERE kind = 'personal') THEN 'personal'
        WHEN {role} THEN 'shared_inbox' ELSE 'work' END"""
    own = "CAST([] AS STRUCT(domain VARCHAR, kind VARCHAR)[])"
    got = f"plg_email_kind(email, plg_disposable_domain(plg_email_domain(email)), {own})"
    given.execute(f"CREATE TABLE kinds AS SELECT email, {got} AS got, {expected} AS expected FROM normal")
    assert given.execute("SELECT * FROM kinds WHERE got IS DISTINCT FROM expected LIMIT 5").fetchall() == []
    counts = given.execute("SELECT count(*) FROM kinds WHERE got IS NOT NULL GROUP BY got").fetchall()
    assert len(counts) == 4 and min(counts) > (100,)


def test_blocked_identifiers_are_those_of_sql(connection):
    connection.execute("""
        CREATE TABLE ids AS SELECT * FROM (VALUES (''), ('0'), ('0-0'), ('00000000-0000-0000-0000-000000000000'), ('-1'), ('-2'), ('01'),
            ('null'), ('nullable'), ('anonymous'), ('jane'), ('demo'), ('7f3c'), ('--')) AS t(id)
    """)
    wrong = connection.execute("""
        SELECT given FROM (
            SELECT blank || CASE WHEN big THEN upper(id) ELSE id END || blank AS given, id
            FROM ids, (VALUES (''), (' '), (chr(160))) AS b(blank), (VALUES (true), (false)) AS c(big))
        WHERE plg_is_blocked_identifier(given, [{'identifier': ' Demo'}, {'identifier': NULL}])
            IS DISTINCT FROM (regexp_full_match(id, '[0-]*') OR id IN ('-1', 'null', 'anonymous', 'demo'))
    """).fetchall()
    assert wrong == []


@pytest.mark.parametrize("name, call", [("free", "plg_email_kind('a@' || domain, NULL, NULL::STRUCT(domain VARCHAR, kind VARCHAR)[]) = 'personal'"),
                                        ("disposable", "plg_disposable_domain(domain) = domain")])  # fmt: skip
def test_every_domain_of_a_package_is_found_and_of_others_no_more_than_documented(connection, name, call):
    entry, domains = LISTS[name]
    connection.execute("CREATE TABLE domains AS SELECT unnest(?) AS domain", [domains])
    assert connection.execute(f"SELECT count(*), count(*) FILTER ({call}) FROM domains").fetchone() == (len(domains),) * 2
    total = 200_000
    query = f"SELECT count(*) FILTER ({call}) FROM (SELECT md5(i::VARCHAR) || '.example' AS domain FROM range({total}) AS r(i))"
    found, expected = connection.execute(query).fetchone()[0], total / 2 ** entry["bits"]
    # Poisson: five standard deviations, and one for where almost none is expected.
    assert abs(found - expected) <= 5 * expected**0.5 + 1


def test_the_documentation_names_the_lists_as_they_are():
    page = (ROOT / "docs/semantics.md").read_text()
    for entry, domains in LISTS.values():
        row = next(line for line in page.splitlines() if f"| `{entry['package']}` |" in line)
        facts = [entry["version"], entry["licence"], f"`{entry['sha256']}`", f"{len(domains):,}", str(entry["bits"])]
        assert [cell.strip() for cell in row.split("|")][3:8] == facts
        assert f"once in {2 ** entry['bits']:,}" in row
