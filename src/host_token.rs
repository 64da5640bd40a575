//! Tokens for other services, each for one host: whoever declares where to look cannot send a token anywhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::address;

/// One of them, as it is said on the command line: `api.github.com=ghp_…`.
#[derive(Debug, Clone)]
pub struct HostToken {
    host: String,
    token: SecretString,
}

/// All of them.
#[derive(Clone, Default)]
pub struct HostTokens(BTreeMap<String, SecretString>);

impl FromStr for HostToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<HostToken, &'static str> {
        let shape = "write host=token, as in api.github.com=ghp_…";
        let (host, token) = text.split_once('=').ok_or(shape)?;
        let is_host = url::Host::parse(host).is_ok_and(|parsed| parsed.to_string() == host);
        if !is_host || token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(shape);
        }
        Ok(HostToken { host: host.to_owned(), token: token.into() })
    }
}

impl HostTokens {
    pub fn of(named: &[HostToken]) -> HostTokens {
        HostTokens(named.iter().map(|one| (one.host.clone(), one.token.clone())).collect())
    }

    /// The token for this address, where nobody on the way can read it.
    pub fn of_address(&self, url: &Url) -> Option<&str> {
        let token = self.0.get(url.host_str()?)?;
        address::is_private(url).then(|| token.expose_secret())
    }
}

/// The hosts alone.
impl fmt::Debug for HostTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_its_host_alone_and_never_in_the_open() {
        let named: HostToken = "api.github.com=ghp_5ecret=".parse().unwrap();
        let tokens = HostTokens::of(std::slice::from_ref(&named));
        let token = |url: &str| tokens.of_address(&url.parse().unwrap()).map(str::to_owned);
        assert_eq!(token("https://api.github.com/repos/a/b"), Some("ghp_5ecret=".to_owned()));
        assert_eq!(token("https://api.github.com.elsewhere.example/"), None);
        assert_eq!(token("https://api.github.com@elsewhere.example/"), None);
        assert_eq!(token("http://api.github.com/repos/a/b"), None);
        assert_eq!(format!("{tokens:?}"), r#"{"api.github.com"}"#);
        assert!(!format!("{named:?}").contains("5ecret"));
        for wrong in ["ghp_5ecret", "api.github.com=", "https://api.github.com=x", "api.github.com=a b", "=x"] {
            assert!(wrong.parse::<HostToken>().is_err(), "{wrong}");
        }
    }
}
