with

campaigns as (
    select * from {{ source('raw_files', 'campaigns') }}
),

final as (
    select
        campaign_key,
        campaign_name,
        campaign_type,
        starts_on,
        ends_on,
        source_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from campaigns
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
