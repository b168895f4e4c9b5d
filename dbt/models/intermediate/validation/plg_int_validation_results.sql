-- The same call for every week, so that a model can be validated from the first run on. Roles, personas and accounts are
-- the present ones: nobody recorded what they were.
-- depends_on: {{ ref('plg_score_model') }}
{{ plg._workspace_results(ref('plg_int_validation_signals')) }}
