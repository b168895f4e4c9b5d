{#- E. B. Wilson (1927). Unlike p +- 1.96 standard errors, the interval stays within 0 and 1 and has a width at 0 and 1. -#}
{% macro wilson_bound(successes, trials, side) -%}
    {#- The 97.5 % quantile of the standard normal distribution. -#}
    {%- set z = 1.959963984540054 -%}
    {%- set n = 'cast(' ~ trials ~ ' as ' ~ plg.type_name('float') ~ ')' -%}
    {%- set p = '(' ~ successes ~ ' / ' ~ n ~ ')' -%}
    {%- if side not in ['low', 'high'] -%}
        {%- do exceptions.raise_compiler_error('plg.wilson_bound: the side is low or high, not ' ~ side) -%}
    {%- endif -%}
    case
        when {{ trials }} > 0
            {#- At the ends the bound is exact, and rounding must not miss it. #}
            then case
                when {{ successes }} = {{ '0' if side == 'low' else trials }} then {{ '0' if side == 'low' else '1' }}
                else (
                    {{ p }} + {{ z * z / 2 }} / {{ n }}
                    {{ '-' if side == 'low' else '+' }}
                    {{ z }} * sqrt(({{ p }} * (1 - {{ p }}) + {{ z * z / 4 }} / {{ n }}) / {{ n }})
                ) / (1 + {{ z * z }} / {{ n }})
            end
    end
{%- endmacro %}
