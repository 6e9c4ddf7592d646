with

payments as (
    select * from {{ source('raw_files', 'payments') }}
),

final as (
    select
        payment_key,
        order_key,
        method,
        status,
        amount,
        currency,
        paid_at,
        source_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from payments
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
