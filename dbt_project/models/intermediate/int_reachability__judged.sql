-- noqa: disable=LT09
-- Whether each person can be reached on each channel today, and why not. Consent is the gate's.
with

customers as (
    select
        customers.customer_id,
        customers.email, customers.phone,
        customers.address_line is not null and customers.postal_code is not null
            as has_postal_address,
        {{ normalised_email('customers.email') }} as email_address,
        {{ normalised_phone('customers.phone', 'customers.country') }} as phone_number,
        judged.is_mobile, judged.email_problem, judged.phone_problem,
        judged.postal_code_problem, judged.address_line_problem
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_hygiene__judged') }} as judged
        on customers.customer_id = judged.customer_id
),

received as (select * from {{ ref('int_messages__received') }}),

stated as (
    select
        customer_id,
        max(stated_at) as address_stated_at
    from {{ ref('customer_attributes') }}
    where attribute in ('address_line', 'postal_code')
    group by customer_id
),

-- A letter came back before the address was said: it is another address's. The dead stay dead.
returns as (
    select
        resolved.customer_id,
        min({{ business_date('returned_at') }}) filter (
            where mail_returns.returned_at >= stated.address_stated_at
        ) as returned_on,
        min({{ business_date('returned_at') }}) filter (where mail_returns.reason = 'deceased')
            as deceased_on
    from {{ ref('stg_files__mail_returns') }} as mail_returns
    inner join {{ ref('int_identity__resolved') }} as resolved
        on
            {{ system_key('mail_returns.customer_key', 'mail_returns.customer_system') }}
            = resolved.record_id
    left join stated on resolved.customer_id = stated.customer_id
    where {{ business_date('returned_at') }} <= {{ as_of_date() }}
    group by resolved.customer_id
),

judged as (
    select
        customers.customer_id, 'email' as channel,
        case
            when returns.deceased_on is not null then 'deceased'
            when customers.email is null then 'no_address'
            when customers.email_problem is not null then 'invalid'
            when received.complained_on is not null then 'complaint'
            when received.hard_bounced_on is not null then 'hard_bounce'
            when received.soft_bounce_count >= {{ hygiene_setting('soft_bounce_count') }}
                then 'soft_bounces'
        end as reason,
        coalesce(
            returns.deceased_on, received.complained_on, received.hard_bounced_on,
            received.soft_bounced_on
        ) as unreachable_on
    from customers
    left join received on received.kind = 'email' and customers.email_address = received.value
    left join returns on customers.customer_id = returns.customer_id
    union all
    {% for channel in ['sms', 'phone'] %}
        select
            customers.customer_id, '{{ channel }}' as channel,
            case
                when returns.deceased_on is not null then 'deceased'
                when customers.phone is null then 'no_address'
                when customers.phone_problem in ('bad_syntax', 'blocked_value', 'wrong_length')
                    then 'invalid'
                {% if channel == 'sms' %}
                    when not customers.is_mobile then 'not_mobile'
                    when received.complained_on is not null then 'complaint'
                    when received.soft_bounce_count >= {{ hygiene_setting('soft_bounce_count') }}
                        then 'soft_bounces'
                {% endif %}
                when received.hard_bounced_on is not null then 'hard_bounce'
            end as reason,
            coalesce(
                returns.deceased_on, received.complained_on, received.hard_bounced_on,
                received.soft_bounced_on
            ) as unreachable_on
        from customers
        left join received on received.kind = 'phone' and customers.phone_number = received.value
        left join returns on customers.customer_id = returns.customer_id
        union all
    {% endfor %}
    select
        customers.customer_id, 'post' as channel,
        case
            when returns.deceased_on is not null then 'deceased'
            when returns.returned_on is not null then 'postal_return'
            when not customers.has_postal_address then 'no_address'
            when
                customers.postal_code_problem is not null
                or customers.address_line_problem is not null
                then 'invalid'
        end as reason,
        coalesce(returns.deceased_on, returns.returned_on) as unreachable_on
    from customers
    left join returns on customers.customer_id = returns.customer_id
),

final as (
    select
        customer_id, channel, reason, reason is null as is_reachable,
        case when reason not in ('no_address', 'invalid', 'not_mobile') then unreachable_on end
            as unreachable_on
    from judged
)

select * from final
