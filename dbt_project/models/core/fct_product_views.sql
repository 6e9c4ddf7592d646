with

views as (
    select
        *,
        {{ system_key('customer_key') }} as record_id
    from {{ ref('int_product_views__united') }}
),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

final as (
    select
        {{ system_key('views.view_key', 'views.source_system') }} as view_id,
        resolved.customer_id,
        {{ system_key('views.product_key', 'views.source_system') }} as product_id,
        {{ business_date('views.viewed_at') }} as viewed_on,
        views.viewed_at,
        views.known_at,
        views.loaded_at
    from views
    inner join resolved on views.record_id = resolved.record_id
)

select * from final
