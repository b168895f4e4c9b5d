-- The score of every workspace by the starter model from daily rollups, with all that explains it, in plain SQL: what one would write without
-- the extension, as fast as we could make it. score_workspace_explained.sql does the same from raw events; what differs is from `daily` to
-- `rule_points`. All of a user's events of a name and UTC day are scored at the last of them, and of a day only the hour
-- with most events can be a loop. A row of several events may be awarded some of the points under a cap, and then counts whole.
WITH rules (code, event, bucket, is_of_user, points, tau_days, most, window_us, one, other) AS (
    VALUES
    (1, 'workspace_created', 'activation', true, 2::DOUBLE, 30::DOUBLE, NULL::BIGINT, NULL::BIGINT, 'workspace created', 'workspaces created'),
    (2, 'key_action_completed', 'activation', true, 15, 30, NULL, NULL, 'key action completed', 'key actions completed'),
    (3, 'first_value_delivered', 'activation', true, 8, 30, NULL, NULL, 'first value delivered', 'first values delivered'),
    (4, 'core_feature_used', 'depth', true, 2, 14, 5, 7 * 86400000000, 'day with core feature use', 'days with core feature use'),
    (5, 'automation_run', 'depth', true, 3, 14, 4, 7 * 86400000000, 'automation run', 'automation runs'),
    (6, 'invite_sent', 'expansion', false, 2, 21, 5, 14 * 86400000000, 'invite sent', 'invites sent'),
    (7, 'invite_accepted', 'expansion', false, 4, 21, 3, 14 * 86400000000, 'invite accepted', 'invites accepted'),
    (8, 'new_active_user_day', 'expansion', false, 2, 21, 5, 14 * 86400000000, 'new active user', 'new active users'),
    (9, 'pricing_page_view', 'intent', true, 3, 7, 2, 7 * 86400000000, 'pricing page view', 'pricing page views'),
    (10, 'upgrade_click', 'intent', true, 8, 7, NULL, NULL, 'upgrade click', 'upgrade clicks'),
    (11, 'usage_limit_hit', 'intent', false, 10, 7, NULL, NULL, 'usage limit hit', 'usage limit hits'),
    (12, 'workspace_downgraded', 'negative', false, -15, 30, NULL, NULL, 'workspace downgrade', 'workspace downgrades'),
    (13, 'uninstall_integration', 'negative', false, -6, 30, NULL, NULL, 'integration uninstalled', 'integrations uninstalled')
),

factors AS (
    SELECT
        workspace_id,
        user_id,
        role = 'workspace_admin' AS is_admin,
        persona IN ('champion', 'economic buyer') AS has_persona,
        CASE role
            WHEN 'workspace_admin' THEN 1.3
            WHEN 'manager' THEN 1.2
            WHEN 'director' THEN 1.2
            WHEN 'vp' THEN 1.2
            WHEN 'target_ic' THEN 1.0
            ELSE 0.6
        END::DOUBLE AS factor
    FROM users
),

-- Who is only seen in events has a factor of 0.6 and is no candidate.
with_personas AS (SELECT DISTINCT workspace_id FROM factors WHERE has_persona),

candidates AS (
    SELECT factors.workspace_id, factors.user_id, factors.factor
    FROM factors LEFT JOIN with_personas ON factors.workspace_id = with_personas.workspace_id
    WHERE is_admin OR has_persona OR (factor >= 1 AND with_personas.workspace_id IS NULL)
),

classified AS NOT MATERIALIZED (
    SELECT
        events.workspace_id, events.user_id, events.event, events.occurred_at, rules.code, rules.is_of_user,
        CASE
            WHEN events.event IS NULL THEN 'no_event'
            WHEN rules.code IS NULL THEN 'unknown_event'
            WHEN events.occurred_at > $as_of THEN 'after_as_of'
            WHEN events.occurred_at < $as_of - INTERVAL 365 DAYS THEN 'older_than_horizon'
            WHEN events.occurred_at IS NULL THEN 'no_timestamp'
            WHEN events.user_id IS NULL AND rules.is_of_user THEN 'no_user'
        END AS ignored
    FROM events LEFT JOIN rules ON events.event = rules.event
),

ignored_rows AS (
    SELECT
        workspace_id,
        count(*) FILTER (ignored = 'no_event') AS no_event,
        count(*) FILTER (ignored = 'no_timestamp') AS no_timestamp,
        count(*) FILTER (ignored = 'unknown_event') AS unknown_event,
        count(*) FILTER (ignored = 'after_as_of') AS after_as_of,
        count(*) FILTER (ignored = 'older_than_horizon') AS older_than_horizon,
        count(*) FILTER (ignored = 'no_user') AS no_user
    FROM classified WHERE ignored IS NOT NULL GROUP BY workspace_id
),

counting AS MATERIALIZED (
    SELECT workspace_id, user_id, code, is_of_user, occurred_at FROM classified WHERE ignored IS NULL
),

-- The codes of workspace scope once more: taking them along would cost more than naming them.
daily AS MATERIALIZED (
    SELECT
        workspace_id, user_id, code, code NOT IN (6, 7, 8, 11, 12, 13) AS is_of_user,
        max(occurred_at) AS occurred_at, count(*) AS n
    FROM counting
    GROUP BY workspace_id, user_id, code, epoch_us(occurred_at) // 86400000000
),

-- High intent: two rules, and every event that is not negative by an admin.
high_intent AS (
    SELECT daily.workspace_id, max(daily.occurred_at) AS last_at
    FROM daily LEFT JOIN (SELECT workspace_id, user_id FROM factors WHERE is_admin) AS admins
        ON daily.workspace_id = admins.workspace_id AND daily.user_id = admins.user_id
    WHERE daily.code IN (10, 11) OR (admins.user_id IS NOT NULL AND daily.code < 12)
    GROUP BY daily.workspace_id
),

-- Loops: few days have 100 events of one user and name at all.
suspects AS (SELECT workspace_id, user_id, code, occurred_at FROM daily WHERE n >= 100 AND user_id IS NOT NULL),

loops AS (
    SELECT workspace_id, user_id, code, last_at, max(in_hour) - 99 AS in_loop
    FROM (
        SELECT counting.workspace_id, counting.user_id, counting.code, suspects.occurred_at AS last_at, count(*) AS in_hour
        FROM counting JOIN suspects
            ON counting.workspace_id = suspects.workspace_id
            AND counting.user_id = suspects.user_id
            AND counting.code = suspects.code
            AND date_trunc('day', counting.occurred_at) = date_trunc('day', suspects.occurred_at)
        GROUP BY counting.workspace_id, counting.user_id, counting.code, last_at, date_trunc('hour', counting.occurred_at)
        HAVING count(*) >= 100
    )
    GROUP BY workspace_id, user_id, code, last_at
),

loops_of_workspaces AS (
    SELECT
        workspace_id, count(*) AS loops, sum(in_loop) AS in_loop, min(last_at) AS oldest_at, max(last_at) AS last_at,
        -10 * exp(-epoch_us($as_of - max(last_at)) / 86400e6 / 30) AS points
    FROM loops GROUP BY workspace_id
),

-- With ages in microseconds; no user stands for the workspace. A row is one integer: its age and, below that, what its number of
-- events lacks to 2^17 - 1, which puts the smaller of two rows of one instant first when the oldest come first.
scoring AS MATERIALIZED (
    SELECT
        daily.workspace_id,
        CASE WHEN daily.is_of_user THEN daily.user_id END AS user_id,
        daily.code,
        epoch_us($as_of) - epoch_us(daily.occurred_at) AS age,
        daily.n - coalesce(loops.in_loop, 0) AS n
    FROM daily LEFT JOIN loops
        ON daily.workspace_id = loops.workspace_id
        AND daily.user_id = loops.user_id
        AND daily.code = loops.code
        AND daily.occurred_at = loops.last_at
),

grouped AS NOT MATERIALIZED (
    SELECT
        workspace_id, user_id, code,
        list(age * 131072 + 131071 - CASE code WHEN 4 THEN 1 ELSE n END) AS keys,
        sum(CASE code WHEN 4 THEN 1 ELSE n END)::BIGINT AS candidates,
        -- 4 is the only rule per day.
        sum(CASE code WHEN 4 THEN n - 1 ELSE 0 END)::BIGINT AS same_day
    FROM scoring WHERE code BETWEEN 4 AND 9
    GROUP BY workspace_id, user_id, code
),

lists AS NOT MATERIALIZED (
    SELECT
        grouped.workspace_id, grouped.user_id, grouped.code, grouped.candidates, grouped.same_day,
        rules.bucket, rules.points, rules.tau_days, rules.most, rules.window_us,
        CASE WHEN grouped.candidates > rules.most THEN list_reverse_sort(grouped.keys) ELSE grouped.keys END AS keys
    FROM grouped JOIN rules ON grouped.code = rules.code
),

-- No cap binds where no window holds more events than it awards; rows of several events are looked at one by one.
bounded AS MATERIALIZED (
    SELECT
        *,
        candidates > most AND (
            candidates > len(keys)
            OR list_min(list_transform(keys[:-most - 1], LAMBDA key, place: key // 131072 - keys[place + most] // 131072)) < window_us
        ) AS is_bounded
    FROM lists
),

-- Any row that is awarded something is awarded at least one event, so that the last `most` of them are all that can lie in a window.
awarded AS NOT MATERIALIZED (
    SELECT
        workspace_id, user_id, code, bucket, points, tau_days, candidates, same_day,
        list_reduce(
            list_transform(keys, LAMBDA key: {'age': key // 131072, 'n': 131071 - key % 131072, 'given': 0::BIGINT}),
            LAMBDA rows, next: CASE
                WHEN coalesce(list_sum(list_transform(
                    rows[-most:], LAMBDA each: CASE WHEN each.age - next.age < window_us THEN each.given ELSE 0 END
                )), 0) >= most THEN rows
                ELSE list_append(rows, {'age': next.age, 'n': next.n, 'given': least(next.n, most - coalesce(list_sum(list_transform(
                    rows[-most:], LAMBDA each: CASE WHEN each.age - next.age < window_us THEN each.given ELSE 0 END
                )), 0))::BIGINT})
            END,
            []::STRUCT(age BIGINT, n BIGINT, given BIGINT)[]
        ) AS rows
    FROM bounded WHERE is_bounded
),

rule_points AS MATERIALIZED (
    SELECT
        workspace_id, user_id, code, bucket,
        points * list_sum(list_transform(
            keys, LAMBDA key: (131071 - key % 131072) * exp(-(key // 131072) / 86400e6 / tau_days)
        )) AS points,
        candidates AS occurrences,
        list_max(keys) // 131072 AS oldest_age,
        list_min(keys) // 131072 AS last_age,
        same_day,
        0 AS over_cap
    FROM bounded WHERE NOT is_bounded
    UNION ALL
    SELECT
        workspace_id, user_id, code, bucket,
        points * list_sum(list_transform(rows, LAMBDA each: each.given * exp(-each.age / 86400e6 / tau_days))),
        list_sum(list_transform(rows, LAMBDA each: each.n))::BIGINT AS awarded_events,
        rows[1].age,
        rows[-1].age,
        same_day,
        candidates - awarded_events
    FROM awarded
    UNION ALL
    SELECT
        scoring.workspace_id, scoring.user_id, scoring.code, rules.bucket,
        rules.points * sum(scoring.n * exp(-scoring.age / 86400e6 / rules.tau_days)),
        sum(scoring.n)::BIGINT, max(scoring.age), min(scoring.age), 0, 0
    FROM scoring JOIN rules ON scoring.code = rules.code
    WHERE rules.most IS NULL
    GROUP BY scoring.workspace_id, scoring.user_id, scoring.code, rules.bucket, rules.points
),

selected AS (
    SELECT workspace_id, arg_min(user_id, (-points, user_id)) AS user_id, arg_min(factor, (-points, user_id)) AS factor
    FROM (
        SELECT
            workspace_id, user_id, factor,
            sum(least(points, CASE bucket WHEN 'activation' THEN 25 WHEN 'depth' THEN 25 ELSE 20 END)) AS points
        FROM (
            SELECT
                candidates.workspace_id, candidates.user_id, candidates.factor, rule_points.bucket,
                coalesce(candidates.factor * sum(rule_points.points), 0) AS points
            FROM candidates LEFT JOIN rule_points
                ON candidates.workspace_id = rule_points.workspace_id AND candidates.user_id = rule_points.user_id
            GROUP BY candidates.workspace_id, candidates.user_id, candidates.factor, rule_points.bucket
        )
        GROUP BY workspace_id, user_id, factor
    )
    GROUP BY workspace_id
),

marked AS NOT MATERIALIZED (
    SELECT
        rule_points.*,
        CASE WHEN rule_points.user_id IS NULL THEN 1 ELSE selected.factor END AS factor,
        rule_points.user_id IS NULL OR coalesce(rule_points.user_id = selected.user_id, false) AS counts
    FROM rule_points LEFT JOIN selected ON rule_points.workspace_id = selected.workspace_id
),

ignored_events AS (
    SELECT
        workspace_id,
        sum(same_day) AS same_day,
        sum(over_cap) AS over_cap,
        coalesce(sum(occurrences) FILTER (NOT counts), 0) AS not_selected
    FROM marked GROUP BY workspace_id
),

fit AS (
    SELECT
        workspace_id, first_key_action_at, first_invite_sent_at,
        coalesce(trial_days_remaining BETWEEN 0 AND 3, false) AS is_trial_ending,
        coalesce(active_days_14d = 0, false) AS is_inactive,
        30 * (employee_count BETWEEN 50 AND 2000)::INTEGER AS employee_points,
        25 * (industry IN ('software', 'financial services', 'media'))::INTEGER AS industry_points,
        15 * (hq_region IN ('north america', 'europe'))::INTEGER AS region_points,
        20 * uses_data_warehouse::INTEGER AS warehouse_points,
        10 * has_business_domain::INTEGER AS domain_points,
        CASE
            WHEN
                30 * (employee_points IS NOT NULL)::INTEGER
                + 25 * (industry_points IS NOT NULL)::INTEGER
                + 15 * (region_points IS NOT NULL)::INTEGER
                + 20 * (warehouse_points IS NOT NULL)::INTEGER
                + 10 * (domain_points IS NOT NULL)::INTEGER >= 50
                THEN
                    coalesce(employee_points, 0) + coalesce(industry_points, 0) + coalesce(region_points, 0)
                    + coalesce(warehouse_points, 0) + coalesce(domain_points, 0)
        END AS score,
        CASE WHEN score >= 75 THEN 'A' WHEN score >= 50 THEN 'B' WHEN score IS NOT NULL THEN 'C' END AS tier,
        (coalesce(employee_points, 0) > 0)::INTEGER + (coalesce(industry_points, 0) > 0)::INTEGER + (coalesce(region_points, 0) > 0)::INTEGER
        + (coalesce(warehouse_points, 0) > 0)::INTEGER + (coalesce(domain_points, 0) > 0)::INTEGER AS rules_true
    FROM facts
),

parts AS NOT MATERIALIZED (
    SELECT
        marked.workspace_id, marked.code AS place, marked.bucket, rules.event AS code, marked.factor * marked.points AS points,
        marked.occurrences, $as_of - to_microseconds(marked.last_age) AS last_at,
        printf(
            '%d %s in the last %s', marked.occurrences, CASE marked.occurrences WHEN 1 THEN rules.one ELSE rules.other END,
            CASE WHEN marked.oldest_age <= 86400000000 THEN 'day'
                ELSE printf('%d days', (marked.oldest_age + 86399999999) // 86400000000) END
        ) AS sentence
    FROM marked JOIN rules ON marked.code = rules.code
    WHERE marked.counts
    UNION ALL
    SELECT workspace_id, 14, 'intent', 'trial_ending', 5, 1, NULL, 'Trial ends within 3 days' FROM fit WHERE is_trial_ending
    UNION ALL
    SELECT workspace_id, 15, 'negative', 'inactive_14d', -20, 1, NULL, 'Nobody was active in the last 14 days'
    FROM fit WHERE is_inactive
    UNION ALL
    SELECT workspace_id, 16, 'fit', 'fit', score / 10, rules_true, NULL, printf('Fit %s, %.1f of 100', tier, score::DOUBLE)
    FROM fit WHERE score IS NOT NULL
    UNION ALL
    SELECT
        workspace_id, 17, 'negative', 'event_loop', points, loops, last_at,
        printf(
            '%d event loop%s in the last %s', loops, CASE loops WHEN 1 THEN '' ELSE 's' END,
            CASE WHEN oldest_at >= $as_of - INTERVAL 1 DAY THEN 'day'
                ELSE printf('%d days', (epoch_us($as_of - oldest_at) + 86399999999) // 86400000000) END
        )
    FROM loops_of_workspaces
),

sums AS (
    SELECT
        workspace_id,
        list({'place': place, 'bucket': bucket, 'code': code, 'points': points, 'count': occurrences} ORDER BY place)
            AS contributions,
        list(
            {'code': code, 'sentence': printf('%s: %+.1f', sentence, points), 'points': points, 'count': occurrences, 'last_at': last_at}
            ORDER BY abs(points) DESC, place
        ) FILTER (points <> 0) [:3] AS top_reasons,
        coalesce(sum(points) FILTER (bucket = 'activation'), 0) AS activation,
        coalesce(sum(points) FILTER (bucket = 'depth'), 0) AS depth,
        coalesce(sum(points) FILTER (bucket = 'expansion'), 0) AS expansion,
        coalesce(sum(points) FILTER (bucket = 'intent'), 0) AS intent,
        coalesce(sum(points) FILTER (bucket = 'fit'), 0) AS fit,
        coalesce(sum(points) FILTER (bucket = 'negative'), 0) AS negative
    FROM parts GROUP BY workspace_id
),

limited AS (
    SELECT
        fit.workspace_id, fit.score AS fit_score, fit.tier AS fit_tier, fit.first_key_action_at, fit.first_invite_sent_at,
        sums.contributions, sums.top_reasons,
        [
            {'bucket': 'activation', 'points': least(25, coalesce(sums.activation, 0)), 'before': coalesce(sums.activation, 0)},
            {'bucket': 'depth', 'points': least(25, coalesce(sums.depth, 0)), 'before': coalesce(sums.depth, 0)},
            {'bucket': 'expansion', 'points': least(20, coalesce(sums.expansion, 0)), 'before': coalesce(sums.expansion, 0)},
            {'bucket': 'intent', 'points': least(20, coalesce(sums.intent, 0)), 'before': coalesce(sums.intent, 0)},
            {'bucket': 'fit', 'points': coalesce(sums.fit, 0), 'before': coalesce(sums.fit, 0)},
            {'bucket': 'negative', 'points': coalesce(sums.negative, 0), 'before': coalesce(sums.negative, 0)}
        ] AS components,
        list_sum(list_transform(components, LAMBDA each: each.points)) AS unlimited,
        greatest(0, least(100, unlimited)) AS total
    FROM fit LEFT JOIN sums ON fit.workspace_id = sums.workspace_id
)

SELECT
    limited.workspace_id,
    limited.total,
    CASE WHEN limited.total >= 80 THEN 'Hot PQL' WHEN limited.total >= 65 THEN 'PQL' WHEN limited.total >= 50 THEN 'Warm' ELSE 'Not PQL' END
        AS stage,
    limited.components || CASE
        WHEN limited.total <> limited.unlimited
            THEN [{'bucket': 'limit', 'points': limited.total - limited.unlimited, 'before': 0}]
        ELSE []
    END AS components,
    coalesce(list_transform(limited.contributions, LAMBDA each: struct_pack(
        bucket := each.bucket, code := each.code, points := each.points, "count" := each."count"
    )), [])
    || list_transform(
        list_filter(limited.components, LAMBDA each: each.points <> each.before),
        LAMBDA each: struct_pack(bucket := each.bucket, code := 'limit', points := each.points - each.before, "count" := 1)
    )
    || CASE
        WHEN limited.total <> limited.unlimited
            THEN [{'bucket': 'limit', 'code': 'limit', 'points': limited.total - limited.unlimited, 'count': 1}]
        ELSE []
    END AS contributions,
    coalesce(limited.top_reasons, []) AS top_reasons,
    selected.user_id AS selected_user,
    CASE
        WHEN limited.first_key_action_at IS NULL THEN 'key action completed'
        WHEN limited.first_invite_sent_at IS NULL THEN 'teammate invited'
        ELSE 'integration installed'
    END AS next_best_action,
    'in_app' AS next_best_action_channel,
    limited.fit_score,
    limited.fit_tier,
    coalesce(high_intent.last_at >= $as_of - INTERVAL 14 DAYS, false) AS is_gate_open,
    high_intent.last_at AS last_high_intent_at,
    CASE WHEN loops_of_workspaces.loops > 0 THEN ['event_loop'] ELSE [] END
    || CASE WHEN limited.fit_score IS NULL THEN ['fit_uncertain'] ELSE [] END
    || CASE WHEN selected.user_id IS NULL THEN ['no_eligible_user'] ELSE [] END AS flags,
    {
        'no_event': coalesce(ignored_rows.no_event, 0),
        'no_timestamp': coalesce(ignored_rows.no_timestamp, 0),
        'unknown_event': coalesce(ignored_rows.unknown_event, 0),
        'after_as_of': coalesce(ignored_rows.after_as_of, 0),
        'older_than_horizon': coalesce(ignored_rows.older_than_horizon, 0),
        'same_day': coalesce(ignored_events.same_day, 0),
        'over_cap': coalesce(ignored_events.over_cap, 0),
        'in_loop': coalesce(loops_of_workspaces.in_loop, 0),
        'no_user': coalesce(ignored_rows.no_user, 0),
        'not_selected': coalesce(ignored_events.not_selected, 0)
    } AS ignored
FROM limited
LEFT JOIN selected ON limited.workspace_id = selected.workspace_id
LEFT JOIN high_intent ON limited.workspace_id = high_intent.workspace_id
LEFT JOIN loops_of_workspaces ON limited.workspace_id = loops_of_workspaces.workspace_id
LEFT JOIN ignored_rows ON limited.workspace_id = ignored_rows.workspace_id
LEFT JOIN ignored_events ON limited.workspace_id = ignored_events.workspace_id
