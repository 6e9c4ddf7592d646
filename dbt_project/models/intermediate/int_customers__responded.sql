with

redemptions as (
    select
        customer_id,
        count(*) as redemption_count,
        max(redeemed_on) as last_redeemed_on
    from {{ ref('fct_redemptions') }}
    where redeemed_on <= {{ as_of_date() }}
    group by customer_id
),

contacts as (
    select
        customer_id,
        count(*) as campaign_contact_count,
        max({{ business_date('interacted_at') }}) as last_campaign_on
    from {{ ref('fct_interactions') }}
    where
        direction = 'outbound'
        and campaign_id is not null
        and {{ business_date('interacted_at') }} <= {{ as_of_date() }}
    group by customer_id
),

product_views as (
    select
        customer_id,
        count(*) as product_view_count
    from {{ ref('fct_product_views') }}
    where viewed_on <= {{ as_of_date() }}
    group by customer_id
),

content_views as (
    select
        customer_id,
        count(*) as content_view_count
    from {{ ref('fct_content_views') }}
    where viewed_on <= {{ as_of_date() }}
    group by customer_id
),

answers as (
    select
        customer_id,
        max({{ business_date('responded_at') }}) as last_visited_after_message_on
    from {{ ref('fct_response_links') }}
    where response_kind = 'visit' and {{ business_date('responded_at') }} <= {{ as_of_date() }}
    group by customer_id
),

-- For showing and counting only: the gate reads the ledger itself, address by address.
objections as (
    select customer_id
    from {{ ref('fct_consents') }}
    where channel in ('post', 'all') and purpose in ('marketing', 'all')
    group by customer_id
    having
        max(occurred_at) filter (where act in ('object', 'withdraw'))
        >= coalesce(max(occurred_at) filter (where act = 'grant'), timestamp '1900-01-01 00:00:00')
),

final as (
    select
        customers.customer_id,
        redemptions.redemption_count,
        redemptions.last_redeemed_on,
        contacts.campaign_contact_count,
        contacts.last_campaign_on,
        product_views.product_view_count,
        content_views.content_view_count,
        answers.last_visited_after_message_on,
        objections.customer_id is not null as has_objected_to_post
    from {{ ref('dim_customers') }} as customers
    left join redemptions on customers.customer_id = redemptions.customer_id
    left join contacts on customers.customer_id = contacts.customer_id
    left join product_views on customers.customer_id = product_views.customer_id
    left join content_views on customers.customer_id = content_views.customer_id
    left join answers on customers.customer_id = answers.customer_id
    left join objections on customers.customer_id = objections.customer_id
)

select * from final
