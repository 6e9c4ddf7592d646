with

leads as (
    select * from {{ source('raw_files', 'leads') }}
),

final as (
    select
        lead_key,
        customer_key,
        company_key,
        parent_lead_key,
        lead_type,
        origin,
        stage,
        product_key,
        expected_amount,
        currency,
        seller_key,
        created_at,
        closed_at,
        source_system,
        customer_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from leads
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
