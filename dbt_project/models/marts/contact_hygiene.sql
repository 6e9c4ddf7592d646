-- noqa: disable=LT09
with

fields as (
    select
        *,
        weight / (1 + 0.001 * ask_order) as worth
    from {{ ref('int_hygiene__fields') }}
),

scored as (
    select
        customer_id,
        sum(weight * accuracy) / nullif(sum(weight) filter (where is_known), 0) as accuracy_score,
        coalesce(sum(weight) filter (where is_known), 0) / sum(weight) as completeness_score,
        -- Of decimals: a sum of doubles depends on the order of the rows.
        sum(cast(weight * freshness as decimal(18, 9)))
        / nullif(sum(weight) filter (where is_known), 0) as freshness_score,
        count(*) filter (where is_known) as known_field_count,
        cast(count(problem) as bigint) as problem_count,
        bool_or(is_doubtful) as do_not_personalise,
        min(field || ': ' || problem) filter (where is_doubtful) as do_not_personalise_reason,
        max_by(field, worth) filter (where not is_known or accuracy = 0) as field_to_ask,
        max(last_verified_at) as last_verified_at
    from fields
    group by customer_id
),

{% set channels = ['email', 'sms', 'phone', 'post'] %}

reached as (
    select
        {% for channel in channels %}
            bool_or(is_reachable) filter (where channel = '{{ channel }}')
                as is_{{ channel }}_reachable,
            max(reason) filter (where channel = '{{ channel }}')
                as {{ channel }}_unreachable_reason,
        {% endfor %}
        customer_id
    from {{ ref('int_reachability__judged') }}
    group by customer_id
),

final as (
    select
        customers.customer_id,
        {{ as_of_date() }} as as_of_date,
        cast(scored.accuracy_score as double) as accuracy_score,
        cast(scored.completeness_score as double) as completeness_score,
        cast(scored.freshness_score as double) as freshness_score,
        coalesce(scored.known_field_count, 0) as known_field_count,
        coalesce(scored.problem_count, 0) as problem_count,
        coalesce(scored.do_not_personalise, false) as do_not_personalise,
        scored.do_not_personalise_reason,
        scored.field_to_ask,
        {% for channel in channels %}
            reached.is_{{ channel }}_reachable, reached.{{ channel }}_unreachable_reason,
        {% endfor %}
        scored.last_verified_at
    from {{ ref('dim_customers') }} as customers
    inner join reached on customers.customer_id = reached.customer_id
    left join scored on customers.customer_id = scored.customer_id
)

select * from final
