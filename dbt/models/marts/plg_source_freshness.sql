-- A source without time of its own has a count of rows and no age.
{%- set sources = plg._source_definitions() -%}
{%- set thresholds = var('plg_freshness', none) or {} -%}
{%- for name in thresholds if name not in sources -%}
    {%- do exceptions.raise_compiler_error('plg_freshness: there is no source ' ~ name) -%}
{%- endfor %}
with newest as (
    {%- for name, source in sources.items() if plg.has_source(name) %}
    {%- set limits = thresholds.get(name) or {} %}
    {%- set newest = source.get('newest') %}

    select
        '{{ name }}' as source,
        count(*) as row_count,
        {%- if newest %}
        max(case when {{ newest }} <= {{ plg.as_of() }} then {{ newest }} end) as newest_at,
        {%- else %}
        max(cast(null as {{ plg.type_name('timestamp') }})) as newest_at,
        {%- endif %}
        cast({{ limits.get('warn_hours') or 'null' }} as {{ plg.type_name('float') }}) as warn_hours,
        cast({{ limits.get('error_hours') or 'null' }} as {{ plg.type_name('float') }}) as error_hours
    from {{ ref('plg_stg_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

aged as (

    select
        source,
        row_count,
        newest_at,
        {{ plg.days_between('newest_at', plg.as_of()) }} * 24 as age_hours,
        warn_hours,
        error_hours
    from newest

)

select
    source,
    row_count,
    newest_at,
    age_hours,
    warn_hours,
    error_hours,
    -- Of what has thresholds and no time at all nothing says that it is fresh.
    case
        when warn_hours is null and error_hours is null then 'unchecked'
        when error_hours is not null and (newest_at is null or age_hours > error_hours) then 'error'
        when warn_hours is not null and (newest_at is null or age_hours > warn_hours) then 'warn'
        else 'ok'
    end as freshness
from aged
