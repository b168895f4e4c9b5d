"""Accounts, workspaces, subscriptions and events: rules case by case, plain SQL on the sample, and when rows change."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, Build, dbt, prepare

NOW = datetime(2026, 3, 10, 12)
EARLIER = NOW - timedelta(days=1)
MODELS = "+plg_accounts +plg_subscriptions +plg_events"

# Account: its plan's status and revenue, the days since its last event, and whether sales has an opportunity open.
CASES = {
    "customer": (("active", 90), 1, False, "Customer"),
    "due": (("past_due", 90), 1, False, "Churn Risk"),
    "silent": (("active", 90), 7, False, "Churn Risk"),
    "just_not_silent": (("active", 90), 6, True, "Customer"),
    "expanding": (("active", 90), 0, True, "Expansion"),
    "negotiating": (("active", 0), 1, True, "SQL"),
    "hot": (None, 0, False, "PQL"),
    "lost": (("canceled", 90), 1, False, "Prospect"),
    "cold": (None, 40, False, "Prospect"),
}
BUSY = ("hot", "expanding")


def events() -> list[tuple]:
    """Rows (event, user, workspace, time): a little of everybody, and everything that earns points of two."""
    rows = []
    for account, (_, days, *_) in CASES.items():
        rows.append(("report_viewed", f"{account}_user", f"w_{account}", NOW - timedelta(days=days)))
    for account in BUSY:
        morning = datetime(2026, 3, 10, 8)
        for event, times in (
            ("workspace_created", 1), ("key_action_completed", 1), ("first_value_delivered", 1), ("upgrade_click", 2),
            ("usage_limit_hit", 1), ("core_feature_used", 5), ("automation_run", 4), ("invite_sent", 5), ("invite_accepted", 3),
        ):
            for number in range(times):
                rows.append((event, f"{account}_user", f"w_{account}", morning - timedelta(days=number)))
    return rows


def run(database: Path, as_of: datetime, models: str = MODELS):
    finished = dbt(database, "run", "--select", *models.split(), "--vars", json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}"}))
    assert finished.returncode == 0, finished.stdout + finished.stderr


def query(database: Path, text: str) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text).fetchall()


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database after two runs, a day apart; between them one subscription gets more seats, one goes."""
    folder = tmp_path_factory.mktemp("entities")
    file = folder / "events.csv"
    file.write_text("user_id,event,occurred_at\nu,e,2026-01-01\n")
    database = prepare(folder / "entities.duckdb", "--events", file)
    with duckdb.connect(database) as connection:
        for table in ("events", "users", "memberships"):
            connection.execute(f"delete from raw.{table}")
        connection.executemany(
            "insert into raw.events (event, user_id, workspace_id, occurred_at) values (?, ?, ?, ?)", events()
        )
        for account, (plan, _, is_sold, _) in CASES.items():
            connection.execute("insert into raw.accounts (account_id) values (?)", [account])
            connection.execute(
                "insert into raw.workspaces (workspace_id, account_id, type) values (?, ?, 'prod')", [f"w_{account}", account]
            )
            connection.execute("insert into raw.users (user_id, role) values (?, 'workspace_admin')", [f"{account}_user"])
            connection.execute(
                "insert into raw.memberships (workspace_id, user_id) values (?, ?)", [f"w_{account}", f"{account}_user"]
            )
            if plan:
                connection.execute(
                    """
                    insert into raw.subscriptions (subscription_id, workspace_id, plan, status, mrr, seats_purchased)
                    values (?, ?, 'team', ?, ?, 5)
                    """,
                    [f"s_{account}", f"w_{account}", *plan],
                )
            if is_sold:
                connection.execute(
                    "insert into raw.opportunities (opportunity_id, workspace_id, opened_at) values (?, ?, ?)",
                    [f"o_{account}", f"w_{account}", NOW - timedelta(days=3)],
                )
        # A company that the CRM alone knows, and what it says itself.
        connection.execute("insert into raw.accounts (account_id, lifecycle_stage) values ('known', 'Customer')")
        connection.execute("insert into raw.accounts (account_id, employee_count) values ('small', 10), ('large', 10001)")
        # Trials that are over, with and without something after them, and one that goes on.
        connection.execute("""
            insert into raw.subscriptions (subscription_id, workspace_id, plan, status, mrr, trial_ends_at)
            values
                ('t1', 'w_cold', 'trial', 'trialing', 0, '2026-03-01'),
                ('t2', 'w_hot', 'trial', 'trialing', 0, '2026-03-20'),
                ('t3', 'w_customer', 'trial', 'trialing', 0, '2026-03-01')
        """)
    run(database, EARLIER)
    query(database, "create table first_workspaces as from analytics.plg_workspaces")
    with duckdb.connect(database) as connection:
        connection.execute("update raw.subscriptions set seats_purchased = 6 where subscription_id = 's_customer'")
        connection.execute("delete from raw.subscriptions where subscription_id = 's_lost'")
    run(database, NOW)
    return database


@pytest.mark.parametrize("account", CASES)
def test_the_stage_of_an_account_is_the_first_that_applies(companies, account):
    stages = dict(query(companies, "select account_id, lifecycle_stage from analytics.plg_accounts"))
    assert stages[account] == CASES[account][-1]


def test_what_the_crm_says_comes_first(companies):
    assert query(companies, """
        select lifecycle_stage, lifecycle_stage_from, workspaces, mrr from analytics.plg_accounts where account_id = 'known'
    """) == [("Customer", "declared", 0, 0)]


def test_ranges_hold_their_ends(companies):
    ranges = dict(query(companies, "select account_id, employee_range from analytics.plg_accounts"))
    assert (ranges["small"], ranges["large"], ranges["hot"]) == ("1-10", "10001+", None)


def test_a_trial_that_is_over_is_no_plan(companies):
    rows = {row[0]: row[1:] for row in query(companies, "select workspace_id, status, paid_status from analytics.plg_workspaces")}
    assert rows["w_cold"] == ("trial ended", "lapsed")
    assert rows["w_hot"] == ("active", "trialing")
    assert rows["w_customer"] == ("active", "paid")
    assert rows["w_due"] == ("active", "past due")
    assert rows["w_negotiating"] == ("active", "free")
    assert rows["w_lost"] == ("active", None)


def test_rows_keep_when_they_changed_last(companies):
    changed = dict(query(companies, "select subscription_id, updated_at from analytics.plg_subscriptions"))
    assert {subscription for subscription, at in changed.items() if at == NOW} == {"s_customer"}
    assert set(changed.values()) == {EARLIER, NOW} and "s_lost" not in changed
    # A day later some workspaces are what they were: then the row is the one of the earlier run.
    before = {row[0]: row for row in query(companies, "from first_workspaces")}
    after = {row[0]: row for row in query(companies, "from analytics.plg_workspaces")}
    same = {workspace for workspace, row in after.items() if row[:-1] == before[workspace][:-1]}
    assert {workspace for workspace, row in after.items() if row[-1] == EARLIER} == same
    assert "w_cold" in same and "w_customer" not in same


def test_workspaces_have_the_revenue_seats_and_people_of_plain_sql(sample_build: Build):
    [[differing, workspaces]] = sample_build.query("""
        with bought as (
            select
                workspace_id,
                sum(mrr) filter (where status in ('active', 'past_due') and mrr > 0) as mrr,
                sum(seats_purchased) as seats,
                arg_min(plan, (-mrr, plan, subscription_id)) as plan
            from raw.subscriptions
            where
                (started_at is null or started_at <= '2026-07-01')
                and (canceled_at > '2026-07-01' or (canceled_at is null and status <> 'canceled'))
            group by workspace_id
        )
        select
            count(*) filter (
                where found.mrr <> coalesce(bought.mrr, 0) or found.arr <> 12 * coalesce(bought.mrr, 0)
                or found.seats_total is distinct from bought.seats or found.plan_tier is distinct from bought.plan
                or found.score <> round(scores.total) or found.wau <> signals.wau or found.sessions_7d <> signals.sessions_7d
                or found.account_id is distinct from coalesce(mapped.account_id, mapped.declared_account_id)
                or found.people <> (
                    select count(*) from analytics.plg_workspace_people as p where p.workspace_id = found.workspace_id
                )
            ),
            count(*)
        from analytics.plg_workspaces as found
        join analytics.plg_workspace_scores as scores using (workspace_id)
        join analytics.plg_workspace_signals as signals using (workspace_id)
        join analytics.plg_workspace_accounts as mapped using (workspace_id)
        left join bought using (workspace_id)
    """)
    assert (differing, workspaces) == (0, sample_build.query("select count(*) from analytics.plg_workspaces")[0][0])
    assert workspaces > 50


def test_milestones_are_the_furthest_that_was_reached(sample_build: Build):
    rows = sample_build.query("""
        select activation_milestone, first_key_action_at, first_invite_sent_at, first_integration_installed_at, habit_reached_at
        from analytics.plg_workspaces join analytics.plg_workspace_signals using (workspace_id)
    """)
    names = ["key action completed", "teammate invited", "integration installed", "habit reached"]
    for milestone, *reached in rows:
        assert milestone == ([None] + [name for name, at in zip(names, reached) if at])[-1]
    assert len({milestone for milestone, *_ in rows}) > 2


def test_accounts_add_up_their_workspaces(sample_build: Build):
    found = sample_build.query("""
        select account_id, workspaces, production_workspaces, mrr, people from analytics.plg_accounts
        where workspaces > 0 order by all
    """)
    expected = sample_build.query("""
        select
            coalesce(account_id, declared_account_id) as account, count(*), count(*) filter (where type = 'prod'),
            sum(coalesce((
                select sum(mrr) from raw.subscriptions as s
                where s.workspace_id = mapped.workspace_id and status in ('active', 'past_due')
                and (started_at is null or started_at <= '2026-07-01') and (canceled_at is null or canceled_at > '2026-07-01')
            ), 0)),
            (
                select count(*) from analytics.plg_users as u join analytics.plg_workspace_accounts as home
                on u.home_workspace_id = home.workspace_id
                where coalesce(home.account_id, home.declared_account_id) = account
            )
        from analytics.plg_workspace_accounts as mapped join analytics.plg_int_workspaces using (workspace_id)
        where account is not null group by account order by all
    """.replace("coalesce(account_id, declared_account_id) as account", "coalesce(mapped.account_id, declared_account_id) as account"))
    assert found == expected and len(found) > 10


def test_the_fit_of_an_account_is_that_of_its_workspaces(sample_build: Build):
    rows = sample_build.query("""
        select accounts.icp_tier, accounts.icp_score, scores.fit_tier, scores.fit_score
        from analytics.plg_accounts as accounts join analytics.plg_workspace_scores as scores using (account_id)
    """)
    assert rows and all(row[:2] == row[2:] for row in rows)
    assert len({row[0] for row in rows}) > 1


def test_all_domains_of_an_account_are_there_and_its_own_is_first(sample_build: Build):
    found = sample_build.query("select account_id, primary_domain, domains from analytics.plg_accounts where domains is not null")
    known = {}
    for account, domain in sample_build.query("""
        select account_id, lower(trim(domain)) from raw.accounts where domain is not null
        union select account_id, lower(trim(domain)) from raw.account_domains
    """):
        known.setdefault(account, set()).add(domain)
    own = dict(sample_build.query("select account_id, lower(trim(domain)) from raw.accounts"))
    assert {account: domains for account, _, domains in found} == {
        account: ", ".join(sorted(domains)) for account, domains in known.items()
    }
    assert all(primary == own[account] for account, primary, _ in found if own.get(account))


def test_events_are_the_raw_rows_that_count(sample_build: Build):
    found = sample_build.query("select is_key_event, count(*), count(distinct event_id) from analytics.plg_events group by all order by all")
    keys = {event for (event,) in sample_build.query("""
        select event from analytics.plg_key_events where is_key
        union select event from raw.feature_catalogue where is_key_event
    """)}
    expected = {}
    for event, event_id in sample_build.query("""
        select trim(event), event_id from raw.events
        where trim(event) <> '' and occurred_at <= '2026-07-01' and (trim(user_id) <> '' or trim(workspace_id) <> '')
    """):
        expected.setdefault(event in keys, []).append(event_id)
    assert found == [(is_key, len(ids), len({*ids} - {None})) for is_key, ids in sorted(expected.items())]
    assert len(expected) == 2
