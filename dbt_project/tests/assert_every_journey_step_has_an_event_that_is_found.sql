-- A step whose event the warehouse cannot find would silently fall out of the journey.
select map.step
from {{ ref('journey_steps_map') }} as map
left join {{ ref('journey_steps') }} as steps on map.step = steps.step
where steps.step is null
