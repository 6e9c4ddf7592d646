-- noqa: disable=LT02,LT09
-- When each person, or each device of nobody, first and last met an event of macros/journey.sql.
{% set people = {
    'content_view': ['fct_content_views', 'viewed_on', 'true'],
    'product_view': ['fct_product_views', 'viewed_on', 'true'],
    'purchase': ['fct_orders', 'ordered_on', 'is_purchase'],
    'contact': ['fct_campaign_exposures', 'exposed_on', 'not has_failed'],
    'message_click': [
        'fct_message_events', 'occurred_on', "event_type = 'clicked' and not is_machine"
    ],
    'coupon_use': ['fct_redemptions', 'redeemed_on', 'true'],
    'cart_abandoned': ['fct_carts', 'created_on', "status = 'abandoned'"],
} %}
{% set records = {
    'configuration': ['stg_files__configuration_versions', 'saved_at'],
    'lead': ['stg_files__leads', 'created_at'],
    'quote': ['stg_files__quotes', 'quoted_at'],
} %}
{% set device = "'device:' || " ~ key_of_system('device_id') %}

with

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

events as (
    {% for event, said in people.items() %}
        select '{{ event }}' as event, customer_id as subject_id, {{ said[1] }} as happened_on
        from {{ ref(said[0]) }}
        where customer_id is not null and {{ said[2] }}
        union all
    {% endfor %}
    {% for event, said in records.items() %}
        select
            '{{ event }}' as event, resolved.customer_id as subject_id,
            {{ business_date(said[1]) }} as happened_on
        from {{ ref(said[0]) }} as stated
        inner join resolved
            on {{ system_key('stated.customer_key', 'stated.customer_system') }}
                = resolved.record_id
        union all
    {% endfor %}
    select
        kind as event, customer_id as subject_id,
        {{ business_date('occurred_at') }} as happened_on
    from {{ ref('int_contacts__identified') }}
    where kind in ('question', 'survey') and customer_id is not null
    union all
    select
        'visit_after_contact' as event, customer_id as subject_id,
        {{ business_date('responded_at') }} as happened_on
    from {{ ref('fct_response_links') }}
    where response_kind = 'visit' and customer_id is not null
    union all
    -- A device of nobody is a visitor until somebody logs in.
    select
        'visit' as event, coalesce(customer_id, {{ device }}) as subject_id,
        started_on as happened_on
    from {{ ref('fct_web_sessions') }}
    union all
    select
        'product_view' as event, {{ device }} as subject_id, started_on as happened_on
    from {{ ref('fct_web_sessions') }}
    where customer_id is null and product_view_count > 0
    union all
    select
        'content_view' as event, {{ device }} as subject_id, started_on as happened_on
    from {{ ref('fct_web_sessions') }}
    where customer_id is null and content_view_count > 0
    union all
    select
        'cart' as event, coalesce(customer_id, 'device:' || anonymous_id) as subject_id,
        created_on as happened_on
    from {{ ref('fct_carts') }}
),

days as (
    select
        event,
        subject_id,
        happened_on,
        row_number() over (partition by event, subject_id order by happened_on) as day_number
    from events
    where
        subject_id is not null
        and happened_on <= {{ as_of_date() }}
        and happened_on > {{ days_before(as_of_date(), 365) }}
    group by event, subject_id, happened_on
),

final as (
    select
        event,
        subject_id,
        min(happened_on) as first_on,
        max(happened_on) as last_on
    from days
    group by event, subject_id
    union all
    select
        'second_purchase' as event,
        subject_id,
        min(happened_on) as first_on,
        max(happened_on) as last_on
    from days
    where event = 'purchase' and day_number >= 2
    group by subject_id
)

select * from final
