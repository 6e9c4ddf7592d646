with

order_lines as (
    select * from {{ source('raw_files', 'order_lines') }}
),

refunds as (
    select * from {{ source('raw_files', 'refunds') }}
),

final as (
    select source_system || '|' || source_key as order_line_id
    from order_lines
    where is_deleted
    union all
    select source_system || '|refund|' || source_key as order_line_id
    from refunds
    where is_deleted
)

select * from final
