{# A number of the seed customer_settings. #}
{% macro setting(name) -%}
    (
        select settings.value from {{ ref('customer_settings') }} as settings
        where settings.setting = '{{ name }}'
    )
{%- endmacro %}

{#
  The snapshots that `this` has to make again: absent, or computed from other data or settings.
  `data_state` is a fingerprint of what a snapshot is computed from (int_snapshots__stated), so late
  orders, merged persons and changed settings reach exactly the months they touch.
#}
{% macro due_snapshots(snapshot_column='snapshot_on') -%}
    (
        select stated.snapshot_on
        from {{ ref('int_snapshots__stated') }} as stated
        {% if is_incremental() %}
        left join (
            select {{ snapshot_column }}, data_state from {{ this }}
            group by {{ snapshot_column }}, data_state
        ) as kept
            on stated.snapshot_on = kept.{{ snapshot_column }} and stated.data_state = kept.data_state
        where kept.data_state is null
        {% endif %}
    )
{%- endmacro %}

{# The first half of an id as a number, to sum ids into a fingerprint. #}
{% macro id_number(customer_id) -%}
    cast('0x' || substr({{ customer_id }}, 3, 8) as bigint)
{%- endmacro %}
