with

companies as (select * from {{ ref('stg_files__companies') }}),

final as (
    select
        {{ system_key('companies.company_key', 'companies.source_system') }} as company_id,
        companies.source_system,
        companies.company_key,
        companies.company_name,
        companies.registration_number,
        companies.industry,
        companies.employee_band,
        companies.postal_code,
        companies.city,
        companies.country,
        companies.created_at,
        companies.known_at
    from companies
)

select * from final
