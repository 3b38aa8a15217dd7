//! Custom resource definitions: the verdict of `kubewright crd`, and the API server's.

mod agreement;
mod convert;
mod diff;
mod fix;
mod lint;
mod mutation;
mod random;
