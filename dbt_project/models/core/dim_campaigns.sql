with

campaigns as (
    select * from {{ ref('int_campaigns__united') }}
),

final as (
    select
        {{ system_key('campaign_key') }} as campaign_id,
        source_system,
        campaign_key,
        coalesce(campaign_name, campaign_key) as campaign_name,
        campaign_type,
        starts_on,
        ends_on,
        known_at
    from campaigns
)

select * from final
