"""Prints what the dbt project made of the events: the hottest users and workspaces with their reasons, and what is due."""

import argparse
from pathlib import Path

import duckdb

HOW_MANY = 10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    arguments = parser.parse_args()
    # The tables hold plain values, so reading them needs neither the extension nor the functions.
    with duckdb.connect(arguments.database, read_only=True) as connection:
        sections = (hottest, hottest_workspaces, workspaces, summary)
        print("\n\n".join("\n".join(section(connection)) for section in sections))


def hottest(connection: duckdb.DuckDBPyConnection) -> list[str]:
    users = connection.execute(
        """
        select user_id, role, total, stage, reason_1, reason_2, reason_3, as_of, model, model_version
        from analytics.plg_user_scores order by total desc, user_id limit $limit
        """,
        {"limit": HOW_MANY},
    ).fetchall()
    if not users:
        return ["No event up to the chosen moment has a user, a name and a timestamp, so nobody has a score."]
    *_, as_of, model, version = users[0]
    header = ("", "user", "role", "score", "stage", "why")
    rows = [header]
    for rank, (user_id, role, total, stage, *reasons, _, _, _) in enumerate(users, start=1):
        first, *others = [reason for reason in reasons if reason] or ["nothing scored"]
        rows.append((str(rank), user_id, role or "unknown", f"{total:.1f}", stage, first))
        rows.extend(("", "", "", "", "", reason) for reason in others)
    title = f"The hottest users at {as_of:%Y-%m-%d %H:%M:%S} UTC (model {model}, version {version})"
    return [title, "", *table(rows, to_the_right=(0, 3))]


def hottest_workspaces(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The workspaces with the highest scores, and where they go."""
    found = connection.execute(
        """
        select
            workspace_id, total, stage, destinations, owner_team, reason_1, reason_2, reason_3
        from analytics.plg_workspace_scores
        join (select workspace_id, destinations, owner_team from analytics.plg_routing) using (workspace_id)
        order by total desc, workspace_id limit $limit
        """,
        {"limit": HOW_MANY},
    ).fetchall()
    if not found:
        return ["No workspace is known, so none has a score."]
    rows = [("", "workspace", "score", "stage", "goes to", "owner", "why")]
    for rank, (workspace_id, total, stage, destinations, owner, *reasons) in enumerate(found, start=1):
        first, *others = [reason for reason in reasons if reason] or ["nothing scored"]
        rows.append((str(rank), workspace_id, f"{total:.1f}", stage, destinations or "-", owner or "-", first))
        rows.extend(("", "", "", "", "", "", reason) for reason in others)
    return ["The hottest workspaces", "", *table(rows, to_the_right=(0, 2))]


def workspaces(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The workspaces for which a step is due, those in the narrowest audience first."""
    rows = connection.execute(
        """
        select
            workspace_id, status, product_state, sales_state, due_step, strftime(due_at, '%Y-%m-%d %H:%M'), audience, cohorts
        from analytics.plg_workspace_overview
        left join (
            select member_id as workspace_id, max(level) as level from analytics.plg_int_audience_results group by all
        ) using (workspace_id)
        order by due_step is null, coalesce(level, 0) desc, due_at, workspace_id limit $limit
        """,
        {"limit": HOW_MANY},
    ).fetchall()
    if not rows:
        return ["No workspace is known."]
    header = ("workspace", "status", "product", "sales", "due step", "since (UTC)", "audience", "cohorts")
    cells = [tuple("-" if cell is None else str(cell) for cell in row) for row in rows]
    return ["Workspaces with a step that is due: status, journeys, sequence, audience, cohorts", "", *table([header, *cells])]


def table(rows: list[tuple[str, ...]], to_the_right: tuple[int, ...] = ()) -> list[str]:
    """Columns as wide as their widest cell, those in `to_the_right` flush right, a line under the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: tuple[str, ...]) -> str:
        cells = [
            cell.rjust(width) if column in to_the_right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ]
        return "  ".join(cells).rstrip()

    header, *body = rows
    return [line(header), "  ".join("-" * width for width in widths), *map(line, body)]


def summary(connection: duckdb.DuckDBPyConnection) -> list[str]:
    lines = []
    for title, query in {
        "Users by stage": """
            select stage, count(*) from analytics.plg_user_scores group by stage order by min(total) desc
        """,
        "Workspaces by stage": """
            select stage, count(*) from analytics.plg_workspace_scores group by stage order by min(total) desc
        """,
        "Anomalies": """
            select replace(anomaly, '_', ' '), count(*) from analytics.plg_anomalies where status = 'alert'
            group by anomaly order by anomaly
        """,
        "Users by status": """
            select status, count(*) from analytics.plg_user_status group by status order by count(*) desc, status
        """,
        "Workspaces by status": """
            select status, count(*) from analytics.plg_workspace_status group by status order by count(*) desc, status
        """,
        "Workspaces by audience": """
            select audience, count(*) from analytics.plg_audience_members where left_at is null
            group by audience_set, level, audience order by audience_set, level
        """,
        "People and identifiers": """
            from (select 'people', count(distinct canonical_id) from analytics.plg_identities where demoted is null)
            union all from (select 'identifiers', count(*) from analytics.plg_identities)
            union all from (
                select 'links refused', count(*) from analytics.plg_identity_audit where right_value is not null
            )
        """,
        "Users and the CRM": """
            select replace(status, '_', ' '), count(*) from analytics.plg_contacts
            where matched_from = 'user' group by status order by count(*) desc, status
        """,
        "Accounts of workspaces by": """
            select replace(coalesce(signal, 'nothing'), '_', ' '), count(*) from analytics.plg_workspace_accounts
            group by signal order by count(*) desc, signal
        """,
        "Workspaces that may be the same": """
            select kind || 's', count(*) from analytics.plg_duplicate_workspaces group by kind order by kind
        """,
        "Rows that count nowhere": """
            select replace(reason, '_', ' '), row_count from analytics.plg_ignored_events
            where row_count > 0 order by row_count desc, reason
        """,
        "Events not in the model (counted, not scored)": """
            select event, event_count from analytics.plg_unknown_events order by event_count desc, event limit 10
        """,
    }.items():
        counts = connection.execute(query).fetchall()
        if counts:
            lines.append(f"{title}: " + ", ".join(f"{name} {count:,.0f}" for name, count in counts))
    return lines


if __name__ == "__main__":
    main()
