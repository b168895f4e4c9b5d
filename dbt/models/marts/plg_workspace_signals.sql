{{ plg._workspace_signals('select ' ~ plg.as_of() ~ ' as as_of') }}
