{#-
  Visits: events of one key with no pause longer than the gap between them. Midnight ends nothing.

  Each key's events become one sorted list of (instant and marks in one number, known_at), which is
  then cut: half the work and a fifth of the memory of window functions over the rows.
  marks: name → condition; for each, the count, the first and the last instant. One row per
  session: key, started_at, ended_at, event_count, <mark>_count, first_<mark>_at, last_<mark>_at, known_at.
-#}
{% macro sessions_of(events, key, marks, gap_minutes=30) %}
{%- set width = 2 ** (marks | length) %}
    select
        {{ key }},
        make_timestamp(steps[1].mark // {{ width }}) as started_at,
        make_timestamp(steps[-1].mark // {{ width }}) as ended_at,
        cast(len(steps) as bigint) as event_count,
        {% for name in marks %}
            cast(len({{ _marked(loop.index0) }}) as bigint) as {{ name }}_count,
            make_timestamp({{ _marked(loop.index0) }}[1].mark // {{ width }}) as first_{{ name }}_at,
            make_timestamp({{ _marked(loop.index0) }}[-1].mark // {{ width }}) as last_{{ name }}_at,
        {% endfor %}
        list_max(list_transform(steps, lambda step: step.known_at)) as known_at
    from (
        select
            {{ key }},
            unnest(
                list_transform(
                    range(1, len(starts) + 1),
                    lambda place: steps[starts[place]:coalesce(starts[place + 1] - 1, len(steps))]
                )
            ) as steps
        from (
            select
                {{ key }},
                steps,
                list_filter(
                    range(1, len(steps) + 1),
                    lambda place:
                    place = 1
                    or steps[place].mark // {{ width }} - steps[place - 1].mark // {{ width }}
                    > {{ gap_minutes * 60 * 1000000 }}
                ) as starts
            from (
                select
                    {{ key }},
                    list_sort(
                        list(
                            struct_pack(
                                mark := epoch_us(occurred_at) * {{ width }}
                                {%- for condition in marks.values() %}
                                + case when {{ condition }} then {{ 2 ** loop.index0 }} else 0 end
                                {%- endfor %},
                                known_at := known_at
                            )
                        )
                    ) as steps
                from {{ events }}
                group by {{ key }}
            ) as listed
        ) as cut
    ) as sessions
{%- endmacro %}

{%- macro _marked(bit) -%}
    list_filter(steps, lambda step: (step.mark & {{ 2 ** bit }}) > 0)
{%- endmacro %}

{#- Crawlers name themselves; a telephone called Cubot is none. -#}
{% macro is_machine_agent(user_agent) -%}
    coalesce(
        lower({{ user_agent }}) like '%bot/%'
        or lower({{ user_agent }}) like '%+http%' or lower({{ user_agent }}) like '%crawler%'
        or lower({{ user_agent }}) like '%spider%' or lower({{ user_agent }}) like '%headless%',
        false
    )
{%- endmacro %}

{#- A number of the seed contact_settings. -#}
{% macro contact_setting(name) -%}
    (
        select settings.value from {{ ref('contact_settings') }} as settings
        where settings.setting = '{{ name }}'
    )
{%- endmacro %}

{#- Whether the run looks at today: a pinned day (a demo, a replay) is over, whatever the clock. -#}
{% macro is_live() -%}
    (
        select {{ business_date('run.started_at') }} = run.as_of_date
        from {{ source('raw_control', 'run') }} as run
    )
{%- endmacro %}

{#- The instant up to which a run looks: now, or the end of a pinned day. -#}
{% macro as_of_instant() -%}
    (
        select
            case
                when {{ business_date('run.started_at') }} = run.as_of_date then run.started_at
                else {{ local_midnight_utc(days_after('run.as_of_date', 1)) }}
            end
        from {{ source('raw_control', 'run') }} as run
    )
{%- endmacro %}

{#- Minutes later; `minutes` may be an expression. -#}
{% macro minutes_after(timestamp_column, minutes) -%}
    {{ timestamp_column }} + to_minutes(cast({{ minutes }} as integer))
{%- endmacro %}

{#- Whole seconds from one instant to another. -#}
{% macro seconds_between(from_timestamp, to_timestamp) -%}
    date_diff('second', {{ from_timestamp }}, {{ to_timestamp }})
{%- endmacro %}

{#- The source's own part of a key that system_key made. -#}
{% macro key_of_system(id_column) -%}
    substr({{ id_column }}, position('|' in {{ id_column }}) + 1)
{%- endmacro %}

{#- An instant so many days earlier; `days` may be an expression. -#}
{% macro instant_before(timestamp_column, days) -%}
    {{ timestamp_column }} - to_days(cast({{ days }} as integer))
{%- endmacro %}
