-- What each saved version changes in the one before it, option by option.
with

versions as (
    select
        {{ system_key('configuration_key') }} as configuration_id,
        version_number,
        options,
        lag(version_number) over (
            partition by source_system, configuration_key order by version_number
        ) as previous_version_number
    from {{ ref('stg_files__configuration_versions') }}
),

chosen as (
    select
        configuration_id,
        version_number,
        option_name,
        option_choice
    from {{ json_options('versions', ['configuration_id', 'version_number'], 'options') }}
        as listed
    where option_choice is not null
),

chosen_before as (
    select
        versions.configuration_id,
        versions.version_number,
        chosen.option_name,
        chosen.option_choice
    from versions
    inner join chosen
        on
            versions.configuration_id = chosen.configuration_id
            and versions.previous_version_number = chosen.version_number
),

compared as (
    select
        coalesce(chosen.configuration_id, chosen_before.configuration_id) as configuration_id,
        coalesce(chosen.version_number, chosen_before.version_number) as version_number,
        chosen.option_choice,
        chosen_before.option_choice as previous_choice
    from chosen
    full outer join chosen_before
        on
            chosen.configuration_id = chosen_before.configuration_id
            and chosen.version_number = chosen_before.version_number
            and chosen.option_name = chosen_before.option_name
),

final as (
    select
        versions.configuration_id,
        versions.version_number,
        versions.previous_version_number,
        count(compared.option_choice) as chosen_option_count,
        count(*) filter (
            where compared.option_choice is not null and compared.previous_choice is null
        ) as options_added_count,
        count(*) filter (
            where compared.option_choice is null and compared.previous_choice is not null
        ) as options_removed_count,
        count(*) filter (where compared.option_choice <> compared.previous_choice)
            as options_changed_count,
        count(*) filter (where compared.option_choice = compared.previous_choice)
            as options_unchanged_count
    from versions
    left join compared
        on
            versions.configuration_id = compared.configuration_id
            and versions.version_number = compared.version_number
    group by
        versions.configuration_id, versions.version_number, versions.previous_version_number
)

select * from final
