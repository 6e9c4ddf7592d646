with

configuration_versions as (
    select * from {{ source('raw_files', 'configuration_versions') }}
),

-- A deletion is a row of its own that repeats the key.
deleted as (
    select
        source_system,
        source_key
    from configuration_versions
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
    where not exists (
        select 1
        from deleted
        where
            deleted.source_system = configuration_versions.source_system
            and deleted.source_key = configuration_versions.source_key
    )
)

select * from final
