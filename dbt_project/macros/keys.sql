{# Keys and hashes that are kept. Never the engine's hash(): it changes between versions. #}

{% macro sha256_hex(text_expression) -%} sha256({{ text_expression }}) {%- endmacro %}

{# A key of a source, made unique over systems: "<system>|<key>"; null when the key is null. #}
{% macro system_key(key_column, system_column='source_system') -%}
    {{ system_column }} || '|' || {{ key_column }}
{%- endmacro %}

{# The published id of the person whom this record founded: a pure function of the data. #}
{% macro founded_customer_id(record_id) -%}
    'c_' || substr({{ sha256_hex(record_id) }}, 1, 16)
{%- endmacro %}

{# Guests have no key: the hash of their normalised address stands for it. #}
{% macro guest_key(email_column) -%}
    'guest:' || substr({{ sha256_hex(normalised_email(email_column)) }}, 1, 16)
{%- endmacro %}

{# Same address, one writing; null when it cannot be an address. Loading did the rest. #}
{% macro normalised_email(email_column) -%}
    case
        when {{ email_column }} like '%_@_%._%' then lower(trim({{ email_column }}))
    end
{%- endmacro %}

{# First names and the like, to compare: accents, case and hyphens are typed at will. #}
{% macro normalised_name(text_expression) -%}
    nullif(trim(replace(strip_accents(lower({{ text_expression }})), '-', ' ')), '')
{%- endmacro %}

{# A number as it is dialled from abroad; a national one is read in the country of the record. #}
{% macro normalised_phone(phone_column, country="'FR'") -%}
    {%- set digits -%}
        regexp_replace(replace({{ phone_column }}, '(0)', ''), '[^0-9+]', '', 'g')
    {%- endset -%}
    case
        when length({{ digits }}) < 6 then null
        when {{ digits }} like '+%' then {{ digits }}
        when {{ digits }} like '00%' then '+' || substr({{ digits }}, 3)
        when {{ digits }} like '0%'
            then
                case {{ country }}
                    when 'BE' then '+32' when 'CH' then '+41' when 'LU' then '+352'
                    when 'DE' then '+49' else '+33'
                end || substr({{ digits }}, 2)
        else {{ digits }}
    end
{%- endmacro %}

{# The last value stated among a person's records; `stated_order` must sort without ties. #}
{% macro last_stated(column, stated_order='stated_order') -%}
    max_by({{ column }}, {{ stated_order }}) filter (where {{ column }} is not null)
{%- endmacro %}

{# An address to compare: line, postal code and country in capitals without accents or marks. #}
{% macro normalised_address(address_line, postal_code, country="'FR'") -%}
    nullif(trim(regexp_replace(upper(strip_accents({{ address_line }})), '[^0-9A-Z]+', ' ', 'g')), '')
    || '|' || nullif(replace(upper({{ postal_code }}), ' ', ''), '')
    || '|' || upper(coalesce({{ country }}, 'FR'))
{%- endmacro %}

{# First and last name in either order: forms are filled in with the two swapped. #}
{% macro full_name(first_name, last_name) -%}
    least({{ first_name }}, {{ last_name }}) || '|' || greatest({{ first_name }}, {{ last_name }})
{%- endmacro %}
