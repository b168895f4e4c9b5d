"""Columns with personal data or money say so in their meta."""

import re

from conftest import Build

# Names that hold such data by what they are called. How many, whether and which kind are about nobody.
NAMED = {
    "row_level_customer_data": re.compile(r"(.*_)?(email|emails|email_text|email_alias|ip)"),
    "financial_aggregates": re.compile(r"(.*_)?(mrr|arr|amount)"),
}
COUNTS_AND_FLAGS = {"without_email", "has_personal_email"}


def test_every_column_named_like_personal_data_or_money_has_a_class(sample_build: Build):
    manifest = sample_build.artifact("manifest.json")
    nodes = [*sample_build.models().values(), *manifest["sources"].values()]
    classes = {
        (node["name"], name): column["config"]["meta"].get("plg_class")
        for node in nodes for name, column in node["columns"].items() if name not in COUNTS_AND_FLAGS
    }
    for (model, column), found in classes.items():
        expected = [name for name, pattern in NAMED.items() if pattern.fullmatch(column)]
        assert [found] == (expected or [None]), (model, column)
    assert {("plg_users", "primary_email"), ("plg_stg_subscriptions", "mrr"), ("plg_stg_signups", "ip")} <= {
        key for key, found in classes.items() if found
    }
