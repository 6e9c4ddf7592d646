with

interactions as (
    select * from {{ source('raw_files', 'interactions') }}
),

final as (
    select
        interaction_key,
        customer_key,
        email,
        phone,
        handle,
        direction,
        channel,
        kind,
        context,
        campaign_key,
        duration_seconds,
        occurred_at,
        source_system,
        customer_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from interactions
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
