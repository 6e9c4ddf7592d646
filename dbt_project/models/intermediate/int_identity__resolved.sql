with

records as (
    select
        record_id,
        source_system,
        customer_key,
        first_seen_at
    from {{ ref('int_identity__records') }}
    where not is_test
),

clusters as (
    select
        record_id,
        cluster_id
    from {{ source('identity', 'identity_clusters') }}
),

clustered as (
    select
        records.record_id,
        records.source_system,
        records.customer_key,
        records.first_seen_at,
        coalesce(clusters.cluster_id, records.record_id) as cluster_id
    from records
    left join clusters on records.record_id = clusters.record_id
),

-- The founder is the record seen first, ties by system and key, so a merge keeps the older id.
founded as (
    select
        clustered.*,
        first_value(record_id) over (
            partition by cluster_id
            order by first_seen_at, source_system, customer_key
        ) as founder_record_id
    from clustered
),

final as (
    select
        record_id,
        source_system,
        customer_key,
        cluster_id,
        {{ founded_customer_id('founder_record_id') }} as customer_id,
        record_id = founder_record_id as is_founder,
        first_seen_at
    from founded
)

select * from final
