//! Getting a tree: what a ref means, the mirror, fetchers, checkouts, the version stamp.
