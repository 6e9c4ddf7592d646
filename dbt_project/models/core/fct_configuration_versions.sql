with

versions as (
    select
        *,
        {{ system_key('configuration_key') }} as configuration_id,
        {{ system_key('customer_key', 'customer_system') }} as record_id,
        {{ normalised_email('email') }} as normal_email,
        {{ business_date('saved_at') }} as saved_on
    from {{ ref('stg_files__configuration_versions') }}
),

compared as (select * from {{ ref('int_configurations__compared') }}),

resolved as (
    select
        record_id,
        customer_id
    from {{ ref('int_identity__resolved') }}
),

addresses as (
    select
        value,
        customer_id
    from {{ ref('int_addresses__resolved') }}
    where kind = 'email' and customer_id is not null
),

rates as (select * from {{ ref('int_currency_rates__dated') }}),

identified as (
    select
        versions.*,
        coalesce(resolved.customer_id, addresses.customer_id) as customer_id,
        {{ in_company_currency('versions.price_amount', 'versions.currency', 'rates.rate') }}
            as company_price_amount
    from versions
    left join resolved on versions.record_id = resolved.record_id
    left join addresses on versions.normal_email = addresses.value
    left join rates on {{ has_rate('rates', 'versions.currency', 'versions.saved_on') }}
),

final as (
    select
        {{ system_key('identified.source_key', 'identified.source_system') }}
            as configuration_version_id,
        identified.configuration_id,
        identified.version_number,
        -- Who saved a later version with a name saved the earlier ones without.
        coalesce(
            identified.customer_id,
            first_value(identified.customer_id ignore nulls) over (
                partition by identified.configuration_id
                order by identified.version_number
                rows between unbounded preceding and unbounded following
            )
        ) as customer_id,
        identified.anonymous_id,
        {{ system_key('identified.product_key', 'identified.product_system') }} as product_id,
        compared.chosen_option_count,
        case
            when identified.option_count > 0
                then
                    least(
                        cast(compared.chosen_option_count as double) / identified.option_count, 1
                    )
        end as completeness_share,
        {% for measure in ['added', 'removed', 'changed'] %}
            case
                when compared.previous_version_number is not null
                    then compared.options_{{ measure }}_count
            end as options_{{ measure }}_count,
        {% endfor %}
        case
            when compared.previous_version_number is not null
                then
                    cast(compared.options_unchanged_count as double)
                    / nullif(
                        compared.options_unchanged_count + compared.options_changed_count
                        + compared.options_added_count + compared.options_removed_count,
                        0
                    )
        end as convergence_share,
        identified.company_price_amount as price_amount,
        cast(
            identified.company_price_amount - lag(identified.company_price_amount) over (
                partition by identified.configuration_id order by identified.version_number
            ) as decimal(18, 2)
        ) as price_change_amount,
        {{ company_currency() }} as currency,
        identified.saved_on,
        identified.saved_at,
        identified.known_at,
        identified.loaded_at
    from identified
    inner join compared
        on
            identified.configuration_id = compared.configuration_id
            and identified.version_number = compared.version_number
)

select * from final
