-- Filled when a web collector is connected; the columns are what others may rely on.
with

final as (
    select
        cast(null as varchar) as visitor_id,
        cast(null as date) as first_seen_on,
        cast(null as date) as last_seen_on,
        cast(null as bigint) as view_count
    where false
)

select * from final
