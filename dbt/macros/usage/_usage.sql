{#- Events that show nobody as active, as definitions name them; the package's own event is no usage either. -#}
{% macro _negative_events() -%}
    {{ return(
        ['new_active_user_day'] + (var('plg_negative_events', ['workspace_downgraded', 'uninstall_integration']) or [])
    ) }}
{%- endmacro %}

{#- The definitions of a grain, as usage_metrics takes them. -#}
{% macro _metrics_document(grain) -%}
    {{ return(plg.text(tojson({'negative_events': plg._negative_events(), 'metrics': plg.metrics(grain)}))) }}
{%- endmacro %}

{#- The events that a metric or a condition names. -#}
{% macro _named_events(object) -%}
    {{ return(object.get('events') or ([object['event']] if object.get('event') else [])) }}
{%- endmacro %}

{#-
    Which rollups the metrics of a grain look at: an array of everything that somebody ever did may be long. A metric that is
    needed for earlier days is needed so many days further back.
-#}
{% macro _metrics_condition(grain, alias) -%}
    {%- set metrics = plg.metrics(grain) -%}
    {%- set further = {} -%}
    {%- for _ in metrics -%}
        {%- for metric in metrics -%}
            {%- set days = metric.get('over_days') or (metric.get('points', 1) - 1) * metric.get('every_days', 0) -%}
            {%- for other in [metric.get('metric'), metric.get('numerator'), metric.get('denominator')] if other -%}
                {%- set own = further.get(metric['name'], 0) + days -%}
                {%- do further.update({other: [further.get(other, 0), own] | max}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set ever, lately, reach = [], [], [0] -%}
    {%- for metric in metrics if not (metric.get('metric') or metric.get('numerator')) -%}
        {%- set events = plg._named_events(metric) or [none] -%}
        {%- if metric.get('days') -%}
            {%- do lately.extend(events) -%}
            {%- do reach.append(metric['days'] + metric.get('offset_days', 0) + further.get(metric['name'], 0)) -%}
        {%- else -%}
            {%- do ever.extend(events) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set conditions = [] -%}
    {%- for events, since in [(ever, none), (lately, plg.days_before(reach | max))] if events -%}
        {%- set parts = [] -%}
        {%- if none not in events -%}
            {%- do parts.append(alias ~ '.event in (' ~ plg.text_list(events | unique | list) ~ ')') -%}
        {%- endif -%}
        {%- if since -%}
            {%- do parts.append(alias ~ '.day > ' ~ since) -%}
        {%- endif -%}
        {%- do conditions.append('(' ~ (parts | join(' and ') or 'true') ~ ')') -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}

{#- The metrics of a grain, one column each, and the segments of those that have some. -#}
{% macro _metric_columns(grain, result) -%}
    {%- for metric in plg.metrics(grain) %}
    {%- set element = plg._element('metrics', loop.index0) %}
    {{ plg.field(result, element ~ '.value', 'float') }} as {{ metric['name'] }}
    {%- if metric.get('segments') %},
    {{ plg.field(result, element ~ '.segment', 'string') }} as {{ metric['name'] }}_segment
    {%- endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The path of an element of a list, counted from 0. -#}
{% macro _element(list, index) -%}
    {{ return(adapter.dispatch('_element', 'plg')(list, index)) }}
{%- endmacro %}

{% macro default___element(list, index) -%}
    {{ return(list ~ '[' ~ index ~ ']') }}
{%- endmacro %}

{% macro duckdb___element(list, index) -%}
    {{ return(list ~ '[' ~ (index + 1) ~ ']') }}
{%- endmacro %}

{% macro bigquery___element(list, index) -%}
    {{ return(list ~ '[offset(' ~ index ~ ')]') }}
{%- endmacro %}

{#- The condition for what milestones ask for; no filter where one of them asks for any event. -#}
{% macro _milestones_condition(alias) -%}
    {%- set definitions = plg.milestones() -%}
    {%- set objects = [definitions['start']] if definitions.get('start') else [] -%}
    {%- for milestone in definitions['milestones'] -%}
        {%- for condition in milestone.get('all') or [milestone] -%}
            {%- do objects.extend(condition.get('series') or [condition]) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set events = [] -%}
    {%- set any = [] -%}
    {%- for object in objects -%}
        {%- do events.extend(plg._named_events(object)) -%}
        {%- do any.append(1) if not plg._named_events(object) -%}
    {%- endfor -%}
    {{ return('true' if any else alias ~ '.event in (' ~ plg.text_list(events | unique | list) ~ ')') }}
{%- endmacro %}
