{# What the company set: its clock, money and week. Defaults let `dbt parse` run bare. #}

{# The run's day. A scalar subquery over one row, so a run can be replayed for any day. #}
{% macro as_of_date() -%}
    (select run.as_of_date from {{ source('raw_control', 'run') }} as run)
{%- endmacro %}

{% macro time_zone() -%} {{ env_var('HABITUE_TIME_ZONE', 'Europe/Paris') }} {%- endmacro %}

{# As a text literal. #}
{% macro company_currency() -%} '{{ env_var('HABITUE_CURRENCY', 'EUR') }}' {%- endmacro %}

{# Whether any system ever delivered this entity: measures of one that is not connected are null. #}
{% macro is_connected(entity) -%}
    (
        select coalesce(bool_or(sources.is_connected), false)
        from {{ source('raw_control', 'sources') }} as sources
        where sources.entity = '{{ entity }}'
    )
{%- endmacro %}

{# The oldest "known up to" over the connected systems of these entities: freshness cannot lie. #}
{% macro data_as_of(entities) -%}
    (
        select min(least(sources.last_checked_at, sources.data_through))
        from {{ source('raw_control', 'sources') }} as sources
        where
            sources.is_connected
            and sources.entity in ('{{ entities | join("', '") }}')
    )
{%- endmacro %}
