{#- A node of the graph: 16 bytes that stand for an identifier, so that rounds move no texts. Two of ten billion identifiers have
the same with a probability of 10^-19. -#}
{% macro component_key(identifier) -%}
    {{ return(adapter.dispatch('component_key', 'plg')(identifier)) }}
{%- endmacro %}

{% macro default__component_key(identifier) -%}
    {%- do plg.unsupported('component_key') -%}
{%- endmacro %}

{% macro duckdb__component_key(identifier) -%}
    md5_number({{ identifier }})
{%- endmacro %}

{% macro snowflake__component_key(identifier) -%}
    md5_binary({{ identifier }})
{%- endmacro %}

{% macro bigquery__component_key(identifier) -%}
    md5({{ identifier }})
{%- endmacro %}

{#- The node as the text that identity_components takes. -#}
{% macro component_key_text(key) -%}
    {{ return(adapter.dispatch('component_key_text', 'plg')(key)) }}
{%- endmacro %}

{% macro default__component_key_text(key) -%}
    {%- do plg.unsupported('component_key_text') -%}
{%- endmacro %}

{% macro duckdb__component_key_text(key) -%}
    cast({{ key }} as varchar)
{%- endmacro %}

{% macro snowflake__component_key_text(key) -%}
    hex_encode({{ key }})
{%- endmacro %}

{% macro bigquery__component_key_text(key) -%}
    to_hex({{ key }})
{%- endmacro %}

{#- The node that such a text stands for. -#}
{% macro component_text_key(text) -%}
    {{ return(adapter.dispatch('component_text_key', 'plg')(text)) }}
{%- endmacro %}

{% macro default__component_text_key(text) -%}
    {%- do plg.unsupported('component_text_key') -%}
{%- endmacro %}

{% macro duckdb__component_text_key(text) -%}
    cast({{ text }} as uhugeint)
{%- endmacro %}

{% macro snowflake__component_text_key(text) -%}
    hex_decode_binary({{ text }})
{%- endmacro %}

{% macro bigquery__component_text_key(text) -%}
    from_hex({{ text }})
{%- endmacro %}

{#- The rank of a node in a round: another order every round, the same in every run. -#}
{% macro component_rank(key, round) -%}
    {{ return(adapter.dispatch('component_rank', 'plg')(key, round)) }}
{%- endmacro %}

{% macro default__component_rank(key, round) -%}
    {%- do plg.unsupported('component_rank') -%}
{%- endmacro %}

{% macro duckdb__component_rank(key, round) -%}
    hash({{ key }}, {{ round }})
{%- endmacro %}

{% macro snowflake__component_rank(key, round) -%}
    hash({{ key }}, {{ round }})
{%- endmacro %}

{% macro bigquery__component_rank(key, round) -%}
    farm_fingerprint(concat(to_hex({{ key }}), ' {{ round }}'))
{%- endmacro %}

{#- Which of so many parts a node is in, from 0 on. -#}
{% macro component_part(key, parts) -%}
    {{ return(adapter.dispatch('component_part', 'plg')(key, parts)) }}
{%- endmacro %}

{% macro default__component_part(key, parts) -%}
    {%- do plg.unsupported('component_part') -%}
{%- endmacro %}

{% macro duckdb__component_part(key, parts) -%}
    cast(hash({{ key }}) % {{ parts }} as bigint)
{%- endmacro %}

{% macro snowflake__component_part(key, parts) -%}
    mod(abs(hash({{ key }})), {{ parts }})
{%- endmacro %}

{% macro bigquery__component_part(key, parts) -%}
    abs(mod(farm_fingerprint({{ key }}), {{ parts }}))
{%- endmacro %}

{#- The value of the row with the smallest rank. -#}
{% macro component_first(value, rank) -%}
    {{ return(adapter.dispatch('component_first', 'plg')(value, rank)) }}
{%- endmacro %}

{% macro default__component_first(value, rank) -%}
    {%- do plg.unsupported('component_first') -%}
{%- endmacro %}

{% macro duckdb__component_first(value, rank) -%}
    arg_min({{ value }}, {{ rank }})
{%- endmacro %}

{% macro snowflake__component_first(value, rank) -%}
    min_by({{ value }}, {{ rank }})
{%- endmacro %}

{% macro bigquery__component_first(value, rank) -%}
    any_value({{ value }} having min {{ rank }})
{%- endmacro %}

{#- How many links one call may hold. DuckDB keeps 56 bytes for each; BigQuery's JavaScript may return about 5 MB. -#}
{% macro component_links_per_call() -%}
    {{ return(var('plg_component_links_per_call', none) or adapter.dispatch('component_links_per_call_here', 'plg')()) }}
{%- endmacro %}

{% macro default__component_links_per_call_here() -%}
    {{ return(100000) }}
{%- endmacro %}

{% macro duckdb__component_links_per_call_here() -%}
    {{ return(50000000) }}
{%- endmacro %}

{% macro bigquery__component_links_per_call_here() -%}
    {{ return(20000) }}
{%- endmacro %}
