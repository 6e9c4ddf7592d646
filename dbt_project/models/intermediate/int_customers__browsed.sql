-- What a person does on the sites, with messages and with carts. Null where nothing can tell.
{% set recent = days_before(as_of_date(), contact_setting('recent_days')) %}

with

sessions as (
    select
        customer_id,
        count(*) filter (where started_on > {{ days_before(as_of_date(), 30) }})
            as session_count_30_days,
        max(started_on) as last_visited_on
    from {{ ref('fct_web_sessions') }}
    where customer_id is not null and started_on <= {{ as_of_date() }}
    group by customer_id
),

product_views as (
    select
        product_views.customer_id,
        count(*) as organic_product_view_count
    from {{ ref('fct_product_views') }} as product_views
    inner join {{ ref('dim_products') }} as products
        on product_views.product_id = products.product_id
    where
        products.is_organic
        and product_views.viewed_on > {{ recent }}
        and product_views.viewed_on <= {{ as_of_date() }}
    group by product_views.customer_id
),

content_views as (
    select
        customer_id,
        count(*) as tutorial_video_view_count
    from {{ ref('fct_content_views') }}
    where
        content_kind like 'tutorial%'
        and is_watched
        and viewed_on > {{ recent }}
        and viewed_on <= {{ as_of_date() }}
    group by customer_id
),

emails as (
    select
        customer_id,
        count(*) filter (where event_type = 'opened' and is_followed and occurred_on > {{ recent }})
            as email_open_count_90_days,
        count(*) filter (where event_type = 'clicked' and occurred_on > {{ recent }})
            as email_click_count_90_days,
        max(occurred_on) filter (where event_type = 'clicked') as last_email_clicked_on
    from {{ ref('fct_message_events') }}
    where
        channel = 'email'
        and customer_id is not null
        and not is_machine
        and occurred_on <= {{ as_of_date() }}
    group by customer_id
),

carts as (
    select * from {{ ref('fct_carts') }}
    where customer_id is not null and status = 'abandoned'
    qualify
        row_number() over (partition by customer_id order by abandoned_at desc, cart_id asc) = 1
),

connected as (
    select
        {{ is_connected('web_events') }} as has_web,
        {{ is_connected('web_events') }} or {{ is_connected('product_views') }} as has_products,
        {{ is_connected('web_events') }} or {{ is_connected('content_views') }} as has_contents,
        {{ is_connected('message_events') }} as has_messages,
        {{ is_connected('carts') }} as has_carts
),

final as (
    select
        customers.customer_id,
        {{ zero_if_connected('sessions.session_count_30_days', 'web') }} as session_count_30_days,
        sessions.last_visited_on,
        {{ zero_if_connected('product_views.organic_product_view_count', 'products') }}
            as organic_product_view_count,
        {{ zero_if_connected('content_views.tutorial_video_view_count', 'contents') }}
            as tutorial_video_view_count,
        {{ zero_if_connected('emails.email_open_count_90_days', 'messages') }}
            as email_open_count_90_days,
        {{ zero_if_connected('emails.email_click_count_90_days', 'messages') }}
            as email_click_count_90_days,
        emails.last_email_clicked_on,
        case when connected.has_carts then carts.cart_id is not null end as has_abandoned_cart,
        carts.abandoned_at as abandoned_cart_at,
        carts.cart_url as abandoned_cart_url,
        carts.total_amount as abandoned_cart_amount
    from {{ ref('dim_customers') }} as customers
    cross join connected
    left join sessions on customers.customer_id = sessions.customer_id
    left join product_views on customers.customer_id = product_views.customer_id
    left join content_views on customers.customer_id = content_views.customer_id
    left join emails on customers.customer_id = emails.customer_id
    left join carts on customers.customer_id = carts.customer_id
)

select * from final
