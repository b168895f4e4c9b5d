"""A made-up year of a SaaS product with planted truth, as raw tables of a DuckDB file.

Usage: generate.py --database FILE [--events 5000000]

What the product's tables would hold goes into the schema `raw`; what only who made them up can know into `truth`:
- activations: which workspace activates, when, and after how many hours,
- persons: whose every identifier is; shared_devices: those of several people, which must not make them one,
- loops: who ran in a loop in which hour; almost_loops: who stopped just below,
- bursts: from which addresses sign-ups came in bursts,
- tour: who took part in the experiment onboarding_tour, with which variant, and who finished,
- buyers: which workspaces were won, and when,
- ignored: how many rows of events lack what, or lie in the future.

Everything follows from one seed and NumPy's generator, whose streams do not change between releases (NEP 19, for the
distributions used here as long as the pinned NumPy is the same).
"""

import argparse
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

SEED = 20260701
DAY = 86_400
HOUR = 3_600
# The year is [2025-07-01, 2026-07-01), in seconds since 1970.
START = 20_270 * DAY
DAYS = 365
END = START + DAYS * DAY

WORKSPACES = 2_200
ACCOUNTS = 1_500
EXPERIMENT = "onboarding_tour"
# The experiment begins on 2026-01-01.
EXPERIMENT_START = START + 184 * DAY
CONVERSION = {"control": 0.20, "tour": 0.35}

# How the dbt package reads the tables, and what it is asked.
VARIABLES = {
    "plg_sources": {
        "events": {"optional": ["anonymous_id", "workspace_id", "event_id"]},
        "users": {
            "optional": [
                "seniority", "persona", "is_student", "has_personal_email", "is_in_target_function", "email", "updated_at",
            ],
        },
        "memberships": {"optional": ["is_workspace_admin", "joined_at"]},
        "subscriptions": {"optional": ["seats_purchased", "started_at", "trial_ends_at"]},
        "workspaces": {"optional": ["account_id", "type", "created_at"]},
        "accounts": {
            "optional": [
                "domain", "employee_count", "industry", "hq_region", "uses_data_warehouse", "has_business_domain", "segment",
                "account_ae",
            ],
        },
        "entitlements": {}, "opportunities": {}, "sales_activities": {}, "exclusions": {}, "signups": {},
        "crm_contacts": {}, "workspace_domains": {},
    },
    "plg_experiments": {EXPERIMENT: {"method": "growthbook", "variants": ["control", "tour"]}},
    "plg_funnels": {
        "tour": {
            "experiment": EXPERIMENT,
            "steps": [
                {"name": "started", "event": "tour_started"},
                {"name": "finished", "event": "tour_finished", "window": {"days": 7}},
            ],
        },
    },
}

USAGE = np.array(["core_feature_used", "report_viewed", "automation_run", "comment_added", "search_used"])
USAGE_SHARES = [0.5, 0.28, 0.12, 0.07, 0.03]


def fnv1a(text: str) -> int:
    """FNV-1a of 32 bits, as published by its authors."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def growthbook_variant(seed: str, user: str, variants: list[str]) -> str:
    """Equal shares by version 2 of GrowthBook's hash, as its documentation for makers of SDKs describes it."""
    bucket = fnv1a(str(fnv1a(seed + user))) % 10_000 / 10_000
    return variants[int(bucket * len(variants))]


class Year:
    """The tables, made one after the other; each uses what the former decided."""

    def __init__(self, events: int):
        self.random = np.random.default_rng(SEED)
        self.rows = events
        self.streams: list[pd.DataFrame] = []
        self.raw: dict[str, pd.DataFrame] = {}
        self.truth: dict[str, pd.DataFrame] = {}
        self.workspaces()
        self.users()
        self.identities()
        self.activations()
        self.buyers()
        self.invitations()
        self.experiment()
        self.loops()
        self.bursts()
        self.flawed_rows()
        self.usage()

    def emit(self, event, user, workspace, at, device=None):
        """A stream of events; what is a single text stands for every row, None for nobody and nowhere."""
        rows = pd.DataFrame({"at": np.asarray(at, dtype=np.float64)})
        for name, value in (("event", event), ("user", user), ("workspace", workspace), ("device", device)):
            rows[name] = value
        self.streams.append(rows)

    def workspaces(self):
        random = self.random
        # Most come early in the year, and some leave again, so that a day has about as many events as another.
        self.created = START + random.random(WORKSPACES) ** 2.2 * (DAYS - 5) * DAY
        self.account = random.integers(0, ACCOUNTS, WORKSPACES)
        self.size = np.clip(random.lognormal(1.75, 1.0, WORKSPACES), 1, 150).astype(int)
        kind = random.choice(["prod", "sandbox", "dev"], WORKSPACES, p=[0.9, 0.06, 0.04])
        names = workspace_names(np.arange(WORKSPACES))
        self.raw["workspaces"] = pd.DataFrame({
            "workspace_id": names, "account_id": account_names(self.account), "type": kind,
            "created_at": moments(self.created),
        })
        employees = np.clip(random.lognormal(5, 1.4, ACCOUNTS), 5, 50_000).astype(int)
        self.raw["accounts"] = pd.DataFrame({
            "account_id": account_names(np.arange(ACCOUNTS)), "domain": domains(np.arange(ACCOUNTS)),
            "employee_count": employees,
            "industry": random.choice(["Software", "Retail", "Logistics", "Media"], ACCOUNTS),
            "hq_region": random.choice(["Europe", "North America", "Asia"], ACCOUNTS),
            "uses_data_warehouse": random.random(ACCOUNTS) < 0.5, "has_business_domain": True,
            "segment": np.where(employees >= 1_000, "enterprise", np.where(employees >= 100, "mid_market", "smb")),
            "account_ae": np.where(random.random(ACCOUNTS) < 0.2, "Hugo", None),
        })
        self.raw["workspace_domains"] = pd.DataFrame({
            "workspace_id": names, "sso_domain": None,
            "billing_domain": np.where(random.random(WORKSPACES) < 0.5, domains(self.account), None),
            "billing_entity": None,
        })
        trial_end = self.created + 14 * DAY
        paid = random.random(WORKSPACES) < 0.35
        trialing = ~paid & (trial_end > END)
        self.raw["subscriptions"] = pd.DataFrame({
            "subscription_id": numbered("s", np.arange(WORKSPACES), 5), "workspace_id": names,
            "plan": np.where(paid, random.choice(["team", "business"], WORKSPACES), np.where(trialing, "trial", "free")),
            "status": np.where(trialing, "trialing", "active"),
            "mrr": np.where(paid, 12.0 * self.size, 0.0), "seats_purchased": np.where(paid, self.size, None),
            "started_at": moments(self.created), "trial_ends_at": moments(trial_end),
        })
        self.raw["entitlements"] = pd.DataFrame({
            "workspace_id": names, "entitlement": 40.0 * self.size, "valid_from": moments(self.created),
        })[random.random(WORKSPACES) < 0.8]

    def users(self):
        random = self.random
        home = np.repeat(np.arange(WORKSPACES), self.size)
        is_admin = np.r_[True, home[1:] != home[:-1]]
        joined = self.created[home] + np.where(is_admin, 0, random.exponential(45 * DAY, len(home)))
        there = joined < END - DAY
        self.home, self.is_admin, self.joined = home[there], is_admin[there], np.floor(joined[there])
        count = len(self.home)
        self.names = numbered("u", np.arange(count), 6)
        # A few work in a second workspace, too.
        self.second = np.where(random.random(count) < 0.03, random.integers(0, WORKSPACES, count), -1)
        self.second[self.created[np.maximum(self.second, 0)] > self.joined] = -1
        self.second[self.second == self.home] = -1
        company = self.account[self.home]
        self.emails = numbered("p", np.arange(count), 6) + "@" + domains(company)
        self.typed_emails = np.array([email.upper() for email in self.emails], dtype=object)
        self.raw["users"] = pd.DataFrame({
            "user_id": self.names,
            "seniority": random.choice(["ic", "manager", "director", "vp"], count, p=[0.7, 0.18, 0.08, 0.04]),
            "persona": random.choice(["champion", "economic buyer", "builder", "evaluator"], count, p=[0.1, 0.05, 0.55, 0.3]),
            "is_student": random.random(count) < 0.02, "has_personal_email": False,
            "is_in_target_function": random.random(count) < 0.6,
            "email": np.where(random.random(count) < 0.5, self.typed_emails, self.emails),
            "updated_at": moments(self.joined),
        })
        second = np.flatnonzero(self.second >= 0)
        self.raw["memberships"] = pd.DataFrame({
            "workspace_id": workspace_names(np.r_[self.home, self.second[second]]),
            "user_id": np.r_[self.names, self.names[second]],
            "is_workspace_admin": np.r_[self.is_admin, np.zeros(len(second), bool)],
            "joined_at": moments(np.r_[self.joined, self.joined[second]]),
        })
        self.raw["signups"] = pd.DataFrame({
            "ip": [f"10.{a}.{b}.{c}" for a, b, c in random.integers(1, 255, (count, 3))],
            "occurred_at": moments(self.joined),
        })

    def identities(self):
        random, count = self.random, len(self.names)
        self.devices = numbered("d", np.arange(count), 6)
        person = np.arange(count)
        links = [
            link("user_id", self.names, "email", self.typed_emails, self.joined),
            link("anonymous_id", self.devices, "user_id", self.names, self.joined + 60),
        ]
        identifiers = [
            ("user_id", self.names, person, 0), ("email", self.emails, person, 0), ("anonymous_id", self.devices, person, 60),
        ]
        # A second device, known by the address only; a contact of the CRM; a second address by single sign-on.
        some = np.flatnonzero(random.random(count) < 0.3)
        second_devices = numbered("e", some, 6)
        links.append(link("anonymous_id", second_devices, "email", self.emails[some], self.joined[some] + 2 * DAY))
        identifiers.append(("anonymous_id", second_devices, some, 2 * DAY))
        some = np.flatnonzero(random.random(count) < 0.4)
        contacts = numbered("c", some, 6)
        links.append(link("crm_contact_id", contacts, "email", self.emails[some], self.joined[some] + DAY))
        identifiers.append(("crm_contact_id", contacts, some, DAY))
        self.raw["crm_contacts"] = pd.DataFrame({
            "contact_id": contacts, "email": self.emails[some], "account_id": account_names(self.account[self.home[some]]),
            "updated_at": moments(self.joined[some]),
        })
        some = np.flatnonzero(random.random(count) < 0.05)
        subjects, others = numbered("sso", some, 6), numbered("alias", some, 6) + "@mail.example"
        links.append(link("sso_subject", subjects, "user_id", self.names[some], self.joined[some] + 3 * DAY))
        links.append(link("sso_subject", subjects, "email", others, self.joined[some] + 3 * DAY))
        identifiers += [("sso_subject", subjects, some, 3 * DAY), ("email", others, some, 3 * DAY)]
        # Devices of several people: whoever comes first has them, and nobody becomes one person by them.
        kiosks = numbered("kiosk", np.arange(50), 3)
        guests = random.choice(count, 250, replace=False)
        links.append(link("anonymous_id", np.repeat(kiosks, 5), "user_id", self.names[guests], self.joined[guests] + 9 * DAY))
        self.truth["shared_devices"] = pd.DataFrame({"device": np.repeat(kiosks, 5), "user_id": self.names[guests]})
        self.raw["identity_links"] = pd.concat(links)
        self.truth["persons"] = pd.concat([
            pd.DataFrame({
                "identifier_type": kind, "identifier": np.asarray(values), "person": persons,
                "first_seen": moments(self.joined[persons] + later),
            })
            for kind, values, persons, later in identifiers
        ])
        # Half of all people look at the prices before they sign up, on the device that is known to be theirs later.
        early = np.flatnonzero(random.random(count) < 0.5)
        self.emit("pricing_page_view", None, None, self.joined[early] - random.uniform(60, HOUR, len(early)), self.devices[early])

    def activations(self):
        random = self.random
        self.admins = np.flatnonzero(self.is_admin)
        homes = self.home[self.admins]
        self.emit("workspace_created", self.names[self.admins], workspace_names(homes), self.created[homes])
        hours = random.lognormal(3, 1.2, len(homes))
        at = np.floor(self.created[homes] + hours * HOUR)
        self.activates = (random.random(len(homes)) < 0.6) & (at < END - DAY)
        admins, homes, at = self.admins[self.activates], homes[self.activates], at[self.activates]
        self.activated_at = np.full(WORKSPACES, np.inf)
        self.activated_at[homes] = at
        self.emit("key_action_completed", self.names[admins], workspace_names(homes), at)
        value = at + random.exponential(12 * HOUR, len(at))
        self.emit("first_value_delivered", self.names[admins], workspace_names(homes), value)
        # And again now and then, later.
        repeats = random.integers(0, len(at), 20_000)
        later = at[repeats] + random.exponential(60 * DAY, len(repeats)) + HOUR
        self.emit("key_action_completed", self.names[admins[repeats]], workspace_names(homes[repeats]), later)
        self.truth["activations"] = pd.DataFrame({
            "workspace_id": workspace_names(homes), "activated_at": moments(at),
            "hours": (at - np.floor(self.created[homes] * 1000) / 1000) / HOUR,
        })

    def buyers(self):
        """Who buys has shown it in the weeks before; a few others show some of it for nothing."""
        random = self.random
        homes = np.flatnonzero((self.activated_at < END - 150 * DAY) & (self.size >= 4))
        bought = random.choice(homes, 220, replace=False)
        won = np.floor(random.uniform(END - 110 * DAY, END - 3 * DAY, len(bought)))
        teasers = random.choice(WORKSPACES, 60, replace=False)
        for event, times, targets, before in (
            ("pricing_page_view", 12, bought, won), ("upgrade_click", 6, bought, won), ("usage_limit_hit", 6, bought, won),
            ("pricing_page_view", 2, teasers, np.full(len(teasers), END)),
        ):
            who = np.repeat(np.arange(len(targets)), times)
            at = before[who] - random.uniform(DAY, 42 * DAY, len(who))
            admin = self.first_user(targets[who])
            self.emit(event, self.names[admin], workspace_names(targets[who]), np.maximum(at, self.joined[admin]))
        self.raw["opportunities"] = pd.DataFrame({
            "opportunity_id": numbered("o", np.arange(len(bought)), 4), "workspace_id": workspace_names(bought),
            "opened_at": moments(won - 20 * DAY), "closed_at": moments(won), "is_won": True,
        })
        self.truth["buyers"] = pd.DataFrame({"workspace_id": workspace_names(bought), "won_at": moments(won)})
        talked = bought[::2]
        self.raw["sales_activities"] = pd.DataFrame({
            "sales_activity_id": numbered("t", np.arange(len(talked)), 4), "workspace_id": workspace_names(talked),
            "started_at": moments(won[::2] - 15 * DAY), "ended_at": moments(won[::2]),
        })
        excluded = random.choice(WORKSPACES, 30, replace=False)
        self.raw["exclusions"] = pd.DataFrame({
            "workspace_id": workspace_names(excluded), "reason": "legal", "excluded_from": moments(self.created[excluded]),
            "excluded_until": pd.Series([pd.NaT] * len(excluded), dtype="datetime64[us]"),
        })

    def first_user(self, workspaces):
        """The number of a workspace's first user, its admin."""
        position = np.full(WORKSPACES, -1)
        position[self.home[self.admins]] = self.admins
        return position[workspaces]

    def invitations(self):
        guests = np.flatnonzero(~self.is_admin)
        homes = self.home[guests]
        hosts = self.first_user(homes)
        sent = np.maximum(self.joined[guests] - self.random.exponential(DAY, len(guests)), self.joined[hosts])
        self.emit("invite_sent", self.names[hosts], workspace_names(homes), sent)
        self.emit("invite_accepted", self.names[guests], workspace_names(homes), self.joined[guests])
        homes = np.flatnonzero(self.random.random(WORKSPACES) < 0.3)
        hosts = self.first_user(homes)
        at = self.joined[hosts] + self.random.exponential(20 * DAY, len(homes))
        self.emit("install_integration", self.names[hosts], workspace_names(homes), at)

    def experiment(self):
        random = self.random
        takers = np.flatnonzero((self.joined >= EXPERIMENT_START) & (self.joined < END - 10 * DAY))
        variants = np.array([growthbook_variant(EXPERIMENT, name, ["control", "tour"]) for name in self.names[takers]])
        started = self.joined[takers] + HOUR
        finishes = random.random(len(takers)) < np.vectorize(CONVERSION.get)(variants)
        finished = started + random.uniform(HOUR, 6.9 * DAY, len(takers))
        homes = workspace_names(self.home[takers])
        self.emit("tour_started", self.names[takers], homes, started)
        self.emit("tour_finished", self.names[takers][finishes], homes[finishes], finished[finishes])
        # Who finishes after the week that the funnel allows has not converted.
        late = ~finishes & (random.random(len(takers)) < 0.05) & (started < END - 9 * DAY)
        self.emit("tour_finished", self.names[takers][late], homes[late], started[late] + 7 * DAY + 10)
        self.truth["tour"] = pd.DataFrame({"user_id": self.names[takers], "variant": variants, "finished": finishes})

    def loops(self):
        random = self.random
        who = random.choice(np.flatnonzero(self.joined < END - 40 * DAY), 18, replace=False)
        # At three in the morning, when nobody else does anything.
        hours = END - random.integers(2, 25, 18) * DAY + 3 * HOUR
        for number, (user, hour) in enumerate(zip(who, hours)):
            times = int(random.integers(100, 600)) if number < 12 else 99
            at = hour + np.arange(times) * 5
            self.emit("automation_run", self.names[user], workspace_names(self.home[[user]])[0], at)
        rows = pd.DataFrame({
            "user_id": self.names[who], "workspace_id": workspace_names(self.home[who]), "hour": moments(hours)
        })
        self.truth["loops"], self.truth["almost_loops"] = rows[:12], rows[12:]

    def bursts(self):
        for block, size in (("203.0.113", 150), ("198.51.100", 100), ("192.0.2", 99)):
            at = END - 9 * DAY + np.sort(self.random.uniform(0, 55, size))
            ips = [f"{block}.{number}" for number in self.random.integers(1, 255, size)]
            self.raw["signups"] = pd.concat([self.raw["signups"], pd.DataFrame({"ip": ips, "occurred_at": moments(at)})])
        count = len(self.raw["signups"])
        self.raw["signups"].insert(0, "signup_id", numbered("x", np.arange(count), 6))
        self.truth["bursts"] = pd.DataFrame({"ip_block": ["203.0.113.0/24", "198.51.100.0/24"], "signups": [150, 100]})

    def flawed_rows(self):
        some = self.random.integers(0, len(self.names), 800)
        users, homes = self.names[some], workspace_names(self.home[some])
        at = np.maximum(self.joined[some], START) + 60
        self.emit(None, users[:200], homes[:200], at[:200])
        self.emit("core_feature_used", users[200:400], homes[200:400], np.full(200, np.nan))
        self.emit("core_feature_used", users[400:800], homes[400:800], END + 1 + np.arange(400.0))
        self.future = 400

    def usage(self):
        """What people do every day, as many events as are missing to the wanted number."""
        random, count = self.random, len(self.names)
        missing = self.rows - sum(np.count_nonzero(~(rows["at"] >= END)) for rows in self.streams) - self.future
        first = np.floor((self.joined - START) / DAY).astype(int) + 1
        last = np.minimum((self.joined + random.exponential(160 * DAY, count) - START) / DAY, DAYS).astype(int)
        span = np.maximum(last - first, 0)
        user = np.repeat(np.arange(count), span)
        day = np.arange(len(user)) - np.repeat(np.cumsum(span) - span, span) + first[user]
        # Less on weekends; 2025-07-01 was a Tuesday.
        active = random.random(len(user)) < random.beta(1.2, 3.2, count)[user] * np.where((day + 1) % 7 >= 5, 0.3, 1.0)
        user, day = user[active], day[active]
        times = 1 + random.poisson(missing / len(user) - 0.97, len(user))
        session = np.repeat(np.arange(len(user)), times)
        gaps = random.exponential(360, len(session))
        # A pause for lunch now and then makes two sessions of a day.
        gaps += np.where(random.random(len(session)) < 0.08, 2_400, 0)
        since_first = np.cumsum(gaps)
        first_row = np.cumsum(times) - times
        since_first -= np.repeat(since_first[first_row], times)
        begin = np.clip(random.normal(12, 3, len(user)), 6, 18) * HOUR
        at = START + day[session] * DAY + np.minimum(begin[session] + since_first, 23.9 * HOUR)
        user = user[session]
        place = np.where((self.second[user] >= 0) & (session % 2 == 0), self.second[user], self.home[user])
        event = random.choice(len(USAGE), len(user), p=USAGE_SHARES)
        # What is too much goes from all over the year.
        keep = np.sort(random.choice(len(user), missing, replace=False))
        self.used = pd.DataFrame({
            "at": at[keep], "user_number": user[keep], "workspace_number": place[keep], "event_number": event[keep]
        })

    def write(self, connection: duckdb.DuckDBPyConnection):
        connection.execute("create schema raw; create schema truth")
        for schema, tables in (("raw", self.raw), ("truth", self.truth)):
            for name, rows in tables.items():
                connection.execute(f"create table {schema}.{name} as select * from rows")
        planted = pd.concat(self.streams)
        planted = planted[~((planted["at"] >= END) & (planted["at"] < END + 1))]
        used, usage_names = self.used, pd.DataFrame({"number": range(len(USAGE)), "name": USAGE})
        # What the streams planted after the year has not happened yet; the flawed rows of the future are kept.
        connection.execute(f"""
            create table raw.events as
            with rows as (
                select event, "user" as user_id, device as anonymous_id, workspace as workspace_id, "at" as seconds from planted
                where seconds is null or seconds < {END} or (event = 'core_feature_used' and seconds <= {END + 400})
                union all
                select name, format('u{{:06d}}', user_number), null, format('w{{:05d}}', workspace_number), "at"
                from used join usage_names on event_number = number
            )
            select
                format('e{{:08d}}', row_number() over (order by seconds, event, user_id, anonymous_id, workspace_id)) as event_id,
                event, user_id, anonymous_id, workspace_id,
                epoch_ms(floor(seconds * 1000)::bigint) as occurred_at
            from rows
            order by event_id
        """)
        connection.execute("""
            create table truth.ignored as
            select 'no_event' as reason, 200 as row_count union all select 'no_timestamp', 200
            union all select 'no_user', count(*) from raw.events where user_id is null
            union all select 'after_as_of', 400
        """)


def numbered(prefix: str, numbers, digits: int):
    return np.array([f"{prefix}{number:0{digits}d}" for number in numbers], dtype=object)


def workspace_names(numbers):
    return numbered("w", numbers, 5)


def account_names(numbers):
    return numbered("a", numbers, 5)


def domains(numbers):
    return np.array([f"company{number}.example" for number in numbers], dtype=object)


def moments(seconds):
    """Timestamps to the millisecond, rounded down."""
    return pd.Series((np.floor(np.asarray(seconds) * 1000) * 1000).astype("int64").astype("datetime64[us]"))


def link(left_type, left, right_type, right, at):
    return pd.DataFrame({
        "left_type": left_type, "left_value": np.asarray(left), "right_type": right_type, "right_value": np.asarray(right),
        "first_seen": moments(at), "last_seen": moments(at),
    })


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--events", type=int, default=5_000_000)
    arguments = parser.parse_args()
    with duckdb.connect(arguments.database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        Year(arguments.events).write(connection)


if __name__ == "__main__":
    main()
