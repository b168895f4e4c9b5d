"""Stages, differences, account scores and hand-offs against DuckDB's own SQL."""

import json

import pytest
from sql import text

AS_OF = "TIMESTAMP '2026-01-31 12:00:00'"
STAGES = [("Hot PQL", 80), ("PQL", 65), ("Warm", 50), ("Not PQL", None)]


@pytest.fixture(autouse=True)
def pick(connection):
    """`pick(x, n)`: a whole number from 0 to n - 1 that looks random."""
    connection.execute("CREATE MACRO pick(x, n) AS CAST(hash(x) % n AS BIGINT)")


def test_stages_are_those_of_a_join(connection):
    listed = [{"name": name} | ({} if bound is None else {"at_least": bound}) for name, bound in STAGES]
    model = text(json.dumps({"stages": listed, "stage_margin": 4}))
    values = ", ".join(f"({text(name)}, {'-1e9' if bound is None else bound})" for name, bound in STAGES)
    wrong = connection.execute(f"""
        WITH stages AS (FROM (VALUES {values}) AS v(name, bound)),
        given AS (
            SELECT s / 4 AS score, previous, margin
            FROM range(401) AS r(s), (SELECT name AS previous FROM stages UNION ALL VALUES (NULL), ('gone')),
                (VALUES (NULL), (0), (2.5), (40)) AS m(margin)
        ),
        expected AS (
            SELECT score, previous, margin, arg_max(name, bound) AS stage
            FROM given, stages
            WHERE score >= bound - CASE WHEN name = previous THEN coalesce(margin, 4) ELSE 0 END
            GROUP BY ALL
        )
        SELECT *, plg_score_stage(score, {model}, previous, margin) AS found FROM expected WHERE found IS DISTINCT FROM stage
    """).fetchall()
    assert wrong == []


def test_a_score_that_moves_about_a_bound_keeps_its_stage(value):
    days = "[81, 76, 79, 74, 78]"
    model = text(json.dumps({"stage_margin": 5, "stages": [{"name": name, "at_least": bound or -1} for name, bound in STAGES]}))
    stages = "[]"
    for day in range(1, 6):
        stages = f"list_append({stages}, plg_score_stage({days}[{day}], {model}, ({stages})[-1], NULL))"
    assert value(f"SELECT {stages}") == ["Hot PQL", "Hot PQL", "Hot PQL", "PQL", "PQL"]


def test_changes_add_up_to_the_difference_of_two_scores(connection, model):
    connection.execute(f"""
        CREATE TABLE scores AS
        WITH events AS (
            SELECT i % 500 AS user_id, {AS_OF} - to_minutes(pick(i, 40000)) AS occurred_at,
                ['upgrade_click', 'automation_run', 'invite_sent', 'core_feature_used', 'uninstall_integration',
                 'pricing_page_view'][1 + pick(i * 3, 6)] AS event
            FROM range(6000) AS r(i)
        )
        SELECT user_id, plg_score_events(list({{'event': event, 'occurred_at': occurred_at, 'count': 1}}), 'manager', {text(model)},
                {AS_OF}) AS later,
            plg_score_events(list({{'event': event, 'occurred_at': occurred_at, 'count': 1}}), 'manager', {text(model)},
                {AS_OF} - INTERVAL 3 DAYS) AS earlier
        FROM events GROUP BY user_id
    """)
    rows = connection.execute("""
        SELECT later.total - earlier.total, plg_score_diff(later.contributions, earlier.contributions), later.contributions,
            earlier.contributions
        FROM scores
    """).fetchall()
    changed = 0
    for difference, found, later, earlier in rows:
        assert found["delta"] == difference
        assert sum(change["delta"] for change in found["changes"]) == difference
        before, after = ({(c["bucket"], c["code"]): c["points"] for c in side} for side in (earlier, later))
        assert {(c["bucket"], c["code"]): (c["points_before"], c["points_after"]) for c in found["changes"]} == {
            key: (before.get(key, 0), after.get(key, 0)) for key in before | after if before.get(key) != after.get(key)
        }
        changed += len(found["changes"])
    assert changed > 1_500


def test_accounts_score_as_sql_says(connection):
    connection.execute("""
        CREATE TABLE workspaces AS
        SELECT i % 900 AS account, 'w' || pick(i, 100000) AS workspace_id,
            CASE pick(i * 5, 5) WHEN 0 THEN 'sandbox' WHEN 1 THEN NULL ELSE 'prod' END AS type,
            CASE WHEN pick(i * 7, 9) > 0 THEN pick(i * 11, 401) / 4 END AS score
        FROM range(7000) AS r(i)
    """)
    wrong = connection.execute("""
        WITH counted AS (
            SELECT account, max(score) AS best, arg_min(workspace_id, (-score, workspace_id)) AS best_id, count(*) AS n,
                count(*) FILTER (score >= 50) AS well
            FROM workspaces WHERE type = 'prod' AND score IS NOT NULL GROUP BY account
        ),
        expected AS (
            SELECT account, best_id, coalesce(n, 0) AS n,
                CASE WHEN n > 0 THEN least(100, best + least(10, 2 * greatest(well - 1, 0))) END AS total
            FROM (SELECT DISTINCT account FROM workspaces) LEFT JOIN counted USING (account)
        ),
        found AS (
            SELECT account, plg_score_account(list({'workspace_id': workspace_id, 'type': type, 'score': score}
                ORDER BY random()), '{}') AS result, count(*) AS listed
            FROM workspaces GROUP BY account
        )
        SELECT * FROM expected JOIN found USING (account)
        WHERE (result.total, result.workspace_id, result.workspaces) IS DISTINCT FROM (total, best_id, n)
            OR coalesce(list_sum(list_transform(result.contributions, lambda c: c.points)), -1) <> coalesce(total, -1)
            OR result.workspaces + list_sum([result.ignored.no_workspace, result.ignored.no_type, result.ignored.other_type,
                result.ignored.no_score, result.ignored.duplicate]) <> listed
    """).fetchall()
    assert wrong == []
    [[limited]] = connection.execute("SELECT count(*) FROM (SELECT account FROM workspaces GROUP BY ALL HAVING max(score) > 95)").fetchall()
    assert limited > 20


def test_a_hand_off_has_the_rows_that_sql_picks(connection, documents):
    connection.execute(f"""
        CREATE TABLE users AS
        SELECT i % 200 AS workspace, 'u' || pick(i, 50) AS user_id, ['workspace_admin', 'member', NULL, 'vp'][1 + pick(i * 3, 4)] AS role,
            ['builder', 'economic buyer', 'champion', NULL, 'user', 'builder'][1 + pick(i * 5, if(i % 200 < 50, 2, 6))] AS persona
        FROM range(1200) AS r(i);
        CREATE TABLE events AS
        SELECT i % 200 AS workspace, 'u' || pick(i, 5) AS user_id, {AS_OF} - to_hours(pick(i * 7, 90)) + INTERVAL 2 HOURS AS occurred_at,
            ['upgrade_click', 'invite_sent', 'page_view', 'sneezed'][1 + pick(i * 3, 4)] AS event
        FROM range(3000) AS r(i)
    """)
    wrong = connection.execute(f"""
        WITH people AS (
            SELECT workspace, coalesce(list_sort(list(DISTINCT user_id) FILTER (role = 'workspace_admin')), []) AS admins,
                list_sort(list(DISTINCT user_id) FILTER (persona IN ('champion', 'economic buyer'))) AS named,
                list_sort(list(DISTINCT user_id) FILTER (role IN ('workspace_admin', 'vp'))) AS buying,
                coalesce(named, buying, []) AS champions,
                list({{'user_id': user_id, 'role': role, 'persona': persona}} ORDER BY random()) AS users
            FROM users GROUP BY workspace
        ),
        ranked AS (
            SELECT *, row_number() OVER (PARTITION BY workspace ORDER BY occurred_at DESC, event, user_id) AS place
            FROM events WHERE event IN ('upgrade_click', 'invite_sent') AND occurred_at <= {AS_OF}
        ),
        keys AS (
            SELECT workspace, list((event, user_id, strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%fZ')) ORDER BY place) AS key_events
            FROM ranked WHERE place <= 5 GROUP BY workspace
        ),
        histories AS (
            SELECT workspace, list({{'user_id': user_id, 'event': event, 'occurred_at': occurred_at}} ORDER BY random()) AS events
            FROM events GROUP BY workspace
        ),
        found AS (
            SELECT *, plg_handoff(users, events, [], {text(documents['@handoff'])}, {AS_OF}) AS result
            FROM people JOIN keys USING (workspace) JOIN histories USING (workspace)
        )
        SELECT * FROM found
        WHERE result.admins <> admins OR result.champions <> champions
            OR list_transform(result.key_events, lambda e: (e.event, e.user_id, e.occurred_at)) <> key_events
    """).fetchall()
    assert wrong == []
    [[workspaces]] = connection.execute("SELECT count(DISTINCT workspace) FROM events").fetchall()
    assert workspaces == 200
    [[buying]] = connection.execute("""
        SELECT count(*) FROM (
            SELECT workspace FROM users GROUP BY workspace
            HAVING NOT bool_or(coalesce(persona IN ('champion', 'economic buyer'), false)) AND bool_or(role IN ('workspace_admin', 'vp'))
        )
    """).fetchall()
    assert buying > 5
