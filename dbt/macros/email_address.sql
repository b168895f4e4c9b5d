{% macro email_address(domain_or_email) -%}
    case when {{ domain_or_email }} like '%@%' then {{ domain_or_email }} else 'x@' || {{ domain_or_email }} end
{%- endmacro %}
