"""What the report says: its sections, each with sentences, charts and the numbers of the charts as tables."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import duckdb

# Scores go from 0 to 100; thresholds are multiples of 5 in the starter model, so that no bin has two stages.
BIN_WIDTH = 5

HOTTEST = 10
LONGEST_CURVE_DAYS = 56
COHORTS = 6

# A share of fewer would jump by more than a fifth with each workspace.
SMALLEST_SHARE_OF = 5

# Rows that a table of the page holds at most; the rest is counted below it.
TABLE_ROWS = 200


@dataclass
class Table:
    """Numbers to read: one text per cell, columns in `numeric` flush right."""

    id: str
    caption: str
    columns: list[str]
    rows: list[list[str]]
    numeric: set[int] = field(default_factory=set)
    # Columns whose text gets a mark of its own colour, by the class of each text.
    marked: dict[int, dict[str, str]] = field(default_factory=dict)
    # A column of scores, 0 to 100, with a bar below each.
    bar: int | None = None
    # Tables that belong to a chart are closed until somebody wants the numbers.
    closed: bool = False
    left_out: int = 0


@dataclass
class Chart:
    """`content` is what charts.js draws; `description` says the same to whoever does not see it."""

    id: str
    title: str
    description: str
    content: dict


@dataclass
class Section:
    id: str
    title: str
    # What the numbers say, in sentences.
    lead: list[str]
    charts: list[Chart] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    # How to read it.
    note: str = ""
    # Charts that may stand side by side.
    in_pairs: bool = False


@dataclass
class Report:
    subtitle: str
    tiles: list[tuple[str, str]]
    sections: list[Section]


class Marts:
    """The tables of the schema analytics, of which an own project may lack some."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.connection.execute("set TimeZone = 'UTC'")
        names = connection.execute("select table_name from information_schema.tables where table_schema = 'analytics'")
        self.names = {name for (name,) in names.fetchall()}

    def has(self, *tables: str) -> bool:
        return self.names.issuperset(tables)

    def rows(self, query: str, parameters: dict | None = None) -> list[tuple]:
        return self.connection.execute(query, parameters).fetchall()

    def value(self, query: str, parameters: dict | None = None):
        return self.rows(query, parameters)[0][0]

    def columns(self, table: str) -> list[str]:
        return [name for name, *_ in self.rows(f"describe analytics.{table}")]

    def stages(self) -> list[str]:
        """The stages of the model in use, the coldest first."""
        query = "select json_extract_string(document, '$.stages[*].name') from analytics.plg_score_model"
        return list(reversed(self.value(query)))

    def thresholds(self) -> list[dict]:
        """From which score on a workspace is in which stage, for the stages that have a threshold."""
        query = """
            select json_extract_string(stage, '$.name'), cast(json_extract(stage, '$.at_least') as double) as at_least
            from (select unnest(json_extract(document, '$.stages[*]')) as stage from analytics.plg_score_model)
            where at_least is not null order by at_least
        """
        return [{"stage": stage, "at_least": at_least} for stage, at_least in self.rows(query)]


def read(connection: duckdb.DuckDBPyConnection) -> Report:
    marts = Marts(connection)
    sections = (hottest, scores, flow, funnels, curves, health, identities, trust)
    return Report(subtitle(marts), tiles(marts), [section(marts) for section in sections])


def subtitle(marts: Marts) -> str:
    model, version = marts.rows("select model, model_version from analytics.plg_score_model")[0]
    as_of = marts.value("""
        select max(as_of) from (
            select as_of from analytics.plg_user_scores union all select as_of from analytics.plg_workspace_scores
        )
        """)
    scoring = f"scoring model {model}, version {version}"
    return f"As of {moment(as_of)} UTC, {scoring}" if as_of else f"Nothing scored yet, {scoring}"


def tiles(marts: Marts) -> list[tuple[str, str]]:
    """The sizes of everything, in one line."""
    qualified = [threshold["stage"] for threshold in marts.thresholds()][-2:]
    queries = {
        "events": "select coalesce(sum(event_count), 0) from analytics.plg_daily_events",
        "users": "select count(*) from analytics.plg_user_scores",
        "workspaces": "select count(*) from analytics.plg_workspace_scores",
        f"workspaces {' or '.join(qualified)}": """
            select count(*) from analytics.plg_workspace_scores where list_contains($qualified, stage)
        """,
        "people": "select count(distinct canonical_id) from analytics.plg_identities where demoted is null",
        "anomalies to look at": "select count(*) from analytics.plg_anomalies where status = 'alert'",
    }
    return [
        (count(marts.value(query, {"qualified": qualified} if "$qualified" in query else None)), label)
        for label, query in queries.items()
    ]


def hottest(marts: Marts) -> Section:
    section = Section("hottest", "Hottest workspaces", [])
    rows = marts.rows(f"""
        select workspace_id, total, scores.stage, destinations, owner_team, owner, scores.reason_1, scores.reason_2, scores.reason_3
        from analytics.plg_workspace_scores as scores
        left join analytics.plg_routing as routing using (workspace_id)
        order by total desc, workspace_id limit {HOTTEST}
        """)
    if not rows:
        section.lead.append("No workspace is known, so none has a score.")
        return section
    first, total, stage, *_ = rows[0]
    section.lead.append(f"{first} leads with {points(total)} of 100 points ({stage}).")
    cells = []
    for workspace, total, stage, destinations, team, owner, *reasons in rows:
        goes_to = (destinations or "nowhere").replace("_", " ")
        whose = ", ".join(name for name in (team, owner) if name) or "nobody"
        why = [reason for reason in reasons if reason] or ["nothing scored"]
        cells.append([workspace, points(total), stage, goes_to, whose, "\n".join(why)])
    columns = ["workspace", "score", "stage", "goes to", "owner", "why (points)"]
    table = Table("hottest-table", f"The {len(rows)} with the highest scores", columns, cells, numeric={1}, bar=1)
    table.marked = {2: heat(marts.stages())}
    section.tables.append(table)
    section.note = "Reasons are the three largest contributions of points, as they were when the score was computed."
    return section


def scores(marts: Marts) -> Section:
    section = Section("scores", "Score distribution", [], in_pairs=True)
    stages = marts.stages()
    for what in ("workspace", "user"):
        found = marts.rows(f"""
            select cast(least(floor(total / {BIN_WIDTH}) * {BIN_WIDTH}, {100 - BIN_WIDTH}) as integer) as low, stage, count(*)
            from analytics.plg_{what}_scores where total is not null group by all order by all
            """)
        if not found:
            section.lead.append(f"No {what} has a score.")
            continue
        of_stage = {stage: sum(number for _, at, number in found if at == stage) for stage in stages}
        total = sum(of_stage.values())
        listed = ", ".join(f"{number:,} {stage}" for stage, number in reversed(of_stage.items()) if number)
        section.lead.append(f"{counted(total, what)}: {listed}.")
        bins = [{"low": low, "high": low + BIN_WIDTH, "stage": stage, "count": number} for low, stage, number in found]
        content = {
            "kind": "histogram",
            "bins": bins,
            "stages": stages,
            "thresholds": marts.thresholds(),
            "what": f"{what}s",
        }
        section.charts.append(
            Chart(f"scores-{what}s", f"{what.capitalize()}s by score", f"Histogram of the scores: {listed}.", content)
        )
        rows = [[f"{low} to {low + BIN_WIDTH}", stage, count(number)] for low, stage, number in found]
        section.tables.append(
            Table(
                f"scores-{what}s-table",
                f"{what.capitalize()}s by score",
                ["score", "stage", f"{what}s"],
                rows,
                {2},
                closed=True,
            )
        )
    section.note = (
        "Dashed lines are the thresholds of the stages. A score may stay in its stage a little below its threshold."
    )
    return section


def flow(marts: Marts) -> Section:
    section = Section("flow", "Stages over time", [])
    if not marts.has("plg_stage_flow"):
        section.lead.append("This project has no plg_stage_flow.")
        return section
    rows = marts.rows("""
        select as_of, from_stage, to_stage, workspaces from analytics.plg_stage_flow
        order by as_of, from_stage nulls first, to_stage nulls last
        """)
    if not rows:
        section.lead.append("No workspace had a score at any of these moments.")
        return section
    stages = marts.stages()
    rank = {stage: place for place, stage in enumerate(stages)}
    stayed = [row for row in rows if row[1] is not None and row[2] is not None]
    up = sum(number for _, before, after, number in stayed if rank.get(after, 0) > rank.get(before, 0))
    down = sum(number for _, before, after, number in stayed if rank.get(after, 0) < rank.get(before, 0))
    moments = sorted({row[0] for row in rows})
    section.lead.append(
        f"From {day(moments[0])} to {day(moments[-1])}: {counted(up, 'move')} to a hotter stage, {down:,} to a colder one."
    )
    moves = [
        {"at": at.isoformat() + "Z", "from": before, "to": after, "workspaces": number}
        for at, before, after, number in rows
    ]
    content = {"kind": "flow", "moves": moves, "stages": stages}
    description = (
        f"Workspaces by stage at {len(moments)} moments, and how they moved from one stage to another between them. "
    )
    section.charts.append(Chart("flow-chart", "Workspaces by stage", description + section.lead[0], content))
    cells = [[day(at), before or "not there yet", after or "gone", count(number)] for at, before, after, number in rows]
    columns = ["as of", "from stage", "to stage", "workspaces"]
    section.tables.append(limited(Table("flow-table", "Moves between stages", columns, cells, {3}, closed=True)))
    section.note = (
        "Mondays are scored anew with the model of today, up to the last one whose outcome is known; the last column is the moment of "
        "the report. What no band leads to is new."
    )
    return section


def funnels(marts: Marts) -> Section:
    section = Section("funnels", "Funnels by cohort", [], in_pairs=True)
    found = marts.rows("""
        select
            funnel, experiment, variant, step_number, step, entered, reached, still_open,
            rate_from_start, rate_from_start_low, rate_from_start_high, median_seconds_from_start
        from analytics.plg_funnel order by funnel, step_number, variant
        """)
    if not any(row[5] for row in found):
        section.lead.append("Nobody has entered a funnel.")
    for name in dict.fromkeys(row[0] for row in found):
        steps = [row for row in found if row[0] == name]
        experiment = steps[0][1]
        last = max(row[3] for row in steps)
        ends = [
            f"{share(rate)} of {variant}"
            for _, _, variant, number, *_, rate, _, _, _ in steps
            if number == last and rate is not None
        ]
        if ends:
            section.lead.append(f"{name}: {', '.join(ends)} got from the first step to the last.")
        bars = [
            {
                "step": f"{number}. {step}",
                "cohort": variant,
                "entered": entered,
                "reached": reached,
                "rate": rate,
                "low": low,
                "high": high,
            }
            for _, _, variant, number, step, entered, reached, _, rate, low, high, _ in steps
        ]
        title = f"{name}, by cohort of {experiment}" if experiment else name
        if any(bar["entered"] for bar in bars):
            described = f"Share that reached each step of the funnel {name}; {', '.join(ends)} reached the last."
            section.charts.append(
                Chart(f"funnel-{len(section.charts) + 1}", title, described, {"kind": "funnel", "bars": bars})
            )
        rows = [
            [
                f"{number}. {step}",
                variant,
                count(entered),
                count(reached),
                share(rate),
                interval(low, high),
                days(seconds),
                count(still_open),
            ]
            for _, _, variant, number, step, entered, reached, still_open, rate, low, high, seconds in steps
        ]
        columns = ["step", "cohort", "entered", "reached", "share", "95% interval", "median days", "still open"]
        identifier = f"funnel-{len(section.tables) + 1}-table"
        section.tables.append(Table(identifier, title, columns, rows, {2, 3, 4, 5, 6, 7}, closed=True))
    section.note = "Shares are of those who entered; the thin line is the 95% interval. Whose windows are still open may yet get further."
    return section


def curves(marts: Marts) -> Section:
    section = Section("activation", "Activation and habit", [], in_pairs=True)
    # Who was created before the events begin may have done anything unseen.
    workspaces = marts.rows(f"""
        with signals as (
            select
                strftime(created_at, '%Y-%m') as cohort,
                date_diff('second', created_at, as_of) / 86400.0 as age_days,
                time_to_activation_hours / 24 as activation_days,
                date_diff('second', created_at, habit_reached_at) / 86400.0 as habit_days
            from analytics.plg_workspace_signals
            where created_at <= as_of
                and created_at >= (select date_trunc('month', min(day)) from analytics.plg_workspace_daily_events)
        )
        from signals
        where cohort in (from (select distinct cohort from signals) order by cohort desc limit {COHORTS})
        order by all
        """)
    if not workspaces:
        section.lead.append("No workspace with a time of creation was created since the events begin.")
        return section
    for place, (what, title, verb) in enumerate(
        (("activation", "Activated", "activated"), ("habit", "With a habit", "had a habit")), start=2
    ):
        lines, rows, said = [], [], []
        for cohort in sorted({row[0] for row in workspaces}):
            members = [(row[1], row[place]) for row in workspaces if row[0] == cohort]
            curve = reached_by_day(members)
            reached = sum(1 for age, after in members if after is not None)
            lines += [{"cohort": cohort, "day": number, "share": value} for number, value in curve]
            by_day = dict(curve)
            rows.append(
                [
                    cohort,
                    count(len(members)),
                    count(reached),
                    *(share(by_day.get(number)) for number in (7, 14, 28, 56)),
                ]
            )
            if 28 in by_day:
                said.append(f"{cohort} {share(by_day[28])}")
        if said:
            section.lead.append(f"{verb.capitalize()} within 28 days, by month of creation: {', '.join(said)}.")
        described = f"Share of workspaces that {verb}, by days since creation, one line per month of creation. {'; '.join(said)} by day 28."
        if lines:
            section.charts.append(
                Chart(
                    f"{what}-chart", f"{title}, by days since creation", described, {"kind": "curves", "lines": lines}
                )
            )
        columns = ["created in", "workspaces", what, "by day 7", "by day 14", "by day 28", "by day 56"]
        section.tables.append(
            Table(f"{what}-table", f"{title}, by month of creation", columns, rows, set(range(1, 7)), closed=True)
        )
    section.note = (
        "Shares are Kaplan-Meier estimates: a workspace counts for as long as it has existed, so a young cohort does not look like a slow "
        f"one. A line ends where fewer than {SMALLEST_SHARE_OF} workspaces are that old. Months before the first event are left out."
    )
    return section


def reached_by_day(members: list[tuple[float, float | None]]) -> list[tuple[int, float]]:
    """The Kaplan-Meier estimate of the share that has reached something within each number of days, from 0 on.

    `members` are ages in days and, for whom it happened, after how many days. Only whole days count: on a day, those are watched who have
    lived through it and had not reached it before.
    """
    curve, remaining = [(0, 0.0)], 1.0
    for number in range(1, LONGEST_CURVE_DAYS + 1):
        alive = [max(after, 0) if after is not None else None for age, after in members if age >= number]
        if len(alive) < SMALLEST_SHARE_OF:
            break
        watched = [after for after in alive if after is None or after >= number - 1]
        if watched:
            remaining *= 1 - sum(1 for after in watched if after is not None and after < number) / len(watched)
        curve.append((number, 1 - remaining))
    return curve if len(curve) > 1 else []


def health(marts: Marts) -> Section:
    section = Section("health", "Health by use case", [])
    if not marts.has("plg_use_case_health"):
        section.lead.append("This project does not measure the health of use cases: it has no plg_use_case_health.")
        return section
    found = marts.rows("""
        select use_case, coalesce(colour, 'Unknown'), count(*), avg(score)
        from analytics.plg_use_case_health group by all order by use_case
        """)
    if not found:
        section.lead.append("No use case of a workspace has been measured.")
        return section
    colours = ("Red", "Yellow", "Green", "Unknown")
    use_cases = list(dict.fromkeys(row[0] for row in found))
    numbers = {(use_case, colour): number for use_case, colour, number, _ in found}
    content = {
        "kind": "health",
        "bars": [
            {"use_case": use_case, "colour": colour, "count": numbers.get((use_case, colour), 0)}
            for use_case in use_cases
            for colour in colours
        ],
    }
    listed = [
        f"{use_case}: "
        + ", ".join(
            f"{numbers[use_case, colour]:,} {colour.lower()}" for colour in colours if (use_case, colour) in numbers
        )
        for use_case in use_cases
    ]
    red = {use_case: numbers.get((use_case, "Red"), 0) for use_case in use_cases}
    worst = max(use_cases, key=lambda use_case: red[use_case])
    section.lead.append(
        f"{worst} is red most often: in {counted(red[worst], 'workspace')}."
        if red[worst]
        else "No use case is red anywhere."
    )
    section.charts.append(Chart("health-chart", "Workspaces by colour", "; ".join(listed) + ".", content))
    rows = [[use_case, *(count(numbers.get((use_case, colour), 0)) for colour in colours)] for use_case in use_cases]
    section.tables.append(
        Table("health-table", "Workspaces by colour", ["use case", *colours], rows, {1, 2, 3, 4}, closed=True)
    )
    section.note = "A score up to 50 is red, up to 75 yellow, above green, unless the definition says otherwise; unknown is where nothing was measured."
    return section


def identities(marts: Marts) -> Section:
    section = Section("identities", "Identity merges", [])
    sizes = marts.rows("""
        with people as (
            select canonical_id, count(*) as identifiers from analytics.plg_identities where demoted is null group by canonical_id
        )
        select least(identifiers, 10), count(*) from people group by all order by all
        """)
    if not sizes:
        section.lead.append("No identifiers are linked.")
        return section
    people = sum(number for _, number in sizes)
    linked = marts.value("select count(*) from analytics.plg_identities where demoted is null")
    section.lead.append(f"{linked:,} identifiers were merged into {people:,} {'person' if people == 1 else 'people'}.")
    bars = [{"identifiers": "10 or more" if size == 10 else str(size), "people": number} for size, number in sizes]
    described = "People by the number of their identifiers: " + ", ".join(
        f"{number:,} with {bars[i]['identifiers']}" for i, (_, number) in enumerate(sizes)
    )
    section.charts.append(
        Chart("identities-chart", "People by number of identifiers", described + ".", {"kind": "sizes", "bars": bars})
    )
    rows = [[bar["identifiers"], count(bar["people"])] for bar in bars]
    section.tables.append(
        Table(
            "identities-table", "People by number of identifiers", ["identifiers", "people"], rows, {0, 1}, closed=True
        )
    )
    types = marts.rows("""
        select identifier_type, count(*), count(distinct canonical_id) filter (demoted is null), count(demoted)
        from analytics.plg_identities group by all order by all
        """)
    section.tables.append(
        Table(
            "identifier-types-table",
            "Identifiers by type",
            ["type", "identifiers", "people who have one", "connect nobody"],
            [[words(kind), *map(count, numbers)] for kind, *numbers in types],
            {1, 2, 3},
        )
    )
    audit = marts.rows(
        "select reason, count(*), sum(link_count) from analytics.plg_identity_audit group by all order by all"
    )
    if audit:
        section.tables.append(
            Table(
                "identity-audit-table",
                "What the guardrails did",
                ["reason", "decisions", "links"],
                [[words(reason), count(decisions), count(links)] for reason, decisions, links in audit],
                {1, 2},
            )
        )
    section.note = "A person is everything that links connect, as far as the guardrails allow; plg_identity_audit has each decision with its link."
    return section


def trust(marts: Marts) -> Section:
    section = Section("trust", "Data trust", [])
    if marts.has("plg_trust"):
        columns = [name for name in marts.columns("plg_trust") if name != "as_of"]
        found = marts.rows(f"select {', '.join(columns)} from analytics.plg_trust order by all")
        filled = [place for place in range(len(columns)) if any(row[place] is not None for row in found)]
        columns, found = [columns[place] for place in filled], [tuple(row[place] for place in filled) for row in found]
        # What needs somebody stands first.
        places = {"fail": 0, "warn": 1}
        if "status" in columns:
            at = columns.index("status")
            found.sort(key=lambda row: places.get(row[at], 2))
            statuses = [row[at] for row in found]
            listed = ", ".join(f"{statuses.count(status):,} {status}" for status in dict.fromkeys(statuses))
            section.lead.append(f"{counted(len(found), 'check')}: {listed}.")
        cells = [[text(value) for value in row] for row in found]
        numeric = {
            place
            for place in range(len(columns))
            if any(isinstance(row[place], (int, float, Decimal)) for row in found)
        }
        table = Table("trust-table", "Checks and their last results", [words(name) for name in columns], cells, numeric)
        if "status" in columns:
            table.marked = {columns.index("status"): {"fail": "fail", "warn": "warn", "pass": "pass"}}
        section.tables.append(limited(table))
    else:
        section.lead.append("This project has no plg_trust; here is what was read and did not count.")
    ignored = marts.rows("""
        select 'event rows' as what, reason, cast(row_count as bigint) as number from analytics.plg_ignored_events
        union all
        select 'identity links', reason, cast(row_count as bigint) from analytics.plg_ignored_identity_links
        union all
        select 'events not in the scoring model', event, cast(event_count as bigint) from analytics.plg_unknown_events
        order by what, number desc, reason
        """)
    ignored = [row for row in ignored if row[2]]
    unusable = marts.value("select coalesce(sum(row_count), 0) from analytics.plg_ignored_events")
    section.lead.append(f"{counted(unusable, 'row')} of events could not be used.")
    if ignored:
        rows = [
            [what, words(reason) if what != "events not in the scoring model" else reason, count(number)]
            for what, reason, number in ignored
        ]
        section.tables.append(
            limited(
                Table("ignored-table", "Read, counted, but not used", ["what", "which or why", "number"], rows, {2})
            )
        )
    section.note = "Nothing is lost silently: whatever does not count is counted here."
    return section


def heat(stages: list[str]) -> dict[str, str]:
    """The class of each stage: heat-0 for the coldest to heat-4 for the hottest."""
    last = max(len(stages) - 1, 1)
    return {stage: f"heat-{round(place * 4 / last)}" for place, stage in enumerate(stages)}


def limited(table: Table) -> Table:
    table.left_out = max(len(table.rows) - TABLE_ROWS, 0)
    del table.rows[TABLE_ROWS:]
    return table


def text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (float, Decimal)):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        return moment(value)
    return str(value)


def words(name: str) -> str:
    return str(name).replace("_", " ")


def count(number: float) -> str:
    return f"{number:,.0f}"


def counted(number: float, noun: str) -> str:
    return f"{number:,.0f} {noun}" if number == 1 else f"{number:,.0f} {noun}s"


def points(score: float) -> str:
    return f"{score:.1f}"


def share(rate: float | None) -> str:
    return "" if rate is None else f"{rate * 100:.0f}%"


def interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{share(low)} to {share(high)}"


def days(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 86400:.1f}"


def day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
