select
    {{ plg.text(fromjson(plg.score_model()).get('name', '')) }} as model,
    {{ plg.text(fromjson(plg.score_model()).get('version', '')) }} as model_version,
    {{ plg.text(plg.score_model()) }} as document
