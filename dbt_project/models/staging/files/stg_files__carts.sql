with

carts as (
    select * from {{ source('raw_files', 'carts') }}
),

final as (
    select
        cart_key,
        customer_key,
        anonymous_id,
        email,
        status,
        order_key,
        cart_url,
        item_count,
        product_key,
        total_amount,
        currency,
        created_at,
        updated_at,
        source_system,
        customer_system,
        product_system,
        order_system,
        cart_system,
        source_key,
        known_at,
        loaded_at
    from carts
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
