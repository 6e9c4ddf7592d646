-- Whose cart it is: the account's, else the address's, else the owner's of the device it lies on.
with

carts as (
    select
        *,
        {{ system_key('cart_key', 'cart_system') }} as cart_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as address,
        coalesce(currency, {{ company_currency() }}) as any_currency,
        coalesce(updated_at, created_at) as changed_at,
        {{ business_date('coalesce(updated_at, created_at)') }} as changed_on
    from {{ ref('stg_files__carts') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

addresses as (
    select
        value as address,
        customer_id
    from {{ ref('int_addresses__resolved') }}
    where kind = 'email' and customer_id is not null
),

-- The shop knows the cookie but not which collector gave it out.
devices as (
    select
        {{ key_of_system('device_id') }} as anonymous_id,
        max(customer_id) as customer_id,
        max(known_at) as known_at
    from {{ ref('int_devices__owned') }}
    group by {{ key_of_system('device_id') }}
    having count(distinct customer_id) = 1 and count(*) = count(customer_id)
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

final as (
    select
        carts.cart_id,
        carts.source_system,
        coalesce(resolved.customer_id, addresses.customer_id, devices.customer_id) as customer_id,
        carts.anonymous_id,
        carts.status = 'converted' or carts.order_key is not null as is_stated_converted,
        {{ system_key('carts.order_key', 'carts.order_system') }} as order_id,
        carts.cart_url,
        carts.item_count,
        {{ system_key('carts.product_key', 'carts.product_system') }} as product_id,
        {{ in_company_currency('carts.total_amount', 'carts.any_currency', 'rates.rate') }}
            as total_amount,
        carts.total_amount as original_amount,
        carts.any_currency as original_currency,
        carts.created_at,
        carts.changed_at,
        case
            when coalesce(resolved.customer_id, addresses.customer_id) is null
                then greatest(carts.known_at, devices.known_at)
            else carts.known_at
        end as known_at,
        carts.loaded_at
    from carts
    left join resolved on carts.record_id = resolved.record_id
    left join addresses on carts.address = addresses.address
    left join devices on carts.anonymous_id = devices.anonymous_id
    left join rates on {{ has_rate('rates', 'carts.any_currency', 'carts.changed_on') }}
)

select * from final
