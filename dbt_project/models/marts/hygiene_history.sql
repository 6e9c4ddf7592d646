-- noqa: disable=LT09
-- Computed from the dates of the facts, so that a rebuild finds the same past. Not from the scores:
-- how accurate a value was last year is not known, only since when there is one.
with

months as (
    select date_on as snapshot_on
    from {{ ref('dim_dates') }}
    where is_month_end or date_on = {{ as_of_date() }}
),

people as (
    select
        customer_id,
        {{ business_date('first_seen_at') }} as first_seen_on
    from {{ ref('dim_customers') }}
),

counted as (
    select
        months.snapshot_on,
        'known' as measure,
        fields.field as subject,
        count(*) filter (
            where {{ business_date('fields.first_stated_at') }} <= months.snapshot_on
        ) as share_count,
        count(*) as base_count
    from months
    inner join people on months.snapshot_on >= people.first_seen_on
    inner join {{ ref('int_hygiene__fields') }} as fields
        on people.customer_id = fields.customer_id
    group by months.snapshot_on, fields.field
    union all
    select
        months.snapshot_on,
        'reachable' as measure,
        judged.channel as subject,
        count(*) filter (
            where {{ business_date('attributes.first_stated_at') }} <= months.snapshot_on
            and (judged.is_reachable or judged.unreachable_on > months.snapshot_on)
        ) as share_count,
        count(*) as base_count
    from months
    inner join people on months.snapshot_on >= people.first_seen_on
    inner join {{ ref('int_reachability__judged') }} as judged
        on people.customer_id = judged.customer_id
    left join {{ ref('customer_attributes') }} as attributes
        on
            judged.customer_id = attributes.customer_id
            and case judged.channel
                when 'email' then 'email' when 'post' then 'postal_code' else 'phone'
            end = attributes.attribute
    group by months.snapshot_on, judged.channel
    union all
    select
        months.snapshot_on,
        'failed' as measure,
        messages.channel as subject,
        count(*) filter (where messages.has_bounced or messages.has_complained) as share_count,
        count(*) as base_count
    from months
    inner join {{ ref('int_messages__summed') }} as messages
        on {{ month_of(business_date('messages.sent_at')) }} = {{ month_of('months.snapshot_on') }}
    where
        messages.channel in ('email', 'sms')
        and {{ business_date('messages.sent_at') }} <= {{ as_of_date() }}
    group by months.snapshot_on, messages.channel
),

final as (
    select
        snapshot_on,
        measure,
        subject,
        share_count,
        base_count,
        cast(share_count as double) / base_count as share
    from counted
)

select * from final
