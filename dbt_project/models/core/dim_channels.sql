with

channels as (
    select
        channel,
        kind,
        label_en,
        label_fr
    from {{ ref('channels') }}
),

final as (
    select
        channel,
        kind,
        label_en,
        label_fr
    from channels
)

select * from final
