"""GoogleSQL's own analyser and evaluator (PyPI zetasql), set up as BigQuery has it."""

import functools
from dataclasses import dataclass

import wasmtime
import zetasql.core.wasm_client
import zetasql.types as z
from zetasql.api import CatalogBuilder, PreparedQuery


class _CachedConfig(wasmtime.Config):
    """Keeps the compiled analyser: the first start takes 40 seconds, every later one less than a second."""

    def __init__(self):
        super().__init__()
        self.cache = True


zetasql.core.wasm_client.Config = _CachedConfig

from zetasql.core.exceptions import ZetaSQLError  # noqa: E402  (after the configuration above)
from zetasql.core.local_service import ZetaSqlLocalService  # noqa: E402

# What BigQuery documents. Everything that is on at once would accept more: [1] = [1], for example.
BIGQUERY_FEATURES = """
    ADDITIONAL_STRING_FUNCTIONS ALLOW_DASHES_IN_TABLE_NAME ALLOW_REGEXP_EXTRACT_OPTIONALS ANALYTIC_FUNCTIONS
    BIGNUMERIC_TYPE CASE_STMT CAST_DIFFERENT_ARRAY_TYPES CIVIL_TIME CREATE_AGGREGATE_FUNCTION DECIMAL_ALIAS
    DISALLOW_GROUP_BY_FLOAT EXTENDED_TYPES FORMAT_IN_CAST FOR_IN HAVING_IN_AGGREGATE INTERVAL_TYPE IS_DISTINCT JSON_CONSTRUCTOR_FUNCTIONS
    JSON_LAX_VALUE_EXTRACTION_FUNCTIONS JSON_TYPE JSON_VALUE_EXTRACTION_FUNCTIONS NAMED_ARGUMENTS NUMERIC_TYPE
    ORDER_BY_IN_AGGREGATE PARAMETERIZED_TYPES QUALIFY SAFE_FUNCTION_CALL SELECT_STAR_EXCEPT_REPLACE TABLESAMPLE
    TEMPLATE_FUNCTIONS WITH_ON_SUBQUERY
""".split()

STATEMENTS = "QUERY DELETE CREATE_FUNCTION DROP_FUNCTION CREATE_SCHEMA GRANT EXECUTE_IMMEDIATE".split()

ANY_TYPE = z.SignatureArgumentKind.ARG_TYPE_ARBITRARY


@functools.cache
def service():
    return ZetaSqlLocalService.get_instance()


@functools.cache
def language():
    return z.LanguageOptions(
        product_mode=z.ProductMode.PRODUCT_EXTERNAL,
        enabled_language_features=[getattr(z.LanguageFeature, f"FEATURE_{name}") for name in BIGQUERY_FEATURES],
        supported_statement_kinds=[getattr(z.ResolvedNodeKind, f"RESOLVED_{name}_STMT") for name in STATEMENTS],
        reserved_keywords=["QUALIFY"],
    )


def options(time_zone="UTC"):
    return z.AnalyzerOptions(language_options=language(), default_timezone=time_zone)


def statements(script):
    """The statements of a script as text, in order; each must parse."""
    location = z.ParseResumeLocation(input=script, byte_position=0)
    source = script.encode()
    found = []
    while source[location.byte_position :].strip():
        start = location.byte_position
        response = service().parse(parse_resume_location=location, options=language(), allow_script=True)
        location.byte_position = response.resume_byte_position
        found.append(source[start : location.byte_position].decode())
    return found


@dataclass
class Installation:
    """What CREATE FUNCTION statements have left behind."""

    functions: dict  # by name, as registered with the analyser
    created: dict  # by name, the analysed statement
    tables: list

    def __init__(self, tables=()):
        self.functions, self.created, self.tables = {}, {}, list(tables)

    def catalog(self):
        builder = CatalogBuilder("bigquery").with_builtin_functions(
            z.ZetaSQLBuiltinFunctionOptions(language_options=language())
        )
        for function in self.functions.values():
            builder.add_function(function)
        for table in self.tables:
            builder.add_table(table)
        return builder.build()

    def analyse(self, statement):
        """The analysed statement; raises ZetaSQLError with the analyser's message."""
        request = {"sql_statement": statement, "options": options(), "simple_catalog": self.catalog()}
        return service().analyze(**request).resolved_statement

    def run(self, statement):
        """Analyses a statement and, if it creates a function, makes that callable."""
        analysed = self.analyse(statement)
        if isinstance(analysed, z.ResolvedCreateFunctionStmt):
            name = ".".join(analysed.name_path)
            self.created[name] = analysed
            self.functions[name] = _callable(name, analysed)
        return analysed

    def add_expression(self, name, arguments, expression):
        """Makes a SQL expression callable under a name, with arguments of any type."""
        self.functions[name] = _function(name, [_any()] * len(arguments), _any(), list(arguments), expression)

    def evaluate(self, query, time_zone="UTC"):
        """The rows of a query as lists of Python values."""
        builder = PreparedQuery.builder().set_sql(query).set_analyzer_options(options(time_zone))
        with builder.set_catalog(self.catalog()).prepare() as prepared:
            rows = prepared.execute().content.table_data.row
        return [[_python(cell) for cell in row.cell] for row in rows]


def is_templated(analysed):
    return any(argument.kind == ANY_TYPE for argument in analysed.signature.argument)


def _callable(name, analysed):
    # Only kind and type: the analyser refuses the other properties that it reports itself.
    declared = analysed.signature.argument
    arguments = [_any() if argument.kind == ANY_TYPE else _fixed(argument.type) for argument in declared]
    body = (analysed.argument_name_list, analysed.code) if is_templated(analysed) else ()
    mode = z.FunctionEnums.Mode.AGGREGATE if analysed.is_aggregate else z.FunctionEnums.Mode.SCALAR
    return _function(name, arguments, _fixed(analysed.return_type), *body, mode=mode)


def _function(name, arguments, returns, names=(), expression=None, mode=z.FunctionEnums.Mode.SCALAR):
    """A function; one with an expression is analysed at each call, with the types of that call."""
    template = {}
    if expression is not None:
        resume = z.ParseResumeLocation(input=expression, byte_position=0, allow_resume=True)
        template = {"parse_resume_location": resume, "templated_sql_function_argument_name": list(names)}
    return z.Function(
        name_path=[name],
        group="Templated_SQL_Function" if template else "UDF",
        mode=mode,
        signature=[z.FunctionSignature(argument=arguments, return_type=returns)],
        **template,
    )


def _fixed(kind):
    return z.FunctionArgumentType(kind=z.SignatureArgumentKind.ARG_TYPE_FIXED, type=kind, num_occurrences=1)


def _any():
    return z.FunctionArgumentType(kind=ANY_TYPE, num_occurrences=1)


def _python(cell):
    values = [value for value in (getattr(cell, name) for name in cell.__dataclass_fields__) if value is not None]
    return values[0] if values else None


__all__ = ["ANY_TYPE", "Installation", "ZetaSQLError", "is_templated", "service", "statements"]
