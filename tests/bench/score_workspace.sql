-- The score of every workspace by the starter model, in plain SQL: what one would write without the extension, as fast as we could make
-- it. $as_of is the point of view. It gives the total only; reasons, counts of what was ignored, changes and the rest are not in it.
--
-- What makes it fast: rows of user scope are dropped early unless their user can be selected; loops are looked for only where a workspace has
-- 100 rows of one name; the greedy cap runs only for lists that are longer than the cap allows in any window. All caps of the model are
-- whole multiples of their rule's points, so a row is awarded everything or nothing, and is awarded something exactly if
-- the k-th last award (k = cap / points) lies outside the window: a list of awarded times is state enough.
WITH rules (code, event, bucket, is_of_user, is_per_day, points, tau_days, most, window_us) AS (
    VALUES
    (1, 'workspace_created', 'activation', true, false, 2.0::DOUBLE, 30.0::DOUBLE, NULL::BIGINT, NULL::BIGINT),
    (2, 'key_action_completed', 'activation', true, false, 15, 30, NULL, NULL),
    (3, 'first_value_delivered', 'activation', true, false, 8, 30, NULL, NULL),
    (4, 'core_feature_used', 'depth', true, true, 2, 14, 5, 7 * 86400000000),
    (5, 'automation_run', 'depth', true, false, 3, 14, 4, 7 * 86400000000),
    (6, 'invite_sent', 'expansion', false, false, 2, 21, 5, 14 * 86400000000),
    (7, 'invite_accepted', 'expansion', false, false, 4, 21, 3, 14 * 86400000000),
    (8, 'new_active_user_day', 'expansion', false, false, 2, 21, 5, 14 * 86400000000),
    (9, 'pricing_page_view', 'intent', true, false, 3, 7, 2, 7 * 86400000000),
    (10, 'upgrade_click', 'intent', true, false, 8, 7, NULL, NULL),
    (11, 'usage_limit_hit', 'intent', false, false, 10, 7, NULL, NULL),
    (12, 'workspace_downgraded', 'negative', false, false, -15, 30, NULL, NULL),
    (13, 'uninstall_integration', 'negative', false, false, -6, 30, NULL, NULL)
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

counting AS NOT MATERIALIZED (
    SELECT events.workspace_id, events.user_id, events.occurred_at, rules.code, rules.is_of_user
    FROM events JOIN rules ON events.event = rules.event
    WHERE events.occurred_at BETWEEN $as_of - INTERVAL 365 DAYS AND $as_of
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
        max(counting.occurred_at) AS last_at,
        list(counting.occurred_at ORDER BY counting.occurred_at)[:99] AS scoring
    FROM counting SEMI JOIN suspects ON counting.workspace_id = suspects.workspace_id AND counting.code = suspects.code
    WHERE counting.user_id IS NOT NULL
    GROUP BY counting.workspace_id, counting.user_id, counting.code, hour
    HAVING count(*) >= 100
),

loop_points AS (
    SELECT workspace_id, -10 * exp(-epoch_us($as_of - max(last_at)) / 86400e6 / 30) AS points
    FROM loops GROUP BY workspace_id
),

-- What may score, with its age in microseconds; no user stands for the workspace.
may_score AS NOT MATERIALIZED (
    SELECT counting.workspace_id, counting.user_id, candidates.factor, counting.code, counting.is_of_user, counting.occurred_at
    FROM counting LEFT JOIN candidates
        ON counting.workspace_id = candidates.workspace_id AND counting.user_id = candidates.user_id
    WHERE candidates.factor IS NOT NULL OR NOT counting.is_of_user
),

outside_loops AS NOT MATERIALIZED (
    SELECT may_score.*
    FROM may_score ANTI JOIN loops
        ON may_score.workspace_id = loops.workspace_id
        AND may_score.user_id = loops.user_id
        AND may_score.code = loops.code
        AND date_trunc('hour', may_score.occurred_at) = loops.hour
    UNION ALL
    SELECT loops.workspace_id, loops.user_id, candidates.factor, loops.code, rules.is_of_user, unnest(loops.scoring)
    FROM loops
    JOIN rules ON loops.code = rules.code
    LEFT JOIN candidates ON loops.workspace_id = candidates.workspace_id AND loops.user_id = candidates.user_id
    WHERE candidates.factor IS NOT NULL OR NOT rules.is_of_user
),

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
    SELECT workspace_id, user_id, code, max(age) AS age
    FROM scoring WHERE code = 4
    GROUP BY workspace_id, user_id, code, (epoch_us($as_of) - age) // 86400000000
    UNION ALL
    SELECT workspace_id, user_id, code, age FROM scoring WHERE code BETWEEN 5 AND 9
),

lists AS NOT MATERIALIZED (
    SELECT
        lists.workspace_id, lists.user_id, rules.bucket, rules.points, rules.tau_days, rules.most, rules.window_us,
        CASE WHEN len(lists.ages) > rules.most THEN list_reverse_sort(lists.ages) ELSE lists.ages END AS ages
    FROM (
        SELECT workspace_id, user_id, code, list(age) AS ages
        FROM first_of_days GROUP BY workspace_id, user_id, code
    ) AS lists JOIN rules ON lists.code = rules.code
),

-- No cap binds where no window holds more rows than it awards.
awarded AS NOT MATERIALIZED (
    SELECT
        workspace_id, user_id, bucket, points, tau_days,
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

points AS (
    SELECT
        workspace_id, user_id, bucket,
        points * list_sum(list_transform(ages, LAMBDA age: exp(-age / 86400e6 / tau_days))) AS points
    FROM awarded
    UNION ALL
    SELECT scoring.workspace_id, scoring.user_id, rules.bucket, rules.points * exp(-scoring.age / 86400e6 / rules.tau_days)
    FROM scoring JOIN rules ON scoring.code = rules.code
    WHERE rules.most IS NULL
),

of_users AS (
    SELECT points.workspace_id, points.user_id, points.bucket, candidates.factor * sum(points.points) AS points
    FROM points JOIN candidates
        ON points.workspace_id = candidates.workspace_id AND points.user_id = candidates.user_id
    GROUP BY points.workspace_id, points.user_id, points.bucket, candidates.factor
),

selected AS (
    SELECT workspace_id, arg_min(user_id, (-points, user_id)) AS user_id
    FROM (
        SELECT
            workspace_id, user_id,
            sum(least(points, CASE bucket WHEN 'activation' THEN 25 WHEN 'depth' THEN 25 ELSE 20 END)) AS points
        FROM of_users GROUP BY workspace_id, user_id
    )
    GROUP BY workspace_id
),

parts AS (
    SELECT of_users.workspace_id, of_users.bucket, of_users.points
    FROM of_users JOIN selected
        ON of_users.workspace_id = selected.workspace_id AND of_users.user_id = selected.user_id
    UNION ALL
    SELECT workspace_id, bucket, points FROM points WHERE user_id IS NULL
    UNION ALL
    SELECT workspace_id, 'negative', points FROM loop_points
),

sums AS (
    SELECT
        workspace_id,
        sum(points) FILTER (bucket = 'activation') AS activation,
        sum(points) FILTER (bucket = 'depth') AS depth,
        sum(points) FILTER (bucket = 'expansion') AS expansion,
        sum(points) FILTER (bucket = 'intent') AS intent,
        sum(points) FILTER (bucket = 'negative') AS negative
    FROM parts GROUP BY workspace_id
),

states AS (
    SELECT
        workspace_id,
        CASE WHEN trial_days_remaining BETWEEN 0 AND 3 THEN 5 ELSE 0 END AS intent,
        CASE WHEN active_days_14d = 0 THEN -20 ELSE 0 END AS negative,
        30 * (employee_count BETWEEN 50 AND 2000)::INTEGER AS employees,
        25 * (industry IN ('software', 'financial services', 'media'))::INTEGER AS industry,
        15 * (hq_region IN ('north america', 'europe'))::INTEGER AS region,
        20 * uses_data_warehouse::INTEGER AS data_warehouse,
        10 * has_business_domain::INTEGER AS business_domain
    FROM facts
),

fit AS (
    SELECT
        workspace_id, intent, negative,
        CASE
            WHEN
                30 * (employees IS NOT NULL)::INTEGER
                + 25 * (industry IS NOT NULL)::INTEGER
                + 15 * (region IS NOT NULL)::INTEGER
                + 20 * (data_warehouse IS NOT NULL)::INTEGER
                + 10 * (business_domain IS NOT NULL)::INTEGER >= 50
                THEN (
                    coalesce(employees, 0) + coalesce(industry, 0) + coalesce(region, 0)
                    + coalesce(data_warehouse, 0) + coalesce(business_domain, 0)
                ) / 10
            ELSE 0
        END AS points
    FROM states
)

SELECT
    fit.workspace_id,
    greatest(0, least(100,
        least(25, coalesce(sums.activation, 0))
        + least(25, coalesce(sums.depth, 0))
        + least(20, coalesce(sums.expansion, 0))
        + least(20, coalesce(sums.intent, 0) + fit.intent)
        + fit.points
        + least(0, coalesce(sums.negative, 0) + fit.negative)
    )) AS total
FROM fit LEFT JOIN sums ON fit.workspace_id = sums.workspace_id
