with

refunds as (
    select * from {{ source('raw_files', 'refunds') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'refunds') }}
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
    left join deleted
        on
            refunds.source_system = deleted.deleted_system
            and refunds.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
