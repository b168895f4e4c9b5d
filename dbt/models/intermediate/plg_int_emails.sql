{{
    config(
        materialized='incremental', unique_key='email_text',
        post_hook="{{ plg._forget_vanished(ref('plg_int_email_texts'), 'email_text') }}"
    )
}}
-- What functions say of an address is said once: only new ones are asked about, all of them after a change of one's own
-- list, or of the functions with their lists.
with own_domains as (

    select
        {{ plg._or_empty(plg.agg_rows({'domain': 'domain_text', 'kind': 'kind'})) | indent(8) }} as own_list,
        {{ plg._computed_with('') }} || coalesce({{ plg._fingerprint(['domain_text', 'kind']) | indent(8) }}, '') as computed_with
    from {{ ref('plg_stg_email_domains') }}
    where domain_text is not null and kind is not null

)

select
    texts.email_text,
    {{ plg.fn('normalize_email') }}(texts.email_text, 'keep') as email,
    {{ plg.fn('normalize_email') }}(texts.email_text, 'tags_and_dots') as email_alias,
    {{ plg.fn('email_domain') }}(texts.email_text) as email_domain,
    {{ plg.fn('email_kind') }}(
        texts.email_text,
        {{ plg.fn('disposable_domain') }}(texts.email_text),
        own_domains.own_list
    ) as email_kind,
    own_domains.computed_with
from {{ ref('plg_int_email_texts') }} as texts
cross join own_domains
{%- if is_incremental() %}
left join {{ this }} as stored_rows
    on texts.email_text = stored_rows.email_text and own_domains.computed_with = stored_rows.computed_with
where stored_rows.email_text is null
{%- endif %}
