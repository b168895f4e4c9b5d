{#-
  What dbt runs for a file below `functions/` on DuckDB, which has no CREATE FUNCTION ... RETURNS: a macro of the same
  name. dbt finds it only if the root project says so with `dispatch:` (see README.md); without that its own comes,
  which DuckDB cannot read.
-#}
{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace macro {{ target_relation.render() }}({{ model.arguments | map(attribute='name') | join(', ') }}) as (
{{ model.compiled_code }}
)
{% endmacro %}
