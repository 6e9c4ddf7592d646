-- The decision about everybody who is asked about, as one query: read by governance/decision.py,
-- and made into the dbt macro consent_decisions by `make docs`. Portable SQL, no macros.
-- {asked}: request_id, person_id, channel, purpose, relation, country, is_professional,
-- has_purchased. {subjects}: person_id, source_system, customer_key, address_hash; a record or an
-- address a row. {entries}: the ledger. {rules}, {purposes}: governance/rules.py as tables.
-- {now}: a timestamp in UTC; {today}: the day whose law holds.
with

pairs as (
    select
        asked.channel,
        asked.purpose
    from {asked} as asked
    group by asked.channel, asked.purpose
),

-- The words by which an entry speaks of a pair.
words as (
    select
        pairs.channel,
        pairs.purpose,
        purposes.spoken_for,
        pairs.channel as said_channel,
        purposes.said_purpose
    from pairs
    inner join {purposes} as purposes on pairs.purpose = purposes.purpose
    union all
    select
        pairs.channel,
        pairs.purpose,
        purposes.spoken_for,
        'all' as said_channel,
        purposes.said_purpose
    from pairs
    inner join {purposes} as purposes on pairs.purpose = purposes.purpose
),

spoken as (
    select
        words.channel,
        words.purpose,
        words.spoken_for,
        entries.entry_id,
        entries.source_system,
        entries.customer_key,
        entries.address_hash,
        coalesce(entries.source_system, '') || '|' || coalesce(entries.customer_key, '') || '|'
        || coalesce(entries.address_hash, '') as subject,
        entries.act,
        entries.occurred_at,
        case entries.act
            when 'grant' then 0
            when 'double_opt_in_asked' then 1
            when 'double_opt_in_confirmed' then 2
            else 3
        end as act_rank
    from {entries} as entries
    inner join words
        on entries.channel = words.said_channel and entries.purpose = words.said_purpose
),

sought as (
    select
        asked.request_id,
        asked.channel,
        asked.purpose,
        subjects.source_system,
        subjects.customer_key,
        subjects.address_hash
    from {asked} as asked
    inner join {subjects} as subjects on asked.person_id = subjects.person_id
),

-- Everything said about any record or address of the person. An entry that names no system is
-- about every record of that key.
heard as (
    select
        sought.request_id,
        spoken.*
    from sought
    inner join spoken
        on
            sought.customer_key = spoken.customer_key
            and sought.source_system = spoken.source_system
            and sought.channel = spoken.channel
            and sought.purpose = spoken.purpose
    union all
    select
        sought.request_id,
        spoken.*
    from sought
    inner join spoken
        on
            sought.customer_key = spoken.customer_key
            and sought.channel = spoken.channel
            and sought.purpose = spoken.purpose
    where spoken.source_system is null
    union all
    select
        sought.request_id,
        spoken.*
    from sought
    inner join spoken
        on
            sought.address_hash = spoken.address_hash
            and sought.channel = spoken.channel
            and sought.purpose = spoken.purpose
),

expired as (
    select
        request_id,
        spoken_for,
        max(occurred_at) as expired_at
    from heard
    where act = 'expire' and occurred_at <= {now}
    group by request_id, spoken_for
),

-- A refusal dated after now counts already, a yes does not; nor does one that has expired since.
standing as (
    select heard.*
    from heard
    left join expired
        on heard.request_id = expired.request_id and heard.spoken_for = expired.spoken_for
    where
        heard.act in ('object', 'withdraw', 'refuse')
        or (
            heard.act in ('grant', 'double_opt_in_asked', 'double_opt_in_confirmed', 'inform')
            and heard.occurred_at <= {now}
            and (expired.expired_at is null or heard.occurred_at > expired.expired_at)
        )
),

ordered as (
    select
        standing.*,
        row_number() over (
            partition by request_id, spoken_for, subject order by occurred_at, act_rank, entry_id
        ) as word_number
    from standing
    where act <> 'inform'
),

-- The last word of each record or address. At one instant the refusal is the last word; a yes that
-- was confirmed is not put in doubt by another request to confirm.
folded as (
    select
        request_id,
        purpose,
        spoken_for,
        max_by(act, word_number) as last_act,
        max_by(entry_id, word_number) as last_entry_id,
        max_by(occurred_at, word_number) as last_occurred_at,
        max_by(act, word_number) filter (
            where act not in ('grant', 'double_opt_in_asked')
        ) as sure_act,
        max_by(entry_id, word_number) filter (
            where act not in ('grant', 'double_opt_in_asked')
        ) as sure_entry_id,
        max_by(occurred_at, word_number) filter (
            where act not in ('grant', 'double_opt_in_asked')
        ) as sure_occurred_at
    from ordered
    group by request_id, purpose, spoken_for, subject
),

-- Anybody can type an address into a form: a confirmation that is asked for lifts no refusal.
weighed as (
    select
        *,
        coalesce(sure_act = 'double_opt_in_confirmed', false)
        or (last_act = 'double_opt_in_asked' and sure_act is not null) as is_sure
    from folded
),

last_words as (
    select
        request_id,
        purpose,
        spoken_for,
        case when is_sure then sure_act else last_act end as act,
        case when is_sure then sure_entry_id else last_entry_id end as entry_id,
        case when is_sure then sure_occurred_at else last_occurred_at end as occurred_at
    from weighed
    union all
    select
        request_id,
        purpose,
        spoken_for,
        act,
        entry_id,
        occurred_at
    from standing
    where act = 'inform'
),

numbered as (
    select
        last_words.*,
        row_number() over (partition by request_id order by occurred_at, entry_id) as word_number
    from last_words
    where
        act in ('object', 'withdraw', 'refuse')
        or (spoken_for = purpose and act in ('grant', 'double_opt_in_confirmed', 'inform'))
),

-- Over the whole cluster and every raw address: one refusal is enough, whatever the others said.
summed as (
    select
        request_id,
        max_by(act, word_number) filter (
            where act in ('object', 'withdraw', 'refuse')
        ) as refusal,
        max_by(entry_id, word_number) filter (
            where act in ('object', 'withdraw', 'refuse')
        ) as refusal_id,
        max_by(occurred_at, word_number) filter (
            where act in ('object', 'withdraw', 'refuse')
        ) as refused_at,
        max_by(entry_id, word_number) filter (
            where act in ('grant', 'double_opt_in_confirmed')
        ) as consent_id,
        max_by(occurred_at, word_number) filter (
            where act in ('grant', 'double_opt_in_confirmed')
        ) as consented_at,
        max_by(entry_id, word_number) filter (
            where act = 'double_opt_in_confirmed'
        ) as confirmed_id,
        max_by(occurred_at, word_number) filter (
            where act = 'double_opt_in_confirmed'
        ) as confirmed_at,
        max_by(entry_id, word_number) filter (where act = 'inform') as inform_id,
        max_by(occurred_at, word_number) filter (where act = 'inform') as informed_at
    from numbered
    group by request_id
),

known as (
    select subjects.person_id
    from {subjects} as subjects
    where subjects.customer_key is not null
    group by subjects.person_id
),

in_force as (
    select rules.*
    from {rules} as rules
    where
        (rules.since_on is null or rules.since_on <= {today})
        and (rules.until_on is null or rules.until_on > {today})
),

profiles as (
    select
        asked.channel,
        asked.purpose,
        asked.relation,
        coalesce(asked.country, '') as country,
        asked.is_professional
    from {asked} as asked
    group by all
),

-- The number of the first rule of each basis that fits.
openings as (
    select
        profiles.*,
        min(in_force.rule_number) filter (where in_force.basis = 'consent') as consent_rule,
        min(in_force.rule_number) filter (where in_force.basis = 'confirmed_consent')
            as confirmed_rule,
        min(in_force.rule_number) filter (where in_force.basis = 'soft_opt_in') as soft_rule,
        min(in_force.rule_number) filter (where in_force.basis = 'legitimate_interest')
            as interest_rule,
        min(in_force.rule_number) filter (where in_force.basis = 'opt_out') as opt_out_rule
    from profiles
    left join in_force
        on
            profiles.channel = in_force.channel
            and profiles.purpose = in_force.purpose
            and (
                in_force.relation in ('any', profiles.relation)
                or (in_force.relation = 'professional' and profiles.is_professional)
            )
            and in_force.country in ('any', profiles.country)
    group by all
),

opened as (
    select
        asked.request_id,
        asked.person_id,
        asked.channel,
        asked.purpose,
        case when summed.consent_id is not null then openings.consent_rule end as consent_rule,
        case when summed.confirmed_id is not null then openings.confirmed_rule end
            as confirmed_rule,
        case when summed.inform_id is not null and asked.has_purchased then openings.soft_rule end
            as soft_rule,
        openings.interest_rule,
        openings.opt_out_rule,
        known.person_id is not null as is_known,
        summed.refusal,
        summed.refusal_id,
        summed.refused_at,
        summed.consent_id,
        summed.consented_at,
        summed.confirmed_id,
        summed.confirmed_at,
        summed.inform_id,
        summed.informed_at
    from {asked} as asked
    inner join openings
        on
            asked.channel = openings.channel
            and asked.purpose = openings.purpose
            and asked.relation = openings.relation
            and coalesce(asked.country, '') = openings.country
            and asked.is_professional = openings.is_professional
    left join known on asked.person_id = known.person_id
    left join summed on asked.request_id = summed.request_id
),

chosen as (
    select
        opened.*,
        least(consent_rule, confirmed_rule, soft_rule, interest_rule, opt_out_rule) as rule_number
    from opened
),

judged as (
    select
        chosen.*,
        case
            when not is_known then 'unknown_person'
            when refusal = 'object' then 'objected'
            when refusal = 'withdraw' then 'withdrawn'
            when refusal = 'refuse' then 'refused'
            when rule_number is null then 'no_basis'
        end as reason
    from chosen
),

final as (
    select
        request_id,
        person_id,
        channel,
        purpose,
        reason is null as is_allowed,
        reason,
        case
            when reason is not null then null
            when rule_number in (consent_rule, confirmed_rule) then 'consent'
            when rule_number = soft_rule then 'soft_opt_in'
            when rule_number = interest_rule then 'legitimate_interest'
            else 'opt_out'
        end as basis,
        case
            when reason in ('unknown_person', 'no_basis') then null
            when reason is not null then refusal_id
            when rule_number = consent_rule then consent_id
            when rule_number = confirmed_rule then confirmed_id
            when rule_number = soft_rule then inform_id
        end as entry_id,
        case
            when reason in ('unknown_person', 'no_basis') then null
            when reason is not null then refused_at
            when rule_number = consent_rule then consented_at
            when rule_number = confirmed_rule then confirmed_at
            when rule_number = soft_rule then informed_at
        end as since_at
    from judged
)

select * from final
