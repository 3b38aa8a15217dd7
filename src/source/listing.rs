//! What a repository says that it has.

use super::fetcher::RemoteReference;

/// How many names a message lists.
pub(super) const FEW: usize = 20;

/// The names of all tags and branches; none where they are too many to read.
pub(super) fn few_names(listing: &[RemoteReference]) -> Vec<String> {
    let names = listing
        .iter()
        .filter_map(|listed| listed.tag().or(listed.branch()));
    let names: Vec<String> = names.map(str::to_owned).collect();
    if names.len() > FEW { Vec::new() } else { names }
}

/// The branch that `HEAD` stands for.
pub(super) fn head_branch(listing: &[RemoteReference]) -> Option<&str> {
    let head = listing
        .iter()
        .find(|reference| reference.name == "HEAD")?
        .id;
    let mut branches = listing.iter().filter(|reference| reference.id == head);
    let is_usual = |branch: &str| matches!(branch, "master" | "main");
    let usual = branches
        .clone()
        .filter_map(RemoteReference::branch)
        .find(|name| is_usual(name));
    usual.or_else(|| branches.find_map(RemoteReference::branch))
}
