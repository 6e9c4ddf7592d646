-- Which cities go with which postal codes, as the customers themselves write them: no directory is
-- needed where enough people live. A city outside its codes is a slip only if both are well known.
with

customers as (
    select
        country,
        upper(trim(postal_code)) as postal_code,
        {{ normalised_city('city') }} as city
    from {{ ref('dim_customers') }}
    where country is not null and postal_code is not null and city is not null
),

pairs as (
    select
        country,
        postal_code,
        city,
        count(*) as person_count
    from customers
    group by country, postal_code, city
),

known as (
    select
        *,
        person_count >= {{ hygiene_setting('known_pair_count') }} as is_known
    from pairs
),

final as (
    select
        country,
        postal_code,
        city,
        person_count,
        is_known
        or not bool_or(is_known) over (partition by country, postal_code)
        or not bool_or(is_known) over (partition by country, city) as is_plausible
    from known
)

select * from final
