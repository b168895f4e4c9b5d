with claims as (

    select
        'email keeps the domain' as claim,
        {{ plg.masked("'jane@acme.com'", 'email') }} = 'j***@acme.com' as holds
    union all
    select
        'ip keeps the network' as claim,
        {{ plg.masked("'203.0.113.7'", 'ip') }} = '203.0.113.0' as holds
    union all
    select
        'text keeps a character unless told otherwise' as claim,
        {{ plg.masked("'Jane'", 'text') }} || {{ plg.masked("'Jane'", 'text', keep=3) }} = 'J***Jan***' as holds
    union all
    -- RFC 4231, test case 2.
    select
        'pseudonym takes the key of the variable' as claim,
        {{ plg.masked("'what do ya want for nothing?'", 'pseudonym') }}
            = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843' as holds

)

select claim
from claims
where holds is not true
