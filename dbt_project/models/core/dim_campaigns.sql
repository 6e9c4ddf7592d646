with

campaigns as (
    select
        *,
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id
    from {{ ref('int_campaigns__united') }}
),

-- Named by a tool that sends or calls, but planned nowhere: it exists, its days are unknown.
mentioned as (
    {% for model in [
        'int_campaign_contacts__united', 'int_redemptions__united', 'stg_files__message_events',
        'stg_files__interactions',
    ] %}
        select
            campaign_system,
            campaign_key,
            min(known_at) as known_at
        from {{ ref(model) }}
        where campaign_key is not null
        group by campaign_system, campaign_key
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

inferred as (
    select
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id,
        campaign_system,
        campaign_key,
        min(known_at) as known_at
    from mentioned
    group by campaign_system, campaign_key
),

final as (
    select
        campaign_id,
        source_system,
        campaign_key,
        coalesce(campaign_name, campaign_key) as campaign_name,
        campaign_type,
        starts_on,
        ends_on,
        false as is_inferred,
        known_at
    from campaigns
    union all
    select
        inferred.campaign_id,
        inferred.campaign_system as source_system,
        inferred.campaign_key,
        inferred.campaign_key as campaign_name,
        null as campaign_type,
        null as starts_on,
        null as ends_on,
        true as is_inferred,
        inferred.known_at
    from inferred
    left join campaigns on inferred.campaign_id = campaigns.campaign_id
    where campaigns.campaign_id is null
)

select * from final
