with

bounds as (
    select
        {{ month_of('min(ordered_on)') }} as first_on,
        {{ as_of_date() }} as last_on
    from {{ ref('fct_orders') }}
),

spine as (
    select date_on
    from {{ date_spine(
        "(select coalesce(first_on, last_on) from bounds)", "(select last_on from bounds)"
    ) }}
),

final as (
    select
        date_on,
        {{ month_of('date_on') }} as month_on,
        {{ month_end_of('date_on') }} as month_end_on,
        {{ iso_weekday('date_on') }} as iso_weekday,
        date_on = {{ month_end_of('date_on') }} as is_month_end
    from spine
)

select * from final
