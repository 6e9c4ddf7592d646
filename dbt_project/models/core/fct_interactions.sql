with

campaign_contacts as (
    select
        *,
        {{ system_key('customer_key') }} as record_id,
        {{ system_key('campaign_key') }} as campaign_id
    from {{ ref('int_campaign_contacts__united') }}
),

campaigns as (
    select
        campaign_id,
        starts_on
    from {{ ref('dim_campaigns') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        {{ system_key('campaign_contacts.source_key', 'campaign_contacts.source_system') }}
            as interaction_id,
        resolved.customer_id,
        'outbound' as direction,
        campaign_contacts.channel,
        campaign_contacts.campaign_id,
        -- Tools that keep no time of contact: the first day on which the campaign could be used.
        coalesce(campaign_contacts.contacted_at, cast(campaigns.starts_on as timestamp))
            as interacted_at,
        campaign_contacts.known_at,
        campaign_contacts.loaded_at
    from campaign_contacts
    inner join resolved on campaign_contacts.record_id = resolved.record_id
    left join campaigns on campaign_contacts.campaign_id = campaigns.campaign_id
)

select * from final
