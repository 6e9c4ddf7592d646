with

contact_costs as (
    select * from {{ source('raw_files', 'contact_costs') }}
),

final as (
    select
        contact_cost_key,
        channel,
        campaign_key,
        unit_cost_amount,
        currency,
        valid_from_on,
        source_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from contact_costs
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
