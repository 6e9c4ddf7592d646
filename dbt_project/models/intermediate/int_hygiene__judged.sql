-- noqa: disable=LT09
-- What is wrong with each field of a person; null where nothing is, or nothing is known.
with

customers as (
    select
        customers.*,
        {{ normalised_phone('phone', 'country') }} as phone_number,
        count(*) over (partition by birth_date) as birth_date_count,
        count(birth_date) over () as known_birth_date_count,
        cast({{ day_difference('birth_date', as_of_date()) }} as double) / 365.25 as age
    from {{ ref('dim_customers') }} as customers
),

names as (select * from {{ ref('int_names__counted') }}),

final as (
    select
        customers.customer_id,
        case
            when customers.email is null then null
            when {{ normalised_email('customers.email') }} is null then 'bad_syntax'
            when blocked_emails.identifier_value is not null then 'blocked_value'
        end as email_problem,
        case
            when customers.phone is null then null
            when customers.phone_number is null then 'bad_syntax'
            when blocked_phones.identifier_value is not null then 'blocked_value'
            when not phone_numbers.is_possible then 'wrong_length'
            when not phone_numbers.is_valid then 'not_in_plan'
        end as phone_problem,
        coalesce(phone_numbers.is_mobile, true) as is_mobile,
        {{ name_problem(
            'customers.first_name', 'first_tests.name is not null',
            'firsts.last_name_count >= ' ~ hygiene_setting('swapped_ratio')
            ~ ' * firsts.first_name_count and lasts.first_name_count >= '
            ~ hygiene_setting('swapped_ratio') ~ ' * lasts.last_name_count'
        ) }} as first_name_problem,
        {{ name_problem(
            'customers.last_name', 'last_tests.name is not null',
            'firsts.last_name_count >= ' ~ hygiene_setting('swapped_ratio')
            ~ ' * firsts.first_name_count and lasts.first_name_count >= '
            ~ hygiene_setting('swapped_ratio') ~ ' * lasts.last_name_count'
        ) }} as last_name_problem,
        case
            when customers.birth_date is null then null
            when customers.birth_date in (date '1900-01-01', date '1970-01-01', date '1901-01-01')
                then 'placeholder'
            when customers.age < 0 then 'in_the_future'
            when customers.age < {{ hygiene_setting('smallest_age') }} then 'too_young'
            when customers.age > {{ hygiene_setting('greatest_age') }} then 'too_old'
            when
                customers.birth_date_count >= {{ hygiene_setting('shared_date_count') }}
                and customers.birth_date_count
                >= {{ hygiene_setting('shared_date_share') }} * customers.known_birth_date_count
                then 'shared_by_many'
        end as birth_date_problem,
        case when length(trim(customers.address_line)) < 5 then 'too_short' end
            as address_line_problem,
        case
            when not {{ matches_pattern(
                'upper(trim(customers.postal_code))', 'patterns.pattern'
            ) }} then 'wrong_for_country'
        end as postal_code_problem,
        case
            when {{ matches_pattern(
                'regexp_replace(lower(customers.city), \' (cedex )?[0-9]+(er|e|eme)?$\', \'\')',
                "'[0-9]'"
            ) }} then 'has_digits'
            when not pairs.is_plausible then 'not_with_postal_code'
        end as city_problem,
        case
            when not {{ matches_pattern('customers.country', "'^[A-Z][A-Z]$'") }}
                then 'unknown_code'
        end as country_problem
    from customers
    left join {{ ref('identity_blocked_values') }} as blocked_emails
        on
            blocked_emails.identifier_kind = 'email'
            and {{ normalised_email('customers.email') }} = blocked_emails.identifier_value
    left join {{ ref('identity_blocked_values') }} as blocked_phones
        on
            blocked_phones.identifier_kind = 'phone'
            and blocked_phones.identifier_value in (customers.phone_number, customers.phone)
    left join {{ source('hygiene', 'phone_numbers') }} as phone_numbers
        on customers.phone_number = phone_numbers.phone_number
    left join names as firsts on {{ normalised_name('customers.first_name') }} = firsts.name
    left join names as lasts on {{ normalised_name('customers.last_name') }} = lasts.name
    left join {{ ref('hygiene_test_names') }} as first_tests
        on {{ normalised_name('customers.first_name') }} = first_tests.name
    left join {{ ref('hygiene_test_names') }} as last_tests
        on {{ normalised_name('customers.last_name') }} = last_tests.name
    left join {{ ref('postal_code_patterns') }} as patterns on customers.country = patterns.country
    left join {{ ref('int_postal_codes__paired') }} as pairs
        on
            customers.country = pairs.country
            and upper(trim(customers.postal_code)) = pairs.postal_code
            and {{ normalised_city('customers.city') }} = pairs.city
)

select * from final
