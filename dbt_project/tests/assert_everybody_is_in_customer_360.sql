-- noqa: disable=AL08,AL04
with

people as (
    select count(distinct customer_id) as person_count from {{ ref('int_identity__resolved') }}
),

-- Nobody may use the data of those who are archived or due to be purged.
retained as (
    select count(*) as person_count from {{ ref('retention') }}
    where retention_state <> 'active'
),

shown as (
    select
        (select count(*) from {{ ref('customer_360') }})
        + (select retained.person_count from retained) as person_count
),

staged as (select count(*) as person_count from {{ ref('lifecycle') }})

select
    people.person_count,
    shown.person_count,
    staged.person_count
from people
cross join shown
cross join staged
where
    people.person_count <> shown.person_count
    or people.person_count <> staged.person_count
