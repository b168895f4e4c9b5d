{% macro sequences() -%}
    {%- set starter = {
        'outreach': {
            'facts': [
                'first_active_at', 'key_action_at', 'limit_hit_at', 'upgrade_click_at', 'contacted_at',
                'has_open_opportunity', 'is_excluded',
            ],
            'unless': 'has_open_opportunity or is_excluded',
            'steps': [
                {
                    'name': 'Set-up help', 'due': 'first_active_at + interval 3 days',
                    'done': 'key_action_at is not null',
                    'unless': 'limit_hit_at is not null or upgrade_click_at is not null',
                },
                {
                    'name': 'Sales call',
                    'due': 'least(limit_hit_at + interval 72 hours, upgrade_click_at + interval 24 hours)',
                    'done': 'contacted_at >= least(limit_hit_at, upgrade_click_at)',
                },
            ],
        },
    } -%}
    {%- set sequences = var('plg_sequences', none) or starter -%}
    {%- for name, sequence in sequences.items() -%}
        {%- if not sequence.get('facts') -%}
            {%- do exceptions.raise_compiler_error('plg_sequences: ' ~ name ~ '.facts is missing') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(sequences) }}
{%- endmacro %}
