with

channels as (
    select
        channel,
        kind,
        label_en,
        label_fr,
        is_offline
    from {{ ref('channels') }}
),

final as (
    select
        channel,
        kind,
        label_en,
        label_fr,
        is_offline
    from channels
)

select * from final
