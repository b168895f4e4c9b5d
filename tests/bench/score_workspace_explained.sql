-- The score of every workspace by the starter model with all that explains it, in plain SQL: what one would write without the extension, as
-- fast as we could make it. $as_of is the point of view. Sentences and the rest are the same as the extension's; points agree to rounding.
-- How the cap is made fast stands in score_workspace.sql; here users who cannot be selected must be scored, too, since
-- what they lost to caps and days is counted.
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

-- High intent: two rules, and every event that is not negative by an admin.
high_intent AS (
    SELECT counting.workspace_id, max(counting.occurred_at) AS last_at
    FROM counting LEFT JOIN (SELECT workspace_id, user_id FROM factors WHERE is_admin) AS admins
        ON counting.workspace_id = admins.workspace_id AND counting.user_id = admins.user_id
    WHERE counting.code IN (10, 11) OR (admins.user_id IS NOT NULL AND counting.code < 12)
    GROUP BY counting.workspace_id
),

-- Loops: few workspaces have 100 rows of one name at all. One key of a group is faster than two.
suspects AS (
    SELECT key // 16 AS workspace_id, key % 16 AS code
    FROM (SELECT workspace_id * 16 + code AS key FROM counting)
    GROUP BY key HAVING count(*) >= 100
),

loops AS (
    SELECT
        counting.workspace_id,
        counting.user_id,
        counting.code,
        date_trunc('hour', counting.occurred_at) AS hour,
        count(*) - 99 AS in_loop,
        max(counting.occurred_at) AS last_at,
        list(counting.occurred_at ORDER BY counting.occurred_at)[:99] AS scoring
    FROM counting SEMI JOIN suspects ON counting.workspace_id = suspects.workspace_id AND counting.code = suspects.code
    WHERE counting.user_id IS NOT NULL
    GROUP BY counting.workspace_id, counting.user_id, counting.code, hour
    HAVING count(*) >= 100
),

loops_of_workspaces AS (
    SELECT
        workspace_id, count(*) AS loops, sum(in_loop) AS in_loop, min(last_at) AS oldest_at, max(last_at) AS last_at,
        -10 * exp(-epoch_us($as_of - max(last_at)) / 86400e6 / 30) AS points
    FROM loops GROUP BY workspace_id
),

outside_loops AS NOT MATERIALIZED (
    SELECT counting.workspace_id, counting.user_id, counting.code, counting.is_of_user, counting.occurred_at
    FROM counting ANTI JOIN loops
        ON counting.workspace_id = loops.workspace_id
        AND counting.user_id = loops.user_id
        AND counting.code = loops.code
        AND date_trunc('hour', counting.occurred_at) = loops.hour
    UNION ALL
    SELECT loops.workspace_id, loops.user_id, loops.code, rules.is_of_user, unnest(loops.scoring)
    FROM loops JOIN rules ON loops.code = rules.code
),

-- With ages in microseconds; no user stands for the workspace.
scoring AS MATERIALIZED (
    SELECT
        workspace_id,
        CASE WHEN is_of_user THEN user_id END AS user_id,
        code,
        epoch_us($as_of) - epoch_us(occurred_at) AS age
    FROM outside_loops
),

-- The first of each day is the one of the greatest age. 4 is the only rule per day.
first_of_days AS NOT MATERIALIZED (
    SELECT workspace_id, user_id, code, max(age) AS age, count(*) - 1 AS same_day
    FROM scoring WHERE code = 4
    GROUP BY workspace_id, user_id, code, (epoch_us($as_of) - age) // 86400000000
    UNION ALL
    SELECT workspace_id, user_id, code, age, 0 FROM scoring WHERE code BETWEEN 5 AND 9
),

lists AS NOT MATERIALIZED (
    SELECT
        lists.workspace_id, lists.user_id, lists.code, lists.same_day,
        rules.bucket, rules.points, rules.tau_days, rules.most, rules.window_us,
        CASE WHEN len(lists.ages) > rules.most THEN list_reverse_sort(lists.ages) ELSE lists.ages END AS ages
    FROM (
        SELECT workspace_id, user_id, code, list(age) AS ages, sum(same_day) AS same_day
        FROM first_of_days GROUP BY workspace_id, user_id, code
    ) AS lists JOIN rules ON lists.code = rules.code
),

-- No cap binds where no window holds more rows than it awards.
awarded AS NOT MATERIALIZED (
    SELECT
        workspace_id, user_id, code, bucket, points, tau_days, same_day, len(ages) AS candidates,
        CASE
            WHEN len(ages) > most AND list_min(list_transform(ages[:-most - 1], LAMBDA age, n: age - ages[n + most])) < window_us
                THEN list_reduce(
                    ages,
                    LAMBDA given, age: CASE
                        WHEN given[-most] - age < window_us THEN given
                        ELSE list_append(given, age)
                    END,
                    []::BIGINT[]
                )
            ELSE ages
        END AS ages
    FROM lists
),

rule_points AS MATERIALIZED (
    SELECT
        workspace_id, user_id, code, bucket,
        points * list_sum(list_transform(ages, LAMBDA age: exp(-age / 86400e6 / tau_days))) AS points,
        len(ages) AS occurrences,
        list_max(ages) AS oldest_age,
        list_min(ages) AS last_age,
        same_day,
        candidates - len(ages) AS over_cap
    FROM awarded
    UNION ALL
    SELECT
        scoring.workspace_id, scoring.user_id, scoring.code, rules.bucket,
        rules.points * sum(exp(-scoring.age / 86400e6 / rules.tau_days)),
        count(*), max(scoring.age), min(scoring.age), 0, 0
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
