with

companies as (
    select * from {{ source('raw_files', 'companies') }}
),

final as (
    select
        company_key,
        company_name,
        registration_number,
        industry,
        employee_band,
        postal_code,
        city,
        country,
        created_at,
        source_system,
        source_key,
        known_at,
        loaded_at
    from companies
    qualify
        not is_deleted
        and row_number() over (
            partition by source_system, source_key
            order by known_at desc, loaded_at desc, content_hash desc
        ) = 1
)

select * from final
