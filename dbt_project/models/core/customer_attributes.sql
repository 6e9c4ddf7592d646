-- Who is believed about each attribute: what was typed at a checkout, then what was declared
-- elsewhere, observed, inferred (seed attribute_sources); of equals, what was said last.
with

ruled as (select * from {{ ref('int_attributes__ranked') }}),

verified as (select * from {{ ref('int_attributes__verified') }}),

checkouts as (
    select
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        max(ordered_at) as last_ordered_at
    from {{ ref('int_orders__united') }}
    where
        customer_key is not null
        and coalesce(channel, 'web') = 'web'
        and coalesce(status, 'completed') = 'completed'
    group by {{ system_key('customer_key', 'customer_system') }}
),

-- A checkout of the same account says the delivery address and its number anew.
proved as (
    select
        ruled.*,
        greatest(
            ruled.stated_at,
            verified.last_clicked_at,
            case
                when ruled.origin = 'declared_at_checkout' then checkouts.last_ordered_at
            end
        ) as last_verified_at,
        case
            when ruled.origin = 'declared_at_checkout' then 'checkout'
            when ruled.is_link_followed and ruled.attribute = 'email' then 'link'
            when verified.value is not null then 'click'
        end as verified_by,
        {{ survivorship_order(
            'ruled.precedence', 'ruled.stated_at',
            "ruled.record_id || '|' || ruled.claim || '|' || coalesce(ruled.value, '')"
        ) }} as stated_order
    from ruled
    left join checkouts on ruled.record_id = checkouts.record_id
    left join verified
        on
            ruled.attribute = verified.attribute
            and case
                when ruled.attribute = 'email' then {{ normalised_email('ruled.value') }}
                else {{ normalised_phone('ruled.value') }}
            end = verified.value
),

-- The same name, street or city in its best writing among the systems: Zoé rather than ZOE.
written as (
    select
        proved.*,
        case
            when attribute in ('first_name', 'last_name', 'address_line', 'city')
                then first_value(value) over (
                    partition by customer_id, attribute, {{ normalised_name('value') }}
                    order by
                        {{ is_mixed_case('value') }} desc,
                        value <> strip_accents(value) desc,
                        value asc
                )
            else value
        end as best_value
    from proved
),

final as (
    select
        customer_id,
        attribute,
        best_value as value,
        origin,
        source_system,
        record_id,
        verified_by,
        cast(
            count(*) over (partition by customer_id, attribute) as bigint
        ) as claim_count,
        stated_at,
        min(first_stated_at) over (partition by customer_id, attribute) as first_stated_at,
        last_verified_at
    from written
    qualify
        row_number() over (partition by customer_id, attribute order by stated_order desc) = 1
        and value is not null
)

select * from final
