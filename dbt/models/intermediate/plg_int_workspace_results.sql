-- One call per workspace. A model with problems stops at plg_score_model, before anything is scored with it.
-- depends_on: {{ ref('plg_score_model') }}
{{ plg._workspace_results(ref('plg_workspace_signals')) }}
