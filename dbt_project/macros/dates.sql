{# Dates, where engines differ. `days` may be an expression. #}

{# The business day of a UTC timestamp, summer and winter time included. #}
{% macro business_date(timestamp_column) -%}
    cast(
        (({{ timestamp_column }}) at time zone 'UTC') at time zone '{{ time_zone() }}' as date
    )
{%- endmacro %}

{# Whole days from one date to another. #}
{% macro day_difference(from_date, to_date) -%}
    date_diff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}

{% macro days_before(date_column, days) -%}
    cast({{ date_column }} - to_days(cast({{ days }} as integer)) as date)
{%- endmacro %}

{% macro days_after(date_column, days) -%}
    cast({{ date_column }} + to_days(cast({{ days }} as integer)) as date)
{%- endmacro %}

{% macro month_of(date_column) -%} cast(date_trunc('month', {{ date_column }}) as date) {%- endmacro %}

{% macro month_end_of(date_column) -%} last_day({{ date_column }}) {%- endmacro %}

{# Monday is 1 and Sunday 7. #}
{% macro iso_weekday(date_column) -%} isodow({{ date_column }}) {%- endmacro %}

{# A relation with one row per day, both ends included, in the column `date_on`. #}
{% macro date_spine(first_date, last_date) -%}
    (
        select cast(spine.day as date) as date_on
        from (
            select unnest(
                generate_series(
                    cast({{ first_date }} as timestamp),
                    cast({{ last_date }} as timestamp),
                    interval 1 day
                )
            ) as day
        ) as spine
    )
{%- endmacro %}

{# The same day so many years later; 29 February becomes the last day of that February. #}
{% macro years_after(date_column, years) -%}
    cast({{ date_column }} + to_years(cast({{ years }} as integer)) as date)
{%- endmacro %}
