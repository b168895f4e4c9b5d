{#- What the models of identities share. An identifier's key is its type and value, as the ids' hash has them. -#}
{% macro _identity_key(type, value) -%}
    {{ return('(' ~ type ~ " || ':' || " ~ value ~ ')') }}
{%- endmacro %}

{#- The number of a type in the guardrails, the strongest first; NULL for a type that they do not know. -#}
{% macro _identity_rank(type) -%}
    {%- set known = fromjson(plg.guardrails())['types'] -%}
    {%- set branches = [] -%}
    {%- for entry in known -%}
        {%- do branches.append('when ' ~ plg.text(entry['type']) ~ ' then ' ~ loop.index0) -%}
    {%- endfor -%}
    {{ return('case ' ~ type ~ ' ' ~ branches | join(' ') ~ ' end') }}
{%- endmacro %}

{#- Whether the guardrails name a value as nobody's. What consists of some characters has nothing left without them. -#}
{% macro _identity_is_blocked(type, value) -%}
    {%- set conditions = [] -%}
    {%- for entry in fromjson(plg.guardrails()).get('blocked', []) -%}
        {%- set of_type = ' and ' ~ type ~ ' = ' ~ plg.text(entry['type']) if 'type' in entry else '' -%}
        {%- if 'value' in entry -%}
            {%- do conditions.append('(' ~ value ~ ' = ' ~ plg.text(entry['value']) ~ of_type ~ ')') -%}
        {%- else -%}
            {%- set left_over = namespace(text=value) -%}
            {%- for character in entry['only'] -%}
                {%- set left_over.text = 'replace(' ~ left_over.text ~ ', ' ~ plg.text(character) ~ ", '')" -%}
            {%- endfor -%}
            {%- do conditions.append('(' ~ left_over.text ~ " = ''" ~ of_type ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else 'false') }}
{%- endmacro %}

{#-
    A model of this package as the warehouse has it from the run before, none if it has not. What a run knows of itself it
    reads like that where ref would make a circle.
-#}
{% macro _identity_kept(name) -%}
    {%- set node = graph.nodes.get('model.plg.' ~ name) if execute else none -%}
    {%- if node is none -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(load_relation(
        api.Relation.create(database=node['database'], schema=node['schema'], identifier=node['alias'])
    )) }}
{%- endmacro %}

{#- An aggregate that says whether rows are the same as before, in any order. -#}
{% macro _identity_fingerprint(columns) -%}
    {{ return(adapter.dispatch('_identity_fingerprint', 'plg')(columns)) }}
{%- endmacro %}

{% macro default___identity_fingerprint(columns) -%}
    {%- do plg.unsupported('_identity_fingerprint') -%}
{%- endmacro %}

{#- The hash of the hashes: those of several columns are put together with XOR, and XOR of rows would not see two of them swap a value. -#}
{% macro duckdb___identity_fingerprint(columns) -%}
    cast(bit_xor(hash(hash({{ columns | join(', ') }}))) as varchar)
{%- endmacro %}

{% macro snowflake___identity_fingerprint(columns) -%}
    cast(hash_agg({{ columns | join(', ') }}) as varchar)
{%- endmacro %}

{% macro bigquery___identity_fingerprint(columns) -%}
    cast(bit_xor(farm_fingerprint(to_json_string(struct({{ columns | join(', ') }})))) as string)
{%- endmacro %}

{#- How many rows one call may hold. Results of JavaScript are limited to some megabytes on BigQuery, arrays on Snowflake. -#}
{% macro _links_per_call() -%}
    {{ return(var('plg_links_per_call', none) or (100000 if target.type == 'duckdb' else 10000)) }}
{%- endmacro %}

{#- The fields of the ledger with their types. -#}
{% macro _ledger_fields() -%}
    {{ return({'canonical_id': 'string', 'founder_type': 'string', 'founder_value': 'string', 'minted_at': 'timestamp'}) }}
{%- endmacro %}
