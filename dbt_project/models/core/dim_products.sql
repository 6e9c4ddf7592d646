with

catalogue as (
    select * from {{ ref('int_products__united') }}
),

-- Sold or looked at, but in no catalogue: the sale counts, the product is inferred and reported.
mentioned as (
    select
        source_system,
        product_key,
        min(known_at) as known_at
    from {{ ref('int_order_lines__united') }}
    where product_key is not null
    group by source_system, product_key
    union all
    select
        source_system,
        product_key,
        min(known_at) as known_at
    from {{ ref('int_product_views__united') }}
    group by source_system, product_key
),

inferred as (
    select
        mentioned.source_system,
        mentioned.product_key,
        min(mentioned.known_at) as known_at
    from mentioned
    left join catalogue
        on
            mentioned.source_system = catalogue.source_system
            and mentioned.product_key = catalogue.product_key
    where catalogue.product_key is null
    group by mentioned.source_system, mentioned.product_key
),

final as (
    select
        {{ system_key('product_key') }} as product_id,
        source_system,
        product_key,
        product_name,
        department,
        category,
        product_type,
        brand,
        manufacturer_key,
        package_size,
        false as is_inferred,
        known_at
    from catalogue
    union all
    select
        {{ system_key('product_key') }} as product_id,
        source_system,
        product_key,
        null as product_name,
        null as department,
        null as category,
        null as product_type,
        null as brand,
        null as manufacturer_key,
        null as package_size,
        true as is_inferred,
        known_at
    from inferred
)

select * from final
