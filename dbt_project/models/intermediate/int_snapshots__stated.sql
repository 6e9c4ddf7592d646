-- Which days are kept as snapshots, each with a fingerprint of all it is computed from.
with

customer_days as (
    select
        customer_id,
        ordered_on,
        order_count,
        purchase_day_number,
        net_amount,
        loaded_at
    from {{ ref('int_customer_days__purchased') }}
),

settings as (
    select string_agg(said, ';' order by said) as said
    from (
        select setting || '=' || cast(value as varchar) as said from {{ ref('customer_settings') }}
        union all
        select axis || cast(score as varchar) || '=' || cast(upper_percentile as varchar)
        from {{ ref('rfm_settings') }}
        union all
        select
            cast(recency_score as varchar)
            || cast(frequency_monetary_score as varchar)
            || rfm_group
        from {{ ref('rfm_groups') }}
        union all
        select pmg_class || '=' || cast(upper_share as varchar) from {{ ref('pmg_settings') }}
    ) as every_setting
),

dates as (
    select
        date_on,
        is_month_end
    from {{ ref('dim_dates') }}
    where is_month_end or date_on = {{ as_of_date() }}
),

compared as (
    select max(date_on) as date_on
    from dates
    where is_month_end and date_on <= {{ days_before(as_of_date(), setting('comparison_days')) }}
),

days as (
    select
        ordered_on,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount,
        -- Ids of the people who come in that day: a merge changes it.
        coalesce(
            sum({{ id_number('customer_id') }}) filter (where purchase_day_number = 1), 0
        ) as id_sum,
        max(loaded_at) as loaded_at
    from customer_days
    group by ordered_on
),

summed as (
    select
        dates.date_on as snapshot_on,
        dates.is_month_end,
        cast(sum(days.order_count) as varchar) || '|' || cast(sum(days.net_amount) as varchar)
        || '|' || cast(sum(days.id_sum) as varchar)
        || '|' || cast(max(days.loaded_at) as varchar) as said
    from dates
    inner join days on dates.date_on >= days.ordered_on
    group by dates.date_on, dates.is_month_end
),

final as (
    select
        summed.snapshot_on,
        summed.is_month_end,
        summed.snapshot_on = {{ as_of_date() }} as is_current,
        coalesce(summed.snapshot_on = compared.date_on, false) as is_compared,
        {{ sha256_hex("summed.said || '#' || settings.said") }} as data_state
    from summed
    cross join settings
    cross join compared
)

select * from final
