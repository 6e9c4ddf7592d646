{{ config(materialized='table') }}

-- When who had refused that their opens are followed. What was known before the refusal stays as it
-- was; from the day on which it is known nothing new is learnt about the person, also in a past
-- that is computed again.
with

words as (
    select
        entries.entry_id,
        entries.source_system,
        entries.customer_key,
        entries.address_hash,
        purposes.spoken_for,
        entries.act in ('object', 'withdraw', 'refuse') as is_no,
        entries.occurred_at,
        entries.known_at
    from {{ ref('stg_state__consent_entries') }} as entries
    inner join {{ ref('consent_purposes') }} as purposes
        on entries.purpose = purposes.said_purpose
    where
        purposes.purpose = 'open_tracking'
        and entries.channel in ('email', 'all')
        and entries.act in ('object', 'withdraw', 'refuse', 'grant', 'double_opt_in_confirmed')
),

resolved as (
    select
        customer_id,
        source_system,
        customer_key
    from {{ ref('int_identity__resolved') }}
),

addresses as (
    select
        resolved.customer_id,
        known_hashes.address_hash
    from resolved
    inner join {{ ref('stg_state__address_hashes') }} as known_hashes
        on
            resolved.source_system = known_hashes.source_system
            and resolved.customer_key = known_hashes.customer_key
    group by resolved.customer_id, known_hashes.address_hash
),

-- An entry without a system is about every record of its key.
spoken as (
    select
        resolved.customer_id,
        resolved.source_system || '|' || resolved.customer_key as subject,
        words.*
    from words
    inner join resolved
        on
            words.customer_key = resolved.customer_key
            and coalesce(words.source_system, resolved.source_system) = resolved.source_system
    union all
    select
        addresses.customer_id,
        addresses.address_hash as subject,
        words.*
    from words
    inner join addresses on words.address_hash = addresses.address_hash
),

dated as (
    select
        *,
        lead(known_at) over (
            partition by customer_id, spoken_for, subject order by occurred_at, is_no, entry_id
        ) as next_known_at
    from spoken
),

final as (
    select
        customer_id,
        known_at as refused_from,
        next_known_at as refused_until
    from dated
    where is_no and (next_known_at is null or next_known_at > known_at)
    group by customer_id, known_at, next_known_at
)

select * from final
