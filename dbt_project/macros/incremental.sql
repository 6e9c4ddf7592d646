{#
  Which part of a large table has to be made again.

  Loads are compared by their row counts, not by a watermark: a clock that stood still or went back
  (a replayed run, a frozen test) cannot hide a row, and a run with nothing new makes nothing again.
#}
{% macro new_loads(relation) -%}
    (
        select loaded.loaded_at
        from (select loaded_at, count(*) as row_count from {{ relation }} group by loaded_at) as loaded
        left join (select loaded_at, count(*) as row_count from {{ this }} group by loaded_at) as kept
            on loaded.loaded_at = kept.loaded_at
        where loaded.row_count is distinct from kept.row_count
    )
{%- endmacro %}
