{% macro audiences() -%}
    {%- set starter = {
        'overage': {
            'exclusions': [{'name': 'manual', 'when': 'is_excluded'}],
            'levels': [
                {'name': 'overage_in_app', 'destination': 'in_app', 'when': 'is_self_serve and usage > entitlement'},
                {
                    'name': 'overage_email', 'destination': 'email',
                    'when': 'not has_open_engagement and not has_open_opportunity',
                },
                {'name': 'overage_sales', 'destination': 'sales', 'when': 'usage >= 1.5 * entitlement'},
            ],
        },
    } -%}
    {%- set audiences = var('plg_audiences', none) or starter -%}
    {%- set problems = [] -%}
    {%- set names = [] -%}
    {%- for audience, declared in audiences.items() -%}
        {%- for field in declared if field not in ['exclusions', 'levels', 'facts', 'member'] -%}
            {%- do problems.append(audience ~ '.' ~ field ~ ' is no field of an audience') -%}
        {%- endfor -%}
        {%- if not declared.get('levels') -%}
            {%- do problems.append(audience ~ '.levels is missing') -%}
        {%- endif -%}
        {%- for list, fields in [('exclusions', ['name', 'when']), ('levels', ['name', 'destination', 'when'])] -%}
            {%- for item in declared.get(list) or [] -%}
                {%- if item | list | sort != fields | sort -%}
                    {%- do problems.append(
                        audience ~ '.' ~ list ~ '[' ~ loop.index0 ~ '] must have the fields ' ~ fields | join(', ')
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for level in declared.get('levels') or [] -%}
            {%- if level.get('name') in names -%}
                {%- do problems.append(audience ~ '.levels[' ~ loop.index0 ~ '].name is there twice') -%}
            {%- endif -%}
            {%- do names.append(level.get('name')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('plg_audiences: ' ~ problems[0]) -%}
    {%- endif -%}
    {{ return(audiences) }}
{%- endmacro %}
