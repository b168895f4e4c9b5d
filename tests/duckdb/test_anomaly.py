"""Anomalies against DuckDB's own SQL and Python's ipaddress, on random histories."""

import ipaddress
import json
import random

import pytest
from sql import text

AS_OF = "TIMESTAMP '2026-01-31 12:00:00'"
ISO = "'%Y-%m-%dT%H:%M:%S.%fZ'"


def model(**parts):
    return text(json.dumps(parts))


@pytest.fixture(autouse=True)
def pick(connection):
    """`pick(x, n)`: a whole number from 0 to n - 1 that looks random."""
    connection.execute("CREATE MACRO pick(x, n) AS CAST(hash(x) % n AS BIGINT)")


def test_loops_are_the_hours_of_a_group_by(connection):
    connection.execute(f"""
        CREATE TABLE events AS
        SELECT i % 40 AS account, 'u' || i % 3 AS user_id, 'e' || pick(i, 2) AS event, pick(i * 7, 4) AS count,
            {AS_OF} - to_seconds(pick(i * 3, 36000)) + INTERVAL 5 MINUTES AS occurred_at
        FROM range(20000) AS r(i)
    """)
    expected = connection.execute(f"""
        SELECT account, user_id, event, strftime(date_trunc('hour', occurred_at), {ISO}), sum(count),
            strftime(max(occurred_at) FILTER (count > 0), {ISO})
        FROM events WHERE occurred_at <= {AS_OF}
        GROUP BY account, user_id, event, date_trunc('hour', occurred_at) HAVING sum(count) >= 15 ORDER BY ALL
    """).fetchall()
    found = connection.execute(f"""
        WITH accounts AS (
            SELECT account, plg_event_loop(list({{'user_id': user_id, 'event': event, 'occurred_at': occurred_at, 'count': count}}
                ORDER BY random()), {model(spam={'per_hour': 15})}, {AS_OF}).loops AS loops
            FROM events GROUP BY account
        )
        SELECT account, found.user_id, found.event, found.hour, found.count, found.last_at
        FROM (SELECT account, unnest(loops) AS found FROM accounts) ORDER BY ALL
    """).fetchall()
    assert found == expected
    assert len(expected) > 300


def test_loops_of_rollups_are_those_of_the_raw_events(connection):
    # By day: whether the busiest hour of a user and event is a loop.
    connection.execute(f"""
        CREATE TABLE events AS
        SELECT 'u' || i % 7 AS user_id, 'run' AS event, {AS_OF} - to_seconds(pick(i, 864000)) AS occurred_at
        FROM range(6000) AS r(i)
    """)
    call = f"plg_event_loop(list(e), {model(spam={'per_hour': 7})}, {AS_OF}).loops"
    of_hours, of_days = (
        connection.execute(f"SELECT unnest({call}, recursive := true) FROM ({query})").fetchall()
        for query in [
            "SELECT {'user_id': user_id, 'event': event, 'occurred_at': occurred_at} AS e FROM events",
            """SELECT {'user_id': user_id, 'event': event, 'occurred_at': max(last_at), 'count': sum(n), 'max_per_hour': max(n)} AS e
               FROM (SELECT user_id, event, max(occurred_at) AS last_at, count(*) AS n FROM events
                     GROUP BY user_id, event, date_trunc('hour', occurred_at))
               GROUP BY user_id, event, date_trunc('day', last_at)""",
        ]
    )
    most = {}
    for user, event, hour, is_day, count, _ in of_hours:
        assert not is_day
        day = (user, event, hour[:10])
        most[day] = max(count, most.get(day, 0))
    assert {(user, event, day[:10]): count for user, event, day, is_day, count, _ in of_days if is_day} == most
    assert len(most) > 20


def test_unusual_days_have_the_figures_of_sql(connection):
    connection.execute(f"""
        CREATE TABLE workspaces AS
        SELECT i AS id, CASE WHEN i % 3 > 0 THEN {AS_OF} - to_hours(pick(i, 1200)) END AS created_at, pick(i * 5, 9) AS busy
        FROM range(1500) AS r(i);
        CREATE TABLE events AS
        SELECT id, {AS_OF} - to_minutes(pick(id * 1000 + i, 60000)) AS occurred_at, 1 + pick(id + i, 3) AS count
        FROM workspaces, range(120) AS r(i) WHERE pick(i * 31 + id, 9) < busy
        UNION ALL
        SELECT id, {AS_OF} - to_minutes(i * 10), busy FROM workspaces, range(40) AS r(i) WHERE pick(id * 3, 30) > i
    """)
    connection.execute(f"""
        CREATE TABLE days AS
        SELECT id, back, coalesce(n, 0) AS n
        FROM (SELECT * FROM workspaces, range(1, 31) AS d(back))
        LEFT JOIN (
            SELECT id, date_diff('day', CAST(occurred_at AS DATE), CAST({AS_OF} AS DATE)) AS back, sum(count) AS n
            FROM events GROUP BY ALL
        ) AS of_day USING (id, back)
        WHERE created_at IS NULL OR back <= date_diff('day', CAST(created_at AS DATE), CAST({AS_OF} AS DATE))
    """)
    rows = connection.execute(f"""
        WITH past AS (SELECT id, count(*) AS days, avg(n) AS mean, median(n) AS median, mad(n) AS mad FROM days GROUP BY id),
        today AS (
            SELECT id, coalesce(sum(count) FILTER (CAST(occurred_at AS DATE) = CAST({AS_OF} AS DATE)), 0) AS today,
                list({{'occurred_at': occurred_at, 'count': count}} ORDER BY random()) AS events
            FROM workspaces LEFT JOIN events USING (id) GROUP BY id
        )
        SELECT plg_rate_anomaly(events, created_at, '{{}}', {AS_OF}), today, coalesce(days, 0), mean, median, mad,
            0.6745 * (today - median) / nullif(mad, 0)
        FROM workspaces JOIN today USING (id) LEFT JOIN past USING (id)
    """).fetchall()
    seen = set()
    for found, today, days, mean, median, mad, z in rows:
        known = days >= 7
        enough = known and mean >= 1
        by_ratio = bool(enough and today >= 5 * mean)
        by_z = bool(enough and z is not None and z > 3.5)
        status = "alert" if by_ratio or by_z else "normal" if known else "insufficient_history"
        assert (found["status"], found["is_ratio_alert"], found["is_z_alert"]) == (status, by_ratio, by_z)
        assert (found["today"], found["days"]) == (today, days)
        figures = (mean, median, mad, z) if known else (None,) * 4
        assert tuple(found[name] for name in ("mean", "median", "mad", "robust_z")) == figures
        assert found["ratio"] == (today / mean if known and mean else None)
        seen.add((status, by_ratio, by_z))
    assert len(seen) == 5


def block(address):
    """What Python makes of an address; without zones, which it would take."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if "%" in address:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def random_address(draw):
    if draw.random() < 0.3:
        return str(ipaddress.IPv4Address(draw.getrandbits(32)))
    groups = [draw.choice([0, 0, 0xFFFF, draw.getrandbits(16)]) for _ in range(8)]
    if draw.random() < 0.2:
        groups[:6] = [0, 0, 0, 0, 0, 0xFFFF]
    number = sum(group << 16 * i for i, group in enumerate(reversed(groups)))
    ip = ipaddress.IPv6Address(number)
    tail = str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return draw.choice([str(ip), str(ip).upper(), ip.exploded, ip.exploded[:30] + tail, ":".join(f"{g:x}" for g in groups)])


def random_damage(draw, address):
    at = draw.randrange(len(address) + 1)
    piece = draw.choice(["", ":", "::", ".", "0", "00", "f", "g", " ", "%", "/", "1", "256", "é", "²", "٣"])
    return address[:at] + piece + address[at + draw.randint(0, 3) :]


def test_blocks_are_those_of_pythons_ipaddress(connection):
    draw = random.Random(1)
    addresses = [random_address(draw) for _ in range(8_000)]
    addresses += [random_damage(draw, address) for address in addresses]
    addresses += ["", ":", "::", ":::", "::1", "1::", "::1::", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7::8", "::%eth0"]
    addresses += ["1.2.3.4", "1.2.3", "1.2.3.4.5", "01.2.3.4", "0.0.0.0", "1.2.3.4 ", "::1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4"]
    expected = [block(address) for address in addresses]
    found = connection.execute(
        "SELECT list_transform(from_json(?, '[\"VARCHAR\"]'), lambda ip: plg_ip_block(ip))", [json.dumps(addresses)]
    ).fetchone()[0]
    assert [triple for triple in zip(addresses, found, expected) if triple[1] != triple[2]] == []
    assert expected.count(None) > 2_000 and len(set(expected)) > 4_000


@pytest.mark.parametrize(("count", "seconds"), [(2, 1), (4, 20), (10, 60)])
def test_bursts_are_the_islands_of_window_functions(connection, count, seconds):
    draw = random.Random(count)
    rows = []
    for _ in range(6_000):
        number = draw.getrandbits(32)
        ip = draw.choice([f"203.0.{number % 3}.{number % 200}", f"2001:db8:{number % 4:x}::{number & 0xFFFF:x}", f"::ffff:203.0.1.{number % 200}"])
        rows.append({"day": number % 5, "ip": ip, "block": block(ip), "us": draw.randint(0, 2_000) * 500_000})
    connection.execute(
        """CREATE TABLE signups AS SELECT unnest(from_json(
               ?, '[{"day": "INTEGER", "ip": "VARCHAR", "block": "VARCHAR", "us": "BIGINT"}]'), recursive := true)""",
        [json.dumps(rows)],
    )
    expected = connection.execute(f"""
        WITH windows AS (
            SELECT day, block, us, count(*) OVER w AS n, max(us) OVER w AS last FROM signups
            WINDOW w AS (PARTITION BY day, block ORDER BY us RANGE BETWEEN CURRENT ROW AND {seconds * 1_000_000} FOLLOWING)
        ),
        full_ones AS (SELECT DISTINCT day, block, us, last FROM windows WHERE n >= {count}),
        marked AS (
            SELECT *, us <= max(last) OVER (PARTITION BY day, block ORDER BY us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                AS shares
            FROM full_ones
        ),
        numbered AS (
            SELECT *, count(*) FILTER (shares IS NOT TRUE) OVER (PARTITION BY day, block ORDER BY us) AS island FROM marked
        ),
        islands AS (SELECT day, block, min(us) AS first, max(last) AS last FROM numbered GROUP BY day, block, island)
        SELECT day, i.block, count(*), strftime(make_timestamp(first), {ISO}), strftime(make_timestamp(last), {ISO})
        FROM islands AS i JOIN signups AS s USING (day, block) WHERE us BETWEEN first AND last
        GROUP BY day, i.block, first, last ORDER BY day, first, i.block
    """).fetchall()
    found = connection.execute(f"""
        WITH days AS (
            SELECT day, plg_signup_burst(list({{'ip': ip, 'occurred_at': make_timestamp(us)}} ORDER BY random()),
                {model(anomalies={'signups': {'count': count, 'seconds': seconds}})}, {AS_OF}).bursts AS bursts
            FROM signups GROUP BY day ORDER BY day
        )
        SELECT day, found.block, found.count, found.first_at, found.last_at
        FROM (SELECT day, unnest(bursts) AS found FROM days)
    """).fetchall()
    assert sorted(found, key=lambda row: row[0]) == expected
    assert len(expected) > 20


def test_a_million_signups_of_one_block_take_a_moment(value):
    burst = value(f"""
        SELECT plg_signup_burst(list({{'ip': '203.0.113.7', 'occurred_at': make_timestamp(i * 1000)}}), '{{}}', {AS_OF}).bursts
        FROM range(1000000) AS r(i)
    """)
    assert [found["count"] for found in burst] == [1_000_000]
