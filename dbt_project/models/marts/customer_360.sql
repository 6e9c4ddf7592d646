-- noqa: disable=LT09
-- Columns stand in blocks by subject: one a line would hide the shape of the table.
-- Measures come ready from intermediate; here they meet, and absence gets its meaning.
with

customers as (select * from {{ ref('dim_customers') }}),

ordered as (select * from {{ ref('int_customers__ordered') }}),

preferred as (select * from {{ ref('int_customers__preferred') }}),

responded as (select * from {{ ref('int_customers__responded') }}),

scored as (select * from {{ ref('int_customers__scored') }}),

rfm as (select * from {{ ref('rfm') }}),

pmg as (select * from {{ ref('pmg') }}),

lifecycle as (select * from {{ ref('lifecycle') }}),

purchase_cycle as (select * from {{ ref('purchase_cycle') }}),

connected as {{ connected_entities() }},

final as (
    select
        customers.customer_id, customers.customer_key, customers.source_system, customers.relation,
        customers.first_seen_at,
        customers.email, customers.phone, customers.first_name, customers.last_name,
        customers.address_line, customers.postal_code, customers.city, customers.country,
        customers.age_band, customers.income_band, customers.home_ownership,
        customers.marital_status, customers.household_size, customers.household_composition,
        customers.children_count,
        customers.email is not null as has_email,
        customers.phone is not null as has_phone,
        customers.address_line is not null and customers.postal_code is not null
            as has_postal_address,
        responded.has_objected_to_post,
        ordered.first_ordered_on,
        ordered.last_ordered_on,
        cast({{ day_difference('ordered.last_ordered_on', as_of_date()) }} as bigint)
            as days_since_last_order,
        cast({{ zero_if_connected('ordered.purchase_day_count', 'orders') }} as bigint)
            as purchase_day_count,
        cast({{ zero_if_connected('ordered.order_count', 'orders') }} as bigint) as order_count,
        cast({{ zero_if_connected('ordered.order_line_count', 'order_lines') }} as bigint)
            as order_line_count,
        {% for amount in [
            'net_amount', 'net_amount_28_days', 'net_amount_84_days', 'net_amount_365_days',
            'previous_net_amount_84_days', 'return_amount',
        ] %}
            cast({{ zero_if_connected('ordered.' ~ amount, 'orders') }} as decimal(18, 2))
                as {{ amount }},
        {% endfor %}
        case
            when ordered.previous_net_amount_84_days > 0
                then
                    cast(ordered.net_amount_84_days as double)
                    / cast(ordered.previous_net_amount_84_days as double)
        end as spend_trend_ratio,
        cast(ordered.net_amount / nullif(ordered.order_count, 0) as decimal(18, 2))
            as average_order_amount,
        cast({{ zero_if_connected('ordered.discount_amount', 'order_lines') }} as decimal(18, 2))
            as discount_amount,
        cast(ordered.discount_amount as double)
        / nullif(cast(ordered.sale_amount + ordered.discount_amount as double), 0)
            as discount_share,
        cast({{ zero_if_connected('ordered.coupon_order_count', 'order_lines') }} as bigint)
            as coupon_order_count,
        case
            when connected.has_order_lines
                then cast(ordered.coupon_order_count as double) / nullif(ordered.order_count, 0)
        end as coupon_order_share,
        cast({{ zero_if_connected('responded.redemption_count', 'redemptions') }} as bigint)
            as redemption_count,
        responded.last_redeemed_on,
        cast({{ zero_if_connected('responded.campaign_contact_count', 'contacts') }} as bigint)
            as campaign_contact_count,
        responded.last_campaign_on,
        ordered.store_count, ordered.main_store_id,
        preferred.main_department, preferred.favourite_category,
        cast({{ zero_if_connected('preferred.category_count', 'order_lines') }} as bigint)
            as category_count,
        preferred.private_label_share,
        {{ company_currency() }} as currency,
        rfm.recency_score, rfm.frequency_score, rfm.monetary_score, rfm.rfm_score, rfm.rfm_group,
        rfm.previous_rfm_group as rfm_previous_group,
        pmg.pmg_class,
        pmg.previous_pmg_class as pmg_previous_class,
        coalesce(pmg.has_left_gros, false) as has_left_gros,
        lifecycle.lifecycle_stage,
        purchase_cycle.typical_gap_days, purchase_cycle.silence_unusual_on,
        coalesce(purchase_cycle.is_silence_unusual, false) as is_silence_unusual,
        scored.attrition_28d_probability, scored.attrition_56d_probability,
        scored.attrition_own_rhythm_probability, scored.attrition_own_rhythm_percentile,
        scored.attrition_reasons_en, scored.attrition_reasons_fr,
        coalesce(scored.is_attrition_model_used, false) as is_attrition_model_used,
        scored.top_appetence_category, scored.top_appetence_probability,
        cast({{ zero_if_connected('responded.product_view_count', 'product_views') }} as bigint)
            as product_view_count,
        cast({{ zero_if_connected('responded.content_view_count', 'content_views') }} as bigint)
            as content_view_count,
        {{ data_as_of([
            'customers', 'orders', 'order_lines', 'products', 'campaign_contacts', 'redemptions',
            'product_views', 'content_views', 'objections',
        ]) }} as data_as_of
    from customers
    cross join connected
    inner join responded on customers.customer_id = responded.customer_id
    inner join lifecycle on customers.customer_id = lifecycle.customer_id
    left join ordered on customers.customer_id = ordered.customer_id
    left join preferred on customers.customer_id = preferred.customer_id
    left join rfm on customers.customer_id = rfm.customer_id
    left join pmg on customers.customer_id = pmg.customer_id
    left join purchase_cycle on customers.customer_id = purchase_cycle.customer_id
    left join scored on customers.customer_id = scored.customer_id
)

select * from final
