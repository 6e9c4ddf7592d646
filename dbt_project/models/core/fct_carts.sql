with

carts as (
    select * from {{ ref('int_carts__identified') }}
),

orders as (
    select
        customer_id,
        ordered_at,
        known_at
    from {{ ref('fct_orders') }}
    where customer_id is not null and is_purchase
),

-- On a device of nobody, the device's own order event tells that the cart became an order.
device_orders as (
    select
        {{ key_of_system('device_id') }} as anonymous_id,
        occurred_at,
        known_at
    from {{ ref('int_web_events__cleaned') }}
    where event_type = 'order' and device_id is not null and not is_machine
),

ordered_since as (
    select
        carts.cart_id,
        min(orders.known_at) as known_at
    from carts
    inner join orders
        on carts.customer_id = orders.customer_id and carts.changed_at <= orders.ordered_at
    group by carts.cart_id
    union all
    select
        carts.cart_id,
        min(device_orders.known_at) as known_at
    from carts
    inner join device_orders
        on
            carts.anonymous_id = device_orders.anonymous_id
            and carts.changed_at <= device_orders.occurred_at
    where carts.customer_id is null
    group by carts.cart_id
),

checked as (
    select
        source_system,
        max(last_checked_at) as last_checked_at
    from {{ source('raw_control', 'sources') }}
    where entity = 'carts' and is_connected
    group by source_system
),

aged as (
    select
        carts.*,
        {{ minutes_after('carts.changed_at', contact_setting('cart_abandoned_minutes')) }}
            as abandoned_from,
        -- A source that was not asked since cannot tell that nothing changed since.
        least(
            {{ as_of_instant() }}, case when {{ is_live() }} then checked.last_checked_at end
        ) as known_until,
        case
            when carts.is_stated_converted then 'cart'
            when ordered_since.cart_id is not null then 'order_since'
        end as converted_by,
        case
            when carts.is_stated_converted then carts.known_at
            else greatest(carts.known_at, ordered_since.known_at)
        end as status_known_at
    from carts
    left join ordered_since on carts.cart_id = ordered_since.cart_id
    left join checked on carts.source_system = checked.source_system
),

stated as (
    select
        *,
        case
            when converted_by is not null then 'converted'
            when coalesce(item_count, 1) <> 0 and abandoned_from <= known_until then 'abandoned'
            else 'open'
        end as status
    from aged
),

final as (
    select
        cart_id,
        source_system,
        customer_id,
        anonymous_id,
        status,
        converted_by,
        order_id,
        cart_url,
        item_count,
        product_id,
        cast(total_amount as decimal(18, 2)) as total_amount,
        {{ company_currency() }} as currency,
        original_amount,
        original_currency,
        {{ business_date('created_at') }} as created_on,
        created_at,
        changed_at,
        case when status = 'abandoned' then abandoned_from end as abandoned_at,
        case
            when status = 'abandoned' then greatest(status_known_at, abandoned_from)
            else status_known_at
        end as known_at,
        loaded_at
    from stated
)

select * from final
