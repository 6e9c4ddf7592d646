-- How often each name stands as a first and as a last name: swapped fields betray themselves.
with

attributes as (
    select
        attribute,
        {{ normalised_name('value') }} as name
    from {{ ref('customer_attributes') }}
    where attribute in ('first_name', 'last_name')
),

final as (
    select
        name,
        count(*) filter (where attribute = 'first_name') as first_name_count,
        count(*) filter (where attribute = 'last_name') as last_name_count
    from attributes
    where name is not null
    group by name
)

select * from final
