{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['as_of_date', 'task'],
    )
}}

with

tasks as (
    select
        listed.task,
        listed.known_after_days
    from (
        values
        ('attrition_28d', 28),
        ('attrition_56d', 56),
        ('attrition_own_rhythm', 56),
        ('appetence', 28)
    ) as listed (task, known_after_days)
),

-- A label exists once its whole horizon has passed. The own rhythm's horizon differs by customer,
-- but its labels are known together, after the longest: else the first known ones would be the
-- frequent buyers' alone.
cut_offs as (
    select
        cut_offs.as_of_date,
        tasks.task,
        {{ local_midnight_utc(days_after('cut_offs.as_of_date', 'tasks.known_after_days')) }}
            as label_known_at,
        greatest(cut_offs.wanted_since, run.started_at) as computed_at
    from {{ source('raw_control', 'cut_offs') }} as cut_offs
    cross join {{ source('raw_control', 'run') }} as run
    cross join tasks
    where
        {{ days_after('cut_offs.as_of_date', 'tasks.known_after_days') }} <= run.as_of_date
        {% if is_incremental() %}
            and not exists (
                select 1
                from {{ this }} as built
                where
                    built.as_of_date = cut_offs.as_of_date
                    and built.task = tasks.task
                    and built.computed_at >= cut_offs.wanted_since
            )
        {% endif %}
),

subjects as (
    select
        cut_offs.*,
        customers.customer_id,
        '' as subject,
        case cut_offs.task
            when 'attrition_28d' then 28
            when 'attrition_56d' then 56
            else least(greatest(ceil(3 * customers.mean_gap_days), 14), 56)
        end as horizon_days
    from cut_offs
    inner join {{ ref('customer_activity_features') }} as customers using (as_of_date)
    where customers.is_active and cut_offs.task <> 'appetence'
    union all
    select
        cut_offs.*,
        pairs.customer_id,
        pairs.category as subject,
        28 as horizon_days
    from cut_offs
    inner join {{ ref('customer_category_features') }} as pairs using (as_of_date)
    where not pairs.is_bought_in_28_days and cut_offs.task = 'appetence'
),

-- The category is the catalogue's of today: a product that moves takes its later sales along.
later_days as (
    select
        cut_offs.as_of_date,
        cut_offs.task,
        order_lines.customer_id,
        case when cut_offs.task = 'appetence' then order_lines.category else '' end as subject,
        min({{ day_difference('cut_offs.as_of_date', 'order_lines.ordered_on') }}) as days_later
    from cut_offs
    inner join {{ ref('fct_order_lines') }} as order_lines
        on
            cut_offs.as_of_date <= order_lines.ordered_on
            and order_lines.ordered_on < {{ days_after('cut_offs.as_of_date', 56) }}
            and cut_offs.label_known_at > order_lines.known_at
    where order_lines.line_kind = 'sale'
    group by all
),

final as (
    select
        subjects.customer_id,
        subjects.subject,
        subjects.as_of_date,
        subjects.task,
        cast(subjects.horizon_days as integer) as horizon_days,
        cast(case
            when subjects.task = 'appetence' then coalesce(later_days.days_later < 28, false)
            else coalesce(later_days.days_later >= subjects.horizon_days, true)
        end as integer) as value,
        subjects.label_known_at,
        subjects.computed_at
    from subjects
    left join later_days using (as_of_date, task, customer_id, subject)
)

select * from final
