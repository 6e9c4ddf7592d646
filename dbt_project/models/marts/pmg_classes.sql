with

classed as (
    select
        as_of_date,
        pmg_class,
        net_amount
    from {{ ref('pmg') }}
),

settings as (
    select
        pmg_class,
        label_en,
        label_fr
    from {{ ref('pmg_settings') }}
),

totals as (
    select
        as_of_date,
        count(*) as customer_count,
        sum(net_amount) as net_amount
    from classed
    group by as_of_date
),

-- A class without anybody is shown with 0, not left out.
final as (
    select
        totals.as_of_date,
        settings.pmg_class,
        settings.label_en as pmg_class_label_en,
        settings.label_fr as pmg_class_label_fr,
        count(classed.pmg_class) as customer_count,
        cast(count(classed.pmg_class) as double) / totals.customer_count as customer_share,
        cast(coalesce(sum(classed.net_amount), 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(sum(classed.net_amount), 0) as double)
        / nullif(cast(totals.net_amount as double), 0) as net_amount_share,
        {{ company_currency() }} as currency
    from totals
    cross join settings
    left join classed
        on totals.as_of_date = classed.as_of_date and settings.pmg_class = classed.pmg_class
    group by
        totals.as_of_date, totals.customer_count, totals.net_amount,
        settings.pmg_class, settings.label_en, settings.label_fr
)

select * from final
