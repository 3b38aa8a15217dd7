//! Custom resource definitions: the verdict of `kubewright crd`, and the API server's.

mod agreement;
mod lint;
mod mutation;
