"""plg_stage_flow, against the same moves found workspace by workspace."""

from collections import Counter

from conftest import Build


def test_every_workspace_moves_from_where_it_was_to_where_it_is(sample_build: Build):
    stages: dict = {}
    for table in ("plg_int_validation_outcomes", "plg_workspace_scores"):
        for workspace, as_of, stage in sample_build.query(f"select workspace_id, as_of, stage from analytics.{table}"):
            stages.setdefault(as_of, {})[workspace] = stage
    moments = sorted(stages)
    moves: Counter = Counter()
    for earlier, moment in zip([None, *moments], moments):
        before, after = stages.get(earlier, {}), stages[moment]
        for workspace in before.keys() | after.keys():
            moves[moment, before.get(workspace), after.get(workspace)] += 1
    assert len(moments) == 9
    found = sample_build.query("select as_of, from_stage, to_stage, workspaces from analytics.plg_stage_flow")
    assert Counter(found) == Counter({(*move, workspaces): 1 for move, workspaces in moves.items()})
