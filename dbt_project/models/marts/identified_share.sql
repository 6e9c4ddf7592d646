-- What cannot be told apart is counted in a bucket of its own, so that nothing pretends to know it.
with

channels as (
    select
        channel,
        is_offline
    from {{ ref('dim_channels') }}
),

contacts as (
    select
        {{ month_of(business_date('interacted_at')) }} as month_on,
        coalesce(channel, 'unknown') as channel,
        customer_id is not null as is_identified,
        count(*) as contact_count
    from {{ ref('fct_interactions') }}
    where direction = 'inbound' and {{ business_date('interacted_at') }} <= {{ as_of_date() }}
    group by
        {{ month_of(business_date('interacted_at')) }},
        coalesce(channel, 'unknown'),
        customer_id is not null
),

orders as (
    select
        {{ month_of('ordered_on') }} as month_on,
        coalesce(channel, 'unknown') as channel,
        customer_id is not null as is_identified,
        count(*) filter (where is_purchase) as order_count,
        sum(net_amount) as net_amount
    from {{ ref('fct_orders') }}
    where status = 'completed' and ordered_on <= {{ as_of_date() }}
    group by {{ month_of('ordered_on') }}, coalesce(channel, 'unknown'), customer_id is not null
),

sides as (
    select true as is_identified
    union all
    select false as is_identified
),

-- Both buckets of every month and channel, empty ones too.
buckets as (
    select
        contacts.month_on,
        contacts.channel,
        sides.is_identified
    from contacts
    cross join sides
    group by contacts.month_on, contacts.channel, sides.is_identified
),

counted as (
    select
        buckets.month_on,
        buckets.channel,
        case
            when buckets.is_identified then 'identified'
            when channels.is_offline then 'unknown_offline'
            else 'unknown_online'
        end as bucket,
        coalesce(contacts.contact_count, 0) as contact_count,
        coalesce(orders.order_count, 0) as order_count,
        coalesce(orders.net_amount, 0) as net_amount
    from buckets
    left join channels on buckets.channel = channels.channel
    left join contacts
        on
            buckets.month_on = contacts.month_on
            and buckets.channel = contacts.channel
            and buckets.is_identified = contacts.is_identified
    left join orders
        on
            buckets.month_on = orders.month_on
            and buckets.channel = orders.channel
            and buckets.is_identified = orders.is_identified
),

final as (
    select
        month_on,
        channel,
        bucket,
        cast(contact_count as bigint) as contact_count,
        cast(contact_count as double)
        / nullif(sum(contact_count) over (partition by month_on, channel), 0) as contact_share,
        cast(order_count as bigint) as order_count,
        cast(net_amount as decimal(18, 2)) as net_amount,
        cast(net_amount as double)
        / nullif(cast(sum(net_amount) over (partition by month_on, channel) as double), 0)
            as amount_share,
        {{ company_currency() }} as currency
    from counted
)

select * from final
