with

invoices as (
    select * from {{ source('raw_files', 'invoices') }}
),

final as (
    select
        invoice_key,
        order_key,
        customer_key,
        total_amount,
        currency,
        invoiced_at,
        source_system,
        customer_system,
        order_system,
        source_key,
        known_at,
        loaded_at
    from invoices
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
