//! `cargo xtask versions`: builds components of many versions of Kubernetes, one after the other and by the public command
//! line, and writes down how each went.
//!
//! The record is the JSON file; it is written after every cell. A cell that is built there is not built again, one that
//! failed is tried again, and the page is written from it alone.

mod cell;
mod page;
mod raw;
mod record;
mod run;

use std::path::PathBuf;

use clap::Args;

use super::{Failure, built_kubewright, root};
use cell::{Cell, Tree};
use record::Record;
use run::Workshop;

/// Which versions and components are built, and where it is written down.
#[derive(Args, Debug)]
pub(super) struct VersionsArgs {
    /// A repository that the refs are taken from: a URL, or `demo`
    #[arg(
        long,
        value_name = "URL|demo",
        requires = "refs",
        conflicts_with = "source"
    )]
    repo: Option<String>,
    /// Tags, branches or commits of the repository
    #[arg(long, num_args = 1.., value_name = "REF")]
    refs: Vec<String>,
    /// Checkouts that are built in place; their `_output` must not be there, and is removed afterwards
    #[arg(long, num_args = 1.., value_name = "DIR")]
    source: Vec<PathBuf>,
    /// What is built of each, in this order
    #[arg(long, num_args = 1.., value_name = "NAME", default_value = "kubectl")]
    components: Vec<String>,
    /// Where steps run: native or docker
    #[arg(long, value_name = "EXECUTOR", default_value = "native")]
    executor: String,
    /// Also run plain make on the same tree, cold, and write its time beside
    #[arg(long)]
    raw: bool,
    /// Build what is in the record again
    #[arg(long)]
    again: bool,
    /// Build nothing; only write the page from the record
    #[arg(long, conflicts_with_all = ["repo", "source"])]
    page_only: bool,
    /// KUBEWRIGHT_HOME of these builds; its checkouts go after each ref [default: beside the program]
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// The record
    #[arg(long, value_name = "FILE", default_value = "docs/versions.json")]
    json: PathBuf,
    /// The page that is written from the record
    #[arg(long, value_name = "FILE", default_value = "docs/versions.md")]
    page: PathBuf,
}

/// Builds what is not in the record yet, and writes record and page. Ends with an error if a cell failed.
pub(super) fn run(arguments: &VersionsArgs) -> Result<(), Failure> {
    let (json, page) = (root().join(&arguments.json), root().join(&arguments.page));
    let mut record = Record::read(&json)?;
    let mut failed = Vec::new();
    if !arguments.page_only {
        let program = built_kubewright()?;
        let home = arguments.home.clone();
        let workshop = Workshop {
            home: home.unwrap_or_else(|| program.with_file_name("versions")),
            program,
            executor: arguments.executor.clone(),
        };
        for tree in trees(arguments) {
            let cells: Vec<Cell> = arguments
                .components
                .iter()
                .map(|component| Cell::new(&tree, component, &arguments.executor))
                .filter(|cell| arguments.again || !record.is_built(cell))
                .collect();
            if !cells.is_empty() {
                workshop.empty(&tree)?;
            }
            for (at, cell) in cells.iter().enumerate() {
                workshop.say(&format!("{} {}", tree.reference(), cell.component));
                let is_warm = at > 0;
                let mut row = workshop.build(&tree, cell, is_warm);
                if arguments.raw && !is_warm && row.is_built() {
                    row.raw_seconds = raw::make(&workshop, &tree, &row);
                }
                workshop.say(&row.outcome());
                if !row.is_built() {
                    failed.push(format!("{} {}", cell.reference, cell.component));
                }
                record.put(row);
                record.write(&json)?;
            }
            if !cells.is_empty() {
                workshop.clear(&tree)?;
            }
        }
    }
    std::fs::write(page, page::text(&record))?;
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("not built: {}", failed.join(", ")).into())
    }
}

fn trees(arguments: &VersionsArgs) -> Vec<Tree> {
    let repository = arguments.repo.iter().flat_map(|repo| {
        let tree = |reference: &String| Tree::Ref {
            repo: repo.clone(),
            reference: reference.clone(),
        };
        arguments.refs.iter().map(tree)
    });
    let folders = arguments.source.iter().cloned().map(Tree::Folder);
    repository.chain(folders).collect()
}
