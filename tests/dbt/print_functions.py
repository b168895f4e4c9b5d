"""The statements with which dbt-core 1.12 creates the functions of a project on a warehouse.

Takes the warehouse, snowflake or bigquery, and the project's folder; prints a JSON list of statements. dbt runs its whole
`dbt build` with the warehouse's adapter. What is not there is the driver below the adapter: modules of its names that hold
nothing, and in place of the adapter's one method that sends a statement one that keeps it and answers with no rows.
"""

import importlib.abc
import importlib.machinery
import json
import sys
from unittest.mock import MagicMock

DRIVERS = ("snowflake", "google.api_core", "google.auth", "google.cloud", "google.oauth2", "cryptography", "OpenSSL", "nbformat")


class Driver(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if any(name == driver or name.startswith(f"{driver}.") for driver in DRIVERS):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__ = []
        module.__spec__ = spec
        return module

    def exec_module(self, module):
        # `except` wants classes.
        for name in ("BadRequest", "Conflict", "DatabaseError", "DefaultCredentialsError", "Error", "Forbidden",
                     "GoogleAPICallError", "InternalError", "InternalServerError", "NotFound", "ProgrammingError",
                     "RefreshError", "RetryError"):
            setattr(module, name, type(name, (Exception,), {}))
        # Types of fields and base classes.
        for name in ("Client", "Credentials", "Dataset", "Retry", "SubjectTokenSupplier", "Table"):
            setattr(module, name, type(name, (), {}))


def statements(warehouse: str, project: str) -> list[str]:
    from dbt.adapters.contracts.connection import AdapterResponse, ConnectionState
    from dbt_common.clients import agate_helper

    if warehouse == "snowflake":
        from dbt.adapters.snowflake import SnowflakeAdapter as Adapter, SnowflakeConnectionManager as Connections
    else:
        from dbt.adapters.bigquery import BigQueryAdapter as Adapter, BigQueryConnectionManager as Connections
    from dbt.cli.main import dbtRunner

    sent = []

    def opened(cls, connection):
        connection.state, connection.handle = ConnectionState.OPEN, MagicMock()
        return connection

    def execute(self, sql, *arguments, **named):
        sent.append(sql)
        return AdapterResponse("OK"), agate_helper.empty_table()

    Connections.open = classmethod(opened)
    Connections.execute = execute
    Adapter.list_schemas = lambda self, database: ["analytics"]
    Adapter.check_schema_exists = lambda self, database, schema: True
    Adapter.list_relations_without_caching = lambda self, relation: []
    command = ["--quiet", "--no-use-colors", "build", "--project-dir", project, "--profiles-dir", project]
    finished = dbtRunner().invoke([*command, "--resource-type", "function"])
    if not finished.success:
        raise SystemExit(str(finished.exception or [result.message for result in finished.result if result.message]))
    return [sql for sql in sent if "create or replace function" in sql.lower()]


if __name__ == "__main__":
    sys.meta_path.insert(0, Driver())
    json.dump(statements(*sys.argv[1:]), sys.stdout)
