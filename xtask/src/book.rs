//! `cargo xtask docs`: the documentation as a site, `dist/site/`, which any web server can serve as it is.
//!
//! The sources are the Markdown files of the repository, so that they can be read there, too. Here they become a book: pictures
//! are drawn, links between files become links between pages, and links to other files of the repository lead to its host.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::{modules, package, paths, playground, process, reference, tools};

/// Pages whose Markdown lies elsewhere than below `docs/`, by their place in the repository.
const ELSEWHERE: &[(&str, &str)] = &[
    ("CHANGELOG.md", "changelog.md"),
    ("CONTRIBUTING.md", "contributing.md"),
    ("SECURITY.md", "security.md"),
    ("dbt/README.md", "dbt/package.md"),
    ("js/README.md", "package.md"),
];

/// What a link to the playground names: its source in the repository, the page on the site.
const PLAYGROUND: &str = "playground/index.html";

/// Where the files of the repository can be seen.
const HOST: &str = env!("CARGO_PKG_REPOSITORY");

/// Builds the site anew.
///
/// # Errors
/// If a tool is missing, a link leads nowhere, or the book's sources do not fit together.
pub fn build() -> Result<()> {
    reference::write(&plg_catalogue::load(paths::root())?)?;
    let book = modules::target_folder()?.join("book");
    if book.exists() {
        fs::remove_dir_all(&book).with_context(|| format!("cannot remove {}", book.display()))?;
    }
    let source = book.join("src");
    let pages = pages()?;
    for (file, page) in &pages {
        let mut text = read(&paths::root().join(file))?;
        if page == "SUMMARY.md" {
            text = with_functions(&text, &pages)?;
        }
        write(&source.join(page), &rewritten(&text, file, &pages)?)?;
    }
    for file in ["book.toml", "theme/site.css", "theme/site.js"] {
        write(&book.join(file), &read(&paths::root().join("docs").join(file))?)?;
    }
    draw(&source.join("pictures"))?;
    let site = paths::dist().join("site");
    let mut mdbook = Command::new(tools::cargo_tool("mdbook")?.join("mdbook"));
    mdbook.arg("build").arg(&book).arg("--dest-dir").arg(&site);
    process::run("building the site", &mut mdbook)?;
    // mdBook empties the folder first.
    playground::build()?;
    process::print(&format!("{} pages in {}", pages.len() - 1, site.display()));
    Ok(())
}

/// Writes the pages of the dbt package's models and macros anew. PyYAML, which reads their descriptions, comes with dbt.
///
/// # Errors
/// If the environment cannot be installed, or a description cannot be read.
pub fn write_dbt_pages() -> Result<()> {
    let mut python = Command::new(tools::python("dbt")?);
    python.args(["-B", "xtask/docs/dbt_pages.py"]).current_dir(paths::root());
    process::run("writing the pages of the dbt package", &mut python)?;
    Ok(())
}

/// The summary with a line for each function below that of their list: mdBook leaves out what it does not name.
fn with_functions(summary: &str, pages: &BTreeMap<String, String>) -> Result<String> {
    const LIST: &str = "- [Functions](functions.md)\n";
    ensure!(summary.contains(LIST), "docs/SUMMARY.md has no line {LIST}");
    let names = pages.values().filter_map(|page| page.strip_prefix("functions/")?.strip_suffix(".md"));
    let lines: String = names.map(|name| format!("  - [{name}](functions/{name}.md)\n")).collect();
    Ok(summary.replace(LIST, &format!("{LIST}{lines}")))
}

/// The pictures, by the functions of the npm package, which is built first where there is none.
fn draw(folder: &Path) -> Result<()> {
    package::existing()?;
    let mut node = Command::new(tools::node()?);
    node.arg("docs/pictures/draw.mjs").arg(folder).current_dir(paths::root()).env("PLG_PICTURES", tools::pictures()?);
    process::run("drawing the pictures", &mut node)?;
    Ok(())
}

/// The page of each Markdown file, by its place in the repository.
fn pages() -> Result<BTreeMap<String, String>> {
    let mut pages: BTreeMap<String, String> =
        ELSEWHERE.iter().map(|(file, page)| ((*file).to_owned(), (*page).to_owned())).collect();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        let at = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(paths::root().join(&folder)).with_context(at)? {
            let entry = entry.with_context(at)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().with_context(at)?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let file = path.to_string_lossy().replace('\\', "/");
                let page = file["docs/".len()..].to_owned();
                pages.insert(file, page);
            }
        }
    }
    Ok(pages)
}

/// The text of `file` with the links that its page has.
fn rewritten(text: &str, file: &str, pages: &BTreeMap<String, String>) -> Result<String> {
    let mut links = Vec::new();
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES).into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. }) = event {
            links.push((dest_url.to_string(), range));
        }
    }
    let mut rewritten = String::new();
    let mut end = 0;
    for (link, range) in links {
        let Some(target) = page_link(&link, file, pages)? else { continue };
        let place =
            text[range.clone()].rfind(&link).with_context(|| format!("{file}: the link {link} is no inline link"))?;
        let start = range.start + place;
        ensure!(start >= end, "{file}: the link {link} stands within another");
        rewritten.push_str(&text[end..start]);
        rewritten.push_str(&target);
        end = start + link.len();
    }
    rewritten.push_str(&text[end..]);
    Ok(rewritten)
}

/// What `link` in `file` becomes on the file's page, or nothing where it may stay.
fn page_link(link: &str, file: &str, pages: &BTreeMap<String, String>) -> Result<Option<String>> {
    if link.starts_with('#') || link.contains("://") || link.starts_with("mailto:") {
        return Ok(None);
    }
    let (path, fragment) =
        link.split_once('#').map_or((link, String::new()), |(path, name)| (path, format!("#{name}")));
    let target = joined(file, path).with_context(|| format!("{file}: the link {link} leaves the repository"))?;
    if let Some(page) = pages.get(&target) {
        return Ok(Some(relative(&pages[file], page) + &fragment));
    }
    if target == PLAYGROUND {
        return Ok(Some(relative(&pages[file], PLAYGROUND)));
    }
    let there = paths::root().join(&target);
    if !there.exists() {
        bail!("{file}: the link {link} leads nowhere");
    }
    let kind = if there.is_dir() { "tree" } else { "blob" };
    Ok(Some(format!("{HOST}/{kind}/main/{}{fragment}", target.trim_end_matches('/'))))
}

/// `path`, which stands in `file`, from the root of the repository.
fn joined(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The way from the page `from` to the page `to`.
fn relative(from: &str, to: &str) -> String {
    "../".repeat(from.matches('/').count()) + to
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    let at = || format!("cannot write {}", path.display());
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).with_context(at)?;
    fs::write(path, text).with_context(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_page(text: &str, file: &str) -> Result<String> {
        rewritten(text, file, &pages().unwrap())
    }

    #[test]
    fn links_between_files_become_links_between_pages() {
        let text = "[a](../semantics.md#units) and [b](../../dbt/README.md)";
        assert_eq!(
            on_page(text, "docs/concepts/decay.md").unwrap(),
            "[a](../semantics.md#units) and [b](../dbt/package.md)"
        );
        assert_eq!(on_page("[a](../docs/abi.md)", "js/README.md").unwrap(), "[a](abi.md)");
        assert_eq!(
            on_page("[a](../../playground/index.html)", "docs/guides/revops.md").unwrap(),
            "[a](../playground/index.html)"
        );
    }

    #[test]
    fn links_to_what_is_no_page_lead_to_the_host() {
        let text = "[`a`](../udfs/decay) [b](https://example.com/x.md) [c](#here) `[d](nowhere.md)`";
        let page =
            format!("[`a`]({HOST}/tree/main/udfs/decay) [b](https://example.com/x.md) [c](#here) `[d](nowhere.md)`");
        assert_eq!(on_page(text, "docs/semantics.md").unwrap(), page);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_an_error() {
        let error = on_page("[a](nowhere.md)", "docs/semantics.md").unwrap_err();
        assert_eq!(error.to_string(), "docs/semantics.md: the link nowhere.md leads nowhere");
        assert!(on_page("[a](../../other)", "docs/semantics.md").is_err());
    }
}
