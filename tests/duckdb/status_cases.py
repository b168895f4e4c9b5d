"""Random rule sets for status_case, and rows of facts to hold them against, for comparison with DuckDB's own CASE.

Every rule text is at once the inside of a DuckDB CASE. A *careless* text has parentheses left out at random, so that it
tests precedence: either side may refuse it, but where status_case accepts it, DuckDB must too, and mean the same.
"""

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

AS_OF = datetime(2026, 1, 31, 12)

# Facts and their types in DuckDB.
FIELDS = {
    "n": "DOUBLE",
    "m": "DOUBLE",
    "s": "VARCHAR",
    "t": "VARCHAR",
    "plan": "VARCHAR",
    'Größe "x"': "VARCHAR",
    "p": "BOOLEAN",
    "q": "BOOLEAN",
    "d": "TIMESTAMP",
    "e": "TIMESTAMP",
    "tags": "VARCHAR[]",
    "sizes": "DOUBLE[]",
}

# Facts are compared with each other, too, which does not tell their types; these conditions do, and are never true.
NEVER = (
    "when n < m and n > m or s < '' or t < '' or p and not p or q and not q"
    " or d < timestamp '0001-01-01' or e < timestamp '0001-01-01'"
    " or list_contains(tags, '') and false or contains(sizes, 0) and false then 'never' "
)

NUMBERS = ["0", "-1", "2.5", ".1", "3.", "1e22", "-2.5e-3", "100000000000000", "0.123456789012345", "1e-22"]
TEXTS = ["", "a", "b", "it's", "ä", "\U0001f600", "\uff5e", "two\nlines", "-- no comment", "z" * 40]
# DOUBLE in DuckDB, where 0.1 + 0.2 would be a DECIMAL.
DOUBLES = ["0e0", "1e0", "-1e0", "2.5e0", "0.1e0", "3e0", "1e22", "-2.5e-3", "0.123456789012345e0", "7.e0"]
PATTERNS = [
    *["%", "", "_", "a%", "%b", "%ä", "_%_", "A_", "it's", "!%", "a!__", "%!a%", "two%lines", "--%", "z%z%z"],
    "%\uff5e",
]
# What DuckDB has no function for.
MACROS = "CREATE TEMP MACRO days_between(a, b) AS (epoch_us(b) - epoch_us(a)) / 86400e6"
TIMES = [
    "as_of",
    "timestamp '2026-01-31 12:00:00'",
    "TIMESTAMP '2026-01-31T11:59:59.999999Z'",
    "date '2026-01-31'",
    "date '1969-12-31'",
    "timestamp '2024-02-29 23:59'",
]

ROW_VALUES = {
    "DOUBLE": [
        *[None, 0.0, -0.0, -1.0, 2.5, 0.1, 3.0, 1e22, -0.0025, 1e14, 0.123456789012345, 1e-22, 0.30000000000000004],
        *[5e-324, 1.7976931348623157e308, float("nan"), float("inf"), float("-inf")],
    ],
    "VARCHAR": [None, *TEXTS, "A", "aa", "\ufffd", "ÄÖ", "ÀB", "İI", "ẞσΣ", "a%", "_b", "Two\nlines"],
    "BOOLEAN": [None, True, False],
    "TIMESTAMP": [
        *[None, AS_OF, AS_OF - timedelta(microseconds=1), datetime(2026, 1, 31), datetime(2024, 2, 29, 23, 59)],
        *[datetime(1, 1, 2), datetime(1969, 12, 31), datetime(9999, 12, 28)],
    ],
    "VARCHAR[]": [None, [], ["a"], [None], ["ä", "", None, "b"], ["it's", "A"]],
    "DOUBLE[]": [None, [], [1.0], [None], [2.5, None, -0.0], [float("nan"), 3.0], [float("inf"), 1e22]],
}

EQUALITIES = ["=", "<>", "!=", "is distinct from", "is not distinct from"]
OPERATORS = [*EQUALITIES, "<", "<=", ">", ">="]


@dataclass
class RuleSet:
    rules: str
    careless: bool

    def native(self):
        """DuckDB's own expression of the same rules, over columns named like the facts and as_of."""
        return f"case {self.rules} end"


def rule_sets(seed, count, signs="+-*/%"):
    """`count` rule sets; the same ones for the same seed. `signs` are those of arithmetic."""
    chance = random.Random(seed)
    for number in range(count):
        careless = number % 2 == 1
        writer = Writer(chance, careless, signs)
        rules = "".join(writer.rule(place) for place in range(chance.randint(1, 4)))
        otherwise = chance.choice(["null", "'otherwise'", "'rule 0'"])
        yield RuleSet(f"{NEVER}{rules}else {otherwise}", careless)


def rows(seed, count):
    """`count` rows of facts by name; the same ones for the same seed."""
    chance = random.Random(seed)
    return [{name: chance.choice(ROW_VALUES[kind]) for name, kind in FIELDS.items()} for _ in range(count)]


TOKEN = re.compile(r"\s+|--[^\n]*\n|/\*.*?\*/ ' \*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[\w.]+|[<>!]=|<>|.", re.S)


# What a mutation puts somewhere: all that the lexer knows, and some of what it does not.
FOREIGN = [
    *["(", ")", ",", "and", "not", "between", "escape", "date", "timestamp", "interval", "case", "when", "then"],
    *["end", "is", "distinct", "null", "like", "in", "abs", "5.5.5", "1e99", "'x", '"', "\u00e9", "/*", "--", "%-"],
    *["#", "else", "on_missing", "lower(", "- -", "'2026-02-30'", "1234567890123456", "3 hours"],
]


def mutated(seed, texts):
    """The texts with one or two tokens left out, doubled, exchanged or replaced; few of them are rules still."""
    chance = random.Random(seed)
    for text in texts:
        tokens = TOKEN.findall(text)
        for _ in range(chance.randint(1, 2)):
            place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
            kind = chance.randrange(4)
            if kind == 0:
                tokens[place] = " "
            elif kind == 1:
                tokens.insert(place, tokens[other])
            elif kind == 2:
                tokens[place] = f" {chance.choice(FOREIGN)} "
            else:
                tokens[place], tokens[other] = tokens[other], tokens[place]
        yield "".join(tokens)


def shrunk(rules, row, differs):
    """A shorter rule text and a plainer row for which `differs` still holds: tokens are left out in ever smaller groups,
    what stands in parentheses becomes a literal, and facts become NULL."""
    tokens = [token for token in TOKEN.findall(rules) if not token.isspace() and token[:2] not in ("--", "/*")]
    before = None
    while tokens != before:
        before = tokens
        for shorter in shorter_texts(tokens):
            if len(shorter) < len(tokens) and differs(" ".join(shorter), row):
                tokens = shorter
                break
    for name in row:
        plainer = {**row, name: None}
        if differs(" ".join(tokens), plainer):
            row = plainer
    return " ".join(tokens), row


def shorter_texts(tokens):
    """Ways to shorten a rule text, the boldest first."""
    size = len(tokens) // 2
    while size > 0:
        yield from (tokens[:place] + tokens[place + size :] for place in range(0, len(tokens), size))
        size //= 2
    opened = []
    for place, token in enumerate(tokens):
        if token == "(":
            opened.append(place)
        elif token == ")" and opened:
            start = opened.pop()
            yield tokens[:start] + tokens[start + 1 : place] + tokens[place + 1 :]
            for value in ["true", "false", "1e0", "'a'", "as_of"]:
                yield tokens[:start] + [value] + tokens[place + 1 :]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def typed_literal(value, kind):
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(' ')}'"
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, list):
        element = kind.removesuffix("[]")
        return f"CAST([{', '.join(typed_literal(item, element) for item in value)}] AS {kind})"
    return f"CAST('{value!r}' AS {kind})"


def load_rows(connection, rows):
    """The table `facts` with a column per fact, `row_facts` with all of them as a STRUCT, and as_of."""
    columns = ", ".join(quoted(name) for name in FIELDS)
    values = ", ".join(
        "(" + ", ".join(typed_literal(row[name], kind) for name, kind in FIELDS.items()) + ")" for row in rows
    )
    struct = ", ".join(f"{literal(name)}: {quoted(name)}" for name in FIELDS)
    connection.execute(f"""
        CREATE OR REPLACE TABLE facts AS
        SELECT *, {{{struct}}} AS row_facts, TIMESTAMP '{AS_OF}' AS as_of
        FROM (VALUES {values}) AS v({columns})
    """)


def answers(connection, expression):
    return [answer for (answer,) in connection.execute(f"SELECT {expression} FROM facts ORDER BY rowid").fetchall()]


class Writer:
    """Writes random conditions as text."""

    def __init__(self, chance, careless, signs):
        self.chance = chance
        self.careless = careless
        self.signs = signs
        # How many computed conditions are around what is written.
        self.computing = 0

    def rule(self, place):
        status = self.chance.choice([f"'rule {place}'", f"'rule {place}'", "'it''s'", "null"])
        condition = self.condition(self.chance.randint(0, 4))
        return f"{self.word('when')} {condition} {self.word('then')} {status}{self.blank()}"

    def word(self, text):
        return self.chance.choice([text, text, text.upper(), text.title()])

    def blank(self):
        return self.chance.choice([" ", " ", " ", "\n", "\t", " /* and /* */ ' */ ", " -- or '\n"])

    def inner(self, text):
        """A condition as a part of another one."""
        if self.careless and self.chance.random() < 0.6:
            return text
        return f"({text})"

    def condition(self, depth):
        if depth == 0:
            return self.test()
        kind = self.chance.randrange(8)
        part = self.condition(depth - 1)
        if kind == 0:
            return f"{self.word('not')} {self.inner(part)}"
        if kind == 1:
            operator = self.chance.choice(OPERATORS)
            other = self.condition(self.chance.randint(0, depth - 1))
            return f"{self.inner(part)}{self.blank()}{operator}{self.blank()}{self.inner(other)}"
        if kind == 2:
            value = self.chance.choice(["null", "true", "false"])
            return f"{self.inner(part)} {self.word('is')} {self.negation()}{value}"
        joint = f"{self.blank()}{self.word('and' if kind % 2 else 'or')}{self.blank()}"
        parts = [part, *(self.condition(self.chance.randint(0, depth - 1)) for _ in range(self.chance.randint(1, 2)))]
        self.chance.shuffle(parts)
        return joint.join(self.inner(part) for part in parts)

    def negation(self):
        return self.chance.choice(["", self.word("not") + " "])

    def test(self):
        """A condition without conditions inside, but for those in computed values."""
        if self.computing < 2 and self.chance.random() < 0.35:
            self.computing += 1
            text = self.computed_test()
            self.computing -= 1
            return text
        kind = self.chance.choice(["number", "number", "text", "code", "boolean", "time", "truth"])
        if kind == "truth":
            return self.chance.choice(["p", "q", "P", '"p"', "true", "FALSE", "null"])
        if kind == "code":
            return self.equality()
        form = self.chance.randrange(8)
        if form == 0:
            return f"{self.operand(kind)} is {self.negation()}null"
        if form == 1:
            low, high = self.operand(kind), self.operand(kind)
            return f"{self.operand(kind)} {self.negation()}between {low} and {high}"
        if form == 2:
            return f"{self.operand(kind)} {self.negation()}in ({self.items(lambda: self.operand(kind))})"
        return f"{self.operand(kind)} {self.chance.choice(OPERATORS)} {self.operand(kind)}"

    def computed(self, kind, depth):
        """An expression that computes a value of a kind."""
        if depth == 0 or self.chance.random() < 0.15:
            return self.basic(kind)
        part = lambda: self.computed(kind, self.chance.randint(0, depth - 1))  # noqa: E731
        form = self.chance.randrange(6)
        if form == 0:
            name = self.chance.choice(["coalesce", "least", "greatest", "GREATEST"])
            return f"{name}({', '.join(part() for _ in range(self.chance.randint(1, 3)))})"
        if form == 1:
            return f"nullif({part()}, {part()})"
        if form == 2:
            return self.case(kind, depth - 1)
        if kind == "number":
            return self.arithmetic(part, depth)
        if kind == "text":
            return f"{self.word('lower')}({part()})"
        if kind == "time":
            count, unit = self.chance.randint(-40, 400), self.chance.choice(["day", "hour", "minute"])
            interval = self.chance.choice(
                [f"'{count}' {unit}", f"'{count} {unit}s'", f"{abs(count)} {unit}s", f"{abs(count)} {unit}"]
            )
            return f"{self.inner(part())} {self.chance.choice('+-')} {self.word('interval')} {interval}"
        return self.inner(self.condition(depth - 1))

    def arithmetic(self, part, depth):
        form = self.chance.randrange(8)
        if form == 0:
            return f"- {self.inner(part())}"
        if form == 1:
            return f"abs({part()})"
        if form == 2:
            times = [self.computed("time", depth - 1) for _ in range(2)]
            return f"days_between({times[0]}, {times[1]})"
        parts = [self.inner(part()) for _ in range(self.chance.randint(2, 3))]
        text = parts[0]
        for other in parts[1:]:
            text += f"{self.blank()}{self.chance.choice(self.signs)}{self.blank()}{other}"
        return text

    def case(self, kind, depth):
        value = lambda: self.computed(kind, self.chance.randint(0, depth))  # noqa: E731
        text = self.word("case")
        if self.chance.random() < 0.5:
            whens = [self.condition(self.chance.randint(0, min(depth, 1))) for _ in range(self.chance.randint(1, 2))]
        else:
            subject = self.chance.choice(["number", "text", "boolean", "time"])
            text += f" {self.computed(subject, min(depth, 1))}"
            whens = [self.computed(subject, min(depth, 1)) for _ in range(self.chance.randint(1, 2))]
        for when in whens:
            text += f" {self.word('when')} {when} then {value()}"
        # Without a type DuckDB would take NULL for a text.
        return f"{text} {self.chance.choice(['', f'else {value()} '])}end"

    def basic(self, kind):
        """A fact or a literal, but not NULL, which would have any type."""
        field = self.chance.random() < 0.7
        if kind == "number":
            return self.chance.choice(["n", "m", "N"] if field else DOUBLES)
        if kind == "text":
            return self.chance.choice(["s", "t", '"s"']) if field else literal(self.chance.choice(TEXTS))
        if kind == "boolean":
            return self.chance.choice(["p", "q"] if field else ["true", "false"])
        return self.chance.choice(["d", "e"] if field else TIMES)

    def computed_test(self):
        """A condition over computed values."""
        depth = self.chance.randint(1, 3)
        form = self.chance.randrange(10)
        if form < 2:
            pattern = self.chance.choice([literal(self.chance.choice(PATTERNS)), "s", "lower(t)"])
            escape = self.chance.choice(["", "", " escape '!'", " ESCAPE ''"])
            return f"{self.inner(self.computed('text', depth - 1))} {self.negation()}like {pattern}{escape}"
        if form == 2:
            return self.chance.choice(
                [
                    f"list_contains(tags, {self.computed('text', depth - 1)})",
                    f"contains(sizes, {self.computed('number', depth - 1)})",
                    "tags is null",
                ]
            )
        kind = self.chance.choice(["number", "number", "text", "boolean", "time"])
        value = lambda: self.inner(self.computed(kind, depth - 1))  # noqa: E731
        if form == 3:
            return f"{value()} {self.negation()}between {value()} and {value()}"
        if form == 4:
            return f"{value()} {self.negation()}in ({self.items(value)})"
        if form == 5:
            return f"{value()} is {self.negation()}null"
        if form == 6:
            return self.inner(self.computed("boolean", depth))
        return f"{value()} {self.chance.choice(OPERATORS)} {value()}"

    def equality(self):
        """A fact of which only equality with literals is asked, so that it travels as a number."""
        field = self.chance.choice(["plan", "PLAN", quoted('Größe "x"')])
        form = self.chance.randrange(4)
        if form == 0:
            return f"{field}{self.blank()}{self.negation()}in ({self.items(self.text_literal)})"
        operator = self.chance.choice(EQUALITIES)
        return f"{self.text_literal()} {operator} {field}" if form == 1 else f"{field} {operator} {self.text_literal()}"

    def items(self, item):
        return ", ".join(item() for _ in range(self.chance.randint(1, 5)))

    def text_literal(self):
        return "null" if self.chance.random() < 0.05 else literal(self.chance.choice(TEXTS))

    def operand(self, kind):
        if self.chance.random() < 0.05:
            return "null"
        field = self.chance.random() < 0.6
        if kind == "number":
            return self.chance.choice(["n", "m", "N"] if field else NUMBERS)
        if kind == "text":
            return self.chance.choice(["s", "t", '"s"']) if field else self.text_literal()
        if kind == "boolean":
            return self.chance.choice(["p", "q"] if field else ["true", "false"])
        return self.chance.choice(["d", "e"] if field else TIMES)
