{# Missing is not zero: a count or sum over a source that is not connected stays null. #}
{% macro zero_if_connected(measure, flag) -%}
    case when connected.has_{{ flag }} then coalesce({{ measure }}, 0) end
{%- endmacro %}

{# One row saying which entities some system delivers. #}
{% macro connected_entities() -%}
    (
        select
            {{ is_connected('orders') }} or {{ is_connected('order_lines') }} as has_orders,
            {{ is_connected('order_lines') }} as has_order_lines,
            {{ is_connected('redemptions') }} as has_redemptions,
            {{ is_connected('campaign_contacts') }} or {{ is_connected('message_events') }}
                as has_contacts,
            {{ is_connected('product_views') }} or {{ is_connected('web_events') }}
                as has_product_views,
            {{ is_connected('content_views') }} or {{ is_connected('web_events') }}
                as has_content_views,
            {{ is_connected('product_prices') }} as has_product_prices,
            {{ is_connected('questions') }} as has_questions,
            {{ is_connected('configuration_versions') }} as has_configurations
    )
{%- endmacro %}

{# The texts of one language in a JSON list of reasons, in order, as one text. #}
{% macro reason_texts(reasons, language) -%}
    nullif(
        array_to_string(json_extract_string({{ reasons }}, '$[*].{{ language }}'), '; '), ''
    )
{%- endmacro %}
