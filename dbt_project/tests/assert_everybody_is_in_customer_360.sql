-- noqa: disable=AL08,AL04
with

people as (
    select count(distinct customer_id) as person_count from {{ ref('int_identity__resolved') }}
),

shown as (select count(*) as person_count from {{ ref('customer_360') }}),

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
