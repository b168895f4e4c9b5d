fn main() -> anyhow::Result<()> {
    plg_catalogue::glue::write("milestones")
}
