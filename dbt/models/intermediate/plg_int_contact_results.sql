{{
    config(
        materialized='incremental', unique_key='block_key',
        post_hook="{{ plg._forget_vanished(
            ref('plg_int_contact_blocks'), 'block_key', 'members <= ' ~ var('plg_contact_block_size', 1000)
        ) }}"
    )
}}
{%- set member = {'email': 'email', 'alias': 'email_alias', 'kind': 'email_kind', 'updated_at': 'changed_at'} -%}
{%- set user = {'user_id': 'member_id'} -%}
{%- do user.update(member) -%}
{%- set contact = {'contact_id': 'member_id'} -%}
{%- do contact.update(member) -%}
{%- set settings = tojson(var('plg_contact_matching', none) or {}) -%}
-- One call per alias, and only where something about it has changed.
with touched as (

    select blocks.*
    from {{ ref('plg_int_contact_blocks') }} as blocks
    {%- if is_incremental() %}
    left join {{ this }} as stored_rows
        on blocks.block_key = stored_rows.block_key and blocks.computed_with = stored_rows.computed_with
    {%- endif %}
    where
        blocks.members <= {{ var('plg_contact_block_size', 1000) }}
        {%- if is_incremental() %}
        and stored_rows.block_key is null
        {%- endif %}

),

user_lists as (

    select
        members.block_key,
        {{ plg.agg_rows(user) | indent(8) }} as user_list
    from {{ ref('plg_int_contact_members') }} as members
    inner join touched
        on members.block_key = touched.block_key
    where members.matched_from = 'user'
    group by members.block_key

),

contact_lists as (

    select
        members.block_key,
        {{ plg.agg_rows(contact) | indent(8) }} as contact_list
    from {{ ref('plg_int_contact_members') }} as members
    inner join touched
        on members.block_key = touched.block_key
    where members.matched_from = 'contact'
    group by members.block_key

)

select
    touched.block_key,
    touched.computed_with,
    {{ plg.as_of() }} as updated_at,
    {{ plg.fn('match_contact') }}(
        {{ plg._or_empty('user_lists.user_list') }},
        {{ plg._or_empty('contact_lists.contact_list') }},
        {{ plg.text(settings) }}
    ) as result
from touched
left join user_lists
    on touched.block_key = user_lists.block_key
left join contact_lists
    on touched.block_key = contact_lists.block_key
