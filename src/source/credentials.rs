//! Credentials for libgit2: each kind is tried once, since libgit2 asks again after every refusal, without end.

use git2::{Config, Cred, CredentialType, Error, ErrorClass, ErrorCode};

/// What was tried already on one connection.
#[derive(Default)]
pub(super) struct Credentials {
    asked_agent: bool,
    asked_helper: bool,
    asked_default: bool,
}

impl Credentials {
    /// The next credential of the `allowed` kinds, or an error once each was refused.
    pub(super) fn next(
        &mut self,
        url: &str,
        user: Option<&str>,
        allowed: CredentialType,
    ) -> Result<Cred, Error> {
        if allowed.contains(CredentialType::USERNAME) {
            return Cred::username(user.unwrap_or("git"));
        }
        if allowed.contains(CredentialType::SSH_KEY) && first_time(&mut self.asked_agent) {
            return Cred::ssh_key_from_agent(user.unwrap_or("git"));
        }
        if allowed.contains(CredentialType::USER_PASS_PLAINTEXT)
            && first_time(&mut self.asked_helper)
        {
            return Cred::credential_helper(&Config::open_default()?, url, user);
        }
        if allowed.contains(CredentialType::DEFAULT) && first_time(&mut self.asked_default) {
            return Cred::default();
        }
        Err(Error::new(
            ErrorCode::Auth,
            ErrorClass::Callback,
            "no credential is accepted, neither the SSH agent's nor Git's credential helper's",
        ))
    }
}

fn first_time(asked: &mut bool) -> bool {
    !std::mem::replace(asked, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_tried_twice() {
        let mut credentials = Credentials::default();
        let allowed = CredentialType::SSH_KEY | CredentialType::DEFAULT;
        let outcomes: Vec<bool> = (0..4)
            .map(|_| {
                credentials
                    .next("ssh://example.org/k", Some("git"), allowed)
                    .is_ok()
            })
            .collect();
        assert_eq!(outcomes[2..], [false, false]);
    }
}
