with

ad_results as (
    select * from {{ source('raw_files', 'ad_results') }}
),

final as (
    select
        platform,
        campaign_key,
        campaign_name,
        day_on,
        impression_count,
        click_count,
        spend_amount,
        currency,
        source_system,
        campaign_system,
        source_key,
        known_at,
        loaded_at
    from ad_results
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
