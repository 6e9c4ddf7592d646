-- What we sent to each person in the window that cleanings are priced by, and what came back.
with

messages as (
    select
        customer_id,
        channel,
        count(*) as contact_count,
        count(*) filter (where has_bounced or has_complained) as failure_count
    from {{ ref('int_messages__summed') }}
    where
        customer_id is not null
        and {{ business_date('sent_at') }} <= {{ as_of_date() }}
        and {{ business_date('sent_at') }}
        > {{ days_before(as_of_date(), hygiene_setting('cost_window_days')) }}
    group by customer_id, channel
),

others as (
    select
        customer_id,
        channel,
        count(*) as contact_count
    from {{ ref('fct_interactions') }}
    where
        customer_id is not null
        and direction = 'outbound'
        and channel in ('post', 'phone')
        and {{ business_date('interacted_at') }} <= {{ as_of_date() }}
        and {{ business_date('interacted_at') }}
        > {{ days_before(as_of_date(), hygiene_setting('cost_window_days')) }}
    group by customer_id, channel
),

returns as (
    select
        resolved.customer_id,
        count(*) as failure_count
    from {{ ref('stg_files__mail_returns') }} as mail_returns
    inner join {{ ref('int_identity__resolved') }} as resolved
        on
            {{ system_key('mail_returns.customer_key', 'mail_returns.customer_system') }}
            = resolved.record_id
    where
        {{ business_date('mail_returns.returned_at') }} <= {{ as_of_date() }}
        and {{ business_date('mail_returns.returned_at') }}
        > {{ days_before(as_of_date(), hygiene_setting('cost_window_days')) }}
    group by resolved.customer_id
),

final as (
    select
        customer_id,
        channel,
        contact_count,
        failure_count
    from messages
    where channel in ('email', 'sms')
    union all
    select
        others.customer_id,
        others.channel,
        others.contact_count,
        case
            when others.channel = 'post' then coalesce(returns.failure_count, 0) else 0
        end as failure_count
    from others
    left join returns on others.customer_id = returns.customer_id
)

select * from final
