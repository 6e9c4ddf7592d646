{{ config(materialized='view') }}

with

contacts as (
    select
        *,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id
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

returns as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ system_key('campaign_key', 'campaign_system') }} as campaign_id,
        max(known_at) as known_at
    from {{ ref('stg_files__mail_returns') }}
    where customer_key is not null and campaign_key is not null
    group by
        {{ system_key('customer_key', 'customer_system') }},
        {{ system_key('campaign_key', 'campaign_system') }}
),

messages as (
    select * from {{ ref('int_messages__summed') }}
),

exposed as (
    select
        {{ system_key('contacts.source_key', 'contacts.source_system') }} as exposure_id,
        contacts.source_system,
        resolved.customer_id,
        contacts.campaign_id,
        contacts.channel,
        cast(null as varchar) as message_id,
        -- Tools that keep no time of contact: the first day on which the campaign could be used.
        coalesce(contacts.contacted_at, cast(campaigns.starts_on as timestamp)) as exposed_at,
        returns.record_id is null as is_delivered,
        cast(null as boolean) as is_opened,
        cast(null as boolean) as is_clicked,
        cast(null as boolean) as is_unsubscribed,
        returns.record_id is not null as has_failed,
        -- That it was sent is known before what became of it.
        contacts.known_at as sent_known_at,
        greatest(contacts.known_at, returns.known_at) as known_at,
        contacts.loaded_at
    from contacts
    inner join resolved on contacts.record_id = resolved.record_id
    left join campaigns on contacts.campaign_id = campaigns.campaign_id
    left join returns
        on contacts.record_id = returns.record_id and contacts.campaign_id = returns.campaign_id
    union all
    select
        'message:' || message_id as exposure_id,
        source_system,
        customer_id,
        campaign_id,
        channel,
        message_id,
        sent_at as exposed_at,
        is_delivered,
        is_opened,
        is_clicked,
        is_unsubscribed,
        has_bounced and not is_delivered as has_failed,
        first_known_at as sent_known_at,
        known_at,
        loaded_at
    from messages
),

final as (
    select
        exposure_id,
        source_system,
        customer_id,
        campaign_id,
        channel,
        message_id,
        is_delivered,
        is_opened,
        is_clicked,
        is_unsubscribed,
        has_failed,
        {{ business_date('exposed_at') }} as exposed_on,
        exposed_at,
        sent_known_at,
        known_at,
        loaded_at
    from exposed
)

select * from final
