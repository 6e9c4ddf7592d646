-- noqa: disable=LT09
-- Columns stand in blocks by subject; absence gets its meaning. Archived people are not here.
{% set marts_of_all = ['lifecycle', 'contact_hygiene', 'retention'] %}
with

customers as (select * from {{ ref('dim_customers') }}),

{% for subject in 'ordered preferred responded served browsed scored addressed'.split(' ') %}
    {{ subject }} as (select * from {{ ref('int_customers__' ~ subject) }}),
{% endfor %}
{% for mart in ['rfm', 'pmg', 'purchase_cycle'] + marts_of_all %}
    {{ mart }} as (select * from {{ ref(mart) }}),
{% endfor %}

connected as {{ connected_entities() }},

final as (
    select
        customers.customer_id, customers.customer_key, customers.source_system, customers.relation,
        customers.household_id, customers.first_seen_at, retention.last_contact_at,
        retention.archive_on, customers.email, customers.phone, customers.first_name,
        customers.last_name, customers.address_line, customers.postal_code,
        customers.city, customers.country, customers.age_band, customers.income_band,
        customers.home_ownership, customers.marital_status, customers.household_size,
        customers.household_composition, customers.children_count, customers.is_professional,
        customers.email is not null as has_email, customers.phone is not null as has_phone,
        customers.address_line is not null and customers.postal_code is not null
            as has_postal_address,
        responded.has_objected_to_post, ordered.first_ordered_on, ordered.last_ordered_on,
        cast({{ day_difference('ordered.last_ordered_on', as_of_date()) }} as bigint)
            as days_since_last_order,
        {% for count, flag in [
            ('ordered.purchase_day_count', 'orders'), ('ordered.order_count', 'orders'),
            ('ordered.order_line_count', 'order_lines'), ('preferred.category_count', 'order_lines'),
            ('ordered.coupon_order_count', 'order_lines'),
            ('responded.redemption_count', 'redemptions'),
            ('responded.campaign_contact_count', 'contacts'),
            ('responded.product_view_count', 'product_views'),
            ('responded.content_view_count', 'content_views'),
        ] %}
            cast({{ zero_if_connected(count, flag) }} as bigint) as {{ count.split('.')[1] }},
        {% endfor %}
        {% for amount in [
            'net_amount', 'net_amount_28_days', 'net_amount_84_days', 'net_amount_365_days',
            'previous_net_amount_84_days', 'return_amount',
        ] %}
            cast({{ zero_if_connected('ordered.' ~ amount, 'orders') }} as decimal(18, 2))
                as {{ amount }},
        {% endfor %}
        cast(ordered.net_amount_84_days as double)
        / nullif(cast(greatest(ordered.previous_net_amount_84_days, 0) as double), 0)
            as spend_trend_ratio,
        cast(ordered.net_amount / nullif(ordered.order_count, 0) as decimal(18, 2))
            as average_order_amount,
        cast({{ zero_if_connected('ordered.discount_amount', 'order_lines') }} as decimal(18, 2))
            as discount_amount,
        cast(ordered.discount_amount as double)
        / nullif(ordered.sale_amount + ordered.discount_amount, 0) as discount_share,
        case
            when connected.has_order_lines
                then cast(ordered.coupon_order_count as double) / nullif(ordered.order_count, 0)
        end as coupon_order_share,
        responded.last_redeemed_on, responded.last_campaign_on,
        responded.last_visited_after_message_on, ordered.main_channel,
        cast(
            case
                when ordered.customer_id is null then {{ zero_if_connected('0', 'product_prices') }}
                when connected.has_product_prices then ordered.margin_amount
            end as decimal(18, 2)
        ) as margin_amount,
        {{ zero_if_connected('cast(ordered.is_omnichannel as integer)', 'orders') }} > 0
            as is_omnichannel,
        ordered.store_count, ordered.main_store_id, preferred.main_department,
        preferred.favourite_category, preferred.private_label_share,
        {{ company_currency() }} as currency,
        rfm.recency_score, rfm.frequency_score, rfm.monetary_score, rfm.rfm_score, rfm.rfm_group,
        rfm.previous_rfm_group as rfm_previous_group, pmg.pmg_class,
        pmg.previous_pmg_class as pmg_previous_class,
        coalesce(pmg.has_left_gros, false) as has_left_gros, lifecycle.lifecycle_stage,
        purchase_cycle.typical_gap_days, purchase_cycle.silence_unusual_on,
        coalesce(purchase_cycle.is_silence_unusual, false) as is_silence_unusual,
        cast(purchase_cycle.silence_days as double) / purchase_cycle.unusual_silence_days
            as silence_ratio,
        scored.attrition_28d_probability, scored.attrition_56d_probability,
        scored.attrition_own_rhythm_probability, scored.attrition_own_rhythm_percentile,
        scored.attrition_reasons_en, scored.attrition_reasons_fr,
        coalesce(scored.is_attrition_model_used, false) as is_attrition_model_used,
        scored.top_appetence_category, scored.top_appetence_probability,
        contact_hygiene.accuracy_score, contact_hygiene.completeness_score,
        contact_hygiene.freshness_score, contact_hygiene.do_not_personalise,
        contact_hygiene.do_not_personalise_reason, contact_hygiene.field_to_ask,
        {% for channel in ['email', 'sms', 'phone', 'post'] %}
            is_{{ channel }}_reachable, {{ channel }}_unreachable_reason,
        {% endfor %}
        addressed.has_account, addressed.email_permission, addressed.email_permission_on,
        addressed.preferred_channel, addressed.unanswered_channel,
        served.has_loyalty_card, served.has_open_question, served.open_question_count,
        served.last_question_on, served.nps_score, served.lead_stage, served.configuration_count,
        browsed.session_count_30_days, browsed.last_visited_on, browsed.organic_product_view_count,
        browsed.tutorial_video_view_count, browsed.email_open_count_90_days,
        browsed.email_click_count_90_days, browsed.last_email_clicked_on,
        browsed.has_abandoned_cart, browsed.abandoned_cart_at, browsed.abandoned_cart_url,
        cast(browsed.abandoned_cart_amount as decimal(18, 2)) as abandoned_cart_amount,
        {{ data_as_of([
            'customers', 'orders', 'order_lines', 'products', 'campaign_contacts', 'redemptions',
            'product_views', 'content_views', 'objections', 'refunds', 'carts', 'web_events',
            'message_events', 'questions', 'leads',
        ]) }} as data_as_of
    from customers
    cross join connected
    {% for subject in ['responded', 'served', 'browsed', 'addressed'] + marts_of_all %}
        inner join {{ subject }} on customers.customer_id = {{ subject }}.customer_id
    {% endfor %}
    {% for subject in ['ordered', 'preferred', 'rfm', 'pmg', 'purchase_cycle', 'scored'] %}
        left join {{ subject }} on customers.customer_id = {{ subject }}.customer_id
    {% endfor %}
    where retention.retention_state = 'active'
)

select * from final
