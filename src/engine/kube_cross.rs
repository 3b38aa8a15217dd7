//! Under which names upstream's image may be had.
//!
//! `k8s.gcr.io` is frozen since 2023 and its images are served by `registry.k8s.io`; older trees name it, or
//! `gcr.io/google_containers`, or a name without the folder `build-image`.

use super::ImageReference;
use crate::tree::KubeCross;

/// Where upstream publishes its build images.
const UPSTREAM: &str = "registry.k8s.io/build-image";

/// The repository of images that stand in for upstream's.
const STAND_IN: &str = "kubewright/kube-cross-stand-in";

/// The names under which an image may be had, the first first: mirrors, upstream's registry, what the tree names.
pub fn kube_cross_names(wanted: &KubeCross, mirrors: &[String]) -> Vec<ImageReference> {
    let tree = wanted.image.as_str();
    let moved = tree
        .strip_prefix("k8s.gcr.io/")
        .map(|rest| format!("registry.k8s.io/{rest}"));
    let mut names: Vec<String> = mirrors
        .iter()
        .map(|mirror| format!("{mirror}/kube-cross"))
        .collect();
    names.push(format!("{UPSTREAM}/kube-cross"));
    names.extend(moved);
    names.push(tree.to_owned());
    let mut references: Vec<ImageReference> = Vec::new();
    for name in names {
        let reference = ImageReference::new(&name, &wanted.tag);
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    references
}

/// The names under which the base of an image may be had, the first first: mirrors, and what the tree names, also where its
/// registry has moved to.
pub fn base_image_names(wanted: &ImageReference, mirrors: &[String]) -> Vec<ImageReference> {
    let tree = wanted.name.as_str();
    let last = tree.rsplit('/').next().unwrap_or(tree);
    let moved = tree
        .strip_prefix("k8s.gcr.io/")
        .map(|rest| format!("registry.k8s.io/{rest}"));
    let mirrored = mirrors.iter().map(|mirror| format!("{mirror}/{last}"));
    let names = mirrored.chain(moved).chain([tree.to_owned()]);
    names.map(|name| wanted.renamed(&name)).collect()
}

/// The name of the image that stands in for upstream's with this Go.
pub fn stand_in_name(go: &str) -> ImageReference {
    ImageReference::new(STAND_IN, &format!("go{go}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(image: &str, mirrors: &[&str]) -> Vec<String> {
        let wanted = KubeCross {
            image: image.to_owned(),
            tag: "v1".to_owned(),
            read_from: String::new(),
        };
        let mirrors: Vec<String> = mirrors.iter().map(ToString::to_string).collect();
        let names = kube_cross_names(&wanted, &mirrors);
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_mirror_comes_before_the_registry_of_the_tree() {
        let wanted = ImageReference::new("k8s.gcr.io/build-image/go-runner", "v1");
        let names = base_image_names(&wanted, &["m.example/k8s".to_owned()]);
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "m.example/k8s/go-runner:v1",
                "registry.k8s.io/build-image/go-runner:v1",
                "k8s.gcr.io/build-image/go-runner:v1"
            ]
        );
    }

    #[test]
    fn images_of_every_era_are_looked_for_where_they_are_now() {
        assert_eq!(
            names("registry.k8s.io/build-image/kube-cross", &["m.example/k8s"]),
            [
                "m.example/k8s/kube-cross:v1",
                "registry.k8s.io/build-image/kube-cross:v1"
            ]
        );
        assert_eq!(
            names("k8s.gcr.io/kube-cross", &[]),
            [
                "registry.k8s.io/build-image/kube-cross:v1",
                "registry.k8s.io/kube-cross:v1",
                "k8s.gcr.io/kube-cross:v1"
            ]
        );
    }
}
