with

order_lines as (
    select
        order_line_id,
        order_id,
        customer_id,
        product_id,
        store_id,
        channel,
        line_kind,
        quantity,
        net_amount,
        currency,
        ordered_on,
        ordered_at,
        known_at,
        loaded_at
    from {{ ref('fct_order_lines') }}
    where line_kind <> 'sale'
),

final as (
    select
        order_line_id as return_id,
        order_id,
        customer_id,
        product_id,
        store_id,
        channel,
        line_kind,
        abs(quantity) as quantity,
        -net_amount as returned_amount,
        currency,
        ordered_on as returned_on,
        ordered_at as returned_at,
        known_at,
        loaded_at
    from order_lines
)

select * from final
