-- The price of each cleaning: who is no longer reached, what fails no more, what is saved.
with

judged as (select * from {{ ref('int_reachability__judged') }}),

failed as (select * from {{ ref('int_contacts__failed') }}),

costs as (
    select
        channel,
        unit_cost_amount
    from {{ ref('fct_contact_costs') }}
    where
        campaign_id is null
        and {{ as_of_date() }} >= valid_from_on
        and {{ as_of_date() }} < valid_to_on
),

-- What one more year would be like: as many contacts each as those had whom the channel can reach.
habits as (
    select
        judged.channel,
        cast(coalesce(sum(failed.contact_count), 0) as double)
        / nullif(count(*), 0) as contacts_per_person
    from judged
    left join failed
        on judged.customer_id = failed.customer_id and judged.channel = failed.channel
    where judged.is_reachable
    group by judged.channel
),

summed as (
    select
        judged.channel,
        coalesce(judged.reason, 'reachable') as reason,
        count(*) as person_count,
        sum(coalesce(ordered.net_amount_365_days, 0)) as net_amount_365_days,
        cast(coalesce(sum(failed.contact_count), 0) as bigint) as contact_count,
        cast(coalesce(sum(failed.failure_count), 0) as bigint) as failure_count
    from judged
    left join failed
        on judged.customer_id = failed.customer_id and judged.channel = failed.channel
    left join {{ ref('int_customers__ordered') }} as ordered
        on judged.customer_id = ordered.customer_id
    group by judged.channel, coalesce(judged.reason, 'reachable')
),

final as (
    select
        summed.channel,
        summed.reason,
        summed.person_count,
        cast(summed.net_amount_365_days as decimal(18, 2)) as net_amount_365_days,
        summed.contact_count,
        summed.failure_count,
        cast(sum(summed.failure_count) over (partition by summed.channel) as double)
        / nullif(sum(summed.contact_count) over (partition by summed.channel), 0)
            as channel_failure_rate,
        cast(
            sum(summed.failure_count) over (partition by summed.channel) - summed.failure_count
            as double
        )
        / nullif(
            sum(summed.contact_count) over (partition by summed.channel) - summed.contact_count, 0
        ) as failure_rate_without,
        habits.contacts_per_person,
        costs.unit_cost_amount,
        cast(
            case
                when summed.reason not in ('reachable', 'no_address')
                    then
                        summed.person_count
                        * habits.contacts_per_person
                        * costs.unit_cost_amount
            end as decimal(18, 2)
        ) as saved_amount,
        {{ company_currency() }} as currency,
        {{ as_of_date() }} as as_of_date
    from summed
    left join habits on summed.channel = habits.channel
    left join costs on summed.channel = costs.channel
)

select * from final
