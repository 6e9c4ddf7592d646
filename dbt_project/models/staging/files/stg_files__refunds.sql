with

refunds as (
    select * from {{ source('raw_files', 'refunds') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from refunds
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        refund_key,
        order_key,
        product_key,
        customer_key,
        refund_kind,
        quantity,
        amount,
        currency,
        reason,
        refunded_at,
        source_system,
        customer_system,
        product_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from refunds
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = refunds.source_system
            and deleted.source_key = refunds.source_key
    )
)

select * from final
