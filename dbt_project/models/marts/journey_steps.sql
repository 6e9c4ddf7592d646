-- Who reached a step and, later or the same day, the next one of the path: the rest dropped out.
with

steps as (
    select
        *,
        lead(event) over (partition by path order by step_number) as next_event
    from {{ ref('journey_steps_map') }}
),

reached as (
    select * from {{ ref('int_journeys__reached') }}
),

connected as (
    {% for event, entities in journey_events().items() %}
        select
            '{{ event }}' as event,
            {% for entity in entities %}
                {{ is_connected(entity) }} {{ 'or' if not loop.last }}
            {% endfor %} as is_connected
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

went_on as (
    select
        steps.path,
        steps.step,
        count(*) as reached_count,
        count(next_reached.subject_id) as continued_count
    from steps
    inner join reached on steps.event = reached.event
    left join reached as next_reached
        on
            steps.next_event = next_reached.event
            and reached.subject_id = next_reached.subject_id
            and reached.first_on <= next_reached.last_on
    group by steps.path, steps.step
),

counted as (
    select
        steps.*,
        connected.is_connected,
        case when connected.is_connected then coalesce(went_on.reached_count, 0) end
            as reached_count,
        case
            when connected.is_connected and next_connected.is_connected
                then coalesce(went_on.continued_count, 0)
        end as continued_count
    from steps
    inner join connected on steps.event = connected.event
    left join connected as next_connected on steps.next_event = next_connected.event
    left join went_on on steps.path = went_on.path and steps.step = went_on.step
),

final as (
    select
        path,
        path_label_en,
        path_label_fr,
        cast(step_number as bigint) as step_number,
        step,
        label_en,
        label_fr,
        event,
        data_collected,
        action_kind,
        action_en,
        action_fr,
        owner,
        is_connected,
        cast(reached_count as bigint) as reached_count,
        cast(continued_count as bigint) as continued_count,
        cast(reached_count - continued_count as bigint) as drop_out_count,
        cast(reached_count - continued_count as double) / nullif(reached_count, 0)
            as drop_out_share,
        {{ as_of_date() }} as as_of_date
    from counted
)

select * from final
