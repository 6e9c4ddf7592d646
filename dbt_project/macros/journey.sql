{#-
  The events a step of the journey may name, and the entities that tell of them: an event whose
  entities nobody delivers is unknown, not absent. int_journeys__reached finds when each happened.
-#}
{% macro journey_events() -%}
    {{ return({
        'visit': ['web_events'],
        'product_view': ['web_events', 'product_views'],
        'content_view': ['web_events', 'content_views'],
        'cart': ['carts'],
        'cart_abandoned': ['carts'],
        'purchase': ['orders', 'order_lines'],
        'second_purchase': ['orders', 'order_lines'],
        'contact': ['campaign_contacts', 'message_events'],
        'message_click': ['message_events'],
        'visit_after_contact': ['campaign_contacts', 'message_events'],
        'coupon_use': ['redemptions'],
        'configuration': ['configuration_versions'],
        'lead': ['leads'],
        'quote': ['quotes'],
        'question': ['questions'],
        'survey': ['survey_answers'],
    }) }}
{%- endmacro %}
