with

customers as (
    select
        customer_id,
        first_seen_at,
        case relation
            when 'buyer' then 'customer'
            when 'lead' then 'lead'
            else 'prospect'
        end as data_class
    from {{ ref('dim_customers') }}
),

contacts as (
    select
        customer_id,
        max(occurred_at) as last_contact_at,
        max_by(kind, cast(occurred_at as varchar) || kind) as last_contact_kind,
        max(occurred_at) filter (where kind = 'order') as last_ordered_at
    from {{ ref('int_contacts__initiated') }}
    group by customer_id
),

-- The rule in force on the day; a day before the first one is judged by the first.
rules as (
    select
        data_class,
        active_years,
        archive_years
    from {{ ref('retention_rules') }}
    qualify
        row_number() over (
            partition by data_class
            order by
                valid_from_on <= {{ as_of_date() }} desc,
                abs({{ day_difference(as_of_date(), 'valid_from_on') }})
        ) = 1
),

-- Who was never heard of counts from the day of collection.
counted as (
    select
        customers.customer_id,
        customers.data_class,
        contacts.last_contact_at,
        contacts.last_contact_kind,
        {{ business_date('coalesce(contacts.last_contact_at, customers.first_seen_at)') }}
            as counted_from_on,
        {{ business_date('contacts.last_ordered_at') }} as last_ordered_on,
        rules.active_years,
        rules.archive_years
    from customers
    inner join rules on customers.data_class = rules.data_class
    left join contacts on customers.customer_id = contacts.customer_id
),

ended as (
    select
        *,
        {{ years_after('counted_from_on', 'active_years') }} as archive_on,
        greatest(
            {{ years_after('counted_from_on', 'active_years') }},
            {{ years_after('coalesce(last_ordered_on, counted_from_on)', 'archive_years') }}
        ) as purge_on
    from counted
),

final as (
    select
        customer_id,
        {{ as_of_date() }} as as_of_date,
        data_class,
        last_contact_at,
        last_contact_kind,
        counted_from_on,
        archive_on,
        purge_on,
        case
            when {{ as_of_date() }} >= purge_on then 'purge_due'
            when {{ as_of_date() }} >= archive_on then 'intermediate_archive'
            else 'active'
        end as retention_state,
        case when {{ as_of_date() }} < archive_on then archive_on else purge_on end
            as leaves_next_on
    from ended
)

select * from final
