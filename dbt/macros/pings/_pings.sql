{#- A text that is a JSON object, and NULL for any other: one broken ping must not stop all. -#}
{% macro _json_object(text) -%}
    {{ return(adapter.dispatch('_json_object', 'plg')(text)) }}
{%- endmacro %}

{% macro default___json_object(text) -%}
    {%- do plg.unsupported('_json_object') -%}
{%- endmacro %}

{#- Asked in two steps: json_type takes nothing but JSON. -#}
{% macro duckdb___json_object(text) -%}
    case when json_valid({{ text }}) then case when json_type({{ text }}) = 'OBJECT' then {{ text }} end end
{%- endmacro %}

{% macro snowflake___json_object(text) -%}
    case when typeof(try_parse_json({{ text }})) = 'OBJECT' then {{ text }} end
{%- endmacro %}

{#- Rounding numbers is what all readers of JSON do here; exactness would be an error. -#}
{% macro bigquery___json_object(text) -%}
    case when json_type(safe.parse_json({{ text }}, wide_number_mode => 'round')) = 'object' then {{ text }} end
{%- endmacro %}

{#- The releases that versions are held against: those of the variable plg_releases, or without it the versions that
    pings have shown, each from its first ping on. -#}
{% macro _releases(pings) -%}
    {%- set releases = var('plg_releases', none) or [] -%}
    {%- for release in releases %}
    select
        {{ plg.text(release['version'] | string) }} as version,
        {% if release.get('released_at') -%}
        {{ plg.timestamp(release['released_at'], 'released_at of each of plg_releases') }}
        {%- else -%}
        cast(null as {{ plg.type_name('timestamp') }})
        {%- endif %} as released_at
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        version,
        min(created_at) as released_at
    from {{ pings }}
    where version is not null
    group by version
    {%- endfor %}
{%- endmacro %}
