with

configuration_versions as (
    select * from {{ source('raw_files', 'configuration_versions') }}
),

-- A deletion is a row of its own that repeats the key. Read apart: a CTE that is read twice is
-- written down whole, every column of every row.
deleted as (
    select
        source_system as deleted_system,
        source_key as deleted_key
    from {{ source('raw_files', 'configuration_versions') }}
    where is_deleted
    group by source_system, source_key
),

final as (
    select
        configuration_key,
        version_number,
        customer_key,
        anonymous_id,
        email,
        product_key,
        options,
        option_count,
        price_amount,
        currency,
        saved_at,
        source_system,
        customer_system,
        product_system,
        source_key,
        known_at,
        loaded_at
    from configuration_versions
    left join deleted
        on
            configuration_versions.source_system = deleted.deleted_system
            and configuration_versions.source_key = deleted.deleted_key
    where deleted.deleted_key is null
)

select * from final
