with

catalogue as (
    select
        *,
        {{ system_key('product_key', 'product_system') }} as product_id,
        ' ' || lower(concat_ws(' ', department, category, product_type, product_name, package_size))
            as said
    from {{ ref('int_products__united') }}
),

organic as (
    select catalogue.product_id
    from catalogue
    inner join {{ ref('organic_marks') }} as marks
        on catalogue.said like '%' || marks.mark || '%'
    group by catalogue.product_id
),

prices as (
    select
        product_id,
        price_amount,
        cost_amount
    from {{ ref('int_product_prices__dated') }}
    where {{ as_of_date() }} >= valid_from_on and {{ as_of_date() }} < valid_to_on
),

-- Sold or looked at, but in no catalogue: the sale counts, the product is inferred and reported.
mentioned as (
    {% for model in ['int_order_lines__united', 'int_product_views__united'] %}
        select
            {{ system_key('product_key', 'product_system') }} as product_id,
            product_system,
            product_key,
            min(known_at) as known_at
        from {{ ref(model) }}
        where product_key is not null
        group by product_system, product_key
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

inferred as (
    select
        mentioned.product_id,
        mentioned.product_system,
        mentioned.product_key,
        min(mentioned.known_at) as known_at
    from mentioned
    left join catalogue on mentioned.product_id = catalogue.product_id
    where catalogue.product_id is null
    group by mentioned.product_id, mentioned.product_system, mentioned.product_key
),

final as (
    select
        catalogue.product_id,
        catalogue.product_system as source_system,
        catalogue.product_key,
        catalogue.product_name,
        catalogue.department,
        catalogue.category,
        catalogue.product_type,
        catalogue.brand,
        catalogue.manufacturer_key,
        catalogue.package_size,
        prices.price_amount,
        prices.cost_amount,
        organic.product_id is not null as is_organic,
        false as is_inferred,
        catalogue.known_at
    from catalogue
    left join prices on catalogue.product_id = prices.product_id
    left join organic on catalogue.product_id = organic.product_id
    union all
    select
        product_id,
        product_system as source_system,
        product_key,
        null as product_name,
        null as department,
        null as category,
        null as product_type,
        null as brand,
        null as manufacturer_key,
        null as package_size,
        null as price_amount,
        null as cost_amount,
        false as is_organic,
        true as is_inferred,
        known_at
    from inferred
)

select * from final
