"""Snowflake scripts taken apart: no emulator here runs them, so that every claim is about their text."""

import re
from dataclasses import dataclass

import sqlfluff.core
import sqlglot


def statements(script):
    """The statements of a script in order, without comments between them."""
    token = re.compile(
        r"""(?P<comment>--[^\n]*) | (?P<body>\$\$.*?\$\$) | (?P<text>'(?:[^'\\]|\\.|'')*')
        | (?P<end>;) | (?P<other>.)""",
        re.DOTALL | re.VERBOSE,
    )
    found, current = [], ""
    for match in token.finditer(script):
        if match.lastgroup == "end":
            found.append(current.strip())
            current = ""
        elif match.lastgroup != "comment":
            current += match[0]
    assert not current.strip(), f"no semicolon after: {current.strip()[:200]}"
    return found


@dataclass(frozen=True)
class Function:
    """A CREATE FUNCTION statement."""

    name: str
    arguments: tuple  # of (name, type)
    clauses: str  # between the argument list and AS
    body: str

    @property
    def private(self):
        return "__" in self.name

    @property
    def types(self):
        return tuple(kind for _, kind in self.arguments)

    @property
    def returns(self):
        return re.search(r"\bRETURNS (\w+)", self.clauses)[1]

    @property
    def javascript(self):
        return "LANGUAGE JAVASCRIPT" in self.clauses


def functions(script):
    """The functions that a script creates, in order, without table functions."""
    return [function for function in _created(script) if function.returns != "TABLE"]


def table_functions(script):
    """The table functions that a script creates, in order."""
    return [function for function in _created(script) if function.returns == "TABLE"]


def _created(script):
    pattern = re.compile(r"CREATE OR REPLACE FUNCTION (\w+)\(([^)]*)\)\n(.*?)AS \$\$(.*)\$\$", re.DOTALL)
    created = [text for text in statements(script) if text.startswith("CREATE") and "FUNCTION" in text.split("(")[0]]
    found = []
    for text in created:
        name, arguments, clauses, body = pattern.fullmatch(text).groups()
        pairs = tuple(tuple(argument.split(" ", 1)) for argument in arguments.split(", ") if argument)
        found.append(Function(name, pairs, clauses, body))
    return found


def parse_with_sqlglot(statement):
    """Raises sqlglot.errors.ParseError; a statement that sqlglot only passes through is an error, too."""
    [parsed] = sqlglot.parse(statement, dialect="snowflake")
    if isinstance(parsed, sqlglot.exp.Command):
        raise sqlglot.errors.ParseError(f"not understood: {statement[:200]}")
    return parsed


LINTER = sqlfluff.core.Linter(
    config=sqlfluff.core.FluffConfig(
        # Files over 20,000 bytes would be skipped without a word, and trees over 100,000 nodes not be made.
        overrides={
            "dialect": "snowflake",
            "large_file_skip_byte_limit": 0,
            "large_file_skip_char_limit": 0,
            "max_parse_nodes": 0,
        }
    )
)


def parse_with_sqlfluff(script):
    """Raises ValueError with what sqlfluff cannot parse; returns the number of statements."""
    parsed = LINTER.parse_string(script)
    problems = [str(violation) for violation in parsed.violations]
    if parsed.tree is None or problems:
        raise ValueError(f"{problems[:3]}")
    unparsable = [segment.raw[:200] for segment in parsed.tree.recursive_crawl("unparsable")]
    if unparsable:
        raise ValueError(f"{unparsable[:3]}")
    return sum(1 for _ in parsed.tree.recursive_crawl("statement"))


def literal(text):
    """The value of a string literal as Snowflake reads it."""
    escapes = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'"}

    def character(match):
        escape = match[0]
        if escape == "''":
            return "'"
        return chr(int(escape[2:], 16)) if escape[1] == "u" else escapes[escape[1]]

    assert text[0] == text[-1] == "'", text
    return re.sub(r"\\u[0-9a-f]{4}|\\.|''", character, text[1:-1])
