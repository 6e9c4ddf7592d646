-- How a person may and wants to be addressed, for choosing whom to ask. Whether a message may
-- leave is the gate's to say, which reads the ledger itself.
with

channels as (
    select * from {{ ref('int_channels__answered') }}
),

rates as (
    select
        channel,
        cast(sum(answer_count) as double) / nullif(sum(contact_count), 0) as channel_answer_rate
    from channels
    group by channel
),

-- Few answers of one's own are drawn towards what everybody answers on that channel.
smoothed as (
    select
        channels.customer_id,
        channels.channel,
        channels.contact_count,
        channels.answer_count,
        channels.declared_at,
        (
            channels.answer_count
            + {{ contact_setting('answer_prior_contacts') }}
            * coalesce(rates.channel_answer_rate, 0)
        ) / (channels.contact_count + {{ contact_setting('answer_prior_contacts') }}) as answer_rate
    from channels
    inner join rates on channels.channel = rates.channel
),

-- What a person declares outweighs what he does.
preferred as (
    select
        customer_id,
        channel as preferred_channel,
        case when declared_at is null then 'observed' else 'declared' end
            as preferred_channel_origin
    from smoothed
    where declared_at is not null or answer_count > 0
    qualify
        row_number() over (
            partition by customer_id
            order by declared_at desc nulls last, answer_rate desc, channel asc
        ) = 1
),

unanswered as (
    select
        smoothed.customer_id,
        max_by(smoothed.channel, smoothed.contact_count) as unanswered_channel
    from smoothed
    inner join preferred on smoothed.customer_id = preferred.customer_id
    where
        smoothed.contact_count >= {{ contact_setting('unanswered_contacts') }}
        and smoothed.answer_count = 0
        and smoothed.channel <> preferred.preferred_channel
    group by smoothed.customer_id
),

permissions as (
    select
        customer_id,
        max_by(act, cast(occurred_at as varchar) || act) as last_act,
        max(occurred_at) as last_act_at,
        coalesce(bool_or(act = 'double_opt_in_confirmed'), false) as is_ever_confirmed
    from {{ ref('fct_consents') }}
    where
        channel in ('email', 'all')
        and purpose in ('marketing', 'all')
        and act in (
            'grant', 'double_opt_in_asked', 'double_opt_in_confirmed',
            'refuse', 'withdraw', 'object', 'expire'
        )
        and {{ business_date('occurred_at') }} <= {{ as_of_date() }}
    group by customer_id
),

accounts as (
    select resolved.customer_id
    from {{ ref('int_identity__resolved') }} as resolved
    inner join {{ ref('int_customers__united') }} as customers
        on
            resolved.record_id
            = {{ system_key('customers.customer_key', 'customers.customer_system') }}
    group by resolved.customer_id
),

final as (
    select
        customers.customer_id,
        accounts.customer_id is not null as has_account,
        case
            when permissions.last_act in ('refuse', 'withdraw', 'object') then 'refused'
            when permissions.last_act = 'expire' then 'expired'
            when permissions.is_ever_confirmed then 'confirmed'
            when permissions.last_act is not null then 'unconfirmed'
            else 'none'
        end as email_permission,
        {{ business_date('permissions.last_act_at') }} as email_permission_on,
        preferred.preferred_channel,
        preferred.preferred_channel_origin,
        unanswered.unanswered_channel
    from {{ ref('dim_customers') }} as customers
    left join accounts on customers.customer_id = accounts.customer_id
    left join permissions on customers.customer_id = permissions.customer_id
    left join preferred on customers.customer_id = preferred.customer_id
    left join unanswered on customers.customer_id = unanswered.customer_id
)

select * from final
