{% macro assigned_variant(experiment, unit_id) -%}
    {%- set declared = plg.experiments()[experiment] -%}
    {%- set variants = declared['variants'] -%}
    {%- set equal = [] -%}
    {%- for variant in variants -%}
        {%- do equal.append(1 / variants | length) -%}
    {%- endfor -%}
    {%- set forced = [] -%}
    {%- for variant, units in declared.get('forced', {}).items() if units -%}
        {%- do forced.append('when ' ~ unit_id ~ ' in (' ~ plg.text_list(units) ~ ') then ' ~ variants.index(variant)) -%}
    {%- endfor -%}
    {%- set previous -%}
        cast({{ 'case ' ~ forced | join(' ') ~ ' end' if forced else 'null' }} as {{ plg.type_name('float') }})
    {%- endset -%}
    {%- set call -%}
        {{ plg.fn('cohort_rollout') }}(
            {{ unit_id }},
            {{ plg.text(declared.get('seed', experiment)) }},
            [{{ (declared.get('weights') or equal) | join(', ') }}],
            {{ declared.get('coverage', 1) }},
            {{ previous }},
            {{ plg.text(declared['method']) }}
        )
    {%- endset -%}
    {%- if not declared.get('namespace') -%}
        {{ return(call) }}
    {%- endif -%}
    {%- set bounds = declared['range'] | join(', ') -%}
    case
        when
            {{ previous }} is not null
            or {{ plg.fn('cohort_in_namespace') }}({{ unit_id }}, {{ plg.text(declared['namespace']) }}, {{ bounds }})
            then {{ call }}
    end
{%- endmacro %}
