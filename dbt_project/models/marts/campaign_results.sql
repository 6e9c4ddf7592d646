with

campaigns as (
    select
        campaign_id,
        campaign_name,
        campaign_type,
        starts_on,
        ends_on
    from {{ ref('dim_campaigns') }}
),

customer_campaigns as (
    select
        customer_id,
        campaign_id,
        is_contacted,
        redemption_count
    from {{ ref('customer_campaigns') }}
),

orders as (
    select
        customer_id,
        ordered_on,
        status,
        net_amount
    from {{ ref('fct_orders') }}
    where customer_id is not null and status = 'completed'
),

reached as (
    select
        campaign_id,
        count(*) filter (where is_contacted) as contacted_count,
        count(*) filter (where redemption_count > 0) as redeemer_count,
        count(*) filter (where is_contacted and redemption_count > 0) as contacted_redeemer_count,
        cast(sum(redemption_count) as bigint) as redemption_count
    from customer_campaigns
    group by campaign_id
),

-- What contacted customers spent while the campaign ran: what happened, not what it caused.
spent as (
    select
        campaigns.campaign_id,
        count(distinct orders.customer_id) as buyer_count,
        {{ net_revenue('orders') }} as net_amount
    from campaigns
    inner join customer_campaigns
        on
            campaigns.campaign_id = customer_campaigns.campaign_id
            and customer_campaigns.is_contacted
    inner join orders
        on
            customer_campaigns.customer_id = orders.customer_id
            and campaigns.starts_on <= orders.ordered_on
            and campaigns.ends_on >= orders.ordered_on
    group by campaigns.campaign_id
),

final as (
    select
        campaigns.campaign_id,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.starts_on,
        campaigns.ends_on,
        coalesce(reached.contacted_count, 0) as contacted_count,
        coalesce(reached.redeemer_count, 0) as redeemer_count,
        coalesce(reached.contacted_redeemer_count, 0) as contacted_redeemer_count,
        coalesce(reached.redemption_count, 0) as redemption_count,
        {{ conversion_rate('reached.contacted_redeemer_count', 'reached.contacted_count') }}
            as redemption_rate,
        coalesce(spent.buyer_count, 0) as buyer_count,
        cast(coalesce(spent.net_amount, 0) as decimal(18, 2)) as net_amount_in_campaign,
        {{ company_currency() }} as currency
    from campaigns
    left join reached on campaigns.campaign_id = reached.campaign_id
    left join spent on campaigns.campaign_id = spent.campaign_id
    where campaigns.starts_on <= {{ as_of_date() }}
)

select * from final
