-- A view: the history and the current classes each read the snapshots they need.
with

customers as (
    select
        customer_id,
        snapshot_on,
        net_amount,
        data_state
    from {{ ref('int_customers__snapshotted') }}
),

settings as (
    select
        pmg_class,
        upper_share,
        row_number() over (order by upper_share) as class_rank,
        count(*) over () as class_count
    from {{ ref('pmg_settings') }}
),

-- Customers with the same amount stand together, so they get the same class.
cumulated as (
    select
        *,
        sum(net_amount) over (partition by snapshot_on order by net_amount desc) as amount_up_to,
        sum(net_amount) over (partition by snapshot_on) as amount_in_all,
        sum(net_amount) over (partition by snapshot_on, net_amount) as amount_beside
    from customers
),

-- The first class that the customers ahead have not filled. Amounts are compared, not shares:
-- decimals have no rounding. Who brought nothing, or cost money, is in the last class.
classed as (
    select
        cumulated.customer_id,
        cumulated.snapshot_on,
        cumulated.net_amount,
        cumulated.data_state,
        case
            when cumulated.amount_in_all > 0
                then
                    cast(cumulated.amount_up_to as double)
                    / cast(cumulated.amount_in_all as double)
        end as cumulative_share,
        settings.pmg_class
    from cumulated
    inner join settings
        on
            settings.class_rank = settings.class_count
            or (
                cumulated.net_amount > 0
                and cumulated.amount_up_to - cumulated.amount_beside
                < settings.upper_share * cumulated.amount_in_all
            )
    qualify
        row_number() over (
            partition by cumulated.customer_id, cumulated.snapshot_on
            order by settings.class_rank
        ) = 1
),

final as (
    select
        customer_id,
        snapshot_on,
        net_amount,
        cumulative_share,
        pmg_class,
        data_state
    from classed
)

select * from final
